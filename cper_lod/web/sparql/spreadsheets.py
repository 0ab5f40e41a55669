"""Spreadsheets of SELECT and ASK answers, made of results JSON: names beside IRIs, numbers as numbers, limited size."""

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
from cper_lod.rdf.spreadsheets.cells import MAX_CELL_LENGTH, Cell, Row, Term, cell
from cper_lod.rdf.spreadsheets.xlsx import Worksheet
from cper_lod.release.documents import labels
from cper_lod.web.site import Site
from cper_lod.web.sparql.protocol import ParsedQuery

MAX_CELLS: Final = 250_000
"""Cells of the largest sheet of an answer, names included: two seconds of work at most."""
MAX_NAMES: Final = 5000
"""Things whose names are looked up for one sheet; the sheet says so if there are more."""
_MAX_URL: Final = 2000
"""Characters of the longest URL that a workbook contains: some browsers accept no longer one."""


def identity(site: Site, parsed: ParsedQuery, lang: Language) -> str:
    """Return what an answer depends on besides its query; a workbook also depends on the language."""
    return f"{site.identity} {lang}" if parsed.solutions is XLSX else site.identity


def vary(parsed: ParsedQuery, *, negotiated: bool) -> tuple[str, ...]:
    """Return the request headers that the response depends on."""
    return (*(("Accept",) if negotiated else ()), *(("Accept-Language",) if parsed.solutions is XLSX else ()))


def wanted(parsed: ParsedQuery, answer: Answer) -> Format | None:
    """Return the format wanted for an answer if that is a spreadsheet, else None."""
    format = parsed.format_for(answer.form)
    return format if format in SPREADSHEET_FORMATS else None


def convert(site: Site, parsed: ParsedQuery, answer: Answer, format: Format, lang: Language) -> Answer:
    """Return an answer in results JSON as a spreadsheet.

    Raises sheet-large, sheet-cell and sheet-rows: a spreadsheet is never incomplete.
    """
    table = list(_table(answer))
    if format is CSV_FR:
        return Answer(csv_fr.write(_cells(table)), format, answer.form, answer.has_blank_nodes)
    named = _NamedTable(site, table, lang)
    about = {"sheet-address": _address(site, parsed), "sheet-query": parsed.text} | named.note()
    sheets = [
        Worksheet(translate("sheet-data", lang), named.rows()),
        Worksheet(translate("sheet-about", lang), information(site, lang, about)),
    ]
    return Answer(xlsx.write(sheets), format, answer.form, answer.has_blank_nodes)


class _SpoolReader:
    """A file object that reads a spooled answer."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._offset = spool, 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._spool.read(self._offset, None if size < 0 else size)
        self._offset += len(chunk)
        return chunk


def _table(answer: Answer) -> Iterator[Sequence[Term | str | None]]:
    """Yield the names of the variables, then the solutions; raises sheet-large."""
    source: Any = _SpoolReader(answer.body) if isinstance(answer.body, Spool) else io.BytesIO(answer.body)
    found = parse_query_results(source, format=QueryResultsFormat.JSON)
    if isinstance(found, QueryBoolean):
        yield ["ASK"]
        yield [Literal(bool(found))]
        return
    assert isinstance(found, QuerySolutions)  # noqa: S101  # results JSON holds the one or the other
    names = [each.value for each in found.variables]
    yield names
    most = MAX_CELLS // max(len(names), 1)
    for number, solution in enumerate(found, 2):
        if number > most:
            raise Problem("sheet-large", limit=MAX_CELLS)
        yield list(solution)


def _cells(table: Iterable[Sequence[Term | str | None]]) -> Iterator[Row]:
    for row in table:
        yield [None if each is None else Cell(each) if isinstance(each, str) else cell(each) for each in row]


class _NamedTable:
    """A table in which a column of names, in the reader's language, follows each column of things that have names."""

    def __init__(self, site: Site, table: Sequence[Sequence[Term | str | None]], lang: Language) -> None:
        """Look the names up; raises sheet-large if there are too many columns with them."""
        self._site, self._table, self._lang = site, table, lang
        self._names: dict[str, str] = {}
        self._left_out = False
        self._columns = [False] * len(table[0])
        for row in table:
            self._columns = [self._name(term) != "" or known for known, term in zip(self._columns, row, strict=True)]
        if (len(self._columns) + sum(self._columns)) * len(table) > MAX_CELLS:
            raise Problem("sheet-large", limit=MAX_CELLS)

    def _name(self, term: Term | str | None) -> str:
        """Return the name of a thing, "" if it has none or too many have been looked up."""
        if not isinstance(term, NamedNode):
            return ""
        found = self._names.get(term.value)
        if found is None and len(self._names) >= MAX_NAMES:
            self._left_out = True
        elif found is None:
            found = self._names[term.value] = label(labels(self._site.release, term.value), self._lang) or ""
        return found or ""

    def note(self) -> dict[str, str]:
        """Return the note that names are missing, by its sentence key, if they are."""
        return {"sheet-names": translate("sheet-names-text", self._lang, count=MAX_NAMES)} if self._left_out else {}

    def rows(self) -> Iterator[Row]:
        """Yield the rows with the columns of names."""
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
    """Return the sheet that says where a table comes from; `about` are its first rows, by sentence key."""
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
            told = value if len(value) * 2 <= MAX_CELL_LENGTH else translate("sheet-too-long", lang)
            day = cell(Literal(told, datatype=NamedNode(XSD + "date")))
            rows.append([Cell(translate(key, lang)), day if key == "sheet-modified" else Cell(told)])
    return list(rows)


def _address(site: Site, parsed: ParsedQuery) -> str:
    """Return the URL of the same query, "" if it is too long."""
    graphs = [("default-graph-uri", iri) for iri in parsed.default_graphs]
    graphs += [("named-graph-uri", iri) for iri in parsed.named_graphs]
    address = f"{site.settings.public_url}/sparql?{urlencode([('query', parsed.text), *graphs])}"
    return address if len(address) <= _MAX_URL else ""


MAX_WAITING: Final = 8
"""Spreadsheets that are made or wait at once: each may hold an answer in memory."""


class SpreadsheetWriter:
    """Makes one spreadsheet at a time, so that the memory needed is that of one."""

    def __init__(self, site: Site) -> None:
        """Make spreadsheets of the answers of `site`."""
        self._site = site
        self._thread = ThreadPoolExecutor(1, "sheets")
        self._waiting = 0

    def close(self) -> None:
        """End its thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def convert(self, parsed: ParsedQuery, answer: Answer, format: Format, lang: Language) -> Answer:
        """Return an answer as a spreadsheet; raises what `convert` raises, and query-queue if too many wait."""
        if self._waiting >= MAX_WAITING:
            raise Problem("query-queue")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, convert, self._site, parsed, answer, format, lang)
        finally:
            self._waiting -= 1
