"""The prefilter: finds suspects with the checks of `constraints`, and gives only these to pyshacl.

pyshacl makes every result, so the report is that of pyshacl as long as no suspect is missed; a sample is checked.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Generic, NamedTuple, TypeVar

from pyshacl.errors import ReportableRuntimeError
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from rdflib import SH, Graph

from cper_lod.rdf.shacl.prefilter.constraints import Check, ConstraintCompiler
from cper_lod.rdf.shacl.prefilter.graphs import ReadOnlyGraph
from cper_lod.rdf.shacl.prefilter.query_cache import QueryError
from cper_lod.rdf.shacl.prefilter.rules import (
    SUBCLASS,
    DataChange,
    InvalidShapeError,
    ShapeRule,
    Targets,
    affected_rules,
    read_rules,
)
from cper_lod.rdf.shacl.prefilter.triples import (
    Description,
    OtherNodePredicates,
    ReversePatterns,
    Triples,
    display_name,
    term_of,
)

PyshaclResult = Mapping[str, Any]
"""A result of pyshacl: its properties by local name."""


class UncomputableError(Exception):
    """rdflib fails on the data, where SPARQL has an error or a value: for example the sum of a text, or a comparison with NaN."""


def run_pyshacl(shape: Shape, executor: SHACLExecutor, graph: Graph, nodes: Sequence[str]) -> list[PyshaclResult]:
    """Return the results of pyshacl; raises InvalidShapeError, OSError, and UncomputableError with the type of an error."""
    try:
        _, reports = shape.validate(executor, graph, focus=[term_of(each) for each in nodes])  # type: ignore[misc]
    except (ReportableRuntimeError, QueryError, NotImplementedError, re.error) as error:
        raise InvalidShapeError(str(shape.node), " ".join(str(error).split())) from error
    except (OSError, MemoryError):
        raise
    except Exception as error:
        # Only the type: the message may contain a memory address, and reports must be reproducible.
        raise UncomputableError(type(error).__name__) from error
    return [
        {
            predicate.removeprefix(str(SH)): value[1] if isinstance(value, tuple) else value
            for subject, predicate, value in triples
            if subject == node
        }
        for _, node, triples in reports
    ]


SAMPLE_INTERVAL: Final = 1000
"""One of so many focus nodes that are not suspects is given to pyshacl all the same."""

_BATCH_SIZE: Final = 500
"""Number of suspects of a rule that are given to pyshacl at once."""


class RuleResult(NamedTuple):
    """A result of a rule, given by number: that of pyshacl, in `values`.

    Without `values`, `node` is a node for which rdflib cannot compute the rule, by the type of its `error`, or, without an
    error, a node that the rule names and the data do not describe.
    """

    rule: int
    values: PyshaclResult
    node: str = ""
    error: str = ""


R = TypeVar("R")


@dataclass
class PrefilterResult(Generic[R]):
    """The results, the rules that reached a focus node, and the number of focus nodes.

    `missed` are the rules that did not suspect a node for which pyshacl has a result.
    """

    results: list[R] = field(default_factory=list)
    reached: set[int] = field(default_factory=set)
    nodes: int = 0
    missed: set[int] = field(default_factory=set)

    def add(self, more: "PrefilterResult[R]") -> None:
        """Add the result of another part of the data."""
        self.results += more.results
        self.reached |= more.reached
        self.nodes += more.nodes
        self.missed |= more.missed


class Prefilter:
    """The rules of some shapes, applied to some triples."""

    def __init__(self, triples: Triples, shapes: Graph) -> None:
        """Read the shapes; raises InvalidShapeError."""
        self.rules: list[ShapeRule] = read_rules(shapes)
        self.triples = triples
        self._graph = ReadOnlyGraph(triples)
        self._executor = SHACLExecutor()
        self._compiler = ConstraintCompiler(triples)
        self._checks_by_rule: dict[int, list[Check] | None] = {}
        self._selected_rules: frozenset[int] | None = None
        self._selected_nodes: frozenset[str] = frozenset()
        self._other_node_predicates: dict[int, OtherNodePredicates] = {}
        self._suspects_by_rule: dict[int, list[str]] = {}
        self._passed_counts: dict[int, int] = {}
        self._current: int | None = None
        self.result = PrefilterResult[RuleResult]()

    @property
    def current_shape(self) -> str:
        """The shape of the rule that is being applied to a node, also after an interruption; "" if none is."""
        return "" if self._current is None else str(self.rules[self._current].shape.node)

    @cached_property
    def targets(self) -> Targets:
        """The targets of the rules; reads the classes of the data once."""
        return Targets(self.rules, self.triples)

    def reverse_patterns(self) -> ReversePatterns:
        """Return the patterns by which subjects are looked up; compiles all rules."""
        for number in range(len(self.rules)):
            self._checks_of(number)
        targets = {(each, None) for rule in self.rules for each in rule.objects_of}
        return {*self._compiler.reads.reverse_patterns, *targets, (SUBCLASS, None)}

    def check_all_nodes(self, numbers: frozenset[int]) -> None:
        """From now on, check only these rules, and let pyshacl check all their focus nodes."""
        self._selected_rules, self._selected_nodes = numbers, frozenset()
        self._checks_by_rule.update(dict.fromkeys(numbers))

    def restrict_to_change(self, change: DataChange) -> frozenset[int]:
        """From now on, check only what a change can affect: all focus nodes of some rules, which are returned.

        For other rules, only changed nodes are checked.
        """
        self.reverse_patterns()
        self._selected_rules, self._selected_nodes = (
            affected_rules(self.rules, self._other_node_predicates, change.predicates),
            change.nodes,
        )
        return self._selected_rules

    def check_subjects(self, descriptions: Iterable[tuple[str, Description]]) -> None:
        """Check subjects, given their triples."""
        for node, description in descriptions:
            if numbers := self.targets.of(description):
                self.result.nodes += 1
                self._check_node(node, numbers)

    def check_objects(self, part: int = 0, parts: int = 1) -> None:
        """Check the nodes that are focus nodes as objects; optionally one part of them."""
        for position, (node, numbers, earlier_rules) in enumerate(self.targets.objects(self.triples)):
            if position % parts == part:
                self.result.nodes += not earlier_rules
                self._check_node(node, sorted(numbers - earlier_rules))
                self.result.reached |= numbers

    def check_named_nodes(self) -> None:
        """Check the focus nodes that a rule names; a node without triples is a finding."""
        for node, numbers in self.targets.by_node.items():
            description = self.triples.of(node)
            if not description:
                self.result.reached |= numbers
                self.result.results += [RuleResult(each, {}, display_name(node)) for each in numbers]
                continue
            earlier_rules = set(self.targets.of(description))
            as_object = [
                rules for each, rules in self.targets.by_object.items() if any(self.triples.subjects(each, node))
            ]
            earlier_rules.update(*as_object)
            self.result.nodes += not earlier_rules
            self._check_node(node, sorted(numbers - earlier_rules))
            self.result.reached |= numbers

    def unreached(self, reached: set[int]) -> Iterator[ShapeRule]:
        """Yield each rule without focus nodes, unless the shape documents (skos:scopeNote) that it may have none.

        A rule that checked nothing must not look like one that is satisfied.
        """
        return (rule for number, rule in enumerate(self.rules) if number not in reached and not rule.at_rest)

    def _check_node(self, node: str, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.result.reached.add(number)
            if (
                self._selected_rules is not None
                and number not in self._selected_rules
                and display_name(node) not in self._selected_nodes
            ):
                continue
            if self._is_suspect(number, node):
                waiting = self._suspects_by_rule.setdefault(number, [])
                waiting.append(node)
                if len(waiting) >= _BATCH_SIZE:
                    self._validate(number, self._suspects_by_rule.pop(number))
        self._current = None

    def _is_suspect(self, number: int, node: str) -> bool:
        checks = self._checks_of(number)
        if checks is None:
            return True
        self._current = number
        try:
            if any(check(node) for check in checks):
                return True
        except Exception:
            return True
        passed = self._passed_counts[number] = self._passed_counts.get(number, 0) + 1
        if passed % SAMPLE_INTERVAL == 0 and self._has_result(number, node):
            self.result.missed.add(number)
            self._checks_by_rule[number] = None
        return False

    def _checks_of(self, number: int) -> list[Check] | None:
        if number not in self._checks_by_rule:
            self._other_node_predicates[number] = self._compiler.reads.other_node_predicates = set()
            try:
                self._checks_by_rule[number] = self._compiler.checks(self.rules[number].shape)
            except Exception:
                self._checks_by_rule[number], self._other_node_predicates[number] = None, {None}
        return self._checks_by_rule[number]

    def finish(self) -> PrefilterResult[RuleResult]:
        """Return the result since the last call; raises InvalidShapeError."""
        while self._suspects_by_rule:
            self._validate(*self._suspects_by_rule.popitem())
        self._current = None
        result, self.result = self.result, PrefilterResult[RuleResult]()
        return result

    def _validate(self, number: int, nodes: list[str]) -> None:
        try:
            self.result.results += [RuleResult(number, each) for each in self._run_pyshacl(number, nodes)]
        except UncomputableError as error:
            if len(nodes) == 1:
                self.result.results.append(RuleResult(number, {}, display_name(nodes[0]), str(error)))
                return
            for each in nodes:
                self._validate(number, [each])

    def _run_pyshacl(self, number: int, nodes: list[str]) -> list[PyshaclResult]:
        self._current = number
        return run_pyshacl(self.rules[number].shape, self._executor, self._graph, nodes)

    def _has_result(self, number: int, node: str) -> bool:
        """Return whether pyshacl has a result for a node that was not a suspect."""
        try:
            return bool(self._run_pyshacl(number, [node]))
        except UncomputableError:
            return True
