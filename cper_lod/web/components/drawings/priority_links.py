"""Which axes serve which priorities: two columns of names, and the lines between them."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import CPER, SKOS
from cper_lod.rdf.graph import Graph, Term
from cper_lod.web.http import urls

MAX_ITEMS: Final = 40
"""Priorities, or axes, that a figure shows; a contract with more is better read as its table."""
WIDTH: Final = 100


@dataclass(frozen=True)
class LinkedItem:
    """A priority or an axis: its number, title and page, and the numbers of those it is joined with."""

    number: str
    title: str
    href: str
    joined: tuple[str, ...]


@dataclass(frozen=True)
class PriorityLinks:
    """Both columns, in equal rows, and the lines between the middles of these rows.

    A row of the left column is `height / len(priorities)` high, one of the right `height / len(axes)`: the drawing is
    stretched to the height of the columns, so that a line meets its rows however their text wraps.
    """

    priorities: tuple[LinkedItem, ...]
    axes: tuple[LinkedItem, ...]
    height: int
    lines: tuple[str, ...]


def priority_links(graph: Graph, contract: str, lang: Language) -> PriorityLinks | None:
    """Return the links between the priorities and the axes of a contract.

    None where there is no link, or where there are too many priorities or axes to be seen at once.
    """
    pairs = {
        each: _sorted(graph, each, CPER + "axe") for each in _sorted(graph, NamedNode(contract), CPER + "priorite")
    }
    axes = sorted({axis for found in pairs.values() for axis in found}, key=graph.by_number)
    if not axes or len(axes) > MAX_ITEMS:
        return None
    served = {axis: [each for each in pairs if axis in pairs[each]] for axis in axes}
    height = 2 * len(pairs) * len(axes)
    lines = tuple(
        curve((2 * left + 1) * len(axes), (2 * axes.index(axis) + 1) * len(pairs))
        for left, found in enumerate(pairs.values())
        for axis in found
    )
    return PriorityLinks(
        tuple(_end(graph, each, found, lang) for each, found in pairs.items()),
        tuple(_end(graph, each, found, lang) for each, found in served.items()),
        height,
        lines,
    )


def curve(start: int, end: int) -> str:
    """Return the path of a line from the left to the right that leaves and arrives level.

    >>> curve(6, 4)
    'M0 6C50 6 50 4 100 4'
    """
    return f"M0 {start}C{WIDTH // 2} {start} {WIDTH // 2} {end} {WIDTH} {end}"


def _sorted(graph: Graph, node: Term, predicate: str) -> list[Term]:
    return sorted(set(graph.all(node, predicate)), key=graph.by_number)


def _end(graph: Graph, node: Term, joined: list[Term], lang: Language) -> LinkedItem:
    href = urls.page(node.value) if isinstance(node, NamedNode) else ""
    numbers = tuple(graph.value(each, SKOS + "notation") or graph.label(each, lang) for each in joined)
    return LinkedItem(graph.value(node, SKOS + "notation"), graph.label(node, lang), href, numbers)
