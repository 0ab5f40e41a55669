"""RDF terms as spreadsheet cells, and workbooks of them by XlsxWriter: typed cells, a frozen header row, reproducible bytes."""

import datetime
import io
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final, Literal, NamedTuple

from pyoxigraph import BlankNode, NamedNode, Triple
from pyoxigraph import Literal as RdfLiteral

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import NUMBERS, XSD

CellKind = Literal["text", "number", "date", "datetime", "boolean"]
Term = NamedNode | BlankNode | RdfLiteral | Triple


class Cell(NamedTuple):
    """The text of a cell, as in RDF, and the type it has in a spreadsheet."""

    text: str
    kind: CellKind = "text"


Row = Sequence[Cell | None]

MAX_CELL_LENGTH: Final = 32_767
"""Maximum length of an Excel cell, in UTF-16 code units."""
MAX_ROWS: Final = 1_048_576
"""Maximum number of rows of an Excel or LibreOffice sheet."""
MAX_DIGITS: Final = 15
"""Digits of a number that a spreadsheet keeps; it silently rounds longer ones."""
_LARGEST: Final = 9.99e307
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?")
_FIRST: Final = datetime.date(1900, 3, 1)
"""First date that all spreadsheets number alike: Excel has a 29 February 1900 and no earlier dates."""
_FLOATING: Final = frozenset(XSD + name for name in ("double", "float"))
_FORMULA: Final = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""Beginnings of a text that a spreadsheet may run as a formula (OWASP, CSV Injection), including full-width signs."""
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


def cell(term: Term) -> Cell:
    """Return the cell of a term: a number or date if a spreadsheet keeps it exactly, else a text.

    >>> cell(RdfLiteral("57.3", datatype=NamedNode(XSD + "decimal")))
    Cell(text='57.3', kind='number')
    >>> cell(RdfLiteral("20005374200017001", datatype=NamedNode(XSD + "integer"))).kind
    'text'
    """
    if isinstance(term, RdfLiteral):
        return Cell(term.value, _kind(term.value, term.datatype.value))
    if isinstance(term, Triple):
        return Cell(f"<<( {term} )>>")  # N-Triples 1.2 syntax
    return Cell(term.value if isinstance(term, NamedNode) else str(term))


def _kind(text: str, datatype: str) -> CellKind:
    if datatype in NUMBERS or datatype in _FLOATING:
        return "number" if _NUMBER.fullmatch(text) and _is_kept_exactly(text, datatype) else "text"
    dated = {XSD + "date": _DAY, XSD + "dateTime": _MOMENT}.get(datatype)
    if dated:
        return _date_kind(text) if dated.fullmatch(text) else "text"
    return "boolean" if datatype == XSD + "boolean" and text in ("true", "false", "1", "0") else "text"


def _is_kept_exactly(text: str, datatype: str) -> bool:
    """Return whether a spreadsheet keeps a number exactly: its numbers are doubles, shown with fifteen digits."""
    if not math.isfinite(number := float(text)) or abs(number) > _LARGEST:
        return False
    digits = re.split("[eE]", text)[0].replace(".", "").lstrip("+-0")
    return datatype in _FLOATING or len(digits) <= MAX_DIGITS


def _date_kind(text: str) -> CellKind:
    try:
        when = datetime.datetime.fromisoformat(text)
    except ValueError:
        return "text"
    return "text" if when.date() < _FIRST else "datetime" if "T" in text else "date"


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet may treat a text as a formula.

    >>> is_formula("=cmd|' /C calc'!A0"), is_formula("@SUM(1)"), is_formula("a=b")
    (True, True, False)
    """
    return _FORMULA.match(text) is not None


def check_limits(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows that fit into a spreadsheet.

    Raises sheet-cell if a text is too long for a cell, sheet-rows if there are too many rows; a spreadsheet would silently
    truncate them.
    """
    for number, row in enumerate(rows, 1):
        if number > MAX_ROWS:
            raise Problem("sheet-rows", limit=MAX_ROWS)
        for place, each in enumerate(row, 1):
            if each and (length := len(each.text.encode("utf-16-le")) // 2) > MAX_CELL_LENGTH:
                raise Problem("sheet-cell", row=number, column=place, length=length, limit=MAX_CELL_LENGTH)
        yield row


def write(sheets: Mapping[str, Iterable[Row]]) -> bytes:
    """Return a workbook of sheets by name, each with its header as first row; raises sheet-cell and sheet-rows.

    Rows wait in a temporary file, not in memory.
    """
    from xlsxwriter import Workbook  # noqa: PLC0415  # takes 100 ms, and few requests want a workbook

    file = io.BytesIO()
    with Workbook(file, {"constant_memory": True}) as workbook:
        workbook.set_properties({"created": _CREATED})
        formats = {name: workbook.add_format(format) for name, format in _FORMATS.items()}
        for name, rows in sheets.items():
            _write_sheet(workbook.add_worksheet(name), rows, formats)
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
            moment = datetime.datetime.fromisoformat(text)
            worksheet.write_datetime(row, column, moment, formats[cell.kind])
        case "boolean":
            worksheet.write_boolean(row, column, text in ("true", "1"))
        case _:
            style = "head" if row == 0 else "formula" if is_formula(text) else ""
            worksheet.write_string(row, column, text, formats.get(style))
