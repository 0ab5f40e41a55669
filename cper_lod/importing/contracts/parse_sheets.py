"""Parses sheets into records according to `workbook.toml`; each fault gets its sheet, row and column."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from cper_lod.core.text import nearest
from cper_lod.importing.contracts.cell_findings import not_quoted
from cper_lod.importing.contracts.model import (
    FORM_HEADINGS,
    MARK_HEADING,
    QUOTATION_DETAILS,
    SKIPPED_ROWS,
    CellFinding,
    CellLocation,
    Code,
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
from cper_lod.importing.contracts.parse_cells import PARSERS, UnreadableCell, quoted_number

_NO_VALUES: Final = {"formula": "cell-formula", "error": "cell-error", "truth": "cell-truth"}
"""The finding for each kind of cell that holds no typed value."""

_AN_INTEGER: Final = "2"
"""What is shown for a column without an example; those of numbers need none."""


class SheetParser:
    """Parses the sheets of one workbook with the given code lists, and collects findings."""

    def __init__(self, codes: Mapping[str, tuple[Code, ...]]) -> None:
        self.codes = codes
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
            if not sheet.optional and sheet.key not in named and sheet.names["fr"] not in nearly:
                self.add_finding(CellLocation(sheet.names["fr"]), "sheet-missing")
        return {sheet.key: self._records(sheet, named.get(sheet.key)) for sheet in sheets()}

    def _records(self, sheet: WorkbookSheet, raw_sheet: RawSheet | None) -> list[Record]:
        if raw_sheet is None:
            return []
        if sheet.form:
            return [self._form(sheet, raw_sheet)]
        records = list(self._list(sheet, raw_sheet))
        if not records and not sheet.optional:
            self.add_finding(CellLocation(raw_sheet.name), "sheet-empty")
        return records

    def _headings(
        self, raw_sheet: RawSheet, headings: Mapping[str, tuple[str, ...]], required: Iterable[str]
    ) -> dict[str, int]:
        """Return the column number of each key of `headings`, found in the first row; 0 for those that are missing."""
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
        for key in required:
            if not found[key]:
                self.add_finding(CellLocation(raw_sheet.name, 1), "column-missing", name=headings[key][0])
        for row, cells in sorted(raw_sheet.rows.items()):
            for number in sorted(cells.keys() - titles):
                self.add_finding(_place(raw_sheet, row, number), "column-untitled", cells[number])
        return found

    def _list(self, sheet: WorkbookSheet, raw_sheet: RawSheet) -> Iterator[Record]:
        """Yield a record for each filled row that is not marked as help or example."""
        headings = {column.key: tuple(column.headings.values()) for column in sheet.columns}
        required = [column.key for column in sheet.columns if column.required]
        numbers = self._headings(raw_sheet, {MARK_HEADING: (MARK_HEADING, "Mark"), **headings}, required)
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
            self._resolve_quotations(record, sheet)
            yield record

    def _form(self, sheet: WorkbookSheet, raw_sheet: RawSheet) -> Record:
        """Return the single record of a form. The first column names each line."""
        numbers = self._headings(raw_sheet, FORM_HEADINGS, ("label", "value", "quotation"))
        record = Record(CellLocation(raw_sheet.name))
        lines: dict[str, int] = {}
        for row, cells in sorted(raw_sheet.rows.items()):
            label = cells.get(numbers["label"])
            if row == 1:
                continue
            column = _form_line(sheet, label)
            if column is None or column.key in lines:
                self.add_finding(CellLocation(raw_sheet.name, row), "line-double" if column else "line-unknown", label)
            else:
                lines[column.key] = row
        for column in sheet.columns:
            self._read_line(record, column, raw_sheet, lines.get(column.key, 0), numbers)
        return record

    def _read_line(
        self, record: Record, column: WorkbookColumn, raw_sheet: RawSheet, row: int, numbers: Mapping[str, int]
    ) -> None:
        """Read one line of a form: its value, and the quotation beside it."""
        cells = {key: raw_sheet.rows.get(row, {}).get(number) for key, number in numbers.items()}
        filled, title = bool(cells["value"]), column.headings["fr"]

        def place(key: str, heading: str) -> CellLocation:
            return _place(raw_sheet, row, numbers[key] if row else 0, heading)

        def read(key: str, kind: str, heading: str, name: str = "", required: bool = False) -> None:
            part = WorkbookColumn(f"{column.key}:{name or key}", kind, column.headings, column.help, required)
            self._read_cell(record, part, cells[key], place(key, heading))

        self._read_cell(record, column, cells["value"], place("value", title))
        if column.cited:
            for key, kind in (("source", "integer"), *((detail, f"{detail}s") for detail in QUOTATION_DETAILS)):
                read(key, kind, FORM_HEADINGS[key][0])
        if column.cited in ("", "itself"):
            if cells["quotation"]:
                self.add_finding(place("quotation", f"{title} : citation"), "quotation-unwanted", cells["quotation"])
            return
        read("quotation", "text", f"{title} : citation", "citation", filled and column.cited != "maybe")
        if cells["quotation"] and not filled and not column.required:
            self.add_finding(place("value", title), "quotation-alone")

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
            record.values[column.key] = self._cell_value(column, cell)
        except UnreadableCell as error:
            example = column.example or _AN_INTEGER
            self.add_finding(location, error.key, cell, example=example, **error.values)
        else:
            record.unreadable.remove(column.key)

    def _cell_value(self, column: WorkbookColumn, cell: RawCell) -> object:
        if column.kind not in ("code", "choice", "yesno"):
            return PARSERS[column.kind](cell)
        text = str(PARSERS["text"](cell))
        for code in self.codes.get(column.codes, ()):
            if code.matches(text):
                return code.iri
        for choice in column.choices:
            if normalized_name(choice) == normalized_name(text):
                return choice
        offers = (*(code.display_label for code in self.codes.get(column.codes, ())), *column.choices)
        raise UnreadableCell("cell-choice", offers=" | ".join(offers))

    def _resolve_quotations(self, record: Record, sheet: WorkbookSheet) -> None:
        """Replace each share and amount by the number as its quotation writes it."""
        for column in sheet.columns:
            value = record.get(column.key, Decimal)
            if not column.quoted_by or value is None or column.quoted_by not in record.values:
                continue
            quotation = record.text(column.quoted_by)
            try:
                record.values[column.key] = quoted_number(column.kind, value, quotation)
            except UnreadableCell as error:
                del record.values[column.key]
                record.unreadable.add(column.key)
                if error.key == "figure-not-quoted":
                    self.findings.append(not_quoted(record, column, record.location_of(column.quoted_by), quotation))
                else:
                    self.findings.append(record.finding(column.key, error.key))


def _place(raw_sheet: RawSheet, row: int, number: int, heading: str = "") -> CellLocation:
    """Return a location; `number` is that of the column, 0 for none."""
    return CellLocation(raw_sheet.name, row, column_letters(number), heading)


def _form_line(sheet: WorkbookSheet, label: RawCell | None) -> WorkbookColumn | None:
    """Return the line of a form that a label names."""
    name = normalized_name(str(label.value)) if label else ""
    return next((each for each in sheet.columns if name in map(normalized_name, each.headings.values())), None)
