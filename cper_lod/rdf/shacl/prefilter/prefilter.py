"""Focus nodes examined: the suspects are found by what `constraints` decides, and only they are given to pyshacl.

pyshacl makes every result, so the report is its own as long as no suspect is missed; it looks at some others, too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from pyshacl.errors import ReportableRuntimeError
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from rdflib import Graph

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import SH
from cper_lod.rdf.report import Finding, short_name
from cper_lod.rdf.shacl.prefilter.constraints import Check, ConstraintCompiler
from cper_lod.rdf.shacl.prefilter.messages import MESSAGE, ShapeMessages
from cper_lod.rdf.shacl.prefilter.query_cache import QueryError
from cper_lod.rdf.shacl.prefilter.rules import SUBCLASS, DataChange, ShapeRule, Targets, affected_rules, read_rules
from cper_lod.rdf.shacl.prefilter.store import ReadOnlyGraph
from cper_lod.rdf.shacl.prefilter.tokens import display_name, term_of
from cper_lod.rdf.shacl.prefilter.triples import Description, OtherNodePredicates, ReversePatterns, Triples

PyshaclResult = Mapping[str, Any]
"""A result of pyshacl: the value of each of its properties, by their local names."""


class UncomputableError(Exception):
    """The data make rdflib fail where SPARQL has an error, or none: it sums no text, and compares no NaN."""


def run_pyshacl(shape: Shape, executor: SHACLExecutor, graph: Graph, nodes: Sequence[str]) -> list[PyshaclResult]:
    """Return pyshacl's results; raises `shapes-invalid`, OSError, and `UncomputableError` with the name of a fault."""
    try:
        _, reports = shape.validate(executor, graph, focus=[term_of(each) for each in nodes])  # type: ignore[misc]
    except (ReportableRuntimeError, QueryError, NotImplementedError, re.error) as error:
        message = " ".join(str(error).split())
        raise Problem("shapes-invalid", shape=short_name(str(shape.node)), message=message) from error
    except (OSError, MemoryError):
        raise
    except Exception as error:
        # By its name: what it says may hold an address in memory, and the same data have the same report.
        raise UncomputableError(type(error).__name__) from error
    return [
        {
            predicate.removeprefix(SH): value[1] if isinstance(value, tuple) else value
            for subject, predicate, value in triples
            if subject == node
        }
        for _, node, triples in reports
    ]


SAMPLE_INTERVAL: Final = 1000
"""Of so many focus nodes that a rule does not suspect, one is given to pyshacl all the same."""

_BATCH_SIZE: Final = 500
"""So many suspects of a rule are given to pyshacl at once."""


@dataclass
class PrefilterResult:
    """What was found: findings with the number of their rule, which rules reached a focus node, how many there are.

    `missed` are the rules that did not suspect a focus node of which pyshacl has a result.
    """

    findings: list[tuple[int, Finding]] = field(default_factory=list)
    reached: set[int] = field(default_factory=set)
    nodes: int = 0
    missed: set[int] = field(default_factory=set)


