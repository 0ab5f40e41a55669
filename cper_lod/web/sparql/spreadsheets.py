"""Answers to SELECT and ASK as spreadsheets, made of results JSON: names beside IRIs, numbers as numbers, in bounds."""

import asyncio
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, parse_query_results

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import CSV_FR, SPREADSHEET_FORMATS, XLSX, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import XSD
from cper_lod.engine.base import Answer
from cper_lod.engine.spool import Spool
from cper_lod.rdf.graph import label
from cper_lod.rdf.spreadsheets import csv_fr, xlsx
from cper_lod.rdf.spreadsheets.cells import LONGEST, Cell, Row, Term, cell
from cper_lod.rdf.spreadsheets.xlsx import Sheet
from cper_lod.release.documents import labels
from cper_lod.web.site import Site
from cper_lod.web.sparql.protocol import ParsedQuery

CELLS: Final = 250_000
"""Cells that a sheet made of an answer has at most, those with names included: at most two seconds of work."""
NAMED: Final = 5000
"""Things whose names are looked up for one sheet; it says so where there are more."""
_ADDRESS: Final = 2000
"""Characters of the longest address that a workbook tells: browsers take no longer one for sure."""


def identity(site: Site, asked: ParsedQuery, lang: Language) -> str:
    """Return what an answer depends on beside its query; that of a workbook, on its language and our address too."""
    return f"{site.identity} {lang} {site.settings.public_url}" if asked.solutions is XLSX else site.identity


def vary(asked: ParsedQuery, *, negotiated: bool) -> tuple[str, ...]:
    """Return the headers of a request that its answer varies with."""
    return (*(("Accept",) if negotiated else ()), *(("Accept-Language",) if asked.solutions is XLSX else ()))


def wanted(asked: ParsedQuery, answer: Answer) -> Format | None:
    """Return the form in which an answer is wanted where that is a spreadsheet, else None."""
    form = asked.form(answer.form)
    return form if form in SPREADSHEET_FORMATS else None


def made(site: Site, asked: ParsedQuery, answer: Answer, form: Format, lang: Language) -> Answer:
    """Return an answer in results JSON as a spreadsheet.

    Raises sheet-large, sheet-cell and sheet-rows: never a part of the answer.
    """
    table = list(_table(answer))
    if form is CSV_FR:
        return Answer(csv_fr.write(_cells(table)), form, answer.form, answer.has_blank_nodes)
    named = _Named(site, table, lang)
    about = {"sheet-address": _address(site, asked), "sheet-query": asked.text} | named.note()
    sheets = [
        Sheet(translate("sheet-data", lang), named.rows()),
        Sheet(translate("sheet-about", lang), information(site, lang, about)),
    ]
    return Answer(xlsx.write(sheets), form, answer.form, answer.has_blank_nodes)


