"""Reconciliation (W3C Reconciliation Service API 0.2): /reconcile matches names with our things, for OpenRefine."""

import json
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from threading import BoundedSemaphore
from typing import Any, Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.formats import HTML, JSON
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DCT, ONTOLOGY, OWL, RDFS, SKOS
from cper_lod.linking import reconciliation
from cper_lod.rdf.graph import Graph
from cper_lod.release.documents import has_document, nothing_about
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.api import parameters
from cper_lod.web.components.labels import LabelReader
from cper_lod.web.http import bodies, flask_responses, urls
from cper_lod.web.http.delivery import client_of, limits
from cper_lod.web.site import site
from cper_lod.web.sparql import protocol
from cper_lod.web.sparql.protocol import ProtocolRequest

blueprint = Blueprint("reconciliation", __name__)
_SLOTS: Final = BoundedSemaphore(4)
"""Batches that are answered at once; the other threads stay free for pages."""
_PAGE_SIZE: Final = 20
"""Suggestions in one answer."""
_DESCRIPTIVE: Final = (DCT + "description", SKOS + "definition", RDFS + "comment", SKOS + "altLabel")
"""Properties that distinguish things of the same name."""
_MAX_LENGTH: Final = 160
"""Characters of a description."""


@blueprint.route("/reconcile", defaults={"lang": ""}, methods=["GET", "POST"])
@blueprint.route("/reconcile/<lang>", methods=["GET", "POST"])
def service(lang: str) -> Response:
    """Reconciliation for OpenRefine (W3C API 0.2): the manifest, or for a browser a page that explains its use.

    Answers `queries=` and `extend=`, by GET or POST. `<lang>` is `fr` or `en`.
    """
    fields = _fields()
    if "queries" in fields:
        return _answer(lambda: _match(fields["queries"]))
    if "extend" in fields:
        asked = reconciliation.parse_extension(fields["extend"])
        return _answer(lambda: reconciliation.extend(site().release, *asked, flask_responses.lang()))
    names = _names()
    types = [{"id": iri, "name": names.name(iri)} for iri in reconciliation.common_classes(site().release)]
    if flask_responses.negotiate_format((JSON, HTML)) is JSON:
        answer = _json(_manifest(types))
    else:
        address = f"{site().settings.public_url}/reconcile/{flask_responses.lang()}"
        answer = flask_responses.page("reconcile.html", address=address, types=types)
    answer.vary.add("Accept")
    return answer


@blueprint.get("/reconcile/<lang>/suggest/<kind>")
def suggest(lang: str, kind: str) -> Response:
    """The names that begin with `?prefix=…`; `<kind>` is `entity`, `property` or `type`."""
    prefix, names = urls.single_parameter("prefix").strip(), _names()
    if kind == "entity":
        return _json({"result": [_described(names, iri) for iri in _find(prefix)]})
    listed = reconciliation.classes if kind == "type" else partial(reconciliation.properties_of_class, cls="")
    found = reconciliation.beginning(listed(site().release, lang=names.lang), prefix[:200])[:_PAGE_SIZE]
    described = (_described(names, each.iri) | {"id": each.id, "name": each.name} for each in found)
    return _json({"result": list(described)})


@blueprint.get("/reconcile/<lang>/properties")
def properties(lang: str) -> Response:
    """The properties that things of a class (`?type=…`) have."""
    cls = urls.single_parameter("type") if "type" in request.args else ""
    limit = {"limit": parameters.whole_number(parameters.LIMIT)} if "limit" in request.args else {}
    found = reconciliation.properties_of_class(site().release, cls, flask_responses.lang())[: limit.get("limit")]
    return _json({"type": cls, "properties": [{"id": each.id, "name": each.name} for each in found], **limit})


@blueprint.get("/reconcile/<lang>/preview")
def preview(lang: str) -> Response:
    """A small page about a thing (`?id=…`), which clients show in a frame."""
    iri, names = urls.iri_parameter("id"), _names()
    if not has_document(site().release, iri):
        raise nothing_about(iri)
    path, query = urls.page_address(iri)
    page = flask_responses.page(
        "reconcile_preview.html",
        iri=iri,
        title=formatting.brief(names.name(iri), _MAX_LENGTH),
        href=urls.link(path, **query, lang=names.lang),
        text=_described(names, iri).get("description", ""),
        codes=[each for name in reconciliation.CODES for each in names.reader.all(NamedNode(iri), name)][:5],
    )
    return flask_responses.framed(page)


def _check_address() -> None:
    """Raise `page-not-found` for another language or kind."""
    asked = request.view_args or {}
    if asked.get("lang", "") not in ("", *LANGUAGES) or asked.get("kind", "type") not in ("entity", "property", "type"):
        raise Problem("page-not-found", path=request.path[:200])


blueprint.before_request(_check_address)


