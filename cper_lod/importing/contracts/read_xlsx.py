"""Reading an XLSX file into grids: values only, and findings where a sheet hides or merges what it holds."""

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
    INSTRUCTIONS,
    LISTS,
    CellFinding,
    Grid,
    Kind,
    Place,
    RawCell,
    folded,
    letter,
    sheets,
)
from cper_lod.rdf.reader import load

FILE_BYTES: Final = 16 * 2**20
PART_BYTES: Final = 4 * 2**20
XML_BYTES: Final = 8 * 2**20
TOTAL_BYTES: Final = 24 * 2**20
"""How large a part of XML, all of them, and all parts with the pictures may be."""
PARTS: Final = 500
MERGED: Final = 10_000
"""How many cells may be merged in a sheet (each merge is a finding)."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def examine(path: Path) -> tuple[bytes, bool]:
    """Return the bytes of an XLSX file that is safe to open, and whether it carries macros (which nothing runs).

    A ZIP says in its directory how large each part gets, and Python's reader stops there whatever comes: what is said
    there bounds what is read. Office files have no DTD (ECMA-376, part 2), so none is taken: no entity can grow.
    Raises `workbook-unreadable` and `workbook-too-large`, and what reading a file raises.
    """
    if path.exists() and not path.is_file():
        raise _unreadable(path, Phrase("It is no file", "Ce n'est pas un fichier"))
    if path.exists() and path.stat().st_size > FILE_BYTES:
        raise _too_large(path, path.name, path.stat().st_size, FILE_BYTES)
    data = load(path)
    _refuse_others(path, data)
    try:
        with zipfile.ZipFile(path) as archive:
            return data, _examine(path, archive)
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, zlib.error) as error:
        raise _unreadable(path, Phrase("It is damaged or cut short", "Il est abîmé ou coupé")) from error


def _refuse_others(path: Path, data: bytes) -> None:
    """Raise `workbook-unreadable`, in words that say what the file is, for what is no ZIP."""
    if data.startswith(b"PK\x03\x04"):
        return
    if data.startswith(_OLE):
        raise _unreadable(
            path,
            Phrase("It is an old .xls file, or protected by a password", "C'est un ancien .xls, ou un mot de passe"),
        )
    if data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise _unreadable(path, Phrase("It is a page of the web or XML", "C'est une page web ou du XML"))
    if not data:
        raise _unreadable(path, Phrase("It is empty", "Il est vide"))
    raise _unreadable(path, Phrase("It is no XLSX file, perhaps a CSV file", "Ce n'est pas un XLSX, peut-être un CSV"))


def _examine(path: Path, archive: zipfile.ZipFile) -> bool:
    """Look at the directory, then at each part of XML; return whether there are macros."""
    parts = archive.infolist()
    if len(parts) > PARTS:
        raise _too_large(path, path.name, len(parts), PARTS)
    if (total := sum(part.file_size for part in parts)) > TOTAL_BYTES:
        raise _too_large(path, path.name, total, TOTAL_BYTES)
    if "xl/workbook.xml" not in archive.namelist():
        raise _unreadable(path, Phrase("It is a ZIP without a workbook in it", "C'est un ZIP sans classeur"))
    read = 0
    for part in parts:
        with archive.open(part) as stream:
            if not _is_xml(part.filename, stream.read(8)):
                continue
        read += part.file_size
        if part.file_size > PART_BYTES or read > XML_BYTES:
            raise _too_large(path, part.filename, part.file_size, min(PART_BYTES, part.file_size + XML_BYTES - read))
        _examine_xml(path, part.filename, archive.read(part))
    return any(name.endswith("vbaProject.bin") for name in archive.namelist())


def _is_xml(name: str, beginning: bytes) -> bool:
    """Return whether a part is XML, by its name or by how it begins: what a sheet is, other parts say, not its name."""
    return name.endswith((".xml", ".rels", ".vml")) or b"<" in beginning.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1]


def _examine_xml(path: Path, name: str, data: bytes) -> None:
    """Raise `workbook-unreadable` for XML with a DTD, `workbook-too-large` for more than `MERGED` merged cells.

    openpyxl makes an object of each cell that is merged, whether the file has it or not.
    """
    merged = 0

    def dtd(*_: object) -> None:
        raise _unreadable(path, Phrase(f"{name} has a DTD", f"{name} a une DTD"))

    def begun(tag: str, attributes: dict[str, str]) -> None:
        nonlocal merged
        if tag.rpartition(":")[2] == "mergeCell":
            merged += _area(attributes.get("ref", ""))

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = dtd
    parser.StartElementHandler = begun
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _unreadable(path, Phrase(f"{name} is no XML", f"{name} n'est pas du XML")) from error
    if merged > MERGED:
        raise _too_large(path, name, merged, MERGED)


def _area(reference: str) -> int:
    """Return how many cells a range has; more than are allowed where it is none.

    >>> _area("C5:C6"), _area("A1"), _area("A1:XFD1048576")
    (2, 1, 17179869184)
    """
    corners = [re.fullmatch(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})", corner) for corner in reference.upper().split(":")]
    if not all(corners) or len(corners) > 2:
        return MERGED + 1
    places = [
        (functools.reduce(lambda sum_, each: sum_ * 26 + ord(each) - 64, match[1], 0), int(match[2]))
        for match in corners
        if match
    ]
    (first, top), (last, bottom) = places[0], places[-1]
    return (abs(last - first) + 1) * (abs(bottom - top) + 1)


def _too_large(path: Path, part: str, size: int, limit: int) -> Problem:
    return Problem("workbook-too-large", path=path, part=part, size=size, limit=limit)


def _unreadable(path: Path, reason: Phrase) -> Problem:
    return Problem("workbook-unreadable", path=path, reason=reason)


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
    return RawCell(
        re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), value) if kind == "text" else value,
        kind,
        cell.number_format or "General",
    )


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
