"""One page of the list of a class: its things, and the addresses of the other pages; its tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.formats import CSV, GEOJSON, HTML, JSON, XLSX, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import PREFIXES, XSD, shorten
from cper_lod.rdf import spreadsheets as workbooks
from cper_lod.release.documents import has_document
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.storage.class_listing import Class, Page
from cper_lod.release.tables.class_table import Cell, TablePage
from cper_lod.release.tables.rows import csv_lines
from cper_lod.web.documents.choice import Choice
from cper_lod.web.site import site
from cper_lod.web.sparql import spreadsheets

FORMS: Final = (JSON, HTML, CSV, XLSX, GEOJSON)
"""The formats of lists, each in one language; `forms_of` says which of them a list has."""
TABLES: Final = (CSV, XLSX)
"""Those that are tables, in the language of their address."""
MAX_HTML_PAGE_SIZE: Final = 200
"""Things on an HTML page at most, whatever the request asks for."""


@dataclass(frozen=True)
class ListPage:
    """One page of the list of a class.

    `path` and `query` are the address of the list, with its conditions; `more` is the query of a page size other than the
    default, of columns and of another order, `choice` what they and the conditions say, `found` what the page holds.
    """

    cls: str
    path: str
    query: dict[str, str]
    more: dict[str, str]
    choice: Choice
    found: TablePage

    @property
    def page(self) -> Page:
        """The things of the page, and the pages around it."""
        return self.found.page

    def query_after(self, after: str) -> dict[str, str]:
        """Return the query of the page that starts after a thing (empty: the first)."""
        return {**self.query, **self.more, **({"after": after} if after else {})}

    @property
    def own_query(self) -> dict[str, str]:
        """The query of this page."""
        return self.query_after(self.page.after)

    @property
    def other_pages(self) -> dict[str, str]:
        """The things after which the other pages start, by their relation to this page."""
        page = self.page
        known = {"first": "", "prev": page.previous, "next": page.next, "last": page.last}
        return {relation: after for relation, after in known.items() if after is not None}


def forms_of(cls: str) -> tuple[Format, ...]:
    """Return the formats of the list of a class: territories are on a map, too."""
    return FORMS if cls == PREFIXES["geo"] + "Feature" else FORMS[:-1]


def class_label(iri: str, lang: Language) -> str:
    """Return the label of a class, else its prefixed name."""
    return ReleaseGraph(site().release).name(NamedNode(iri), lang) or shorten(iri)


def list_address(cls: Class) -> tuple[str, dict[str, str]]:
    """Return path and query of the list of a class: its slug, unless a thing has the same address."""
    listing, things = site().release.listing, site().release.names.things
    if cls.slug and listing.called(cls.slug) is cls and not has_document(site().release, things + cls.slug):
        return f"/doc/{cls.slug}", {}
    return "/doc", {"class": cls.iri}


def table_bytes(
    heads: Sequence[tuple[str, str]],
    rows: Iterable[Sequence[Cell]],
    form: Format,
    address: str,
    lang: Language,
    notes: Iterable[str] = (),
) -> bytes:
    """Return a table with heads, each with the kind of its values, as CSV or as a workbook; raises `sheet-cell`.

    A workbook says in a language at which address it is, and notes what it holds.
    """
    names = [name for name, _ in heads]
    if form is CSV:
        return b"".join(csv_lines(chain([names], rows)))
    typed = ([_sheet_cell(value, kind) for value, (_, kind) in zip(row, heads, strict=True)] for row in rows)
    sheet: Iterable[workbooks.Row] = chain([[workbooks.Cell(each) for each in names]], typed)
    about = spreadsheets.information(site(), lang, {"sheet-address": address, "sheet-note": " ".join(notes)})
    return workbooks.write({translate("sheet-data", lang): sheet, translate("sheet-about", lang): about})


def _sheet_cell(value: Cell, kind: str) -> workbooks.Cell | None:
    datatype = {"integer": "integer", "number": "decimal", "date": "date", "boolean": "boolean"}.get(kind, "string")
    return None if value is None else workbooks.cell(Literal(str(value), datatype=NamedNode(XSD + datatype)))
