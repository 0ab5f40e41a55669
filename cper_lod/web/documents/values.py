"""What does not fit on the page of a thing, page by page: its uses, its parts, or the values of one property."""

from collections.abc import Sequence
from itertools import islice

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.i18n import translate
from cper_lod.release.documents import has_document, nothing_about, parts
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.release.storage.triples import MAX_COUNTED, Count
from cper_lod.web.api.parameters import AFTER_NUMBER, Rows, requested_rows
from cper_lod.web.components.view import DocumentView
from cper_lod.web.documents.class_list import MAX_HTML_PAGE_SIZE
from cper_lod.web.documents.table_pages import count_sentence
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.values import Value
from cper_lod.web.site import site

blueprint = Blueprint("values", __name__)
_List = tuple[DocumentView, str, Sequence[str], Sequence[Sequence[Value]], Count]
"""A page of a list: what shows it, its title, its columns and rows, and how many rows the list has."""


@blueprint.get("/describe/list")
def listed() -> Response:
    """What does not fit on the page of an IRI, page by page: `?iri=…&of=…`.

    `of=mentions` lists its uses as object, property or graph, `of=parts` the things whose IRIs begin with it, and `of=`
    with the IRI of a property the values of that property.
    """
    flask_responses.negotiate_page()
    iri, of = urls.iri_parameter("iri"), urls.single_parameter("of")
    if of not in ("mentions", "parts") and not urls.ABSOLUTE.fullmatch(of):
        expected = Phrase("mentions, parts or the IRI of a property", fr="mentions, parts ou l’IRI d’une propriété")
        raise Problem("parameter-invalid", name="of", value=of[:40], expected=expected)
    if not has_document(site().release, iri):
        raise nothing_about(iri[:400])
    page = requested_rows(most=MAX_HTML_PAGE_SIZE)
    if of == "mentions":
        view, title, heads, rows, count = _mentions(iri, page)
    elif of == "parts":
        view, title, heads, rows, count = _parts(iri, page)
    else:
        view, title, heads, rows, count = _values(iri, of, page)
    return flask_responses.page(
        "list.html",
        title=title,
        heads=heads,
        rows=rows,
        pager=_pager({"iri": iri, "of": of}, page, len(rows), count),
        lead=count_sentence(count, len(rows)),
        crumbs=[Hyperlink(view.name(iri), urls.page_link(iri))],
    )


def _mentions(iri: str, page: Rows) -> _List:
    release, lang = site().release, flask_responses.lang()
    quads, count = release.triples.page_of_mentions(iri, page.after, page.size)
    view = DocumentView(release, quads, lang, anchored=False)
    rows: list[Sequence[Value]] = [view.mention(quad) for quad in quads]
    heads: Sequence[str] = (translate("subject", lang), translate("property", lang), translate("value", lang))
    if all(quad.object == NamedNode(iri) for quad in quads):
        heads, rows = heads[:2], [row[:2] for row in rows]  # the third column would say the same in every row
    return view, translate("values-mentions", lang, name=view.name(iri)), heads, rows, count


def _parts(iri: str, page: Rows) -> _List:
    release, lang = site().release, flask_responses.lang()
    number = sum(1 for _ in islice(parts(release, iri), MAX_COUNTED + 1))
    view = DocumentView(release, (), lang)
    found = islice(parts(release, iri), page.part.start, page.part.stop)
    rows = [(view.iri(each), Value(view.names.class_label(each))) for each in found]
    heads = translate("list-name", lang), translate("class", lang)
    count = Count(min(number, MAX_COUNTED), exact=number <= MAX_COUNTED)
    return view, translate("values-parts", lang, name=view.name(iri)), heads, rows, count


def _values(iri: str, name: str, page: Rows) -> _List:
    """Return a page of the values of a property; raises `not-found` if there are none."""
    release, lang = site().release, flask_responses.lang()
    quads, count = release.triples.page_of_values(iri, name, page.after, page.size)
    if not quads:
        raise nothing_about(f"{iri} {name}"[:400])
    view = DocumentView(release, quads, lang, anchored=False)
    rows = [(view.value(quad.object),) for quad in quads]
    title = translate("values-of", lang, property=formatting.capital(view.name(name)))
    return view, title, (view.name(name),), rows, count


def _pager(query: dict[str, str], page: Rows, shown: int, count: Count) -> dict[str, str]:
    """Return the addresses of the other pages; of a list that is not counted to its end, the last page is not known."""
    more = shown == page.size and page.part.stop <= AFTER_NUMBER.schema["maximum"]
    pages = page.others(count.number if count.exact else page.part.stop + more)
    if not count.exact:
        pages.pop("last", None)
    return {relation: urls.link("/describe/list", **query, **each) for relation, each in pages.items()}
