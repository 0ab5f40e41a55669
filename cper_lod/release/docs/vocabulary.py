"""The terms that the data of a release use or define: classes and properties, with labels and how often they occur."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from typing import Literal as OneOf

from pyoxigraph import Literal

from cper_lod.core.namespaces import OWL, RDF, RDFS
from cper_lod.release.documents import labels
from cper_lod.release.release import DATA, Release


@dataclass(frozen=True)
class ClassCount:
    """A class in use: its IRI, how many resources have it, one of them (empty where it is a blank node)."""

    iri: str
    count: int
    example: str


def classes(release: Release) -> list[ClassCount]:
    """Return the classes in use, the most frequent first; a resource counts once whatever graphs it is in."""
    rows = []
    lines = release.mentions.beginning(f"<{RDF}type>\t".encode())
    pairs = sorted({pair for line in lines if (pair := _pair(line.split(b"\t", 1)[1].decode()))})
    for cls, group in groupby(pairs, key=lambda pair: pair[0]):
        subjects = [subject for _, subject in group]
        named = next((subject for subject in subjects if subject.startswith("<")), "")
        rows.append(ClassCount(cls[1:-1], len(subjects), named[1:-1]))
    return sorted(rows, key=lambda row: (-row.count, row.iri))


def _pair(line: str) -> tuple[str, str] | None:
    """Return class and subject of an N-Quads line, None where it gives no named class to anything."""
    subject, predicate, cls, *_ = line.split(" ")
    typed = predicate == f"<{RDF}type>" and cls.startswith("<") and not cls.startswith("<<")
    return (cls, subject) if typed else None


TermKind = OneOf["class", "property"]
CLASSES: Final = (OWL + "Class", RDFS + "Class")
PROPERTIES: Final = (
    OWL + "ObjectProperty",
    OWL + "DatatypeProperty",
    OWL + "AnnotationProperty",
    RDF + "Property",
)
COUNTED: Final = 128 * 1024 * 1024
"""Bytes of data up to which uses of properties are counted, in about a second; beyond, only those defined are known."""


@dataclass(frozen=True)
class VocabularyTerm:
    """A class or a property: its labels by language (an empty tag for none), and its resources or its triples."""

    iri: str
    kind: TermKind
    labels: dict[str, str]
    count: int


def terms(release: Release) -> list[VocabularyTerm]:
    """Return the classes and properties of the data, the most used first."""
    by_class = Counter({row.iri: row.count for row in classes(release)})
    properties = _properties(release) if (release.folder / DATA).stat().st_size <= COUNTED else Counter[str]()
    kinds: dict[str, TermKind] = dict.fromkeys((*by_class, *defined(release, CLASSES)), "class")
    kinds |= dict.fromkeys((*properties, *defined(release, PROPERTIES)), "property")
    found = [
        VocabularyTerm(iri, kind, _labels(release, iri), (by_class if kind == "class" else properties)[iri])
        for iri, kind in kinds.items()
    ]
    return sorted(found, key=lambda term: (-term.count, term.iri))


def _properties(release: Release) -> Counter[str]:
    """Return each property with the number of its triples; a quoted triple is no subject that a page would show."""
    lines = (line for line in release.data.beginning(b"") if not line.startswith(b"<<"))
    counted = Counter(line.split(b" ", 2)[1] for line in lines)
    return Counter({name[1:-1].decode(): count for name, count in counted.items()})


def defined(release: Release, classes: tuple[str, ...]) -> list[str]:
    """Return the IRIs to which the data give one of `classes`."""
    found = []
    for cls in classes:
        for line in release.mentions.beginning(f"<{cls}>\t<".encode()):
            subject, predicate, _ = line.split(b"\t", 1)[1].decode().split(" ", 2)
            if predicate == f"<{RDF}type>" and not subject.startswith("<<"):
                found.append(subject[1:-1])
    return found


def _labels(release: Release, iri: str) -> dict[str, str]:
    """Return the label of a term in each language that it has one in, the first where there are several."""
    named = [quad.object for quad in labels(release, iri) if isinstance(quad.object, Literal)]
    return {each.language or "": each.value for each in sorted(named, key=str, reverse=True)}
