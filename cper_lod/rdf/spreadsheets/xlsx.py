"""Streaming writer of workbooks (Office Open XML, ECMA-376): typed cells, a frozen header row, reproducible bytes.

XlsxWriter takes twice the processor time or more (docs/explanation/libraries.md); openpyxl three times. The tests read
the workbooks with openpyxl.
"""

import datetime
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from cper_lod.rdf.spreadsheets.cells import Cell, Row, check_limits, is_formula

_MAIN: Final = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BOLD, _DAY, _MOMENT, _QUOTED = 1, 2, 3, 4
"""Indexes of the styles in `_STYLES`."""
# Formats 14 and 22 are date, and date and time, in the format of the user's locale. quotePrefix is the effect of typing
# an apostrophe before a text: the cell remains a text when it is edited.
_STYLES: Final = f"""{_XML}<styleSheet {_MAIN}>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>\
<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="22" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
_SAMPLED_ROWS: Final = 100
"""Number of rows that determine the width of columns."""
_MAX_COLUMN_WIDTH: Final = 60
_ROWS_PER_CHUNK: Final = 500
"""Rows written at once."""
_EPOCH: Final = datetime.datetime(1899, 12, 30)
"""Day 0 of serial dates after February 1900."""
_ESCAPED: Final = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
"""Characters that are not allowed in XML, and underscores that would start an escape (ECMA-376, ST_Xstring)."""


class Worksheet(NamedTuple):
    """A sheet: its name and its rows, the first of which is the header."""

    name: str
    rows: Iterable[Row]


def write(sheets: Sequence[Worksheet]) -> bytes:
    """Return a workbook; raises sheet-cell and sheet-rows."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _parts(sheets):
            with _open_part(archive, name) as part:
                part.write(text.encode())
        for number, sheet in enumerate(sheets, 1):
            with _open_part(archive, f"xl/worksheets/sheet{number}.xml") as part:
                for piece in _sheet(sheet.rows, chosen=number == 1):
                    part.write(piece.encode())
    return file.getvalue()


def _open_part(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    entry = zipfile.ZipInfo(name)  # dated 1980, so that the bytes are reproducible
    entry.compress_type = zipfile.ZIP_DEFLATED
    return archive.open(entry, "w")


def _parts(sheets: Sequence[Worksheet]) -> Iterator[tuple[str, str]]:
    """Yield the parts of the package other than the sheets."""
    numbers = range(1, len(sheets) + 1)
    types = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{_TYPE}{kind}+xml"/>'
        for name, kind in (
            ("workbook", "sheet.main"),
            ("styles", "styles"),
            *((f"worksheets/sheet{n}", "worksheet") for n in numbers),
        )
    )
    yield (
        "[Content_Types].xml",
        (
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>'
        ),
    )
    yield "_rels/.rels", _relationships([("officeDocument", "xl/workbook.xml")])
    names = "".join(
        f'<sheet name={quoteattr(each.name)} sheetId="{n}" r:id="rId{n}"/>' for n, each in enumerate(sheets, 1)
    )
    yield "xl/workbook.xml", f'{_XML}<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{names}</sheets></workbook>'
    inner = [("worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
    yield "xl/_rels/workbook.xml.rels", _relationships([*inner, ("styles", "styles.xml")])
    yield "xl/styles.xml", _STYLES


def _relationships(targets: Sequence[tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _sheet(rows: Iterable[Row], *, chosen: bool) -> Iterator[str]:
    """Yield a sheet in chunks."""
    whole = iter(check_limits(rows))
    sample = list(islice(whole, _SAMPLED_ROWS))
    widths = [max(len(each.text) if each else 0 for each in column) for column in zip(*sample, strict=True)]
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{min(max(width, 8), _MAX_COLUMN_WIDTH) + 2}" customWidth="1"/>'
        for n, width in enumerate(widths, 1)
    )
    selected = ' tabSelected="1"' if chosen else ""
    yield (
        f'{_XML}<worksheet {_MAIN}><sheetViews><sheetView workbookViewId="0"{selected}>'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    )
    yield (f"<cols>{columns}</cols>" if columns else "") + "<sheetData>"
    letters = [_column_letters(n) for n in range(len(widths))]
    numbered = enumerate(chain(sample, whole), 1)
    while piece := list(islice(numbered, _ROWS_PER_CHUNK)):
        yield "".join(_row(number, row, letters) for number, row in piece)
    yield "</sheetData></worksheet>"


def _column_letters(number: int) -> str:
    """Return the letters of a column.

    >>> _column_letters(0), _column_letters(27)
    ('A', 'AB')
    """
    before, last = divmod(number, 26)
    return (_column_letters(before - 1) if before else "") + chr(65 + last)


def _row(number: int, row: Row, letters: Sequence[str]) -> str:
    cells = [
        _cell(f"{letter}{number}", each, head=number == 1)
        for letter, each in zip(letters, row, strict=True)
        if each and each.text
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, cell: Cell, *, head: bool) -> str:
    match cell.kind:
        case "number":
            return f'<c r="{place}"><v>{cell.text.removeprefix("+")}</v></c>'
        case "date" | "datetime":
            style = _DAY if cell.kind == "date" else _MOMENT
            return f'<c r="{place}" s="{style}"><v>{_serial_date(cell.text)}</v></c>'
        case "boolean":
            return f'<c r="{place}" t="b"><v>{int(cell.text in ("true", "1"))}</v></c>'
    style = _BOLD if head else _QUOTED if is_formula(cell.text) else 0
    text = escape(_ESCAPED.sub(lambda found: f"_x{ord(found[0]):04X}_", cell.text))
    kept = ' xml:space="preserve"' if text != text.strip() or "\n" in text else ""
    styled = f' s="{style}"' if style else ""
    return f'<c r="{place}"{styled} t="inlineStr"><is><t{kept}>{text}</t></is></c>'


def _serial_date(text: str) -> str:
    """Return a date or date-time as a serial number.

    >>> _serial_date("2023-01-09"), _serial_date("2023-01-09T12:00:00")
    ('44935', '44935.5')
    """
    passed = datetime.datetime.fromisoformat(text.ljust(23, "0") if "." in text else text) - _EPOCH
    whole = passed.days + passed.seconds / 86400 + passed.microseconds / 86_400_000_000
    return f"{whole:.10f}".rstrip("0").rstrip(".")
