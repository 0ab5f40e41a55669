"""A priority: its axes with their shares, and their sum where the source supports one."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, NamedTuple

from cper_lod.core import formatting
from cper_lod.release.plan.observations import Observation
from cper_lod.web.components.described import PageSubject

MAX_AXES: Final = 60
"""Axes that the page shows; with more, it shows no sum."""


class PrioritySum(NamedTuple):
    """The sum of the shares of the axes of a priority, as a calculation: terms, exact sum, and what it is rounded to.

    `total` has the digits of the least precise term; it is the sum itself if all have the same.
    """

    terms: tuple[str, ...]
    exact: str
    total: str

    @property
    def is_rounded(self) -> bool:
        """Whether the total has fewer digits than the sum."""
        return Decimal(self.total) != Decimal(self.exact)


def priority_sum(figures: Sequence[Observation], *, alone: bool) -> PrioritySum | None:
    """Return the sum of the shares of the axes of a priority; None where the source does not support one.

    Each axis must have a published share, all shares must be shares of the same whole, and each axis must stand under
    this priority `alone`. Of a single axis, the sum is its share.
    """
    wholes = {figure.whole.href or figure.whole.text if figure.whole else "" for figure in figures}
    values = [formatting.exact(figure.value) for figure in figures]
    if not (alone and figures and len(wholes) == 1 and all(each.kind == "percent" for each in figures)):
        return None
    if any(each is None for each in values) or any(figure.derived for figure in figures):
        return None
    numbers = [each for each in values if each is not None]
    exact = sum(numbers, Decimal(0))
    if exact > 100:
        return None
    place = max(Decimal(1).scaleb(min(0, int(each.as_tuple().exponent))) for each in numbers)
    total = exact.quantize(place, ROUND_HALF_UP)
    return PrioritySum(tuple(figure.value for figure in figures), format(exact, "f"), format(total, "f"))


def content(subject: PageSubject) -> dict[str, Any]:
    """Return the axes of a priority, each with its share and the other priorities that it serves, and the sum of the shares.

    `total` is None where there is no sum, for the reason that the axes show; `whole` is what all shares are shares of.
    """
    reader = subject.reader
    own = subject.number or reader.label(subject.node, subject.lang)
    nodes = sorted(subject.all("cper:axe"), key=reader.by_number)
    axes = []
    for axis in map(subject.at, nodes[:MAX_AXES]):
        names = (reader.number(each) or reader.label(each, subject.lang) for each in axis.all("cper:sert"))
        axes.append((axis, axis.figure("cper:part") or Observation(), [name for name in names if name != own]))
    alone = len(nodes) <= MAX_AXES and not any(others for _, _, others in axes)
    wholes = {axis.one("cper:part/cper:partDe") for axis, _, _ in axes}
    whole = wholes.pop() if len(wholes) == 1 else None
    return {
        "axes": axes,
        "total": priority_sum([share for _, share, _ in axes], alone=alone),
        "whole": subject.at(whole) if whole is not None else None,
    }
