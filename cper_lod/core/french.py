"""Reads what a French text states: numbers with their unit, days, months, years; in figures and in words.

Number words are read by text2num. What it would misread, a number in figures before « million » or « milliard », is
read here first.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from babel.core import Locale
from text_to_num import alpha2digit

NUMBER: Final = r"(?<![0-9,.])(?P<whole>[0-9]{1,3}(?: [0-9]{3}){1,4}|[0-9]{1,15})(?:[,.](?P<part>[0-9]{1,6}))?(?![0-9])"
"""A number with a French decimal comma, a space every three digits; single plain spaces only."""
SHARE: Final = re.compile(NUMBER + r" ?(?:%|pour ?(?:cents?|100)\b)", re.IGNORECASE)
_UNITS: Final = (
    (r"[Mm]r?ds?(?: ?€| (?:d['’])?euros?)?|milliards?(?: d['’]euros?)?", 9),
    (r"M(?: ?€| (?:d['’])?euros?)|millions?(?: d['’]euros?)?", 6),
    (r"[kK] ?€|milliers d['’]euros?", 3),
    (r"€|(?:d['’])?euros?|EUR", 0),
)
AMOUNT: Final = re.compile(NUMBER + " ?(?:" + "|".join(f"(?P<u{power}>{unit})" for unit, power in _UNITS) + r")(?!\w)")
BARE: Final = re.compile(NUMBER)

_FRENCH: Final = Locale("fr")
MONTHS: Final = tuple(_FRENCH.months["format"]["wide"].values())
_WEEKDAYS: Final = tuple(name for _, name in sorted(_FRENCH.days["format"]["wide"].items()))
"""From Monday."""
_WEEKDAY: Final = re.compile(rf"({'|'.join(_WEEKDAYS)}) ([0-9]{{1,2}})(?:er)? ({'|'.join(MONTHS)})", re.IGNORECASE)
LONG_DATE: Final = re.compile(rf"([0-9]{{1,2}})(?:er)? ({'|'.join(MONTHS)})(?: ([0-9]{{4}}))?(?![0-9])", re.IGNORECASE)
SLASHED_DATE: Final = re.compile(r"(?<![0-9/.-])([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})(?![0-9])")
ISO_DATE: Final = re.compile(r"(?<![0-9-])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")
_YEAR: Final = re.compile(r"(?<![0-9,./])(?:1[6-9]|2[0-9])[0-9]{2}(?![0-9])")
_YEARS: Final = re.compile(r"(?<![0-9,./-])([0-9]{4}) ?[-–—/] ?([0-9]{4})(?![0-9])")
_MONTH_AND_YEAR: Final = re.compile(rf"({'|'.join(MONTHS)}) ([0-9]{{4}})(?![0-9])", re.IGNORECASE)


class Quantity(NamedTuple):
    """A number and its unit: `€`, `%`, or none."""

    value: Decimal
    unit: str
    step: Decimal
    """What one in its last digit is worth: 0.1 for 57,3 %, 1000000 for 994 M€."""


def matched_number(match: re.Match[str]) -> Decimal:
    """Return the number in a match of a pattern of this module."""
    return Decimal(match["whole"].replace(" ", "") + "." + (match["part"] or "0"))


def unit_power(match: re.Match[str]) -> int:
    """Return the power of ten of the unit of an amount: 6 for millions."""
    return next(power for _, power in _UNITS if match[f"u{power}"])


def last_digit_unit(match: re.Match[str], power: int = 0) -> Decimal:
    """Return what one in the last digit of a number is worth; `power` is the power of ten of its unit."""
    step = (Decimal(10) ** (power - len(match["part"] or ""))).normalize() + 0
    return Decimal(f"{step:f}")


def single_spaced(text: str) -> str:
    """Return a text with single plain spaces, also for no-break spaces and line feeds."""
    return " ".join(text.split())


def quantities(text: str) -> Iterator[Quantity]:
    """Yield the numbers of a text, in figures or in words, each with its unit.

    >>> [(f"{each.value:f}", each.unit) for each in quantities("neuf signataires, 2,7 Md€ (57,3 %)")]
    [('2700000000.0', '€'), ('57.3', '%'), ('9.0', '')]
    """
    plain = single_spaced(text)
    for match in _COLLECTIVE.finditer(plain):  # « une centaine » counts hundreds
        number = Decimal(_COLLECTIVES[match[1].lower()])
        yield Quantity(number, "", number)
    plain = multiples_in_figures(plain)
    # text2num would read « 2,7 milliards » as two numbers: those with a unit in figures are read and taken out first.
    rest = in_figures(_without_units(plain))
    for part in (plain, rest):
        for match in AMOUNT.finditer(part):
            power = unit_power(match)
            yield Quantity(matched_number(match) * 10**power, "€", last_digit_unit(match, power))
        for match in SHARE.finditer(part):
            yield Quantity(matched_number(match), "%", last_digit_unit(match))
    for match in BARE.finditer(_without_units(rest)):
        yield Quantity(matched_number(match), "", last_digit_unit(match))


def _without_units(text: str) -> str:
    """Return a text without its amounts and shares."""
    return SHARE.sub(" ; ", AMOUNT.sub(" ; ", text))


def in_figures(text: str, language: str = "fr") -> str:
    """Return a text with its number words as figures; an English text too.

    >>> in_figures("les cinq Départements, sur vingt et un ans")
    'les 5 Départements, sur 21 ans'
    """
    figures: str = alpha2digit(text, language, threshold=2)  # « un » and « une » are articles
    return figures


_COLLECTIVES: Final = {
    **{"dizaine": 10, "douzaine": 12, "quinzaine": 15, "vingtaine": 20, "trentaine": 30, "quarantaine": 40},
    **{"cinquantaine": 50, "soixantaine": 60, "centaine": 100},
}
_COLLECTIVE: Final = re.compile(rf"\bune ({'|'.join(_COLLECTIVES)})\b(?: d(?:e |['’]))?", re.IGNORECASE)

_FRACTIONS: Final = {"la moitié": 50, "un quart": 25, "le quart": 25, "trois quarts": 75}
_FRACTION: Final = re.compile(rf"\b(?:{'|'.join(_FRACTIONS)})\b", re.IGNORECASE)
_AND_A_HALF: Final = re.compile(r"(?<![0-9,.])([0-9]+) (milliard|million)(s?) et demi\b")
_MULTIPLE: Final = re.compile(r"(?:milliard|million|millier)s?\b", re.IGNORECASE)
_LONGEST: Final = 5
"""Words of the longest number in words that is looked for before a multiple."""


def multiples_in_figures(text: str) -> str:
    """Return a text with the number words before a multiple, « une centaine » and « la moitié » in figures; the multiple stays.

    >>> multiples_in_figures("plus de cinq milliards, deux cent dix millions d'euros et 3,2 milliards")
    "plus de 5 milliards, 210 millions d'euros et 3,2 milliards"
    >>> multiples_in_figures("un milliard et demi, dont la moitié de l'État"), multiples_in_figures("une centaine de millions")
    ("1,5 milliard, dont 50 % de l'État", '100 millions')
    """
    text = _COLLECTIVE.sub(lambda match: f"{_COLLECTIVES[match[1].lower()]} ", text)
    text = _FRACTION.sub(lambda match: f"{_FRACTIONS[match[0].lower()]} %", text)
    words = text.split(" ")
    for place, word in enumerate(words):
        for count in range(min(_LONGEST, place), 0, -1) if _MULTIPLE.match(word) else ():
            before = " ".join(words[place - count : place])
            figures = "1" if before.lower() in ("un", "d'un") else in_figures(before)
            if figures.isdigit() and not before[0].isdigit():
                words[place - count : place] = ["d'1" if before.startswith("d'") else figures, *[""] * (count - 1)]
                break
    return _AND_A_HALF.sub(r"\1,5 \2\3", " ".join(filter(None, words)))


def contracted(name: str) -> list[str]:
    """Return a name that begins with an article as it stands after « de » and « à ».

    >>> contracted("Le Mans"), contracted("Laval")
    (['du Mans', 'au Mans'], [])
    """
    article, _, rest = name.partition(" ")
    return [f"{each} {rest}" for each in _CONTRACTIONS.get(article, ())]


_CONTRACTIONS: Final = {"Le": ("du", "au"), "Les": ("des", "aux")}


def days(text: str) -> set[date]:
    """Return the days of a text; a day of a month without its year is none."""
    plain = in_figures(single_spaced(text))
    found = [
        (match[3], 1 + MONTHS.index(match[2].lower()), match[1]) for match in LONG_DATE.finditer(plain) if match[3]
    ]
    found += [(match[4], int(match[3]), match[1]) for match in SLASHED_DATE.finditer(plain)]
    found += [(match[1], int(match[2]), match[3]) for match in ISO_DATE.finditer(plain)]
    return {day for year, month, number in found if (day := _day(int(year), month, int(number)))}


def days_without_year(text: str) -> set[tuple[int, int]]:
    """Return the months and days of a text that gives no year with them.

    >>> days_without_year("signé le 9 janvier par les cinq Départements")
    {(1, 9)}
    """
    plain = in_figures(single_spaced(text))
    found = (match for match in LONG_DATE.finditer(plain) if not match[3])
    return {(1 + MONTHS.index(match[2].lower()), int(match[1])) for match in found}


def weekdays(text: str) -> set[tuple[int, int, int]]:
    """Return the months and days of a text that are said with their day of the week, 0 for Monday.

    >>> weekdays("signé ce mardi 5 janvier")
    {(1, 5, 1)}
    """
    found = _WEEKDAY.finditer(in_figures(single_spaced(text)))
    return {(1 + MONTHS.index(match[3].lower()), int(match[2]), _WEEKDAYS.index(match[1].lower())) for match in found}


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def years(text: str) -> set[int]:
    """Return the years of a text, those of its days among them.

    >>> sorted(years("CPER 2021-2027, signé le 9/01/2023"))
    [2021, 2023, 2027]
    """
    plain = single_spaced(text)
    return {int(match[0]) for match in _YEAR.finditer(in_figures(plain))} | {day.year for day in days(plain)}


def years_alone(text: str) -> set[int]:
    """Return the years of a text that are not those of a day, nor the first or last of a period.

    >>> years_alone("CPER 2021-2027 signé le 9 janvier 2023, révisé en 2025")
    {2025}
    """
    return {int(match[0]) for match in _YEAR.finditer(_YEARS.sub(" ", without_days(text)))}


def spans(text: str) -> set[tuple[int, int]]:
    """Return the first and last years of the periods of a text.

    >>> spans("CPER 2021-2027, signé le 9/01/2023")
    {(2021, 2027)}
    """
    return {(int(match[1]), int(match[2])) for match in _YEARS.finditer(without_days(text))}


def without_days(text: str) -> str:
    """Return a text without its days, each with its month and perhaps its year."""
    plain = in_figures(single_spaced(text))
    for pattern in (LONG_DATE, SLASHED_DATE, ISO_DATE):
        plain = pattern.sub(" ", plain)
    return plain


def first_years(text: str) -> set[int]:
    """Return the years of a text that may begin a period: that of a single day only if it begins or ends a year.

    >>> first_years("CPER 2021-2027 signé le 9 janvier 2023"), first_years("jusqu'au 31 décembre 2027")
    ({2021}, {2027})
    >>> sorted(first_years("du 9 janvier 2023 au 8 janvier 2030"))
    [2023, 2030]
    """
    return _years_of_periods(text, r"\1")


def last_years(text: str) -> set[int]:
    """Return the years of a text that may end a period, as `first_years`.

    >>> last_years("CPER 2021-2027, en 2028")
    {2027, 2028}
    """
    return _years_of_periods(text, r"\2")


def _years_of_periods(text: str, end: str) -> set[int]:
    found = days(text)
    ends = {day.year for day in found if len(found) > 1 or (day.month, day.day) in ((1, 1), (12, 31))}
    return ends | {int(match[0]) for match in _YEAR.finditer(_YEARS.sub(end, without_days(text)))}


def months(text: str) -> set[tuple[int, int]]:
    """Return the months of a text that are not those of a day, each with its year before it.

    >>> months("présenté en mars 2022, signé le 9 janvier 2023")
    {(2022, 3)}
    """
    return {
        (int(match[2]), 1 + MONTHS.index(match[1].lower())) for match in _MONTH_AND_YEAR.finditer(without_days(text))
    }
