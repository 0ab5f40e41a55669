"""From grids to records: each row read by the table of the workbook, each fault with its sheet, row and column."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from cper_lod.importing.contracts.model import (
    FORM,
    MARK,
    MARKS,
    Book,
    CellFinding,
    Code,
    Column,
    Grid,
    Place,
    RawCell,
    Record,
    Sheet,
    folded,
    letter,
    sheets,
)
from cper_lod.importing.contracts.parse_cells import READERS, Unreadable, figure

_NO_VALUES: Final = {"formula": "cell-formula", "error": "cell-error", "truth": "cell-truth"}
"""What is found in a cell whose content is nothing that somebody has typed."""


class Reading:
    """One reading of a workbook: the code lists that it goes by, and what it finds wrong on the way."""

    def __init__(self, codes: Mapping[str, tuple[Code, ...]]) -> None:
        self.codes = codes
        self.findings: list[CellFinding] = []

    def find(self, place: Place, key: str, cell: RawCell | None = None, **values: object) -> None:
        """Remember something found."""
        self.findings.append(CellFinding(place, key, values, shown=str(cell.value) if cell else ""))

    def book(self, grids: Iterable[Grid]) -> Book:
        """Return the records of every sheet that the table knows."""
        named: dict[str, Grid] = {}
        for grid in grids:
            sheet = next((each for each in sheets() if folded(grid.name) in map(folded, each.names.values())), None)
            if sheet is None or sheet.key in named:
                self.find(
                    Place(grid.name),
                    "sheet-double" if sheet else "sheet-unknown",
                    names=", ".join(each.names["fr"] for each in sheets()),
                )
            else:
                named[sheet.key] = grid
        return {sheet.key: self._records(sheet, named.get(sheet.key)) for sheet in sheets()}

    def _records(self, sheet: Sheet, grid: Grid | None) -> list[Record]:
        if grid is None:
            if not sheet.optional:
                self.find(Place(sheet.names["fr"]), "sheet-missing")
            return []
        if sheet.form:
            return self._form(sheet, grid)
        records = list(self._list(sheet, grid))
        if not records and not sheet.optional:
            self.find(Place(grid.name), "sheet-empty")
        return records

    def _headings(self, grid: Grid, wanted: Mapping[str, tuple[str, ...]], needed: Iterable[str]) -> dict[str, int]:
        """Return the column of each key of `wanted`, whose headings it gives; the first row has them."""
        found: dict[str, int] = {}
        for number, cell in sorted(grid.rows.get(1, {}).items()):
            name = folded(str(cell.value))
            key = next((key for key, names in wanted.items() if name in map(folded, names)), None)
            place = Place(grid.name, 1, letter(number), str(cell.value))
            if key is None or key in found:
                self.find(place, "column-double" if key else "column-unknown")
            else:
                found[key] = number
        for key in needed:
            if key not in found:
                self.find(Place(grid.name, 1), "column-missing", name=wanted[key][0])
        titled = set(grid.rows.get(1, ()))
        for row, cells in sorted(grid.rows.items()):
            for number in sorted(set(cells) - titled):
                self.find(Place(grid.name, row, letter(number)), "column-untitled", cells[number])
        return found

    def _list(self, sheet: Sheet, grid: Grid) -> Iterator[Record]:
        """Yield a record for each row that is filled and not marked as help or example."""
        wanted = {column.key: tuple(column.headings.values()) for column in sheet.columns}
        needed = [column.key for column in sheet.columns if column.required]
        at = self._headings(grid, {MARK: (MARK, "Mark"), **wanted}, needed)
        for row, cells in sorted(grid.rows.items()):
            mark = cells.get(at.get(MARK, 0))
            if row == 1 or (mark and folded(str(mark.value)) in map(folded, MARKS)):
                continue
            if mark:
                self.find(Place(grid.name, row, letter(at[MARK]), MARK), "row-marked", mark)
                continue
            record = Record(Place(grid.name, row))
            for column in sheet.columns:
                if column.key in at:
                    place = Place(grid.name, row, letter(at[column.key]), column.headings["fr"])
                    self._read(record, column, cells.get(at[column.key]), place)
            self._quote(record, sheet)
            yield record

    def _form(self, sheet: Sheet, grid: Grid) -> list[Record]:
        """Return the one record of a form: each line is found by its name in the first column."""
        at = self._headings(grid, FORM, ("label", "value", "quotation"))
        record = Record(Place(grid.name))
        lines: dict[str, int] = {}
        for row, cells in sorted(grid.rows.items()):
            label = cells.get(at.get("label", 0))
            if row == 1:
                continue
            column = _named(sheet, label)
            if column is None or column.key in lines:
                self.find(Place(grid.name, row), "line-double" if column else "line-unknown", label)
            else:
                lines[column.key] = row
        for column in sheet.columns:
            self._line(record, column, grid, lines.get(column.key, 0), at)
        return [record]

    def _line(self, record: Record, column: Column, grid: Grid, row: int, at: Mapping[str, int]) -> None:
        """Read one line of a form: its value, and the words of the source beside it."""
        cells = grid.rows.get(row, {})
        value, words = (
            Place(grid.name, row, letter(at.get(key, 0)) if row else "", column.headings["fr"] + after)
            for key, after in (("value", ""), ("quotation", " : citation"))
        )
        self._read(record, column, cells.get(at.get("value", 0)), value)
        cell = cells.get(at.get("quotation", 0))
        if not column.cited:
            if cell:
                self.find(words, "quotation-unwanted", cell)
            return
        filled = bool(cells.get(at.get("value", 0)))
        quotation = Column(f"{column.key}:citation", "text", column.headings, column.help, required=filled)
        self._read(record, quotation, cell, words)
        if cell and not filled:
            self.find(value, "quotation-alone")

    def _read(self, record: Record, column: Column, cell: RawCell | None, place: Place) -> None:
        """Read one cell into the record, or say what is wrong with it."""
        record.places[column.key] = place
        if cell is None:
            if column.required:
                self.find(place, "cell-empty")
            return
        record.unread.add(column.key)
        if cell.kind in _NO_VALUES:
            self.find(place, _NO_VALUES[cell.kind], cell)
            return
        try:
            record.values[column.key] = self._value(column, cell)
        except Unreadable as fault:
            self.find(place, fault.key, cell, **fault.values)
        else:
            record.unread.remove(column.key)

    def _value(self, column: Column, cell: RawCell) -> object:
        if column.kind not in ("code", "choice", "yesno"):
            return READERS[column.kind](cell)
        text = str(READERS["text"](cell))
        for code in self.codes.get(column.codes, ()):
            if code.answers_to(text):
                return code.iri
        for choice in column.choices:
            if folded(choice) == folded(text):
                return choice
        offers = (*(code.shown for code in self.codes.get(column.codes, ())), *column.choices)
        raise Unreadable("cell-choice", offers=" | ".join(offers))

    def _quote(self, record: Record, sheet: Sheet) -> None:
        """Replace each share and amount by the figure that its quotation writes."""
        for column in sheet.columns:
            value = record.get(column.key, Decimal)
            if not column.quoted_by or value is None or column.quoted_by not in record.values:
                continue
            try:
                record.values[column.key] = figure(column.kind, value, record.text(column.quoted_by))
            except Unreadable as fault:
                del record.values[column.key]
                record.unread.add(column.key)
                self.find(record.at(column.key), fault.key, None, **fault.values)


def _named(sheet: Sheet, label: RawCell | None) -> Column | None:
    """Return the line of a form that a cell names."""
    name = folded(str(label.value)) if label else ""
    return next((each for each in sheet.columns if name in map(folded, each.headings.values())), None)
