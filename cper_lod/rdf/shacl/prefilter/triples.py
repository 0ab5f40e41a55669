"""Triples that are looked up by subject, and by predicate and object; an implementation in memory."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from cper_lod.rdf.shacl.prefilter.tokens import read_line

Description = Mapping[str, Mapping[str, None]]
"""The triples of a subject: its objects by predicate, each once."""

ReversePatterns = set[tuple[str, str | None]]
"""Patterns by which subjects are looked up: a predicate and an object, or None for any object."""

OtherNodePredicates = set[str | None]
"""The predicates that a rule reads of nodes other than the focus node; None stands for any predicate."""


class Triples(Protocol):
    """The triples of a dataset, as one graph; terms are N-Quads tokens."""

    def of(self, subject: str) -> Description:
        """Return the triples of a subject, empty if it has none."""

    def all(self) -> Iterator[tuple[str, Description]]:
        """Yield every subject with its triples."""

    def subjects(self, predicate: str, value: str) -> Iterable[str]:
        """Return the subjects with that value of that predicate."""

    def pairs(self, predicate: str) -> Iterator[tuple[str, str]]:
        """Yield the subject and object of every triple with a predicate."""

    def objects(self, predicate: str) -> Iterator[str]:
        """Yield every object of a predicate, once."""


class MemoryTriples:
    """Triples in memory."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._by_subject: dict[str, dict[str, dict[str, None]]] = {}
        self._by_predicate: dict[str, dict[str, list[str]]] = {}
        for line in lines:
            if found := read_line(line):
                self.add(*found)

    def add(self, subject: str, predicate: str, value: str) -> None:
        """Add a triple, before the first lookup."""
        self._by_subject.setdefault(subject, {}).setdefault(predicate, {})[value] = None

    def of(self, subject: str) -> Description:
        """Return the triples of a subject."""
        return self._by_subject.get(subject, {})

    def all(self) -> Iterator[tuple[str, Description]]:
        """Yield every subject with its triples."""
        yield from self._by_subject.items()

    def pairs(self, predicate: str) -> Iterator[tuple[str, str]]:
        """Yield the subject and object of every triple with a predicate."""
        for subject, said in self._by_subject.items():
            for value in said.get(predicate, ()):
                yield subject, value

    def _by_object(self, predicate: str) -> Mapping[str, Collection[str]]:
        found = self._by_predicate.get(predicate)
        if found is None:
            found = self._by_predicate[predicate] = {}
            for subject, value in self.pairs(predicate):
                found.setdefault(value, []).append(subject)
        return found

    def subjects(self, predicate: str, value: str) -> Collection[str]:
        """Return the subjects with that value of that predicate."""
        return self._by_object(predicate).get(value, ())

    def objects(self, predicate: str) -> Iterator[str]:
        """Yield every object of a predicate, once."""
        yield from self._by_object(predicate)
