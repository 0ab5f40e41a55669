"""Reads an XLSX file: values only, within limits, and reports hidden or merged cells.

The few parts that hold values are read here, not with a library for spreadsheets: those create an object for each cell
of a range that a link, a comment or a merge names, and for each style, so that 39 kB become gigabytes.
"""

import functools
import math
import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element

from cper_lod.core.errors import Phrase, Problem
from cper_lod.importing.contracts.model import (
    INSTRUCTIONS_SHEET,
    VALUES_SHEET,
    CellFinding,
    CellLocation,
    RawCell,
    RawSheet,
    column_letters,
    normalized_name,
    sheet_named,
)
from cper_lod.importing.office_file import OfficeFile, mebibytes
from cper_lod.rdf.reader import read_bytes
from cper_lod.rdf.spreadsheets import MAX_CELL_LENGTH, MAX_ROWS

MAX_FILE_MIB: Final = 16
MAX_SHEETS: Final = 100
MAX_LENGTH: Final = 4 << 20
"""Characters of all cells: many may show one text, which the file holds once."""
_WORKBOOK: Final = "xl/workbook.xml"
_IGNORED: Final = {normalized_name(INSTRUCTIONS_SHEET), normalized_name(VALUES_SHEET)}
_MAX_FORMAT: Final = 255
_FORMATS: Final = {9: "0%", 10: "0.00%"} | dict.fromkeys((*range(14, 23), *range(27, 37), *range(45, 48)), "d")
"""The formats that a file need not describe, if they make a percentage or a time of a number (ECMA-376, part 1, 18.8.30)."""
_EXACT: Final = 10**15
"""Whole numbers below it have fifteen digits, all that a spreadsheet keeps."""
_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


def read_xlsx(path: Path) -> tuple[list[RawSheet], list[CellFinding]]:
    """Return the sheets of an XLSX file, and findings about their layout.

    Formulas are not computed and their cached values are ignored: such a cell has the kind `formula`. Macros are not run.
    Raises `workbook-unreadable` and `workbook-large`, and the problems of reading a file.
    """
    if path.exists() and not path.is_file():
        raise Problem("workbook-unreadable", path=path, reason=Phrase("It is not a file", "Ce n'est pas un fichier"))
    if path.exists() and path.stat().st_size > MAX_FILE_MIB << 20:
        raise too_large(path, mebibytes(-(-path.stat().st_size >> 20)), mebibytes(MAX_FILE_MIB))
    if path.name.startswith("~$"):
        lock = Phrase("It is the lock of a workbook that is open", "C'est le verrou d'un classeur ouvert")
        raise Problem("workbook-unreadable", path=path, reason=lock)
    file = OfficeFile(path, read_bytes(path), "workbook")
    if "content.xml" in file.names:
        raise file.unreadable(
            Phrase("It is a workbook of LibreOffice (.ods)", "C'est un classeur de LibreOffice (.ods)")
        )
    if _WORKBOOK not in file.names:
        raise file.unreadable(Phrase("It is a ZIP archive without a workbook", "C'est une archive ZIP sans classeur"))
    try:
        return _read(path, file)
    except (ArithmeticError, LookupError, ValueError) as error:
        message = " ".join(str(error).split())[:200]
        raise file.unreadable(
            Phrase(f"a part is not as it should be: {message}", f"une partie n'est pas conforme : {message}")
        ) from error


def too_large(path: Path, what: object, limit: object) -> Problem:
    """Return the problem of a workbook that exceeds a limit."""
    return Problem("workbook-large", path=path, what=what, limit=limit)


def _read(path: Path, file: OfficeFile) -> tuple[list[RawSheet], list[CellFinding]]:
    macros = any(name.endswith("vbaProject.bin") for name in file.names)
    findings = [CellFinding(CellLocation(path.name), "workbook-macros", severity="warning")] if macros else []
    parts = _relations(file)
    book = file.tree(_WORKBOOK)
    named = [each for each in book.findall("{*}sheets/{*}sheet") if _relation(each) in parts["worksheet"]]
    if not named:
        raise file.unreadable(Phrase("It has no sheet", "Il n'a aucune feuille"))
    if len(named) > MAX_SHEETS:
        raise too_large(path, Phrase(f"it has {len(named)} sheets", f"il a {len(named)} feuilles"), MAX_SHEETS)
    cells = _CellReader(path, file, parts, book)
    raw_sheets = []
    for each in named:
        if normalized_name(title := each.get("name", "")) in _IGNORED:
            continue
        sheet = file.tree(parts["worksheet"][_relation(each)])
        raw_sheets.append(raw_sheet := RawSheet(title, cells.rows(sheet)))
        if sheet_named(title):
            findings += _layout_findings(sheet, raw_sheet, each.get("state", "visible") != "visible")
    return raw_sheets, findings


