"""The SHACL shapes of a release for their documentation: targets, paths, parameters and the terms they mention."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, NamedTuple

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

    `predicate` is the path if it is a single property, else "". `parameters` are the SHACL parameters by local name, `queries` the nodes of its SPARQL constraints.
    """

    iri: str
    targets: tuple[Target, ...]
    path: str
    properties: tuple[str, ...]
    predicate: str
    severity: str
    parameters: dict[str, list[Term]]
    queries: tuple[Term, ...]

    def number(self, name: str) -> int | None:
        """Return the value of a parameter that is a number, None if it has none."""
        values = [each.value for each in self.parameters.get(name, ())]
        return int(values[0]) if values and values[0].isascii() and values[0].isdigit() else None


GroupKind = Literal["class", "properties", "vocabulary", "resource", "parts"]
_KINDS: Final[tuple[GroupKind, ...]] = ("class", "properties", "vocabulary", "resource", "parts")
MAX_GROUP: Final = 25
"""Shapes of one group; further ones make another group of the same subject."""


class Group(NamedTuple):
    """Shapes with one subject, which a page describes together: the name of the page, and what its subject is.

    `subject` is the IRI of one of our classes or of a single resource, or the prefix of another vocabulary, else the
    start of its IRIs. Shapes of several subjects belong to the first. `part` is 1, 2… if there are more than a page has.
    """

    name: str
    kind: GroupKind
    subject: str
    part: int
    shapes: tuple[Shape, ...]


class Constraint(NamedTuple):
    """What the shapes of a class require of a property: the number of values (None: any), and their classes or types."""

    least: int
    most: int | None
    types: tuple[str, ...]


class Shapes:
    """The shapes among some quads, by IRI."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.quads = tuple(quads)
        self.graph = Graph(self.quads)
        self._prefixes = {prefix: namespace for prefix, namespace, _ in self.prefixes() if prefix and namespace}
        named = (node for node in self.graph.subjects() if isinstance(node, NamedNode))
        shapes = (node for node in named if not SHAPES.isdisjoint(self.graph.types(node)))
        self.all = {node.value: self.part(node) for node in sorted(shapes, key=lambda each: each.value)}
        self._by_term: dict[str, dict[str, None]] = defaultdict(dict)
        for shape in self.all.values():
            for iri in self._terms(shape):
                self._by_term[iri][shape.iri] = None

    def mentioning(self, iri: str) -> list[Shape]:
        """Return the shapes that mention a term: as target, in a path, as class of values, or in a query."""
        return [self.all[name] for name in self._by_term.get(iri, ())]

    def prefixes(self) -> list[tuple[str, str, str]]:
        """Return each prefix that queries may use with its namespace and the IRI of its declaration, sorted.

        Source: SHACL, section 5.2.1.
        """
        nodes = [node for node in self.graph.subjects() if self.graph.one(node, SH + "prefix")]
        return sorted(
            (self.graph.value(n, SH + "prefix"), self.graph.value(n, SH + "namespace"), n.value) for n in nodes
        )

    def part(self, node: Node) -> Shape:
        """Return a shape, which may be a part of another and have no name."""
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
        return Shape(
            node.value,
            tuple(targets),
            self._path(path) if path else "",
            tuple(dict.fromkeys(self._path_properties(path))),
            path.value if isinstance(path, NamedNode) else "",
            self.graph.value(node, SH + "severity") or SH + "Violation",  # the default: SHACL, section 2.1.4
            parameters,
            tuple(properties_of_node.get(SH + "sparql", ())),
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

    @property
    def rules(self) -> list[Shape]:
        """The shapes that examine something by themselves, that is, have a target; the others are parts of these."""
        return [each for each in self.all.values() if each.targets]

    def groups(self, terms: Iterable[str]) -> dict[str, Group]:
        """Return the groups of all shapes by name, in the order of `terms`, the terms of the ontology.

        First come those of our classes, then that of our properties, then the other vocabularies, then single resources;
        last the shapes that only other shapes use.
        """
        order = {iri: number for number, iri in enumerate(terms)}
        last = len(_KINDS) - 1, 0, "", 0, ""
        ranked = [
            (min((_rank(each, order) for each in shape.targets), default=last), shape) for shape in self.all.values()
        ]
        subjects: dict[tuple[GroupKind, str], list[Shape]] = {}
        for (kind, _, subject, *_), shape in sorted(ranked, key=lambda pair: (pair[0], pair[1].iri)):
            subjects.setdefault((_KINDS[kind], subject), []).append(shape)
        groups: dict[str, Group] = {}
        for (group, subject), shapes in subjects.items():
            for part, start in enumerate(range(0, len(shapes), MAX_GROUP), 1):
                name = _group_name(group, subject, groups)
                groups[name] = Group(name, group, subject, part, tuple(shapes[start : start + MAX_GROUP]))
        return groups

    def constraints(self, classes: Iterable[str]) -> dict[str, Constraint]:
        """Return what a resource of all these classes must have, by property; what only warns does not count."""
        found: dict[str, Constraint] = {}
        for iri, one in (pair for cls in classes for pair in self._constraints.get(cls, ())):
            before = found.get(iri, Constraint(0, None, ()))
            limits = [each for each in (before.most, one.most) if each is not None]
            types = tuple(dict.fromkeys((*before.types, *one.types)))
            found[iri] = Constraint(max(before.least, one.least), min(limits, default=None), types)
        return found

    @cached_property
    def _constraints(self) -> dict[str, list[tuple[str, Constraint]]]:
        """The constraints on single properties by target class."""
        found: dict[str, list[tuple[str, Constraint]]] = defaultdict(list)
        for shape in self.rules:
            parts = [self.part(each) for each in shape.parameters.get("property", ()) if isinstance(each, BlankNode)]
            for each in (shape, *parts):
                if each.predicate and shape.severity == SH + "Violation":
                    types = (*each.parameters.get("class", ()), *each.parameters.get("datatype", ()))
                    one = Constraint(
                        each.number("minCount") or 0, each.number("maxCount"), tuple(term.value for term in types)
                    )
                    for target in shape.targets:
                        if target.kind == "Class":
                            found[target.iri].append((each.predicate, one))
        return found

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


def _rank(target: Target, order: Mapping[str, int]) -> tuple[int, int, str, int, str]:
    """Return the place of a shape with this target: the kind of its group, what sorts it, the subject, what decides ties.

    `order` has the position of each term of the ontology.
    """
    last = TARGETS.index(target.kind)
    if target.kind == "Node":
        return 3, 0, target.iri, last, target.iri
    if target.iri not in order:
        return 2, 0, vocabulary(target.iri), last, target.iri
    own_page = target.kind == "Class"
    return 0 if own_page else 1, order[target.iri], target.iri if own_page else "", last, target.iri


def vocabulary(iri: str) -> str:
    """Return the prefix of a term, else its namespace."""
    short = shorten(iri)
    return short.partition(":")[0] if short != iri else iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _group_name(kind: GroupKind, subject: str, taken: Collection[str]) -> str:
    """Return the name of the page of a group: that of the class, the prefix, the last segment of an IRI, or the kind."""
    words = re.sub(r"\W+", "-", subject.rstrip("/#").replace("#", "/").rpartition("/")[2]).strip("-")
    name = (words if kind in ("class", "vocabulary", "resource") else "") or kind
    number = next(each for each in range(1, 9**9) if (f"{name}-{each}" if each > 1 else name) not in taken)
    return f"{name}-{number}" if number > 1 else name
