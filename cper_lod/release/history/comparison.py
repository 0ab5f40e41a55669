"""The differences between two releases, resource by resource, in one pass over their sorted quads."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Final, Literal, NamedTuple

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad
from pyoxigraph import Literal as RdfLiteral

from cper_lod.core.namespaces import RDFS, STANDARD_TERMS
from cper_lod.rdf.graph import Node
from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import differing, parse_quads

ChangeKind = Literal["new", "gone", "changed"]
FactChangeKind = Literal["corrected", "added", "withdrawn"]
_DEFAULT: Final = DefaultGraph()
_ENTAILED: Final = frozenset(f"<{name}>" for name in (*STANDARD_TERMS, RDFS + "label"))
_MAX_VALUES: Final = 1000
"""Most triples of a resource that are read to find one that is published, and most values of a property to find a single one."""
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


def compare(before: Release, after: Release, on_difference: OnDifference = lambda *_: None) -> Iterator[ResourceChange]:
    """Yield the changes between two releases, in the order of the quads; those of one resource are in memory at a time.

    Only the default graph is compared, not what describes the release (report, VoID, catalogue). Blank nodes are compared by
    the label the release gives them, which follows their position in the file.
    """
    lines = differing(before.lines(), after.lines())
    for resource, group in groupby(lines, lambda pair: pair[0].partition(b" ")[0]):
        sides: tuple[list[bytes], list[bytes]] = ([], [])
        for line, is_new in group:
            sides[is_new].append(line)
        on_difference(resource, *sides)
        old, new = ([quad for quad in parse_quads(side) if quad.graph_name == _DEFAULT] for side in sides)
        if old or new:
            name = resource.decode()
            node = BlankNode(name[2:]) if name.startswith("_:") else NamedNode(name[1:-1])
            is_new, is_gone = (not _is_described(release, node) for release in (before, after))
            kind: ChangeKind = "new" if is_new else "gone" if is_gone else "changed"
            facts = sorted(_facts((before, after), node, old, new), key=attrgetter("property", "kind", "old", "new"))
            yield ResourceChange(name, kind, tuple(facts))


def _is_described(release: Release, node: Node) -> bool:
    """Return whether a release has a triple about a node in its default graph, among the first _MAX_VALUES."""
    return any(quad.graph_name == _DEFAULT for quad in release.triples.about(node, _MAX_VALUES))


def _is_single(release: Release, node: Node, predicate: str, tag: str) -> bool:
    """Return whether a property of a node has one value in a language, among the first _MAX_VALUES."""
    quads = release.triples.values(node, predicate[1:-1], _MAX_VALUES)
    return sum(quad.graph_name == _DEFAULT and language(quad) == tag for quad in quads) == 1


def _facts(
    releases: tuple[Release, Release], node: Node, old: Iterable[Quad], new: Iterable[Quad]
) -> Iterator[FactChange]:
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
        if len(withdrawn) == len(added) == 1 and all(_is_single(each, node, predicate, tag) for each in releases):
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


def _value(quad: Quad) -> str:
    """Return the value of a default-graph quad in N-Triples syntax."""
    return str(quad)[len(f"{quad.subject} {quad.predicate} ") :]


def language(quad: Quad) -> str:
    """Return the language of the value of a quad, empty if there is none."""
    return (quad.object.language or "") if isinstance(quad.object, RdfLiteral) else ""
