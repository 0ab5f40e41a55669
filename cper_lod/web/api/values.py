"""Literals as plain JSON values: numbers, booleans, texts."""

import math
from collections.abc import Iterable
from typing import Final

from pyoxigraph import Literal

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import XSD
from cper_lod.rdf.graph import Term
from cper_lod.web.http import formatting

_FLOATS: Final = frozenset({XSD + "double", XSD + "float"})
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_NUMBERS: Final = frozenset(
    XSD + name
    for name in [
        "decimal",
        "integer",
        "long",
        "int",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
        "nonPositiveInteger",
        "negativeInteger",
        "unsignedLong",
        "unsignedInt",
        "unsignedShort",
        "unsignedByte",
    ]
)


def number(text: str) -> int | float | None:
    """Return a decimal as a JSON number, whole ones as int; None for what a JSON number cannot hold digit by digit.

    >>> number("57.3"), number("994000000"), number("19.0"), number("beaucoup")
    (57.3, 994000000, 19, None)
    >>> number("0.1234567890123456789") is None
    True
    """
    exact = formatting.exact(text)
    if exact is None:
        return None
    if exact == exact.to_integral_value():
        return int(exact)
    return float(exact) if exact == type(exact)(repr(float(exact))) else None


def value(literal: Literal) -> int | float | bool | str:
    """Return a literal as a JSON value; its text where it is neither a number nor a boolean that JSON can hold."""
    datatype, text = literal.datatype.value, literal.value
    found: int | float | bool | None = None
    if datatype in _NUMBERS:
        found = number(text)
    elif datatype in _FLOATS:
        found = _float(text)
    elif datatype == XSD + "boolean":
        found = _BOOLEANS.get(text)
    return text if found is None else found


def _float(text: str) -> int | float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    if not math.isfinite(found):
        return None
    return int(found) if found.is_integer() and abs(found) < 2**53 else found


def in_one_language(terms: Iterable[Term], lang: Language) -> list[Term]:
    """Return terms without the texts in other languages than the best one there is: `lang`, else French, else the first."""
    found = list(terms)
    tags = dict.fromkeys(each.language for each in found if isinstance(each, Literal) and each.language)
    if len(tags) > 1:
        best = next((tag for tag in (lang, "fr") if tag in tags), next(iter(tags)))
        found = [each for each in found if not (isinstance(each, Literal) and each.language not in (None, best))]
    return found
