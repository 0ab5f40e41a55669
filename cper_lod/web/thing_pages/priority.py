"""The page of a priority: its axes with their shares, and their sum where the source supports one."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

from cper_lod.core import formatting
from cper_lod.core.namespaces import CPER, SKOS
from cper_lod.release.plan.observations import Hyperlink, Observation
from cper_lod.web.thing_pages.page import CodedTerm, KindPage, PageSubject

MAX_AXES: Final = 60
"""Axes that the page shows; with more, it shows no sum."""
SHOWN: Final = frozenset({CPER + name for name in ("axe", "enonce", "contrat")} | {SKOS + "inScheme"})


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


class PriorityAxis(NamedTuple):
    """An axis of a priority: its share, the amount computed from it, and the other priorities that it serves."""

    number: str
    link: Hyperlink
    share: Observation
    amount: Observation | None
    others: tuple[str, ...]


class PriorityPage(NamedTuple):
    """The axes of a priority; `total` is None where there is no sum, for the reason that the axes show."""

    axes: tuple[PriorityAxis, ...]
    total: PrioritySum | None
    whole: CodedTerm | None
    contract: Hyperlink | None

    @property
    def shared(self) -> tuple[PriorityAxis, ...]:
        """The axes that serve other priorities too."""
        return tuple(each for each in self.axes if each.others)


def priority_page(subject: PageSubject) -> KindPage:
    """Return the page of a priority."""
    reader, observations, node = subject.reader, subject.observations, subject.node
    nodes = sorted(reader.all(node, CPER + "axe"), key=reader.by_number)
    axes, wholes = [], []
    for each in nodes[:MAX_AXES]:
        share = reader.one(each, CPER + "part")
        others = (
            reader.number(other) or reader.label(other, subject.lang) for other in reader.all(each, CPER + "sert")
        )
        link = observations.link(each)
        if link is not None:
            axes.append(
                PriorityAxis(
                    reader.number(each),
                    link,
                    observations.figure(share) or Observation(),
                    observations.figure(reader.one(each, CPER + "valeurDerivee")),
                    tuple(name for name in others if name != (reader.number(node) or reader.label(node, subject.lang))),
                )
            )
            wholes.append(reader.one(share, CPER + "partDe") if share is not None else None)
    complete = len(nodes) <= MAX_AXES
    total = (
        priority_sum([each.share for each in axes], alone=not any(each.others for each in axes)) if complete else None
    )
    content = PriorityPage(
        tuple(axes),
        total,
        subject.term(wholes[0]) if wholes and len({*wholes}) == 1 else None,
        observations.link(reader.one(node, CPER + "contrat")),
    )
    return KindPage("thing_pages/priority.html", content, SHOWN, frozenset({CPER + "sert", CPER + "priorite"}))
