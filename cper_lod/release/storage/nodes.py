"""Descriptions of nodes, read by bisection; those of small nodes are cached, since many pages show the same ones."""

from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from itertools import islice
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from cper_lod.core.sorted_lines import SortedLines

MAX_TARGETS: Final = 20
"""Values of a property that are returned at most, and one more to show that there are more."""
_MAX_LINES: Final = 200
"""Lines about one thing that are read; if a thing has more, each property is found by bisection."""


def references(data: SortedLines, iri: str, predicates: Iterable[str]) -> dict[str, list[str]]:
    """Return the IRIs that are values of each property of a thing, `MAX_TARGETS` and one more at most, in data order."""
    lines = list(islice(data.beginning(f"<{iri}> ".encode()), _MAX_LINES + 1))
    found = {}
    for predicate in predicates:
        key = f"<{iri}> <{predicate}> <".encode()
        few = len(lines) <= _MAX_LINES
        of_it = (line for line in lines if line.startswith(key)) if few else data.beginning(key)
        targets = dict.fromkeys(line[len(key) : line.index(b">", len(key))] for line in islice(of_it, _MAX_LINES))
        found[predicate] = [target.decode() for target in islice(targets, MAX_TARGETS + 1)]
    return found


Description = dict[str, list[NamedNode | BlankNode | Literal]]
"""The properties of a node, each with its values."""
SMALL_NODE_QUADS: Final = 64
"""Largest node, in quads, that is cached: contracts and what they are made of have fewer."""
CACHED_NODES: Final = 1024
"""Nodes that are cached, those used last: a few megabytes."""
_BLOCK_LINES: Final = 10_000


class Descriptions:
    """The descriptions of a release; they are shared and must not be modified."""

    def __init__(self, data: SortedLines) -> None:
        self._data = data
        # Pages read the same nodes: saves half of the page of a contract, a tenth to two fifths of that of another thing.
        # A cached method would form a reference cycle, which a server with a frozen garbage collector never frees.
        self._small = lru_cache(CACHED_NODES)(partial(_small, data))

    def of(self, node: NamedNode | BlankNode, limit: int) -> tuple[Description, bool]:
        """Return the description of a node from its first `limit` quads, and whether these are all."""
        small = self._small(node)
        if small is not None:
            return small, True
        quads = self.quads(f"{node} ", limit + 1)
        return _described(quads[:limit]), len(quads) <= limit

    def quads(self, key: str, limit: int) -> list[Quad]:
        """Return the first `limit` quads whose lines begin with `key`."""
        return parse_quads(islice(self._data.beginning(key.encode()), limit))

    def first_values(
        self, node: NamedNode | BlankNode, limit: int
    ) -> Iterator[tuple[str, list[NamedNode | BlankNode | Literal], bool]]:
        """Yield each property of a node of any size with its first `limit` values, and whether these are all.

        Reads the first lines of a property, then skips to the next one.
        """
        key = f"{node} ".encode()
        for prefix in self._data.beginnings(key, lambda line: line[: line.index(b" ", len(key)) + 1]):
            quads = parse_quads(islice(self._data.beginning(prefix), limit + 1))
            values = dict.fromkeys(quad.object for quad in quads[:limit] if not isinstance(quad.object, Triple))
            if values:
                yield prefix[len(key) + 1 : -2].decode(), list(values), len(quads) <= limit


def _small(data: SortedLines, node: NamedNode | BlankNode) -> Description | None:
    """Return the description of a node, None if it is not small."""
    lines = list(islice(data.beginning(f"{node} ".encode()), SMALL_NODE_QUADS + 1))
    return _described(parse_quads(lines)) if len(lines) <= SMALL_NODE_QUADS else None


def parse_quads(lines: Iterable[bytes]) -> list[Quad]:
    """Parse N-Quads lines that were written from parsed quads, so without checks."""
    text = b"\n".join(lines)
    return list(parse(text, RdfFormat.N_QUADS, lenient=True)) if text else []


def parse_lines(lines: Iterable[bytes]) -> Iterator[Quad]:
    """Yield the quads of any number of N-Quads lines."""
    rest = iter(lines)
    while some := list(islice(rest, _BLOCK_LINES)):
        yield from parse_quads(some)


def _described(quads: Iterable[Quad]) -> Description:
    found: Description = {}
    for quad in quads:
        value = quad.object
        if not isinstance(value, Triple):
            values = found.setdefault(quad.predicate.value, [])
            if not values or value != values[-1]:  # the same triple in two graphs
                values.append(value)
    return found
