"""Compiles shapes to checks: functions that say whether a focus node can have a result of pyshacl.

A check is exact, or true too often; it is never false if pyshacl has a result. What depends on a single value is
checked by pyshacl itself and cached. Anything else raises `UndecidableError`: all focus nodes are suspects.
"""

import re
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from rdflib import RDF, RDFS, XSD, Graph

from cper_lod.rdf.shacl.prefilter.conditions import UndecidableError
from cper_lod.rdf.shacl.prefilter.graph_patterns import PatternCompiler
from cper_lod.rdf.shacl.prefilter.query_cache import parse_query, with_used_prefixes
from cper_lod.rdf.shacl.prefilter.triple_patterns import is_local, path_function, path_predicates, shacl_path
from cper_lod.rdf.shacl.prefilter.triples import Reads, Triples, reachable, suffix_of, term_of, text_of, token_of

Check = Callable[[str], bool]
"""Returns whether a focus node can have a result."""

_CACHE_SIZE: Final = 8192
_WELL_FORMED: Final = {
    str(XSD.integer): re.compile(r"[-+]?[0-9]+"),
    str(XSD.decimal): re.compile(r"[-+]?[0-9]+([.][0-9]+)?"),
    str(XSD.date): re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"),
}
"""Patterns of literals that are certainly valid for their datatype; pyshacl checks the others."""


def value_check(component: ConstraintComponent) -> Check:
    """Return a function that says whether pyshacl rejects a value, whatever node has it."""
    datatype = getattr(component, "datatype_rule", None)
    pattern, kind = _WELL_FORMED.get(str(datatype)), f"^^<{datatype}>"
    executor, empty = SHACLExecutor(), Graph(bind_namespaces="none")

    @lru_cache(maxsize=_CACHE_SIZE)
    def fails(value: str) -> bool:
        term = term_of(value)
        conforms, _ = component.evaluate(executor, empty, {term: {term}}, [])
        return not conforms

    if pattern is None:
        return fails
    matches = pattern.fullmatch
    return lambda value: not (value.endswith(kind) and matches(text_of(value))) and fails(value)


def _has_duplicate_languages(values: Collection[str]) -> bool:
    if len(values) < 2:
        return False
    kinds = [kind for each in values if each[0] == '"' and (kind := suffix_of(each)).startswith("@")]
    return len(set(kinds)) < len(kinds)


_MAX_DEPTH: Final = 8
"""Maximum nesting of shapes; deeper ones are left to pyshacl."""
_TYPE: Final = token_of(RDF.type)
_SUBCLASS: Final = token_of(RDFS.subClassOf)

_VALUE_CONSTRAINTS: Final = {
    *("In", "LanguageIn", "MaxLength", "MinLength", "Pattern", "Datatype", "NodeKind"),
    *("MaxExclusive", "MaxInclusive", "MinExclusive", "MinInclusive"),
}
"""The components of SHACL whose constraint depends on a single value."""


class _Context(NamedTuple):
    """Where a constraint is evaluated: its value nodes, whether its focus node is that of the rule, and whether its values are.

    `reports_results` is true if its results are reported; those of a shape in sh:node are not.
    """

    values: Callable[[str], Collection[str]]
    depth: int
    is_focus_node: bool
    values_are_focus_node: bool
    reports_results: bool


