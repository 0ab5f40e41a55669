"""The constraints of the shapes and the ontology on the resources of a class, property by property."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from pyoxigraph import NamedNode, RdfFormat, parse

from cper_lod.core.namespaces import OWL, RDF, RDFS, SCHEMA, SH, XSD
from cper_lod.rdf.graph import Graph, Term
from cper_lod.release.docs.vocabulary import PROPERTIES, defined
from cper_lod.release.release import Release


@dataclass(frozen=True)
class Constraint:
    """The constraints on the values of one property (SHACL, section 4); None and empty mean no constraint."""

    path: str
    min_count: int = 0
    max_count: int | None = None
    datatype: str | None = None
    class_iri: str | None = None
    node_kind: str | None = None
    pattern: str | None = None
    has_value: Term | None = None
    in_values: tuple[Term, ...] = ()
    min_inclusive: str | None = None
    max_inclusive: str | None = None
    min_length: int | None = None
    max_length: int | None = None

    def merged(self, other: "Constraint") -> "Constraint":
        """Return the conjunction with another constraint; where both cannot be combined, this one counts."""
        max_counts = [each for each in (self.max_count, other.max_count) if each is not None]
        filled = {
            name: mine if mine is not None else getattr(other, name)
            for name in (
                "datatype",
                "class_iri",
                "node_kind",
                "pattern",
                "has_value",
                "min_inclusive",
                "max_inclusive",
                "min_length",
                "max_length",
            )
            for mine in [getattr(self, name)]
        }
        in_values = self.in_values or other.in_values
        return replace(
            self,
            min_count=max(self.min_count, other.min_count),
            max_count=min(max_counts, default=None),
            in_values=in_values,
            **filled,
        )


@dataclass(frozen=True)
class ConstraintIndex:
    """The constraints on instances of each class and on subjects of each property, and the axioms of the ontology.

    `by_class` and `by_subjects_of` come from the shapes, by their targets; `ranges` (of properties), `properties` (of
    classes) and `superclasses` come from the ontology.
    """

    by_class: dict[str, list[Constraint]] = field(default_factory=dict)
    by_subjects_of: dict[str, list[Constraint]] = field(default_factory=dict)
    ranges: dict[str, str] = field(default_factory=dict)
    properties: dict[str, list[str]] = field(default_factory=dict)
    superclasses: dict[str, list[str]] = field(default_factory=dict)

    def ancestry(self, cls: str) -> list[str]:
        """Return a class and all its superclasses, nearest first."""
        found = [cls]
        for each in found:
            found.extend(name for name in self.superclasses.get(each, ()) if name not in found)
        return found

    def for_class(self, cls: str) -> dict[str, Constraint]:
        """Return the constraints on instances of a class, including those of its superclasses, by property.

        Properties that the ontology assigns to the class are included, constrained by their range only.
        """
        classes = self.ancestry(cls)
        declared = [Constraint(path) for name in classes for path in self.properties.get(name, ())]
        return self._merge([*(each for name in classes for each in self.by_class.get(name, ())), *declared])

    def for_subjects_of(self, path: str) -> dict[str, Constraint]:
        """Return the constraints on resources that have the property `path`, by property."""
        return self._merge(self.by_subjects_of.get(path, ()))

    def _merge(self, constraints: Iterable[Constraint]) -> dict[str, Constraint]:
        found: dict[str, Constraint] = {}
        for each in constraints:
            found[each.path] = found[each.path].merged(each) if each.path in found else each
        return {path: self.with_range(each) for path, each in found.items()}

    def with_range(self, constraint: Constraint) -> Constraint:
        """Return a constraint with the range of its property, if it has neither class nor datatype."""
        range_iri = self.ranges.get(constraint.path)
        if range_iri is None or constraint.datatype or constraint.class_iri or range_iri == RDFS + "Literal":
            return constraint
        literal = range_iri.startswith(XSD) or range_iri == RDF + "langString"
        return replace(constraint, datatype=range_iri) if literal else replace(constraint, class_iri=range_iri)


def read_constraints(release: Release) -> ConstraintIndex:
    """Return the constraints of the shapes and the ontology of a release.

    Reads property shapes with a single predicate as path, targeted at a class or at the subjects of a property, with
    severity Violation. The rest of SHACL (paths, SPARQL, logical constraints, node targets) is left to SHACL.
    """
    graph = Graph(parse(b"\n".join(release.shapes.beginning(b"")), RdfFormat.N_QUADS, lenient=True))
    classes, subjects = defaultdict[str, list[Constraint]](list), defaultdict[str, list[Constraint]](list)
    for shape in graph.subjects():
        targets = [(classes, each.value) for each in graph.all(shape, SH + "targetClass")]
        targets += [(subjects, each.value) for each in graph.all(shape, SH + "targetSubjectsOf")]
        if targets:
            for constraint in _constraints(graph, shape):
                for found, target in targets:
                    found[target].append(constraint)
    return ConstraintIndex(dict(classes), dict(subjects), *_ontology_constraints(release))


def _constraints(graph: Graph, shape: Term) -> Iterator[Constraint]:
    """Yield the constraints of a shape: its own if it is a property shape, and those of its property shapes."""
    if graph.value(shape, SH + "deactivated") == "true" or graph.value(shape, SH + "severity") in (
        SH + "Warning",
        SH + "Info",
    ):
        return
    path = graph.one(shape, SH + "path")
    if isinstance(path, NamedNode):
        yield _constraint(graph, shape, path.value)
    if path is None:
        for each in graph.all(shape, SH + "property"):
            yield from _constraints(graph, each)


def _constraint(graph: Graph, shape: Term, path: str) -> Constraint:
    def text(name: str) -> str | None:
        return graph.value(shape, SH + name) or None

    def number(name: str) -> int | None:
        value = text(name)
        return int(value) if value is not None and value.isascii() and value.isdigit() else None

    value, kind, flags = graph.one(shape, SH + "hasValue"), text("nodeKind"), text("flags")
    return Constraint(
        path,
        number("minCount") or 0,
        number("maxCount"),
        text("datatype"),
        text("class"),
        kind.removeprefix(SH) if kind else None,
        None if flags else text("pattern"),
        value,
        tuple(_items(graph, graph.one(shape, SH + "in"))),
        text("minInclusive"),
        text("maxInclusive"),
        number("minLength"),
        number("maxLength"),
    )


def _items(graph: Graph, head: Term | None) -> Iterator[Term]:
    """Yield the items of an RDF list."""
    seen = set()
    while head is not None and head not in seen:
        seen.add(head)
        yield from graph.all(head, RDF + "first")
        head = graph.one(head, RDF + "rest")


def _ontology_constraints(release: Release) -> tuple[dict[str, str], dict[str, list[str]], dict[str, list[str]]]:
    """Return ranges, properties by class, and superclasses, from the ontology."""
    ranges: dict[str, str] = {}
    properties, superclasses = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for iri in dict.fromkeys(defined(release, PROPERTIES)):
        description = _described(release, iri)
        ranges_found = [
            each.value for each in description.all(NamedNode(iri), RDFS + "range") if isinstance(each, NamedNode)
        ]
        if len(ranges_found) == 1:
            ranges[iri] = ranges_found[0]
        for name in (RDFS + "domain", SCHEMA + "domainIncludes"):
            for cls in description.all(NamedNode(iri), name):
                properties[cls.value].append(iri)
    for iri in dict.fromkeys(defined(release, (OWL + "Class", RDFS + "Class"))):
        above = _described(release, iri).all(NamedNode(iri), RDFS + "subClassOf")
        superclasses[iri] += [each.value for each in above if isinstance(each, NamedNode)]
    return ranges, dict(properties), dict(superclasses)


def _described(release: Release, iri: str) -> Graph:
    return Graph(parse(b"\n".join(release.data.beginning(f"<{iri}> ".encode())), RdfFormat.N_QUADS, lenient=True))
