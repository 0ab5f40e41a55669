"""CSV as a French spreadsheet opens it on a double click: UTF-8 with its mark, `;`, decimal comma, no formula."""

import codecs
import csv
import io
from collections.abc import Iterable

from cper_lod.rdf.spreadsheets.cells import Cell, Row, check_limits, is_formula


def write(rows: Iterable[Row]) -> bytes:
    """Return a table as bytes; raises sheet-cell and sheet-rows.

    Days stay 2023-01-09: a spreadsheet of any language reads that as a day, and 01/02/2023 in two ways.
    """
    text = io.StringIO(newline="")
    written = csv.writer(text, delimiter=";", lineterminator="\r\n")
    written.writerows([_text(each) for each in row] for row in check_limits(rows))
    return codecs.BOM_UTF8 + text.getvalue().encode()


def _text(cell: Cell | None) -> str:
    """Return what stands in a cell; an apostrophe keeps what looks like a formula a text, as it does when typed.

    >>> _text(Cell("57.3", "number")), _text(Cell("-2", "number")), _text(Cell("=1+1"))
    ('57,3', '-2', "'=1+1")
    """
    if cell is None:
        return ""
    match cell.kind:
        case "number":
            return cell.text.replace(".", ",")
        case "truth":
            return "VRAI" if cell.text in ("true", "1") else "FAUX"
        case "moment":
            return cell.text.replace("T", " ").replace(".", ",")
        case "date":
            return cell.text
    return "'" + cell.text if is_formula(cell.text) else cell.text
