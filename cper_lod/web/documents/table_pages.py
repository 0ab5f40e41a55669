"""HTML pages of lists: the classes, and the things of a class."""

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import islice
from typing import Final

from flask import Response
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.formats import CSV, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCT, QB, shorten
from cper_lod.rdf.graph import Graph, Term
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.listed import NAME, PURPOSE, SAMPLE, ListColumn, list_columns, values_of
from cper_lod.release.plan.observations import SUBSIDY_AMOUNT, Hyperlink, ObservationReader, written
from cper_lod.release.storage.class_listing import Class
from cper_lod.release.storage.triples import Count
from cper_lod.release.tables.class_table import Cell, ClassTable, Condition, TableColumn
from cper_lod.web.components.groups import GROUPS, ClassGroup, class_group, reading_order
from cper_lod.web.components.labels import LabelReader
from cper_lod.web.components.subsidies import listed_subsidies
from cper_lod.web.documents.class_list import LOCALIZED_LISTS, ListPage, forms_of, list_address
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


MAX_EXAMPLES: Final = 80
"""Classes that are shown with an example."""
MAX_ITEMS: Final = 4
"""Things in a cell that are shown."""


def index_page(classes: Sequence[Class]) -> Response:
    """Return the page that lists the classes by group, each with the address of its list, and one of its things."""
    lang, listing = flask_responses.lang(), site().release.listing
    names = LabelReader(ReleaseGraph(site().release), Graph(()), lang)
    groups: dict[ClassGroup, list[tuple[Hyperlink, str, str, Hyperlink | None]]] = {}
    for number, cls in enumerate(sorted(classes, key=lambda each: reading_order(each.iri))):
        group, example = class_group(cls.iri), None
        if group != "machinery" and number < MAX_EXAMPLES:
            first = min(islice(listing.things(cls.iri), SAMPLE), key=natural_sort_key, default="")
            example = Hyperlink(names.name(first), urls.page_link(first)) if first else None
        link = Hyperlink(formatting.capital(names.name(cls.iri)), _with_language(urls.address(*list_address(cls))))
        groups.setdefault(group, []).append((link, shorten(cls.iri), formatting.number(cls.count, lang), example))
    return flask_responses.page(
        "classes.html",
        title=translate("footer-lists", lang),
        groups=[(f"classes-{group}", groups[group]) for group in GROUPS if group in groups and group != "machinery"],
        machinery=groups.get("machinery", ()),
        note=translate("list-more-classes", lang) if listing.more else "",
        forms=_forms("", "/doc", {}),
        curl=curl_command("/doc", flask_responses.lang_parameter(), CSV.media_type),
        canonical=urls.public_url(urls.address("/doc", {})),
    )


