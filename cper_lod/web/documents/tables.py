"""Lists as tables: CSV for programs; for spreadsheets, CSV with French conventions and a workbook."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.formats import CSV, CSV_FR, Format
from cper_lod.core.i18n import translate
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.spreadsheets import csv_fr, xlsx
from cper_lod.rdf.spreadsheets.cells import Cell, Row
from cper_lod.rdf.spreadsheets.xlsx import Worksheet
from cper_lod.release.documents import labels
from cper_lod.release.storage.class_listing import Class
from cper_lod.release.tables.rows import (
    NameCache,
    Value,
    cell_text,
    column_headings,
    csv_lines,
    name_in,
    table_rows,
    typed_cell,
)
from cper_lod.web.documents.class_list import ListPage
from cper_lod.web.http import flask_responses
from cper_lod.web.site import site
from cper_lod.web.sparql import spreadsheets

MAX_NAMES: Final = 5000
"""Names of other things that are looked up for one table at most; further things appear with their address only."""


def class_table(listed: ListPage, form: Format, address: str) -> bytes:
    """Return one page of a list as a table, whose address is `address`; raises `sheet-cell`."""
    heads = [each.name for each in column_headings(listed.cls)]
    rows = table_rows(site().release, listed.cls, listed.iris, NameCache(site().release, MAX_NAMES))
    return _table_bytes(heads, rows, form, address)


def index_table(classes: Iterable[tuple[Class, str]], form: Format, address: str) -> bytes:
    """Return a table of the classes: `iri`, `label_fr`, `label_en`, `count`, and the address of the list."""
    heads = ["iri", "label_fr", "label_en", "count", "list"]
    return _table_bytes(heads, map(_class_row, classes), form, address)


def _class_row(entry: tuple[Class, str]) -> list[Value | int]:
    cls, address = entry
    graph = Graph(labels(site().release, cls.iri))
    return [cls.iri, *(name_in(graph, NamedNode(cls.iri), lang) for lang in LANGUAGES), cls.count, address]


def _table_bytes(heads: Sequence[str], rows: Iterable[Sequence[Value | int]], form: Format, address: str) -> bytes:
    if form is CSV:
        cells = ([cell_text(each) if isinstance(each, tuple) else each for each in row] for row in rows)
        return b"".join(csv_lines(chain([heads], cells)))
    table = _typed_rows(heads, rows)
    if form is CSV_FR:
        return csv_fr.write(table)
    lang: Language = flask_responses.lang()
    about = spreadsheets.information(site(), lang, {"sheet-address": address})
    return xlsx.write(
        [Worksheet(translate("sheet-data", lang), table), Worksheet(translate("sheet-about", lang), about)]
    )


def _typed_rows(heads: Sequence[str], rows: Iterable[Sequence[Value | int]]) -> Iterator[Row]:
    yield [Cell(each) for each in heads]
    for row in rows:
        yield [Cell(str(each), "number") if isinstance(each, int) else typed_cell(each) for each in row]
