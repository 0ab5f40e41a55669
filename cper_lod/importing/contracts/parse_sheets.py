"""Parses sheets into records according to `workbook.toml`; each fault gets its sheet, row and column."""

from collections.abc import Iterable, Iterator
from typing import Final

from cper_lod.core.text import NEARLY, nearest, slug
from cper_lod.importing.contracts.graph import ID
from cper_lod.importing.contracts.model import (
    CLOSED,
    MARK_HEADING,
    SKIPPED_ROWS,
    CellFinding,
    CellLocation,
    Code,
    Codes,
    RawCell,
    RawSheet,
    Record,
    WorkbookColumn,
    WorkbookRecords,
    WorkbookSheet,
    column_letters,
    normalized_name,
    sheet_named,
    sheets,
)
from cper_lod.importing.contracts.parse_cells import KINDS, UnreadableCell

_NO_VALUES: Final = {"formula": "cell-formula", "error": "cell-error", "truth": "cell-truth"}
"""The finding for each kind of cell that holds no typed value."""
_MAX_ROWS: Final = 500
"""Rows of a sheet: a contract has some dozens, and many rules compare each with each."""
LAYOUT: Final = (
    "sheet-missing",
    "sheet-near",
    "sheet-long",
    "column-unknown",
    "column-missing",
    "column-double",
    "column-untitled",
)
"""The findings about sheets and columns, without which the others would tell of what is there, but was not found."""
_AN_INTEGER: Final = "2"
"""What is shown for a column without an example; those of numbers need none."""


class CodeBook:
    """The codes of each list, and the words that a workbook adds to them."""

    def __init__(self, codes: Codes) -> None:
        self.codes = {name: [*found] for name, found in codes.items()}
        self.added: dict[str, Code] = {}

    def find(self, lists: Iterable[str], text: str) -> Code | None:
        """Return the code that a word names, None if there is none."""
        return next((code for name in lists for code in self.codes.get(name, ()) if code.matches(text)), None)

    def offers(self, lists: Iterable[str]) -> list[str]:
        """Return the words of lists as they are shown."""
        return [code.display_label for name in lists for code in self.codes.get(name, ())]

    def mistyped(self, lists: Iterable[str], text: str) -> str:
        """Return the word that another one is most like, if it is nearly the same; else ""."""
        codes = [code for name in lists for code in self.codes.get(name, ())]
        shown = {code.notation.replace("-", " "): code.display_label for code in codes}
        shown |= {name: code.display_label for code in codes for name in (code.display_label, *code.others)}
        return shown.get(nearest(text, shown, NEARLY), "")

    def add(self, name: str, text: str, english: str = "", **definitions: str) -> Code:
        """Add a word to a list; raises `UnreadableCell` for one that no address can be made from."""
        if not slug(text):
            raise UnreadableCell("name-unusable")
        labels = {"fr": text, **({"en": english} if english else {})}
        code = Code(f"{ID}code/{name}/{slug(text)}", slug(text), labels, definitions)
        self.codes.setdefault(name, []).append(code)
        self.added[code.iri] = code
        return code


def list_named(text: str) -> str:
    """Return the open list that the heading of a column, or its own name, names; "" if none does."""
    names = {
        normalized_name(name): each
        for sheet in sheets()
        for column in sheet.columns
        for each in column.codes[:1]
        for name in (*column.headings.values(), each)
    }
    found = names.get(normalized_name(text), normalized_name(text) if normalized_name(text) == "unite" else "")
    return "" if found in CLOSED else found