class _Pieces:
    """A spooled answer as a file to be read."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._at = spool, 0

    def read(self, size: int = -1) -> bytes:
        piece = self._spool.read(self._at, None if size < 0 else size)
        self._at += len(piece)
        return piece


def _table(answer: Answer) -> Iterator[Sequence[Term | str | None]]:
    """Yield the names of the variables, then the solutions; raises sheet-large."""
    source: Any = _Pieces(answer.body) if isinstance(answer.body, Spool) else io.BytesIO(answer.body)
    found = parse_query_results(source, format=QueryResultsFormat.JSON)
    if isinstance(found, QueryBoolean):
        yield ["ASK"]
        yield [Literal(bool(found))]
        return
    assert isinstance(found, QuerySolutions)  # noqa: S101  # results JSON holds the one or the other
    names = [each.value for each in found.variables]
    yield names
    most = CELLS // max(len(names), 1)
    for number, solution in enumerate(found, 2):
        if number > most:
            raise Problem("sheet-large", limit=CELLS)
        yield list(solution)


def _cells(table: Iterable[Sequence[Term | str | None]]) -> Iterator[Row]:
    for row in table:
        yield [None if each is None else Cell(each) if isinstance(each, str) else cell(each) for each in row]


class _Named:
    """A table in which each column of things with names is followed by a column of these, in the reader's language."""

    def __init__(self, site: Site, table: Sequence[Sequence[Term | str | None]], lang: Language) -> None:
        """Look the names up; raises sheet-large where the columns that they take are too many."""
        self._site, self._table, self._lang = site, table, lang
        self._names: dict[str, str] = {}
        self._left_out = False
        self._columns = [False] * len(table[0])
        for row in table:
            self._columns = [self._name(term) != "" or known for known, term in zip(self._columns, row, strict=True)]
        if (len(self._columns) + sum(self._columns)) * len(table) > CELLS:
            raise Problem("sheet-large", limit=CELLS)

    def _name(self, term: Term | str | None) -> str:
        """Return the name of a thing, empty where it has none or is one too many."""
        if not isinstance(term, NamedNode):
            return ""
        found = self._names.get(term.value)
        if found is None and len(self._names) >= NAMED:
            self._left_out = True
        elif found is None:
            found = self._names[term.value] = label(labels(self._site.release, term.value), self._lang) or ""
        return found or ""

    def note(self) -> dict[str, str]:
        """Return what is to be said of the names, by its sentence."""
        return {"sheet-names": translate("sheet-names-text", self._lang, count=NAMED)} if self._left_out else {}

    def rows(self) -> Iterator[Row]:
        """Yield the rows with the names in them."""
        for number, (row, terms) in enumerate(zip(_cells(self._table), self._table, strict=True)):
            cells: list[Cell | None] = []
            for each, term, named in zip(row, terms, self._columns, strict=True):
                cells.append(each)
                if named and not number:
                    cells.append(Cell(translate("sheet-name", self._lang, name=term)))
                elif named:
                    cells.append(Cell(self._name(term)))
            yield cells


def information(site: Site, lang: Language, about: Mapping[str, str]) -> list[Row]:
    """Return the sheet that says where a table comes from; `about` has what is known of it, by its sentence."""
    rights = site.rights
    known = {
        **about,
        "sheet-licence": rights.licence,
        "sheet-publisher": rights.publisher,
        "sheet-modified": rights.modified,
        "sheet-release": site.release.digest,
    }
    rows = [[Cell(translate("sheet-what", lang)), Cell(translate("sheet-value", lang))]]
    for key, value in known.items():
        if value:
            told = value if len(value) * 2 <= LONGEST else translate("sheet-too-long", lang)
            day = cell(Literal(told, datatype=NamedNode(XSD + "date")))
            rows.append([Cell(translate(key, lang)), day if key == "sheet-modified" else Cell(told)])
    return list(rows)


def _address(site: Site, asked: ParsedQuery) -> str:
    """Return the address that answers the same, empty where it is too long for one."""
    graphs = [("default-graph-uri", iri) for iri in asked.default_graphs]
    graphs += [("named-graph-uri", iri) for iri in asked.named_graphs]
    address = f"{site.settings.public_url}/sparql?{urlencode([('query', asked.text), *graphs])}"
    return address if len(address) <= _ADDRESS else ""


WAITING: Final = 8
"""Spreadsheets that are made or wait at once: each may hold an answer in memory."""


class SpreadsheetWriter:
    """Makes one spreadsheet after the other, so that the memory that they take is that of one."""

    def __init__(self, site: Site) -> None:
        """Make spreadsheets of the answers of `site`."""
        self._site = site
        self._thread = ThreadPoolExecutor(1, "sheets")
        self._waiting = 0

    def close(self) -> None:
        """End its thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def answer(self, asked: ParsedQuery, answer: Answer, form: Format, lang: Language) -> Answer | Problem:
        """Return an answer as a spreadsheet, or why it cannot be one; query-queue where too many wait."""
        if self._waiting >= WAITING:
            return Problem("query-queue")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, made, self._site, asked, answer, form, lang)
        except Problem as problem:
            return problem
        finally:
            self._waiting -= 1
