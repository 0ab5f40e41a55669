"""Things and the documents about them: /id, /doc, /describe, /context and /dump."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

from flask import Blueprint, Response, request, send_file
from pyoxigraph import Triple

from cper_lod.core.errors import Problem
from cper_lod.core.formats import (
    DOCUMENT,
    HTML,
    JSON,
    JSON_LD,
    JSON_LD_NS,
    N_TRIPLES,
    PROFILES,
    RDF_XML,
    TRIG,
    TURTLE,
    Format,
    by_suffix,
)
from cper_lod.rdf import jsonld
from cper_lod.rdf.serialize import write
from cper_lod.release.documents import Document, document
from cper_lod.release.release import DUMP
from cper_lod.release.tables.datapackage import METADATA
from cper_lod.web.documents import lookup, thing_page, withdrawn
from cper_lod.web.documents.lookup import absent, found
from cper_lod.web.http import responses, urls
from cper_lod.web.http.links import Link, header
from cper_lod.web.http.signposting import CSVW, context_address, datasets, dump_type, signposts
from cper_lod.web.site import site

blueprint = Blueprint("resources", __name__)
FIXED: Final = (TURTLE, N_TRIPLES, RDF_XML, TRIG)
"""The forms of a document that triples alone make: pages and JSON-LD tell addresses too, which a setting changes."""


def chosen(offers: Iterable[Format] = (*DOCUMENT, *PROFILES.values())) -> Format:
    """Return the form that this request prefers, of a document where nothing else is offered."""
    return responses.negotiate_format(offers)


def by_address(suffix: str) -> Format | None:
    """Return the form that a suffix names, of JSON-LD that of `?profile=`: its IRI or the last word of it.

    Unknown profiles are ignored, as in an Accept header.
    """
    form = by_suffix(suffix, DOCUMENT)
    profile = request.args.get("profile", "").removeprefix(JSON_LD_NS)
    return PROFILES.get(profile, form) if form is JSON_LD else form


def serialise(about: Document, form: Format) -> bytes:
    """Return the bytes of a document in an RDF form; JSON-LD names its context, or holds it for `?context=inline`."""
    if form.media_type not in (JSON_LD.media_type, JSON.media_type):
        return write(about.quads, form, root=about.iri, order=site().release.order)
    if any(isinstance(quad.object, Triple) for quad in about.quads):
        raise Problem("jsonld-impossible")
    context = site().release.context
    address = None if request.args.get("context") == "inline" else context_address()
    if form is PROFILES["expanded"]:
        return jsonld.expanded(about.quads)
    if form is PROFILES["flattened"]:
        return jsonld.flattened(about.quads, context, address=address)
    return jsonld.write(about.quads, about.iri, context, address=address)


def location_of(form: Format, path: str, query: dict[str, str]) -> str:
    """Return the address of one form of a document, for the header Content-Location."""
    own = query | (urls.language_asked() if form is HTML else {})
    if form.profile.startswith(JSON_LD_NS):
        own["profile"] = form.profile.removeprefix(JSON_LD_NS)
    if form.media_type in (JSON_LD.media_type, JSON.media_type) and request.args.get("context") == "inline":
        own["context"] = "inline"
    return urls.form(form, path, own)


def answer(
    about: Document,
    path: str,
    form: Format,
    *,
    negotiated: bool,
    query: dict[str, str],
    page: Callable[[Document, str, dict[str, str]], Response] | None = None,
    cache: str = responses.FRESH,
) -> Response:
    """Return one form of a document; the negotiated address says which form it chose.

    `page` makes the HTML form where it is not the page of any resource; `cache` is the Cache-Control of the others.
    """
    location = location_of(form, path, query) if negotiated else None
    vary = ["Accept"] if negotiated else []
    links = header(signposts(about, path, query).of(form))
    if form is HTML:
        shown = (page or thing_page.show)(about, path, query)
        shown.vary.update([*vary, "Accept-Language"])
        if location:
            shown.headers["Content-Location"] = location
        for link in links:
            shown.headers.add("Link", link)
        return shown
    body = serialise(about, form)
    dated = form in FIXED
    return responses.representation(body, form, vary=vary, location=location, links=links, dated=dated, cache=cache)


@blueprint.get("/id/<path:path>")
def thing(path: str) -> Response:
    """A thing: 303 to the document about it, in the form that the client prefers.

    A path cut short (`/id/organisme`) leads to the list of the class that most things below it belong to.
    """
    about = found(path)
    if about is None:
        return lookup.to_list(path) or absent(path)
    form = chosen()
    inner = urls.thing(about.iri) or path
    return responses.see_other(location_of(form, f"/doc/{inner}", {}))


@blueprint.get("/doc/<path:path>")
def doc(path: str) -> Response:
    """The document about a thing: negotiated, or in one form by its suffix.

    A path cut short leads to a list, as below `/id/`.
    """
    stem, dot, suffix = path.rpartition(".")
    whole = found(stem) if dot and "/" not in suffix else None
    form = by_address(suffix)
    if whole and form:
        return answer(whole, f"/doc/{stem}", form, negotiated=False, query={})
    about = found(path)  # a thing may be called `x.ttl`
    if whole and not about:
        raise _format_unknown(suffix)
    if about is None:
        return lookup.to_list(path) or (form and lookup.to_list(stem, form)) or absent(path)
    return answer(about, f"/doc/{path}", chosen(), negotiated=True, query={})


def _format_unknown(suffix: str) -> Problem:
    return Problem("format-unknown", suffix="." + suffix[:40], offers=", ".join("." + each.suffix for each in DOCUMENT))


@blueprint.get("/describe", defaults={"suffix": ""})
@blueprint.get("/describe.<suffix>")
def describe(suffix: str) -> Response:
    """The document about any IRI of the data: `/describe?iri=…`.

    Beyond 120 000 triples (10 000 where the IRI is only mentioned) only the page is answered: 400 `document-too-large`.
    """
    iri = urls.checked(urls.only("iri"))
    form = by_address(suffix) if suffix else chosen()
    if form is None:
        raise _format_unknown(suffix)
    try:
        about = document(site().release, iri)
    except Problem as error:
        if error.kind.code == "not-found":
            withdrawn.check(iri)
        raise
    return answer(about, "/describe", form, negotiated=not suffix, query={"iri": iri})


@blueprint.get("/context/<name>.jsonld")
def context(name: str) -> Response:
    """One version of the JSON-LD context; it never changes."""
    body = site().release.context_of(name)
    if body is None:
        raise Problem("page-not-found", path=request.path)
    return responses.representation(body, JSON_LD, cache=responses.FOR_GOOD)


@blueprint.get("/dump/<name>")
def dump(name: str) -> Response:
    """A file with everything, with one dataset, or with the table of one class.

    Everything: `tout.nt.gz`, all graphs `tout.nq.gz`, and up to 500 000 triples `tout.ttl` and `tout.jsonld`. A dataset:
    `contrat.ttl`… A class: `axe.csv`, with `axe.schema.json` and `axe.csv-metadata.json`; all of them in
    `datapackage.json`. Range requests are answered.
    """
    release = site().release
    if f"{DUMP}/{name}" not in release.manifest["files"]:
        raise Problem("format-unknown", suffix=name[:80], offers=", ".join(datasets(release)))
    path = (release.folder / DUMP / name).resolve()  # Flask would take a relative one to be beside itself
    response = send_file(path, mimetype=dump_type(name), conditional=False, etag=False)
    response.set_etag(release.manifest["files"][f"{DUMP}/{name}"]["sha256"][:32])
    if path.suffix != ".gz":
        response.vary.add("Accept-Encoding")  # the whole may be compressed
    described = path.with_name(path.stem + METADATA)
    if path.suffix == ".csv" and described.exists():
        address = urls.public(urls.whole(f"/dump/{described.name}", {}))
        response.headers["Link"] = header([Link(address, "describedby", CSVW)])[0]
    response.last_modified = datetime.fromtimestamp(release.sealed, UTC)  # not that of the file, which may be a copy
    return responses.conditional(response, path.stat().st_size)
