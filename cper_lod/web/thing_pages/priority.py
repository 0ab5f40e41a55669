"""The page of a priority: its axes with their shares, and their sum where the source supports one."""

from dataclasses import dataclass
from typing import Final

from cper_lod.core.namespaces import CPER, SKOS
from cper_lod.release.plan.observations import Hyperlink, Observation
from cper_lod.release.plan.priority import PrioritySum, priority_sum
from cper_lod.web.thing_pages.page import CodedTerm, KindPage, PageSubject

MAX_AXES: Final = 60
"""Axes that the page shows; with more, it shows no sum."""
SHOWN: Final = frozenset({CPER + name for name in ("axe", "enonce", "contrat")} | {SKOS + "inScheme"})


@dataclass(frozen=True)
class PriorityAxis:
    """An axis of a priority: its share, the amount computed from it, and the other priorities that it serves."""

    number: str
    link: Hyperlink
    share: Observation
    amount: Observation | None
    others: tuple[str, ...]


@dataclass(frozen=True)
class PriorityPage:
    """The axes of a priority; `total` is None where there is no sum, for the reason that the axes show."""

    axes: tuple[PriorityAxis, ...]
    total: PrioritySum | None
    whole: CodedTerm | None
    contract: Hyperlink | None
    complete: bool

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
            subject.number(other) or reader.label(other, subject.lang) for other in reader.all(each, CPER + "sert")
        )
        link = observations.link(each)
        if link is not None:
            axes.append(
                PriorityAxis(
                    subject.number(each),
                    link,
                    observations.figure(share) or Observation(),
                    observations.figure(reader.one(each, CPER + "valeurDerivee")),
                    tuple(
                        name for name in others if name != (subject.number(node) or reader.label(node, subject.lang))
                    ),
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
        complete,
    )
    return KindPage("thing_pages/priority.html", content, SHOWN, frozenset({CPER + "sert", CPER + "priorite"}))
