"""HTML pages of lists: the classes, and the things of a class."""

from collections.abc import Sequence
from html import escape
from itertools import islice
from typing import Final

from flask import Response
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.formats import CSV, HTML, JSON, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import SUBV, shorten
from cper_lod.release.graph import QUOTED_LANGUAGE, ReleaseGraph
from cper_lod.release.plan.contract import contracts_of
from cper_lod.release.plan.listed import FIGURE_COLUMNS, NAME, PURPOSE, figures_of
from cper_lod.release.plan.observations import Hyperlink, ObservationReader, written
from cper_lod.release.storage.class_listing import Class
from cper_lod.release.storage.triples import Count
from cper_lod.release.tables.class_table import URL, Cell, ClassTable, Condition, TableColumn
from cper_lod.release.tables.rows import ID, SEPARATOR
from cper_lod.web.components.groups import GROUPS, ClassGroup, class_group, reading_order
from cper_lod.web.components.subsidies import listed_subsidies
from cper_lod.web.documents.class_list import ListPage, class_label, forms_of, list_address
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import site


def count_sentence(count: Count, shown: int, keys: tuple[str, str] = ("list-all", "list-text")) -> str:
    """Return the sentence that says how many there are, and how many of them are on the page: « plus de 1 000 ».

    `keys` are those of the sentences for all on one page and for some of them.
    """
    lang, number = flask_responses.lang(), count.number
    # Only the magnitude: the exact number of lines that were counted means nothing to a reader.
    step = 1 if count.exact else 10 ** (len(str(number)) - 1)
    total = formatting.number(number // step * step, lang)
    total = total if count.exact else translate("count-at-least", lang, count=total)
    whole, part = keys
    if count == (shown, True):
        return translate(whole, lang, count=total)
    return translate(part, lang, count=total, shown=formatting.number(shown, lang))


MAX_COLUMNS: Final = 6
"""Columns that a page shows beside the names of things."""
_LEFT_OUT: Final = frozenset({NAME, "unite", "min", "max", "nature", "statut", "motif", "mots", ID, URL})
"""Columns of a table that its page does not show unasked: the figure says some of them, the page of the thing the others.

Nor does it show the sources of figures, which their pages have.
"""
MAX_VALUES: Final = 4
"""Values of a cell that are written; the page of the thing has all."""


def index_page(classes: Sequence[Class]) -> Response:
    """Return the page that lists the classes by group, each with the address of its list."""
    lang, listing = flask_responses.lang(), site().release.listing
    groups: dict[ClassGroup, list[tuple[Hyperlink, str, str]]] = {}
    for cls in sorted(classes, key=lambda each: reading_order(each.iri)):
        path, query = list_address(cls)
        link = Hyperlink(formatting.capital(class_label(cls.iri, lang)), urls.link(path, **query))
        row = link, shorten(cls.iri), formatting.number(cls.count, lang)
        groups.setdefault(class_group(cls.iri), []).append(row)
    return flask_responses.page(
        "classes.html",
        title=translate("footer-lists", lang),
        groups=[(f"classes-{group}", groups[group]) for group in GROUPS if group in groups and group != "machinery"],
        machinery=groups.get("machinery", ()),
        note=translate("list-more-classes", lang) if listing.more else "",
        forms=urls.forms_of_page(
            "/doc", {}, (HTML, JSON), localized=(HTML, JSON), lang=flask_responses.lang_parameter()
        ),
        curl=curl_command("/doc", flask_responses.lang_parameter(), JSON.media_type),
        canonical=urls.public_url(urls.address("/doc", {})),
    )


def read_fields(table: ClassTable) -> tuple[str, ...]:
    """Return the names of the columns of a table that its page reads."""
    return (*(each.name for each in table.columns), ID)


def _columns(listed: ListPage, table: ClassTable) -> tuple[TableColumn, list[TableColumn]]:
    """Return the column that leads to the things of a list, by their names or by what they are for, and the others that are shown."""
    names, asked = read_fields(table), listed.choice.fields
    left_out = _LEFT_OUT | ({"source"} if {*FIGURE_COLUMNS} & {*names} else set())
    shown = asked or [*islice((each for each in names if each not in left_out), MAX_COLUMNS)]
    head = PURPOSE if PURPOSE in names and not asked else NAME
    several = len(contracts_of(site().release)) > 1
    columns = [
        table.known(name)
        for name in shown
        if name not in (NAME, head)
        and (name != "contrat" or asked or several)
        # That a figure is missing is what its column says, too.
        and (name in FIGURE_COLUMNS or any(row[names.index(name)] for row in listed.found.rows))
    ]
    return table.known(head), columns


def _rows(
    listed: ListPage, table: ClassTable, head: TableColumn, columns: Sequence[TableColumn], read: ObservationReader
) -> list[str]:
    """Return the rows in HTML, which a template takes four times as long to write: the head leads to the page of a thing."""
    starts = []
    for each in columns:
        kind = ' class="number"' if each.numeric else ""
        title = escape(formatting.typeset(each.title(read.lang), read.lang))
        starts.append((each, f'<td role="cell"{kind} data-head="{title}">', f'<td role="cell"{kind}>'))
    rows, names = list[str](), read_fields(table)
    for iri, values in zip(listed.found.iris, listed.found.rows, strict=True):
        row = dict(zip(names, values, strict=True))
        text = str(row[head.name] or row[NAME] or iri)
        # Latin, Greek and Cyrillic are written as the page is; a quotation stays as it is, and what a subsidy is for.
        direction = "" if max(text) < "\u0590" else ' dir="auto"'
        is_quoted = text.startswith(("«", "“")) or head.name == PURPOSE
        shown = text if is_quoted else formatting.typeset(text, read.lang)
        language = f' lang="{QUOTED_LANGUAGE}"' if is_quoted and read.lang != QUOTED_LANGUAGE else ""
        name = f'<a href="{escape(urls.page_link(iri))}"{direction}{language}>{escape(shown)}</a>'
        cells = ((start, empty, _cell(iri, each, row[each.name], read)) for each, start, empty in starts)
        written_cells = "".join(f"{start if cell else empty}{cell}</td>" for start, empty, cell in cells)
        rows.append(f'<th scope="row" role="rowheader">{name}</th>{written_cells}')
    return rows


def _cell(iri: str, column: TableColumn, value: Cell, read: ObservationReader) -> str:
    if column.name in FIGURE_COLUMNS:
        return _figure(iri, column.name, read)
    text, lang = "" if value is None else str(value), read.lang
    if column.numeric and text:
        return f'<data value="{escape(text)}">{escape(formatting.number(text, lang))}</data>'
    if column.kind == "url":
        return f'<a href="{escape(text)}">{escape(text)}</a>'
    if (day := formatting.date(text, lang)) != text:
        return f'<time datetime="{escape(text)}">{escape(formatting.typeset(day, lang))}</time>'
    if column.kind == "boolean":
        return escape(formatting.truth(text, lang))
    values = [escape(formatting.typeset(each, lang)) for each in text.split(SEPARATOR)]
    return "<br>".join([*values[:MAX_VALUES], *(["…"] if len(values) > MAX_VALUES else [])])


def _figure(iri: str, name: str, read: ObservationReader) -> str:
    """Return a figure with the digits that its source or its bounds support, or that it is missing."""
    nodes = figures_of(read.reader, NamedNode(iri), name)
    figure = read.unquoted(nodes[0]) if nodes else None
    if figure is None or not figure.said:
        return translate("plan-missing", read.lang) if figure else ""
    mark, word = ("computed", "computed-short") if figure.derived else ("stated", "published")
    said = escape(written(figure, read.lang))
    shown = f'<data value="{escape(figure.value)}">{said}</data>' if figure.value else said
    return f'{shown} <span class="mark {mark}">{translate(word, read.lang)}</span>'


def class_page(cls: Class, table: ClassTable, listed: ListPage) -> Response:
    """Return one page of the list of a class."""
    lang, path, above = flask_responses.lang(), listed.path, None
    read = ObservationReader(ReleaseGraph(site().release), lang, urls.page_link)
    head, columns = _columns(listed, table)
    if cls.iri == SUBV + "Subvention" and not listed.choice.fields:
        chosen = listed.choice.where.get("contrat")
        above = listed_subsidies(site().release, read, chosen.keys if chosen else ())
        columns = [each for each in columns if each.name != "contrat" or not above.contract]
    heads = [_heading(table, listed, each, lang) for each in (head, *columns)]
    order = next((translate(f"list-order-{way}", lang, column=text) for text, _, way, _ in heads if way), "")
    about = Hyperlink(class_label(cls.iri, lang), urls.page_link(cls.iri))
    unsorted = {name: value for name, value in listed.more.items() if name != "sort"}
    return flask_responses.page(
        "class_list.html",
        title=formatting.capital(about.text),
        about=about,
        heads=heads,
        rows=_rows(listed, table, head, columns, read),
        conditions=[
            (_said(table, each, lang), _without(listed, name))
            for name, each in listed.choice.where.items()
            if not (above and name == "contrat")
        ],
        choice=above.choice if above else (),
        totals=above if above and not listed.page.after and {*listed.choice.where} <= {"contrat"} else None,
        pager=pager(listed),
        lead=count_sentence(Count(listed.found.total, exact=True), len(listed.found.iris)),
        order=order or translate("list-order", lang),
        first=urls.link(path, **listed.query | unsorted) if order else "",
        note=translate("list-nameless", lang, count=formatting.number(cls.nameless, lang)) if cls.nameless else "",
        forms=_forms(cls.iri, path, listed.own_query),
        crumbs=[Hyperlink(translate("footer-lists", lang), urls.link("/doc"))],
        curl=curl_command(path, listed.own_query | flask_responses.lang_parameter(), CSV.media_type),
        canonical=urls.public_url(urls.address(path, listed.query if listed.choice.sort else listed.own_query)),
    )


_SIGNS: Final = {"eq": "=", "gt": ">", "lt": "<"}


def _said(table: ClassTable, condition: Condition, lang: Language) -> str:
    """Return a condition as it is read: « Part > 20 »."""
    column = table.known(condition.column)
    title, value = column.title(lang), condition.value
    if condition.op == "null":
        return translate("condition-missing" if value else "condition-known", lang, column=title)
    shown = formatting.number(str(value), lang) if column.numeric else value
    return f"{title} {_SIGNS[condition.op]} {shown}"


def _without(listed: ListPage, condition: str) -> str:
    """Return the link to the list without a condition."""
    query = {name: value for name, value in listed.query.items() if name != condition}
    return urls.link(listed.path, **query | listed.more)


def _heading(table: ClassTable, listed: ListPage, column: TableColumn, lang: Language) -> tuple[str, str, str, bool]:
    """Return the heading of a column: its words, the link that orders by it, the order that it has, whether it has numbers.

    The order is first from the largest number, or from the first name. The link is empty if the list has one order.
    """
    name, href, way, now = column.name, "", "", listed.choice.sort
    starts = f"-{name}" if column.numeric else name
    if now.removeprefix("-") == name:
        way = "descending" if now.startswith("-") else "ascending"
        starts = name if now.startswith("-") else f"-{name}"
    if table.count > 1 and name in table.sortable:
        href = urls.link(listed.path, **listed.query | listed.more | {"sort": starts})
    return column.title(lang), href, way, column.numeric


def pager(listed: ListPage) -> dict[str, str]:
    """Return the links to the other pages of a list, by relation."""
    others = dict(listed.other_pages)
    for end, towards in (("first", "prev"), ("last", "next")):
        if towards not in others:
            del others[end]  # this page is the first, or the last
    return {relation: urls.link(listed.path, **listed.query_after(after)) for relation, after in others.items()}


def _forms(cls: str, path: str, query: dict[str, str]) -> list[tuple[Format, str]]:
    """Return the formats of a list with their addresses; tables are in the language of the page."""
    offers = forms_of(cls)
    return urls.forms_of_page(path, query, offers, localized=offers, lang=flask_responses.lang_parameter())
