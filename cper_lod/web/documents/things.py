"""Things and the documents about them: /id, /doc, /describe, /context, /dump and /text."""

from collections.abc import Callable, Sequence
from typing import Final

from flask import Blueprint, Response, request, send_file

from cper_lod.core.errors import Problem
from cper_lod.core.formats import (
    DOCUMENT_FORMATS,
    HTML,
    JSON,
    JSON_LD,
    LOCALIZED,
    PROFILES,
    RDF,
    Format,
    by_suffix,
)
from cper_lod.core.text import did_you_mean, nearest
from cper_lod.release.documents import Document, document
from cper_lod.release.graph import QUOTED_LANGUAGE
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.release.release import CONTEXT, DUMP, text_file
from cper_lod.release.tables.metadata import METADATA
from cper_lod.web.api.resources import thing_document
from cper_lod.web.api.signposting import CSVW, context_address, dataset_names, document_signposts, dump_media_type
from cper_lod.web.documents import contracts, lookup, thing_page
from cper_lod.web.documents.lookup import FORMS, find_document, missing
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.headers import Link, link_values
from cper_lod.web.http.representation import Selection, format_unknown, select, serialize
from cper_lod.web.site import site

blueprint = Blueprint("resources", __name__)
FIXED: Final = tuple(each for each in RDF if each is not JSON_LD)
"""The formats whose bytes depend on the triples alone; pages and JSON-LD contain addresses, which a setting changes."""


def select_document(
    path: str, suffix: str, query: dict[str, str] | None = None, *, offers: Sequence[Format] = DOCUMENT_FORMATS
) -> Selection:
    """Return the format selected for the document at an address; raises `format-unknown` and `not-acceptable`."""
    return select(path, suffix, (*offers, *PROFILES.values()), query, localized=LOCALIZED)


def document_bytes(about: Document, format: Format) -> bytes:
    """Return a document in an RDF format; JSON-LD refers to its context."""
    order = site().release.property_order
    return serialize(about.quads, format, about.iri, context_url=context_address(), order=order)


def respond(
    about: Document,
    selected: Selection,
    *,
    page: Callable[[Document, str, dict[str, str]], Response] = thing_page.page,
) -> Response:
    """Return a document in the selected format; `page` makes the HTML."""
    path, query = selected.path, dict(selected.query)
    offers = [each for each in selected.offers if not each.profile]
    links = document_signposts(about, path, query, offers).of(selected.format)
    if selected.format is HTML:
        return selected.respond(page(about, path, query), links=links)
    if selected.format is JSON:
        body = thing_document(site().release, about.iri, flask_responses.lang())
        return selected.respond(body, links=links, vary=("Accept-Language",))
    body = document_bytes(about, selected.format)
    return selected.respond(body, links=links, dated=selected.format in FIXED)


@blueprint.get("/def/<path:path>")
def definition(path: str) -> Response:
    """A code, a question or another definition of the program: 303 to the document about it, as for a thing."""
    return thing(f"def/{path}")


@blueprint.get("/id/<path:path>")
def thing(path: str) -> Response:
    """A thing: 303 to the document about it, in the form that the client prefers.

    An IRI that is percent-encoded where it need not be (`/id/a%62`) is found by `/describe?iri=` and by links.
    """
    about = find_document(path) if "%" not in path else None
    if about is None:
        raise missing(path)
    return flask_responses.see_other(select_document(f"/doc/{urls.local_name(about.iri) or path}", "").address())


@blueprint.get("/doc/<path:path>")
def doc(path: str) -> Response:
    """The document about a thing: negotiated, or in one form by its suffix."""
    stem, dot, suffix = path.rpartition(".")
    without_suffix = find_document(stem) if dot and "/" not in suffix else None
    format = by_suffix(suffix, FORMS)
    if without_suffix and format in DOCUMENT_FORMATS:
        return respond(without_suffix, select_document(f"/doc/{stem}", suffix), page=_page)
    about = find_document(path)  # a thing may be called `x.ttl`
    if without_suffix and not about:
        raise format_unknown(suffix, DOCUMENT_FORMATS)
    if about is None:
        raise missing(*lookup.split_form(path))
    return respond(about, select_document(f"/doc/{path}", ""), page=_page)


def _page(about: Document, path: str, query: dict[str, str]) -> Response:
    """Return the page of a thing at its own address; that of a contract answers in words, tables and figures."""
    if contracts.is_contract(about):
        return contracts.page(about, path, query)
    return thing_page.page(about, path, query)


