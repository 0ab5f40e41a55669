"""A graph prepared for JSON-LD: its lists, the order of values, and the position of each node in a nested document."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from cper_lod.core.namespaces import RDF
from cper_lod.rdf.statements import natural_sort_key

FIRST: Final = RDF + "first"
REST: Final = RDF + "rest"
NIL: Final = RDF + "nil"
DEPTH: Final = 50
"""Maximum nesting of objects; deeper nodes are written at the top."""
LIST_DEPTH: Final = 3
"""Maximum nesting of lists; deeper lists are written as nodes."""
_ROUNDS: Final = 12

LiteralParts = tuple[str, str, str | None, str | None]
"""A literal: lexical form, datatype, language, base direction."""
Value = str | LiteralParts
"""An IRI, a blank node (`_:label`, which no IRI starts with) or a literal."""
Properties = dict[str, dict[Value, None]]
Edge = tuple[tuple[int, str], str, str]
"""Rank of a key, the key, and a described node that can be nested there."""
Parent = tuple[str, str] | None
"""The node and the key under which a node is nested; None at the top."""


@dataclass
class JsonLdGraph:
    """The triples of a document by subject and property, without list cells.

    `lists` maps the head of each well-formed list to its items, `references` counts how often a blank node is an object,
    `other_scheme_iris` are the IRIs with a scheme other than http and https.
    """

    nodes: dict[str, Properties] = field(default_factory=dict)
    lists: dict[str, list[Value]] = field(default_factory=lambda: {NIL: []})
    references: dict[str, int] = field(default_factory=dict)
    other_scheme_iris: set[str] = field(default_factory=set)
    _orders: dict[str, tuple[object, ...]] = field(default_factory=dict)
    _colours: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, quads: Iterable[Quad | Triple]) -> "JsonLdGraph":
        """Return the union of all graphs in `quads`. Raises ValueError for a triple term (RDF 1.2)."""
        graph = cls()
        nodes, references = graph.nodes, graph.references
        iris = set()
        for quad in quads:
            subject, predicate, value = quad.subject, quad.predicate.value, quad.object
            node = subject.value if type(subject) is NamedNode else str(_value(subject))
            properties = nodes.get(node)
            if properties is None:
                properties = nodes[node] = {}
            found = value.value if type(value) is NamedNode else _value(value)
            values = properties.get(predicate)
            if type(value) is BlankNode and found not in (values or ()):
                references[str(found)] = references.get(str(found), 0) + 1
            if values is None:
                properties[predicate] = {found: None}
                iris.add(predicate)
            else:
                values[found] = None
            iris.add(found[1] if isinstance(found, tuple) else found)
        graph.other_scheme_iris = {
            iri for iri in iris.union(nodes) if not iri.startswith(("http://", "https://", "_:"))
        }
        if references:
            graph.lists |= _lists(nodes, references)
            graph._colours = graph._refine()
        return graph

    def leaves(self, value: Value) -> Iterator[Value]:
        """Yield `value`, or the items of the list with that head, including those of nested lists."""
        if isinstance(value, str) and value in self.lists:
            for item in self.lists[value]:
                yield from self.leaves(item)
        else:
            yield value

    def order(self, value: Value) -> tuple[object, ...]:
        """Return the sort key of a value: IRIs, blank nodes and lists, then literals; `axe/2` before `axe/10`."""
        if isinstance(value, tuple):
            return 2, natural_sort_key(value[0]), [part or "" for part in value]
        if value not in self._orders:
            blank = value.startswith("_:")
            self._orders[value] = (
                (1, [self._colours.get(value, "")], value) if blank else (0, natural_sort_key(value), value)
            )
        return self._orders[value]

    def _refine(self) -> dict[str, str]:
        """Return a text for each blank node and list that depends on its context, not on its label.

        Labels differ between two parses, but the bytes must not. Colour refinement with a bounded number of rounds is used, not
        RDFC-1.0, whose time a hostile graph can make unbounded; nodes that remain equal are sorted by label.
        """
        blank = {node for node in (*self.nodes, *self.references) if node.startswith("_:")} - self.lists.keys()
        colours = dict.fromkeys(blank, "_:")

        def description(value: Value) -> str:
            if isinstance(value, tuple):
                return repr(value)
            return (
                f"({' '.join(map(description, self.lists[value]))})"
                if value in self.lists
                else colours.get(value, value)
            )

        triples = [
            (s, p, o, blank_leaves)
            for s, properties in self.nodes.items()
            for p, values in properties.items()
            for o in values
            if (blank_leaves := [leaf for leaf in self.leaves(o) if leaf in blank]) or s in blank
        ]
        distinct = 0
        for _ in range(_ROUNDS):
            around: dict[str, list[str]] = {node: [] for node in blank}
            for s, p, o, blank_leaves in triples:
                if s in blank:
                    around[s].append(f"> {p} {description(o)}")
                for leaf in blank_leaves:
                    around[str(leaf)].append(f"< {p} {description(s)}")
            colours = {node: _digest(sorted(lines)) for node, lines in around.items()}
            if len(set(colours.values())) in (distinct, len(blank)):
                break
            distinct = len(set(colours.values()))
        return colours | {head: description(head) for head in self.lists}


def _digest(lines: list[str]) -> str:
    return blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()


def _value(term: NamedNode | BlankNode | Literal | Triple) -> Value:
    if isinstance(term, NamedNode):
        return term.value
    if isinstance(term, Literal):
        direction = term.direction
        return term.value, term.datatype.value, term.language, None if direction is None else str(direction)
    if isinstance(term, BlankNode):
        return "_:" + term.value
    raise ValueError("a triple term (RDF 1.2) has no form in JSON-LD 1.1")


def _lists(nodes: dict[str, Properties], references: dict[str, int]) -> dict[str, list[Value]]:
    """Return the items of every well-formed list by its head, and remove the cells from `nodes`.

    Well-formed: blank cells with one rdf:first, one rdf:rest and nothing else, each referred to once, ending in rdf:nil
    (JSON-LD 1.1 API, section 8.4), the first one by a node that is not a cell of an unreferenced cycle of lists.
    """
    rest: dict[str, str] = {}
    for node, properties in nodes.items():
        if node.startswith("_:") and references.get(node) == 1 and properties.keys() == {FIRST, REST}:
            (after, *more) = properties[REST]
            if not more and isinstance(after, str) and len(properties[FIRST]) == 1:
                rest[node] = after
    before = {after: node for node, after in rest.items() if after in rest}
    heads: dict[str, list[str]] = {}
    for node in [node for node, after in rest.items() if after == NIL]:
        cells = [node]
        while cells[-1] in before:
            cells.append(before[cells[-1]])
        heads[cells[-1]] = cells[::-1]
    inner = {cell for cells in heads.values() for cell in cells}
    level = [
        value
        for node, properties in nodes.items()
        if node not in inner
        for values in properties.values()
        for value in values
        if isinstance(value, str) and value in heads
    ]
    found: dict[str, list[Value]] = {}
    for _ in range(LIST_DEPTH):
        for head in level:
            found[head] = [next(iter(nodes.pop(cell)[FIRST])) for cell in heads[head]]
        level = [item for head in level for item in found[head] if isinstance(item, str) and item in heads]
    return found


def place_nodes(graph: JsonLdGraph, root: str | None, edges: Callable[[str], Iterable[Edge]]) -> dict[str, Parent]:
    """Return the position of each described node: nested once, under the node nearest to `root`, or at the top.

    Breadth first from the root; ties are broken by the order of keys in the context, then of parents, then of values. Of
    the nodes that the root does not reach, IRIs are at the top and blank nodes are nested where they are referred to.
    """
    parents: dict[str, Parent] = {}
    if root is not None:
        _place_level([root], parents, edges)
    unplaced = sorted((node for node in graph.nodes if node not in parents), key=graph.order)
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
            (rank, index, order, child, (parent, key))
            for index, parent in enumerate(level)
            for order, (rank, key, child) in enumerate(edges(parent))
            if child not in parents
        ]
        level = []
        for _, _, _, child, parent_key in sorted(found):
            if child not in parents:
                parents[child] = None if depth % DEPTH == 0 else parent_key
                level.append(child)
        depth += 1
