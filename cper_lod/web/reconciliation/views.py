"""Reconciliation (W3C Reconciliation Service API 0.2): /reconcile matches names with our things, for OpenRefine."""

import json
from collections.abc import Sequence
from threading import BoundedSemaphore
from typing import Any, Final

from flask import Blueprint, Response, current_app, request

from cper_lod.core.errors import LANGUAGES, Phrase, Problem
from cper_lod.core.formats import HTML, JSON
from cper_lod.linking.reconciliation import extend
from cper_lod.linking.reconciliation import suggest as suggesting
from cper_lod.linking.reconciliation.properties import properties_of_class
from cper_lod.linking.reconciliation.queries import ExtendQuery, ReconciliationQuery
from cper_lod.linking.reconciliation.queries import parse_batch as read_batch
from cper_lod.linking.reconciliation.queries import parse_extend_query as read_extension
from cper_lod.linking.reconciliation.reconcile import Reconciler
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.http import responses, urls
from cper_lod.web.http.response import Response as PlainResponse
from cper_lod.web.reconciliation import pages
from cper_lod.web.reconciliation.serialize import EntityFormatter
from cper_lod.web.site import site
from cper_lod.web.sparql import protocol
from cper_lod.web.sparql.protocol import Message
from cper_lod.web.sparql.views import drained

blueprint = Blueprint("reconciliation", __name__)
PATHS: Final = ("/reconcile", "/reconcile/fr", "/reconcile/en")
"""The addresses of the service; batches are posted to them."""
KINDS: Final = ("entity", "property", "type")
_MADE: Final = "cper_lod.reconciler"
_PLACES: Final = BoundedSemaphore(4)
"""Batches that are worked on at once: pages keep the other threads."""
_SKIPPED: Final = 1000
"""Suggestions that may be skipped, and properties that may be asked for, at most."""


@blueprint.route("/reconcile", defaults={"lang": ""}, methods=["GET", "POST"])
@blueprint.route("/reconcile/<lang>", methods=["GET", "POST"])
def service(lang: str) -> Response:
    """Reconciliation for OpenRefine (W3C API 0.2): the manifest, or for a browser a page that explains its use.

    Answers `queries=` and `extend=`, by GET or POST. `<lang>` is `fr` or `en`.
    """
    _spoken(lang)
    fields = _fields()
    asked = [name for name in ("queries", "extend") if name in fields]
    if len(asked) > 1:
        raise Problem("parameter-repeated", name="queries, extend", count=len(asked))
    if not asked:
        return _offered()
    answer = _matched(read_batch(fields["queries"])) if "queries" in fields else _extended(fields["extend"])
    if request.method != "POST":
        return _json(answer)
    headers = {"Content-Type": JSON.content_type, "Cache-Control": "no-store", "Vary": "Accept-Language"}
    return responses.of(PlainResponse(200, headers, _written(answer)))


@blueprint.get("/reconcile/<lang>/suggest/<kind>")
def suggest(lang: str, kind: str) -> Response:
    """The names that begin with `?prefix=…`; `<kind>` is `entity`, `property` or `type`."""
    _spoken(lang)
    if kind not in KINDS:
        raise Problem("page-not-found", path=request.path[:200])
    _refuse_script()
    prefix, skipped = urls.only("prefix"), _whole("cursor", 0, _SKIPPED)
    told = EntityFormatter()
    if kind == "entity":
        found = [told.suggested(iri) for iri in suggesting.suggest_entities(site().release, prefix.strip(), skipped)]
    else:
        terms = suggesting.suggest_terms(
            site().release, told.reader, kind, prefix.strip()[:200], skipped, responses.lang()
        )
        found = [told.described({"id": each.id, "name": each.name}, each.iri) for each in terms]
    return _json({"result": found})


@blueprint.get("/reconcile/<lang>/properties")
def properties(lang: str) -> Response:
    """The properties that things of a class (`?type=…`) have."""
    _spoken(lang)
    _refuse_script()
    cls = urls.only("type") if "type" in request.args else ""
    limit = _whole("limit", 1, _SKIPPED) if "limit" in request.args else None
    found = properties_of_class(site().release, ReleaseGraph(site().release), cls, responses.lang())[:limit]
    told: dict[str, Any] = {"type": cls, "properties": [{"id": each.id, "name": each.name} for each in found]}
    return _json(told if limit is None else told | {"limit": limit})


