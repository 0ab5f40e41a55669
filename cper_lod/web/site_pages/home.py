"""The home page: the contracts compared; the pages that compare them point by point, say who signed each, and for a commune."""

import re
from typing import Any, Final

from flask import Blueprint, Response, request

from cper_lod.core import formatting
from cper_lod.core.errors import Problem
from cper_lod.core.formats import JSON, TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.identifiers import commune_index
from cper_lod.release.plan.finding import finding, headline
from cper_lod.release.plan.local import local_contracts
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.api.signposting import home_links
from cper_lod.web.components.comparison import comparison, range_said, summaries
from cper_lod.web.components.dates import publication_date
from cper_lod.web.components.described import observations_in
from cper_lod.web.history.changes import ATOM
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.headers import Link, link_values
from cper_lod.web.http.representation import service_links
from cper_lod.web.site import site

blueprint = Blueprint("home", __name__)
_CODE: Final = re.compile("[0-9][0-9AB][0-9]{3}")
"""A code of Insee."""


@blueprint.get("/")
def home() -> Response:
    """The contracts at a glance, nothing added up; without any, how much data there is. A client of JSON is led to the classes."""
    if flask_responses.negotiate_page(JSON) is JSON:
        return flask_responses.see_other(urls.link("/doc.json"))
    served, lang = site(), flask_responses.lang()
    observations = observations_in(lang)
    links = [*home_links(), *service_links()]
    if served.has_catalogue:
        links.append(Link(urls.public_address("/catalog.ttl"), "describedby", TURTLE.media_type))
    if served.timeline and not served.moment:  # an earlier release has no feed
        links.append(Link(urls.public_address("/changes.atom"), "alternate", ATOM.media_type))
    if not served.has_contracts:
        return flask_responses.page("data.html", links=link_values(links), day=publication_date())
    compared = comparison()
    definitions = (finding(observations, each.contract).definition for each in compared.rows)
    only = compared.rows[0].contract if len(compared.rows) == 1 and not compared.silent else None
    return flask_responses.page(
        "home.html",
        links=link_values(links),
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


@blueprint.get("/commune")
def find() -> Response:
    """Communes by name or postcode: `/commune?q=…`. The only one of just that name, or postcode, is answered with 303."""
    if not site().has_contracts:
        raise Problem("page-not-found", path="/commune")
    text = urls.single_parameter("q") if "q" in request.args else ""
    found = commune_index.find(text) if text.strip() else []
    if len(found) == 1:
        return flask_responses.see_other(urls.link(f"/commune/{found[0].code}"))
    near = commune_index.nearest(text) if text.strip() and not found else ""
    return flask_responses.page(
        "commune.html",
        title=translate("commune-title", flask_responses.lang()),
        query=text,
        found=found,
        near=Hyperlink(near, urls.link("/commune", q=near)) if near else None,
    )


@blueprint.get("/commune/<code>")
def commune(code: str) -> Response:
    """One commune, by its code of Insee: the contracts of its region and who signed them for it, with what they bring."""
    areas = commune_index.areas(code) if site().has_contracts and _CODE.fullmatch(code) else []
    if not areas:
        raise Problem("page-not-found", path=request.path[:200])
    observations = observations_in(flask_responses.lang())
    contracts = local_contracts(observations, summaries(), areas)
    title = areas[0].name
    values: dict[str, Any] = {
        "title": title,
        "areas": {each.kind: each for each in areas},
        "contracts": contracts,
        "others": [Hyperlink(each.title, each.href) for each in summaries()],
        "crumbs": [Hyperlink(translate("commune-title", observations.lang), urls.link("/commune"))],
        "description": translate("commune-lead", observations.lang),
    }
    return flask_responses.page("commune.html", **values)
