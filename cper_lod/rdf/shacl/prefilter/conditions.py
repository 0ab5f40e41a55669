"""SPARQL conditions (expressions of FILTER) as functions of bindings: true, false, or None for a SPARQL error.

`&&`, `||`, `!` and EXISTS are evaluated here, like rdflib does; frequent expressions on tokens, without rdflib terms, with
the same results (`fast_condition`); others by rdflib itself, with a cache.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from rdflib import XSD, Graph, Literal, URIRef, Variable
from rdflib.plugins.sparql.evalutils import _eval
from rdflib.plugins.sparql.operators import EBV
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import FrozenBindings, Prologue, QueryContext, SPARQLError
from rdflib.term import BNode, Node

from cper_lod.rdf.shacl.prefilter.triples import suffix_of, term_of, text_of, token_of

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


UNSURE: Final = object()
"""The result of a function for tokens that it does not handle."""

FastExpression = Callable[[Mapping[str, str]], Any]
"""Computes the value of an expression, or whether a condition holds, or `UNSURE`."""

_FORMS: Final = {
    f"^^<{XSD.integer}>": (re.compile(r"[-+]?[0-9]+"), int),
    f"^^<{XSD.decimal}>": (re.compile(r"[-+]?[0-9]+([.][0-9]+)?"), Decimal),
}
_OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
    "Builtin_STRSTARTS": str.startswith,
    "Builtin_CONTAINS": operator.contains,
}


def fast_condition(expression: Any) -> FastExpression | None:  # noqa: ANN401
    """Return a function that evaluates a condition; None if there is none for it."""
    name = getattr(expression, "name", "")
    if name == "Builtin_isIRI":
        return _of_variable(expression.arg, lambda token: token[0] == "<")
    if name == "Builtin_BOUND" and isinstance(expression.arg, Variable):
        bound = str(expression.arg)
        return lambda bindings: bound in bindings
    if name in _OPERATORS and _is_plain(expression.arg2):
        return _both(_string(expression.arg1), _text(expression.arg2), _OPERATORS[name])
    if name == "Builtin_REGEX" and not expression.flags and _is_plain(expression.pattern):
        search, always = re.compile(str(expression.pattern)).search, _text(expression.pattern)
        return _both(_string(expression.text), always, lambda text, _: search(text) is not None)
    return _relation(expression) if name == "RelationalExpression" and expression.other is not None else None


def _relation(expression: Any) -> FastExpression | None:  # noqa: ANN401
    left, right, sign = expression.expr, expression.other, expression.op
    if sign in ("IN", "NOT IN"):
        if not isinstance(right, list) or not all(isinstance(each, URIRef) for each in right):
            return None
        tokens = frozenset(map(token_of, right))
        return _of_variable(left, lambda token: (token in tokens) is (sign == "IN"))
    decide = _OPERATORS[sign]
    terms = _both(_term(left), _term(right), decide) if sign in ("=", "!=") else None
    return terms or _both(_text(left), _text(right), decide) or _both(_number(left), _number(right), decide)


def _both(
    left: FastExpression | None, right: FastExpression | None, decide: Callable[[Any, Any], Any]
) -> FastExpression | None:
    """Return a function of the values of two expressions; None if there is none for one of them."""
    if left is None or right is None:
        return None

    def value(bindings: Mapping[str, str]) -> object:
        one, other = left(bindings), right(bindings)
        return UNSURE if UNSURE in (one, other) else decide(one, other)

    return value


def _of_variable(expression: object, value: Callable[[str], Any]) -> FastExpression | None:
    """Return a function of the token of a variable; None for other expressions."""
    if not isinstance(expression, Variable):
        return None
    name = str(expression)
    return lambda bindings: value(bindings[name]) if name in bindings else UNSURE


def _is_plain(term: object) -> bool:
    return isinstance(term, Literal) and not term.language and not term.datatype


def _text(expression: Any) -> FastExpression | None:  # noqa: ANN401
    """Return a function for a plain literal, STR(?x) or LANG(?x); None for other expressions."""
    if _is_plain(expression):
        constant = str(expression)
        return lambda _: constant
    match getattr(expression, "name", ""):
        case "Builtin_STR":
            return _of_variable(expression.arg, lambda token: UNSURE if token[0] == "_" else text_of(token))
        case "Builtin_LANG":
            return _of_variable(expression.arg, lambda token: _language(token) if token[0] == '"' else UNSURE)
    return None


def _language(token: str) -> str:
    return suffix[1:] if (suffix := suffix_of(token)).startswith("@") else ""


def _string(expression: Any) -> FastExpression | None:  # noqa: ANN401
    """Return a function for STR(?x), or for ?x if it is a string; None for other expressions."""
    string = _of_variable(
        expression, lambda token: UNSURE if token[0] != '"' or "^^" in suffix_of(token) else text_of(token)
    )
    return string or (_text(expression) if getattr(expression, "name", "") == "Builtin_STR" else None)


def _term(expression: Any) -> FastExpression | None:  # noqa: ANN401
    """Return a function for an IRI, for ?x if it is no literal, or for DATATYPE(?x); None for other expressions."""
    if isinstance(expression, URIRef):
        constant = token_of(expression)
        return lambda _: constant
    if getattr(expression, "name", "") == "Builtin_DATATYPE":
        return _of_variable(expression.arg, lambda token: token.rpartition('"^^')[2] if '"^^' in token else UNSURE)
    return _of_variable(expression, lambda token: UNSURE if token[0] == '"' else token)


def _number(expression: Any) -> FastExpression | None:  # noqa: ANN401
    """Return a function for the number of a variable or literal, or of a product of two; None for other expressions."""
    if getattr(expression, "name", "") == "MultiplicativeExpression" and [*expression.op] == ["*"]:
        # rdflib computes with 28 digits, as Decimal does here: both round alike.
        return _both(_number(expression.expr), _number(expression.other[0]), operator.mul)
    constant = _number_of(token_of(expression)) if isinstance(expression, Literal) else UNSURE
    return _of_variable(expression, _number_of) if constant is UNSURE else lambda _: constant


def _number_of(token: str) -> Any:  # noqa: ANN401
    """Return the number of a token, an int or a Decimal; `UNSURE` for any other token."""
    form, make = _FORMS.get(suffix_of(token), (None, None)) if token[0] == '"' else (None, None)
    text = text_of(token) if form else ""
    return make(text) if form and make and form.fullmatch(text) else UNSURE
