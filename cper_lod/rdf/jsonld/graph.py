"""A graph prepared for JSON-LD: its lists, the order of values, and the position of each node in a nested document."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Triple

from cper_lod.core.namespaces import RDF
from cper_lod.rdf.statements import list_cells, natural_sort_key

FIRST: Final = RDF + "first"
REST: Final = RDF + "rest"
NIL: Final = RDF + "nil"
DEPTH: Final = 30
"""Maximum nesting of objects; deeper nodes are written at the top."""
LIST_DEPTH: Final = 3
"""Maximum nesting of lists; deeper lists are written as nodes."""

Value = str | Literal
"""An IRI, a blank node (`_:label`, which no IRI starts with) or a literal."""
Properties = dict[str, dict[Value, None]]
Edge = tuple[tuple[int, str], str, str]
"""Rank of a key, the key, and a described node that can be nested there."""
Parent = tuple[str, str] | None
"""The node and the key under which a node is nested; None at the top."""


class JsonLdGraph:
    """The triples of a document by subject and property, without list cells; named graphs are merged.

    `lists` maps the head of each well-formed list to its items, `references` counts how often a blank node is an object.
    `schemes` are those of IRIs that could be compact IRIs: all but the schemes before `//`.
    Raises ValueError for a triple term (RDF 1.2).
    """

    def __init__(self, quads: Iterable[Quad | Triple]) -> None:
        self.nodes: dict[str, Properties] = {}
        self.references: Counter[str] = Counter()
        self.schemes: set[str] = set()
        for quad in quads:
            if Triple in (type(quad.subject), type(quad.object)):
                raise ValueError("a triple term (RDF 1.2) has no form in JSON-LD 1.1")
            values = self.nodes.setdefault(self._name(quad.subject), {}).setdefault(self._name(quad.predicate), {})
            value: Value = quad.object if isinstance(quad.object, Literal) else self._name(quad.object)
            if isinstance(value, Literal):
                self._name(value.datatype)
            elif value.startswith("_:") and value not in values:
                self.references[value] += 1
            values[value] = None
        self.lists: dict[str, list[Value]] = {NIL: []}
        if self.references:
            self.lists |= _take_lists(self.nodes, self.references)

    def _name(self, node: object) -> str:
        if not isinstance(node, NamedNode):
            return str(node)
        scheme, _, rest = node.value.partition(":")
        if not rest.startswith("//"):
            self.schemes.add(scheme)
        return node.value

    def leaves(self, value: Value) -> Iterator[Value]:
        """Yield `value`, or the items of the list with that head, including those of nested lists."""
        if isinstance(value, str) and value in self.lists:
            for item in self.lists[value]:
                yield from self.leaves(item)
        else:
            yield value


def order(value: Value) -> tuple[object, ...]:
    """Return the sort key of a value: IRIs, blank nodes by label, then literals; `axe/2` before `axe/10`."""
    if isinstance(value, Literal):
        direction = str(value.direction or "")
        return 2, natural_sort_key(value.value), value.datatype.value, value.language or "", direction
    return value.startswith("_:"), natural_sort_key(value)


def in_order(values: list[Value]) -> list[Value]:
    """Return values by their sort keys; most properties have one value, which needs none."""
    return sorted(values, key=order) if len(values) > 1 else values


def _take_lists(nodes: dict[str, Properties], references: Counter[str]) -> dict[str, list[Value]]:
    """Return the items of every well-formed list by its head, and remove the cells from `nodes`.

    Well-formed: blank cells with one rdf:first, one rdf:rest and nothing else, each referred to once, ending in rdf:nil
    (JSON-LD 1.1 API, section 8.4), the first one by a node that is not a cell of an unreferenced cycle of lists.
    """
    rests: dict[str, str] = {}
    for node, properties in nodes.items():
        if node.startswith("_:") and references[node] == 1 and properties.keys() == {FIRST, REST}:
            (rest, *more) = properties[REST]
            if not more and isinstance(rest, str) and len(properties[FIRST]) == 1:
                rests[node] = rest
    cells = list_cells(rests, NIL)
    items = {head: [next(iter(nodes[cell][FIRST])) for cell in cells[head]] for head in cells}
    inner = {item for values in items.values() for item in values}
    found: dict[str, list[Value]] = {}
    level = [head for head in items if head not in inner]
    for _ in range(LIST_DEPTH):
        found |= {head: items[head] for head in level}
        level = [item for head in level for item in items[head] if isinstance(item, str) and item in items]
    for cell in [cell for head in found for cell in cells[head]]:
        del nodes[cell]
    return found


def place_nodes(graph: JsonLdGraph, root: str | None, edges: Callable[[str], Iterable[Edge]]) -> dict[str, Parent]:
    """Return the position of each described node: nested once, under the node nearest to `root`, or at the top.

    Breadth first from the root; ties are broken by the order of keys in the context, then of parents, then of values. Of
    the nodes that the root does not reach, IRIs are at the top and blank nodes are nested where they are referred to.
    """
    parents: dict[str, Parent] = {}
    if root is not None:
        _place_level([root], parents, edges)
    unplaced = sorted((node for node in graph.nodes if node not in parents), key=order)
    _place_level([node for node in unplaced if not node.startswith("_:")], parents, edges)
    nested_nodes = {child for node in unplaced for _, _, child in edges(node)}
    _place_level([node for node in unplaced if node not in parents and node not in nested_nodes], parents, edges)
    for node in unplaced:
        if node not in parents:  # a cycle of blank nodes: one of them must be at the top
            _place_level([node], parents, edges)
    return parents


def _place_level(level: list[str], parents: dict[str, Parent], edges: Callable[[str], Iterable[Edge]]) -> None:
    """Place the nodes of `level` at the top, and their descendants without a position below them."""
    parents.update(dict.fromkeys(level))
    depth = 1
    while level:
        found = [
            (rank, index, number, child, (parent, key))
            for index, parent in enumerate(level)
            for number, (rank, key, child) in enumerate(edges(parent))
            if child not in parents
        ]
        level = []
        for _, _, _, child, parent_key in sorted(found):
            if child not in parents:
                parents[child] = None if depth % DEPTH == 0 else parent_key
                level.append(child)
        depth += 1
