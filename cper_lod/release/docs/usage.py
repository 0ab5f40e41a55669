"""The classes and properties that a release uses or defines: how often, their labels, and the questions about them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import DCT, DEFINITIONS, RDFS
from cper_lod.release.docs.documentation import CLASSES, PROPERTIES
from cper_lod.release.documents import labels
from cper_lod.release.release import Release

MAX_QUADS: Final = 500
"""Quads that are read for one term, so that the cost is bounded for any size of data."""
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
    return [each for each in users if each.startswith(f"{DEFINITIONS}question/")]


def _labels(release: Release, iri: str) -> dict[str, str]:
    """Return the label of a term in each language, the first one if there are several."""
    named = [quad.object for quad in labels(release, iri) if isinstance(quad.object, Literal)]
    return {each.language or "": each.value for each in sorted(named, key=str, reverse=True)}


def count(release: Release, iri: str, *, is_class: bool) -> int:
    """Return how often a term is used: the instances of a class, the triples of a property."""
    counts = release.listing.instance_counts() if is_class else release.listing.property_counts()
    return counts[iri]
