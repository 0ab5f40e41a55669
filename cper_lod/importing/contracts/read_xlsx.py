"""Reads an XLSX file: checks that it is safe to open, reads values only, and reports hidden or merged cells."""

import functools
import io
import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from cper_lod.core.errors import Phrase, Problem
from cper_lod.importing.contracts.model import (
    INSTRUCTIONS_SHEET,
    VALUES_SHEET,
    CellFinding,
    CellKind,
    CellLocation,
    RawCell,
    RawSheet,
    column_letters,
    normalized_name,
    sheet_named,
)
from cper_lod.rdf.reader import read_bytes

MAX_FILE_BYTES: Final = 16 * 2**20
MAX_PART_BYTES: Final = 4 * 2**20
MAX_XML_BYTES: Final = 8 * 2**20
MAX_TOTAL_BYTES: Final = 24 * 2**20
"""Limits of the file, of one XML part, of all XML parts, and of all parts including pictures."""
MAX_PARTS: Final = 500
MAX_MERGED_CELLS: Final = 10_000
"""Merged cells in a sheet; each merge is a finding."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def check_xlsx(path: Path) -> tuple[bytes, bool]:
    """Return the bytes of an XLSX file that is safe to open, and whether it contains macros (which are never run).

    A ZIP declares the size of each part, and Python's reader stops at that size, so checking the declared sizes is
    enough. Office files have no DTD (ECMA-376, part 2); a DTD is rejected, so no entity can expand.
    Raises `workbook-unreadable` and `workbook-too-large`, and the problems of reading a file.
    """
    if path.exists() and not path.is_file():
        raise _unreadable(path, Phrase("It is not a file", "Ce n'est pas un fichier"))
    if path.exists() and path.stat().st_size > MAX_FILE_BYTES:
        raise _too_large(path, path.name, path.stat().st_size, MAX_FILE_BYTES)
    data = read_bytes(path)
    if not data.startswith(b"PK\x03\x04"):
        raise _unreadable(path, _kind(data))
    try:
        with zipfile.ZipFile(path) as archive:
            return data, _check_parts(path, archive)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, zlib.error) as error:
        raise _unreadable(path, Phrase("It is damaged or incomplete", "Il est endommagé ou incomplet")) from error


def _kind(data: bytes) -> Phrase:
    """Return what a file that is not a ZIP seems to be."""
    if data.startswith(_OLE):
        return Phrase(
            "It is an old .xls file, or protected by a password",
            "C'est un ancien fichier .xls, ou un fichier protégé par un mot de passe",
        )
    if data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return Phrase("It is a web page or an XML file", "C'est une page web ou un fichier XML")
    if not data:
        return Phrase("It is empty", "Il est vide")
    return Phrase(
        "It is not an XLSX file; perhaps a CSV file", "Ce n'est pas un fichier XLSX, peut-être un fichier CSV"
    )


def _check_parts(path: Path, archive: zipfile.ZipFile) -> bool:
    """Check the ZIP directory, then each XML part; return whether there are macros."""
    parts = archive.infolist()
    if len(parts) > MAX_PARTS:
        raise _too_large(path, path.name, len(parts), MAX_PARTS)
    if (total := sum(part.file_size for part in parts)) > MAX_TOTAL_BYTES:
        raise _too_large(path, path.name, total, MAX_TOTAL_BYTES)
    if "xl/workbook.xml" not in archive.namelist():
        raise _unreadable(path, Phrase("It is a ZIP archive without a workbook", "C'est une archive ZIP sans classeur"))
    read = 0
    for part in parts:
        with archive.open(part) as stream:
            if not _is_xml(part.filename, stream.read(8)):
                continue
        read += part.file_size
        if part.file_size > MAX_PART_BYTES or read > MAX_XML_BYTES:
            raise _too_large(
                path, part.filename, part.file_size, min(MAX_PART_BYTES, part.file_size + MAX_XML_BYTES - read)
            )
        _check_xml(path, part.filename, archive.read(part))
    return any(name.endswith("vbaProject.bin") for name in archive.namelist())


def _is_xml(name: str, beginning: bytes) -> bool:
    """Return whether a part is XML, by its name or its first bytes. Sheets may have any name."""
    return name.endswith((".xml", ".rels", ".vml")) or b"<" in beginning.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1]


def _check_xml(path: Path, name: str, data: bytes) -> None:
    """Raise `workbook-unreadable` for XML with a DTD, `workbook-too-large` for more than `MAX_MERGED_CELLS` merged cells.

    openpyxl creates an object for each merged cell, whether the file contains it or not.
    """
    merged = 0

    def on_doctype(*_: object) -> None:
        raise _unreadable(path, Phrase(f"{name} has a DTD", f"{name} contient une DTD"))

    def on_start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal merged
        if tag.rpartition(":")[2] == "mergeCell":
            merged += _area(attributes.get("ref", ""))

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = on_doctype
    parser.StartElementHandler = on_start
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _unreadable(path, Phrase(f"{name} is not XML", f"{name} n'est pas du XML")) from error
    if merged > MAX_MERGED_CELLS:
        raise _too_large(path, name, merged, MAX_MERGED_CELLS)


def _area(reference: str) -> int:
    """Return the number of cells in a range; above the limit if it is not a range.

    >>> _area("C5:C6"), _area("A1"), _area("A1:XFD1048576")
    (2, 1, 17179869184)
    """
    corners = [re.fullmatch(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", corner) for corner in reference.upper().split(":")]
    if not all(corners) or len(corners) > 2:
        return MAX_MERGED_CELLS + 1
    columns = [
        functools.reduce(lambda sum_, each: sum_ * 26 + ord(each) - 64, match[1], 0) for match in corners if match
    ]
    rows = [int(match[2]) for match in corners if match]
    return (max(columns) - min(columns) + 1) * (max(rows) - min(rows) + 1)


def _too_large(path: Path, part: str, size: int, limit: int) -> Problem:
    return Problem("workbook-too-large", path=path, part=part, size=size, limit=limit)


def _unreadable(path: Path, reason: Phrase) -> Problem:
    return Problem("workbook-unreadable", path=path, reason=reason)


_IGNORED: Final = {normalized_name(INSTRUCTIONS_SHEET), normalized_name(VALUES_SHEET)}
_KINDS: Final[dict[str, CellKind]] = {"n": "number", "d": "date", "b": "truth", "f": "formula", "e": "error"}


def read_xlsx(path: Path) -> tuple[list[RawSheet], list[CellFinding]]:
    """Return the sheets of an XLSX file, and findings about their layout.

    Formulas are not computed and their cached values are ignored: such a cell has the kind `formula`. Macros are not run.
    Raises the problems of `check_xlsx`.
    """
    data, macros = check_xlsx(path)
    book = _open(path, data)
    raw_sheets = []
    findings = [CellFinding(CellLocation(path.name), "workbook-macros", severity="warning")] if macros else []
    if not book.worksheets:
        raise _unreadable(path, Phrase("It has no sheet", "Il n'a aucune feuille"))
    for sheet in book.worksheets:
        if normalized_name(sheet.title) in _IGNORED:
            continue
        raw_sheet = RawSheet(sheet.title, _read_rows(sheet))
        raw_sheets.append(raw_sheet)
        if sheet_named(sheet.title):
            findings += _layout_findings(sheet, raw_sheet)
    book.close()
    return raw_sheets, findings


def _open(path: Path, data: bytes) -> Any:  # noqa: ANN401 - openpyxl has no types
    """Open the file with openpyxl; raises `workbook-unreadable` for any error."""
    # Imported here: the import takes more than 100 ms, and only this command needs it.
    from openpyxl import load_workbook  # noqa: PLC0415

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of what it ignores: drawings, extensions, unusual styles
            return load_workbook(io.BytesIO(data), keep_links=False, keep_vba=False)
    except Exception as error:  # openpyxl raises whatever its parsers raise; the file is at fault
        message = " ".join(str(error).split())[:200]
        raise _unreadable(path, Phrase(message, message)) from error


def _read_rows(sheet: Any) -> dict[int, dict[int, RawCell]]:  # noqa: ANN401 - openpyxl has no types
    """Return the rows that are not empty.

    Iterates over the cells stored in the file: a single cell in the last row and column must not cost a full rectangle.
    """
    rows: dict[int, dict[int, RawCell]] = {}
    for (row, column), cell in sorted(sheet._cells.items()):
        if found := _read_cell(cell):
            rows.setdefault(row, {})[column] = found
    return rows


def _read_cell(cell: Any) -> RawCell | None:  # noqa: ANN401 - openpyxl has no types
    value = cell.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    kind: CellKind = _KINDS.get(cell.data_type, "text")
    if kind == "date" and not isinstance(value, date | datetime):
        kind, value = "error", str(value)  # a time of day or a duration
    if isinstance(value, float) and not math.isfinite(value):
        kind = "error"
    if kind in ("formula", "error", "text"):
        # A plain formula is a string `=…`; array and table formulas are objects
        value = str(getattr(value, "text", value))
    return RawCell(
        re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), value) if kind == "text" else value,
        kind,
        cell.number_format or "General",
    )


def _layout_findings(sheet: Any, raw_sheet: RawSheet) -> Iterator[CellFinding]:  # noqa: ANN401 - openpyxl has no types
    """Yield hidden sheets, rows and columns, and merged cells: nothing invisible may be published."""
    if sheet.sheet_state != "visible":
        yield CellFinding(CellLocation(sheet.title), "sheet-hidden")
    for merged in sorted(sheet.merged_cells.ranges, key=lambda each: (each.min_row, each.min_col)):
        heading = raw_sheet.rows.get(1, {}).get(merged.min_col)
        letters = column_letters(merged.min_col)
        location = CellLocation(sheet.title, merged.min_row, letters, heading.typed if heading else "")
        yield CellFinding(location, "sheet-merged", {"range": str(merged)})
    for number in sorted(raw_sheet.rows):
        if sheet.row_dimensions[number].hidden:
            yield CellFinding(CellLocation(sheet.title, number), "row-hidden")
    filled = {column for row in raw_sheet.rows.values() for column in row}
    for dimension in sheet.column_dimensions.values():
        for column in sorted(filled):
            # a folded group shows that it is there, as the template has one of the rare columns
            if dimension.hidden and not dimension.outlineLevel and dimension.min <= column <= dimension.max:
                yield CellFinding(CellLocation(sheet.title, 0, column_letters(column)), "column-hidden")
