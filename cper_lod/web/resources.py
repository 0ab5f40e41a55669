"""Things and the documents about them: /id, /doc, /describe, /context and /dump."""

from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, request, send_file
from pyoxigraph import Triple

from cper_lod.rdf import jsonld
from cper_lod.rdf.writing import write
from cper_lod.release.release import CONTEXT, DUMP
from cper_lod.release.resource import Document, count_mentions, document, mentions
from cper_lod.terms.formats import DOCUMENT, HTML, JSON_LD, Format, by_suffix, negotiate
from cper_lod.terms.problems import Problem
from cper_lod.web import addresses, responses
from cper_lod.web.contract import contract_of
from cper_lod.web.responses import site
from cper_lod.web.view import View

blueprint = Blueprint("resources", __name__)
SHOWN: Final = 50
"""How many mentions a page shows; it says how many there are."""
DUMP_TYPES: Final = {
    ".ttl": "text/turtle",  # Flask adds the charset to text
    ".jsonld": "application/ld+json",
    ".gz": "application/gzip",
}


def chosen(offers: Iterable[Format] = DOCUMENT) -> Format:
    """Return the form that this request prefers; raises `not-acceptable` with what there is."""
    forms = tuple(offers)
    form = negotiate(responses.accept(), forms)
    if form is None:
        listed = ", ".join(each.media_type for each in forms)
        raise Problem("not-acceptable", accept=responses.accept() or "", offers=listed)
    return form


def serialise(about: Document, form: Format) -> bytes:
    """Return the bytes of a document in an RDF form."""
    served = site()
    if form is JSON_LD:
        if any(isinstance(quad.object, Triple) for quad in about.quads):
            raise Problem("jsonld-impossible")
        return jsonld.write(about.quads, about.iri, served.release.context, address=context_address())
    return write(about.quads, form, root=about.iri)


def context_address() -> str:
    """Return the absolute address of the JSON-LD context, under the public URL."""
    return f"{site().settings.public_url}/context/{site().release.manifest['context']}.jsonld"


def links(path: str, query: dict[str, str]) -> list[str]:
    """Return the Link headers of a document: its other forms, and its licence where the data are ours."""
    base = site().settings.public_url
    alternates = [
        f'<{base}{address.removeprefix(request.script_root)}>; rel="alternate"; type="{form.media_type}"'
        for form, address in addresses.forms(path, query)
    ]
    licence = ['<https://www.etalab.gouv.fr/licence-ouverte-open-licence>; rel="license"']
    return alternates + (licence if site().release.mode == "contract" else [])


def answer(
    about: Document,
    path: str,
    form: Format,
    *,
    negotiated: bool,
    query: dict[str, str],
    page: Callable[[Document, str, dict[str, str]], Response] | None = None,
) -> Response:
    """Return one form of a document; the negotiated address says which form it chose.

    `page` makes the HTML form where it is not the page of any resource.
    """
    location = dict(addresses.forms(path, query))[form] if negotiated else None
    vary = ["Accept"] if negotiated else []
    if form is HTML:
        shown = (page or show)(about, path, query)
        shown.vary.update([*vary, "Accept-Language"])
        if location:
            shown.headers["Content-Location"] = location
        for link in links(path, query):
            shown.headers.add("Link", link)
        return shown
    body = serialise(about, form)
    return responses.representation(body, form, vary=vary, location=location, links=links(path, query))


def show(about: Document, path: str, query: dict[str, str]) -> Response:
    """Return the page of a document."""
    served, lang = site(), responses.lang()
    view = View(served.release, about.quads, lang)
    own, parts = view.sections(about)
    return responses.page(
        "resource.html",
        about=about,
        title=view.name(about.iri),
        own=own,
        parts=parts,
        mentions=[view.mention(quad) for quad in mentions(served.release, about.iri, SHOWN)],
        mention_count=count_mentions(served.release, about.iri),
        contract=contract_of(about.quads, about.iri, lang),
        forms=addresses.forms(path, query),
        outside=addresses.outside(about.iri),
        curl=f"curl -H 'Accept: application/ld+json' {quote_shell(served.settings.public_url + path, query)}",
    )


