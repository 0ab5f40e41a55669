"""Parses the cells of a workbook: texts, dates as far as they are known, periods, names of rows, identifiers."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from cper_lod.core.check_digits import is_siret, luhn
from cper_lod.core.french import AMOUNT, MONTHS, matched_number, unit_power
from cper_lod.core.namespaces import XSD
from cper_lod.core.text import folded, slug
from cper_lod.importing.contracts.model import YES_NO, RawCell, normalized_name


class UnreadableCell(Exception):
    """A cell that cannot be read: the key of the finding, and the values for its sentences."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key, values)


MAX_TEXT_LENGTH: Final = 4000
YEARS: Final = range(1900, 2201)
_IN_URL: Final = r"(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
Years = tuple[int | None, int | None]
"""The first and the last year; None for one that is not known."""


def clean_text(text: str) -> str:
    r"""Return a text on one line, with single plain spaces (also for no-break spaces); raises `UnreadableCell`.

    >>> clean_text(" 57,3\u202f%\n des crédits ")
    '57,3 % des crédits'
    """
    plain = " ".join(text.split())
    for each in plain:
        if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Co", "Cn"):
            raise UnreadableCell("cell-control", code=f"U+{ord(each):04X}")
    if len(plain) > MAX_TEXT_LENGTH:
        raise UnreadableCell("cell-too-long", limit=MAX_TEXT_LENGTH, length=len(plain))
    return plain


def _text(cell: RawCell) -> str:
    """Return the text of a cell; raises `UnreadableCell` for dates and fractions, which would not be verbatim."""
    if cell.kind == "text":
        return clean_text(str(cell.value))
    if isinstance(cell.value, int | float) and float(cell.value).is_integer() and "%" not in cell.format:
        return str(int(cell.value))
    raise UnreadableCell("cell-not-text")


def _integer(cell: RawCell) -> int:
    try:
        text = _text(cell)
    except UnreadableCell:
        text = ""
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) < 1:
        raise UnreadableCell("cell-integer")
    return int(text)


def parse_period(text: str) -> Years:
    """Return the first and the last year of a period; one year is both; raises `UnreadableCell`.

    >>> parse_period("2021–2027"), parse_period("-2023"), parse_period("2023")
    ((2021, 2027), (None, 2023), (2023, 2023))
    """
    match = re.fullmatch(r"([0-9]{4})?(?: ?([-–—/]) ?([0-9]{4})?)?", text)
    first, last = (int(each) if each else None for each in (match[1], match[3])) if match else (None, None)
    if not match or not (first or last):
        raise UnreadableCell("cell-period")
    last = last if match[2] else first
    if any(each not in YEARS for each in (first, last) if each) or (first and last and first > last):
        raise UnreadableCell("cell-period")
    return first, last


def whole_period(text: str) -> tuple[int, int]:
    """Return the first and the last year of a period that has both; raises `UnreadableCell`."""
    first, last = parse_period(text)
    if first is None or last is None:
        raise UnreadableCell("cell-period")
    return first, last


_DAY: Final = r"(?P<day>[0-9]{1,2})(?:er)?"
_DATES: Final = tuple(
    re.compile(each)
    for each in (
        r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?",
        r"--(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?",
        _DAY + r"(?P<between>[/.-])(?P<month>[0-9]{1,2})(?:(?P=between)(?P<year>[0-9]{4}))?",
        r"(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})",
        rf"(?:{_DAY} )?(?P<name>{'|'.join(map(folded, MONTHS))})(?: (?P<year>[0-9]{{4}}))?",
    )
)


def day_literal(text: str) -> Literal:
    """Return a date as far as it is known; raises `UnreadableCell`.

    >>> [day_literal(each).value for each in ("1er décembre 2022", "25/02", "juin", "juin 2022", "2023")]
    ['2022-12-01', '--02-25', '--06', '2022-06', '2023']
    """
    match = next(filter(None, (each.fullmatch(folded(text)) for each in _DATES)), None)
    if match is None:
        raise UnreadableCell("cell-date")
    found = match.groupdict()
    month = 1 + [*map(folded, MONTHS)].index(found["name"]) if found.get("name") else int(found.get("month") or 0)
    year, day = int(found.get("year") or 0), int(found.get("day") or 0)
    try:
        date(year or 2024, month or 1, day or 1)  # a leap year
    except ValueError:
        raise UnreadableCell("cell-date") from None
    if year and year not in YEARS:
        raise UnreadableCell("cell-date")
    parts = [f"{year:04}" if year else "-", *(f"{each:02}" for each in (month, day) if each)]
    kind = {(1, 1, 1): "date", (1, 1, 0): "gYearMonth", (1, 0, 0): "gYear", (0, 1, 1): "gMonthDay", (0, 1, 0): "gMonth"}
    return Literal("-".join(parts), datatype=NamedNode(XSD + kind[bool(year), bool(month), bool(day)]))


