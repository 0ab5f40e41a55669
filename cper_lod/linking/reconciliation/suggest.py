"""Suggestions while the user types: things by name or code, properties and classes by name."""

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language, Problem
from cper_lod.linking.reconciliation.properties import NamedTerm, classes_in_use, filter_by_prefix, properties_of_class
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import Release

PAGE_SIZE = 20
"""Suggestions in one answer."""


def suggest_entities(release: Release, prefix: str, skipped: int) -> list[str]:
    """Return things whose names or texts contain the words of `prefix`, or the thing with that IRI.

    Raises `search-too-long` and `search-timeout`.
    """
    if ":" in prefix and "://" in prefix:
        known = f"<{prefix}> ".encode() in release.data
        return [prefix][skipped:] if known else []
    try:
        return list(release.search.find(prefix, skipped, PAGE_SIZE).within_time())
    except Problem as problem:
        if problem.kind.code == "search-empty":
            return []
        raise


def suggest_terms(
    release: Release, reader: ReleaseGraph, kind: str, prefix: str, skipped: int, lang: Language
) -> list[NamedTerm]:
    """Return properties (of the classes in use) or classes whose names contain words that begin with `prefix`."""
    every = classes_in_use(release, reader, lang) if kind == "type" else properties_of_class(release, reader, "", lang)
    return filter_by_prefix(every, prefix)[skipped : skipped + PAGE_SIZE]


def definition(reader: ReleaseGraph, iri: str, lang: Language, predicates: tuple[str, ...], longest: int) -> str:
    """Return a one-line definition of a thing: the first text of some properties, "" if it has none."""
    for predicate in predicates:
        text, _ = reader.text(NamedNode(iri), predicate, lang)
        if text:
            line = " ".join(text.split())
            return line if len(line) <= longest else line[:longest].rsplit(" ", 1)[0] + " …"
    return ""
