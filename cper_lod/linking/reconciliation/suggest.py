"""Suggestions while somebody types: things by their names or codes, properties and classes by their names."""

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language, Problem
from cper_lod.linking.reconciliation.properties import Named, beginning, classes, of_class
from cper_lod.release.reader import Reader
from cper_lod.release.release import Release

SIZE = 20
"""How many are suggested at once."""


def entities(release: Release, prefix: str, skipped: int) -> list[str]:
    """Return things whose names or texts have the words of `prefix`, or the thing of that IRI.

    Raises `search-too-long` and `search-timeout`.
    """
    if ":" in prefix and "://" in prefix:
        known = f"<{prefix}> ".encode() in release.data
        return [prefix][skipped:] if known else []
    try:
        return list(release.search.find(prefix, skipped, SIZE).within_time())
    except Problem as problem:
        if problem.kind.code == "search-empty":
            return []
        raise


def terms(release: Release, reader: Reader, kind: str, prefix: str, skipped: int, lang: Language) -> list[Named]:
    """Return properties (of the classes in use) or classes whose names begin with words of `prefix`."""
    every = classes(release, reader, lang) if kind == "type" else of_class(release, reader, "", lang)
    return beginning(every, prefix)[skipped : skipped + SIZE]


def definition(reader: Reader, iri: str, lang: Language, predicates: tuple[str, ...], longest: int) -> str:
    """Return what a thing is, in a line: the first text of some properties; empty where it has none."""
    for predicate in predicates:
        text, _ = reader.text(NamedNode(iri), predicate, lang)
        if text:
            line = " ".join(text.split())
            return line if len(line) <= longest else line[:longest].rsplit(" ", 1)[0] + " …"
    return ""