@blueprint.get("/describe", defaults={"suffix": ""})
@blueprint.get("/describe.<suffix>")
def describe(suffix: str) -> Response:
    """The document about any IRI of the data: `/describe?iri=…`.

    Beyond 120 000 triples (10 000 where the IRI is only mentioned) only the page is answered: 400 `document-too-large`.
    """
    iri = urls.iri_parameter("iri")
    selected = select_document("/describe", suffix, {"iri": iri})
    try:
        about = document(site().release, iri)
    except Problem as error:
        if error.kind.code == "not-found":
            lookup.raise_if_gone(iri)
        raise
    return respond(about, selected)


@blueprint.get("/context/<name>.jsonld")
def context(name: str) -> Response:
    """The JSON-LD context, by its version."""
    release = site().release
    if name != release.manifest["context"]:
        raise Problem("page-not-found", path=request.path)
    return flask_responses.representation(
        (release.folder / CONTEXT).read_bytes(), JSON_LD, cache=flask_responses.IMMUTABLE
    )


@blueprint.get("/dump")
def dumps() -> Response:
    """303 to the catalogue, which lists the files."""
    return flask_responses.see_other(urls.address("/catalog", urls.language_parameter()))


@blueprint.get("/dump/<name>")
def dump(name: str) -> Response:
    """A file with everything, with one dataset, or with a table.

    Everything: `tout.nt.gz`, all graphs `tout.nq.gz`, and up to 500 000 triples `tout.ttl` and `tout.jsonld`. A dataset:
    `contrat.ttl`… A table: `subdivision-<contract>.csv` has the things of a class of one contract, `subdivision.csv` those of
    the contracts without such a file (of more than 10 000 rows `.csv.gz`), each with `.schema.json` and `.csv-metadata.json`; all of them in `datapackage.json`. Range requests are answered.
    """
    release = site().release
    if f"{DUMP}/{name}" not in release.manifest["files"]:
        near = nearest(name, (each.removeprefix(f"{DUMP}/") for each in release.manifest["files"]))
        raise Problem("format-unknown", suffix=name[:80], hint=did_you_mean(near), offers=dataset_names(release))
    response = _file(f"{DUMP}/{name}", dump_media_type(name))
    if not name.endswith(".gz"):
        response.vary.add("Accept-Encoding")  # the whole may be compressed
    described = name.partition(".csv")[0] + METADATA
    if name.endswith((".csv", ".csv.gz")) and f"{DUMP}/{described}" in release.manifest["files"]:
        address = urls.public_url(urls.address(f"/dump/{described}", {}))
        response.headers["Link"] = link_values([Link(address, "describedby", CSVW)])[0]
    return response


@blueprint.get("/text/<path:name>")
def text(name: str) -> Response:
    """The text of a document as its quotations were compared with it: `/text/<document>`, text/plain in UTF-8.

    Its SHA-256 is the checksum that the data state of it. Range requests are answered.
    """
    if not site().release.has_text(name):
        raise _without_text(name)
    response = _file(text_file(name), "text/plain")
    response.vary.add("Accept-Encoding")
    response.headers["Content-Language"] = QUOTED_LANGUAGE
    address = urls.public_url(urls.address(f"/doc/document/{name}", {}))
    for value in link_values([Link(address, "describedby", HTML.media_type), Link(address, "collection")]):
        response.headers.add("Link", value)
    return response


def _without_text(name: str) -> Problem:
    """Return `text-absent` for a document of which the release has no text, else what `missing` returns; raises `withdrawn`."""
    about = find_document(f"document/{name}")
    if about is None:
        return missing(f"document/{name}")
    page = urls.page_link(about.iri)
    return Problem("text-absent", iri=about.iri[:400], page=page, links=(Hyperlink(about.iri, page),))


def _file(name: str, media_type: str) -> Response:
    """Return a file of the release, with its length, its validator and its date."""
    release = site().release
    sealed = release.manifest["files"][name]
    response = send_file(
        release.open(name),
        mimetype=media_type,
        conditional=False,
        etag=sealed["sha256"][:32],
        last_modified=release.built_at,  # not that of the file, which may be a copy
    )
    response.content_length = sealed["bytes"]
    response.accept_ranges = "bytes"
    return response
