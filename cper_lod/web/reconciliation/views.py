"""Reconciliation (W3C Reconciliation Service API 0.2): /reconcile matches names with our things, for OpenRefine."""

import json
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any, Final, TypeVar

from flask import Blueprint, Response, request

from cper_lod.core.errors import LANGUAGES, Phrase, Problem
from cper_lod.core.formats import HTML, JSON
from cper_lod.linking.reconciliation import extend
from cper_lod.linking.reconciliation.properties import properties_of_class, suggest_entities, suggest_terms
from cper_lod.linking.reconciliation.queries import ExtendQuery, ReconciliationQuery, parse_batch, parse_extend_query
from cper_lod.linking.reconciliation.reconcile import Reconciler
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.api import parameters
from cper_lod.web.http import bodies, flask_responses, urls
from cper_lod.web.http.delivery import client_of, limits
from cper_lod.web.reconciliation import pages
from cper_lod.web.reconciliation.serialize import EntityFormatter
from cper_lod.web.site import site
from cper_lod.web.sparql import protocol
from cper_lod.web.sparql.protocol import ProtocolRequest

blueprint = Blueprint("reconciliation", __name__)
T = TypeVar("T")
PATHS: Final = ("/reconcile", "/reconcile/fr", "/reconcile/en")
"""The addresses of the service; batches are posted to them."""
KINDS: Final = ("entity", "property", "type")
_SLOTS: Final = BoundedSemaphore(4)
"""Batches that are answered at once; the other threads stay free for pages."""


@blueprint.route("/reconcile", defaults={"lang": ""}, methods=["GET", "POST"])
@blueprint.route("/reconcile/<lang>", methods=["GET", "POST"])
def service(lang: str) -> Response:
    """Reconciliation for OpenRefine (W3C API 0.2): the manifest, or for a browser a page that explains its use.

    Answers `queries=` and `extend=`, by GET or POST. `<lang>` is `fr` or `en`.
    """
    _check_language(lang)
    fields = _fields()
    given = [name for name in ("queries", "extend") if name in fields]
    if len(given) > 1:
        raise Problem("parameter-repeated", name="queries, extend", count=len(given))
    if not given:
        return _service_description()
    result = (
        _in_turn(_matched, parse_batch(fields["queries"]))
        if "queries" in fields
        else _in_turn(_extended, parse_extend_query(fields["extend"]))
    )
    if request.method != "POST":
        return _json(result)
    headers = {"Content-Type": JSON.content_type, "Cache-Control": "no-store", "Vary": "Accept-Language"}
    return Response(_json_bytes(result), headers=headers)


@blueprint.get("/reconcile/<lang>/suggest/<kind>")
def suggest(lang: str, kind: str) -> Response:
    """The names that begin with `?prefix=…`; `<kind>` is `entity`, `property` or `type`."""
    _check_language(lang)
    if kind not in KINDS:
        raise Problem("page-not-found", path=request.path[:200])
    _refuse_jsonp()
    prefix, skipped = urls.single_parameter("prefix").strip(), parameters.whole_number(parameters.CURSOR)
    release, formatter = site().release, EntityFormatter()
    if kind == "entity":
        found = [formatter.suggested(iri) for iri in suggest_entities(release, prefix, skipped)]
    else:
        lang = flask_responses.lang()
        terms = suggest_terms(release, formatter.reader, kind, prefix[:200], skipped, lang)
        found = [formatter.described({"id": each.id, "name": each.name}, each.iri) for each in terms]
    return _json({"result": found})


@blueprint.get("/reconcile/<lang>/properties")
def properties(lang: str) -> Response:
    """The properties that things of a class (`?type=…`) have."""
    _check_language(lang)
    _refuse_jsonp()
    cls = urls.single_parameter("type") if "type" in request.args else ""
    limit = parameters.whole_number(parameters.LIMIT) if "limit" in request.args else None
    found = properties_of_class(site().release, ReleaseGraph(site().release), cls, flask_responses.lang())[:limit]
    members: dict[str, Any] = {"type": cls, "properties": [{"id": each.id, "name": each.name} for each in found]}
    return _json(members if limit is None else members | {"limit": limit})


@blueprint.get("/reconcile/<lang>/preview")
def preview(lang: str) -> Response:
    """A small page about a thing (`?id=…`), which clients show in a frame."""
    _check_language(lang)
    return pages.preview_page(urls.iri_parameter("id"))


@blueprint.errorhandler(Problem)
def _failed(error: Problem) -> Response:
    """Answer an error as other routes do, but without Accept-Query: the method QUERY is not supported here."""
    response = flask_responses.problem(error)
    response.headers.pop("Accept-Query", None)
    return response


def _check_language(lang: str) -> None:
    """Raise `page-not-found` for an address in an unsupported language."""
    if lang not in ("", *LANGUAGES):
        raise Problem("page-not-found", path=request.path[:200])


def _refuse_jsonp() -> None:
    """Refuse JSONP, which is optional in the protocol: CORS makes it unnecessary."""
    if "callback" in request.args:
        expected = Phrase("none: CORS instead of JSONP", fr="aucune : CORS au lieu de JSONP")
        raise Problem("parameter-invalid", name="callback", value=request.args["callback"][:40], expected=expected)


def _fields() -> dict[str, str]:
    """Return the parameters of this request, including those of a form; raises the errors of reading a form."""
    message = ProtocolRequest.of(request.method, request.query_string, "", request.headers.get)
    pairs = protocol.fields(
        message,
        bodies.read(request.environ, limits(), client_of(request), protocol.MAX_FORM) if message.has_body else b"",
    )
    _refuse_jsonp()
    if message.has_body:
        parameters.check_names([name for name, _ in pairs], parameters.parameters_of(request.endpoint))
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found and name in ("queries", "extend"):
            raise Problem("parameter-repeated", name=name, count=sum(each == name for each, _ in pairs))
        found[name] = value
    if message.has_body and not {"queries", "extend"} & set(found):
        raise Problem("parameter-missing", name="queries")
    return found


def reconciler() -> Reconciler:
    """Return the reconciler of the release that is served; it reads the names of all things once."""
    return site().release.memo.get(Reconciler, (), 1, lambda: Reconciler(site().release))


def _service_description() -> Response:
    """Return the manifest of the service, or the help page if the request prefers HTML."""
    formatter = EntityFormatter()
    types = [formatter.type(iri) for iri in reconciler().common_classes]
    is_page = flask_responses.negotiate_format((JSON, HTML)) is HTML
    answer = pages.help_page(types) if is_page else _json(pages.manifest(types))
    answer.vary.add("Accept")
    return answer


def _in_turn(answer: Callable[[T], dict[str, Any]], asked: T) -> dict[str, Any]:
    """Return the answer to a batch; raises `query-queue` while too many are being answered."""
    if not _SLOTS.acquire(blocking=False):
        raise Problem("query-queue")
    try:
        return answer(asked)
    finally:
        _SLOTS.release()


def _matched(queries: dict[str, ReconciliationQuery]) -> dict[str, Any]:
    """Return the candidates for each query."""
    found, formatter = reconciler().reconcile(queries), EntityFormatter()
    return {name: {"result": [formatter.candidate(each) for each in those]} for name, those in found.items()}


def _extended(query: ExtendQuery) -> dict[str, Any]:
    return extend.extend_values(site().release, query, flask_responses.lang())


def _json(value: object) -> Response:
    return flask_responses.representation(_json_bytes(value), JSON, vary=("Accept-Language",))


def _json_bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