class SheetParser:
    """Parses the sheets of one workbook with the given code lists, and collects findings."""

    def __init__(self, codes: Codes) -> None:
        self.book = CodeBook(codes)
        self.findings: list[CellFinding] = []

    def add_finding(self, location: CellLocation, key: str, cell: RawCell | None = None, **values: object) -> None:
        """Record a finding."""
        self.findings.append(CellFinding(location, key, values, excerpt=cell.typed if cell else ""))

    def parse(self, raw_sheets: Iterable[RawSheet]) -> WorkbookRecords:
        """Return the records of every known sheet."""
        named: dict[str, RawSheet] = {}
        nearly = set[str]()
        for raw_sheet in raw_sheets:
            sheet = sheet_named(raw_sheet.name)
            if sheet is None or sheet.key in named:
                names = [each.names["fr"] for each in sheets()]
                near = "" if sheet else nearest(raw_sheet.name, names)
                key = "sheet-double" if sheet else "sheet-near" if near else "sheet-unknown"
                self.add_finding(CellLocation(raw_sheet.name), key, names=", ".join(names), near=near)
                nearly.add(near)
            else:
                named[sheet.key] = raw_sheet
        for sheet in sheets():
            if sheet.required and sheet.key not in named and sheet.names["fr"] not in nearly:
                self.add_finding(CellLocation(sheet.names["fr"]), "sheet-missing")
        records = {}
        for sheet in reversed(sheets()):  # the last one has the words that the others use
            records[sheet.key] = self._records(sheet, named.get(sheet.key))
            if sheet.key == "listes":
                self._add_words(records["listes"])
        return {sheet.key: records[sheet.key] for sheet in sheets()}

    def _add_words(self, records: Iterable[Record]) -> None:
        """Add the words of the sheet of lists."""
        for record in records:
            name, text = list_named(record.text("liste")), record.text("mot")
            if record.text("liste") and not name:
                open_lists = dict.fromkeys(
                    column.headings["fr"]
                    for sheet in sheets()
                    for column in sheet.columns
                    if {*column.codes} - {*CLOSED}
                )
                self.findings.append(
                    record.finding("liste", "cell-choice", {"offers": " | ".join((*open_lists, "Unité"))})
                )
            elif text and name:
                known = self.book.find([name], text)
                if known and not known.file:
                    self.findings.append(record.finding("mot", "word-known", severity="warning"))
                    continue
                if known:
                    self.book.codes[name].remove(known)
                definitions = {lang: record.text(key) for lang, key in (("fr", "definition"), ("en", "definition_en"))}
                try:
                    self.book.add(name, text, record.text("mot_en"), **definitions)
                except UnreadableCell as error:
                    self.findings.append(record.finding("mot", error.key))

    def _records(self, sheet: WorkbookSheet, raw_sheet: RawSheet | None) -> list[Record]:
        if raw_sheet is None:
            return []
        if len(raw_sheet.rows) > _MAX_ROWS:
            self.add_finding(CellLocation(raw_sheet.name), "sheet-long", count=len(raw_sheet.rows), limit=_MAX_ROWS)
            return []
        records = list(self._list(sheet, raw_sheet))
        if not records and sheet.required:
            self.add_finding(CellLocation(raw_sheet.name), "sheet-empty")
        return records

    def _numbers(self, sheet: WorkbookSheet, raw_sheet: RawSheet) -> dict[str, int]:
        """Return the number of each column by its key, as the first row has them; 0 for those that are missing."""
        headings: dict[str, tuple[str, ...]] = {MARK_HEADING: (MARK_HEADING, "Mark")}
        headings |= {column.key: tuple(column.headings.values()) for column in sheet.columns}
        found = dict.fromkeys(headings, 0)
        titles = raw_sheet.rows.get(1, {})
        for number, cell in sorted(titles.items()):
            name = normalized_name(str(cell.value))
            key = next((key for key, names in headings.items() if name in map(normalized_name, names)), None)
            if key is None or found[key]:
                location = _place(raw_sheet, 1, number, str(cell.value))
                self.add_finding(location, "column-double" if key else "column-unknown")
            else:
                found[key] = number
        missing = [column.key for column in sheet.columns if column.required and not found[column.key]]
        for key in missing:
            self.add_finding(CellLocation(raw_sheet.name, 1), "column-missing", name=headings[key][0])
        untitled = set[int]()
        for row, cells in sorted(raw_sheet.rows.items()) if not missing else ():
            for number in sorted(cells.keys() - titles - untitled):
                untitled.add(number)
                self.add_finding(_place(raw_sheet, row, number), "column-untitled", cells[number])
        return found

    def _list(self, sheet: WorkbookSheet, raw_sheet: RawSheet) -> Iterator[Record]:
        """Yield a record for each filled row that is not marked as help or example."""
        numbers = self._numbers(sheet, raw_sheet)
        for row, cells in sorted(raw_sheet.rows.items()):
            mark = cells.get(numbers[MARK_HEADING])
            if row == 1 or (mark and normalized_name(str(mark.value)) in map(normalized_name, SKIPPED_ROWS)):
                continue
            if mark:
                self.add_finding(_place(raw_sheet, row, numbers[MARK_HEADING], MARK_HEADING), "row-marked", mark)
                continue
            record = Record(CellLocation(raw_sheet.name, row))
            for column in sheet.columns:
                if number := numbers[column.key]:
                    location = _place(raw_sheet, row, number, column.headings["fr"])
                    self._read_cell(record, column, cells.get(number), location)
            yield record

    def _read_cell(self, record: Record, column: WorkbookColumn, cell: RawCell | None, location: CellLocation) -> None:
        """Read one cell into the record, or add a finding."""
        record.locations[column.key] = location
        if cell is None:
            if column.required:
                self.add_finding(location, "cell-empty")
            return
        record.unreadable.add(column.key)
        record.typed[column.key] = cell.typed
        if cell.kind in _NO_VALUES:
            self.add_finding(location, _NO_VALUES[cell.kind], cell)
            return
        try:
            record.values[column.key] = self._cell_value(column, cell, location)
        except UnreadableCell as error:
            example = column.example or _AN_INTEGER
            self.add_finding(location, error.key, cell, example=example, **error.values)
        else:
            record.unreadable.remove(column.key)

    def _cell_value(self, column: WorkbookColumn, cell: RawCell, location: CellLocation) -> object:
        value = KINDS[column.kind].parse(cell)
        if column.kind == "codes" and isinstance(value, tuple):
            return tuple(self._code(column, text, location) for text in value)
        return self._code(column, str(value), location) if column.kind == "code" else value

    def _code(self, column: WorkbookColumn, text: str, location: CellLocation) -> str:
        """Return the IRI of a code; raises `UnreadableCell` for a word that the list does not take."""
        if code := self.book.find(column.codes, text):
            return code.iri
        opened = [name for name in column.codes if name not in CLOSED]
        if not opened:
            raise UnreadableCell("cell-choice", offers=" | ".join(self.book.offers(column.codes)))
        return self.new_word(opened, text, location).iri

    def new_word(self, lists: list[str], text: str, location: CellLocation) -> Code:
        """Add a word where it is used first, and say so; raises `UnreadableCell` for one that is nearly a known one."""
        if near := self.book.mistyped(lists, text):
            raise UnreadableCell("word-near", near=near)
        code = self.book.add(lists[0], text)
        values = {"offers": " | ".join(self.book.offers(lists)[:-1])}
        self.findings.append(CellFinding(location, "word-new", values, "warning", text))
        return code


def _place(raw_sheet: RawSheet, row: int, number: int, heading: str = "") -> CellLocation:
    """Return a location; `number` is that of the column, 0 for none."""
    return CellLocation(raw_sheet.name, row, column_letters(number), heading)
