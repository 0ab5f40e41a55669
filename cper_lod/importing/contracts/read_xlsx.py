"""Reading an XLSX file into grids: values only, and findings where a sheet hides or merges what it holds."""

import io
import math
import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.importing.contracts.model import INSTRUCTIONS, LISTS, folded, sheets
from cper_lod.importing.contracts.places import CellFinding, Grid, Kind, Place, RawCell, letter
from cper_lod.importing.contracts.xlsx_safety import examine

_IGNORED: Final = {folded(INSTRUCTIONS), folded(LISTS)}
_KINDS: Final[dict[str, Kind]] = {"n": "number", "d": "date", "b": "truth", "f": "formula", "e": "error"}


def read_xlsx(path: Path) -> tuple[list[Grid], list[CellFinding]]:
    """Return the sheets of an XLSX file, and what is wrong with how they are laid out.

    Formulas are not computed and their remembered values not trusted: a cell says that it is one. Macros are not run.
    Raises what `importing.xlsx_safety.examine` raises, and `workbook-unreadable`.
    """
    data, macros = examine(path)
    book = _open(path, data)
    grids, findings = [], [CellFinding(Place(path.name), "workbook-macros", severity="warning")] if macros else []
    known = {folded(name) for sheet in sheets() for name in sheet.names.values()}
    if not book.worksheets:
        raise Problem("workbook-unreadable", path=path, reason=Phrase("It has no sheet", "Il n'a aucune feuille"))
    for sheet in book.worksheets:
        if folded(sheet.title) in _IGNORED:
            continue
        grid = Grid(sheet.title, _rows(sheet))
        grids.append(grid)
        if folded(sheet.title) in known:
            findings += _laid_out(sheet, grid)
    book.close()
    return grids, findings


def _open(path: Path, data: bytes) -> Any:  # noqa: ANN401 - openpyxl has no types
    """Return openpyxl's reading of the file; raises `workbook-unreadable` for whatever it stumbles over."""
    # Imported here: it costs a tenth of a second or more, and only this command needs it.
    from openpyxl import load_workbook  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out: drawings, extensions, unusual styles
            return load_workbook(io.BytesIO(data), keep_links=False, keep_vba=False)
    except Exception as error:  # whatever it is, the file is at fault: openpyxl lets through what its parsers raise
        message = " ".join(str(error).split())[:200]
        raise Problem("workbook-unreadable", path=path, reason=Phrase(message, message)) from error


def _rows(sheet: Any) -> dict[int, dict[int, RawCell]]:  # noqa: ANN401 - openpyxl has no types
    """Return the rows that hold something.

    Of the cells that the file has: one that stands in the last row and column is no rectangle to go over.
    """
    rows: dict[int, dict[int, RawCell]] = {}
    for (row, column), cell in sorted(sheet._cells.items()):
        if found := _cell(cell):
            rows.setdefault(row, {})[column] = found
    return rows


def _cell(cell: Any) -> RawCell | None:  # noqa: ANN401 - openpyxl has no types
    value = cell.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    kind: Kind = _KINDS.get(cell.data_type, "text")
    if kind == "date" and not isinstance(value, date | datetime):
        kind, value = "error", str(value)  # a time of day or a duration
    if isinstance(value, float) and not math.isfinite(value):
        kind = "error"
    if kind in ("formula", "error", "text"):
        # `=…` where it is a plain formula; array and table formulas are objects of their own
        value = str(getattr(value, "text", value))
    return RawCell(re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), value) if kind == "text" else value,
                   kind, cell.number_format or "General")  # fmt: skip


def _laid_out(sheet: Any, grid: Grid) -> Iterator[CellFinding]:  # noqa: ANN401 - openpyxl has no types
    """Yield what hides or joins cells: nothing is published that whoever filled the sheet does not see."""
    if sheet.sheet_state != "visible":
        yield CellFinding(Place(sheet.title), "sheet-hidden")
    for merged in sorted(map(str, sheet.merged_cells.ranges)):
        yield CellFinding(Place(sheet.title), "sheet-merged", {"range": merged})
    for number in sorted(grid.rows):
        if sheet.row_dimensions[number].hidden:
            yield CellFinding(Place(sheet.title, number), "row-hidden")
    filled = {column for row in grid.rows.values() for column in row}
    for dimension in sheet.column_dimensions.values():
        for column in sorted(filled):
            if dimension.hidden and (dimension.min or 0) <= column <= (dimension.max or 0):
                yield CellFinding(Place(sheet.title, 0, letter(column)), "column-hidden")
