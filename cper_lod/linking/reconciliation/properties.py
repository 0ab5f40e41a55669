"""Names of properties and classes in reconciliation (keys of the JSON-LD context, prefixed names, IRIs), and suggestions
while the user types.
"""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language, Problem
from cper_lod.core.namespaces import LABELS, PREFIXES, RDF, SKOS, shorten
from cper_lod.linking.reconciliation.similarity import name_key
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import Release

MAX_TERMS: Final = 500
"""Properties or classes that are listed."""
_NAMES: Final = (*LABELS, SKOS + "altLabel")
"""Properties that are names. The column tables leave them out, so a few things are sampled for them."""
_SAMPLE: Final = 10
"""Things sampled."""


@dataclass(frozen=True)
class NamedTerm:
    """A property or a class: its identifier in this service, its IRI and its name."""

    id: str
    iri: str
    name: str


def node(iri: str) -> NamedNode | None:
    """Return the named node of an IRI, None if it is not a valid IRI.

    >>> node("nord") is None, node("urn:x")
    (True, <NamedNode value=urn:x>)
    """
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def resolve_term(release: Release, pid: str) -> str:
    """Return the IRI of a property or a class from any of its names, "" if it is not valid."""
    if pid == release.context.keyword("@type"):
        return RDF + "type"
    for term in release.context.terms:
        if term.name == pid and not term.prefix:
            return term.iri
    prefix, _, name = pid.partition(":")
    iri = PREFIXES[prefix] + name if name and prefix in PREFIXES else pid
    return iri if node(iri) else ""


def named_term(release: Release, reader: ReleaseGraph, iri: str, lang: Language) -> NamedTerm:
    """Return a property with its name in `lang`; it is identified by its key in the context, else its prefixed name or IRI."""
    terms = release.context.by_property.get(iri, ())
    key = next((term.name for term in terms if term.iri == iri), None)
    return NamedTerm(key or shorten(iri), iri, reader.name(NamedNode(iri), lang) or shorten(iri))


def properties_of_class(release: Release, reader: ReleaseGraph, cls: str, lang: Language) -> list[NamedTerm]:
    """Return the properties of the things of a class, in the order of the context; "" means every class.

    For rare and unknown classes the result is empty.
    """
    known = release.listing.of(cls)
    classes = release.listing.classes if not cls else (known,) if known else ()
    iris: dict[str, None] = {}
    for each in classes:
        iris.update(dict.fromkeys(column.predicate for column in each.columns))
        iris.update(dict.fromkeys(reference.predicate for reference in each.references))
        if len(iris) > MAX_TERMS:
            break
    for iri in islice(release.listing.things(cls), _SAMPLE) if known else ():
        properties = reader.properties(NamedNode(iri))
        iris.update(dict.fromkeys(name for name in _NAMES if name in properties))
    if not cls:
        iris.update(dict.fromkeys(_NAMES))
    iris.pop(RDF + "type", None)
    order = {iri: index for index, iri in enumerate(release.context.by_property)}
    ordered = sorted(iris, key=lambda iri: (order.get(iri, len(order)), iri))
    return [named_term(release, reader, iri, lang) for iri in ordered[:MAX_TERMS]]


PAGE_SIZE: Final = 20
"""Suggestions in one answer."""


def suggest_entities(release: Release, prefix: str, skipped: int) -> list[str]:
    """Return things whose names or texts contain the words of `prefix`, or the thing with that IRI.

    Raises `search-too-long` and `search-timeout`.
    """
    if ":" in prefix and "://" in prefix:
        known = release.triples.describes(prefix)
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
    """Return properties (of the classes in use) or classes (most frequent first) whose names contain words that begin
    with the words of `prefix`, or whose identifier begins with it; those whose name begins with it come first.
    """
    if kind == "type":
        classes = [each.iri for each in release.listing.classes[:MAX_TERMS]]
        terms = [NamedTerm(each, each, reader.name(NamedNode(each), lang) or shorten(each)) for each in classes]
    else:
        terms = properties_of_class(release, reader, "", lang)
    prefix_words = name_key(prefix).split()
    found = [
        each
        for each in terms
        if all(any(word.startswith(part) for word in name_key(each.name).split()) for part in prefix_words)
        or prefix == each.iri
        or each.id.lower().startswith(prefix.lower())
    ]
    found.sort(key=lambda each: not name_key(each.name).startswith(" ".join(prefix_words)))
    return found[skipped : skipped + PAGE_SIZE]


def definition(reader: ReleaseGraph, iri: str, lang: Language, predicates: tuple[str, ...], longest: int) -> str:
    """Return a one-line definition of a thing: the first text of some properties, "" if it has none."""
    for predicate in predicates:
        text, _ = reader.text(NamedNode(iri), predicate, lang)
        if text:
            line = " ".join(text.split())
            return line if len(line) <= longest else line[:longest].rsplit(" ", 1)[0] + " …"
    return ""
