"""The classes and properties that a release uses or defines: how often, their labels, and an example in Turtle."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.formats import TURTLE
from cper_lod.core.namespaces import BASE, DCT, LABELS, RDF, RDFS
from cper_lod.rdf.serialize import write
from cper_lod.release.docs.documentation import CLASSES, PROPERTIES
from cper_lod.release.documents import labels
from cper_lod.release.release import Release

MAX_QUADS: Final = 500
"""Quads that are read for one term, so that the cost is bounded for any size of data."""
MAX_PROPERTIES: Final = 6
"""Most properties of an example, besides class and label."""
MAX_LITERAL: Final = 200
"""Most characters of a literal in an example."""
TermKind = OneOf["class", "property"]


@dataclass(frozen=True)
class VocabularyTerm:
    """A class or property: labels by language (empty tag for none), and number of instances or triples."""

    iri: str
    kind: TermKind
    labels: dict[str, str]
    count: int


def terms(release: Release) -> list[VocabularyTerm]:
    """Return the classes and properties of the data, the most used first."""
    counts = {"class": release.listing.instance_counts(), "property": release.listing.property_counts()}
    kinds: dict[str, TermKind] = dict.fromkeys((*counts["class"], *instances(release, CLASSES)), "class")
    kinds |= dict.fromkeys((*counts["property"], *instances(release, PROPERTIES)), "property")
    found = [VocabularyTerm(iri, kind, _labels(release, iri), counts[kind][iri]) for iri, kind in kinds.items()]
    return sorted(found, key=lambda term: (-term.count, term.iri))


def instances(release: Release, classes: Iterable[str]) -> Iterator[str]:
    """Yield the IRIs that are instances of one of `classes`."""
    return (iri for cls in classes for iri in release.listing.things(cls))


def defined(release: Release, ontology: str, cls: str) -> list[str]:
    """Return the instances of a class that an ontology defines (rdfs:isDefinedBy), sorted; the first MAX_QUADS count."""
    by = NamedNode(ontology)
    first = islice(instances(release, [cls]), MAX_QUADS)
    return [
        iri
        for iri in first
        if any(quad.object == by for quad in release.triples.values(NamedNode(iri), RDFS + "isDefinedBy"))
    ]


def questions(release: Release, iri: str) -> list[str]:
    """Return the competency questions that use a term (dct:references), sorted."""
    stated = release.triples.referring(DCT + "references", iri, MAX_QUADS)
    users = (quad.subject.value for quad in stated if isinstance(quad.subject, NamedNode))
    return [each for each in users if each.startswith(f"{BASE}id/question/")]


def _labels(release: Release, iri: str) -> dict[str, str]:
    """Return the label of a term in each language, the first one if there are several."""
    named = [quad.object for quad in labels(release, iri) if isinstance(quad.object, Literal)]
    return {each.language or "": each.value for each in sorted(named, key=str, reverse=True)}


@dataclass(frozen=True)
class Usage:
    """The uses of a term: their number, and an example.

    `turtle` is the example without prefix declarations, empty if the term is unused; `subject` is its subject.
    """

    count: int
    turtle: str
    subject: str


def of_class(release: Release, iri: str, lang: str) -> Usage:
    """Return the number of instances of a class, and the description of the first one in `lang`."""
    first = next(release.listing.things(iri), "")
    quads = list(_excerpt(release, first, iri, lang)) if first else []
    return Usage(release.listing.instance_counts()[iri], _turtle(quads), first)


def of_property(release: Release, iri: str, lang: str) -> Usage:
    """Return the number of triples of a property, and the first one with a short value, preferably in `lang`."""
    count = release.listing.property_counts()[iri]
    quads = sorted(release.triples.of_property(iri, MAX_QUADS), key=lambda quad: not _is_in(quad, lang))
    for quad in quads:
        plain = isinstance(quad.object, NamedNode | Literal) and len(str(quad)) < MAX_LITERAL + 2 * len(iri)
        if plain and isinstance(quad.subject, NamedNode):
            return Usage(count, _turtle([quad]), quad.subject.value)
    return Usage(count, "", "")


def of_datatype(release: Release, iri: str, lang: str) -> Usage:
    """Return the number of triples of the properties whose values have a datatype (rdfs:range), and one of them."""
    quads = release.triples.referring(RDFS + "range", iri, MAX_QUADS)
    uses = [of_property(release, quad.subject.value, lang) for quad in quads if isinstance(quad.subject, NamedNode)]
    first = next((each for each in uses if each.turtle), Usage(0, "", ""))
    return Usage(sum(each.count for each in uses), first.turtle, first.subject)


def _is_in(quad: Quad, lang: str) -> bool:
    return isinstance(quad.object, Literal) and quad.object.language == lang


def _excerpt(release: Release, subject: str, cls: str, lang: str) -> Iterator[Quad]:
    """Yield the quads of an example: class, best label, one quad of each of the first properties of the context."""
    quads = release.triples.about(NamedNode(subject), MAX_QUADS)
    yield from [each for each in quads if each.object == NamedNode(cls) and each.predicate.value == RDF + "type"][:1]
    named = [each for name in LABELS for each in quads if each.predicate.value == name and _is_readable(each, lang)]
    yield from named[:1]
    shown: dict[str, Quad] = {}
    known = release.context.by_property
    for each in sorted(
        quads, key=lambda quad: [term.rank for term in known.get(quad.predicate.value, ())] or [(9**9, "")]
    ):
        name = each.predicate.value
        plain = isinstance(each.object, NamedNode) or _is_readable(each, lang)
        if plain and name != RDF + "type" and name not in LABELS and name not in shown and len(shown) < MAX_PROPERTIES:
            shown[name] = each
    yield from shown.values()


def _is_readable(quad: Quad, lang: str) -> bool:
    """Return whether the value is a short literal without language, or in `lang`."""
    value = quad.object
    return isinstance(value, Literal) and value.language in (None, lang) and len(value.value) <= MAX_LITERAL


def _turtle(quads: list[Quad]) -> str:
    """Return quads as Turtle without prefix declarations."""
    text = write(quads, TURTLE).decode() if quads else ""
    return text.partition("\n\n")[2] if text.startswith("@prefix ") else text
