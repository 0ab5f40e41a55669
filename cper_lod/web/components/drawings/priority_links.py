"""The links between priorities and axes: two columns of names, and the lines between them."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import CPER, SKOS
from cper_lod.rdf.graph import Graph, Term
from cper_lod.web.http import urls

MAX_ITEMS: Final = 40
"""Priorities, or axes, that a drawing shows at most; a larger contract is better read as a table."""
WIDTH: Final = 100


@dataclass(frozen=True)
class LinkedItem:
    """A priority or an axis: its number, title and page, and the numbers of the items linked with it."""

    number: str
    title: str
    href: str
    linked: tuple[str, ...]


@dataclass(frozen=True)
class PriorityLinks:
    """Both columns, in rows of equal height, and the lines between the middles of the rows.

    A row is `height / len(priorities)` high on the left and `height / len(axes)` on the right: the drawing is stretched
    to the height of the columns, so that lines meet their rows however the text wraps.
    """

    priorities: tuple[LinkedItem, ...]
    axes: tuple[LinkedItem, ...]
    height: int
    lines: tuple[str, ...]


def priority_links(graph: Graph, contract: str, lang: Language) -> PriorityLinks | None:
    """Return the links between the priorities and the axes of a contract.

    None if there are no links, or too many priorities or axes for a drawing.
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
        tuple(_item(graph, each, found, lang) for each, found in pairs.items()),
        tuple(_item(graph, each, found, lang) for each, found in served.items()),
        height,
        lines,
    )


def curve(start: int, end: int) -> str:
    """Return the path of a curve from left to right with horizontal ends.

    >>> curve(6, 4)
    'M0 6C50 6 50 4 100 4'
    """
    return f"M0 {start}C{WIDTH // 2} {start} {WIDTH // 2} {end} {WIDTH} {end}"


def _sorted(graph: Graph, node: Term, predicate: str) -> list[Term]:
    return sorted(set(graph.all(node, predicate)), key=graph.by_number)


def _item(graph: Graph, node: Term, linked: list[Term], lang: Language) -> LinkedItem:
    href = urls.page_link(node.value) if isinstance(node, NamedNode) else ""
    numbers = tuple(graph.value(each, SKOS + "notation") or graph.label(each, lang) for each in linked)
    return LinkedItem(graph.value(node, SKOS + "notation"), graph.label(node, lang), href, numbers)
