"""The nested form of JSON-LD: one root object, each node at the one place that is nearest to it."""

from collections.abc import Iterable
from functools import cached_property
from typing import Final

from cper_lod.core.namespaces import KNOWN_BY, LABELS
from cper_lod.rdf.jsonld.compaction import MARGIN, Compactor, Entry
from cper_lod.rdf.jsonld.context import Context, Term
from cper_lod.rdf.jsonld.graph import Edge, JsonLdGraph, place_nodes
from cper_lod.rdf.jsonld.json_text import INDENT, format_array, format_object, quoted

_MAX_SUMMARY: Final = 2000
"""Characters of names and number that are repeated where a thing is listed a second time."""


class NestedDocument(Compactor):
    """Makes one document; holds what has been given a place in it."""

    def __init__(self, graph: JsonLdGraph, context: Context, root: str | None) -> None:
        super().__init__(graph, context)
        self.root = root if root in graph.nodes else None
        self._entries: dict[str, list[Entry]] = {}
        self._cards: dict[str, bool] = {}
        self._objects: dict[tuple[str, str], str] = {}
        self._written: set[str] = set()

    @cached_property
    def homes(self) -> dict[str, tuple[str, str] | None]:
        """Where each described node stands, None for the top."""
        return place_nodes(self.graph, self.root, self._edges)

    def text(self, address: str | None) -> str:
        """Return the document (`jsonld.write`)."""
        tops = (node for node, home in self.homes.items() if home is None)
        made = [self.context_member(address)]
        if self.root is not None:
            made += self._members(self.root, MARGIN)
            tops = (node for node in tops if node not in self._written)
        # Names alone come last: most of them are written within the others, where they are referred to.
        ordered = sorted(tops, key=lambda node: (self._is_card(node), self.graph.order(node)))
        objects = [self._object(node, MARGIN) for node in ordered if node not in self._written]
        if objects or self.root is None:
            key = self.context.keyword("@graph" if self.root is None else "@included")
            made.append(f"{quoted(key)}: {format_array(objects, MARGIN)}")
        return format_object(made, "\n")

    def _is_card(self, node: str) -> bool:
        """Say whether `node` is described by its names alone, beside a root.

        Such a node is repeated wherever it is referred to: a client finds the name where it needs it.
        """
        if node not in self._cards:
            properties = self.graph.nodes.get(node, {})
            self._cards[node] = (
                self.root not in (None, node)
                and bool(properties)
                and not node.startswith("_:")
                and all(
                    name in LABELS and all(isinstance(each, tuple) for each in values)
                    for name, values in properties.items()
                )
            )
        return self._cards[node]

    def _object(self, node: str, margin: str) -> str:
        return format_object(self._members(node, margin + INDENT), margin)

    def _members(self, node: str, margin: str) -> list[str]:
        """Return the members of the object of `node` here: its only place, but for names alone (section 9.2)."""
        self._written.add(node)
        named = not node.startswith("_:") or self.graph.references.get(node, 0) > (self.homes[node] is not None)
        made = [self.identifier(node)] if named else []
        return made + self.node_members(node, self._keys(node), margin)

    def _keys(self, node: str) -> list[Entry]:
        if node not in self._entries:
            self._entries[node] = self.entries(self.graph.nodes[node])
        return self._entries[node]

    def _edges(self, node: str) -> Iterable[Edge]:
        """Yield where `node` can hold another: values under keys without coercion."""
        for term, values in self._keys(node):
            if term.type is None and not term.language:
                for value in values:
                    for leaf in self.graph.leaves(value):
                        if isinstance(leaf, str) and leaf in self.graph.nodes and not self._is_card(leaf):
                            yield term.rank, term.name, leaf

    def resource(self, value: str, term: Term, node: str, margin: str) -> str:
        """Return the object of `value` where its place is here, else a reference."""
        if self.homes.get(value) == (node, term.name) and value not in self._written:
            return self._object(value, margin)
        if self._is_card(value):
            if (value, margin) not in self._objects:
                self._objects[value, margin] = self._object(value, margin)
            return self._objects[value, margin]
        home = self.homes.get(value)
        if home and home[1] == term.name and not value.startswith("_:"):
            return self._card(value, margin)
        return super().resource(value, term, node, margin)

    def _card(self, node: str, margin: str) -> str:
        """Return a node that stands under the same key of another object: by its names and its number, no bare IRI."""
        if (node, margin) not in self._objects:
            known = [
                (term, values)
                for term, values in self._keys(node)
                if term.iri in KNOWN_BY and all(isinstance(each, tuple) for each in values)
            ]
            made = self.node_members(node, known, margin + INDENT, typed=False)
            short = sum(map(len, made)) <= _MAX_SUMMARY
            self._objects[node, margin] = format_object([self.identifier(node), *(made if short else ())], margin)
        return self._objects[node, margin]
