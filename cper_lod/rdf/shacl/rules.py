"""Rules: the shapes that have a target, and the patterns of their focus nodes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pyshacl.errors import ReportableRuntimeError
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDFS, SH, SKOS, BNode, Graph, URIRef
from rdflib.term import Node

from cper_lod.core.errors import Phrase, Problem
from cper_lod.rdf.report import short_name
from cper_lod.rdf.shacl.store import stored_term

_SHAPES: Final = (SH.node, SH.property, SH["not"], SH.qualifiedValueShape)
_SHAPE_LISTS: Final = (SH["and"], SH["or"], SH.xone)
"""The properties whose values are shapes, and those whose values are lists of shapes."""
_TARGETS: Final = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)


def invalid_shape(shape: str, error: Exception) -> Problem:
    """Return the problem with a shape, given by its IRI, or "" if pyshacl does not say which it is."""
    reason = " ".join(str(error).split())
    return Problem("shapes-invalid", shape=short_name(shape) if shape else "shapes/", message=reason)


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
    """Return the shapes as pyshacl reads them; raises `shapes-invalid`."""
    graph = ShapesGraph(shapes)
    try:
        list(graph.shapes)
        _check_references(shapes)
    except (ReportableRuntimeError, ValueError) as error:  # the latter: a list without an end
        raise invalid_shape("", error) from error
    return graph


def _check_references(shapes: Graph) -> None:
    """Raise `shapes-invalid` for a shape that nothing describes, or a property shape without a path: pyshacl ignores both."""
    for predicate in (*_SHAPES, *_SHAPE_LISTS):
        name = short_name(str(predicate))
        for owner, value in shapes.subject_objects(predicate):
            for shape in shapes.items(value) if predicate in _SHAPE_LISTS else (value,):
                needed = SH.path if predicate == SH.property else None
                if (shape, needed, None) not in shapes:
                    other = "[ … ]" if isinstance(shape, BNode) else short_name(str(shape))
                    en = f"{name} names {other}, which is no shape, or has no path"
                    fr = f"{name} renvoie à {other}, qui n'est pas une forme ou n'a pas de chemin"
                    where = "shapes/" if isinstance(owner, BNode) else short_name(str(owner))
                    raise Problem("shapes-invalid", shape=where, message=Phrase(en, fr))


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
    """Return the shapes that have a target, sorted by name; raises `shapes-invalid`."""
    found = [each for each in shapes.shapes if any((each.node, target, None) in shapes.graph for target in _TARGETS)]
    return [_rule(each, shapes.graph, subclasses) for each in sorted(found, key=lambda each: str(each.node))]


def _rule(shape: Shape, graph: Graph, subclasses: Subclasses) -> Rule:
    def all_of(predicate: Node) -> list[Node]:
        found = list(graph.objects(shape.node, predicate))
        if predicate != SH.targetNode and not all(isinstance(each, URIRef) for each in found):
            raise invalid_shape(str(shape.node), ValueError(f"{short_name(str(predicate))} takes IRIs"))
        return found

    classes = [*all_of(SH.targetClass), *shape.implicit_class_targets()]  # type: ignore[no-untyped-call]
    patterns = [f"?this a {name} ." for each in classes for name in subclasses(each)]
    for each in all_of(SH.targetSubjectsOf):
        patterns.append(f"{{ SELECT DISTINCT ?this {{ ?this {stored_term(each)} ?other }} }}")
    for each in all_of(SH.targetObjectsOf):
        patterns.append(f"{{ SELECT DISTINCT ?this {{ ?other {stored_term(each)} ?this }} }}")
    may_be_idle = (shape.node, SKOS.scopeNote, None) in graph
    return Rule(shape, frozenset(patterns), tuple(sorted(all_of(SH.targetNode), key=str)), may_be_idle)
