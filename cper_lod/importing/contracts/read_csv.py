"""Reads a folder of CSV files, one for each sheet, as an alternative to XLSX."""

import csv
import io
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.core.files import file_problem
from cper_lod.core.text import slug
from cper_lod.importing.contracts.model import INSTRUCTIONS_SHEET, VALUES_SHEET, RawCell, RawSheet, sheets
from cper_lod.importing.contracts.read_xlsx import too_large
from cper_lod.importing.office_file import mebibytes
from cper_lod.rdf.reader import read_bytes

MAX_FILE_MIB: Final = 4
_IGNORED: Final = {slug(INSTRUCTIONS_SHEET), slug(VALUES_SHEET)}


def file_name(name: str) -> str:
    """Return the file name for a sheet.

    >>> file_name("Schémas régionaux")
    'schemas-regionaux.csv'
    """
    return f"{slug(name)}.csv"


def read_folder(folder: Path) -> list[RawSheet]:
    """Return the CSV files of a folder as sheets; all their cells are text.

    Raises `workbook-csv` for a file that cannot be read, `workbook-no-csv` for a folder without any,
    `workbook-large` and `permission`.
    """
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv" and path.is_file())
    except OSError as error:
        raise file_problem(error, folder) from error
    if not files:
        raise Problem("workbook-no-csv", path=folder)
    names = {slug(name): name for sheet in sheets() for name in sheet.names.values()}
    return [
        _read_file(path, names.get(slug(path.stem), path.stem)) for path in files if slug(path.stem) not in _IGNORED
    ]


def _read_file(path: Path, name: str) -> RawSheet:
    if (size := path.stat().st_size) > MAX_FILE_MIB << 20:
        raise too_large(path, mebibytes(-(-size >> 20)), mebibytes(MAX_FILE_MIB))
    text = _decode(path, read_bytes(path))
    first = text.partition("\n")[0]
    # the separator of the first line: the semicolon of French spreadsheets, unless it has more commas
    delimiter = ";" if first.count(";") >= first.count(",") else ","
    raw_sheet = RawSheet(name)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), 1):
            filled = ((column, cell) for column, cell in enumerate(cells, 1) if cell.strip())
            row = {column: RawCell(cell, "formula" if cell.startswith("=") else "text") for column, cell in filled}
            if row:
                raw_sheet.rows[number] = row
    except csv.Error as error:
        raise Problem("workbook-csv", path=path, line=number + 1 if raw_sheet.rows else 1, message=error) from error
    return raw_sheet


def _decode(path: Path, data: bytes) -> str:
    """Return the text: UTF-8 with or without a byte order mark, else Windows-1252 (what Excel calls ANSI in France)."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            offset, byte = error.start, data[error.start]
    raise Problem("workbook-csv", path=path, line=data.count(b"\n", 0, offset) + 1, message=f"0x{byte:02X}")
