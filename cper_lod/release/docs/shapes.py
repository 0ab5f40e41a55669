"""The SHACL shapes of a release for their documentation: targets, paths, parameters and the terms they mention."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from pyoxigraph import BlankNode, NamedNode, Quad

from cper_lod.core.namespaces import RDF, SH, shorten
from cper_lod.rdf.graph import Graph, Node, Term

TargetKind = Literal["Class", "Node", "SubjectsOf", "ObjectsOf"]
TARGETS: Final[tuple[TargetKind, ...]] = ("Class", "SubjectsOf", "ObjectsOf", "Node")
SHAPES: Final = frozenset({SH + "NodeShape", SH + "PropertyShape"})
_PATH_FORMS: Final = {"inversePath": "^{}", "zeroOrMorePath": "{}*", "oneOrMorePath": "{}+", "zeroOrOnePath": "{}?"}
_NAME: Final = re.compile(r"(?<![\w<:/#-])([a-z][\w-]*):(\w[\w-]*)")
_MAX_DEPTH: Final = 20
"""Deeper paths are not written out."""


@dataclass(frozen=True)
class Target:
    """A target of a shape: instances of a class, subjects or objects of a property, or a node."""

    kind: TargetKind
    iri: str


@dataclass(frozen=True)
class Shape:
    """A shape: its targets, path (in SPARQL syntax, and the properties in it), parameters and queries.

    `parameters` are the SHACL parameters by local name, `queries` the nodes of its SPARQL constraints.
    """

    iri: str
    targets: tuple[Target, ...]
    path: str
    properties: tuple[str, ...]
    severity: str
    parameters: dict[str, list[Term]]
    queries: tuple[Term, ...]


class Shapes:
    """The shapes among some quads, by IRI."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.quads = tuple(quads)
        self.graph = Graph(self.quads)
        self._prefixes = dict(self._declared())
        named = (node for node in self.graph.subjects() if isinstance(node, NamedNode))
        shapes = (node for node in named if not SHAPES.isdisjoint(self.graph.types(node)))
        self.all = {node.value: self._shape(node) for node in sorted(shapes, key=lambda each: each.value)}
        self._by_term: dict[str, dict[str, None]] = defaultdict(dict)
        for shape in self.all.values():
            for iri in self._terms(shape):
                self._by_term[iri][shape.iri] = None

    def _declared(self) -> Iterator[tuple[str, str]]:
        """Yield each prefix that queries may use, with its namespace (SHACL, section 5.2.1)."""
        for node in self.graph.subjects():
            prefix, namespace = (self.graph.value(node, SH + name) for name in ("prefix", "namespace"))
            if prefix and namespace:
                yield prefix, namespace

    def mentioning(self, iri: str) -> list[Shape]:
        """Return the shapes that mention a term: as target, in a path, as class of values, or in a query."""
        return [self.all[name] for name in self._by_term.get(iri, ())]

    def prefixes(self) -> list[tuple[str, str, str]]:
        """Return each declared prefix with its namespace and the IRI of the declaration, sorted."""
        nodes = [node for node in self.graph.subjects() if self.graph.one(node, SH + "prefix")]
        return sorted(
            (self.graph.value(n, SH + "prefix"), self.graph.value(n, SH + "namespace"), n.value) for n in nodes
        )

    def part(self, node: BlankNode) -> Shape:
        """Return a shape without a name, which is a part of another."""
        return self._shape(node)

    def _shape(self, node: Node) -> Shape:
        properties_of_node = self.graph.properties(node)
        targets = [
            Target(kind, each.value)
            for kind in TARGETS
            for each in properties_of_node.get(f"{SH}target{kind}", ())
            if isinstance(each, NamedNode)
        ]
        path = self.graph.one(node, SH + "path")
        excluded = {"message", "severity", "path", "sparql", "name", "description", "order", "group"}
        parameters = {
            name.removeprefix(SH): values
            for name, values in properties_of_node.items()
            if name.startswith(SH) and not name.startswith(SH + "target") and name.removeprefix(SH) not in excluded
        }
        severity = self.graph.value(node, SH + "severity") or SH + "Violation"  # the default: SHACL, section 2.1.4
        properties = tuple(dict.fromkeys(self._path_properties(path)))
        queries = tuple(properties_of_node.get(SH + "sparql", ()))
        return Shape(
            node.value, tuple(targets), self._path(path) if path else "", properties, severity, parameters, queries
        )

    def _path(self, node: Term, depth: int = 0) -> str:
        """Return a path in SPARQL syntax (SHACL, section 2.3.1)."""
        if isinstance(node, NamedNode):
            short = shorten(node.value)
            return f"<{short}>" if short == node.value else short
        if depth == _MAX_DEPTH:
            return "…"
        listed = self.items(node)
        if listed:
            return self._join("/", listed, depth)
        for name, form in _PATH_FORMS.items():
            inner = self.graph.one(node, SH + name)
            if inner is not None:
                return form.format(self._path(inner, depth + 1))
        choice = self.graph.one(node, SH + "alternativePath")
        return self._join("|", self.items(choice) if choice else [], depth)

    def _join(self, separator: str, nodes: list[Term], depth: int) -> str:
        text = separator.join(self._path(each, depth + 1) for each in nodes)
        return f"({text})" if depth and len(nodes) > 1 else text

    def items(self, node: Term) -> list[Term]:
        """Return the items of an RDF list, empty if it is none."""
        found: list[Term] = []
        seen: set[Node] = set()
        while isinstance(node, BlankNode) and node not in seen:
            seen.add(node)
            found += self.graph.all(node, RDF + "first")[:1]
            node = self.graph.one(node, RDF + "rest") or node
        return found

    def _path_properties(self, node: Term | None) -> Iterator[str]:
        """Yield the properties in a path, in order."""
        waiting, seen = [node], set[Term | None]()
        while waiting:
            each = waiting.pop()
            if isinstance(each, NamedNode):
                if each.value != RDF + "nil":
                    yield each.value
            elif isinstance(each, BlankNode) and each not in seen:
                seen.add(each)
                waiting.extend(
                    value
                    for name in sorted(self.graph.properties(each), reverse=True)
                    for value in self.graph.all(each, name)
                )

    def _terms(self, shape: Shape) -> Iterator[str]:
        """Yield the IRIs of the terms that a shape mentions."""
        yield from (target.iri for target in shape.targets)
        yield from shape.properties
        yield from (each.value for each in shape.parameters.get("class", ()))
        for query in shape.queries:
            text = self.graph.value(query, SH + "select") or self.graph.value(query, SH + "ask")
            for prefix, name in _NAME.findall(text):
                if prefix in self._prefixes:
                    yield self._prefixes[prefix] + name
