"""The lists of things by class: /doc names the classes, /doc/<class> the things of one, page by page, in every form."""

from collections.abc import Sequence
from typing import Final

from flask import Blueprint, Response, request

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.formats import CSV, CSV_FR, HTML, JSON_LD, PROFILES, SHEETS, XLSX, Format, by_suffix
from cper_lod.core.namespaces import CPER
from cper_lod.release.documents import speaks_of
from cper_lod.release.storage.class_listing import Class
from cper_lod.web.documents import list_pages, tables, things
from cper_lod.web.documents.list_query import FORMS, List, of_classes, place_of
from cper_lod.web.documents.lookup import found
from cper_lod.web.http import responses, urls
from cper_lod.web.http.links import Link, Signposts, header
from cper_lod.web.http.signposting import context_address
from cper_lod.web.site import site

blueprint = Blueprint("lists", __name__)
TABLES: Final = (CSV, *SHEETS)
"""The forms of a list that are tables."""
SIZE: Final = 100
LARGEST: Final = 1000
"""How many things a page of a list has where nothing is asked for, and at most."""
LARGEST_SHOWN: Final = 200
"""How many a page for people has at most, whatever is asked for: each costs ten times what it does in RDF."""


@blueprint.get("/doc", defaults={"suffix": ""})
@blueprint.get("/doc.<suffix>")
def index(suffix: str) -> Response:
    """The classes of the release, each with its list; `?class=…` gives the list of any class by its IRI."""
    if "class" in request.args:
        iri = urls.checked(urls.only("class"))
        cls = site().release.listing.of(iri)
        if cls is None and not speaks_of(site().release, iri):
            raise Problem("not-found", iri=iri)
        return _listed(cls or Class(iri, 0, 0, "", ()), "/doc", {"class": iri}, suffix)
    form = _form(suffix)
    links = _signposts("/doc", {}).of(form)
    location = None if suffix else things.location_of(form, "/doc", {})
    # Ours first: they are what people look for.
    ordered = sorted(site().release.listing.classes, key=lambda each: not each.iri.startswith(CPER))
    classes = [(each, urls.whole(*place_of(each))) for each in ordered]
    if form is HTML:
        return _sent(list_pages.classes(classes), links, suffix, location)
    if form in TABLES:
        found = [(each, urls.public(address)) for each, address in classes]
        body = tables.classes(found, form, urls.public(urls.whole("/doc", {})))
    else:
        body = things.serialise(of_classes(classes), form)
    return responses.representation(body, form, vary=_vary(suffix, form), location=location, links=header(links))


@blueprint.get("/doc/<name>")
def named(name: str) -> Response:
    """The list of a class (`/doc/axe`, `/doc/org-membership`), as a document or a table.

    If a thing has this name, its document is answered instead.
    """
    stem, dot, suffix = _parted(name)
    listing = site().release.listing
    for slug, ending in ((name, ""), (stem, suffix)) if dot else ((name, ""),):
        cls = listing.called(slug)
        if cls and not any(found(each) for each in {name, slug}):
            return _listed(cls, f"/doc/{slug}", {}, ending)
    return things.doc(name)


def _parted(name: str) -> tuple[str, str, str]:
    """Return what stands before the suffix of a list, the dot, and the suffix, which may have a dot in it."""
    end = "." + CSV_FR.suffix
    return (name.removesuffix(end), ".", CSV_FR.suffix) if name.endswith(end) else name.rpartition(".")


def _listed(cls: Class, path: str, query: dict[str, str], suffix: str) -> Response:
    """Return one page of the list of a class."""
    form = _form(suffix)
    size = min(_size(), LARGEST_SHOWN) if form is HTML else _size()
    page = site().release.listing.page(cls.iri, _after(urls.whole(path, query)), size)
    listed = List(cls, path, query, {"size": str(size)} if size != SIZE else {}, page)
    links = _signposts(path, listed.here).of(form)
    for relation, after in listed.others.items():
        other = things.location_of(form, path, listed.asking(after)) if suffix else listed.address(after)
        links.append(Link(urls.public(other), relation))
    location = None if suffix else things.location_of(form, path, listed.here)
    if form is HTML:
        return _sent(list_pages.things(listed), links, suffix, location)
    if form in TABLES:
        body = tables.things(listed, form, urls.public(urls.whole(path, listed.here)))
    else:
        body = things.serialise(listed.document, form)
    return responses.representation(body, form, vary=_vary(suffix, form), location=location, links=header(links))


def _form(suffix: str) -> Format:
    if not suffix:
        return responses.negotiate_format((*FORMS, *PROFILES.values()))
    form = by_suffix(suffix, FORMS)
    if form is JSON_LD:
        return things.by_address(suffix) or form
    if form is None:
        offers = ", ".join("." + each.suffix for each in FORMS)
        raise Problem("format-unknown", suffix="." + suffix[:40], offers=offers)
    return form


def _size() -> int:
    """Return how many things a page has; raises `parameter-invalid`."""
    text = urls.only("size") if "size" in request.args else str(SIZE)
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= LARGEST):
        expected = Phrase(f"a whole number from 1 to {LARGEST}", fr=f"un nombre entier de 1 à {LARGEST}")
        raise Problem("parameter-invalid", name="size", value=text[:40], expected=expected)
    return int(text)


def _after(first: str) -> str:
    """Return after which thing the page begins, empty for the first; raises `cursor-invalid`."""
    text = urls.only("after") if "after" in request.args else ""
    if text and (len(text) > 8192 or not urls.ABSOLUTE.fullmatch(text)):
        raise Problem("cursor-invalid", name="after", value=text[:200], first=first)
    return text


def _vary(suffix: str, form: Format) -> tuple[str, ...]:
    return (*(() if suffix else ("Accept",)), *(("Accept-Language",) if form is XLSX else ()))


def _signposts(path: str, query: dict[str, str]) -> Signposts:
    forms = [(form, urls.public(urls.form(form, path, query))) for form in FORMS]
    here = urls.public(urls.whole(path, query))
    rights = site().rights
    return Signposts(
        landing=here,
        forms=forms,
        linkset="",
        context=context_address(),
        licence=rights.licence,
        publisher=rights.publisher,
        canonical=urls.canonical_url(here),
    )


def _sent(page: Response, links: Sequence[Link], suffix: str, location: str | None) -> Response:
    page.vary.update(_vary(suffix, HTML))
    if location:
        page.headers["Content-Location"] = location
    for link in header(links):
        page.headers.add("Link", link)
    return page
