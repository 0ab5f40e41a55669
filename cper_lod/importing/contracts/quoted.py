"""Numbers as sentences write them: a share or an amount found in a quotation, with its wording and its step."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final


class Unreadable(Exception):
    """A cell that cannot be read: the key of the sentences that say why, and what fills them."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key, values)


@dataclass(frozen=True)
class Figure:
    """A number with the words of the source: how it is written there, to what step, and whether as a lower bound."""

    value: Decimal
    published: str
    step: Decimal
    bound: bool
    plain: bool = False
    """Whether an amount is written in single euros, so that its writing does not say to what it is rounded."""


_NUMBER: Final = r"(?<![0-9,.])(?P<whole>[0-9]{1,3}(?: [0-9]{3})+|[0-9]{1,15})(?:[,.](?P<part>[0-9]{1,6}))?(?![0-9])"
SHARE: Final = re.compile(_NUMBER + r" ?(?:%|pour ?cents?\b)", re.IGNORECASE)
_UNITS: Final = (
    (r"Md€|Mds€|milliards?(?: d['’]euros?)?", 9),
    (r"M€|millions?(?: d['’]euros?)?", 6),
    (r"k€|K€|milliers d['’]euros?", 3),
    (r"€|euros?|EUR", 0),
)
AMOUNT: Final = re.compile(_NUMBER + " ?(?:" + "|".join(f"(?P<u{power}>{unit})" for unit, power in _UNITS) + r")(?!\w)")
BARE: Final = re.compile(_NUMBER)
_BOUND: Final = re.compile(r"(?:plus de|au moins|supérieure? à) $", re.IGNORECASE)


def number(match: re.Match[str]) -> Decimal:
    """Return the number that a pattern of this module has found."""
    return Decimal(match["whole"].replace(" ", "") + "." + (match["part"] or "0"))


def power(match: re.Match[str]) -> int:
    """Return the power of ten of the unit of an amount: 6 for millions."""
    return next(power for _, power in _UNITS if match[f"u{power}"])


def figure(kind: str, value: Decimal, quotation: str) -> Figure:
    """Return a share or an amount as the quotation writes it; raises `Unreadable` where it does not.

    >>> figure("share", Decimal("57.3"), "Axe 2 – 57,3% des crédits").published
    '57,3%'
    >>> found = figure("amount", Decimal(2700000000), "plus de 2,7 milliards d'euros sur 7 ans")
    >>> found.published, found.step, found.bound
    ("plus de 2,7 milliards d'euros", Decimal('100000000'), True)
    """
    for match in (SHARE if kind == "share" else AMOUNT).finditer(quotation):
        tens = 0 if kind == "share" else power(match)
        if number(match) * 10**tens == value:
            before = _BOUND.search(quotation[: match.start()])
            step = (Decimal(10) ** (tens - len(match["part"] or ""))).normalize() + 0
            words = quotation[before.start() if before else match.start() : match.end()]
            return Figure(value, words, Decimal(f"{step:f}"), bool(before), not tens and not match["part"])
    if not value:
        raise Unreadable("figure-zero")
    raise Unreadable("figure-not-quoted", value=f"{value:f}" + (" %" if kind == "share" else " €"))
