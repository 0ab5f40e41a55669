"""Frequent SPARQL conditions, evaluated on tokens without rdflib terms, with the same results as rdflib.

A function returns `UNSURE` for tokens it does not handle; then rdflib is used.
"""

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from rdflib import XSD, Literal, URIRef, Variable

from cper_lod.rdf.shacl.prefilter.tokens import suffix_of, text_of, token_of

UNSURE: Final = object()
"""The result of a function for tokens that it does not handle."""

Expression = Callable[[Mapping[str, str]], Any]
"""Computes the value of an expression, a number or a text, or `UNSURE`."""

_FORMS: Final = {
    f"^^<{XSD.integer}>": (re.compile(r"[-+]?[0-9]+"), int),
    f"^^<{XSD.decimal}>": (re.compile(r"[-+]?[0-9]+([.][0-9]+)?"), Decimal),
}


def number_of(token: str) -> Any:  # noqa: ANN401
    """Return the number of a token, an int or a Decimal; `UNSURE` for any other token."""
    form, make = _FORMS.get(suffix_of(token), (None, None)) if token[0] == '"' else (None, None)
    text = text_of(token) if form else ""
    return make(text) if form and make and form.fullmatch(text) else UNSURE


def _number(expression: Any) -> Expression | None:  # noqa: ANN401
    """Return a function for the number of a variable or literal, or of a product of two; None for other expressions."""
    if isinstance(expression, Variable):
        name = str(expression)
        return lambda bindings: number_of(bindings.get(name, "_"))
    if getattr(expression, "name", "") == "MultiplicativeExpression" and [*expression.op] == ["*"]:
        return _product(_number(expression.expr), _number(expression.other[0]))
    constant = number_of(token_of(expression)) if isinstance(expression, Literal) else UNSURE
    return None if constant is UNSURE else lambda _: constant


def _product(left: Expression | None, right: Expression | None) -> Expression | None:
    if left is None or right is None:
        return None

    def multiply(bindings: Mapping[str, str]) -> object:
        one, other = left(bindings), right(bindings)
        # rdflib computes with 28 digits, as Decimal does here: both round alike.
        return UNSURE if UNSURE in (one, other) else one * other

    return multiply


def compile_string(expression: Any) -> Expression | None:  # noqa: ANN401
    """Return a function that returns a string literal or the value of a string variable; None for other expressions."""
    if isinstance(expression, Literal) and not expression.datatype:
        constant = str(expression)
        return lambda _: constant
    if not isinstance(expression, Variable):
        return None
    name = str(expression)

    def characters(bindings: Mapping[str, str]) -> object:
        token = bindings.get(name, "_")
        return text_of(token) if token[0] == '"' and not suffix_of(token).startswith("^^") else UNSURE

    return characters


FastCondition = Callable[[Mapping[str, str]], Any]

_OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}


def fast_condition(expression: Any) -> FastCondition | None:  # noqa: ANN401
    """Return a function that evaluates a condition; None if there is none for it."""
    name = getattr(expression, "name", "")
    if name == "Builtin_isIRI" and isinstance(expression.arg, Variable):
        return _is_iri(str(expression.arg))
    if name == "Builtin_BOUND" and isinstance(expression.arg, Variable):
        bound = str(expression.arg)
        return lambda bindings: bound in bindings
    if name in ("Builtin_STRSTARTS", "Builtin_CONTAINS") and (text := _text(expression.arg1)):
        return _substring_test(text, expression.arg2, starts=name == "Builtin_STRSTARTS")
    if name == "Builtin_REGEX" and not expression.flags and _is_plain(expression.pattern):
        pattern = re.compile(str(expression.pattern)).search
        if text := _text(expression.text):
            return _on_text(text, lambda found: pattern(found) is not None)
    return _relation(expression) if name == "RelationalExpression" and expression.other is not None else None


def _is_plain(term: object) -> bool:
    return isinstance(term, Literal) and not term.language and not term.datatype


def _is_iri(name: str) -> FastCondition:
    return lambda bindings: bindings[name][0] == "<" if name in bindings else UNSURE


def _text(expression: Any) -> Callable[[Mapping[str, str]], Any] | None:  # noqa: ANN401
    """Return a function for STR(?x), or for ?x if it is a string."""
    if getattr(expression, "name", "") == "Builtin_STR" and isinstance(expression.arg, Variable):
        name = str(expression.arg)
        return lambda bindings: text_of(token) if (token := bindings.get(name, "_"))[0] != "_" else UNSURE
    return compile_string(expression) if isinstance(expression, Variable) else None


