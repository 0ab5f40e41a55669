"""Properties as reconciliation names them: keys of the JSON-LD context, prefixed names, IRIs; those of a class."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import LABELS, PREFIXES, RDF, SKOS, shorten
from cper_lod.linking.reconciliation.similarity import key
from cper_lod.release.reader import Reader
from cper_lod.release.release import Release

MOST: Final = 500
"""How many properties are told apart at most."""
_NAMES: Final = (*LABELS, SKOS + "altLabel")
"""The properties that the tables of lists have no column for, since they name each thing; a few things tell which,"""
_SAMPLE: Final = 10
"""so many."""


@dataclass(frozen=True)
class Named:
    """A property or a class: its identifier here, its IRI and its name."""

    id: str
    iri: str
    name: str


def identifier(release: Release, iri: str) -> str:
    """Return what a property is called here: its key in the context, else its prefixed name or its IRI."""
    terms = release.context.by_property.get(iri, ())
    return next((term.name for term in terms if term.iri == iri), None) or shorten(iri)


def node(iri: str) -> NamedNode | None:
    """Return what an IRI names; None for a text that is none.

    >>> node("nord") is None, node("urn:x")
    (True, <NamedNode value=urn:x>)
    """
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def resolved(release: Release, pid: str) -> str:
    """Return the IRI of a property or a class by any of its names; empty where none is meant."""
    if pid == release.context.keyword("@type"):
        return RDF + "type"
    for term in release.context.terms:
        if term.name == pid and not term.prefix:
            return term.iri
    prefix, _, name = pid.partition(":")
    iri = PREFIXES[prefix] + name if name and prefix in PREFIXES else pid
    return iri if node(iri) else ""


def named(release: Release, reader: Reader, iri: str, lang: Language) -> Named:
    """Return a property with its name for a reader of `lang`."""
    return Named(identifier(release, iri), iri, reader.name(NamedNode(iri), lang) or shorten(iri))


def of_class(release: Release, reader: Reader, cls: str, lang: Language) -> list[Named]:
    """Return the properties that things of a class have, as the context orders them; of every class where it is "".

    A class that is rare, or unknown, is told none.
    """
    known = release.listing.of(cls)
    classes = release.listing.classes if not cls else (known,) if known else ()
    found: dict[str, None] = {}
    for each in classes:
        found.update(dict.fromkeys(column.predicate for column in each.columns))
        found.update(dict.fromkeys(reference.predicate for reference in each.references))
        if len(found) > MOST:
            break
    for iri in islice(release.listing.things(cls), _SAMPLE) if known else ():
        held = reader.properties(NamedNode(iri))
        found.update(dict.fromkeys(name for name in _NAMES if name in held))
    if not cls:
        found.update(dict.fromkeys(_NAMES))
    found.pop(RDF + "type", None)
    order = {iri: place for place, iri in enumerate(release.context.by_property)}
    ordered = sorted(found, key=lambda iri: (order.get(iri, len(order)), iri))
    return [named(release, reader, iri, lang) for iri in ordered[:MOST]]


def classes(release: Release, reader: Reader, lang: Language) -> list[Named]:
    """Return the classes in use, the most frequent first."""
    return [
        Named(each.iri, each.iri, reader.name(NamedNode(each.iri), lang) or shorten(each.iri))
        for each in release.listing.classes[:MOST]
    ]


def beginning(found: list[Named], prefix: str) -> list[Named]:
    """Return those whose name has words that begin with each word of `prefix`, or whose identifier begins with it.

    Those whose name begins with it come first.
    """
    wanted = key(prefix).split()
    kept = [
        each
        for each in found
        if all(any(word.startswith(part) for word in key(each.name).split()) for part in wanted)
        or prefix in (each.iri, each.id)
        or each.id.lower().startswith(prefix.lower())
    ]
    return sorted(kept, key=lambda each: not key(each.name).startswith(" ".join(wanted)))
