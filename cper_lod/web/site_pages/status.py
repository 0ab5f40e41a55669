"""Health, readiness, metrics, and the validation report of the release."""

import json
from contextlib import suppress
from typing import Any, Final

from flask import Blueprint, Response, current_app, request
from prometheus_client.exposition import choose_encoder

from cper_lod.core import formatting
from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON, TURTLE
from cper_lod.rdf.serialize import write
from cper_lod.release.history.rejection import MAX_FINDINGS, public_words
from cper_lod.release.history.timeline import format_time
from cper_lod.release.release import REPORT
from cper_lod.web.components.view import DocumentView
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.environ import STORE
from cper_lod.web.http.representation import select
from cper_lod.web.http.values import Value
from cper_lod.web.site import site

blueprint = Blueprint("status", __name__)
FORMS = (HTML, TURTLE, JSON)
_PROXY_HEADERS: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


@blueprint.get("/health")
def health() -> Response:
    """Whether the process answers, and which release it serves; no query is run.

    `unset` are the settings that a public server should have and this one has not. `engine` says whether another engine
    answered last and has all triples of the release. `fault` appears while `/ready` is red, or would be, and says why.
    `refused` appears while the current sources, or what was published last, are not what is served, and says why: see
    `/report`. `rolled_back` appears after a rollback, while nothing is published.
    """
    served, refusal = site(), site().rejection
    body: dict[str, Any] = {"status": "ok", "release": served.release.digest, "program": served.program}
    if served.settings.unset:
        body["unset"] = served.settings.unset
    if served.settings.engine != "embedded" and (load := served.engine.status()).remote:
        body["engine"] = {"at": "elsewhere", "problem": load.fault and load.fault.kind.code}
    if fault := served.readiness.fault:
        body["fault"] = {"problem": fault.kind.code, "words": public_words(fault, served.settings.releases)}
    with suppress(Problem):  # a damaged history is told by the release that follows, or by the commands
        if served.timeline and (current := served.timeline.history.rolled_back()):
            body["rolled_back"] = {"release": current.release, "since": format_time(current.at)}
    if refusal:
        body["refused"] = {"problem": refusal.code, "since": format_time(refusal.at), "words": refusal.words}
    return flask_responses.representation(json.dumps(body).encode() + b"\n", JSON, cache="no-store")


@blueprint.get("/ready")
def ready() -> Response:
    """Whether to send requests here: 503 `not-ready` if the engine does not answer within 2 s, or a file is damaged."""
    site().readiness.check()
    body = {"status": "ready", "release": site().release.digest}
    return flask_responses.representation(json.dumps(body).encode() + b"\n", JSON, cache="no-store")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Metrics of the server for Prometheus, as text or OpenMetrics; not through a proxy."""
    registry = current_app.extensions.get("cper_lod.metrics")
    if registry is None or any(name in request.environ for name in _PROXY_HEADERS):
        raise Problem("page-not-found", path=request.path[:200])
    encode, content_type = choose_encoder(flask_responses.accept() or "")
    return Response(encode(registry), content_type=content_type, headers={"Cache-Control": "no-store"})


@blueprint.get("/report", defaults={"suffix": ""})
@blueprint.get("/report.<suffix>")
def report(suffix: str) -> Response:
    """The validation report of the release, as a page, as JSON or as a SHACL report in Turtle.

    Page and JSON also say why the current sources were rejected, if they were.
    """
    selected, release = select("/report", suffix, FORMS, localized=()), site().release
    request.environ.pop(STORE, None)  # what is refused changes while a release is served
    if selected.format is JSON:
        return selected.respond(_with_refusal(release.read(REPORT)))
    if selected.format is TURTLE:
        graph = release.names.report_graph
        return selected.respond(write(release.triples.mentions(graph), TURTLE, root=graph))
    refusal, found = site().rejection, json.loads(release.read(REPORT))
    page = flask_responses.page(
        "report.html",
        report=found,
        findings=_findings(found),
        refusal=refusal,
        refused=_findings(refusal.report or {}) if refusal else [],
        most=MAX_FINDINGS,
    )
    return selected.respond(page)


def _with_refusal(report: bytes) -> bytes:
    """Return the report of the release, unchanged unless there is a refusal: then with a member `refused`."""
    refusal = site().rejection
    if refusal is None:
        return report
    refused = {
        "since": format_time(refusal.at),
        "problem": refusal.code,
        "words": refusal.words,
        "report": refusal.report,
    }
    return json.dumps({**json.loads(report), "refused": refused}, ensure_ascii=False, indent=2).encode() + b"\n"


def _findings(report: dict[str, Any]) -> list[tuple[str, Value, str, str, str]]:
    """Return the findings of a report for the page: severity, node, message, remedy and files of each."""
    lang = flask_responses.lang()
    view = DocumentView(site().release, (), lang)
    findings = []
    for each in report.get("findings", ()):
        message, node = each["messages"][lang], each["node"]
        shown = view.iri(node) if urls.ABSOLUTE.fullmatch(node) else Value(node)
        files, remedy = ", ".join(each.get("files", ())), each["remedies"][lang]
        findings.append((f"severity-{each['severity']}", shown, formatting.typeset(message, lang), remedy, files))
    return findings
