"""Triples to ask: what a subject says, which subjects say it; held in memory, from lines of N-Quads."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from cper_lod.rdf.shacl.prefilter.tokens import read_line

Description = Mapping[str, Mapping[str, None]]
"""What a subject says: its objects by predicate, each once."""

Backwards = set[tuple[str, str | None]]
"""What subjects are looked for by: a predicate with an object, or with any."""

Elsewhere = set[str | None]
"""The predicates that are read of other nodes than the focus node; None where it could be any."""


class Triples(Protocol):
    """Triples of one graph, whatever graphs they come from, by their tokens."""

    def of(self, subject: str) -> Description:
        """Return what a subject says; nothing where it says nothing."""

    def all(self) -> Iterator[tuple[str, Description]]:
        """Yield every subject with what it says."""

    def subjects(self, predicate: str, value: str) -> Iterable[str]:
        """Return who says that value by that predicate."""

    def pairs(self, predicate: str) -> Iterator[tuple[str, str]]:
        """Yield every subject and object of a predicate."""

    def objects(self, predicate: str) -> Iterator[str]:
        """Yield every object of a predicate, once."""


class Held:
    """Triples in memory."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._said: dict[str, dict[str, dict[str, None]]] = {}
        self._sayers: dict[str, dict[str, list[str]]] = {}
        for line in lines:
            if found := read_line(line):
                self.add(*found)

    def add(self, subject: str, predicate: str, value: str) -> None:
        """Add a triple, before anything is asked."""
        self._said.setdefault(subject, {}).setdefault(predicate, {})[value] = None

    def of(self, subject: str) -> Description:
        """Return what a subject says."""
        return self._said.get(subject, {})

    def all(self) -> Iterator[tuple[str, Description]]:
        """Yield every subject with what it says."""
        yield from self._said.items()

    def pairs(self, predicate: str) -> Iterator[tuple[str, str]]:
        """Yield every subject and object of a predicate."""
        for subject, said in self._said.items():
            for value in said.get(predicate, ()):
                yield subject, value

    def _by_object(self, predicate: str) -> Mapping[str, Collection[str]]:
        found = self._sayers.get(predicate)
        if found is None:
            found = self._sayers[predicate] = {}
            for subject, value in self.pairs(predicate):
                found.setdefault(value, []).append(subject)
        return found

    def subjects(self, predicate: str, value: str) -> Collection[str]:
        """Return who says that value by that predicate."""
        return self._by_object(predicate).get(value, ())

    def objects(self, predicate: str) -> Iterator[str]:
        """Yield every object of a predicate, once."""
        yield from self._by_object(predicate)
