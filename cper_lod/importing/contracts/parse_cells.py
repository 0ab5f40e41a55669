"""Parses the cells of a workbook: numbers with a French decimal comma, shares, amounts, dates, periods, texts."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from cper_lod.core.check_digits import is_siret, luhn
from cper_lod.core.french import (
    AMOUNT,
    BARE,
    ISO_DATE,
    LONG_DATE,
    LOWER_BOUND,
    MONTHS,
    SHARE,
    SLASHED_DATE,
    last_digit_unit,
    matched_number,
    unit_power,
)
from cper_lod.core.text import folded
from cper_lod.importing.contracts.model import RawCell, displayed_decimal


class UnreadableCell(Exception):
    """A cell that cannot be read: the key of the finding, and the values for its sentences."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key, values)


@dataclass(frozen=True)
class QuotedNumber:
    """A number as the source writes it: its text there, its rounding step, whether it is a lower bound."""

    value: Decimal
    published: str
    step: Decimal
    is_lower_bound: bool
    in_single_euros: bool = False
    """Whether an amount is written in single euros, so that its digits do not show how it is rounded."""


def quoted_number(kind: str, value: Decimal, quotation: str) -> QuotedNumber:
    """Return a share or an amount as the quotation writes it; raises `UnreadableCell` if it does not.

    >>> quoted_number("share", Decimal("57.3"), "Axe 2 – 57,3% des crédits").published
    '57,3%'
    >>> found = quoted_number("amount", Decimal(2700000000), "plus de 2,7 milliards d'euros sur 7 ans")
    >>> found.published, found.step, found.is_lower_bound
    ("plus de 2,7 milliards d'euros", Decimal('100000000'), True)
    """
    for match in (SHARE if kind == "share" else AMOUNT).finditer(quotation):
        tens = 0 if kind == "share" else unit_power(match)
        if matched_number(match) * 10**tens == value:
            before = LOWER_BOUND.search(quotation[: match.start()])
            written = quotation[before.start() if before else match.start() : match.end()]
            return QuotedNumber(
                value, written, last_digit_unit(match, tens), bool(before), not tens and not match["part"]
            )
    if not value:
        raise UnreadableCell("figure-zero")
    raise UnreadableCell("figure-not-quoted")


MAX_TEXT_LENGTH: Final = 4000
MAX_AMOUNT: Final = 10**15
_YEARS: Final = range(1900, 2201)
_MONTHS: Final = {folded(month): month for month in MONTHS}
"""The months as they are typed without accents."""
_PERIOD: Final = re.compile(r"([0-9]{4}) ?[-–—/] ?([0-9]{4})")
_IN_URL: Final = r"(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"


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
    if cell.kind != "text" and not (isinstance(cell.value, int | float) and float(cell.value).is_integer()):
        raise UnreadableCell("cell-integer")
    text = _text(cell)
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) < 1:
        raise UnreadableCell("cell-integer")
    return int(text)


def _integers(cell: RawCell) -> tuple[int, ...]:
    if cell.kind == "number" and not float(cell.value).is_integer():  # type: ignore[arg-type]  # a number
        raise UnreadableCell("cell-integers-decimal")
    parts = [part.strip() for part in re.split(r"[,;]| et |\+", _text(cell))]
    return tuple(dict.fromkeys(_whole(parts, r"[0-9]{1,4}")))


def _whole(parts: Sequence[str], pattern: str) -> tuple[int, ...]:
    if not all(re.fullmatch(pattern, part) for part in parts):
        raise UnreadableCell("cell-integers")
    return tuple(map(int, parts))


def _period(cell: RawCell) -> tuple[int, int]:
    match = _PERIOD.fullmatch(_text(cell))
    if not match or not _YEARS[0] <= int(match[1]) <= int(match[2]) <= _YEARS[-1]:
        raise UnreadableCell("cell-period")
    return int(match[1]), int(match[2])


def parse_period(text: str) -> tuple[int, int]:
    """Return the first and the last year of a period; raises `UnreadableCell`.

    >>> parse_period("2021–2027")
    (2021, 2027)
    """
    return _period(RawCell(text, "text"))


def _day(cell: RawCell) -> date:
    day = _any_day(cell)
    if day.year not in _YEARS:
        raise UnreadableCell("cell-date")
    return day


def _any_day(cell: RawCell) -> date:
    if isinstance(cell.value, datetime):
        return cell.value.date()
    if isinstance(cell.value, date):
        return cell.value
    if cell.kind == "number":
        raise UnreadableCell("cell-date-number")
    text = re.sub(r"[^\W\d_]+", lambda word: _MONTHS.get(folded(word[0]), word[0]), _text(cell))
    for pattern, order in ((SLASHED_DATE, (4, 3, 1)), (ISO_DATE, (1, 2, 3)), (LONG_DATE, (3, 2, 1))):
        if (match := pattern.fullmatch(text)) and match[order[0]]:
            year, month, day = (match[group] for group in order)
            month_number = int(month) if month.isdigit() else 1 + MONTHS.index(month.lower())
            try:
                return date(int(year), month_number, int(day))
            except ValueError:
                break
    raise UnreadableCell("cell-date")


