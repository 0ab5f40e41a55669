"""What does not fit on the page of a thing, page by page: the values of a property, the parts, and the mentions."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Problem
from cper_lod.core.i18n import translate
from cper_lod.release.documents import has_document, nothing_about, parts
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.release.storage.triples import Count
from cper_lod.web.components.view import DocumentView
from cper_lod.web.documents.table_pages import count_sentence
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.values import Value
from cper_lod.web.site import site

blueprint = Blueprint("values", __name__)
PAGE_SIZE: Final = 100
"""Values, parts or mentions on one page."""
MAX_ROWS: Final = 100_000
"""Values or mentions that have pages: the index counts up to a page, which takes 35 ms for the last of these."""


@blueprint.get("/describe/values")
def values() -> Response:
    """All values of one property of a thing: `?iri=…&property=…`."""
    iri, name = _described_iri(), urls.iri_parameter("property")
    start = _start({"iri": iri, "property": name})
    quads, count = site().release.triples.page_of_values(iri, name, start, PAGE_SIZE)
    if not quads:
        raise nothing_about(f"{iri} {name}"[:400])
    lang, pager = flask_responses.lang(), _pager({"iri": iri, "property": name}, start, len(quads), count)
    view = DocumentView(site().release, quads, lang, anchored=False)
    rows = [(view.value(quad.object),) for quad in quads]
    title = translate("values-of", lang, property=formatting.capital(view.name(name)))
    return _page(title, iri, view, (view.name(name),), rows, pager, count)


@blueprint.get("/describe/mentions")
def mentions() -> Response:
    """All uses of an IRI as object, property or graph: `?iri=…`."""
    iri = _described_iri()
    start = _start({"iri": iri})
    quads, count = site().release.triples.page_of_mentions(iri, start, PAGE_SIZE)
    lang, pager = flask_responses.lang(), _pager({"iri": iri}, start, len(quads), count)
    view = DocumentView(site().release, quads, lang, anchored=False)
    rows: list[Sequence[Value]] = [view.mention(quad) for quad in quads]
    heads: Sequence[str] = (translate("subject", lang), translate("property", lang), translate("value", lang))
    if all(quad.object == NamedNode(iri) for quad in quads):
        heads, rows = heads[:2], [row[:2] for row in rows]  # the third column would say the same in every row
    return _page(translate("values-mentions", lang, name=view.name(iri)), iri, view, heads, rows, pager, count)


@blueprint.get("/describe/parts")
def parts_of() -> Response:
    """All things whose IRIs begin with the IRI of a thing: `?iri=…`."""
    iri, lang = _described_iri(), flask_responses.lang()
    first = urls.link("/describe/parts", iri=iri)
    after = urls.single_parameter("after") if "after" in request.args else ""
    if after and not (after.startswith((iri + "/", iri + "#")) and urls.ABSOLUTE.fullmatch(after)):
        raise Problem("cursor-invalid", name="after", value=after[:200], first=first)
    found = list(islice(parts(site().release, iri, after), PAGE_SIZE + 1))
    view = DocumentView(site().release, (), lang)
    rows = [(view.iri(each), Value(view.names.class_label(each))) for each in found[:PAGE_SIZE]]
    pager = {"first": first} if after else {}
    if len(found) > PAGE_SIZE:
        pager["next"] = urls.link("/describe/parts", iri=iri, after=found[PAGE_SIZE - 1])
    heads = translate("list-name", lang), translate("class", lang)
    return _page(translate("values-parts", lang, name=view.name(iri)), iri, view, heads, rows, pager, None)


def _described_iri() -> str:
    """Return the IRI whose page the request asks for; raises `not-acceptable`, `not-found` if nothing is known of it."""
    flask_responses.require_html()
    iri = urls.iri_parameter("iri")
    if not has_document(site().release, iri):
        raise nothing_about(iri[:400])
    return iri


def _start(query: dict[str, str]) -> int:
    """Return the number of the first row that the request asks for; raises `cursor-invalid` if it is not that of a page."""
    text = urls.single_parameter("at") if "at" in request.args else "0"
    start = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    if start < 0 or start % PAGE_SIZE or start >= MAX_ROWS:
        raise Problem("cursor-invalid", name="at", value=text[:40], first=urls.address(request.path, query))
    return start


def _pager(query: dict[str, str], start: int, shown: int, count: Count) -> dict[str, str]:
    """Return the addresses of the other pages."""
    pager = dict[str, str]()
    if start:
        before = start - PAGE_SIZE
        pager["first"] = urls.link(request.path, **query)
        pager["prev"] = urls.link(request.path, **query, **({"at": str(before)} if before else {}))
    beyond = start + PAGE_SIZE
    if shown == PAGE_SIZE and beyond < (count.number if count.exact else MAX_ROWS):
        pager["next"] = urls.link(request.path, **query, at=str(beyond))
    return pager


def _page(
    title: str,
    iri: str,
    view: DocumentView,
    heads: Sequence[str],
    rows: Sequence[Sequence[Value]],
    pager: dict[str, str],
    count: Count | None,
) -> Response:
    return flask_responses.page(
        "list.html",
        title=title,
        heads=heads,
        rows=rows,
        pager=pager,
        lead=count_sentence(count, len(rows)) if count else "",
        crumbs=[Hyperlink(view.name(iri), urls.page_link(iri))],
    )