def _relations(file: OfficeFile) -> dict[str, dict[str, str]]:
    """Return the parts that the workbook refers to: for each type its identifiers, with the names of the parts."""
    found: dict[str, dict[str, str]] = {"worksheet": {}, "sharedStrings": {}, "styles": {}}
    for each in file.tree("xl/_rels/workbook.xml.rels"):
        kind = each.get("Type", "").rpartition("/")[2]
        name = posixpath.normpath(posixpath.join("/xl", each.get("Target", "")))
        found.setdefault(kind, {})[each.get("Id", "")] = name.removeprefix("/")
    return found


def _relation(sheet: Element) -> str:
    return next((value for name, value in sheet.items() if name.endswith("}id")), "")


class _CellReader:
    """Reads the cells of the sheets of a file."""

    def __init__(self, path: Path, file: OfficeFile, parts: Mapping[str, Mapping[str, str]], book: Element) -> None:
        self._path = path
        self._length = MAX_LENGTH
        self._texts = [_text(each) for part in parts["sharedStrings"].values() for each in file.tree(part)]
        self._formats = [each for part in parts["styles"].values() for each in _formats(file.tree(part))]
        properties = book.find("{*}workbookPr")
        self._counts_from_1904 = properties is not None and _is_true(properties.get("date1904"))

    def rows(self, sheet: Element) -> dict[int, dict[int, RawCell]]:
        """Return the cells that are not empty. Rows and cells may leave out where they are: after the one before."""
        rows: dict[int, dict[int, RawCell]] = {}
        for number, row in _rows(sheet):
            column = 0
            for cell in row.findall("{*}c"):
                column = _column(cell.get("r", "")) or column + 1
                if found := self._cell(cell):
                    rows.setdefault(number, {})[column] = found
        return {number: dict(sorted(cells.items())) for number, cells in sorted(rows.items())}

    def _cell(self, cell: Element) -> RawCell | None:
        kind, typed = cell.get("t", "n"), cell.findtext("{*}v", "").strip()
        formula = cell.find("{*}f")
        if formula is not None:
            return RawCell(self._bounded(f"={formula.text or ''}"), "formula")
        if kind == "n":
            return self._number(typed, int(cell.get("s", 0))) if typed else None
        if kind == "b":
            return RawCell(_is_true(typed), "truth") if typed else None
        if kind == "d":
            return RawCell(datetime.fromisoformat(typed.removesuffix("Z")), "date") if typed else None
        if kind == "s":
            text = self._texts[int(typed)] if typed else ""
        elif kind == "inlineStr":
            inline = cell.find("{*}is")
            text = _text(inline) if inline is not None else ""
        else:
            text = cell.findtext("{*}v", "")
        if not text.strip():
            return None
        return RawCell(self._bounded(_unescaped(text)), "error" if kind == "e" else "text")

    def _bounded(self, text: str) -> str:
        self._length -= len(text)
        if len(text) > MAX_CELL_LENGTH:
            cell = Phrase(f"a cell has {len(text)} characters", f"une cellule a {len(text)} caractères")
            raise too_large(self._path, cell, MAX_CELL_LENGTH)
        if self._length < 0:
            cells = Phrase("its cells have more characters", "ses cellules ont davantage de caractères")
            raise too_large(self._path, cells, MAX_LENGTH)
        return text

    def _number(self, typed: str, style: int) -> RawCell:
        number = float(typed)
        value = int(number) if number.is_integer() and abs(number) < _EXACT else number
        shape = self._formats[style] if style < len(self._formats) else "General"
        if not math.isfinite(value):
            return RawCell(str(value), "error")
        if not _is_date(shape):
            return RawCell(value, "number", shape)
        if value < 1 or re.search(r"\[[hms]", shape, re.IGNORECASE):  # a time of day, or a duration
            return RawCell(typed, "error")
        # A spreadsheet has a 29 February 1900.
        start = datetime(1904, 1, 1) if self._counts_from_1904 else datetime(1899, 12, 31 if value < 60 else 30)
        try:
            return RawCell(start + timedelta(days=value), "date", shape)
        except OverflowError:
            return RawCell(typed, "error")


