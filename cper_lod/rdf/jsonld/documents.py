"""The forms of JSON-LD: nested (one root object, each node at the position nearest to the root), flattened, expanded."""

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from cper_lod.core.namespaces import KNOWN_BY, NAMED_BY
from cper_lod.rdf.jsonld.compaction import MARGIN, STRING, TYPE, Compactor, Entry, is_class
from cper_lod.rdf.jsonld.context import Context, TermDefinition
from cper_lod.rdf.jsonld.graph import Edge, JsonLdGraph, Value, place_nodes
from cper_lod.rdf.jsonld.json_text import INDENT, Json, format_array, format_object, quoted

_NONE: Final = Context.parse({"@context": {}})
_MAX_SUMMARY: Final = 2000
"""Maximum length of names and number that are repeated with a reference."""


class NestedDocument(Compactor):
    """Makes one nested document."""

    def __init__(self, graph: JsonLdGraph, context: Context, root: str | None) -> None:
        super().__init__(graph, context)
        self.root = root if root in graph.nodes else None
        self._entries: dict[str, list[Entry]] = {}
        self._names_only: dict[str, bool] = {}
        self._objects: dict[tuple[str, str], str] = {}
        self._written_nodes: set[str] = set()

    @cached_property
    def parents(self) -> dict[str, tuple[str, str] | None]:
        """The position of each described node, None for the top."""
        return place_nodes(self.graph, self.root, self._edges)

    def text(self, address: str | None) -> str:
        """Return the document (see `jsonld.write`)."""
        tops = (node for node, home in self.parents.items() if home is None)
        parts = [self.context_member(address)]
        if self.root is not None:
            parts += self._members(self.root, MARGIN)
            tops = (node for node in tops if node not in self._written_nodes)
        # Nodes with only names come last, since most of them are written where they are referred to.
        ordered = sorted(tops, key=lambda node: (self._has_only_names(node), self.graph.order(node)))
        objects = [self._object(node, MARGIN) for node in ordered if node not in self._written_nodes]
        if objects or self.root is None:
            key = self.context.keyword("@graph" if self.root is None else "@included")
            parts.append(f"{quoted(key)}: {format_array(objects, MARGIN)}")
        return format_object(parts, "\n")

    def _has_only_names(self, node: str) -> bool:
        """Return whether `node` has only names (and is not the root).

        Such a node is repeated at each reference, so that clients find the name where they need it.
        """
        if node not in self._names_only:
            properties = self.graph.nodes.get(node, {})
            self._names_only[node] = (
                self.root not in (None, node)
                and bool(properties)
                and not node.startswith("_:")
                and all(
                    name in NAMED_BY and all(isinstance(each, tuple) for each in values)
                    for name, values in properties.items()
                )
            )
        return self._names_only[node]

    def _object(self, node: str, margin: str) -> str:
        return format_object(self._members(node, margin + INDENT), margin)

    def _members(self, node: str, margin: str) -> list[str]:
        """Return the members of the object of `node` at its only position, or one of several if it has only names (section 9.2)."""
        self._written_nodes.add(node)
        named = not node.startswith("_:") or self.graph.references.get(node, 0) > (self.parents[node] is not None)
        parts = [self.identifier(node)] if named else []
        return parts + self.node_members(node, self._keys(node), margin)

    def _keys(self, node: str) -> list[Entry]:
        if node not in self._entries:
            self._entries[node] = self.entries(self.graph.nodes[node])
        return self._entries[node]

    def _edges(self, node: str) -> Iterable[Edge]:
        """Yield the nodes that can be nested in `node`: values under keys without type coercion."""
        for term, values in self._keys(node):
            if term.type is None and not term.language:
                for value in values:
                    for leaf in self.graph.leaves(value):
                        if isinstance(leaf, str) and leaf in self.graph.nodes and not self._has_only_names(leaf):
                            yield term.rank, term.name, leaf

    def resource(self, value: str, term: TermDefinition, node: str, margin: str) -> str:
        """Return the object of `value` if its position is here, else a reference."""
        if self.parents.get(value) == (node, term.name) and value not in self._written_nodes:
            return self._object(value, margin)
        if self._has_only_names(value):
            if (value, margin) not in self._objects:
                self._objects[value, margin] = self._object(value, margin)
            return self._objects[value, margin]
        home = self.parents.get(value)
        if home and home[1] == term.name and not value.startswith("_:"):
            return self._summary(value, margin)
        return super().resource(value, term, node, margin)

    def _summary(self, node: str, margin: str) -> str:
        """Return a reference with names and number, for a node that is nested under the same key of another object."""
        if (node, margin) not in self._objects:
            known = [
                (term, values)
                for term, values in self._keys(node)
                if term.iri in KNOWN_BY and all(isinstance(each, tuple) for each in values)
            ]
            parts = self.node_members(node, known, margin + INDENT, typed=False)
            short = sum(map(len, parts)) <= _MAX_SUMMARY
            self._objects[node, margin] = format_object([self.identifier(node), *(parts if short else ())], margin)
        return self._objects[node, margin]


def expanded(graph: JsonLdGraph) -> list[Json]:
    """Return the node objects of a graph in expanded form (JSON-LD 1.1, section 9.2; API, section 5.1)."""
    writer = Compactor(graph, _NONE)  # for blank node labels
    return [_expanded_node(node, writer) for node in sorted(graph.nodes, key=graph.order)]


def _expanded_node(node: str, writer: Compactor) -> Json:
    graph = writer.graph
    parts: dict[str, Json] = {"@id": writer.label(node)}
    types: list[Json] = [*sorted(value for value in graph.nodes[node].get(TYPE, ()) if is_class(value))]
    if types:
        parts["@type"] = types
    for iri, values in sorted(graph.nodes[node].items()):
        others = sorted((value for value in values if iri != TYPE or not is_class(value)), key=graph.order)
        if others:
            parts[iri] = [_expanded_value(value, writer) for value in others]
    return parts


def _expanded_value(value: Value, writer: Compactor) -> Json:
    """Return a value object, a node reference or a list object; never a JSON number, so no digit is lost."""
    if isinstance(value, str):
        if value not in writer.graph.lists:
            return {"@id": writer.label(value)}
        return {"@list": [_expanded_value(item, writer) for item in writer.graph.lists[value]]}
    lexical, datatype, language, direction = value
    parts: dict[str, Json] = {"@value": lexical}
    if language is not None:
        parts["@language"] = language
        return parts | ({"@direction": direction} if direction else {})
    return parts if datatype == STRING else parts | {"@type": datatype}


def flattened(graph: JsonLdGraph, context: Context, address: str | None) -> str:
    """Return a graph as a flattened document, compacted with `context` (JSON-LD 1.1 API, section 5.3)."""
    writer = Compactor(graph, context)
    objects = []
    for node in sorted(graph.nodes, key=graph.order):
        entries = writer.entries(graph.nodes[node])
        objects.append(
            format_object([writer.identifier(node), *writer.node_members(node, entries, MARGIN + INDENT)], MARGIN)
        )
    nodes = f"{quoted(context.keyword('@graph'))}: {format_array(objects, MARGIN)}"
    return format_object([writer.context_member(address), nodes], "\n")