class _ListCells:
    """Makes the cells of a list in HTML: a template takes four times as long; labels are looked up once per page."""

    def __init__(self, lang: Language) -> None:
        self.lang = lang
        self.graph = ReleaseGraph(site().release)
        self.names = LabelReader(self.graph, Graph(()), lang)
        self._names: dict[str, str] = {}
        self._computed = f' <span class="mark computed">{translate("computed-short", lang)}</span>'
        self._published = f' <span class="mark stated">{translate("published", lang)}</span>'
        self._missing = translate("plan-missing", lang)
        self.observations = ObservationReader(self.graph, lang, urls.page_link)

    def name(self, iri: str) -> str:
        """Return the name of a thing with the link to its page; a quotation stays as it is."""
        if iri not in self._names:
            text = self.names.name(iri)
            shown = text if text.startswith(("«", "“")) else formatting.typeset(text, self.lang)
            # Latin, Greek and Cyrillic are written as the page is.
            direction = "" if max(shown, default="") < "\u0590" else ' dir="auto"'
            self._names[iri] = f'<a href="{escape(urls.page_link(iri))}"{direction}>{escape(shown)}</a>'
        return self._names[iri]

    def purpose(self, iri: str) -> str:
        """Return what a subsidy is for with the link to its page, empty for another thing: its name only repeats who gets it."""
        node = NamedNode(iri)
        if self.graph.one(node, SUBSIDY_AMOUNT) is None:
            return ""
        text, language = self.graph.text(node, DCT + "description", self.lang)
        lang = f' lang="{escape(language)}"' if language not in ("", self.lang) else ""
        return f'<a href="{escape(urls.page_link(iri))}"{lang}>{escape(text)}</a>' if text else ""

    def cell(self, iri: str, column: ListColumn) -> str:
        """Return what a column says of a thing, empty if that is nothing."""
        node = NamedNode(iri)
        if column.kind == "value":
            return self._literal(node, column)
        found = values_of(self.graph, node, column)
        if found == [node]:
            return self._figure(node, linked=False)  # the name leads to the same page
        make = self._figure if column.kind == "figure" else self._thing
        items = [*map(make, found[:MAX_ITEMS]), *(["…"] if len(found) > MAX_ITEMS else [])]
        return "<br>".join(filter(None, items))

    def _thing(self, node: Term) -> str:
        return self.name(node.value) if isinstance(node, NamedNode) else ""

    def _literal(self, node: NamedNode, column: ListColumn) -> str:
        """Return the first value of a column; of texts in several languages, the one in the reader's."""
        nodes = values_of(self.graph, node, replace(column, path=column.path[:-1], kind="name"))
        texts = (self.graph.text(each, column.predicate, self.lang) for each in nodes)
        text, language = next((found for found in texts if found[0]), ("", ""))
        if column.numeric and text:
            text = formatting.plain(text)
            return f'<data value="{escape(text)}">{escape(formatting.number(text, self.lang))}</data>'
        if (shown := formatting.date(text, self.lang)) != text:
            return f'<time datetime="{escape(text)}">{escape(formatting.typeset(shown, self.lang))}</time>'
        text = formatting.truth(text, self.lang)
        foreign = language not in ("", self.lang)
        return f'<span lang="{escape(language)}">{escape(text)}</span>' if foreign else escape(text)

    def _figure(self, node: Term, *, linked: bool = True) -> str:
        """Return a figure with the digits that its source or its bounds support, or that it is missing."""
        figure = self.observations.unquoted(node)
        if figure is None:
            return ""
        linked = linked and isinstance(node, NamedNode)
        start, end = (f'<a href="{escape(urls.page_link(node.value))}">', "</a>") if linked else ("", "")
        if not figure.said:
            return f"{start}{self._missing}{end}"
        mark = self._computed if figure.derived else self._published
        said = escape(written(figure, self.lang))
        return f'{start}<data value="{escape(figure.value)}">{said}</data>{end}{mark}' if figure.value else said + mark

    def title(self, table: ClassTable, column: ListColumn) -> str:
        """Return the words over a column."""
        known = table.column(column.name)
        return known.title(self.lang) if known else formatting.capital(self.names.name(column.predicate))

    def table(
        self, table: ClassTable, iris: Sequence[str], columns: Sequence[ListColumn], *, together: bool
    ) -> tuple[list[tuple[ListColumn, str]], list[tuple[Hyperlink | None, list[str]]]]:
        """Return the columns that are not empty for these things with their titles, and the rows in groups with theirs.

        Figures are grouped by dataset, since those of different ones measure different things, unless all are `together`.
        """
        cells = {iri: [self.cell(iri, column) for column in columns] for iri in iris}
        kept = [index for index in range(len(columns)) if any(row[index] for row in cells.values())]
        by_dataset: dict[Term | None, list[str]] = {}
        are_figures = not together and any(not each.path for each in columns)
        for iri in iris:
            dataset = self.graph.one(NamedNode(iri), QB + "dataSet") if are_figures else None
            by_dataset.setdefault(dataset, []).append(iri)
        heads = [(columns[index], self.title(table, columns[index])) for index in kept]
        starts = []
        for index, (column, title) in zip(kept, heads, strict=True):
            kind = ' class="number"' if column.numeric else ""
            start = f'<td role="cell"{kind} data-head="{escape(formatting.typeset(title, self.lang))}">'
            starts.append((index, start, f'<td role="cell"{kind}></td>'))
        groups = []
        for dataset, things in sorted(by_dataset.items(), key=lambda each: natural_sort_key(str(each[0] or ""))):
            heading = None
            if isinstance(dataset, NamedNode) and len(by_dataset) > 1:
                heading = Hyperlink(self.names.name(dataset.value), urls.page_link(dataset.value))
            rows = []
            for iri in things:
                held = ((cells[iri][index], start, empty) for index, start, empty in starts)
                row = "".join(f"{start}{cell}</td>" if cell else empty for cell, start, empty in held)
                rows.append(f'<th scope="row" role="rowheader">{self.purpose(iri) or self.name(iri)}</th>{row}')
            groups.append((heading, rows))
        return heads, groups

    def chosen(self, listed: ListPage, columns: Sequence[TableColumn]) -> list[str]:
        """Return the rows of a list with the columns that the request chose, whose values are those of the table in CSV."""
        starts = []
        for column in columns:
            title, kind = (
                formatting.typeset(column.title(self.lang), self.lang),
                ' class="number"' if column.numeric else "",
            )
            starts.append(f'<td role="cell"{kind} data-head="{escape(title)}">')
        rows = []
        for iri, values in zip(listed.found.iris, listed.found.rows, strict=True):
            row = (
                f"{start}{self._plain(column, value)}</td>"
                for column, start, value in zip(columns, starts, values, strict=True)
                if column.name != NAME
            )
            rows.append(f'<th scope="row" role="rowheader">{self.name(iri)}</th>{"".join(row)}')
        return rows

    def _plain(self, column: TableColumn, value: Cell) -> str:
        text = "" if value is None else escape(str(value))
        if not text:
            return ""
        if column.numeric:
            return f'<data value="{text}">{escape(formatting.number(text, self.lang))}</data>'
        if column.kind == "url":
            return f'<a href="{text}">{text}</a>'
        return formatting.date(text, self.lang) if column.kind == "date" else text


