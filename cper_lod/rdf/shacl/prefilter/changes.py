"""What a change can touch: the rules of which other focus nodes than those that changed could have another result."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, Self

from rdflib import Graph
from rdflib.term import Node

from cper_lod.rdf.shacl.prefilter.rules import SUBCLASS, ShapeRule
from cper_lod.rdf.shacl.prefilter.tokens import display_name, read_line
from cper_lod.rdf.shacl.prefilter.triples import OtherNodePredicates


class DataChange(NamedTuple):
    """What differs from an earlier state: the predicates of the triples, and what they are about or with, by name."""

    predicates: frozenset[str]
    nodes: frozenset[str]

    @classmethod
    def of(cls, lines: Iterable[str]) -> Self:
        """Return the change that lines of N-Quads are, those that came and those that went."""
        predicates, nodes = set[str](), set[str]()
        for line in lines:
            if triple := read_line(line):
                predicates.add(triple[1])
                nodes |= {display_name(triple[0]), display_name(triple[2])}
        return cls(frozenset(predicates), frozenset(nodes))


def affected_rules(
    rules: Sequence[ShapeRule], elsewhere: Mapping[int, OtherNodePredicates], predicates: Collection[str]
) -> frozenset[int]:
    """Return the rules that read triples of these predicates of other nodes than their focus node, by number.

    With each go those that share a shape with it: a finding tells the shape, and not which rule led there. All of them
    where a class may have other instances.
    """
    if SUBCLASS in predicates:
        return frozenset(range(len(rules)))
    found = {number for number, read in elsewhere.items() if None in read or not read.isdisjoint(predicates)}
    shared = {name for number in found for name in shapes_of(rules[number])}
    return frozenset(found | {number for number, rule in enumerate(rules) if not shared.isdisjoint(shapes_of(rule))})


def shapes_of(rule: ShapeRule) -> set[str]:
    """Return the shapes that a finding of a rule can name: its own, and those that it leads to."""
    graph: Graph = rule.shape.sg.graph
    known = {each.node for each in rule.shape.sg.shapes}
    found, todo = set[Node](), list[Node]([rule.shape.node])
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo += [value for value in graph.objects(each) if value in known or (value, None, None) in graph]
    return {str(each) for each in found & known}
