"""The page of an axis: its share, the amount that we compute from it, and what is missing, with the words."""

from typing import Final, NamedTuple

from cper_lod.core.namespaces import CPER, SKOS
from cper_lod.release.plan.observations import Hyperlink, Observation
from cper_lod.web.components.subsidies import SubsidySection, subsidy_section
from cper_lod.web.thing_pages.page import CodedTerm, KindPage, PageSubject

SHOWN: Final = frozenset(
    {CPER + name for name in ("part", "valeurDerivee", "sert", "enonce", "contrat")} | {SKOS + "inScheme"}
)


class NumberedLink(NamedTuple):
    """A priority or an axis: its number, which may be empty, and its page."""

    number: str
    link: Hyperlink


class AxisPage(NamedTuple):
    """An axis: its share and what it is a share of, the amount computed from it, its priorities, known subsidies."""

    share: Observation | None
    whole: CodedTerm | None
    amount: Observation | None
    priorities: tuple[NumberedLink, ...]
    contract: Hyperlink | None
    subsidies: SubsidySection | None


def axis_page(subject: PageSubject) -> KindPage:
    """Return the page of an axis."""
    reader, observations, node = subject.reader, subject.observations, subject.node
    share = reader.one(node, CPER + "part")
    content = AxisPage(
        share=observations.figure(share),
        whole=subject.term(reader.one(share, CPER + "partDe")) if share is not None else None,
        amount=observations.figure(reader.one(node, CPER + "valeurDerivee")),
        priorities=tuple(
            NumberedLink(reader.number(each), link)
            for each in sorted(reader.all(node, CPER + "sert"), key=reader.by_number)
            if (link := observations.link(each))
        ),
        contract=observations.link(reader.one(node, CPER + "contrat")),
        subsidies=subsidy_section(subject.release, observations, node, "grantors", "years", "territories"),
    )
    return KindPage("thing_pages/axis.html", content, SHOWN, frozenset({CPER + "axe", CPER + "axeConcerne"}))
