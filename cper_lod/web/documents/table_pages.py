"""HTML pages with one table: the classes, the things of a class, and all values, parts or mentions of a thing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Response
from pyoxigraph import Literal, NamedNode

from cper_lod.core import formatting
from cper_lod.core.formats import CSV, LOCALIZED, XLSX, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import shorten
from cper_lod.core.sorted_lines import Count
from cper_lod.rdf.graph import Graph
from cper_lod.release.plan.observations import CURRENCY, Hyperlink, unit
from cper_lod.release.storage.class_listing import Class, Column
from cper_lod.web.components.view import DocumentView, Value
from cper_lod.web.documents.class_list import FORMS, ListPage
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import site

MAX_COLUMNS: Final = 4
"""Columns that a list shows beside the names of things; the CSV has all of them."""
MAX_CELL_LENGTH: Final = 60
"""Characters of the longest text in a column that is shown."""


@dataclass(frozen=True)
class HtmlTable:
    """A table as a page shows it: its headings, its rows of values (None for an empty cell), its columns of numbers."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Value | None]]
    numbers: frozenset[int] = frozenset()


def count_text(count: Count) -> str:
    """Return a count for a reader: « 1 234 », « plus de 1 000 »."""
    lang = flask_responses.lang()
    if count.exact:
        return formatting.number(count.number, lang)
    # Only the magnitude: the exact number of lines that were counted means nothing to a reader.
    step = 10 ** (len(str(count.number)) - 1)
    return translate("count-at-least", lang, count=formatting.number(count.number // step * step, lang))


def count_sentence(count: Count, shown: int) -> str:
    """Return the sentence that says how many there are, and how many of them are on the page."""
    lang, total = flask_responses.lang(), count_text(count)
    if count == (shown, True):
        return translate("list-all", lang, count=total)
    return translate("list-text", lang, count=total, shown=formatting.number(shown, lang))


def index_page(classes: Iterable[tuple[Class, str]]) -> Response:
    """Return the page that lists the classes, each with the address of its list."""
    lang = flask_responses.lang()
    view = DocumentView(site().release, (), lang)
    rows = [
        (
            Value(formatting.capital(view.name(cls.iri)), href=_with_language(address)),
            Value(shorten(cls.iri)),
            Value(formatting.number(cls.count, lang)),
        )
        for cls, address in classes
    ]
    heads = (translate("class", lang), translate("list-term", lang), translate("count", lang))
    return table_page(
        translate("list-classes", lang),
        HtmlTable(heads, rows, frozenset({2})),
        lead=translate("list-classes-text", lang),
        note=translate("list-more-classes", lang) if site().release.listing.more else "",
        forms=_forms("/doc", {}),
        curl=curl_command("/doc", {}, CSV.media_type),
        uses=[Hyperlink(translate("reconcile-link", lang), urls.link("/reconcile"))],
    )


def class_page(listed: ListPage) -> Response:
    """Return one page of the list of a class."""
    lang, cls = flask_responses.lang(), listed.cls
    view = DocumentView(site().release, listed.document.quads, lang)
    graph = Graph(listed.document.quads)
    columns = _columns(graph, listed.iris, cls.columns)
    rows = [(view.iri(iri), *(_cell(view, graph, iri, column) for column in columns)) for iri in listed.iris]
    return table_page(
        formatting.capital(view.name(cls.iri)),
        HtmlTable((translate("list-name", lang), *(view.name(column.predicate) for column in columns)), rows),
        pager(listed),
        lead=count_sentence(site().release.listing.count(cls.iri), len(rows)),
        about=view.iri(cls.iri),
        note=translate("list-nameless", lang, count=formatting.number(cls.nameless, lang)) if cls.nameless else "",
        forms=_forms(listed.path, listed.own_query),
        crumbs=[Hyperlink(translate("list-classes", lang), urls.link("/doc"))],
        curl=curl_command(listed.path, listed.own_query, CSV.media_type),
        canonical=urls.public_url(urls.address(listed.path, listed.own_query)),
    )


def pager(listed: ListPage) -> dict[str, str]:
    """Return the links to the other pages of a list, by relation."""
    others = dict(listed.other_pages)
    for end, towards in (("first", "prev"), ("last", "next")):
        if towards not in others:
            del others[end]  # this page is the first, or the last
    return {relation: _with_language(listed.address(after)) for relation, after in others.items()}


def _forms(path: str, query: dict[str, str]) -> list[tuple[Format, str]]:
    """Return the formats of a list with their addresses; a workbook is in the language of the page."""
    return urls.forms_of_page(path, query, FORMS, localized=(*LOCALIZED, XLSX))


def table_page(
    title: str,
    table: HtmlTable,
    pager: Mapping[str, str] | None = None,
    *,
    lead: str = "",
    about: Value | None = None,
    note: str = "",
    forms: Sequence[tuple[Format, str]] = (),
    crumbs: Sequence[Hyperlink] = (),
    curl: str = "",
    canonical: str = "",
    uses: Sequence[Hyperlink] = (),
) -> Response:
    """Return a page with one table.

    `pager` has the addresses of the other pages by relation; `lead` is the sentence above the table, `about` its
    subject, `forms` its other formats, `curl` the command line that downloads it, `canonical` its public address (empty
    for a part of another page), `uses` are links to other uses of the data.
    """
    return flask_responses.page(
        "list.html",
        title=title,
        table=table,
        pager=pager or {},
        lead=lead,
        about=about,
        note=note,
        forms=forms,
        crumbs=crumbs,
        curl=curl,
        canonical=canonical,
        uses=uses,
    )


def _columns(graph: Graph, iris: Iterable[str], columns: Sequence[Column]) -> list[Column]:
    """Return the columns that fit a page: not empty, short, in the reader's language or in none."""
    lang = flask_responses.lang()
    found = []
    for column in columns:
        lengths = [len(each.value) for iri in iris for each in _literals(graph, iri, column)]
        if lengths and max(lengths) <= MAX_CELL_LENGTH and column.language in ("", lang):
            found.append(column)
    return found[:MAX_COLUMNS]


def _literals(graph: Graph, iri: str, column: Column) -> list[Literal]:
    values = graph.all(NamedNode(iri), column.predicate)
    return [each for each in values if isinstance(each, Literal) and (each.language or "") == column.language]


def _cell(view: DocumentView, graph: Graph, iri: str, column: Column) -> Value | None:
    found = _literals(graph, iri, column)
    currency = view.reader.value(NamedNode(iri), CURRENCY).rpartition("/")[2]
    return view.value(found[0], unit=unit(column.predicate, currency)) if found else None


def _with_language(address: str) -> str:
    """Return an address on this host with the language that the URL of the request asks for."""
    language = urls.link("/").partition("?")[2]
    return address + (("&" if "?" in address else "?") + language if language else "")
