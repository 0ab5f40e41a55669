"""The share of a priority: the sum of the published shares of its axes, where that sum means something."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from cper_lod.core import formatting
from cper_lod.release.plan.observations import Observation


@dataclass(frozen=True)
class PrioritySum:
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
