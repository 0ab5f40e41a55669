"""Reading XLSX files: complete, with clear problems for other files, within limits."""

import os
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from cper_lod.core.errors import Problem
from cper_lod.importing.contracts.read_xlsx import read_xlsx
from tests.importing.fictitious_workbook import FICTION
from tests.importing.workbooks import Parts, blank, plain, read, with_parts
from tests.support.refusals import refused


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("filled") / "contrat.xlsx"
    return plain(path, FICTION, blank(path))


def test_each_cell_is_as_openpyxl_reads_it(filled: Path) -> None:
    book = load_workbook(filled)
    sheets, _ = read_xlsx(filled)
    assert [sheet.name for sheet in sheets] == [
        each.title for each in book if each.title not in ("Mode d'emploi", "Valeurs")
    ]
    for sheet in sheets:
        cells = [cell for row in book[sheet.name].iter_rows() for cell in row if cell.value is not None]
        assert len(cells) == sum(map(len, sheet.rows.values()))
        for cell in cells:
            assert sheet.rows[cell.row][cell.column].value == cell.value
            assert ("%" in cell.number_format) == ("%" in sheet.rows[cell.row][cell.column].format)


def changed(filled: Path, folder: Path, parts: Parts) -> Path:
    """Return a workbook with other parts."""
    path = folder / "contrat.xlsx"
    path.write_bytes(with_parts(filled.read_bytes(), parts))
    return path


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
BAD: dict[str, Parts] = {
    "no-workbook": {"xl/workbook.xml": "<html/>"},
    "dtd": {"xl/worksheets/sheet3.xml": LAUGHS},
    "dtd-utf-16": {"xl/worksheets/sheet3.xml": LAUGHS.encode("utf-16")},
}


@pytest.mark.parametrize("name", BAD)
def test_a_workbook_that_is_none_is_refused(name: str, filled: Path, tmp_path: Path) -> None:
    with refused("workbook-unreadable"):
        read_xlsx(changed(filled, tmp_path, BAD[name]))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "contrat.xlsx"
    with path.open("wb") as file:
        file.truncate(2**40)  # a sparse file
    with pytest.raises(Problem, match="too large"):
        read_xlsx(path)


SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet(cells: str) -> str:
    columns = '<cols><col min="2" max="16384" hidden="1"/></cols>'
    return f'<worksheet xmlns="{SPACE}">{columns}<sheetData>{cells}</sheetData></worksheet>'


def test_a_single_cell_in_the_last_row_and_column_is_read(filled: Path, tmp_path: Path) -> None:
    """The 17 billion cells before it are not visited."""
    cells = (
        '<row r="1"><c r="B1" t="str"><v>Ligne</v></c></row>'
        '<row r="9"><c r="C9"><v>1e999</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>7</v></c></row>'
    )
    grids, findings = read_xlsx(changed(filled, tmp_path, {"xl/worksheets/sheet7.xml": sheet(cells)}))
    figures = next(grid for grid in grids if grid.name == "Chiffres")
    assert {row: {column: cell.kind for column, cell in cells.items()} for row, cells in figures.rows.items()} == {
        1: {2: "text"},
        9: {3: "error"},
        1048576: {16384: "number"},
    }
    assert {finding.key for finding in findings} == {"column-hidden"}


NUMBERS = {
    "1": ("number", 1),
    "1.5": ("number", 1.5),
    "1E400": ("error", "inf"),
    "59 date": ("date", datetime(1900, 2, 28)),
    "61 date": ("date", datetime(1900, 3, 1)),
    "47515 date": ("date", datetime(2030, 2, 1)),
    "0.5 date": ("error", "0.5"),
    "1E15 date": ("error", "1E15"),
    "46053 date of 1904": ("date", datetime(2030, 2, 1)),
    "2 duration": ("error", "2"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_are_what_a_spreadsheet_shows(name: str, filled: Path, tmp_path: Path) -> None:
    value, _, kind = name.partition(" ")
    format_ = {"": "General", "duration": "[h]:mm"}.get(kind, "[$-40C]d mmm yyyy")
    formats = f'<numFmts><numFmt numFmtId="170" formatCode="{format_}"/></numFmts>'
    styles = f'<styleSheet xmlns="{SPACE}">{formats}<cellXfs><xf/><xf numFmtId="170"/></cellXfs></styleSheet>'
    cells = f'<row><c t="str"><v>Ligne</v></c></row><row><c s="1"><v>{value}</v></c></row>'
    with zipfile.ZipFile(filled) as archive:
        book = archive.read("xl/workbook.xml")
    if kind.endswith("1904"):
        book = book.replace(b"<workbookPr", b'<workbookPr date1904="1"')
    parts = {"xl/styles.xml": styles, "xl/worksheets/sheet7.xml": sheet(cells), "xl/workbook.xml": book}
    (figures,) = (each for each in read_xlsx(changed(filled, tmp_path, parts))[0] if each.name == "Chiffres")
    cell = figures.rows[2][1]
    assert (cell.kind, cell.value) == NUMBERS[name]


def test_special_files_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "contrat.xlsx")
    with pytest.raises(Problem, match="not a file"):
        read_xlsx(tmp_path / "contrat.xlsx")


def test_macros_are_reported_and_not_run(filled: Path, tmp_path: Path) -> None:
    grids, findings = read_xlsx(changed(filled, tmp_path, {"xl/vbaProject.bin": "\0"}))
    assert [(finding.key, finding.severity) for finding in findings] == [("workbook-macros", "warning")]
    assert read(grids)[1] == []