class ConstraintCompiler:
    """Compiles shapes to checks over some triples; records which patterns and predicates they read."""

    def __init__(self, triples: Triples) -> None:
        self.reads = Reads(triples)

    def checks(
        self, shape: Shape, depth: int = 0, *, is_focus_node: bool = True, reports_results: bool = True
    ) -> list[Check]:
        """Return the checks of a shape; raises `UndecidableError`, and any error of pyshacl about a faulty shape."""
        if shape.deactivated:
            return []
        if depth > _MAX_DEPTH or shape.find_custom_constraints():  # type: ignore[no-untyped-call]
            raise UndecidableError(str(shape.node))
        path = shacl_path(shape.sg, shape.path()) if shape.is_property_shape else None  # type: ignore[no-untyped-call]
        if path is not None and not (is_focus_node and is_local(path)):
            self.reads.other_node_predicates |= path_predicates(path)
        values: Callable[[str], Collection[str]] = (
            (lambda node: (node,)) if path is None else path_function(self.reads, path, backwards=False)
        )
        kinds = {
            CONSTRAINT_PARAMETERS_MAP[each]
            for each, _ in shape.sg.graph.predicate_objects(shape.node)
            if each in CONSTRAINT_PARAMETERS_MAP
        }
        context = _Context(values, depth, is_focus_node, is_focus_node and path is None, reports_results)
        return [check for kind in sorted(kinds, key=str) for check in self._component_checks(kind(shape), context)]

    def _component_checks(self, component: Any, context: "_Context") -> Iterator[Check]:  # noqa: ANN401
        values, triples = context.values, self.reads.triples
        compared = [token_of(each) for each in getattr(component, "property_compare_set", ())]
        if not context.is_focus_node:
            self.reads.other_node_predicates |= {*compared}
        match kind := type(component).__name__.removesuffix("ConstraintComponent"):
            case _ if kind in _VALUE_CONSTRAINTS:
                wrong = value_check(component)
                yield lambda node: any(map(wrong, values(node)))
            case "MinCount":
                minimum = int(component.min_count)
                yield lambda node: len(values(node)) < minimum
            case "MaxCount":
                maximum = int(component.max_count)
                yield lambda node: len(values(node)) > maximum
            case "UniqueLang":
                if True in component.string_rules:
                    yield lambda node: _has_duplicate_languages(values(node))
            case "HasValue":
                wanted = set(map(token_of, component.has_value_set))
                yield lambda node: not wanted.issubset(values(node))
            case "Equals":
                yield lambda node: any(set(values(node)) != set(triples.of(node).get(each, ())) for each in compared)
            case "Disjoint":
                yield lambda node: any(
                    not set(values(node)).isdisjoint(triples.of(node).get(each, ())) for each in compared
                )
            case "SPARQLBasedConstraint":
                active = (each for each in component.sparql_constraints if not each.deactivated)
                yield from (self._sparql_check(each, is_focus_node=context.is_focus_node) for each in active)
            case "Class":
                self.reads.other_node_predicates |= {_SUBCLASS} if context.values_are_focus_node else {_SUBCLASS, _TYPE}
                yield from (self._class_check(each, values) for each in component.class_rules)
            case "Property" | "Node":
                reports_results = context.reports_results and kind == "Property"
                # Its results are about the values and do not say which focus node of the rule led there.
                self.reads.other_node_predicates |= (
                    {None} if reports_results and not context.values_are_focus_node else set()
                )
                for each in component.property_shapes if kind == "Property" else component.node_shapes:
                    yield self._nested_check(component.shape, each, context._replace(reports_results=reports_results))
            case "Or":
                for each in component.or_list:
                    yield self._or_check(component.shape, each, context._replace(reports_results=False))
            case _:
                raise UndecidableError(kind)

    def _nested_check(self, shape: Shape, node: Any, context: "_Context") -> Check:  # noqa: ANN401
        checks, values = self._nested_checks(shape, node, context), context.values
        return lambda focus: any(check(value) for value in values(focus) for check in checks)

    def _nested_checks(self, shape: Shape, node: Any, context: "_Context") -> list[Check]:  # noqa: ANN401
        other = shape.get_other_shape(node)  # type: ignore[no-untyped-call]
        if other is None:
            raise UndecidableError(str(node))
        return self.checks(
            other,
            context.depth + 1,
            is_focus_node=context.values_are_focus_node,
            reports_results=context.reports_results,
        )

    def _or_check(self, shape: Shape, listed: Any, context: "_Context") -> Check:  # noqa: ANN401
        """Return a check that is true if a value can fail each of the shapes of a list."""
        choices = [self._nested_checks(shape, each, context) for each in shape.sg.graph.items(listed)]
        values = context.values
        return lambda focus: any(
            all(any(check(value) for check in checks) for checks in choices) for value in values(focus)
        )

    def _class_check(self, class_: Any, values: Callable[[str], Collection[str]]) -> Check:  # noqa: ANN401
        expected, triples = token_of(class_), self.reads.triples

        @lru_cache(maxsize=_CACHE_SIZE)
        def is_subclass(class_token: str) -> bool:
            return expected in reachable([class_token], lambda each: triples.of(each).get(_SUBCLASS, ()))

        return lambda node: not all(any(map(is_subclass, triples.of(each).get(_TYPE, ()))) for each in values(node))

    def _sparql_check(self, helper: Any, *, is_focus_node: bool) -> Check:  # noqa: ANN401
        """Return a check that is true if the pattern of a query has a solution; pyshacl rejects invalid queries itself."""
        bound, text = helper.pre_bind_variables(RDF.nil)
        # The text that pyshacl makes, so that it is parsed once.
        query = parse_query(with_used_prefixes(helper.apply_prefixes(text)), (), None)
        patterns = PatternCompiler(self.reads, query.prologue, frozenset(bound), is_focus_node=is_focus_node)
        solve = patterns.query_solver(query.algebra)
        constant = {name: token_of(term) for name, term in bound.items() if name != "this"}
        this = "this" in bound
        return lambda node: next(solve({"this": node, **constant} if this else {**constant}), None) is not None
