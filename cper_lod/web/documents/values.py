"""What is too much for the page of a thing, page by page: the values of a property, the parts, and the mentions."""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from cper_lod.core.errors import Problem
from cper_lod.core.i18n import translate
from cper_lod.core.sorted_lines import Count, SortedLines
from cper_lod.release.documents import parts, speaks_of
from cper_lod.web.components.observations import Hyperlink
from cper_lod.web.components.view import Value, View
from cper_lod.web.documents.list_pages import Frame, Table, lead, page
from cper_lod.web.http import formatting, responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("values", __name__)
SIZE: Final = 100
"""How many values, parts or mentions a page has."""


def mentions_address(iri: str) -> str:
    """Return the address of all that mentions a thing."""
    return urls.at("/describe/mentions", iri=iri)


def parts_address(iri: str) -> str:
    """Return the address of all that lies under a thing."""
    return urls.at("/describe/parts", iri=iri)


@blueprint.get("/describe/values")
def values() -> Response:
    """All values of one property of a thing: `?iri=…&property=…`."""
    responses.require_html()
    iri, name = _thing(), urls.checked(urls.only("property"))
    key = f"<{iri}> <{name}> ".encode()
    lines, pager, count = _piece(site().release.data, key, {"iri": iri, "property": name})
    if not lines:
        raise Problem("not-found", iri=f"{iri} {name}"[:400])
    lang = responses.lang()
    quads = _quads(lines)
    view = View(site().release, quads, lang, anchored=False)
    rows = [(_shown(view, quad.object),) for quad in quads]
    title = translate("values-of", lang, property=formatting.capital(view.name(name)))
    return _page(title, iri, view, Table((view.name(name),), rows), pager, count)


@blueprint.get("/describe/mentions")
def mentions() -> Response:
    """All uses of an IRI as object, property or graph: `?iri=…`."""
    responses.require_html()
    iri = _thing()
    lines, pager, count = _piece(site().release.mentions, f"<{iri}>\t".encode(), {"iri": iri})
    lang = responses.lang()
    quads = _quads([line.partition(b"\t")[2] for line in lines])
    view = View(site().release, quads, lang, anchored=False)
    rows: list[Sequence[Value]] = [view.mention(quad) for quad in quads]
    heads: Sequence[str] = (translate("subject", lang), translate("property", lang), translate("value", lang))
    if all(quad.object == NamedNode(iri) for quad in quads):
        heads, rows = heads[:2], [row[:2] for row in rows]  # the third column would say the same in every row
    return _page(translate("values-mentions", lang, name=view.name(iri)), iri, view, Table(heads, rows), pager, count)


@blueprint.get("/describe/parts")
def parts_of() -> Response:
    """All things whose IRIs begin with the IRI of a thing: `?iri=…`."""
    responses.require_html()
    iri, lang = _thing(), responses.lang()
    after = urls.only("after") if "after" in request.args else ""
    if after and not (after.startswith((iri + "/", iri + "#")) and urls.ABSOLUTE.fullmatch(after)):
        raise Problem("cursor-invalid", name="after", value=after[:200], first=parts_address(iri))
    found = list(islice(parts(site().release, iri, after), SIZE + 1))
    view = View(site().release, (), lang)
    rows = [(view.iri(each), Value(view.names.kind_of(each))) for each in found[:SIZE]]
    pager = {"first": parts_address(iri)} if after else {}
    if len(found) > SIZE:
        pager["next"] = urls.at("/describe/parts", iri=iri, after=found[SIZE - 1])
    table = Table((translate("list-name", lang), translate("class", lang)), rows)
    return _page(translate("values-parts", lang, name=view.name(iri)), iri, view, table, pager, None)


def _thing() -> str:
    iri = urls.checked(urls.only("iri"))
    if not speaks_of(site().release, iri):
        raise Problem("not-found", iri=iri[:400])
    return iri


def _piece(lines: SortedLines, key: bytes, query: dict[str, str]) -> tuple[list[bytes], dict[str, str], Count]:
    """Return the lines of one page of those that begin with `key`, the ways to the others, and how many there are.

    A place in a list is a number of bytes: it costs nothing to go there, and holds for one release. Raises
    `cursor-invalid` for one at which no line begins.
    """
    at = _place(lines, key, urls.whole(request.path, query))
    found = list(islice(lines.beginning(key, at=at), SIZE + 1))
    pager = {"first": urls.at(request.path, **query)} if at else {}
    if at:
        before = lines.back(key, at, SIZE)
        pager["prev"] = urls.at(request.path, **query, **({"at": str(before)} if before else {}))
    if len(found) > SIZE:
        beyond = at + sum(len(line) + 1 for line in found[:SIZE])
        pager["next"] = urls.at(request.path, **query, at=str(beyond))
    return found[:SIZE], pager, lines.count(key)


def _place(lines: SortedLines, key: bytes, first: str) -> int:
    text = urls.only("at") if "at" in request.args else "0"
    at = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1
    if at and not lines.is_line(key, at):
        raise Problem("cursor-invalid", name="at", value=text[:40], first=first)
    return at


def _quads(lines: list[bytes]) -> list[Quad]:
    return [quad for quad in parse(b"\n".join(lines), RdfFormat.N_QUADS, lenient=True) if isinstance(quad, Quad)]


def _shown(view: View, term: object) -> Value:
    return view.value(term) if isinstance(term, NamedNode | BlankNode | Literal) else Value(str(term))


def _page(title: str, iri: str, view: View, table: Table, pager: dict[str, str], count: Count | None) -> Response:
    about = Frame(
        lead=lead(count, len(table.rows)) if count else "", crumbs=[Hyperlink(view.name(iri), urls.page(iri))]
    )
    return page(title, table, about, pager)
