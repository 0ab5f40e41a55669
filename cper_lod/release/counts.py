"""What is counted of a graph, from its sorted N-Triples: the very numbers that a SPARQL query would count."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cper_lod.terms.namespaces import RDF

LARGEST: Final = 2_000_000
"""Triples up to which distinct objects are counted: to tell them apart, all have to be held at once."""
_TYPE: Final = f"<{RDF}type>".encode()


@dataclass
class Use:
    """How a class or a property is used: triples, distinct subjects, distinct objects, and the first named subject."""

    triples: int = 0
    subjects: int = 0
    objects: set[bytes] = field(default_factory=set)
    example: str = ""
    last: bytes = b""

    def add(self, subject: bytes, value: bytes, keep: bool) -> None:
        """Count one more triple; subjects come sorted, so that each is new but once."""
        self.triples += 1
        if subject != self.last:
            self.subjects, self.last = self.subjects + 1, subject
        if keep:
            self.objects.add(value)
        if not self.example and subject[:1] == b"<":
            self.example = subject[1:-1].decode()


class Counts:
    """A graph counted: `whole`, and each class and property by its IRI; `things` are subjects that have an IRI of ours.

    `exact` is False where the graph is so large that its distinct objects are not counted.
    """

    def __init__(self, ntriples: bytes, space: str) -> None:
        """Count the sorted lines of a graph; `space` is what the IRIs of things begin with."""
        lines = ntriples.splitlines()
        self.exact = len(lines) <= LARGEST
        self.whole = Use()
        self.things = 0
        self.classes: dict[str, Use] = {}
        self.properties: dict[str, Use] = {}
        start = f"<{space}".encode()
        for line in lines:
            subject, predicate, rest = line.split(b" ", 2)
            value = rest[:-2]
            if subject != self.whole.last and subject.startswith(start):
                self.things += 1
            self.whole.add(subject, value, self.exact)
            self.properties.setdefault(predicate[1:-1].decode(), Use()).add(subject, value, self.exact)
            if predicate == _TYPE:
                name = value[1:-1].decode() if value.startswith(b"<") and not value.startswith(b"<<") else ""
                self.classes.setdefault(name, Use()).add(subject, value, False)
        self.classes.pop("", None)  # what is no IRI is no class that could be named


def links(ntriples: bytes, space: str, targets: Iterable[str]) -> dict[tuple[str, str], int]:
    """Return how many triples lead from IRIs that begin with `space` to those of each target, by target and property.

    A target is what its IRIs begin with.
    """
    start, ends = f"<{space}".encode(), [(target, f"<{target}".encode()) for target in targets]
    found: dict[tuple[str, str], int] = {}
    for line in ntriples.splitlines():
        if line.startswith(start):
            _, predicate, value = line.split(b" ", 2)
            for target, end in ends:
                if value.startswith(end):
                    key = (target, predicate[1:-1].decode())
                    found[key] = found.get(key, 0) + 1
    return found