def _day_or_year(cell: RawCell) -> date | int:
    if cell.kind in ("text", "number"):
        text = clean_text(str(cell.value))
        if re.fullmatch(r"(19|20|21)[0-9]{2}", text.removesuffix(".0")):
            return int(text[:4])
    try:
        return _day(cell)
    except UnreadableCell as error:
        raise UnreadableCell("cell-date-or-year") from error


def _share(cell: RawCell) -> Decimal:
    """Return a share in percent; raises `UnreadableCell` if 0.19 could mean 19 % or 0.19 %."""
    if cell.is_percentage:
        return _within(displayed_decimal(cell.value) * 100)  # type: ignore[arg-type]  # a number
    if cell.kind == "date":
        raise UnreadableCell("cell-share")
    text = str(displayed_decimal(cell.value)) if cell.kind == "number" else _text(cell)  # type: ignore[arg-type]
    if match := SHARE.fullmatch(text):
        return _within(matched_number(match))
    if not (match := BARE.fullmatch(text)):
        raise UnreadableCell("cell-share")
    if 0 < matched_number(match) <= 1:
        raise UnreadableCell(
            "cell-share-ambiguous", percent=f"{(matched_number(match) * 100).normalize():f}".replace(".", ",")
        )
    return _within(matched_number(match))


def _within(value: Decimal) -> Decimal:
    if not 0 <= value <= 100:
        raise UnreadableCell("cell-share")
    return value.normalize() + 0


def _amount(cell: RawCell) -> Decimal:
    if cell.kind == "number":
        if not 0 <= (value := displayed_decimal(cell.value)) < MAX_AMOUNT:  # type: ignore[arg-type]  # a number
            raise UnreadableCell("cell-amount")
        return value
    if cell.kind == "date":
        raise UnreadableCell("cell-amount")
    text = re.sub(r"^(plus de|au moins) ", "", _text(cell), flags=re.IGNORECASE)
    if match := AMOUNT.fullmatch(text):
        return matched_number(match) * Decimal(10) ** unit_power(match)
    if match := BARE.fullmatch(text):
        return matched_number(match)
    raise UnreadableCell("cell-amount")


def _matching(pattern: str, key: str) -> Callable[[RawCell], str]:
    """Return a parser of texts of this form, which raises `UnreadableCell` with `key` for any other."""

    def parse(cell: RawCell) -> str:
        text = _text(cell)
        if not re.fullmatch(pattern, text):
            raise UnreadableCell(key)
        return text

    return parse


def _box(cell: RawCell) -> str:
    """Return a bounding box in degrees as WKT."""
    parts = [part.strip().replace(",", ".") for part in _text(cell).split(";")]
    if len(parts) != 4 or not all(re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,6})?", part) for part in parts):
        raise UnreadableCell("cell-box")
    west, south, east, north = map(Decimal, parts)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise UnreadableCell("cell-box")
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return f"POLYGON(({','.join(f'{x} {y}' for x, y in corners)}))"


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


_identifier: Final = _matching(r"[a-z0-9][a-z0-9/-]*", "cell-identifier")
_sha256: Final = _matching(r"[0-9a-fA-F]{64}", "cell-checksum")


def _quotations(cell: RawCell) -> tuple[str, ...]:
    return tuple(part.strip() for part in _text(cell).split("|") if part.strip())


PARSERS: Final[Mapping[str, Callable[[RawCell], object]]] = {
    "text": _text,
    "integer": _integer,
    "integers": _integers,
    "period": _period,
    "date": _day,
    "dateyear": _day_or_year,
    "share": _share,
    "amount": _amount,
    "url": _matching(rf"https://([a-z0-9-]+[.])*gouv[.]fr(/{_IN_URL}(#{_IN_URL})?)?", "cell-url"),
    "siren": _siren,
    "box": _box,
    "contact": _contact,
    "quotations": _quotations,
    "link": _matching(r"https?://[^\s<>\"{}|\\^`]+", "cell-link"),
    "slug": _identifier,
    "sha256": lambda cell: _sha256(cell).lower(),
    "places": lambda cell: _whole(_quotations(cell), r"[0-9]{1,9}"),
    "statements": lambda cell: tuple(_identifier(RawCell(part, "text")) for part in _quotations(cell)),
}
"""The parser of each kind of column. Columns that choose from a list are parsed by `SheetParser`."""
