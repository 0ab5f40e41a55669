"""Rules: the shapes that have a target, and the patterns of their focus nodes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pyshacl.errors import ReportableRuntimeError
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDFS, SH, SKOS, Graph
from rdflib.term import Node

from cper_lod.rdf.shacl.store import stored_term

_TARGETS: Final = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)


class InvalidShapeError(Exception):
    """A shape that is invalid, or whose query cannot be run: its IRI ("" if pyshacl does not say which it is), and the reason."""

    def __init__(self, shape: str, error: Exception) -> None:
        reason = " ".join(str(error).split())
        super().__init__(shape, reason)
        self.shape, self.reason = shape, reason


@dataclass(frozen=True)
class Rule:
    """A shape with a target."""

    shape: Shape
    patterns: frozenset[str]
    """Each binds `?this`, and no other variable, to focus nodes, once to each."""
    nodes: tuple[Node, ...]
    """The focus nodes that the shape names."""
    may_be_idle: bool
    """Whether the shape documents (skos:scopeNote) that it may have no focus node."""


def read_shapes(shapes: Graph) -> ShapesGraph:
    """Return the shapes as pyshacl reads them; raises InvalidShapeError."""
    graph = ShapesGraph(shapes)
    try:
        list(graph.shapes)
    except ReportableRuntimeError as error:
        raise InvalidShapeError("", error) from error
    return graph


Subclasses = Callable[[Node], Sequence[str]]


def subclasses_in(data: Graph) -> Subclasses:
    """Return a function that returns a class and those below it in the data, in SPARQL."""
    below: dict[Node, list[Node]] = {}
    for subject, superclass in data.subject_objects(RDFS.subClassOf):
        below.setdefault(superclass, []).append(subject)

    def subclasses(class_: Node) -> list[str]:
        found, pending = dict[Node, None](), [class_]
        while pending:
            if (each := pending.pop()) not in found:
                found[each] = None
                pending += below.get(each, ())
        return [str(stored_term(each)) for each in found]

    return subclasses


def rules_of(shapes: ShapesGraph, subclasses: Subclasses) -> list[Rule]:
    """Return the shapes that have a target, sorted by name."""
    found = [each for each in shapes.shapes if any((each.node, target, None) in shapes.graph for target in _TARGETS)]
    return [_rule(each, shapes.graph, subclasses) for each in sorted(found, key=lambda each: str(each.node))]


def _rule(shape: Shape, graph: Graph, subclasses: Subclasses) -> Rule:
    def all_of(predicate: Node) -> list[Node]:
        return list(graph.objects(shape.node, predicate))

    classes = [*all_of(SH.targetClass), *shape.implicit_class_targets()]  # type: ignore[no-untyped-call]
    patterns = [f"?this a {name} ." for each in classes for name in subclasses(each)]
    for each in all_of(SH.targetSubjectsOf):
        patterns.append(f"{{ SELECT DISTINCT ?this {{ ?this {stored_term(each)} ?other }} }}")
    for each in all_of(SH.targetObjectsOf):
        patterns.append(f"{{ SELECT DISTINCT ?this {{ ?other {stored_term(each)} ?this }} }}")
    may_be_idle = (shape.node, SKOS.scopeNote, None) in graph
    return Rule(shape, frozenset(patterns), tuple(sorted(all_of(SH.targetNode), key=str)), may_be_idle)