@blueprint.errorhandler(Problem)
def _failed(error: Problem) -> Response:
    """Answer an error as other routes do, but without Accept-Query: the method QUERY is not supported here."""
    response = flask_responses.problem(error)
    response.headers.pop("Accept-Query", None)
    return response


def _fields() -> dict[str, str]:
    """Return `queries` or `extend` of this request, also of a form; raises the errors of reading a form."""
    message = ProtocolRequest.of(request.method, request.query_string, "", request.headers.get)
    read = bodies.read(request.environ, limits(), client_of(request), protocol.MAX_FORM) if message.has_body else b""
    pairs = protocol.fields(message, read)
    if message.has_body:
        parameters.check_names([name for name, _ in pairs], parameters.parameters_of(request.endpoint))
    given = [(name, value) for name, value in pairs if name in ("queries", "extend")]
    if len(given) > 1:
        raise Problem("parameter-repeated", name="queries, extend", count=len(given))
    if message.has_body and not given:
        raise Problem("parameter-missing", name="queries")
    return dict(given)


def _answer(answer: Callable[[], dict[str, Any]]) -> Response:
    """Return the answer to a batch; raises `query-queue` while too many are being answered."""
    if not _SLOTS.acquire(blocking=False):
        raise Problem("query-queue")
    try:
        found = answer()
    finally:
        _SLOTS.release()
    if request.method != "POST":
        return _json(found)
    headers = {"Content-Type": JSON.content_type, "Cache-Control": "no-store", "Vary": "Accept-Language"}
    return Response(_json_bytes(found), headers=headers)


def _match(text: str) -> dict[str, Any]:
    found, names = reconciliation.match(site().release, reconciliation.parse_queries(text)), _names()
    return {key: {"result": [_candidate(names, each) for each in candidates]} for key, candidates in found.items()}


def _manifest(types: list[dict[str, str]]) -> dict[str, Any]:
    """Return the manifest of the service; its addresses are in the reader's language."""
    lang, base = flask_responses.lang(), site().settings.public_url
    here = f"{base}/reconcile/{lang}"
    return {
        "versions": ["0.2"],
        "name": translate("reconcile-name", lang),
        "identifierSpace": site().settings.base_iri,
        "schemaSpace": ONTOLOGY + "#" if site().documentation.has_ontology else OWL + "Thing",
        "documentation": here,
        "logo": f"{base}/static/logo.svg",
        "serviceVersion": version("cper-lod"),
        "defaultTypes": types,
        "view": {"url": f"{base}/describe?lang={lang}&iri={{{{id}}}}"},
        "preview": {"url": f"{here}/preview?id={{{{id}}}}", "width": 430, "height": 320},
        "suggest": {
            kind: {"service_url": here, "service_path": f"/suggest/{kind}"} for kind in ("entity", "property", "type")
        },
        "extend": {"propose_properties": {"service_url": here, "service_path": "/properties"}},
        "batchSize": reconciliation.MAX_QUERIES,
    }


def _candidate(names: LabelReader, found: reconciliation.Candidate) -> dict[str, Any]:
    """Return a candidate with its main class and its score."""
    described = _described(names, found.iri)
    types = described.pop("notable")
    return described | {"score": found.score, "match": found.match, "type": types}


def _described(names: LabelReader, iri: str) -> dict[str, Any]:
    """Return a thing with its main class, and a description: its class, what it is part of, and a text."""
    kind, parent = names.main_class(names.reader.types(NamedNode(iri))), names.parent(iri)
    texts = (names.class_label(iri), parent.text if parent else "", _definition(names, iri))
    description = " · ".join(filter(None, texts))
    return {
        "id": iri,
        "name": names.name(iri),
        "notable": [{"id": kind, "name": names.name(kind)}] if kind else [],
        **({"description": description} if description else {}),
    }


def _names() -> LabelReader:
    return LabelReader(ReleaseGraph(site().release), Graph(()), flask_responses.lang())


def _find(prefix: str) -> list[str]:
    """Return the things that the search finds, or the thing with that IRI; raises `search-too-long`, `search-timeout`."""
    if "://" in prefix:
        return [prefix] if site().release.triples.describes(prefix) else []
    try:
        return list(site().release.search.find(prefix, 0, _PAGE_SIZE).within_time())
    except Problem as problem:
        if problem.kind.code == "search-empty":
            return []
        raise


def _definition(names: LabelReader, iri: str) -> str:
    texts = (names.reader.text(NamedNode(iri), each, names.lang)[0] for each in _DESCRIPTIVE)
    return formatting.brief(" ".join(next(filter(None, texts), "").split()), _MAX_LENGTH)


def _json(value: object) -> Response:
    return flask_responses.representation(_json_bytes(value), JSON, vary=("Accept-Language",))


def _json_bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
