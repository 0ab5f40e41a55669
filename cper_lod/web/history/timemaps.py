"""Earlier states of documents (Memento, RFC 7089): each document is its own TimeGate, and /timemap lists its states."""

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qs

from flask import Blueprint, Response, request
from werkzeug.http import http_date

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON, Format, by_suffix
from cper_lod.core.namespaces import ONTOLOGY, SHAPES
from cper_lod.release.catalog.dcat import CATALOGUE
from cper_lod.release.docs.documentation import Documentation
from cper_lod.release.docs.versions import current_version, earlier_versions
from cper_lod.release.documents import has_document
from cper_lod.release.release import Release, once_per_release
from cper_lod.web.documents.class_list import FORMS
from cper_lod.web.documents.lookup import candidate_iris
from cper_lod.web.http import flask_responses, memento, urls
from cper_lod.web.http.links import Link, header
from cper_lod.web.http.memento import LINK_FORMAT, Memento
from cper_lod.web.site import site

blueprint = Blueprint("timemaps", __name__)
DOCUMENT_ENDPOINTS: Final = frozenset(
    (
        *("resources.doc", "resources.describe", "lists.index", "lists.named", "dataset_links.links"),
        *("ontology.ontology", "ontology.shapes", "ontology.term", "ontology.properties", "ontology.codes"),
        *("ontology.subject", "catalog.catalogue", "catalog.void"),
    )
)
"""The endpoints of the documents that have mementos."""
_IMMUTABLE_ENDPOINTS: Final = frozenset({*DOCUMENT_ENDPOINTS, "resources.dump", "resources.context"}) - {
    "catalog.catalogue",
    "catalog.void",
}
"""The endpoints whose data never change below the address of a release; a catalogue contains today's contact."""
_SINGLE_DOCUMENTS: Final[Mapping[str, Callable[[Release], bool]]] = {
    "/doc": lambda _: True,
    "/links": lambda _: True,
    "/void": lambda _: True,
    "/ontology": lambda release: has_document(release, ONTOLOGY),
    "/shapes": lambda release: release.shapes.describes(SHAPES.rstrip("#")),
    "/catalog": lambda release: release.triples.describes(CATALOGUE),
}
"""The documents with one fixed address, and a test whether a release has them."""
_DESCRIBED: Final = re.compile(r"/ontology/(?:([0-9.]+)/)?(?:term/(.+)|properties|codes)")
"""The pages of the ontology, or of one version, besides the first one."""


def _document_test(path: str, query: str) -> Callable[[Release], bool] | None:
    """Return a test whether a release has the document at an address; None for an address without a document."""
    stem, dot, suffix = path.rpartition(".")
    known = bool(dot) and by_suffix(suffix, FORMS) is not None
    names = [path.removeprefix("/doc/"), *([stem.removeprefix("/doc/").removesuffix(".tableur")] if known else [])]
    if path.startswith("/doc/"):
        iris = [iri for name in names for iri in candidate_iris(name)]
        return lambda release: any(map(release.triples.describes, iris)) or any(map(release.listing.called, names))
    if path == "/describe" or (known and stem == "/describe"):
        iri = "".join(parse_qs(query).get("iri", [])[:1])
        return lambda release: bool(urls.ABSOLUTE.fullmatch(iri)) and has_document(release, iri)
    if (described := _DESCRIBED.fullmatch(path)) and not known:
        number, term = described.groups("")
        if number:
            return lambda release: number in (current_version(release), *earlier_versions(release))
        return lambda release: has_document(release, f"{ONTOLOGY}#{term}" if term else ONTOLOGY)
    if path.startswith("/shapes/"):
        return lambda release: path.removeprefix("/shapes/") in _subjects(release)
    return _SINGLE_DOCUMENTS.get(path) or (_SINGLE_DOCUMENTS.get(stem) if known else None)


@once_per_release(1)  # saves reading the shapes of each kept release
def _subjects(release: Release) -> frozenset[str]:
    """Return the names of the pages of the shapes."""
    return frozenset(Documentation(release).groups)


