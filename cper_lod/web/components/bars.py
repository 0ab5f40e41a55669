"""Bars of shares and amounts: the length of a bar in percent of the largest value."""

from decimal import Decimal
from typing import Final

from cper_lod.web.http import formatting

HUNDRED: Final = Decimal(100)
"""The largest value of a share."""
_ZERO: Final = Decimal(0)


def bar_length(value: str, largest: Decimal | None) -> str:
    """Return the length of a bar in percent of `largest`, empty if there is no bar to draw.

    >>> bar_length("57.3", HUNDRED), bar_length("994000000", None)
    ('57.30', '')
    """
    number = formatting.exact(value)
    if number is None or not largest:
        return ""
    return f"{min(max(number * 100 / largest, _ZERO), HUNDRED):.2f}"
