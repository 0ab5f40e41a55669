"""CSV for French spreadsheets, which open it by double click: UTF-8 with BOM, `;`, decimal comma, no formulas."""

import codecs
import csv
import io
from collections.abc import Iterable

from cper_lod.rdf.spreadsheets.cells import Cell, Row, check_limits, is_formula


def write(rows: Iterable[Row]) -> bytes:
    """Return a table as bytes; raises sheet-cell and sheet-rows.

    Dates are written as 2023-01-09, which every spreadsheet parses, whereas 01/02/2023 is ambiguous.
    """
    text = io.StringIO(newline="")
    written = csv.writer(text, delimiter=";", lineterminator="\r\n")
    written.writerows([_text(each) for each in row] for row in check_limits(rows))
    return codecs.BOM_UTF8 + text.getvalue().encode()


def _text(cell: Cell | None) -> str:
    """Return the text of a cell; an apostrophe marks what looks like a formula as text, as it does when typed.

    >>> _text(Cell("57.3", "number")), _text(Cell("-2", "number")), _text(Cell("=1+1"))
    ('57,3', '-2', "'=1+1")
    """
    if cell is None:
        return ""
    match cell.kind:
        case "number":
            return cell.text.replace(".", ",")
        case "boolean":
            return "VRAI" if cell.text in ("true", "1") else "FAUX"
        case "datetime":
            return cell.text.replace("T", " ").replace(".", ",")
        case "date":
            return cell.text
    return "'" + cell.text if is_formula(cell.text) else cell.text
