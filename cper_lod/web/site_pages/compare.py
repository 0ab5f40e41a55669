"""The pages about all contracts: amounts and shares on one scale, then point by point; and who signed each."""

from flask import Blueprint, Response

from cper_lod.core.errors import Problem
from cper_lod.core.i18n import translate
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.contract import contract_summary, contracts_of
from cper_lod.release.plan.observations import ObservationReader
from cper_lod.web.components.comparison import comparison
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("compare", __name__)


@blueprint.get("/compare")
def compare() -> Response:
    """The contracts beside each other: totals, funders and statuses, with scopes, natures and sources; nothing is added up."""
    observations = ObservationReader(ReleaseGraph(site().release), flask_responses.lang(), urls.page_link)
    iris = contracts_of(site().release)
    if not iris:
        raise Problem("page-not-found", path="/compare")
    title = translate("compare-title", observations.lang)
    return flask_responses.page("compare.html", title=title, compared=comparison(observations, iris))


@blueprint.get("/signatories")
def signatories() -> Response:
    """Who signed each contract: the bodies by their kinds, those of contracts made up for a test last."""
    observations = ObservationReader(ReleaseGraph(site().release), flask_responses.lang(), urls.page_link)
    found = [each for iri in contracts_of(site().release) if (each := contract_summary(observations, iri))]
    if not any(each.signatories for each in found):
        raise Problem("page-not-found", path="/signatories")
    found.sort(key=lambda each: each.fictitious)
    title = translate("nav-signatories", observations.lang)
    return flask_responses.page("signatories.html", title=title, contracts=found)
