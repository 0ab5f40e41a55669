"""What the shapes and the ontology of a release demand of the resources of a class, property by property."""

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
    """What is demanded of the values of one property (SHACL, section 4); None and empty demand nothing."""

    path: str
    least: int = 0
    most: int | None = None
    datatype: str | None = None
    cls: str | None = None
    kind: str | None = None
    pattern: str | None = None
    value: Term | None = None
    among: tuple[Term, ...] = ()
    lowest: str | None = None
    highest: str | None = None
    shortest: int | None = None
    longest: int | None = None

    def merged(self, other: "Constraint") -> "Constraint":
        """Return what both demand; where both say something that cannot be joined, what this one says."""
        most = [each for each in (self.most, other.most) if each is not None]
        filled = {
            name: mine if mine is not None else getattr(other, name)
            for name in ("datatype", "cls", "kind", "pattern", "value", "lowest", "highest", "shortest", "longest")
            for mine in [getattr(self, name)]
        }
        among = self.among or other.among
        return replace(self, least=max(self.least, other.least), most=min(most, default=None), among=among, **filled)


@dataclass(frozen=True)
class ConstraintIndex:
    """What is demanded of the instances of each class, and of the subjects of each property; and what terms mean.

    `classes` and `subjects` hold the constraints of the shapes; `ranges` the range of each property, `members` the
    properties that the ontology says of each class, `supers` the superclasses of each class.
    """

    classes: dict[str, list[Constraint]] = field(default_factory=dict)
    subjects: dict[str, list[Constraint]] = field(default_factory=dict)
    ranges: dict[str, str] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)
    supers: dict[str, list[str]] = field(default_factory=dict)

    def ancestry(self, cls: str) -> list[str]:
        """Return a class and all its superclasses, nearest first."""
        found = [cls]
        for each in found:
            found.extend(name for name in self.supers.get(each, ()) if name not in found)
        return found

    def of_class(self, cls: str) -> dict[str, Constraint]:
        """Return what is demanded of the instances of a class, its superclasses' demands included, by property.

        Properties that the ontology says of the class are there too, with no demand but their range.
        """
        lines = self.ancestry(cls)
        told = [Constraint(path) for name in lines for path in self.members.get(name, ())]
        return self._joined([*(each for name in lines for each in self.classes.get(name, ())), *told])

    def of_subjects(self, path: str) -> dict[str, Constraint]:
        """Return what is demanded of whatever has the property `path`, by property."""
        return self._joined(self.subjects.get(path, ()))

    def _joined(self, constraints: Iterable[Constraint]) -> dict[str, Constraint]:
        found: dict[str, Constraint] = {}
        for each in constraints:
            found[each.path] = found[each.path].merged(each) if each.path in found else each
        return {path: self.ranged(each) for path, each in found.items()}

    def ranged(self, constraint: Constraint) -> Constraint:
        """Return a constraint with the range of its property where it names neither a class nor a datatype."""
        meant = self.ranges.get(constraint.path)
        if meant is None or constraint.datatype or constraint.cls or meant == RDFS + "Literal":
            return constraint
        literal = meant.startswith(XSD) or meant == RDF + "langString"
        return replace(constraint, datatype=meant) if literal else replace(constraint, cls=meant)


def read_constraints(release: Release) -> ConstraintIndex:
    """Return what the shapes and the ontology of a release demand; empty where it has none.

    Read are property shapes on one property, targeted at a class or at the subjects of a property, whose findings are
    violations. What else SHACL can say (paths, SPARQL, logic, one node as target) stays with SHACL.
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
    return ConstraintIndex(dict(classes), dict(subjects), *_meanings(release))


def _constraints(graph: Graph, shape: Term) -> Iterator[Constraint]:
    """Yield the constraints of a shape: its own where it is a property shape, and those of its property shapes."""
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
        said = text(name)
        return int(said) if said is not None and said.isascii() and said.isdigit() else None

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


def _meanings(release: Release) -> tuple[dict[str, str], dict[str, list[str]], dict[str, list[str]]]:
    """Return ranges, properties by class, and superclasses, as the data of a release define them."""
    ranges: dict[str, str] = {}
    members, supers = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for iri in dict.fromkeys(defined(release, PROPERTIES)):
        said = _described(release, iri)
        named = [each.value for each in said.all(NamedNode(iri), RDFS + "range") if isinstance(each, NamedNode)]
        if len(named) == 1:
            ranges[iri] = named[0]
        for name in (RDFS + "domain", SCHEMA + "domainIncludes"):
            for cls in said.all(NamedNode(iri), name):
                members[cls.value].append(iri)
    for iri in dict.fromkeys(defined(release, (OWL + "Class", RDFS + "Class"))):
        above = _described(release, iri).all(NamedNode(iri), RDFS + "subClassOf")
        supers[iri] += [each.value for each in above if isinstance(each, NamedNode)]
    return ranges, dict(members), dict(supers)


def _described(release: Release, iri: str) -> Graph:
    return Graph(parse(b"\n".join(release.data.beginning(f"<{iri}> ".encode())), RdfFormat.N_QUADS, lenient=True))
