"""What changed, publication by publication: /changes as pages, as Atom, and as a Linked Data Event Stream."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, N_QUADS, TRIG, Format, by_suffix
from cper_lod.core.i18n import translate
from cper_lod.rdf.serialize import write
from cper_lod.release.history import ldes
from cper_lod.release.history.history import Publication
from cper_lod.release.history.publications import PublicationLog
from cper_lod.release.reader import Reader
from cper_lod.web.history import change_pages
from cper_lod.web.history.atom import ATOM, Feed, summary, title
from cper_lod.web.http import responses, urls
from cper_lod.web.http.links import Link, header
from cper_lod.web.http.responses import FOR_GOOD, FRESH
from cper_lod.web.http.urls import command
from cper_lod.web.site import site

blueprint = Blueprint("changes", __name__)
FORMS: Final = (TRIG, HTML, ATOM, N_QUADS)
PAGE_FORMS: Final = (TRIG, HTML, N_QUADS)
"""Of RDF, forms that have named graphs: each member of the event stream is one."""


@blueprint.get("/changes", defaults={"suffix": ""})
@blueprint.get("/changes.<suffix>")
def latest(suffix: str) -> Response:
    """The latest publications and what changed: page, Atom feed (RFC 4287), event stream (LDES: `.trig`, `.nq`)."""
    chronicle, form = change_pages.chronicle(), _form(suffix, FORMS)
    if form is ATOM:
        return _sent(_feed(chronicle).current(), form, "/changes", suffix, FORMS, chronicle.entries[-1])
    if form is HTML:
        whole = not chronicle.archives or len(chronicle.recent) > 0
        entries = chronicle.recent if whole else chronicle.archive(chronicle.archives)
        older = chronicle.archives if whole else chronicle.archives - 1
        return _listed(chronicle, entries, older, "/changes", translate("changes", responses.lang()), suffix)
    quads = ldes.root(chronicle, site().settings.public_url)
    return _sent(_written(quads, form), form, "/changes", suffix, FORMS, chronicle.entries[-1])


@blueprint.get("/changes/archive/<name>")
def archive(name: str) -> Response:
    """Fifty publications in the forms of `/changes` (RFC 5005); it never changes."""
    chronicle, (number, suffix) = change_pages.chronicle(), _number(name)
    entries = chronicle.archive(number)
    if not entries:
        raise Problem("page-not-found", path=request.path[:200])
    form, path = _form(suffix, FORMS), f"/changes/archive/{number}"
    if form is HTML:
        lang = responses.lang()
        heading = translate("changes-archive", lang, first=entries[0].number, last=entries[-1].number)
        return _listed(chronicle, entries, number - 1, path, heading, suffix)
    if form is ATOM:
        body = _feed(chronicle).archive(number)
    else:
        body = _written(ldes.archive(chronicle, number, site().settings.public_url), form)
    return _sent(body, form, path, suffix, FORMS, entries[-1], cache=FOR_GOOD)


@blueprint.get("/changes/<name>")
@blueprint.get("/changes/<number>/<name>")
def publication(name: str, number: str = "") -> Response:
    """What changed with one publication, by its number, page by page; the event stream never changes."""
    last, suffix = _number(name)
    chronicle, place, page = change_pages.chronicle(), _number(number)[0] if number else last, last if number else 1
    entry = chronicle.publication(place)
    if entry is None or (number and not 1 < page <= chronicle.pages(entry)):
        raise Problem("page-not-found", path=request.path[:200])
    form, path = _form(suffix, PAGE_FORMS), f"/changes/{place}" + (f"/{page}" if number else "")
    if form is HTML:
        shown = change_pages.publication(entry, page, urls.forms(path, {}, PAGE_FORMS))
        return _placed(shown, form, path, suffix, PAGE_FORMS)
    quads = ldes.page(chronicle, entry, page, site().settings.public_url)
    return _sent(_written(quads, form), form, path, suffix, PAGE_FORMS, entry, cache=FOR_GOOD)


def _number(name: str) -> tuple[int, str]:
    """Return the number that a path names, and its suffix; raises `page-not-found` for what is no number."""
    digits, _, suffix = name.partition(".")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10) or digits.startswith("0"):
        raise Problem("page-not-found", path=request.path[:200])
    return int(digits), suffix


def _form(suffix: str, forms: tuple[Format, ...]) -> Format:
    form = by_suffix(suffix, forms) if suffix else responses.negotiate_format(forms)
    if form is None:
        raise Problem("format-unknown", suffix="." + suffix[:40], offers=", ".join("." + each.suffix for each in forms))
    return form


def _feed(chronicle: PublicationLog) -> Feed:
    lang, publisher = responses.lang(), site().rights.publisher
    name = Reader(site().release).name(NamedNode(publisher), lang) if publisher else ""
    asked = bool(urls.language_asked())
    return Feed(chronicle, site().settings.public_url, name or translate("site", lang), lang, asked=asked)


def _written(quads: list[Quad], form: Format) -> bytes:
    return write(quads, form, root=ldes.STREAM)


def _listed(
    chronicle: PublicationLog, entries: Sequence[Publication], older: int, path: str, heading: str, suffix: str
) -> Response:
    """Return a page that lists publications, the last one first."""
    lang = responses.lang()
    page = responses.page(
        "changes.html",
        heading=heading,
        publications=[(each, title(each, lang), summary(chronicle, each, lang)) for each in reversed(entries)],
        older=older,
        forms=urls.forms(path, {}, FORMS),
        curl=command(path, {}, TRIG.media_type),
    )
    return _placed(page, HTML, path, suffix, FORMS)


def _sent(
    body: bytes, form: Format, path: str, suffix: str, forms: tuple[Format, ...], entry: Publication, cache: str = FRESH
) -> Response:
    """Return a form that the history alone makes; it is as old as its last publication."""
    vary = ("Accept-Language",) if form is ATOM else ()
    response = responses.representation(body, form, vary=vary, cache=cache, modified=entry.at)
    if form is ATOM:
        response.headers["Content-Language"] = responses.lang()
    return _placed(response, form, path, suffix, forms)


def _placed(response: Response, form: Format, path: str, suffix: str, forms: tuple[Format, ...]) -> Response:
    """Say where the other forms are, and, where the client chose, which address has this one alone."""
    asked = urls.language_asked() if form in (HTML, ATOM) else {}
    others = [(each, urls.public(urls.form(each, path, {}))) for each in forms if each is not form]
    for link in header(Link(address, "alternate", each.media_type) for each, address in others):
        response.headers.add("Link", link)
    if not suffix:
        response.vary.add("Accept")
        response.headers["Content-Location"] = urls.form(form, path, asked)
    return response
