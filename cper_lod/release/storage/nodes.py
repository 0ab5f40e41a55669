"""What the data say of one node, read by bisection; small nodes are remembered, since many pages speak of the same."""

from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from itertools import islice
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from cper_lod.core.sorted_lines import SortedLines

MOST: Final = 20
"""How many things a property leads to are told, one more to say that there are more."""
_FEW: Final = 200
"""Lines about one thing that are read; of a thing with more, each property is found by bisection."""


def references(data: SortedLines, iri: str, predicates: Iterable[str]) -> dict[str, list[str]]:
    """Return the IRIs that each property of a thing leads to, `MOST` and one more at most, in the order of the data."""
    lines = list(islice(data.beginning(f"<{iri}> ".encode()), _FEW + 1))
    found = {}
    for predicate in predicates:
        key = f"<{iri}> <{predicate}> <".encode()
        few = len(lines) <= _FEW
        of_it = (line for line in lines if line.startswith(key)) if few else data.beginning(key)
        targets = dict.fromkeys(line[len(key) : line.index(b">", len(key))] for line in islice(of_it, _FEW))
        found[predicate] = [target.decode() for target in islice(targets, MOST + 1)]
    return found


Description = dict[str, list[NamedNode | BlankNode | Literal]]
"""The properties of a node, each with its values."""
SMALL: Final = 40
"""How many quads of a node are remembered at most: classes, properties, documents and parts have fewer."""
REMEMBERED: Final = 1024
"""How many nodes are remembered, those that were asked for last: some megabytes."""
_TOGETHER: Final = 10_000


class Descriptions:
    """The descriptions of a release; they are shared, and nobody may change one."""

    def __init__(self, data: SortedLines) -> None:
        self._data = data
        # Of a function, no method: what holds itself outlives its release, since servers freeze what is there.
        self._small = lru_cache(REMEMBERED)(partial(_small, data))

    def of(self, node: NamedNode | BlankNode, limit: int) -> tuple[Description, bool]:
        """Return what the first `limit` quads about a node say of it, and whether these are all."""
        small = self._small(node)
        if small is not None:
            return small, True
        quads = self.quads(f"{node} ", limit + 1)
        return _described(quads[:limit]), len(quads) <= limit

    def quads(self, key: str, limit: int) -> list[Quad]:
        """Return the first quads whose lines begin with `key`, `limit` at most."""
        return parsed(islice(self._data.beginning(key.encode()), limit))


def _small(data: SortedLines, node: NamedNode | BlankNode) -> Description | None:
    """Return the description of a node, None where it is no small one."""
    lines = list(islice(data.beginning(f"{node} ".encode()), SMALL + 1))
    return _described(parsed(lines)) if len(lines) <= SMALL else None


def parsed(lines: Iterable[bytes]) -> list[Quad]:
    """Parse N-Quads lines; they were written from parsed quads, so nothing needs checking again."""
    text = b"\n".join(lines)
    return list(parse(text, RdfFormat.N_QUADS, lenient=True)) if text else []


def parse_lines(lines: Iterable[bytes]) -> Iterator[Quad]:
    """Yield what any number of N-Quads lines say."""
    rest = iter(lines)
    while some := list(islice(rest, _TOGETHER)):
        yield from parsed(some)


def _described(quads: Iterable[Quad]) -> Description:
    found: Description = {}
    for quad in quads:
        value = quad.object
        if not isinstance(value, Triple):
            values = found.setdefault(quad.predicate.value, [])
            if not values or value != values[-1]:  # the same triple in two graphs
                values.append(value)
    return found