@blueprint.get("/reconcile/<lang>/preview")
def preview(lang: str) -> Response:
    """A small page about a thing (`?id=…`), which clients show in a frame."""
    _spoken(lang)
    return pages.preview_page(urls.checked(urls.only("id")))


@blueprint.errorhandler(Problem)
def _failed(error: Problem) -> Response:
    """Say an error as the other routes do; the method QUERY is not known here."""
    response = responses.problem(error)
    response.headers.pop("Accept-Query", None)
    return response


def _spoken(lang: str) -> None:
    """Refuse an address in a language that we do not speak; raises `page-not-found`."""
    if lang not in ("", *LANGUAGES):
        raise Problem("page-not-found", path=request.path[:200])


def _refuse_script() -> None:
    """Refuse JSONP, which the protocol leaves to us: every address answers other sites (CORS), no script is needed."""
    if "callback" in request.args:
        expected = Phrase("none: CORS instead of JSONP", fr="aucune : CORS au lieu de JSONP")
        raise Problem("parameter-invalid", name="callback", value=request.args["callback"][:40], expected=expected)


def _fields() -> dict[str, str]:
    """Return the parameters of this request, those of a form included; raises the problems of reading one."""
    limit = site().settings.query_length
    get = request.headers.get
    message = Message(request.method, request.query_string, "", get("Content-Type", ""), get("Content-Encoding", ""))
    pairs = protocol.fields(message, drained(protocol.form_limit(limit), limit) if message.has_body else b"")
    _refuse_script()
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found and name in ("queries", "extend"):
            raise Problem("parameter-repeated", name=name, count=sum(each == name for each, _ in pairs))
        found[name] = value
    if message.has_body and not {"queries", "extend"} & set(found):
        raise Problem("parameter-missing", name="queries")
    return found


def _whole(name: str, least: int, most: int) -> int:
    """Return a whole number; raises `parameter-invalid`."""
    text = urls.only(name) if name in request.args else str(least)
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and least <= int(text) <= most):
        expected = Phrase(f"a whole number from {least} to {most}", fr=f"un nombre entier de {least} à {most}")
        raise Problem("parameter-invalid", name=name, value=text[:40], expected=expected)
    return int(text)


def reconciler() -> Reconciler:
    """Return what matches names with the release that is served; what was read for it is kept with the application."""
    kept: Reconciler | None = current_app.extensions.get(_MADE)
    if kept is None or kept.release is not site().release:
        kept = current_app.extensions[_MADE] = Reconciler(site().release)
    return kept


def _offered() -> Response:
    """Return the manifest of the service; a browser that asks for a page gets one that says how to use it."""
    told = EntityFormatter()
    types = [told.type(iri) for iri in reconciler().common_classes]
    answer = (
        pages.help_page(types) if responses.negotiate_format((JSON, HTML)) is HTML else _json(pages.manifest(types))
    )
    answer.vary.add("Accept")
    return answer


def _matched(queries: dict[str, ReconciliationQuery]) -> dict[str, Any]:
    """Return the candidates for each query; raises `query-queue` where too many batches are worked on."""
    if not _PLACES.acquire(blocking=False):
        raise Problem("query-queue")
    try:
        found = reconciler().reconcile(queries)
        told = EntityFormatter()
        return {name: {"result": [told.candidate(each) for each in each_found]} for name, each_found in found.items()}
    finally:
        _PLACES.release()


def _extended(text: str) -> dict[str, Any]:
    asked: ExtendQuery = read_extension(text)
    if not _PLACES.acquire(blocking=False):
        raise Problem("query-queue")
    try:
        return extend.extend_values(site().release, asked, responses.lang())
    finally:
        _PLACES.release()


def _json(value: object, vary: Sequence[str] = ("Accept-Language",)) -> Response:
    return responses.representation(_written(value), JSON, vary=vary)


def _written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