def quote_shell(address: str, query: dict[str, str]) -> str:
    """Return an address with its query, quoted for a shell where it needs it."""
    text = quote(address, safe=":/@!$&()*+,;=~-._")
    if query:
        text += "?" + "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items())
    return f"'{text}'" if any(char in text for char in "?&;()*!$#'") else text


def found(path: str) -> Document | None:
    """Return the document about the thing at a path, spelled as decoded or as it stood in the URL; None for none."""
    start = site().settings.base_iri + "id/"
    for iri in dict.fromkeys((start + path, start + quote(path, safe=addresses.SAFE))):
        if addresses.ABSOLUTE.fullmatch(iri):
            try:
                return document(site().release, iri)
            except Problem as error:
                if error.kind.code != "not-found":
                    raise
    return None


def find(path: str) -> Document:
    """Return the document about the thing at a path; raises `not-found`."""
    about = found(path)
    if about is None:
        raise Problem("not-found", iri=(site().settings.base_iri + "id/" + path)[:200])
    return about


@blueprint.get("/id/<path:path>")
def thing(path: str) -> Response:
    """A thing: 303 to the document about it, in the form that the client prefers."""
    about = find(path)
    form = chosen()
    inner = addresses.thing(about.iri) or path
    return responses.see_other(f"{request.script_root}/doc/{quote(inner, safe=addresses.SAFE)}.{form.suffix}")


@blueprint.get("/doc/<path:path>")
def doc(path: str) -> Response:
    """The document about a thing: one form by its suffix, else negotiated."""
    stem, dot, suffix = path.rpartition(".")
    whole = found(stem) if dot and "/" not in suffix else None
    form = by_suffix(suffix, DOCUMENT)
    if whole and form:
        return answer(whole, f"/doc/{stem}", form, negotiated=False, query={})
    about = found(path)  # a thing may be called `x.ttl`
    if whole and not about:
        raise _format_unknown(suffix)
    return answer(about or find(path), f"/doc/{path}", chosen(), negotiated=True, query={})


def _format_unknown(suffix: str) -> Problem:
    return Problem("format-unknown", suffix="." + suffix[:40], offers=", ".join("." + each.suffix for each in DOCUMENT))


@blueprint.get("/describe", defaults={"suffix": ""})
@blueprint.get("/describe.<suffix>")
def describe(suffix: str) -> Response:
    """The document about any IRI of the data, ours or not."""
    values = request.args.getlist("iri")
    if not values:
        raise Problem("parameter-missing", name="iri")
    if len(values) > 1:
        raise Problem("parameter-repeated", name="iri", count=len(values))
    iri = addresses.checked(values[0])
    form = by_suffix(suffix, DOCUMENT) if suffix else chosen()
    if form is None:
        raise _format_unknown(suffix)
    about = document(site().release, iri)
    return answer(about, "/describe", form, negotiated=not suffix, query={"iri": iri})


@blueprint.get("/context/<name>.jsonld")
def context(name: str) -> Response:
    """The JSON-LD context, by version: it never changes under its address."""
    release = site().release
    if name != release.manifest["context"]:
        raise Problem("page-not-found", path=request.path)
    body = (release.folder / CONTEXT).read_bytes()
    return responses.representation(body, JSON_LD, cache="public, max-age=31536000, immutable")


@blueprint.get("/dump/<name>")
def dump(name: str) -> Response:
    """A whole dataset, as a file; ranges are served."""
    release = site().release
    names = sorted(path.name for path in (release.folder / DUMP).iterdir())
    if name not in names:
        raise Problem("format-unknown", suffix=name[:80], offers=", ".join(names))
    path = (release.folder / DUMP / name).resolve()  # Flask would take a relative one to be beside itself
    response = send_file(path, mimetype=DUMP_TYPES[path.suffix], conditional=False, etag=False)
    response.set_etag(release.manifest["files"][f"{DUMP}/{name}"]["sha256"][:32])
    del response.headers["Last-Modified"]  # the time of the build, not of the data
    return responses.conditional(response, path.stat().st_size)
