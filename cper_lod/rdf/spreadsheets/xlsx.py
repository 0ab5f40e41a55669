"""Workbooks by XlsxWriter: typed cells, a frozen header row, reproducible bytes."""

import datetime
import io
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from cper_lod.rdf.spreadsheets.cells import Cell, Row, check_limits, is_formula

_SAMPLED_ROWS: Final = 100
"""Number of rows that determine the width of columns."""
_MAX_COLUMN_WIDTH: Final = 60
_CREATED: Final = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)
"""The date in every workbook, so that the bytes are reproducible."""
# Formats 14 and 22 are date, and date and time, in the format of the user's locale. quote_prefix is the effect of typing
# an apostrophe before a text: the cell remains a text when it is edited.
_FORMATS: Final[dict[str, dict[str, object]]] = {
    "head": {"bold": True},
    "date": {"num_format": 14},
    "datetime": {"num_format": 22},
    "formula": {"quote_prefix": True},
}


class Worksheet(NamedTuple):
    """A sheet: its name and its rows, the first of which is the header."""

    name: str
    rows: Iterable[Row]


def write(sheets: Sequence[Worksheet]) -> bytes:
    """Return a workbook; raises sheet-cell and sheet-rows. Rows wait in a temporary file, not in memory."""
    from xlsxwriter import Workbook  # noqa: PLC0415  # takes 100 ms, and few requests want a workbook

    file = io.BytesIO()
    with Workbook(file, {"constant_memory": True}) as workbook:
        workbook.set_properties({"created": _CREATED})
        formats = {name: workbook.add_format(format) for name, format in _FORMATS.items()}
        for sheet in sheets:
            _write_sheet(workbook.add_worksheet(sheet.name), sheet.rows, formats)
    return file.getvalue()


def _write_sheet(worksheet: Any, rows: Iterable[Row], formats: dict[str, Any]) -> None:  # noqa: ANN401  # it has no types
    checked = iter(check_limits(rows))
    sample = list(islice(checked, _SAMPLED_ROWS))
    for number, cells_below in enumerate(zip(*sample, strict=True)):
        width = max(len(cell.text) if cell else 0 for cell in cells_below)
        worksheet.set_column(number, number, min(max(width, 8), _MAX_COLUMN_WIDTH) + 2)
    worksheet.freeze_panes(1, 0)
    for row, cells in enumerate(chain(sample, checked)):
        for column, cell in enumerate(cells):
            if cell and cell.text:
                _write_cell(worksheet, row, column, cell, formats)


def _write_cell(worksheet: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> None:  # noqa: ANN401
    text = cell.text
    match cell.kind:
        case "number":
            worksheet.write_number(row, column, float(text))
        case "date" | "datetime":
            moment = datetime.datetime.fromisoformat(text.ljust(23, "0") if "." in text else text)
            worksheet.write_datetime(row, column, moment, formats[cell.kind])
        case "boolean":
            worksheet.write_boolean(row, column, text in ("true", "1"))
        case _:
            style = "head" if row == 0 else "formula" if is_formula(text) else ""
            worksheet.write_string(row, column, text, formats.get(style))