class Prefilter:
    """The rules of some shapes over some triples."""

    def __init__(self, triples: Triples, shapes: Graph) -> None:
        """Read the shapes, from which it takes the messages away; raises `shapes-invalid`."""
        self.words = ShapeMessages(shapes)
        shapes.remove((None, MESSAGE, None))  # see Words
        self.rules: list[ShapeRule] = read_rules(shapes)
        self._triples = triples
        self._graph = ReadOnlyGraph(triples)
        self._executor = SHACLExecutor()
        self._checks = ConstraintCompiler(triples)
        self._compiled: dict[int, list[Check] | None] = {}
        self._only: frozenset[int] | None = None
        self._nodes: frozenset[str] = frozenset()
        self._elsewhere: dict[int, OtherNodePredicates] = {}
        self._waiting: dict[int, list[str]] = {}
        self._passed: dict[int, int] = {}
        self.found = PrefilterResult()

    @cached_property
    def targets(self) -> Targets:
        """Which rules a node has: the classes of the data are read for it, once."""
        return Targets(self.rules, self._triples)

    def backwards(self) -> ReversePatterns:
        """Return what subjects are looked for by; each rule is made ready for that."""
        for number in range(len(self.rules)):
            self._of(number)
        targets = {(each, None) for rule in self.rules for each in rule.objects_of}
        return {*self._checks.backwards, *targets, (SUBCLASS, None)}

    def distrust(self, numbers: frozenset[int]) -> None:
        """Look at these rules only from now on, and have pyshacl look at all their focus nodes."""
        self._only, self._nodes = numbers, frozenset()
        self._compiled.update(dict.fromkeys(numbers))

    def limit(self, change: DataChange) -> frozenset[int]:
        """Look from now on only at what a change could touch: at all focus nodes of some rules, which are returned.

        Of the other rules, only the nodes that changed are looked at.
        """
        self.backwards()
        self._only, self._nodes = affected_rules(self.rules, self._elsewhere, change.predicates), change.nodes
        return self._only

    def subjects(self, described: Iterable[tuple[str, Description]]) -> None:
        """Examine subjects for the rules that they have by what they say."""
        for node, said in described:
            if numbers := self.targets.of(said):
                self.found.nodes += 1
                self._examine(node, numbers)

    def objects(self, part: int = 0, parts: int = 1) -> None:
        """Examine the focus nodes that are so as objects; one part of them, if asked."""
        for at, (node, numbers, before) in enumerate(self.targets.objects(self._triples)):
            if at % parts == part:
                self.found.nodes += not before
                self._examine(node, sorted(numbers - before))
                self.found.reached |= numbers

    def named(self) -> None:
        """Examine the focus nodes that a rule names; one that nobody describes is a finding."""
        for node, numbers in self.targets.by_node.items():
            said = self._triples.of(node)
            if not said:
                self.found.reached |= numbers
                missing = str(term_of(node))
                self.found.findings += [
                    (each, self.words.unreached(self.rules[each].shape, missing)) for each in numbers
                ]
                continue
            before = set(self.targets.of(said))
            as_object = [
                rules for each, rules in self.targets.by_object.items() if any(self._triples.subjects(each, node))
            ]
            before.update(*as_object)
            self.found.nodes += not before
            self._examine(node, sorted(numbers - before))
            self.found.reached |= numbers

    def unreached(self, reached: set[int]) -> Iterator[Finding]:
        """Yield a finding for each rule that reached nothing, and does not say that it may have nothing to look at."""
        # A rule that looked at nothing must not pass for one that holds.
        for number, rule in enumerate(self.rules):
            if number not in reached and not rule.at_rest:
                yield self.words.unreached(rule.shape, None)

    def _examine(self, node: str, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.found.reached.add(number)
            if self._only is not None and number not in self._only and display_name(node) not in self._nodes:
                continue
            if self._suspects(number, node):
                waiting = self._waiting.setdefault(number, [])
                waiting.append(node)
                if len(waiting) >= _BATCH_SIZE:
                    self._ask(number, self._waiting.pop(number))

    def _suspects(self, number: int, node: str) -> bool:
        checks = self._of(number)
        if checks is None:
            return True
        try:
            if any(check(node) for check in checks):
                return True
        except Exception:
            return True
        passed = self._passed[number] = self._passed.get(number, 0) + 1
        if passed % SAMPLE_INTERVAL == 0 and self._misses(number, node):
            self.found.missed.add(number)
            self._compiled[number] = None
        return False

    def _of(self, number: int) -> list[Check] | None:
        if number not in self._compiled:
            self._elsewhere[number] = self._checks.elsewhere = set()
            try:
                self._compiled[number] = self._checks.of(self.rules[number].shape)
            except Exception:
                self._compiled[number], self._elsewhere[number] = None, {None}
        return self._compiled[number]

    def finish(self) -> PrefilterResult:
        """Return what was found since the last time; raises `shapes-invalid`."""
        while self._waiting:
            self._ask(*self._waiting.popitem())
        found, self.found = self.found, PrefilterResult()
        return found

    def _ask(self, number: int, nodes: list[str]) -> None:
        shape = self.rules[number].shape
        try:
            found = [self.words.finding(shape, each) for each in self._results(number, nodes)]
        except UncomputableError as error:
            if len(nodes) > 1:
                for each in nodes:
                    self._ask(number, [each])
                return
            found = [self.words.uncomputable(shape, display_name(nodes[0]), str(error))]
        self.found.findings += [(number, each) for each in found]

    def _results(self, number: int, nodes: list[str]) -> list[PyshaclResult]:
        return run_pyshacl(self.rules[number].shape, self._executor, self._graph, nodes)

    def _misses(self, number: int, node: str) -> bool:
        """Return whether pyshacl has a result of a node that was not suspected."""
        try:
            return bool(self._results(number, [node]))
        except UncomputableError:
            return True
