"""Reads a figure as a document prints it: number, unit, nature, rounding step, and what kind of figure it is."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cper_lod.core.french import (
    AMOUNT,
    BARE,
    SHARE,
    in_figures,
    last_digit_unit,
    matched_number,
    multiples_in_figures,
    single_spaced,
    unit_power,
)
from cper_lod.core.text import folded

EQUAL: Final = "parts-egales"
EURO, PERCENT = "EUR", "PERCENT"
_NATURES: Final = (
    ("plus-de", r"(?:plus|pas moins) (?:de |d')|au moins |au-dela de |superieure? a |depassant "),
    ("moins-de", r"moins (?:de |d')|au plus |jusqu'a |inferieure? a |au maximum "),
    (
        "pres-de",
        r"(?:a peu )?pres (?:de |d')|environ |quelque |autour (?:de |d')|de l'ordre (?:de |d')|presque |(?=une (?!semaine)[a-z]+aine )",
    ),
)
_EQUAL: Final = re.compile(r"(?:a )?(?:parts? egales?|parite|egalite|moitie[- ]moitie)")
_AMBIGUOUS: Final = re.compile(r"(?P<whole>[1-9][0-9]{0,2})\.(?P<part>[0-9]{3})(?![0-9.]| ?%| pour)(?P<unit>.*)")
"""A number whose dot parts thousands, or decimals; a share has no thousands."""
_RATE: Final = re.compile(r"(?: ?/ ?| par )(?P<per>habitant|an|annee)e?s?(?: et par (?:habitant|an))?")
_RATES: Final = {"habitant": "par-habitant", "an": "par-an", "annee": "par-an"}


@dataclass(frozen=True)
class Printed:
    """A figure as it is printed: its value (None for equal parts), unit, nature, step, and the kind that the unit tells.

    A unit is `EUR`, `PERCENT`, a notation of the list of units, or the noun of what is counted.
    """

    value: Decimal | None
    unit: str
    nature: str
    step: Decimal | None
    kind: str
    told: bool = False
    """Whether the words tell the nature, as « plus de » does."""


def read_printed(text: str) -> Printed | None:
    """Return the figure that a text is, None if it is not one.

    >>> found = read_printed("plus de 2,7 milliards d'euros")
    >>> found.value, found.nature, found.step, found.kind
    (Decimal('2700000000.0'), 'plus-de', Decimal('100000000'), 'montant')
    >>> read_printed("cinq milliards").value, read_printed("86 projets").unit, read_printed("à parité").nature
    (Decimal('5000000000.0'), 'projets', 'parts-egales')
    """
    if _EQUAL.fullmatch(folded(_plain(text))):
        return Printed(None, PERCENT, EQUAL, None, "part", told=True)
    nature, figures = _nature_and_figures(text)
    if _AMBIGUOUS.match(figures):
        return None
    for form, kind in ((AMOUNT, "montant"), (SHARE, "part"), (BARE, "nombre")):
        if (match := form.match(figures)) and (found := _printed(match, kind, figures[match.end() :], nature)):
            return found
    return None


def refusal(text: str) -> tuple[str, dict[str, str]]:
    """Return the finding about a text that is no figure, and its values.

    >>> refusal("plus de 2.700 M€"), refusal("855")[0], refusal("beaucoup")[0]
    (('figure-ambiguous', {'thousands': '2 700 M€', 'decimals': '2,700 M€'}), 'figure-without-unit', 'figure-unreadable')
    """
    _, figures = _nature_and_figures(text)
    if found := _AMBIGUOUS.match(figures):
        whole, part, unit = found.groups()
        return "figure-ambiguous", {"thousands": f"{whole} {part}{unit}", "decimals": f"{whole},{part}{unit}"}
    return "figure-without-unit" if BARE.fullmatch(figures) else "figure-unreadable", {}


def _plain(text: str) -> str:
    return single_spaced(text).replace("’", "'")


def _nature_and_figures(text: str) -> tuple[str, str]:
    """Return the nature that the first words of a text tell, and the rest with its number in figures."""
    plain, nature = _plain(text), ""
    words = folded(plain)
    for name, pattern in _NATURES:
        if match := re.match(pattern, words):
            nature, plain = name, plain[len(plain) - len(words) + match.end() :]
    figures = multiples_in_figures(plain)
    return nature, figures if figures[:1].isdigit() else in_figures(figures)


def _printed(match: re.Match[str], kind: str, rest: str, nature: str) -> Printed | None:
    number, told = matched_number(match), bool(nature)
    if kind == "nombre":
        noun = re.fullmatch(r" (\w[\w' -]+)", rest)
        return Printed(number, noun[1].lower(), nature or "exact", last_digit_unit(match), kind, told) if noun else None
    tens = unit_power(match) if kind == "montant" else 0
    step = last_digit_unit(match, tens)
    if rest:
        rate = _RATE.fullmatch(folded(rest)) if kind == "montant" else None
        if not rate:
            return None
        kind = _RATES[rate["per"]]
        return Printed(number * 10**tens, f"euro-{kind}", nature or "arrondi", step, kind, told)
    to_the_euro = kind == "montant" and not tens and not match["part"]
    unit = EURO if kind == "montant" else PERCENT
    return Printed(number * 10**tens, unit, nature or ("exact" if to_the_euro else "arrondi"), step, kind, told)


Interval = tuple[Decimal, Decimal]
"""What a figure may be: its least and its greatest value; infinite where the document leaves it open."""
_NEAR: Final = Decimal("0.05")
"""How far « près de » may be off."""


def interval(value: Decimal, nature: str, step: Decimal) -> Interval:
    """Return what a figure of that nature may be.

    >>> interval(Decimal(994), "arrondi", Decimal(1)), interval(Decimal(386), "plus-de", Decimal(1))
    ((Decimal('993.5'), Decimal('994.5')), (Decimal('386'), Decimal('Infinity')))
    """
    around = {"arrondi": step / 2, "pres-de": value * _NEAR}.get(nature, Decimal())
    least = Decimal("-Infinity") if nature == "moins-de" else value - around
    return least, Decimal("Infinity") if nature == "plus-de" else value + around
