"""Lists as pages for people: the classes, the things of one, and all values, parts or mentions of a thing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask import Response
from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.formats import CSV, XLSX, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import shorten
from cper_lod.core.sorted_lines import Count
from cper_lod.rdf.graph import Graph
from cper_lod.release.storage.class_listing import Class, Column
from cper_lod.web.components.observations import CURRENCY, Hyperlink, unit
from cper_lod.web.components.view import Value, View
from cper_lod.web.documents.list_query import FORMS, List
from cper_lod.web.http import formatting, responses, urls
from cper_lod.web.http.urls import command
from cper_lod.web.site import site

COLUMNS: Final = 4
"""How many columns a list shows beside the names of things; the CSV has them all."""
SHORT: Final = 60
"""Characters of the longest text that a column shows."""


@dataclass(frozen=True)
class Table:
    """A table as the page shows it: its heads, those of numbers, and its rows of values, None for none."""

    heads: Sequence[str]
    rows: Sequence[Sequence[Value | None]]
    numbers: frozenset[int] = frozenset()


def count_in_words(count: Count) -> str:
    """Return how many there are, for a reader: « 1 234 », « plus de 1 000 »."""
    lang = responses.lang()
    if count.exact:
        return formatting.number(count.number, lang)
    # A round number: how many lines were looked at is nothing to tell.
    step = 10 ** (len(str(count.number)) - 1)
    return translate("count-at-least", lang, count=formatting.number(count.number // step * step, lang))


def lead(count: Count, shown: int) -> str:
    """Return the sentence that says how many there are, and how many of them on the page."""
    lang, words = responses.lang(), count_in_words(count)
    if count == (shown, True):
        return translate("list-all", lang, count=words)
    return translate("list-text", lang, count=words, shown=formatting.number(shown, lang))


def classes(found: Iterable[tuple[Class, str]]) -> Response:
    """Return the page that names the classes."""
    lang = responses.lang()
    view = View(site().release, (), lang)
    rows = [
        (
            Value(formatting.capital(view.name(cls.iri)), href=_with_language(address)),
            Value(shorten(cls.iri)),
            Value(formatting.number(cls.count, lang)),
        )
        for cls, address in found
    ]
    table = Table(
        (translate("class", lang), translate("list-term", lang), translate("count", lang)), rows, frozenset({2})
    )
    note = translate("list-more-classes", lang) if site().release.listing.more else ""
    forms = _forms("/doc", {})
    about = Frame(
        lead=translate("list-classes-text", lang), note=note, forms=forms, curl=command("/doc", {}, CSV.media_type)
    )
    return page(translate("list-classes", lang), table, replace(about, uses=_uses(lang)))


def _uses(lang: Language) -> list[Hyperlink]:
    """Return what else is done with the things of these lists."""
    return [Hyperlink(translate("reconcile-link", lang), urls.at("/reconcile"))]


def things(listed: List) -> Response:
    """Return one page of the list of a class."""
    lang, cls = responses.lang(), listed.of
    view = View(site().release, listed.document.quads, lang)
    graph = Graph(listed.document.quads)
    columns = _columns(graph, listed.iris, cls.columns)
    rows = [(view.iri(iri), *(_shown(view, graph, iri, column) for column in columns)) for iri in listed.iris]
    table = Table((translate("list-name", lang), *(view.name(column.predicate) for column in columns)), rows)
    count = site().release.listing.count(cls.iri)
    note = translate("list-nameless", lang, count=formatting.number(cls.nameless, lang)) if cls.nameless else ""
    about = Frame(
        lead=lead(count, len(rows)),
        about=view.iri(cls.iri),
        note=note,
        forms=_forms(listed.path, listed.here),
        crumbs=[Hyperlink(translate("list-classes", lang), urls.at("/doc"))],
        curl=command(listed.path, listed.here, CSV.media_type),
        canonical=urls.public(urls.whole(listed.path, listed.here)),
    )
    others = dict(listed.others)
    for end, towards in (("first", "prev"), ("last", "next")):
        if towards not in others:
            del others[end]  # this is it
    pager = {name: _with_language(listed.address(after)) for name, after in others.items()}
    return page(formatting.capital(view.name(cls.iri)), table, about, pager)


def _forms(path: str, query: dict[str, str]) -> list[tuple[Format, str]]:
    """Return the forms of a list with their addresses; a workbook is in the language of the page."""
    own = query | urls.language_asked()
    return [(form, urls.form(form, path, own if form is XLSX else query)) for form in FORMS]


@dataclass(frozen=True)
class Frame:
    """What stands around a table: a sentence above it, what it is about, a note, its other forms, where it belongs.

    `curl` is the command line that fetches its data, `canonical` its public address, empty where it is but a piece of
    another, `uses` lead to what else is done with it.
    """

    lead: str = ""
    about: Value | None = None
    note: str = ""
    forms: Sequence[tuple[Format, str]] = ()
    crumbs: Sequence[Hyperlink] = ()
    curl: str = ""
    canonical: str = ""
    uses: Sequence[Hyperlink] = ()


def page(title: str, table: Table, about: Frame, pager: dict[str, str] | None = None) -> Response:
    """Return a page with one table and the ways to the other pages of it, where there are any."""
    return responses.page(
        "list.html",
        title=title,
        table=table,
        pager=pager or {},
        lead=about.lead,
        about=about.about,
        note=about.note,
        forms=about.forms,
        crumbs=about.crumbs,
        curl=about.curl,
        canonical=about.canonical,
        uses=about.uses,
    )


def _columns(graph: Graph, iris: Iterable[str], columns: Sequence[Column]) -> list[Column]:
    """Return the columns that fit a page: filled, short, in the reader's language or none."""
    lang = responses.lang()
    found = []
    for column in columns:
        cells = [len(each.value) for iri in iris for each in _literals(graph, iri, column)]
        if cells and max(cells) <= SHORT and column.language in ("", lang):
            found.append(column)
    return found[:COLUMNS]


def _literals(graph: Graph, iri: str, column: Column) -> list[Literal]:
    values = graph.all(NamedNode(iri), column.predicate)
    return [each for each in values if isinstance(each, Literal) and (each.language or "") == column.language]


def _shown(view: View, graph: Graph, iri: str, column: Column) -> Value | None:
    found = _literals(graph, iri, column)
    currency = view.reader.value(NamedNode(iri), CURRENCY).rpartition("/")[2]
    return view.value(found[0], unit=unit(column.predicate, currency)) if found else None


def _with_language(address: str) -> str:
    """Return an address on this host, in the language that the URL asks for."""
    wanted = urls.at("/").partition("?")[2]
    return address + (("&" if "?" in address else "?") + wanted if wanted else "")
