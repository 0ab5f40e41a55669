"""Validation with SHACL shapes.

Each shape is compiled to SPARQL that finds suspects in an Oxigraph store; pyshacl judges them, and makes every result. No
inference, and nothing is fetched or imported; `sh:targetClass` includes subclasses by `rdfs:subClassOf` in the data.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from pyoxigraph import Quad
from pyshacl.errors import ReportableRuntimeError
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from rdflib import SH
from rdflib.term import Node

from cper_lod.core.errors import Problem
from cper_lod.core.processes import TimeLimitReached
from cper_lod.rdf.report import Finding, Report, short_name
from cper_lod.rdf.shacl.messages import ShapeMessages
from cper_lod.rdf.shacl.store import Data, StoredTerm, graph_of, literals_as_written, rdflib_term
from cper_lod.rdf.shacl.suspects import TARGET, Compiler, NotCompiledError, Rule, invalid_shape, read_shapes

SHAPE_ERRORS: Final = (ReportableRuntimeError, NotImplementedError, re.error, SyntaxError)
"""What pyshacl raises for an invalid shape, and our graph for an invalid query."""
SAMPLE_INTERVAL: Final = 1000
"""One of so many focus nodes is given to pyshacl although it is no suspect."""


@literals_as_written()
def validate(
    quads: Iterable[Quad],
    shapes: Iterable[Quad],
    *,
    files: Callable[[str], Collection[Path]] = lambda _: (),
    progress: Callable[[float], object] = lambda _: None,
) -> Report:
    """Return the report on quads, the union of their graphs, which are all held in memory; literals are seen in canonical form.

    `files` returns the files that describe a node with findings, given by its IRI; `progress` is called with the fraction
    done. Raises `shapes-invalid` for a shape that pyshacl refuses, that names another one which is not there, or whose query
    cannot be run, `check-missed` if pyshacl has a result for a node that was no suspect, and `TimeLimitReached` with the rules
    that were applied.
    """
    validation = Validation(quads, shapes)
    found = [
        replace(each, files=tuple(sorted(path.as_posix() for path in files(each.node))))
        for each in validation.findings(progress)
    ]
    return Report(tuple(found), len(validation.rules), validation.count_nodes())


class Validation:
    """The rules of some shapes, and some data."""

    def __init__(self, quads: Iterable[Quad], shapes: Iterable[Quad]) -> None:
        """Read both; raises `shapes-invalid`."""
        graph = graph_of(shapes)
        self._messages = ShapeMessages(graph)
        self._data = Data(quads)
        self._compiler = Compiler(read_shapes(graph), self._data)
        self.rules = self._compiler.rules()
        self._samples: dict[str, list[StoredTerm]] = {}

    def count_nodes(self) -> int:
        """Return the number of focus nodes, those that shapes name left out."""
        union = " } UNION { ".join({pattern for rule in self.rules for pattern in rule.patterns})
        (count,) = self._data.nodes(f"SELECT (COUNT(DISTINCT ?this) AS ?count) {{ {{ {union} }} }}")
        return int(count.value)

    def findings(self, progress: Callable[[float], object]) -> Iterator[Finding]:
        """Yield the findings about all rules; raises `TimeLimitReached` with the rule that was being applied."""
        for number, rule in enumerate(self.rules, 1):
            try:
                yield from self._apply(rule)
            except TimeLimitReached:
                raise TimeLimitReached(short_name(str(rule.shape.node))) from None
            progress(number / len(self.rules))

    def _apply(self, rule: Rule) -> Iterator[Finding]:
        samples = [found for pattern in rule.patterns if (found := self._sample(pattern))]
        is_described = any((node, None, None) in self._data for node in rule.nodes)
        if not (samples or is_described or rule.may_be_idle):  # it must not look like a rule that is satisfied
            yield self._messages.of_rule("info", "rule-unreached", rule.shape, rule.shape.node)
        suspects = [*dict.fromkeys([*rule.nodes, *map(rdflib_term, self._suspects(rule) if samples else ())])]
        yield from self._judge(rule.shape, suspects)
        others = {rdflib_term(node) for sample in samples for node in sample[1:]}.difference(suspects)
        for missed in self._judge(rule.shape, sorted(others, key=str)):
            raise Problem("check-missed", shape=short_name(str(rule.shape.node)), node=missed.node)

    def _sample(self, pattern: str) -> list[StoredTerm]:
        """Return the first focus node of a pattern, if it has any, and every thousandth."""
        if pattern not in self._samples:
            self._samples[pattern] = self._data.nodes(f"SELECT ?this {{ {pattern} }}", SAMPLE_INTERVAL)
        return self._samples[pattern]

    def _suspects(self, rule: Rule) -> list[StoredTerm]:
        """Return the suspects of a rule: all its focus nodes if a constraint is not compiled, or may read a doubtful value."""
        # pyshacl says what is wrong with an invalid shape or query; Oxigraph may refuse a query that rdflib understands.
        with suppress(NotCompiledError, ValueError, LookupError, RecursionError, *SHAPE_ERRORS):
            queries, iris = self._compiler.compile(rule.shape)
            if iris.isdisjoint(self._data.doubtful):
                return self._found(queries, rule)
        return self._found([f"SELECT ?this {{ {TARGET} }}"], rule)

    def _found(self, queries: list[str], rule: Rule) -> list[StoredTerm]:
        asked = [query.replace(TARGET, pattern) for pattern in sorted(rule.patterns) for query in queries]
        return [node for query in asked for node in self._data.nodes(query)]

    def _judge(self, shape: Shape, nodes: Sequence[Node]) -> list[Finding]:
        """Return what pyshacl finds about nodes; without a node, it would look for focus nodes itself."""
        try:
            _, results = shape.validate(SHACLExecutor(), self._data, focus=nodes) if nodes else (True, [])  # type: ignore[arg-type]
        except SHAPE_ERRORS as error:
            raise invalid_shape(shape.node, error) from error
        except MemoryError:
            raise
        except Exception as error:
            # rdflib fails on the data, where SPARQL has an error or a value: a sum of texts, a comparison with NaN.
            if half := len(nodes) // 2:
                return [*self._judge(shape, nodes[:half]), *self._judge(shape, nodes[half:])]
            # Only the type of the error: its message may contain a memory address, and reports must be reproducible.
            found = self._messages.of_rule(
                "violation", "rule-uncomputable", shape, nodes[0], error=type(error).__name__
            )
            return [replace(found, component=str(SH.ConstraintComponent))]
        return [self._messages.of_result(shape, node, triples) for _, node, triples in results]
