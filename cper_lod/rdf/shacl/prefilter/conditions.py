"""SPARQL conditions (expressions of FILTER) as functions of bindings: true, false, or None for a SPARQL error.

`&&`, `||`, `!` and EXISTS are evaluated here, like rdflib does; other expressions by `fast_conditions` if possible,
else by rdflib itself, with a cache.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from rdflib import Graph, Variable
from rdflib.plugins.sparql.evalutils import _eval
from rdflib.plugins.sparql.operators import EBV
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import FrozenBindings, Prologue, QueryContext, SPARQLError
from rdflib.term import BNode, Node

from cper_lod.rdf.shacl.prefilter.fast_conditions import UNSURE, fast_condition
from cper_lod.rdf.shacl.prefilter.tokens import term_of, token_of

Bindings = dict[str, str]
"""The token of each bound variable."""

Condition = Callable[[Bindings], bool | None]
Solver = Callable[[Bindings], Iterator[Bindings]]

_CACHE_SIZE: Final = 8192
"""Number of results of rdflib that are cached for each condition."""

_RANDOM: Final = {"Builtin_RAND", "Builtin_NOW", "Builtin_UUID", "Builtin_STRUUID", "Builtin_BNODE"}


class UndecidableError(Exception):
    """A constraint cannot be compiled; pyshacl must check every focus node."""


def variables(expression: object) -> Iterator[str]:
    """Yield the variables of an expression; raises `UndecidableError` if its value does not only depend on them."""
    if isinstance(expression, Variable):
        yield str(expression)
    elif isinstance(expression, CompValue):
        if "EXISTS" in expression.name or "Aggregate" in expression.name or expression.name in _RANDOM:
            raise UndecidableError(expression.name)
        for key in expression:
            yield from variables(getattr(expression, key))
    elif isinstance(expression, list | tuple):
        for each in expression:
            yield from variables(each)


def compile_condition(expression: Any, prologue: Prologue, exists: Callable[[Any], Solver]) -> Condition:  # noqa: ANN401
    """Return a function that evaluates an expression; `exists` returns a solver of the pattern in an EXISTS."""
    name = getattr(expression, "name", "")
    if name in ("Builtin_EXISTS", "Builtin_NOTEXISTS"):
        solver, wanted = exists(expression.graph), name == "Builtin_EXISTS"
        return lambda bindings: (next(solver(bindings), None) is not None) is wanted
    if name == "UnaryNot":
        inner = compile_condition(expression.expr, prologue, exists)
        return lambda bindings: None if (found := inner(bindings)) is None else not found
    if name in ("ConditionalAndExpression", "ConditionalOrExpression") and expression.other:
        parts = [compile_condition(each, prologue, exists) for each in (expression.expr, *expression.other)]
        return _all(parts) if name == "ConditionalAndExpression" else _any(parts)
    if name.endswith("Expression") and expression.other is None:
        return compile_condition(expression.expr, prologue, exists)
    if name == "TrueFilter":
        return lambda _: True
    return _simple_condition(expression, prologue)


def _all(parts: list[Condition]) -> Condition:
    def decide(bindings: Bindings) -> bool | None:
        for part in parts:
            found = part(bindings)
            if not found:
                return found
        return True

    return decide


def _any(parts: list[Condition]) -> Condition:
    def decide(bindings: Bindings) -> bool | None:
        found: bool | None = False
        for part in parts:
            one = part(bindings)
            if one:
                return True
            found = None if one is None else found
        return found

    return decide


def _simple_condition(expression: Any, prologue: Prologue) -> Condition:  # noqa: ANN401
    slow, fast = rdflib_condition(expression, prologue), fast_condition(expression)
    if fast is None:
        return slow

    def decide(bindings: Bindings) -> bool | None:
        found = fast(bindings)
        return slow(bindings) if found is UNSURE else found

    return decide


def rdflib_condition(expression: Any, prologue: Prologue) -> Condition:  # noqa: ANN401
    """Return a function that evaluates an expression without EXISTS in rdflib; raises `UndecidableError`."""
    value = _rdflib_value(expression, prologue)

    def answer(found: Node | None) -> bool | None:
        try:
            return None if found is None else bool(EBV(found))  # type: ignore[call-overload]
        except SPARQLError:
            return None

    return lambda bindings: answer(value(bindings))


def compile_value(expression: Any, prologue: Prologue) -> Callable[[Bindings], str | None]:  # noqa: ANN401
    """Return a function that computes the value of an expression without EXISTS, or None for a SPARQL error.

    Raises `UndecidableError`.
    """
    if isinstance(expression, Variable):
        name = str(expression)
        return lambda bindings: bindings.get(name)
    if not isinstance(expression, CompValue):
        token = token_of(expression)
        return lambda _: token
    value = _rdflib_value(expression, prologue)

    return lambda bindings: None if (found := value(bindings)) is None else token_of(found)


def _rdflib_value(expression: Any, prologue: Prologue) -> Callable[[Bindings], Node | None]:  # noqa: ANN401
    """Return a function that computes the value of an expression in rdflib, cached by the values of its variables."""
    names = sorted(set(variables(expression)))
    context = QueryContext(Graph(bind_namespaces="none"), initBindings={})
    context.prologue = prologue

    @lru_cache(maxsize=_CACHE_SIZE)
    def ask(*tokens: str | None) -> Node | None:
        known = {Variable(name): term_of(token) for name, token in zip(names, tokens, strict=True) if token is not None}
        try:
            found = _eval(expression, FrozenBindings(context, known))
        except SPARQLError:
            return None
        return None if isinstance(found, SPARQLError) else found

    return lambda bindings: ask(*(bindings.get(name) for name in names))


def variable_name(term: object) -> str | None:
    """Return the name of a variable or blank node of a pattern; None for a constant."""
    return str(term) if isinstance(term, Variable) else f"_:{term}" if isinstance(term, BNode) else None