def _rows(sheet: Element) -> Iterator[tuple[int, Element]]:
    """Yield the rows of a sheet with their numbers; raises ValueError for one that no sheet has."""
    number = 0
    for row in sheet.findall("{*}sheetData/{*}row"):
        number = int(row.get("r", number + 1))
        if not 1 <= number <= MAX_ROWS:
            raise ValueError(str(number)[:20])
        yield number, row


def _text(element: Element) -> str:
    """Return the words of a shared or inline text, without their pronunciation (`rPh`)."""
    return "".join(each.text or "" for each in (*element.findall("{*}t"), *element.findall("{*}r/{*}t")))


def _unescaped(text: str) -> str:
    r"""Return a text with the characters that XML cannot hold.

    >>> _unescaped("a_x0007_b_x005F_x0007_")
    'a\x07b_x0007_'
    """
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)


def _formats(root: Element) -> list[str]:
    """Return the number format of each style, as far as it matters."""
    described = {
        int(each.get("numFmtId", 0)): each.get("formatCode", "") for each in root.findall("{*}numFmts/{*}numFmt")
    }
    known = _FORMATS | {number: code[:_MAX_FORMAT] for number, code in described.items()}
    return [known.get(int(each.get("numFmtId", 0)), "General") for each in root.findall("{*}cellXfs/{*}xf")]


def _is_date(shape: str) -> bool:
    """Return whether a number format shows a date or a time.

    >>> [_is_date(each) for each in ("dd/mm/yyyy", '0" mds"', "[$-40C]d mmm", "[Red]0.0%", "General", "[h]:mm")]
    [True, False, True, False, False, True]
    """
    plain = re.sub(r'"[^"]*"|\\.|_.|\[(?!h|m|s)[^\]]*\]', "", shape.partition(";")[0].lower())
    return bool(re.search("[dmhys]", plain))


def _is_true(text: str | None) -> bool:
    return text in ("1", "true")


def _column(reference: str) -> int:
    """Return the number of the column of a cell; 0 if it is not named; raises ValueError.

    >>> _column("C5"), _column("XFD1"), _column("")
    (3, 16384, 0)
    """
    if not reference:
        return 0
    if not (match := _REFERENCE.fullmatch(reference)):
        raise ValueError(reference)
    return functools.reduce(lambda number, letter: number * 26 + ord(letter) - 64, match[1], 0)


def _layout_findings(sheet: Element, raw_sheet: RawSheet, hidden: bool) -> Iterator[CellFinding]:
    """Yield hidden sheets, rows and columns, and merged cells: nothing invisible may be published."""
    if hidden:
        yield CellFinding(CellLocation(raw_sheet.name), "sheet-hidden")
    yield from _merged_cells((each.get("ref", "") for each in sheet.findall("{*}mergeCells/{*}mergeCell")), raw_sheet)
    for number, row in _rows(sheet):
        if number in raw_sheet.rows and _is_true(row.get("hidden")):
            yield CellFinding(CellLocation(raw_sheet.name, number), "row-hidden")
    filled = {column for row in raw_sheet.rows.values() for column in row}
    depth, changes = 0, Counter[int]()
    for each in sheet.findall("{*}cols/{*}col"):
        # a folded group shows that it is there, as the template has one of the rare columns
        if _is_true(each.get("hidden")) and not int(each.get("outlineLevel", 0)):
            changes[int(each.get("min", 0))] += 1
            changes[int(each.get("max", 0)) + 1] -= 1
    for column in sorted(filled | changes.keys()):
        depth += changes[column]
        if depth and column in filled:
            yield CellFinding(CellLocation(raw_sheet.name, 0, column_letters(column)), "column-hidden")


def _merged_cells(ranges: Iterable[str], raw_sheet: RawSheet) -> Iterator[CellFinding]:
    places = sorted((int(match[2]), _column(match[0]), text) for text in ranges if (match := _REFERENCE.match(text)))
    for row, column, text in places:
        heading = raw_sheet.rows.get(1, {}).get(column)
        location = CellLocation(raw_sheet.name, row, column_letters(column), heading.typed if heading else "")
        yield CellFinding(location, "sheet-merged", {"range": text})
