"""The classes and properties that the data of a release use or define, with labels and frequencies."""

from collections import Counter
from dataclasses import dataclass
from typing import Final
from typing import Literal as OneOf

from pyoxigraph import Literal

from cper_lod.core.namespaces import RDF
from cper_lod.release.docs.ontology import CLASSES, PROPERTIES
from cper_lod.release.documents import labels
from cper_lod.release.release import DATA, Release


def class_counts(release: Release) -> Counter[str]:
    """Return the number of instances of each class in use, by its IRI; an instance in several graphs counts once."""
    lines = release.mentions.beginning(f"<{RDF}type>\t".encode())
    pairs = {pair for line in lines if (pair := _pair(line.split(b"\t", 1)[1].decode()))}
    return Counter(cls[1:-1] for cls, _ in pairs)


def _pair(line: str) -> tuple[str, str] | None:
    """Return class and subject of an N-Quads line, None unless it is an rdf:type with a class IRI."""
    subject, predicate, cls, *_ = line.split(" ")
    typed = predicate == f"<{RDF}type>" and cls.startswith("<") and not cls.startswith("<<")
    return (cls, subject) if typed else None


TermKind = OneOf["class", "property"]
MAX_COUNTED_BYTES: Final = 128 * 1024 * 1024
"""Bytes of data up to which uses of properties are counted, in about a second; beyond, only defined properties are
listed."""


@dataclass(frozen=True)
class VocabularyTerm:
    """A class or property: labels by language (empty tag for none), and number of instances or triples."""

    iri: str
    kind: TermKind
    labels: dict[str, str]
    count: int


def terms(release: Release) -> list[VocabularyTerm]:
    """Return the classes and properties of the data, the most used first."""
    by_class = class_counts(release)
    properties = _properties(release) if (release.folder / DATA).stat().st_size <= MAX_COUNTED_BYTES else Counter[str]()
    kinds: dict[str, TermKind] = dict.fromkeys((*by_class, *defined(release, CLASSES)), "class")
    kinds |= dict.fromkeys((*properties, *defined(release, PROPERTIES)), "property")
    found = [
        VocabularyTerm(iri, kind, _labels(release, iri), (by_class if kind == "class" else properties)[iri])
        for iri, kind in kinds.items()
    ]
    return sorted(found, key=lambda term: (-term.count, term.iri))


def _properties(release: Release) -> Counter[str]:
    """Return each property with its number of triples; triple terms as subjects do not count."""
    lines = (line for line in release.data.beginning(b"") if not line.startswith(b"<<"))
    counted = Counter(line.split(b" ", 2)[1] for line in lines)
    return Counter({name[1:-1].decode(): count for name, count in counted.items()})


def defined(release: Release, classes: tuple[str, ...]) -> list[str]:
    """Return the IRIs that are instances of one of `classes`."""
    found = []
    for cls in classes:
        for line in release.mentions.beginning(f"<{cls}>\t<".encode()):
            subject, predicate, _ = line.split(b"\t", 1)[1].decode().split(" ", 2)
            if predicate == f"<{RDF}type>" and not subject.startswith("<<"):
                found.append(subject[1:-1])
    return found


def _labels(release: Release, iri: str) -> dict[str, str]:
    """Return the label of a term in each language, the first one if there are several."""
    named = [quad.object for quad in labels(release, iri) if isinstance(quad.object, Literal)]
    return {each.language or "": each.value for each in sorted(named, key=str, reverse=True)}
