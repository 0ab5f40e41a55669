"""Reconciliation (W3C Reconciliation Service API 0.2): /reconcile matches names with our things, for OpenRefine."""

import json
import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import ONTOLOGY, OWL
from cper_lod.core.text import folded
from cper_lod.linking import reconciliation
from cper_lod.rdf.graph import Term
from cper_lod.release.documents import has_document, nothing_about
from cper_lod.release.storage.text import words
from cper_lod.web.api import parameters, resources
from cper_lod.web.components.labels import LabelReader, names_here
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.delivery import client_of, limits
from cper_lod.web.http.limits import read_body
from cper_lod.web.site import site
from cper_lod.web.sparql import protocol

blueprint = Blueprint("reconciliation", __name__)
_PAGE_SIZE: Final = 20
"""Suggestions in one answer."""
_MAX_CHARACTERS: Final = 4_000_000
"""Characters of values in one answer."""
_TITLE_LENGTH: Final = 160
"""Characters of the title of a preview."""


@blueprint.route("/reconcile", defaults={"lang": ""}, methods=["GET", "POST"])
@blueprint.route("/reconcile/<any(fr, en):lang>", methods=["GET", "POST"])
def service(lang: str) -> Response:
    """Reconciliation for OpenRefine (W3C API 0.2): the manifest, or for a browser a page that explains its use.

    Answers `queries=` and `extend=`, by GET or POST. `<lang>` is `fr` or `en`.
    """
    fields = _fields()
    if fields:
        with limits().hold("query", client_of(request)):
            return _json(_match(fields["queries"]) if "queries" in fields else _extend(fields["extend"]))
    types = _named(reconciliation.common_classes(site().release))
    if flask_responses.negotiate_format((JSON, HTML)) is JSON:
        answer = _json(_manifest(types))
    else:
        address = f"{site().settings.public_url}/reconcile/{flask_responses.lang()}"
        answer = flask_responses.page("reconcile.html", address=address, types=types)
    answer.vary.add("Accept")
    return answer


@blueprint.get("/reconcile/<any(fr, en):lang>/suggest/<any(entity, property, type):kind>")
def suggest(lang: str, kind: str) -> Response:
    """The names that begin with `?prefix=…`; `<kind>` is `entity`, `property` or `type`."""
    prefix, names, release = urls.single_parameter("prefix").strip(), names_here(), site().release
    if kind == "entity":
        if "://" in prefix:
            iris: Sequence[str] = [prefix] if release.triples.describes(prefix) else []
        else:
            iris = release.search.find(prefix, 0, _PAGE_SIZE).iris if words(prefix) else []
        return _json({"result": [_described(names, iri) for iri in iris]})
    types = (each.iri for each in release.listing.classes)
    terms = types if kind == "type" else reconciliation.properties_of_class(release, "")
    found = [iri for iri in terms if f" {folded(prefix)}" in f" {folded(names.name(iri))}"]
    return _json({"result": _named(found[:_PAGE_SIZE])})


@blueprint.get("/reconcile/<any(fr, en):lang>/properties")
def properties(lang: str) -> Response:
    """The properties that things of a class (`?type=…`) have."""
    cls = urls.single_parameter("type") if "type" in request.args else ""
    limit = {"limit": parameters.whole_number(parameters.LIMIT)} if "limit" in request.args else {}
    found = reconciliation.properties_of_class(site().release, cls)[: limit.get("limit")]
    return _json({"type": cls, "properties": _named(found), **limit})


@blueprint.get("/reconcile/<any(fr, en):lang>/preview")
def preview(lang: str) -> Response:
    """A small page about a thing (`?id=…`), which clients show in a frame."""
    iri, names = urls.iri_parameter("id"), names_here()
    if not has_document(site().release, iri):
        raise nothing_about(iri)
    path, query = urls.page_address(iri)
    page = flask_responses.page(
        "reconcile_preview.html",
        iri=iri,
        title=formatting.brief(names.name(iri), _TITLE_LENGTH),
        href=urls.link(path, **query, lang=names.lang),
        text=_described(names, iri).get("description", ""),
        codes=[each for name in reconciliation.CODES for each in names.reader.all(NamedNode(iri), name)][:5],
    )
    return flask_responses.framed(page)


def _fields() -> dict[str, str]:
    """Return `queries` or `extend` of this request, also of a form; raises the errors of reading a form."""
    message = protocol.ProtocolRequest.of(request.environ, "")
    read = read_body(request.environ, limits(), client_of(request), protocol.MAX_FORM) if message.has_body else b""
    pairs = protocol.fields(message, read)
    if message.has_body:
        parameters.check_names([name for name, _ in pairs], parameters.parameters_of(request.endpoint))
    given = [(name, value) for name, value in pairs if name in ("queries", "extend")]
    if len(given) > 1:
        raise Problem("parameter-repeated", name="queries, extend", count=len(given))
    if message.has_body and not given:
        raise Problem("parameter-missing", name="queries")
    return dict(given)


