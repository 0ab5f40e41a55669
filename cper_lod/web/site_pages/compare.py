"""The pages about all contracts: amounts and shares on one scale, then point by point; and who signed each."""

from flask import Blueprint, Response

from cper_lod.core.errors import Problem
from cper_lod.core.i18n import translate
from cper_lod.web.components.comparison import comparison, summaries
from cper_lod.web.http import flask_responses
from cper_lod.web.site import site

blueprint = Blueprint("compare", __name__)


@blueprint.get("/compare")
def compare() -> Response:
    """The contracts beside each other: totals, funders and statuses, with scopes, natures and sources; nothing is added up."""
    if not site().has_contracts:
        raise Problem("page-not-found", path="/compare")
    lang = flask_responses.lang()
    return flask_responses.page("compare.html", title=translate("compare-title", lang), compared=comparison())


@blueprint.get("/signatories")
def signatories() -> Response:
    """Who signed each contract: the bodies by their kinds, those of contracts made up for a test last."""
    found = summaries()
    if not any(each.signatories for each in found):
        raise Problem("page-not-found", path="/signatories")
    title = translate("nav-signatories", flask_responses.lang())
    return flask_responses.page("signatories.html", title=title, contracts=found)
