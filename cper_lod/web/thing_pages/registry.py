"""Which kind a thing is of."""

from collections.abc import Callable
from typing import Final

from cper_lod.core.namespaces import CPER, FOAF, ORG, PREFIXES, SCHEMA
from cper_lod.web.components.property_groups import HAS_GEOMETRY
from cper_lod.web.thing_pages.axis import axis_page
from cper_lod.web.thing_pages.body import body_page, group_page
from cper_lod.web.thing_pages.document import document_page
from cper_lod.web.thing_pages.figure import figure_page
from cper_lod.web.thing_pages.page import KindPage, PageSubject
from cper_lod.web.thing_pages.priority import priority_page
from cper_lod.web.thing_pages.statement import statement_page
from cper_lod.web.thing_pages.subsidy_file import subsidy_file_page
from cper_lod.web.thing_pages.territory import territory_page

KINDS: Final[tuple[tuple[frozenset[str], Callable[[PageSubject], KindPage | None]], ...]] = (
    (frozenset(CPER + name for name in ("Part", "Engagement", "Enveloppe", "ValeurDerivee")), figure_page),
    (frozenset({CPER + "Axe"}), axis_page),
    (frozenset({CPER + "Priorite"}), priority_page),
    (frozenset({CPER + "Enonce"}), statement_page),
    (frozenset({CPER + "CategorieDeFinanceur"}), group_page),
    (frozenset({ORG + "FormalOrganization", ORG + "Organization", SCHEMA + "GovernmentOrganization"}), body_page),
    (frozenset({PREFIXES["geo"] + "Feature"}), territory_page),
    (frozenset({CPER + "FichierDeSubventions"}), subsidy_file_page),
    (frozenset({FOAF + "Document"}), document_page),
)
"""The classes of each kind, and what makes its page; None if the data of a thing are not enough for it."""


def kind_page(subject: PageSubject) -> KindPage | None:
    """Return what the page of a thing shows first, None for a thing of no kind; what has an outline is a territory."""
    for classes, page in KINDS:
        if classes & subject.types:
            return page(subject)
    return territory_page(subject) if subject.reader.one(subject.node, HAS_GEOMETRY) is not None else None
