"""What one release says and another does not, thing by thing, read in one pass over their sorted files."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby, islice
from typing import Final, Literal, NamedTuple

from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse
from pyoxigraph import Literal as RdfLiteral

from cper_lod.release.release import Release

ChangeKind = Literal["new", "gone", "changed"]
FactChangeKind = Literal["corrected", "added", "withdrawn"]
_DEFAULT: Final = DefaultGraph()
_TOGETHER: Final = 200
"""How many lines are parsed at once."""
_VALUES: Final = 1000
"""How many triples of a thing, or values of a property of a larger one, are read to see whether it has one alone."""


class FactChange(NamedTuple):
    """A fact that was added, withdrawn or corrected; terms as in N-Triples, empty where there is none."""

    did: FactChangeKind
    property: str
    old: str
    new: str


class ResourceChange(NamedTuple):
    """What changed of one thing (a term as in N-Triples), its facts sorted."""

    thing: str
    kind: ChangeKind
    facts: tuple[FactChange, ...]


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

    def changes(self) -> Iterator[ResourceChange]:
        """Yield what changed, the things in the order of the files."""
        lines = self.before.data.differing(self.after.data)
        for thing, group in groupby(lines, lambda pair: pair[0].partition(b" ")[0]):
            sides: tuple[list[bytes], list[bytes]] = ([], [])
            for line, is_new in group:
                sides[is_new].append(line)
            old, new = (list(self._published(side)) for side in sides)
            if old or new:
                yield self._change(thing.decode(), old, new)

    def _published(self, lines: list[bytes]) -> Iterator[Quad]:
        for quad in _parsed(lines):
            if quad.graph_name == _DEFAULT:
                yield quad
            else:
                self.graphs[str(quad.graph_name).strip("<>")] += 1

    def _change(self, thing: str, old: list[Quad], new: list[Quad]) -> ResourceChange:
        values = _Values(self.before, thing), _Values(self.after, thing)
        kind: ChangeKind = "new" if values[0].none else "gone" if values[1].none else "changed"
        return ResourceChange(thing, kind, tuple(sorted(self._facts(values, old, new), key=_place)))

    def _facts(
        self, values: "tuple[_Values, _Values]", old: Iterable[Quad], new: Iterable[Quad]
    ) -> Iterator[FactChange]:
        """Yield the facts, a value that took the place of another as corrected: by property and language.

        It did where the property has had one value of that language, and has one now. Of several nobody can say which
        one became which: they were withdrawn and added.
        """
        by_place: dict[tuple[str, str], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for is_new, quads in enumerate((old, new)):
            for quad in quads:
                by_place[str(quad.predicate), language(quad)][is_new].append(_value(quad))
        for (predicate, tag), (withdrawn, added) in by_place.items():
            alone = len(withdrawn) == len(added) == 1 and all(each.count(predicate, tag) == 1 for each in values)
            if alone:
                yield FactChange("corrected", predicate, withdrawn[0], added[0])
                continue
            yield from (FactChange("withdrawn", predicate, each, "") for each in withdrawn)
            yield from (FactChange("added", predicate, "", each) for each in added)


class _Values:
    """How many values each property of a thing has in a release, by language; of a large thing, each when asked."""

    def __init__(self, release: Release, thing: str) -> None:
        self._release = release
        self._thing = thing
        quads = list(islice(default_graph_quads(release, f"{thing} "), _VALUES + 1))
        self.none = not quads
        few = len(quads) <= _VALUES
        self._counts = Counter((str(quad.predicate), language(quad)) for quad in quads) if few else None

    def count(self, predicate: str, tag: str) -> int:
        """Return how many values of a language a property has; of very many, how many of the first."""
        if self._counts is not None:
            return self._counts[predicate, tag]
        quads = islice(default_graph_quads(self._release, f"{self._thing} {predicate} "), _VALUES)
        return sum(language(quad) == tag for quad in quads)


def _place(fact: FactChange) -> tuple[str, ...]:
    return fact.property, fact.did, fact.old, fact.new


def _value(quad: Quad) -> str:
    """Return the value of a quad of the default graph as N-Triples write it: of a triple, with its brackets."""
    return str(quad)[len(f"{quad.subject} {quad.predicate} ") :]


def language(quad: Quad) -> str:
    """Return the language of the value of a quad, empty where it has none."""
    return (quad.object.language or "") if isinstance(quad.object, RdfLiteral) else ""


def default_graph_quads(release: Release, key: str) -> Iterator[Quad]:
    """Yield the quads of the default graph whose lines begin with `key`."""
    lines = release.data.beginning(key.encode())
    while piece := list(islice(lines, _TOGETHER)):
        yield from (quad for quad in _parsed(piece) if quad.graph_name == _DEFAULT)


def _parsed(lines: list[bytes]) -> Iterable[Quad]:
    return parse(b"\n".join(lines), RdfFormat.N_QUADS, lenient=True)
