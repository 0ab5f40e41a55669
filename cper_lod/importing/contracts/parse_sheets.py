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
            sheet = next(
                (
                    each
                    for each in sheets()
                    if normalized_name(raw_sheet.name) in map(normalized_name, each.names.values())
                ),
                None,
            )
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
            return self._form(sheet, raw_sheet)
        records = list(self._list(sheet, raw_sheet))
        if not records and not sheet.optional:
            self.add_finding(CellLocation(raw_sheet.name), "sheet-empty")
        return records

    def _headings(
        self, raw_sheet: RawSheet, headings: Mapping[str, tuple[str, ...]], required: Iterable[str]
    ) -> dict[str, int]:
        """Return the column number of each key of `headings`, found in the first row."""
        found: dict[str, int] = {}
        for number, cell in sorted(raw_sheet.rows.get(1, {}).items()):
            name = normalized_name(str(cell.value))
            key = next((key for key, names in headings.items() if name in map(normalized_name, names)), None)
            location = CellLocation(raw_sheet.name, 1, column_letters(number), str(cell.value))
            if key is None or key in found:
                self.add_finding(location, "column-double" if key else "column-unknown")
            else:
                found[key] = number
        for key in required:
            if key not in found:
                self.add_finding(CellLocation(raw_sheet.name, 1), "column-missing", name=headings[key][0])
        titled = set(raw_sheet.rows.get(1, ()))
        for row, cells in sorted(raw_sheet.rows.items()):
            for number in sorted(set(cells) - titled):
                self.add_finding(
                    CellLocation(raw_sheet.name, row, column_letters(number)), "column-untitled", cells[number]
                )
        return found

    def _list(self, sheet: WorkbookSheet, raw_sheet: RawSheet) -> Iterator[Record]:
        """Yield a record for each filled row that is not marked as help or example."""
        headings = {column.key: tuple(column.headings.values()) for column in sheet.columns}
        required = [column.key for column in sheet.columns if column.required]
        column_numbers = self._headings(raw_sheet, {MARK_HEADING: (MARK_HEADING, "Mark"), **headings}, required)
        for row, cells in sorted(raw_sheet.rows.items()):
            mark = cells.get(column_numbers.get(MARK_HEADING, 0))
            if row == 1 or (mark and normalized_name(str(mark.value)) in map(normalized_name, SKIPPED_ROWS)):
                continue
            if mark:
                self.add_finding(
                    CellLocation(raw_sheet.name, row, column_letters(column_numbers[MARK_HEADING]), MARK_HEADING),
                    "row-marked",
                    mark,
                )
                continue
            record = Record(CellLocation(raw_sheet.name, row))
            for column in sheet.columns:
                if column.key in column_numbers:
                    location = CellLocation(
                        raw_sheet.name, row, column_letters(column_numbers[column.key]), column.headings["fr"]
                    )
                    self._read_cell(record, column, cells.get(column_numbers[column.key]), location)
            self._resolve_quotations(record, sheet)
            yield record

    def _form(self, sheet: WorkbookSheet, raw_sheet: RawSheet) -> list[Record]:
        """Return the single record of a form. The first column names each line."""
        column_numbers = self._headings(raw_sheet, FORM_HEADINGS, ("label", "value", "quotation"))
        record = Record(CellLocation(raw_sheet.name))
        lines: dict[str, int] = {}
        for row, cells in sorted(raw_sheet.rows.items()):
            label = cells.get(column_numbers.get("label", 0))
            if row == 1:
                continue
            column = _form_line(sheet, label)
            if column is None or column.key in lines:
                self.add_finding(CellLocation(raw_sheet.name, row), "line-double" if column else "line-unknown", label)
            else:
                lines[column.key] = row
        for column in sheet.columns:
            self._read_line(record, column, raw_sheet, lines.get(column.key, 0), column_numbers)
        return [record]

    def _read_line(
        self, record: Record, column: WorkbookColumn, raw_sheet: RawSheet, row: int, column_numbers: Mapping[str, int]
    ) -> None:
        """Read one line of a form: its value, and the quotation beside it."""
        cells = raw_sheet.rows.get(row, {})
        value_location, quotation_location = (
            CellLocation(
                raw_sheet.name,
                row,
                column_letters(column_numbers.get(key, 0)) if row else "",
                column.headings["fr"] + after,
            )
            for key, after in (("value", ""), ("quotation", " : citation"))
        )
        self._read_cell(record, column, cells.get(column_numbers.get("value", 0)), value_location)
        cell = cells.get(column_numbers.get("quotation", 0))
        if column.cited:
            for heading, kind in (("source", "integer"), *((detail, f"{detail}s") for detail in QUOTATION_DETAILS)):
                location = CellLocation(
                    raw_sheet.name,
                    row,
                    column_letters(column_numbers.get(heading, 0)) if row else "",
                    FORM_HEADINGS[heading][0],
                )
                detail = WorkbookColumn(f"{column.key}:{heading}", kind, column.headings, column.help)
                self._read_cell(record, detail, cells.get(column_numbers.get(heading, 0)), location)
        if column.cited in ("", "itself"):
            if cell:
                self.add_finding(quotation_location, "quotation-unwanted", cell)
            return
        filled = bool(cells.get(column_numbers.get("value", 0)))
        quotation = WorkbookColumn(
            f"{column.key}:citation", "text", column.headings, column.help, required=filled and column.cited != "maybe"
        )
        self._read_cell(record, quotation, cell, quotation_location)
        if cell and not filled and not column.required:
            self.add_finding(value_location, "quotation-alone")

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


def _form_line(sheet: WorkbookSheet, label: RawCell | None) -> WorkbookColumn | None:
    """Return the line of a form that a label names."""
    name = normalized_name(str(label.value)) if label else ""
    return next((each for each in sheet.columns if name in map(normalized_name, each.headings.values())), None)