def _on_text(text: Callable[[Mapping[str, str]], Any], decide: Callable[[str], bool]) -> FastCondition:
    return lambda bindings: UNSURE if (found := text(bindings)) is UNSURE else decide(found)


def _substring_test(text: Callable[[Mapping[str, str]], Any], part: object, *, starts: bool) -> FastCondition | None:
    if not _is_plain(part):
        return None
    wanted = str(part)
    return _on_text(text, (lambda found: found.startswith(wanted)) if starts else (lambda found: wanted in found))


def _relation(expression: Any) -> FastCondition | None:  # noqa: ANN401
    left, right, sign = expression.expr, expression.other, expression.op
    kind = getattr(left, "name", "")
    if sign in ("IN", "NOT IN") and isinstance(left, Variable) and isinstance(right, list):
        return _in_list(str(left), right, wanted=sign == "IN")
    if kind == "Builtin_STR" and (_is_plain(right) or getattr(right, "name", "") == "Builtin_STR"):
        return _text_comparison(_text(left), _text(right), right, _OPERATORS[sign])
    if sign in ("=", "!=") and kind in ("Builtin_LANG", "Builtin_DATATYPE") and isinstance(left.arg, Variable):
        return (_language_comparison if kind == "Builtin_LANG" else _datatype_comparison)(
            str(left.arg), right, wanted=sign == "="
        )
    if isinstance(left, Variable) and sign in ("=", "!=") and isinstance(right, Variable | URIRef):
        return _same_term(str(left), right, wanted=sign == "=")
    return _number_comparison(_number(left), _number(right), _OPERATORS[sign]) if sign in _OPERATORS else None


def _in_list(name: str, values: list[Any], *, wanted: bool) -> FastCondition | None:
    if not all(isinstance(each, URIRef) for each in values):
        return None
    tokens = frozenset(token_of(each) for each in values)
    return lambda bindings: (bindings[name] in tokens) is wanted if name in bindings else UNSURE


def _text_comparison(
    left: Expression | None, right: Expression | None, constant: object, order: Callable[[Any, Any], bool]
) -> FastCondition | None:
    if left is None or (right is None and not _is_plain(constant)):
        return None

    def decide(bindings: Mapping[str, str]) -> object:
        one, other = left(bindings), right(bindings) if right else str(constant)
        return UNSURE if UNSURE in (one, other) else order(one, other)

    return decide


def _language_comparison(name: str, right: object, *, wanted: bool) -> FastCondition | None:
    """LANG(?x) = "fr", or = ?y."""
    other = str(right) if isinstance(right, Variable) else None
    constant = token_of(right) if isinstance(right, Literal) and _is_plain(right) else None
    if not other and not constant:
        return None

    def decide(bindings: Mapping[str, str]) -> object:
        token, tag = bindings.get(name, "_"), constant or bindings.get(other or "", "_")
        if token[0] != '"' or tag[0] != '"' or tag[-1] != '"':
            return UNSURE
        kind = suffix_of(token)
        return (f'"{kind[1:]}"' == tag if kind.startswith("@") else tag == '""') is wanted

    return decide


def _datatype_comparison(name: str, right: object, *, wanted: bool) -> FastCondition | None:
    """DATATYPE(?x) = an IRI."""
    if not isinstance(right, URIRef):
        return None
    kind = f"^^<{right}>"

    def decide(bindings: Mapping[str, str]) -> object:
        token = bindings.get(name, "_")
        found = suffix_of(token) if token[0] == '"' else ""
        return (found == kind) is wanted if found.startswith("^^") else UNSURE

    return decide


def _same_term(name: str, right: Variable | URIRef, *, wanted: bool) -> FastCondition:
    other, constant = str(right), None if isinstance(right, Variable) else token_of(right)

    def decide(bindings: Mapping[str, str]) -> object:
        one, two = bindings.get(name, '"'), constant or bindings.get(other, '"')
        return UNSURE if '"' in (one[0], two[0]) else (one == two) is wanted

    return decide


def _number_comparison(
    left: Expression | None, right: Expression | None, order: Callable[[Any, Any], bool]
) -> FastCondition | None:
    if left is None or right is None:
        return None

    def decide(bindings: Mapping[str, str]) -> object:
        one, other = left(bindings), right(bindings)
        return UNSURE if UNSURE in (one, other) else order(one, other)

    return decide
