"""Whether the server lives, and the report of the release that it serves."""

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON, TURTLE, by_suffix
from cper_lod.core.namespaces import GRAPH_REPORT
from cper_lod.rdf.report import short
from cper_lod.rdf.serialize import write
from cper_lod.release.documents import mentions
from cper_lod.release.history.rejection import MOST, Rejection
from cper_lod.web.components.view import Value, View
from cper_lod.web.documents.things import chosen
from cper_lod.web.http import formatting, responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("status", __name__)
FORMS = (HTML, TURTLE, JSON)
SEVERITIES = {"violation": "severity-violation", "warning": "severity-warning", "info": "severity-info"}
"""The sentence that names each severity."""


@blueprint.get("/health")
def health() -> Response:
    """Whether the process answers, and which release it serves; no query is run.

    `engine` says whether another engine answered last. `refused` appears while the current sources, or what was
    published last, are not what is served: see `/report`.
    """
    served, refusal = site(), site().refusal
    release, mode = served.release.digest, served.release.mode
    body: dict[str, Any] = {"status": "ok", "release": release, "program": served.program, "mode": mode}
    if served.settings.engine != "embedded" and (load := served.engine.status()).remote:
        body["engine"] = {"at": "elsewhere", "problem": load.fault or None}
    if refusal:
        body["refused"] = {"problem": refusal.code, "since": _moment(refusal)}
    return responses.representation(json.dumps(body).encode() + b"\n", JSON, cache="no-store")


@blueprint.get("/ready")
def ready() -> Response:
    """Whether to send requests here: the engine answers a trial query within 2 s, else 503 `not-ready`."""
    site().readiness.check()
    body = {"status": "ready", "release": site().release.digest}
    return responses.representation(json.dumps(body).encode() + b"\n", JSON, cache="no-store")


@blueprint.get("/report", defaults={"suffix": ""})
@blueprint.get("/report.<suffix>")
def report(suffix: str) -> Response:
    """The validation report of the release, as a page, as JSON or as a SHACL report in Turtle.

    Page and JSON also say why the current sources were rejected, if they were.
    """
    form = by_suffix(suffix, FORMS) if suffix else chosen(FORMS)
    if form is None:
        raise Problem("format-unknown", suffix="." + suffix[:40], offers=".html, .ttl, .json")
    release, vary = site().release, () if suffix else ("Accept",)
    location = None if suffix else f"{request.script_root}/report.{form.suffix}"
    if form is JSON:
        return responses.representation(_with_refusal(release.report()), form, vary=vary, location=location)
    if form is TURTLE:
        body = write(mentions(release, GRAPH_REPORT), form, root=GRAPH_REPORT)
        return responses.representation(body, form, vary=vary, location=location)
    page = responses.page("report.html", **_refused(site().refusal), **_shown(json.loads(release.report())))
    page.vary.update(vary)
    if location:
        page.headers["Content-Location"] = location
    return page


def _with_refusal(report: bytes) -> bytes:
    """Return a report as JSON: to the byte that of the release, but for a member `refused` while there is a refusal."""
    refusal = site().refusal
    if refusal is None:
        return report
    refused = {"since": _moment(refusal), "problem": refusal.code, "words": refusal.words, "report": refusal.report}
    return json.dumps({**json.loads(report), "refused": refused}, ensure_ascii=False, indent=2).encode() + b"\n"


def _refused(refusal: Rejection | None) -> dict[str, Any]:
    """Return why the sources are refused, and for which findings, as the page says it."""
    if refusal is None:
        return {}
    lang = responses.lang()
    words = refusal.say(lang)
    why = {name: formatting.spaced(text, lang) for name, text in asdict(words).items()}
    findings = _shown(refusal.report or {})["findings"]
    return {"why": why, "since": refusal.at, "refused": findings, "most": MOST}


def _moment(refusal: Rejection) -> str:
    return datetime.fromtimestamp(refusal.at, UTC).isoformat().replace("+00:00", "Z")


def _shown(told: dict[str, Any]) -> dict[str, Any]:
    """Return the report, and its findings as a page shows them: each with node, message, remedy and files."""
    lang = responses.lang()
    view = View(site().release, (), lang)
    findings = []
    for each in told.get("findings", ()):
        message = each["messages"][lang]
        for iri in filter(urls.ABSOLUTE.fullmatch, {each["node"], each.get("value") or ""}):
            # A message names things by their addresses in short: whoever writes the data looks for those.
            message = view.name(iri).join(re.split(re.escape(short(iri)) + r"(?![\w/-])", message))
        node = each["node"]
        shown = view.iri(node) if urls.ABSOLUTE.fullmatch(node) else Value(node)
        files, remedy = ", ".join(each.get("files", ())), each["remedies"][lang]
        findings.append((SEVERITIES[each["severity"]], shown, formatting.spaced(message, lang), remedy, files))
    return {"report": told, "findings": findings}