def _day(cell: RawCell) -> Literal:
    if isinstance(cell.value, date):
        day = cell.value.date() if isinstance(cell.value, datetime) else cell.value
        return day_literal(day.isoformat())
    if cell.kind == "number" and not (isinstance(cell.value, int | float) and cell.value in YEARS):
        raise UnreadableCell("cell-date-number")
    return day_literal(_text(cell))


def _amount(cell: RawCell) -> Decimal:
    match = AMOUNT.fullmatch(_text(cell))
    if not match:
        raise UnreadableCell("cell-amount")
    return matched_number(match) * Decimal(10) ** unit_power(match)


def _link(cell: RawCell) -> str:
    text = _text(cell)
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", text):
        raise UnreadableCell("cell-link")
    return text


def _contact(cell: RawCell) -> str:
    """Return the address of a contact: `mailto:` or https."""
    text = _text(cell)
    if re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text):
        return f"mailto:{text}"
    if not re.fullmatch(rf"https://[a-z0-9-]+([.][a-z0-9-]+)+(/{_IN_URL}(#{_IN_URL})?)?", text):
        raise UnreadableCell("cell-contact")
    return text


def _siren(cell: RawCell) -> str:
    text = _text(cell).replace(" ", "")
    if re.fullmatch("[0-9]{14}", text) and is_siret(text):
        return text[:9]
    if not re.fullmatch("[0-9]{9}", text):
        raise UnreadableCell("cell-siren")
    if not luhn(text):
        raise UnreadableCell("cell-siren-key")
    return text


def _truth(cell: RawCell) -> bool:
    """Return whether a cell says « oui »; raises `UnreadableCell` unless it says « oui » or « non »."""
    text = normalized_name(_text(cell))
    if text not in YES_NO:
        raise UnreadableCell("cell-choice", offers=" | ".join(YES_NO))
    return text == YES_NO[0]


def _identifier(cell: RawCell) -> str:
    text = _text(cell)
    if not re.fullmatch(r"[a-z0-9][a-z0-9/-]*", text):
        raise UnreadableCell("cell-identifier", slug=slug(text))
    return text


def _several(cell: RawCell) -> tuple[str, ...]:
    return tuple(part.strip() for part in _text(cell).split("|") if part.strip())


def _each(parse: Callable[[RawCell], str]) -> Callable[[RawCell], Sequence[str]]:
    """Return a parser of several values, separated by |."""
    return lambda cell: tuple(parse(RawCell(part, "text")) for part in _several(cell))


def _occurrences(cell: RawCell) -> tuple[int, ...]:
    if not all(re.fullmatch("[1-9][0-9]{0,3}", part) for part in _several(cell)):
        raise UnreadableCell("cell-integer")
    return tuple(map(int, _several(cell)))


class ColumnKind(NamedTuple):
    """A kind of column; most kinds have no `term`: code of their own says what their values are in RDF."""

    parse: Callable[[RawCell], object]
    term: Callable[[Any], NamedNode | Literal] | None = None
    """What a value is in RDF, one of several values for a parser that returns a tuple."""
    not_quoted: str = "text-not-quoted"
    """The finding about a value that its words do not hold."""


KINDS: Final[Mapping[str, ColumnKind]] = {
    "text": ColumnKind(_text),
    "name": ColumnKind(_text),
    "code": ColumnKind(_text, NamedNode, not_quoted="choice-not-quoted"),
    "codes": ColumnKind(_several, NamedNode, not_quoted="choice-not-quoted"),
    "integer": ColumnKind(_integer, Literal, "number-not-quoted"),
    "period": ColumnKind(lambda cell: whole_period(_text(cell)), not_quoted="period-not-quoted"),
    "years": ColumnKind(lambda cell: parse_period(_text(cell)), not_quoted="period-not-quoted"),
    "day": ColumnKind(_day, lambda day: day, "date-not-quoted"),
    "amount": ColumnKind(_amount, lambda value: Literal(f"{value:f}", datatype=NamedNode(XSD + "decimal"))),
    "truth": ColumnKind(_truth),
    "refs": ColumnKind(_several, NamedNode, not_quoted="link-not-quoted"),
    "quotations": ColumnKind(_several),
    "links": ColumnKind(_each(_link), NamedNode),
    "siren": ColumnKind(_siren),
    "contact": ColumnKind(_contact),
    "slug": ColumnKind(_identifier),
    "occurrences": ColumnKind(_occurrences),
    "statements": ColumnKind(_each(_identifier)),
}
"""The kinds of columns. `SheetParser` looks up what is typed for a code, and `to_rdf.terms` knows the language of a text."""
