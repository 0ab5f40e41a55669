"""What one release says and another does not, thing by thing, read in one pass over their sorted files."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Final, Literal, NamedTuple

from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse
from pyoxigraph import Literal as RdfLiteral

from cper_lod.release.release import Release

Kind = Literal["new", "gone", "changed"]
Did = Literal["corrected", "added", "withdrawn"]
_VALUES: Final = 1000
"""How many values of a property are read to see whether it has one alone."""


class Fact(NamedTuple):
    """A fact that was added, withdrawn or corrected; terms as in N-Triples, empty where there is none."""

    did: Did
    property: str
    old: str
    new: str


class ThingChange(NamedTuple):
    """What changed of one thing (a term as in N-Triples), its facts sorted."""

    thing: str
    kind: Kind
    facts: tuple[Fact, ...]


class Comparison:
    """Two releases compared; holds what changed of one thing at a time.

    What is published counts: the default graph. `graphs` has, when all is read, how many triples of each named graph
    (report, counts, catalogue) only the one or only the other has. Nameless things (blank nodes) are compared by the
    name that the release gives them, after their place in their file.
    """

    def __init__(self, before: Release, after: Release) -> None:
        self.before = before
        self.after = after
        self.graphs: Counter[str] = Counter()

    def changes(self) -> Iterator[ThingChange]:
        """Yield what changed, the things in the order of the files."""
        lines = self.before.data.differing(self.after.data)
        for thing, group in groupby(lines, lambda pair: pair[0].partition(b" ")[0]):
            sides: tuple[list[Quad], list[Quad]] = ([], [])
            for line, is_new in group:
                for quad in self._published(line):
                    sides[is_new].append(quad)
            if sides[0] or sides[1]:
                yield self._change(thing.decode(), *sides)

    def _published(self, line: bytes) -> Iterator[Quad]:
        for quad in _parsed(line):
            if quad.graph_name == DefaultGraph():
                yield quad
            else:
                self.graphs[str(quad.graph_name).strip("<>")] += 1

    def _change(self, thing: str, old: list[Quad], new: list[Quad]) -> ThingChange:
        kind: Kind = "changed"
        if not described(self.before, thing):
            kind = "new"
        elif not described(self.after, thing):
            kind = "gone"
        return ThingChange(thing, kind, tuple(sorted(self._facts(thing, old, new), key=_place)))

    def _facts(self, thing: str, old: Iterable[Quad], new: Iterable[Quad]) -> Iterator[Fact]:
        """Yield the facts, a value that took the place of another as corrected: by property and language.

        It did where the property has had one value of that language, and has one now. Of several nobody can say which
        one became which: they were withdrawn and added.
        """
        by_place: dict[tuple[str, str], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for is_new, quads in enumerate((old, new)):
            for quad in quads:
                by_place[str(quad.predicate), language(quad)][is_new].append(_value(quad))
        for (predicate, tag), (withdrawn, added) in by_place.items():
            if len(withdrawn) == len(added) == 1 and self._alone(thing, predicate, tag):
                yield Fact("corrected", predicate, withdrawn[0], added[0])
                continue
            yield from (Fact("withdrawn", predicate, each, "") for each in withdrawn)
            yield from (Fact("added", predicate, "", each) for each in added)

    def _alone(self, thing: str, predicate: str, tag: str) -> bool:
        """Return whether a property of a thing has one value of a language in each release."""
        for release in (self.before, self.after):
            quads = islice(published(release, f"{thing} {predicate} "), _VALUES)
            if sum(language(quad) == tag for quad in quads) != 1:
                return False
        return True


def _place(fact: Fact) -> tuple[str, ...]:
    return fact.property, fact.did, fact.old, fact.new


def _value(quad: Quad) -> str:
    """Return the value of a quad of the default graph as N-Triples write it: of a triple, with its brackets."""
    return str(quad)[len(f"{quad.subject} {quad.predicate} ") :]


def language(quad: Quad) -> str:
    """Return the language of the value of a quad, empty where it has none."""
    return (quad.object.language or "") if isinstance(quad.object, RdfLiteral) else ""


def published(release: Release, key: str) -> Iterator[Quad]:
    """Yield the quads of the default graph whose lines begin with `key`."""
    for line in release.data.beginning(key.encode()):
        for quad in _parsed(line):
            if quad.graph_name == DefaultGraph():
                yield quad


def described(release: Release, thing: str) -> bool:
    """Return whether a release publishes anything of a thing."""
    return next(published(release, f"{thing} "), None) is not None


def _parsed(line: bytes) -> Iterable[Quad]:
    return parse(line, RdfFormat.N_QUADS, lenient=True)
