"""Whether the server lives, and the report of the release that it serves."""

import json

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from cper_lod.rdf.writing import write
from cper_lod.release.resource import mentions
from cper_lod.terms.formats import HTML, JSON, TURTLE, by_suffix
from cper_lod.terms.namespaces import GRAPH_REPORT, shorten
from cper_lod.terms.problems import Problem
from cper_lod.web import addresses, responses
from cper_lod.web.resources import chosen
from cper_lod.web.responses import site

blueprint = Blueprint("status", __name__)
FORMS = (HTML, TURTLE, JSON)


@blueprint.get("/health")
def health() -> Response:
    """Whether the process answers, and which release it serves; no query is run for it."""
    served = site()
    body = {"status": "ok", "release": served.release.digest, "program": served.program, "mode": served.release.mode}
    return responses.representation(json.dumps(body).encode() + b"\n", JSON, cache="no-store")


@blueprint.get("/report", defaults={"suffix": ""})
@blueprint.get("/report.<suffix>")
def report(suffix: str) -> Response:
    """The validation report of the release, as a page, as JSON and as a SHACL report in Turtle."""
    form = by_suffix(suffix, FORMS) if suffix else chosen(FORMS)
    if form is None:
        raise Problem("format-unknown", suffix="." + suffix[:40], offers=".html, .ttl, .json")
    release, vary = site().release, () if suffix else ("Accept",)
    location = None if suffix else f"{request.script_root}/report.{form.suffix}"
    if form is JSON:
        return responses.representation(release.report(), form, vary=vary, location=location)
    if form is TURTLE:
        body = write(mentions(release, GRAPH_REPORT), form, root=GRAPH_REPORT)
        return responses.representation(body, form, vary=vary, location=location)
    page = responses.page("report.html", report=json.loads(release.report()), shorten=shorten, link=_link)
    page.vary.update(vary)
    if location:
        page.headers["Content-Location"] = location
    return page


def _link(iri: str) -> str:
    """Return where a finding's node has its page, empty for what is no IRI."""
    try:
        return addresses.page(NamedNode(iri).value) if iri else ""
    except ValueError:
        return ""
