"""SPARQL graph patterns as functions from bindings to solutions: all that rdflib finds, possibly more, never fewer.

Modifiers around the pattern are ignored. The order of evaluation is that of rdflib (`evaluate.py`), except within a
basic graph pattern, whose solutions do not depend on it.
"""

from collections.abc import Iterator
from typing import Any, Final

from rdflib.paths import Path
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Prologue

from cper_lod.rdf.shacl.prefilter.conditions import (
    Bindings,
    Condition,
    Solver,
    UndecidableError,
    compile_condition,
    compile_value,
    variable_name,
    variables,
)
from cper_lod.rdf.shacl.prefilter.triple_patterns import (
    estimated_cost,
    is_local,
    is_unbound,
    path_function,
    path_predicates,
    path_solver,
    predicate_solver,
    variable_solver,
)
from cper_lod.rdf.shacl.prefilter.triples import Reads, token_of

_WRAPPERS: Final = {"SelectQuery", "Project", "Distinct", "Reduced", "OrderBy", "Slice"}
_ORDER_INDEPENDENT: Final = {"BGP", "Union", "Join"}


def query_pattern(algebra: CompValue) -> CompValue:
    """Return the graph pattern of a query that has no result if the pattern has no solution; raises `UndecidableError`."""
    part, conditions = algebra, list[Any]()
    while part.name in _WRAPPERS or (part.name in ("Extend", "Filter") and is_aggregated(part)):
        conditions += [part.expr] if part.name == "Filter" else []
        part = part.p
    if part.name != "AggregateJoin":
        return part
    if part.p.expr is None or not any(fails_without_rows(each) for each in conditions):
        raise UndecidableError("The query has a result even if its pattern has no solution.")
    pattern: CompValue = part.p.p
    return pattern


def accepts_bindings(part: CompValue) -> bool:
    """Return whether bindings from outside can be passed into a pattern without changing its solutions."""
    children = [each for key in ("p", "p1", "p2") if isinstance(each := getattr(part, key), CompValue)]
    return part.name in _ORDER_INDEPENDENT and all(map(accepts_bindings, children))


def is_aggregated(part: CompValue) -> bool:
    """Return whether a part of a query is computed from groups (HAVING or an aggregate)."""
    while part.name in ("Extend", "Filter"):
        part = part.p
    return bool(part.name == "AggregateJoin")


def fails_without_rows(expression: Any) -> bool:  # noqa: ANN401
    """Return whether a HAVING condition is an error, so there is no result, if there are no rows to aggregate."""
    if getattr(expression, "name", "") == "ConditionalOrExpression" and expression.other:
        return all(map(fails_without_rows, (expression.expr, *expression.other)))
    return (
        getattr(expression, "name", "") == "RelationalExpression"
        and expression.op in _COMPARISONS
        and any(each.startswith("__agg_") for each in variables(expression))
    )


_COMPARISONS: Final = ("<", ">", "<=", ">=", "=", "!=")