def class_page(cls: Class, table: ClassTable, listed: ListPage) -> Response:
    """Return one page of the list of a class."""
    lang, path = flask_responses.lang(), listed.path
    cells = _ListCells(lang)
    titles, above, columns = [(NAME, False, translate("list-name", lang))], None, list_columns(site().release, cls.iri)
    if cls.iri == CPER + "Subvention" and not listed.choice.fields:
        chosen_contract = listed.choice.where.get("contrat")
        above = listed_subsidies(site().release, cells.observations, chosen_contract.keys if chosen_contract else ())
        titles = [(PURPOSE, False, translate("list-purpose", lang))]
        columns = tuple(each for each in columns if each.name != "contrat" or not above.contract)
    if listed.choice.fields:
        chosen = [table.known(name) for name in listed.choice.fields]
        groups: list[tuple[Hyperlink | None, list[str]]] = [(None, cells.chosen(listed, chosen))]
        titles += [(each.name, each.numeric, each.title(lang)) for each in chosen if each.name != NAME]
    else:
        known, groups = cells.table(table, listed.iris, columns, together=bool(listed.sort))
        titles += [(each.name, each.numeric, title) for each, title in known]
    heads = [_heading(table, listed, *each) for each in titles]
    order = next((translate(f"list-order-{way}", lang, column=text) for text, _, way, _ in heads if way), "")
    about = Hyperlink(cells.names.name(cls.iri), urls.page_link(cls.iri))
    unsorted = {name: value for name, value in listed.more.items() if name != "sort"}
    return flask_responses.page(
        "class_list.html",
        title=formatting.capital(about.text),
        about=about,
        heads=heads,
        groups=groups if listed.found.iris else (),
        conditions=[
            (_said(table, each, lang), _without(listed, name))
            for name, each in listed.choice.where.items()
            if not (above and name == "contrat")
        ],
        choice=above.choice if above else (),
        totals=above if above and not listed.page.after and {*listed.choice.where} <= {"contrat"} else None,
        pager=pager(listed),
        lead=count_sentence(Count(listed.found.total, exact=True), len(listed.iris)),
        order=order or translate("list-order", lang),
        first=_with_language(urls.address(path, listed.query | unsorted)) if order else "",
        note=translate("list-nameless", lang, count=formatting.number(cls.nameless, lang)) if cls.nameless else "",
        forms=_forms(cls.iri, path, listed.own_query),
        crumbs=[Hyperlink(translate("footer-lists", lang), urls.link("/doc"))],
        curl=curl_command(path, listed.own_query | flask_responses.lang_parameter(), CSV.media_type),
        canonical=urls.public_url(urls.address(path, listed.query if listed.sort else listed.own_query)),
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
    return _with_language(urls.address(listed.path, query | listed.more))


def _heading(table: ClassTable, listed: ListPage, name: str, numeric: bool, text: str) -> tuple[str, str, str, bool]:
    """Return the heading of a column: its words, the link that orders by it, the order that it has, whether it has numbers.

    The order is first from the largest number, or from the first name. The link is empty if the list has one order.
    """
    href, way, now = "", "", listed.sort
    starts = f"-{name}" if numeric else name
    if name and now.removeprefix("-") == name:
        way = "descending" if now.startswith("-") else "ascending"
        starts = name if now.startswith("-") else f"-{name}"
    if table.count > 1 and name in table.sortable:
        href = _with_language(urls.address(listed.path, listed.query | listed.more | {"sort": starts}))
    return text, href, way, numeric


def pager(listed: ListPage) -> dict[str, str]:
    """Return the links to the other pages of a list, by relation."""
    others = dict(listed.other_pages)
    for end, towards in (("first", "prev"), ("last", "next")):
        if towards not in others:
            del others[end]  # this page is the first, or the last
    return {relation: _with_language(listed.address(after)) for relation, after in others.items()}


def _forms(cls: str, path: str, query: dict[str, str]) -> list[tuple[Format, str]]:
    """Return the formats of a list with their addresses; tables are in the language of the page."""
    lang = flask_responses.lang_parameter()
    return urls.forms_of_page(path, query, forms_of(cls), localized=LOCALIZED_LISTS, lang=lang)


def _with_language(address: str) -> str:
    """Return an address on this host with the language that the URL of the request asks for."""
    language = urls.link("/").partition("?")[2]
    return address + (("&" if "?" in address else "?") + language if language else "")
