"""Rules (shapes with a target), their focus nodes, and which rules a change of the data can affect."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, Self

from pyshacl.errors import ReportableRuntimeError
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, RDFS, SH, SKOS, Graph
from rdflib.term import Node

from cper_lod.rdf.shacl.prefilter.triples import (
    Description,
    OtherNodePredicates,
    Triples,
    display_name,
    reachable,
    read_line,
    token_of,
)

_TARGETS: Final = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)
_TYPE: Final = token_of(RDF.type)
SUBCLASS: Final = token_of(RDFS.subClassOf)


class InvalidShapeError(Exception):
    """A shape that is invalid, or whose query cannot be run: its IRI ("" if pyshacl does not say which it is), and the reason."""

    def __init__(self, shape: str, reason: str) -> None:
        super().__init__(shape, reason)
        self.shape, self.reason = shape, reason


@dataclass(frozen=True)
class ShapeRule:
    """A shape with its targets, as tokens; `at_rest` is true if the shape documents when it has no focus node."""

    shape: Shape
    classes: frozenset[str]
    subjects_of: frozenset[str]
    objects_of: frozenset[str]
    nodes: frozenset[str]
    at_rest: bool


def read_rules(shapes: Graph) -> list[ShapeRule]:
    """Return the shapes that have a target, sorted by name; raises `InvalidShapeError`."""
    try:
        found: Collection[Shape] = ShapesGraph(shapes).shapes
    except ReportableRuntimeError as error:
        raise InvalidShapeError("", " ".join(str(error).split())) from error
    with_target = [each for each in found if any((each.node, target, None) in shapes for target in _TARGETS)]
    return [_rule(each, shapes) for each in sorted(with_target, key=lambda each: str(each.node))]


def _rule(shape: Shape, shapes: Graph) -> ShapeRule:
    def tokens(*predicates: object) -> frozenset[str]:
        return frozenset(token_of(each) for predicate in predicates for each in shapes.objects(shape.node, predicate))  # type: ignore[arg-type]

    implicit = frozenset(map(token_of, shape.implicit_class_targets()))  # type: ignore[no-untyped-call]
    return ShapeRule(
        shape,
        tokens(SH.targetClass) | implicit,
        tokens(SH.targetSubjectsOf),
        tokens(SH.targetObjectsOf),
        tokens(SH.targetNode),
        (shape.node, SKOS.scopeNote, None) in shapes,
    )


class Targets:
    """Finds the rules (by number) of which a node is a focus node."""

    def __init__(self, rules: Iterable[ShapeRule], triples: Triples) -> None:
        self._by_class: dict[str, set[int]] = {}
        self._by_predicate: dict[str, set[int]] = {}
        self.by_object: dict[str, set[int]] = {}
        """The rules whose focus nodes are the objects of a predicate."""
        self.by_node: dict[str, set[int]] = {}
        """The rules that name a node."""
        below: dict[str, list[str]] = {}
        for subject, value in triples.pairs(SUBCLASS):
            below.setdefault(value, []).append(subject)
        for number, rule in enumerate(rules):
            for each in reachable(rule.classes, lambda found: below.get(found, ())):
                self._by_class.setdefault(each, set()).add(number)
            for found, tokens in (
                (self._by_predicate, rule.subjects_of),
                (self.by_object, rule.objects_of),
                (self.by_node, rule.nodes),
            ):
                for each in tokens:
                    found.setdefault(each, set()).add(number)
        self._kept = lru_cache(maxsize=4096)(self._rules)

    def of(self, said: Description) -> tuple[int, ...]:
        """Return the rules of a subject, given its classes and predicates."""
        return self._kept(tuple(said.get(_TYPE, ())), tuple(said))

    def _rules(self, classes: tuple[str, ...], predicates: tuple[str, ...]) -> tuple[int, ...]:
        by_class = [self._by_class.get(each, set()) for each in classes]
        return tuple(sorted(set().union(*by_class, *(self._by_predicate.get(each, set()) for each in predicates))))

    def objects(self, triples: Triples) -> Iterator[tuple[str, set[int], set[int]]]:
        """Yield each node that is a focus node as an object, those rules, and the rules it has for another reason."""
        for predicate, rules in self.by_object.items():
            earlier = [each for each in self.by_object if each < predicate]
            for node in triples.objects(predicate):
                before = set().union(*(self.by_object[each] for each in earlier if any(triples.subjects(each, node))))
                yield node, rules - before, set(self.of(triples.of(node))) | before


class DataChange(NamedTuple):
    """A difference between two states of the data: the predicates of changed triples, and their subjects and objects by name."""

    predicates: frozenset[str]
    nodes: frozenset[str]

    @classmethod
    def of(cls, lines: Iterable[str]) -> Self:
        """Return the change given by lines of N-Quads, those added and those removed."""
        predicates, nodes = set[str](), set[str]()
        for line in lines:
            if triple := read_line(line):
                predicates.add(triple[1])
                nodes |= {display_name(triple[0]), display_name(triple[2])}
        return cls(frozenset(predicates), frozenset(nodes))


def affected_rules(
    rules: Sequence[ShapeRule], elsewhere: Mapping[int, OtherNodePredicates], predicates: Collection[str]
) -> frozenset[int]:
    """Return the numbers of the rules that read triples with these predicates about nodes other than their focus node.

    Rules that share a shape with one of them are included, because a finding names the shape but not the rule. All rules
    are returned if a class may have other instances.
    """
    if SUBCLASS in predicates:
        return frozenset(range(len(rules)))
    found = {number for number, read in elsewhere.items() if None in read or not read.isdisjoint(predicates)}
    shared = {name for number in found for name in shapes_of(rules[number])}
    return frozenset(found | {number for number, rule in enumerate(rules) if not shared.isdisjoint(shapes_of(rule))})


def shapes_of(rule: ShapeRule) -> set[str]:
    """Return the shapes that a finding of a rule can name: its own shape and all shapes it refers to."""
    graph: Graph = rule.shape.sg.graph
    known = {each.node for each in rule.shape.sg.shapes}

    def following(node: Node) -> Iterator[Node]:
        return (each for each in graph.objects(node) if each in known or (each, None, None) in graph)

    return {str(each) for each in reachable(list[Node]([rule.shape.node]), following) & known}
