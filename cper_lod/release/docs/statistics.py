"""What a release counts of itself: its classes, each with its number of resources and an example."""

from dataclasses import dataclass
from itertools import groupby

from cper_lod.core.namespaces import RDF
from cper_lod.release.release import Release


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
