"""The differences between two releases, resource by resource, in one pass over their sorted quads."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Final, Literal, NamedTuple

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad
from pyoxigraph import Literal as RdfLiteral

from cper_lod.core.namespaces import RDFS, STANDARD_TERMS
from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import differing, parse_quads

ChangeKind = Literal["new", "gone", "changed"]
FactChangeKind = Literal["corrected", "added", "withdrawn"]
_DEFAULT: Final = DefaultGraph()
_ENTAILED: Final = frozenset(f"<{name}>" for name in (*STANDARD_TERMS, RDFS + "label"))
_MAX_VALUES: Final = 1000
"""Most triples of a resource, or values of a property of a larger one, that are read to find single values."""


OnDifference = Callable[[bytes, list[bytes], list[bytes]], object]
"""Is called with each node about which lines of N-Quads differ, in any graph: the node as they write it, those withdrawn, those added."""


class FactChange(NamedTuple):
    """A fact that was added, withdrawn or corrected, and its language; terms in N-Triples syntax, empty if there is none."""

    kind: FactChangeKind
    property: str
    old: str
    new: str
    language: str


class ResourceChange(NamedTuple):
    """The changes of one resource (a term in N-Triples syntax), sorted."""

    resource: str
    kind: ChangeKind
    facts: tuple[FactChange, ...]


def compare(
    before: Release, after: Release, graphs: Counter[str], on_difference: OnDifference = lambda *_: None
) -> Iterator[ResourceChange]:
    """Yield the changes between two releases, in the order of the quads; those of one resource are in memory at a time.

    Only the default graph is compared. `graphs` gets the number of differing triples in each named graph (report, VoID,
    catalogue). Blank nodes are compared by the label the release gives them, which follows their position in the file.
    """
    lines = differing(before.lines(), after.lines())
    for resource, group in groupby(lines, lambda pair: pair[0].partition(b" ")[0]):
        sides: tuple[list[bytes], list[bytes]] = ([], [])
        for line, is_new in group:
            sides[is_new].append(line)
        on_difference(resource, *sides)
        old, new = (list(_default_graph(side, graphs)) for side in sides)
        if old or new:
            name = resource.decode()
            values = _Values(before, name), _Values(after, name)
            kind: ChangeKind = "new" if values[0].is_empty else "gone" if values[1].is_empty else "changed"
            facts = sorted(_facts(values, old, new), key=attrgetter("property", "kind", "old", "new"))
            yield ResourceChange(name, kind, tuple(facts))


def _default_graph(lines: list[bytes], graphs: Counter[str]) -> Iterator[Quad]:
    for quad in parse_quads(lines):
        if quad.graph_name == _DEFAULT:
            yield quad
        else:
            graphs[str(quad.graph_name).strip("<>")] += 1


def _facts(values: "tuple[_Values, _Values]", old: Iterable[Quad], new: Iterable[Quad]) -> Iterator[FactChange]:
    """Yield the fact changes; a value that replaces another one of the same property and language is a correction.

    This holds if the property had one value in that language before, and has one now. With several values nobody
    can tell which became which, so they are withdrawn and added.
    """
    by_property: dict[tuple[str, str], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for is_new, quads in enumerate((old, new)):
        for quad in quads:
            by_property[str(quad.predicate), language(quad)][is_new].append(_value(quad))
    for (predicate, tag), (withdrawn, added) in by_property.items():
        if predicate in _ENTAILED and _follows(tag, (withdrawn, added), by_property):
            continue
        if len(withdrawn) == len(added) == 1 and all(each.count(predicate, tag) == 1 for each in values):
            yield FactChange("corrected", predicate, withdrawn[0], added[0], tag)
            continue
        yield from (FactChange("withdrawn", predicate, each, "", tag) for each in withdrawn)
        yield from (FactChange("added", predicate, "", each, tag) for each in added)


def _follows(
    tag: str, values: tuple[list[str], list[str]], by_property: Mapping[tuple[str, str], tuple[list[str], list[str]]]
) -> bool:
    """Return whether other changed properties have the same values: a standard term only repeats them."""
    others = [sides for (name, language_), sides in by_property.items() if language_ == tag and name not in _ENTAILED]
    return all({each for sides in others for each in sides[side]}.issuperset(values[side]) for side in (0, 1))


class _Values:
    """The number of values of each property and language of a resource in a release; for large resources, on demand."""

    def __init__(self, release: Release, resource: str) -> None:
        self._release = release
        self._node = BlankNode(resource[2:]) if resource.startswith("_:") else NamedNode(resource[1:-1])
        quads = [each for each in release.triples.about(self._node, _MAX_VALUES + 1) if each.graph_name == _DEFAULT]
        self.is_empty = not quads
        small = len(quads) <= _MAX_VALUES
        self._counts = Counter((str(quad.predicate), language(quad)) for quad in quads) if small else None

    def count(self, predicate: str, tag: str) -> int:
        """Return the number of values of a property in a language, within the first _MAX_VALUES."""
        if self._counts is not None:
            return self._counts[predicate, tag]
        quads = self._release.triples.values(self._node, predicate[1:-1], _MAX_VALUES)
        return sum(quad.graph_name == _DEFAULT and language(quad) == tag for quad in quads)


def _value(quad: Quad) -> str:
    """Return the value of a default-graph quad in N-Triples syntax."""
    return str(quad)[len(f"{quad.subject} {quad.predicate} ") :]


def language(quad: Quad) -> str:
    """Return the language of the value of a quad, empty if there is none."""
    return (quad.object.language or "") if isinstance(quad.object, RdfLiteral) else ""