class PatternCompiler:
    """Makes solvers for the patterns of one query; `bound_outside` are the pre-bound variables."""

    def __init__(self, reads: Reads, prologue: Prologue, bound_outside: frozenset[str], *, is_focus_node: bool) -> None:
        """What the query reads is added to `reads`; `is_focus_node` says that $this is the focus node of the rule."""
        self._focus_node_name = "this" if is_focus_node and "this" in bound_outside else None
        self._reads = reads
        self._prologue = prologue
        self._bound_outside = bound_outside

    def query_solver(self, algebra: CompValue) -> Solver:
        """Return the solver of a query's pattern; raises `UndecidableError`."""
        return self._solver(query_pattern(algebra), set(self._bound_outside), nested=False)

    def _solver(self, part: CompValue, bound_names: set[str], *, nested: bool) -> Solver:
        """Return the solver of a pattern, and add the variables that every solution binds to `bound_names`."""
        match part.name:
            case "BGP":
                return self._basic_graph_pattern(part.triples, bound_names)
            case "Filter":
                return self._filter(part, bound_names, nested=nested)
            case "Extend":
                return self._extend(part, bound_names, nested=nested)
            case "Join":
                return self._join(part, bound_names, nested=nested)
            case "Union":
                return self._union(part, bound_names, nested=nested)
            case "LeftJoin" if not nested:
                return self._optional(part, bound_names)
        raise UndecidableError(part.name)

    def _condition(self, expression: Any, bound_names: set[str]) -> Condition:  # noqa: ANN401
        return compile_condition(
            expression, self._prologue, lambda graph: self._solver(graph, set(bound_names), nested=True)
        )

    def _filter(self, part: CompValue, bound_names: set[str], *, nested: bool) -> Solver:
        inner = self._solver(part.p, bound_names, nested=nested)
        condition = self._condition(part.expr, bound_names)
        # In rdflib, the filter of a group does not see bindings from outside the group.
        visible = None if part.no_isolated_scope else self._visible_names(part)

        def solve(bindings: Bindings) -> Iterator[Bindings]:
            for each in inner(bindings):
                if condition(each if visible is None else self._visible_bindings(each, bindings, visible)):
                    yield each

        return solve

    def _visible_bindings(self, bindings: Bindings, outer: Bindings, visible: frozenset[str]) -> Bindings:
        """Return the bindings that rdflib passes to an expression: only those of its own pattern."""
        if len(outer) == len(self._bound_outside):
            return bindings  # there is no outer pattern
        return {name: token for name, token in bindings.items() if name in visible or name not in outer}

    def _visible_names(self, part: CompValue) -> frozenset[str]:
        return self._bound_outside | {name for each in part._vars or () if (name := variable_name(each))}

    def _extend(self, part: CompValue, bound_names: set[str], *, nested: bool) -> Solver:
        inner = self._solver(part.p, bound_names, nested=nested)
        value, name, visible = compile_value(part.expr, self._prologue), str(part.var), self._visible_names(part)
        if not isinstance(part.expr, CompValue) and set(variables(part.expr)) <= bound_names:
            bound_names.add(name)

        def solve(bindings: Bindings) -> Iterator[Bindings]:
            for each in inner(bindings):
                found = value(self._visible_bindings(each, bindings, visible))
                yield each if found is None else {**each, name: found}

        return solve

    def _join(self, part: CompValue, bound_names: set[str], *, nested: bool) -> Solver:
        outer = set(bound_names)
        first = self._solver(part.p1, bound_names, nested=nested)
        passes_bindings = part.lazy or accepts_bindings(part.p2)
        inner_bound = bound_names if passes_bindings else outer
        second = self._solver(part.p2, inner_bound, nested=nested)
        bound_names |= inner_bound

        def solve(bindings: Bindings) -> Iterator[Bindings]:
            for one in first(bindings):
                for other in second(one if passes_bindings else bindings):
                    if passes_bindings or all(one.get(name, token) == token for name, token in other.items()):
                        yield {**other, **one}

        return solve

    def _union(self, part: CompValue, bound_names: set[str], *, nested: bool) -> Solver:
        sides = set(bound_names), set(bound_names)
        solvers = [
            self._solver(each, side, nested=nested) for each, side in zip((part.p1, part.p2), sides, strict=True)
        ]
        bound_names |= sides[0] & sides[1]

        def solve(bindings: Bindings) -> Iterator[Bindings]:
            for solver in solvers:
                yield from solver(bindings)

        return solve

    def _optional(self, part: CompValue, bound_names: set[str]) -> Solver:
        """Return the solver of an OPTIONAL outside EXISTS; it may return solutions that rdflib excludes after a second look."""
        first = self._solver(part.p1, bound_names, nested=False)
        inside = set(bound_names)
        second = self._solver(part.p2, inside, nested=False)
        condition = self._condition(part.expr, inside)

        def solve(bindings: Bindings) -> Iterator[Bindings]:
            for one in first(bindings):
                none = True
                for other in second(one):
                    if condition(self._visible_bindings(other, bindings, self._bound_outside)):
                        none = False
                        yield {**other, **one}
                if none:
                    yield one

        return solve

    def _basic_graph_pattern(self, patterns: Any, bound_names: set[str]) -> Solver:  # noqa: ANN401
        # Also record the patterns in rdflib's order, in which pyshacl will read them for suspects.
        bound = set(bound_names)
        for each in sorted(patterns, key=lambda each: sum(is_unbound(term, bound_names) for term in each)):
            self._record_pattern(each, bound)
        solvers, remaining = list[Solver](), list(patterns)
        while remaining:
            cheapest = min(remaining, key=lambda each: estimated_cost(each, bound_names))
            remaining.remove(cheapest)
            self._record_pattern(cheapest, bound_names)
            solvers.append(self._triple_solver(*cheapest))

        def solve(bindings: Bindings, index: int = 0) -> Iterator[Bindings]:
            if index == len(solvers):
                yield bindings
                return
            for each in solvers[index](bindings):
                yield from solve(each, index + 1)

        return solvers[0] if len(solvers) == 1 else solve

    def _record_pattern(self, pattern: tuple[Any, Any, Any], bound_names: set[str]) -> None:
        """Record which pattern is looked up by its object, and which variables the pattern binds."""
        subject, predicate, value = pattern
        if isinstance(predicate, Path):
            path_function(self._reads, predicate, backwards=is_unbound(subject, bound_names))
        elif is_unbound(subject, bound_names) and not variable_name(predicate):
            self._reads.reverse_patterns.add((token_of(predicate), None if variable_name(value) else token_of(value)))
        bound_names |= {name for term in pattern if not isinstance(term, Path) and (name := variable_name(term))}

    def _triple_solver(self, subject: Any, predicate: Any, value: Any) -> Solver:  # noqa: ANN401
        triples = self._reads.triples
        if (
            variable_name(subject) is None
            or variable_name(subject) != self._focus_node_name
            or (isinstance(predicate, Path) and not is_local(predicate))
        ):
            self._reads.other_node_predicates |= path_predicates(predicate)
        ends = [(variable_name(each), None if variable_name(each) else token_of(each)) for each in (subject, value)]
        if isinstance(predicate, Path):
            unrecorded = Reads(triples)
            there, back = (path_function(unrecorded, predicate, backwards=each) for each in (False, True))
            return path_solver(ends, there, back)
        if name := variable_name(predicate):
            return variable_solver(ends, name, triples)
        return predicate_solver(ends, token_of(predicate), triples)
