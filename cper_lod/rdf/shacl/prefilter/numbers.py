"""Arithmetic of SPARQL on integers and decimals, as rdflib reckons: it takes milliseconds itself for a check digit."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from rdflib import XSD, Literal, Variable

from cper_lod.rdf.shacl.prefilter.tokens import suffix_of, text_of, token_of

UNSURE: Final = object()
"""What is to be asked of rdflib."""

Expression = Callable[[Mapping[str, str]], Any]
"""What an expression comes to, a number or a text; or `UNSURE`."""

_FORMS: Final = {
    f"^^<{XSD.integer}>": (re.compile(r"[-+]?[0-9]+"), int),
    f"^^<{XSD.decimal}>": (re.compile(r"[-+]?[0-9]+([.][0-9]+)?"), Decimal),
}
_SIGNS: Final = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
_DIGITS: Final = re.compile(r"[0-9]+")


def number_of(token: str) -> Any:  # noqa: ANN401
    """Return the number that a token is, an int or a Decimal; `UNSURE` where it is not written as such."""
    form, make = _FORMS.get(suffix_of(token), (None, None)) if token[0] == '"' else (None, None)
    text = text_of(token) if form else ""
    return make(text) if form and make and form.fullmatch(text) else UNSURE


def compile_arithmetic(expression: Any) -> Expression | None:  # noqa: ANN401
    """Return how to reckon an expression, None where it is not arithmetic of these kinds."""
    if isinstance(expression, Variable):
        name = str(expression)
        return lambda bindings: number_of(bindings.get(name, "_"))
    if isinstance(expression, Literal):
        constant = number_of(token_of(expression))
        return None if constant is UNSURE else lambda _: constant
    name = getattr(expression, "name", "")
    if name in ("AdditiveExpression", "MultiplicativeExpression"):
        return _left_to_right(expression, Decimal if name == "MultiplicativeExpression" else lambda found: found)
    if name == "Builtin_FLOOR":
        return _apply(compile_arithmetic(expression.arg), math.floor)
    cast = name == "Function" and expression.iri == XSD.integer and len(expression.expr) == 1
    return _apply(_substring(expression.expr[0]), _digits) if cast else None


def _digits(text: str) -> object:
    return int(text) if _DIGITS.fullmatch(text) else UNSURE


def is_integer(expression: Any) -> bool:  # noqa: ANN401
    """Return whether a sum is an xsd:integer wherever it can be reckoned to an int."""
    if getattr(expression, "name", "") == "AdditiveExpression":
        return all(map(is_integer, (expression.expr, *expression.other)))
    return isinstance(expression, Variable | Literal) or getattr(expression, "name", "") == "Function"


def _apply(inner: Expression | None, then: Callable[[Any], Any]) -> Expression | None:
    if inner is None:
        return None
    return lambda bindings: UNSURE if (found := inner(bindings)) is UNSURE else then(found)


def _left_to_right(expression: Any, begin: Callable[[Any], Any]) -> Expression | None:  # noqa: ANN401
    first, others = compile_arithmetic(expression.expr), [compile_arithmetic(each) for each in expression.other or ()]
    if first is None or None in others:
        return None
    steps = [(_SIGNS[sign], other) for sign, other in zip(expression.op, others, strict=True) if other]

    def reckon(bindings: Mapping[str, str]) -> object:
        total = first(bindings)
        if total is UNSURE:
            return UNSURE
        total = begin(total)
        for step, other in steps:
            found = other(bindings)
            if found is UNSURE or (step is operator.truediv and not found):
                return UNSURE
            total = step(total, found)
        return total

    return reckon


def _substring(expression: Any) -> Expression | None:  # noqa: ANN401
    """SUBSTR(a string, from, length), both whole."""
    if getattr(expression, "name", "") != "Builtin_SUBSTR" or expression.length is None:
        return None
    text, start, length = compile_string(expression.arg), compile_arithmetic(expression.start), compile_arithmetic(expression.length)
    if text is None or start is None or length is None:
        return None

    def cut(bindings: Mapping[str, str]) -> object:
        whole, first, count = text(bindings), start(bindings), length(bindings)
        if whole is UNSURE or type(first) is not int or type(count) is not int or first < 1 or count < 0:
            return UNSURE
        return whole[first - 1 : first - 1 + count]

    return cut


def compile_string(expression: Any) -> Expression | None:  # noqa: ANN401
    """Return the characters of an expression that is a string, written out or a variable; None for any other."""
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
