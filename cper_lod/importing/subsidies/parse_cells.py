"""Parses the cells of a file of subsidies: amounts with a French decimal comma, shares, dates, periods, SIRETs.

A parser returns the normalized value, also of a cell that is written otherwise but can be read in one way only.
Source: SCDL subventions 2.1.1 (Table Schema).
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from cper_lod.core import check_digits
from cper_lod.core.text import folded


class InvalidCell(Exception):
    """A cell that cannot be read, with the code of the error."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


CellParser = Callable[[str], str]

_PLAIN: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_FRENCH: Final = re.compile(r"-?([0-9]{1,15}|[0-9]{1,3}( [0-9]{3}){1,4})([.,][0-9]{1,9})?( ?€)?")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ISO_MIDNIGHT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]00:00(:00(\.0+)?)?Z?")
_SLASHED: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_DAY: Final = r"([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})"
_SPAN: Final = re.compile(f"{_DAY} ?[/_] ?{_DAY}")
_NATURES: Final[Mapping[str, str]] = {
    "aide en numeraire": "numeraire",
    "aide en nature": "nature",
    "aide en numeraire;aide en nature": "numeraire nature",
    "aide en nature;aide en numeraire": "numeraire nature",
}


def any_text(text: str) -> str:
    """Return any text."""
    return text


def _number(text: str) -> Decimal:
    """Return a decimal number, written with a point or in the French way; raises `InvalidCell`.

    Three digits after a comma could also be thousands: this is an error, not a guess.
    """
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if not _FRENCH.fullmatch(text):
        raise InvalidCell("amount-number")
    if re.search(r",[0-9]{3}\b", text):
        raise InvalidCell("number-ambiguous")
    return Decimal(text.replace(" ", "").removesuffix("€").replace(",", "."))


def canonical(number: Decimal) -> str:
    """Return the number as the RDF store writes it: no exponent, no trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_amount(text: str) -> str:
    """Return an amount in euros; raises `InvalidCell`.

    >>> parse_amount("47800.20"), parse_amount("47 800,20 €")
    ('47800.2', '47800.2')
    """
    number = _number(text)
    if number < 0:
        raise InvalidCell("amount-negative")
    if number != number.quantize(Decimal("0.01")):
        raise InvalidCell("amount-cents")
    return canonical(abs(number))


def parse_share(text: str) -> str:
    """Return a fraction of one as a percentage; raises `InvalidCell`.

    >>> parse_share("0.45"), parse_share("1,00")
    ('45', '100')
    """
    number = _number(text)
    if not Decimal("0.01") <= number <= 1:
        raise InvalidCell("share-range")
    return canonical(number * 100)


def parse_date(text: str) -> str:
    """Return a date in ISO 8601; raises `InvalidCell`.

    A date with slashes is accepted only if it can be read in one way.

    >>> parse_date("2024-03-01"), parse_date("31/03/2024"), parse_date("03/03/2024")
    ('2024-03-01', '2024-03-31', '2024-03-03')
    """
    if midnight := _ISO_MIDNIGHT.fullmatch(text):
        return _valid(midnight[1])
    if _ISO.fullmatch(text):
        return _valid(text)
    if not (found := _SLASHED.fullmatch(text)):
        raise InvalidCell("date-unreadable")
    first, second, year = int(found[1]), int(found[2]), found[3]
    if first <= 12 and second <= 12 and first != second:
        raise InvalidCell("date-ambiguous")
    return _valid(f"{year}-{second:02}-{first:02}")


def _valid(text: str) -> str:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise InvalidCell("date-unreadable") from None
    if not 1900 <= found.year <= 2100:
        raise InvalidCell("date-unreadable")
    return text


def parse_period(text: str) -> str:
    """Return a period as start/end, from one date or two; raises `InvalidCell`.

    >>> parse_period("2024-01-01/2024-12-31"), parse_period("2024-01-01_2024-12-31")
    ('2024-01-01/2024-12-31', '2024-01-01/2024-12-31')
    """
    if not (found := _SPAN.fullmatch(text)):
        value = parse_date(text)
        return f"{value}/{value}"
    start, end = parse_date(found[1]), parse_date(found[2])
    if start > end:
        raise InvalidCell("period-order")
    return f"{start}/{end}"


def parse_nature(text: str) -> str:
    """Return the codes of the kinds of aid; raises `InvalidCell`.

    >>> parse_nature("Aide en nature ; aide en numéraire")
    'numeraire nature'
    """
    codes = _NATURES.get(folded(re.sub(" ?; ?", ";", text)))
    if codes is None:
        raise InvalidCell("nature-unknown")
    return codes


def parse_yes_no(text: str) -> str:
    """Return true or false for « oui » or « non »; raises `InvalidCell`."""
    known = {"oui": "true", "non": "false"}.get(text.lower())
    if known is None:
        raise InvalidCell("yes-or-no")
    return known


def parse_siret(text: str) -> str:
    """Return a SIRET; raises `InvalidCell`.

    >>> parse_siret("200 053 742 00017")
    '20005374200017'
    """
    digits = text.replace(" ", "")
    if len(digits) != 14 or not (digits.isascii() and digits.isdigit()):
        raise InvalidCell("siret-digits")
    if not check_digits.is_siret(digits):
        raise InvalidCell("siret-key")
    return digits


def parse_rna(text: str) -> str:
    """Return an RNA number; raises `InvalidCell`."""
    if not check_digits.is_rna(text.upper()):
        raise InvalidCell("rna-form")
    return text.upper()
