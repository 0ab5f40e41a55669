"""What does not fit on the page of a thing, page by page: the values of a property, the parts, and the mentions."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Problem
from cper_lod.core.i18n import translate
from cper_lod.core.sorted_lines import Count, SortedLines
from cper_lod.release.documents import has_document, nothing_about, parts
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.release.storage.nodes import parse_quads
from cper_lod.web.components.view import DocumentView
from cper_lod.web.documents.table_pages import count_sentence
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.values import Value
from cper_lod.web.site import site

blueprint = Blueprint("values", __name__)
PAGE_SIZE: Final = 100
"""Values, parts or mentions on one page."""


@blueprint.get("/describe/values")
def values() -> Response:
    """All values of one property of a thing: `?iri=…&property=…`."""
    iri, name = _described_iri(), urls.iri_parameter("property")
    key = f"<{iri}> <{name}> ".encode()
    lines, pager, count = _page_of_lines(site().release.data, key, {"iri": iri, "property": name})
    if not lines:
        raise nothing_about(f"{iri} {name}"[:400])
    lang = flask_responses.lang()
    quads = parse_quads(lines)
    view = DocumentView(site().release, quads, lang, anchored=False)
    rows = [(view.value(quad.object),) for quad in quads]
    title = translate("values-of", lang, property=formatting.capital(view.name(name)))
    return _page(title, iri, view, (view.name(name),), rows, pager, count)


@blueprint.get("/describe/mentions")
def mentions() -> Response:
    """All uses of an IRI as object, property or graph: `?iri=…`."""
    iri = _described_iri()
    lines, pager, count = _page_of_lines(site().release.mentions, f"<{iri}>\t".encode(), {"iri": iri})
    lang = flask_responses.lang()
    quads = parse_quads(line.partition(b"\t")[2] for line in lines)
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


def _page_of_lines(lines: SortedLines, key: bytes, query: dict[str, str]) -> tuple[list[bytes], dict[str, str], Count]:
    """Return one page of the lines that begin with `key`, the addresses of the other pages, and the number of lines.

    The cursor is an offset in bytes: seeking costs nothing, and it is valid for one release. Raises `cursor-invalid`
    for an offset at which no line begins.
    """
    text = urls.single_parameter("at") if "at" in request.args else "0"
    offset = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1
    if offset and not lines.is_line(key, offset):
        raise Problem("cursor-invalid", name="at", value=text[:40], first=urls.address(request.path, query))
    found, pager = list(islice(lines.beginning(key, at=offset), PAGE_SIZE + 1)), dict[str, str]()
    if offset:
        before = lines.back(key, offset, PAGE_SIZE)
        pager["first"] = urls.link(request.path, **query)
        pager["prev"] = urls.link(request.path, **query, **({"at": str(before)} if before else {}))
    if len(found) > PAGE_SIZE:
        beyond = offset + sum(len(line) + 1 for line in found[:PAGE_SIZE])
        pager["next"] = urls.link(request.path, **query, at=str(beyond))
    return found[:PAGE_SIZE], pager, lines.count(key)


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