def _mementos(path: str, address: str) -> list[Memento]:
    """Return the mementos of the document at an address in the kept releases, the oldest first.

    `path` is that of the address without its query, which is that of the request.
    """
    has_document_in, timeline = _document_test(path, request.query_string.decode("latin-1")), site().timeline
    if has_document_in is None or timeline is None:
        return []
    base = urls.canonical_url(site().settings.public_url)
    states = timeline.publications_where(has_document_in)
    return [Memento(f"{base}/release/{each.release}{address}", each.at, each.release) for each in states]


def timegate() -> Response | None:
    """Redirect a request with Accept-Datetime to the memento of that time (RFC 7089, section 4.1.1).

    Raises `accept-datetime-invalid`.
    """
    requested, served = request.headers.get("Accept-Datetime"), site()
    is_document = request.endpoint in DOCUMENT_ENDPOINTS and request.method in ("GET", "HEAD")
    if requested is None or not is_document or served.moment:
        return None
    at = memento.seconds(requested)
    found = _mementos(request.path, urls.requested_path())
    if not found or served.timeline is None:
        return None
    chosen = memento.best_memento(found, ((each.at, each.release) for each in served.timeline.entries), at)
    location = request.script_root + chosen.address.removeprefix(served.settings.public_url)
    response = flask_responses.see_other(location, 302, "Accept-Datetime")
    for link in header(memento.memento_links(found, chosen)):
        response.headers.add("Link", link)
    return response


def add_memento_headers(response: Response) -> Response:
    """Add the links of a document to its mementos, or to a memento the headers that identify it."""
    served, endpoint = site(), request.endpoint
    if served.timeline is None or endpoint not in DOCUMENT_ENDPOINTS | _IMMUTABLE_ENDPOINTS:
        return response
    succeeded, links = response.status_code in (200, 206, 304), list[Link]()
    if served.moment and succeeded and endpoint in _IMMUTABLE_ENDPOINTS and response.mimetype != HTML.media_type:
        response.headers["Cache-Control"] = flask_responses.IMMUTABLE
    if endpoint not in DOCUMENT_ENDPOINTS:
        return response
    original, timemap = _addresses(urls.requested_path())
    if served.moment is None:
        response.vary.add("Accept-Datetime")
        if succeeded or response.status_code in (302, 410):
            links = memento.gate_links(original, timemap)
    elif succeeded:
        response.headers["Memento-Datetime"] = http_date(served.moment.at)
        found = _mementos(request.path, urls.requested_path())
        here = urls.public_url(request.script_root + urls.requested_path())
        own = [memento.memento_links(found, each) for each in found if each.address == here]
        links = [*memento.gate_links(original, timemap), *(own[0] if own else ())]
    for link in header(links):
        response.headers.add("Link", link)
    return response


def _addresses(address: str) -> tuple[str, str]:
    """Return the public addresses of a document and of its TimeMap."""
    base = urls.canonical_url(site().settings.public_url)
    return base + address, f"{base}/timemap/link{address}"


@blueprint.get("/timemap/link/<path:path>", defaults={"form": LINK_FORMAT})
@blueprint.get("/timemap/json/<path:path>", defaults={"form": JSON})
def timemap(path: str, form: Format) -> Response:
    """The states of a document in all releases that are kept (RFC 7089): `/timemap/link/doc/…`."""
    kind = "/timemap/link" if form is LINK_FORMAT else "/timemap/json"
    address = urls.requested_path().removeprefix(kind)
    found = _mementos("/" + path, address)
    if not found or site().moment:
        raise Problem("timemap-absent", path=address[:400])
    original, text = _addresses(address)
    here, _ = _addresses(kind + address)
    if form is LINK_FORMAT:
        return flask_responses.representation(memento.timemap_text(original, here, found), form)
    return flask_responses.representation(memento.timemap_json(original, here, text, found), form)
