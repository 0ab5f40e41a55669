"""What a cell of a file of subsidies says: each kind of value read, or the fault that is in it.

A reader returns the value in our form and, where it had to be lenient, the code of what it put up with. Source: SCDL
subventions 2.1.1 (Table Schema).
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from cper_lod.importing import check_digits

Value = tuple[str, str]
"""What a cell says, and the code of what was tolerated (empty where the cell is as the schema has it)."""


class Fault(Exception):
    """A cell that cannot be read: the code of its fault."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


Reader = Callable[[str], Value]

_PLAIN: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
_FRENCH: Final = re.compile(r"-?([0-9]{1,15}|[0-9]{1,3}( [0-9]{3}){1,4})([.,][0-9]{1,9})?( ?€)?")
_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ISO_MIDNIGHT: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]00:00(:00(\.0+)?)?Z?")
_SLASHED: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_DAY: Final = r"([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4})"
_SPAN: Final = re.compile(f"{_DAY} ?([/_]) ?{_DAY}")
_NATURES: Final[Mapping[str, str]] = {
    "aide en numeraire": "numeraire",
    "aide en nature": "nature",
    "aide en numeraire;aide en nature": "numeraire nature",
    "aide en nature;aide en numeraire": "numeraire nature",
}
_ACCENTED: Final = str.maketrans("éèêëàâùûîïôöç", "eeeeaauuiiooc")


def folded(text: str) -> str:
    """Return `text` in lower case and without the accents of French.

    >>> folded("Aide en NUMÉRAIRE")
    'aide en numeraire'
    """
    return text.lower().translate(_ACCENTED)


def plain(text: str) -> Value:
    """Return any text."""
    return text, ""


def _number(text: str) -> tuple[Decimal, str]:
    """Return a decimal number, written with a point, or as French has it; raises `Fault`.

    Three decimals after a comma may as well be thousands: that is not guessed.
    """
    if _PLAIN.fullmatch(text):
        return Decimal(text), ""
    if not _FRENCH.fullmatch(text):
        raise Fault("amount-number")
    if re.search(r",[0-9]{3}\b", text):
        raise Fault("number-ambiguous")
    return Decimal(text.replace(" ", "").removesuffix("€").replace(",", ".")), "french-number"


def _canonical(number: Decimal) -> str:
    """Return the number as the store writes it: no exponent, no zero at the end."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(text: str) -> Value:
    """Return an amount in euros; raises `Fault`.

    >>> amount("47800.20"), amount("47 800,20 €")
    (('47800.2', ''), ('47800.2', 'french-number'))
    """
    number, tolerated = _number(text)
    if number < 0:
        raise Fault("amount-negative")
    if number != number.quantize(Decimal("0.01")):
        raise Fault("amount-cents")
    return _canonical(abs(number)), tolerated


def share(text: str) -> Value:
    """Return, in percent, what a cell says as a part of one; raises `Fault`.

    >>> share("0.45"), share("1,00")
    (('45', ''), ('100', 'french-number'))
    """
    number, tolerated = _number(text)
    if not Decimal("0.01") <= number <= 1:
        raise Fault("share-range")
    return _canonical(number * 100), tolerated


def day(text: str) -> Value:
    """Return a date as ISO 8601; raises `Fault`.

    A date with strokes is read where it can be read in one way only.

    >>> day("2024-03-01"), day("31/03/2024"), day("03/03/2024")
    (('2024-03-01', ''), ('2024-03-31', 'french-date'), ('2024-03-03', 'french-date'))
    """
    if midnight := _ISO_MIDNIGHT.fullmatch(text):
        return day(midnight[1])[0], "date-with-time"
    if _ISO.fullmatch(text):
        return _valid(text), ""
    if not (found := _SLASHED.fullmatch(text)):
        raise Fault("date-unreadable")
    first, second, year = int(found[1]), int(found[2]), found[3]
    if first <= 12 and second <= 12 and first != second:
        raise Fault("date-ambiguous")
    return _valid(f"{year}-{second:02}-{first:02}"), "french-date"


def _valid(text: str) -> str:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Fault("date-unreadable") from None
    if not 1900 <= found.year <= 2100:
        raise Fault("date-unreadable")
    return text


def period(text: str) -> Value:
    """Return a date, or two with a stroke between them; raises `Fault`.

    >>> period("2024-01-01/2024-12-31"), period("2024-01-01_2024-12-31")
    (('2024-01-01/2024-12-31', ''), ('2024-01-01/2024-12-31', 'old-period'))
    """
    if not (found := _SPAN.fullmatch(text)):
        value, tolerated = day(text)
        return f"{value}/{value}", tolerated
    (start, first), (end, second) = day(found[1]), day(found[3])
    if start > end:
        raise Fault("period-order")
    old = "old-period" if found[2] == "_" else ""
    return f"{start}/{end}", old or first or second


def nature(text: str) -> Value:
    """Return the codes of the kinds of aid; raises `Fault`.

    >>> nature("Aide en nature ; aide en numéraire")
    ('numeraire nature', 'written-otherwise')
    """
    squeezed = re.sub(" ?; ?", ";", text)
    codes = _NATURES.get(folded(squeezed))
    if codes is None:
        raise Fault("nature-unknown")
    exact = set(text.split(";")) <= {"aide en numéraire", "aide en nature"}
    return codes, "" if exact else "written-otherwise"


def yes_or_no(text: str) -> Value:
    """Return true or false for « oui » or « non »; raises `Fault`."""
    known = {"oui": "true", "non": "false"}.get(text.lower())
    if known is None:
        raise Fault("yes-or-no")
    return known, "" if text.islower() else "written-otherwise"


def siret(text: str) -> Value:
    """Return a SIRET; raises `Fault`.

    >>> siret("200 053 742 00017")
    ('20005374200017', 'written-otherwise')
    """
    digits = text.replace(" ", "")
    if len(digits) != 14 or not (digits.isascii() and digits.isdigit()):
        raise Fault("siret-digits")
    if not check_digits.is_siret(digits):
        raise Fault("siret-key")
    return digits, "written-otherwise" if digits != text else ""


def rna(text: str) -> Value:
    """Return an RNA number; raises `Fault`."""
    if not check_digits.is_rna(text.upper()):
        raise Fault("rna-form")
    return text.upper(), "" if text.isupper() else "written-otherwise"
