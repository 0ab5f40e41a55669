"""Filling a workbook by code, through the same table that writes and reads it."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from pyoxigraph import Quad

from cper_lod.cli.main import main
from cper_lod.core.namespaces import DEFINITIONS
from cper_lod.core.text import slug
from cper_lod.importing.contracts.importer import Parsed
from cper_lod.importing.contracts.model import (
    MARK_HEADING,
    CellFinding,
    CellKind,
    CellLocation,
    RawCell,
    RawSheet,
    WorkbookRecords,
    column_letters,
    read_codes,
    sheets,
)
from cper_lod.importing.contracts.template import write_xlsx
from tests.support.names import BASE
from tests.support.paths import ROOT

CODES = read_codes(ROOT)

Answers = Mapping[str, Sequence[Mapping[str, Any]]]
"""What each sheet holds, by its key: a mapping for each row."""
MINIMAL: Answers = {
    "documents": [
        {"code": "presse", "titre": "Presse", "emetteur": "Gazette d'Occitanie", "sorte": "presse"},
        {"code": "region", "titre": "page de la Région", "emetteur": "Région Occitanie", "sorte": "région"},
    ],
    "contrat": [
        {
            "nom": "CPER Occitanie",
            "sorte": "cper",
            "region": "Occitanie",
            "periode": "2021-2027",
            "lu_par": "Région Occitanie",
            "lu_le": "07/12/2026",
        }
    ],
}
"""All that a workbook needs."""
Parts = Mapping[str, str | bytes]
"""Parts of an XLSX file, by name."""


def run(*arguments: object) -> Result:
    """Return what the command line answers."""
    return CliRunner().invoke(main, [*map(str, arguments)])


def data_and_about(body: bytes) -> tuple[list[tuple[Any, ...]], dict[str, Any]]:
    """Return the rows of the first sheet of a workbook, and what the second says."""
    first, second = load_workbook(io.BytesIO(body))
    return list(first.iter_rows(values_only=True)), dict(second.iter_rows(values_only=True))


def plain(path: Path, answers: Answers, book: Workbook | None = None) -> Path:
    """Write answers into a workbook, or one of headings and answers alone, which is quicker."""
    if book is None:
        book = Workbook()
        for sheet in sheets():
            book.create_sheet(sheet.names["fr"])
        book.remove(book.worksheets[0])
    for grid in grids(answers):
        for row, cells in grid.rows.items():
            for column, cell in cells.items():
                book[grid.name].cell(row, column).value = cell.value
    book.save(path)
    return path


def blank(path: Path) -> Workbook:
    """Return the workbook that `cper-lod new contract` writes, opened."""
    path.unlink(missing_ok=True)
    write_xlsx(path, {}, CODES, "fr")
    return load_workbook(path)


def grids(answers: Answers) -> list[RawSheet]:
    """Return these answers as the reader of XLSX would give them, without a file in between."""
    found = []
    for sheet in sheets():
        grid = RawSheet(sheet.names["fr"])
        headings = [MARK_HEADING, *(column.headings["fr"] for column in sheet.shown(True))]
        grid.rows[1] = {at: RawCell(heading, "text") for at, heading in enumerate(headings, 1)}
        known = {column.key for column in sheet.columns}
        for at, answer in enumerate(answers.get(sheet.key, ())):
            assert set(answer) <= known, set(answer) - known
            for place, column in enumerate(sheet.shown(True), 2):
                _put(grid, 5 + at, place, answer.get(column.key))
        found.append(grid)
    return found


def _put(grid: RawSheet, row: int, column: int, value: Any) -> None:  # noqa: ANN401
    if value is not None and value != "":
        kind: CellKind = "text" if isinstance(value, str) else "date" if isinstance(value, date) else "number"
        grid.rows.setdefault(row, {})[column] = value if isinstance(value, RawCell) else RawCell(value, kind)


def from_csv(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Return the cells of the sheets of a workbook, which are CSV files."""
    found = {}
    for sheet in sheets():
        if (path := folder / f"{slug(sheet.names['fr'])}.csv").exists():
            keys = {column.headings["fr"]: column.key for column in sheet.columns}
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = csv.DictReader(file, delimiter=";")
                found[sheet.key] = [{keys[heading]: cell for heading, cell in row.items()} for row in rows]
    return found


def parsed(answers: Answers) -> Parsed:
    """Return what the reader of workbooks makes of these answers."""
    return Parsed(grids(answers), CODES)


def read(found: list[RawSheet]) -> tuple[WorkbookRecords, list[CellFinding]]:
    """Return the records of some grids, and everything found in them."""
    book = Parsed(found, CODES)
    return book.records, book.findings


def at(place: CellLocation) -> str:
    """Return a location as spreadsheets write it: `Axes!B5`, or the name of the sheet."""
    return f"{place.sheet}!{place.letter}{place.row or ''}" if place.row or place.letter else place.sheet


def cell(key: str, row: int, column: str) -> str:
    """Return the address of a cell."""
    table = next(each for each in sheets() if each.key == key)
    number = 2 + [each.key for each in table.shown(True)].index(column)
    return f"{table.names['fr']}!{column_letters(number)}{row + 5}"


def changed(answers: Answers, *cells: tuple[str, int, str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return answers with other cells: each by its sheet, its row (from 0; a new one after the last), key and value."""
    found = {sheet: [dict(row) for row in rows] for sheet, rows in answers.items()}
    for sheet, row, key, value in cells:
        rows = found.setdefault(sheet, [])
        if row == len(rows):
            rows.append({})
        rows[row][key] = value
    return found


def with_parts(good: bytes, parts: Parts, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a workbook with other parts, compressed in some way."""
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as before, zipfile.ZipFile(data, "w", method, compresslevel=1) as after:
        for part, content in ({part: before.read(part) for part in before.namelist()} | dict(parts)).items():
            after.writestr(part, content)
    return data.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    """Return an archive of one part."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return data.getvalue()


def facts(quads: Iterable[Quad]) -> Iterator[tuple[str, str, str]]:
    """Yield what quads say: the end of the IRI of the thing, the name of the property, the value or the end of its IRI."""
    for quad in quads:
        thing, value = (str(getattr(each, "value", "")) for each in (quad.subject, quad.object))
        name = quad.predicate.value.rpartition("#")[2].rpartition("/")[2]
        yield (
            thing.removeprefix(f"{BASE}id/"),
            name,
            value.removeprefix(f"{BASE}id/").removeprefix(DEFINITIONS).rpartition("#")[2],
        )


def sentence_keys() -> list[str]:
    """Return the keys of all sentences, in the order of their table."""
    return list(json.loads((ROOT / "cper_lod" / "core" / "sentences.json").read_text("utf-8")))
