"""Reading and naming the CSV files of a folder that stands for a workbook: one file a sheet."""

import csv
import io
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.importing.contracts.model import INSTRUCTIONS, LISTS, Grid, RawCell, sheets, slug
from cper_lod.importing.contracts.read_xlsx import PART_BYTES
from cper_lod.rdf.reader import load

_IGNORED: Final = {slug(INSTRUCTIONS), slug(LISTS)}


def file_name(name: str) -> str:
    """Return the name of the file for a sheet.

    >>> file_name("Schémas régionaux")
    'schemas-regionaux.csv'
    """
    return f"{slug(name)}.csv"


def read_folder(folder: Path) -> list[Grid]:
    """Return the CSV files of a folder as grids, named as the sheets are; all their cells are text.

    Raises `workbook-csv` for one that cannot be read, `workbook-no-csv` where there is none, `workbook-too-large` and
    `permission`.
    """
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv" and path.is_file())
    except OSError as error:
        raise Problem("permission", path=folder, message=error.strerror or error) from error
    if not files:
        raise Problem("workbook-no-csv", path=folder)
    names = {slug(name): name for sheet in sheets() for name in sheet.names.values()}
    return [_grid(path, names.get(slug(path.stem), path.stem)) for path in files if slug(path.stem) not in _IGNORED]


def _grid(path: Path, name: str) -> Grid:
    if (size := path.stat().st_size) > PART_BYTES:
        raise Problem("workbook-too-large", path=path, part=path.name, size=size, limit=PART_BYTES)
    text = _decoded(path, load(path))
    grid = Grid(name)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True), 1):
            row = {column: _cell(cell) for column, cell in enumerate(cells, 1) if cell.strip()}
            if row:
                grid.rows[number] = row
    except csv.Error as error:
        raise Problem("workbook-csv", path=path, line=number + 1 if grid.rows else 1, message=error) from error
    return grid


def _cell(text: str) -> RawCell:
    return RawCell(text, "formula" if text.startswith("=") else "text")


def _decoded(path: Path, data: bytes) -> str:
    """Return the text: UTF-8, with or without its mark, else what Excel calls ANSI here (Windows-1252)."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            at, byte = error.start, data[error.start]
    raise Problem("workbook-csv", path=path, line=data.count(b"\n", 0, at) + 1, message=f"0x{byte:02X}")


def _delimiter(text: str) -> str:
    """Return the separator of the first line: what French spreadsheets write, unless there are more commas."""
    first = text.partition("\n")[0]
    return ";" if first.count(";") >= first.count(",") else ","