def _match(text: str) -> dict[str, Any]:
    """Return the candidates of each query with their main class, score, and whether they are matched automatically."""
    names, answer = names_here(), dict[str, Any]()
    for key, found in reconciliation.match(site().release, reconciliation.parse_queries(text)).items():
        result = answer[key] = {"result": list[Any]()}
        for each in found:
            kind = names.main_class(names.reader.types(NamedNode(each.iri)))
            types = [{"id": kind, "name": names.name(kind)}] if kind else []
            result["result"].append(
                _described(names, each.iri) | {"score": each.score, "match": each.match, "type": types}
            )
    return answer


def _extend(text: str) -> dict[str, Any]:
    """Return the values of properties of things (data extension); raises `reconciliation-batch`, `reconciliation-timeout`."""
    things, properties = reconciliation.parse_extension(text)
    names, deadline, size = names_here(), time.monotonic() + reconciliation.TIMEOUT, 0
    iris = {name: reconciliation.resolve_term(site().release, name) for name in properties}
    rows: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for thing in things:
        rows[thing] = {name: [] for name in properties}
        for name, iri in iris.items() if site().release.triples.describes(thing) else ():
            if time.monotonic() > deadline:
                raise Problem("reconciliation-timeout", limit=reconciliation.TIMEOUT)
            found = resources.in_one_language(names.reader.all(NamedNode(thing), iri) if iri else (), names.lang)
            rows[thing][name] = [cell for each in found if (cell := _cell(names, each))]
            size += sum(len(str(cell)) for cell in rows[thing][name])
            reconciliation.check_number(size, _MAX_CHARACTERS)
    return {
        "meta": [{"id": name, "name": names.name(iri) if iri else name} for name, iri in iris.items()],
        "rows": rows,
    }


def _cell(names: LabelReader, node: Term) -> dict[str, Any]:
    """Return a value for a cell; an external IRI is no identifier of this service, a node without name an empty cell."""
    if isinstance(node, NamedNode):
        is_ours = names.reader.is_described(node.value)
        return {"id": node.value, "name": names.name(node.value)} if is_ours else {"str": node.value}
    if not isinstance(node, Literal):
        return {"str": name} if (name := names.reader.name(node, names.lang)) else {}
    found = resources.value(node)
    if isinstance(found, int | float) and not isinstance(found, bool):
        return {"int": found} if isinstance(found, int) else {"float": found}
    return {"str": node.value}  # also of a date: the protocol has none without a time


def _manifest(types: list[dict[str, str]]) -> dict[str, Any]:
    """Return the manifest of the service; its addresses are in the reader's language."""
    lang, base = flask_responses.lang(), site().settings.public_url
    here = f"{base}/reconcile/{lang}"
    return {
        "versions": ["0.2"],
        "name": translate("reconcile-name", lang),
        "identifierSpace": site().release.names.address,
        "schemaSpace": ONTOLOGY + "#" if site().documentation.has_ontology else OWL + "Thing",
        "documentation": here,
        "logo": f"{base}/static/logo.svg",
        "defaultTypes": types,
        "view": {"url": f"{base}/describe?lang={lang}&iri={{{{id}}}}"},
        "preview": {"url": f"{here}/preview?id={{{{id}}}}", "width": 430, "height": 320},
        "suggest": {
            kind: {"service_url": here, "service_path": f"/suggest/{kind}"} for kind in ("entity", "property", "type")
        },
        "extend": {"propose_properties": {"service_url": here, "service_path": "/properties"}},
        "batchSize": reconciliation.MAX_QUERIES,
    }


def _described(names: LabelReader, iri: str) -> dict[str, Any]:
    """Return a thing with a description: its class, and what it is part of."""
    parent = names.parent(iri)
    description = " · ".join(filter(None, (names.class_label(iri), parent.text if parent else "")))
    return {"id": iri, "name": names.name(iri)} | ({"description": description} if description else {})


def _named(iris: Iterable[str]) -> list[dict[str, str]]:
    names = names_here()
    return [{"id": iri, "name": names.name(iri)} for iri in iris]


def _json(value: object) -> Response:
    body = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    if request.method == "POST":
        headers = {"Content-Type": JSON.content_type, "Cache-Control": "no-store", "Vary": "Accept-Language"}
        return Response(body, headers=headers)
    return flask_responses.representation(body, JSON, vary=("Accept-Language",))
