"""The home page: the contracts compared; the pages that compare them point by point, and say who signed each."""

from flask import Blueprint, Response

from cper_lod.core import formatting
from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON, TURTLE
from cper_lod.core.i18n import translate
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.finding import finding, headline
from cper_lod.release.plan.observations import ObservationReader
from cper_lod.web.components.comparison import comparison, range_said, summaries
from cper_lod.web.components.dates import publication_date
from cper_lod.web.history.atom import ATOM
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.links import Link, header
from cper_lod.web.http.representation import service_links
from cper_lod.web.http.signposting import home_signposts
from cper_lod.web.site import site

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> Response:
    """The contracts at a glance, nothing added up; without any, how much data there is. A client of JSON is led to the classes."""
    if flask_responses.negotiate_page(JSON) is JSON:
        return flask_responses.see_other(urls.link("/doc.json"))
    served, lang = site(), flask_responses.lang()
    observations = ObservationReader(ReleaseGraph(served.release), lang, urls.page_link)
    everything = home_signposts()
    links = [*everything.of(HTML), *service_links()]
    if served.has_catalogue:
        links.append(Link(f"{everything.landing}catalog.ttl", "describedby", TURTLE.media_type))
    if served.timeline and not served.moment:  # an earlier release has no feed
        links.append(Link(f"{everything.landing}changes.atom", "alternate", ATOM.media_type))
    if not served.has_contracts:
        return flask_responses.page("data.html", links=header(links), day=publication_date(observations))
    compared = comparison()
    definitions = (finding(observations, each.contract).definition for each in compared.rows)
    only = compared.rows[0].contract if len(compared.rows) == 1 and not compared.silent else None
    return flask_responses.page(
        "home.html",
        links=header(links),
        compared=compared,
        title=formatting.capital(headline(only, lang)) if only else range_said(compared, lang),
        definition=next(filter(None, definitions), ""),
    )


@blueprint.get("/compare")
def compare() -> Response:
    """The contracts beside each other: totals, funders and statuses, with scopes, natures and sources; nothing is added up."""
    if not site().has_contracts:
        raise Problem("page-not-found", path="/compare")
    title = translate("compare-title", flask_responses.lang())
    return flask_responses.page("compare.html", title=title, compared=comparison())


@blueprint.get("/signatories")
def signatories() -> Response:
    """Who signed each contract: the bodies by their kinds, those of contracts made up for a test last."""
    found = summaries()
    if not any(each.signatories for each in found):
        raise Problem("page-not-found", path="/signatories")
    title = translate("nav-signatories", flask_responses.lang())
    return flask_responses.page("signatories.html", title=title, contracts=found)
