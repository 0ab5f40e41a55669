"""Literals as plain JSON values: numbers, booleans, texts."""

import math
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import DECIMALS, NUMBER, XSD
from cper_lod.rdf.graph import Term

_NUMBERS: Final = DECIMALS | {NUMBER}
_FLOATS: Final = frozenset({XSD + "double", XSD + "float"})
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_FLOAT: Final = re.compile(rf"{_DECIMAL.pattern}(?:[eE][+-]?[0-9]+)?")
_LONG: Final = 2**63
"""Whole numbers below it are written with all digits; some programs cannot read longer ones."""


def number(text: str) -> int | float | None:
    """Return a decimal as a JSON number: a whole one as int, any other as the nearest double.

    None for any other text, and for what is beyond the largest double.

    >>> number("57.3"), number("994000000"), number("19.0"), number("beaucoup")
    (57.3, 994000000, 19, None)
    >>> number("000000994000000"), number("000000000000057.3")
    (994000000, 57.3)
    >>> number("0.1234567890123456789"), number("123456789012345678901.5")
    (0.12345678901234568, 1.2345678901234568e+20)
    """
    if not _DECIMAL.fullmatch(text):
        return None
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() and abs(exact) < _LONG else _finite(float(text))


def value(literal: Literal) -> int | float | bool | str:
    """Return a literal as a JSON value; its text where it is neither a number that JSON can hold nor a boolean."""
    datatype, text = literal.datatype.value, literal.value
    found: int | float | bool | None = None
    if datatype in _NUMBERS:
        found = number(text)
    elif datatype in _FLOATS and _FLOAT.fullmatch(text):
        found = _finite(float(text))
    elif datatype == XSD + "boolean":
        found = _BOOLEANS.get(text)
    return text if found is None else found


def _finite(found: float) -> int | float | None:
    """Return a double as a JSON number, a small whole one as int; None for an infinite one."""
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
