"""Graph patterns of SPARQL as functions: from bindings to the solutions that rdflib would find, or more, never fewer.

What stands around the pattern is left aside. The order of evaluation is that of rdflib (`evaluate.py`), but within a
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
from cper_lod.rdf.shacl.prefilter.tokens import token_of
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
from cper_lod.rdf.shacl.prefilter.triples import OtherNodePredicates, ReversePatterns, Triples

_WRAPPERS: Final = {"SelectQuery", "Project", "Distinct", "Reduced", "OrderBy", "Slice"}
_ORDER_INDEPENDENT: Final = {"BGP", "Union", "Join"}


def query_pattern(algebra: CompValue) -> CompValue:
    """Return the graph pattern of a query, without whose solutions it has no result; raises `UndecidableError`."""
    part, conditions = algebra, list[Any]()
    while part.name in _WRAPPERS or (part.name in ("Extend", "Filter") and is_aggregated(part)):
        conditions += [part.expr] if part.name == "Filter" else []
        part = part.p
    if part.name != "AggregateJoin":
        return part
    if part.p.expr is None or not any(fails_without_rows(each) for each in conditions):
        raise UndecidableError("Such a query has a result where its pattern has no solution.")
    pattern: CompValue = part.p.p
    return pattern


def accepts_bindings(part: CompValue) -> bool:
    """Return whether what is bound around a pattern can be pushed into it without another result."""
    children = [each for key in ("p", "p1", "p2") if isinstance(each := getattr(part, key), CompValue)]
    return part.name in _ORDER_INDEPENDENT and all(map(accepts_bindings, children))


def is_aggregated(part: CompValue) -> bool:
    """Return whether a part of a query is over groups: HAVING, or a value computed of them."""
    while part.name in ("Extend", "Filter"):
        part = part.p
    return bool(part.name == "AggregateJoin")


def fails_without_rows(expression: Any) -> bool:  # noqa: ANN401
    """Return whether a HAVING is an error, so no result, where there was nothing to aggregate."""
    if getattr(expression, "name", "") == "ConditionalOrExpression" and expression.other:
        return all(map(fails_without_rows, (expression.expr, *expression.other)))
    return (
        getattr(expression, "name", "") == "RelationalExpression"
        and expression.op in _COMPARISONS
        and any(each.startswith("__agg_") for each in variables(expression))
    )


_COMPARISONS: Final = ("<", ">", "<=", ">=", "=", "!=")


class PatternCompiler:
    """Makes solvers of the patterns of one query; `kept` are the variables that are bound from outside."""

    def __init__(
        self,
        triples: Triples,
        prologue: Prologue,
        kept: frozenset[str],
        backwards: ReversePatterns,
        elsewhere: OtherNodePredicates,
        *,
        own: bool,
    ) -> None:
        """Begin; what the query reads is added to `backwards` and `elsewhere`. `own`: $this is the focus node."""
        self._own_name = "this" if own and "this" in kept else None
        self._elsewhere = elsewhere
        self._triples = triples
        self._prologue = prologue
        self._kept = kept
        self._backwards = backwards

    def query(self, algebra: CompValue) -> Solver:
        """Return the solver of a query's pattern; raises `UndecidableError` where it cannot be told."""
        return self._part(query_pattern(algebra), set(self._kept), nested=False)

    def _part(self, part: CompValue, known: set[str], *, nested: bool) -> Solver:
        """Return the solver of a pattern, and add to `known` the variables that it binds in every solution."""
        match part.name:
            case "BGP":
                return self._basic(part.triples, known)
            case "Filter":
                return self._filter(part, known, nested=nested)
            case "Extend":
                return self._extend(part, known, nested=nested)
            case "Join":
                return self._join(part, known, nested=nested)
            case "Union":
                return self._union(part, known, nested=nested)
            case "LeftJoin" if not nested:
                return self._optional(part, known)
        raise UndecidableError(part.name)

    def _condition(self, expression: Any, known: set[str]) -> Condition:  # noqa: ANN401
        return compile_condition(expression, self._prologue, lambda graph: self._part(graph, set(known), nested=True))

    def _filter(self, part: CompValue, known: set[str], *, nested: bool) -> Solver:
        inner = self._part(part.p, known, nested=nested)
        wanted = self._condition(part.expr, known)
        # rdflib hides from a filter what is bound around its group, in groups of their own.
        own = None if part.no_isolated_scope else self._own(part)

        def solve(bindings: Bindings) -> Iterator[Bindings]:
            for each in inner(bindings):
                if wanted(each if own is None else self._seen(each, bindings, own)):
                    yield each

        return solve

    def _seen(self, bindings: Bindings, before: Bindings, own: frozenset[str]) -> Bindings:
        """Return the bindings that rdflib shows an expression: those of its own pattern, none from around it."""
        if len(before) == len(self._kept):
            return bindings  # nothing is around it
        return {name: token for name, token in bindings.items() if name in own or name not in before}

    def _own(self, part: CompValue) -> frozenset[str]:
        return self._kept | {name for each in part._vars or () if (name := variable_name(each))}

    def _extend(self, part: CompValue, known: set[str], *, nested: bool) -> Solver:
        inner = self._part(part.p, known, nested=nested)
        value, name, own = compile_value(part.expr, self._prologue), str(part.var), self._own(part)
        if not isinstance(part.expr, CompValue) and set(variables(part.expr)) <= known:
            known.add(name)

        def solve(bindings: Bindings) -> Iterator[Bindings]:
            for each in inner(bindings):
                found = value(self._seen(each, bindings, own))
                yield each if found is None else {**each, name: found}

        return solve

    def _join(self, part: CompValue, known: set[str], *, nested: bool) -> Solver:
        before = set(known)
        first = self._part(part.p1, known, nested=nested)
        pushed = part.lazy or accepts_bindings(part.p2)
        among = known if pushed else before
        second = self._part(part.p2, among, nested=nested)
        known |= among

        def solve(bindings: Bindings) -> Iterator[Bindings]:
            for one in first(bindings):
                for other in second(one if pushed else bindings):
                    if pushed or all(one.get(name, token) == token for name, token in other.items()):
                        yield {**other, **one}

        return solve

    def _union(self, part: CompValue, known: set[str], *, nested: bool) -> Solver:
        sides = set(known), set(known)
        solvers = [self._part(each, side, nested=nested) for each, side in zip((part.p1, part.p2), sides, strict=True)]
        known |= sides[0] & sides[1]

        def solve(bindings: Bindings) -> Iterator[Bindings]:
            for solver in solvers:
                yield from solver(bindings)

        return solve

    def _optional(self, part: CompValue, known: set[str]) -> Solver:
        """Outside EXISTS only: where rdflib looks again before it goes without the optional part, this does not."""
        first = self._part(part.p1, known, nested=False)
        inside = set(known)
        second = self._part(part.p2, inside, nested=False)
        wanted = self._condition(part.expr, inside)

        def solve(bindings: Bindings) -> Iterator[Bindings]:
            for one in first(bindings):
                none = True
                for other in second(one):
                    if wanted(self._seen(other, bindings, self._kept)):
                        none = False
                        yield {**other, **one}
                if none:
                    yield one

        return solve

    def _basic(self, patterns: Any, known: set[str]) -> Solver:  # noqa: ANN401
        # In the order in which rdflib reads them, too: pyshacl will ask them so of the suspects.
        told = set(known)
        for each in sorted(patterns, key=lambda each: sum(is_unbound(term, known) for term in each)):
            self._note(each, told)
        steps, left = list[Solver](), list(patterns)
        while left:
            best = min(left, key=lambda each: estimated_cost(each, known))
            left.remove(best)
            self._note(best, known)
            steps.append(self._step(*best))

        def solve(bindings: Bindings, at: int = 0) -> Iterator[Bindings]:
            if at == len(steps):
                yield bindings
                return
            for each in steps[at](bindings):
                yield from solve(each, at + 1)

        return steps[0] if len(steps) == 1 else solve

    def _note(self, pattern: tuple[Any, Any, Any], known: set[str]) -> None:
        """Remember what is looked up from its object, and what the pattern binds."""
        subject, predicate, value = pattern
        if isinstance(predicate, Path):
            path_function(self._triples, predicate, backwards=is_unbound(subject, known), noted=self._backwards)
        elif is_unbound(subject, known) and not variable_name(predicate):
            self._backwards.add((token_of(predicate), None if variable_name(value) else token_of(value)))
        known |= {name for term in pattern if not isinstance(term, Path) and (name := variable_name(term))}

    def _step(self, subject: Any, predicate: Any, value: Any) -> Solver:  # noqa: ANN401
        if (
            variable_name(subject) is None
            or variable_name(subject) != self._own_name
            or (isinstance(predicate, Path) and not is_local(predicate))
        ):
            self._elsewhere |= path_predicates(predicate)
        ends = [(variable_name(each), None if variable_name(each) else token_of(each)) for each in (subject, value)]
        if isinstance(predicate, Path):
            there, back = (path_function(self._triples, predicate, backwards=each, noted=set()) for each in (False, True))
            return path_solver(ends, there, back)
        if name := variable_name(predicate):
            return variable_solver(ends, name, self._triples)
        return predicate_solver(ends, token_of(predicate), self._triples)
