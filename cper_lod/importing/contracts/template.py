"""Writes an empty workbook with help, examples and drop-down lists."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, Final

from cper_lod.core import identifiers
from cper_lod.core.errors import Language, Problem
from cper_lod.core.files import atomic_write, disk_errors
from cper_lod.importing.contracts.graph import words
from cper_lod.importing.contracts.model import (
    INSTRUCTIONS_SHEET,
    MARK_HEADING,
    SKIPPED_ROWS,
    VALUES_SHEET,
    YES_NO,
    Codes,
    WorkbookColumn,
    WorkbookSheet,
    column_letters,
    instructions,
    sheets,
)
from cper_lod.importing.contracts.model import sheet as sheet_with_key

YES_NO_LIST: Final = "yesno"
"""The name of the list of « oui » and « non »."""
_TITLES: Final = (INSTRUCTIONS_SHEET, "How to use")
"""The titles of the instructions in French and English."""
Row = list[str]


Answers = Mapping[str, Sequence[Mapping[str, str]]]
"""The cells of each sheet by its key: a mapping for each row."""


def prefilled_values(region: str, years: tuple[int, int] | None) -> Answers:
    """Return the values of the contract that are known in advance; a region of France has its own spelling."""
    known = identifiers.by_name(region, "region")
    region = known[0].name if len(known) == 1 else region
    span = f"{years[0]}-{years[1]}" if years else ""
    title, _ = words("contract", span=span, region=region)
    return {"contrat": [{"region": region, "periode": span, "nom": " ".join(title.split())}]}


def drop_down_name(column: WorkbookColumn) -> str:
    """Return the name of the drop-down list of a column; "" if it has none."""
    return "+".join(column.codes) or (YES_NO_LIST if column.kind == "truth" else "")


def sheet_rows(sheet: WorkbookSheet, answers: Answers, lang: Language, exported: bool = False) -> list[Row]:
    """Return the rows of a sheet: headings, help and example, then the answers."""
    columns, filled = sheet.shown(exported), answers.get(sheet.key, ())
    return [
        [MARK_HEADING, *(column.headings["fr"] for column in columns)],
        [SKIPPED_ROWS[0], *(column.headings["en"] for column in columns)],
        [SKIPPED_ROWS[1], *(_help(column, lang) for column in columns)],
        [SKIPPED_ROWS[2], *(column.example for column in columns)],
        *(["", *(values.get(column.key, "") for column in columns)] for values in filled),
    ]


def _help(column: WorkbookColumn, lang: Language) -> str:
    return ({"fr": "Obligatoire. ", "en": "Required. "}[lang] if column.required else "") + column.help[lang]


def instruction_rows() -> list[Row]:
    """Return the rows of the instructions: French, then English."""
    lines = instructions()
    return [
        [_TITLES[0]],
        *([line["fr"]] for line in lines),
        [""],
        [_TITLES[1]],
        *([line["en"]] for line in lines),
    ]


def _lists(codes: Codes) -> dict[str, tuple[Row, Row]]:
    """Return the two columns of each drop-down list in the sheet of values: its title and values, and definitions."""
    found = {YES_NO_LIST: (["oui/non", *YES_NO], [""] * 3)}
    for column in (column for sheet in sheets() for column in sheet.columns if column.codes):
        words = [code for name in column.codes for code in codes.get(name, ())]
        meanings = [" / ".join(code.definitions.get(lang, "") for lang in ("fr", "en")).strip(" /") for code in words]
        title = f"{column.headings['fr']} / {column.headings['en']}"
        found.setdefault(drop_down_name(column), ([title, *(code.display_label for code in words)], ["", *meanings]))
    return found


def _list_rows(codes: Codes) -> list[Row]:
    columns = chain.from_iterable(_lists(codes).values())
    return [[*row] for row in zip_longest(*columns, fillvalue="")]


INPUT_ROWS: Final = 60
"""Rows below the example that are formatted for input."""
_LAST_DROP_DOWN_ROW: Final = 500
"""The last row with drop-down lists."""
_WIDTHS: Final = {
    "integer": 12,
    "slug": 20,
    "siren": 16,
    "day": 20,
    "code": 24,
    "codes": 24,
    "occurrences": 12,
    "years": 16,
    "amount": 16,
}
_GENERAL: Final = ("integer", "occurrences")
"""The kinds of columns that are no text for a spreadsheet. In others, « 25/02 » and 2021-2027 do not become dates."""
_LIST_HEAD: Final = ("heading", "english", "help", "example")
"""The styles of the first rows."""
_BORDER: Final = {"border": 7, "border_color": "A6A6A6"}
_STYLES: Final[Mapping[str, Mapping[str, object]]] = {
    "": {},
    "title": {"bold": True, "font_size": 14},
    "heading": {"font_color": "FFFFFF", "bg_color": "1F3864", "bold": True},
    "english": {"font_color": "595959", "bg_color": "F2F2F2", "italic": True},
    "help": {"font_color": "404040", "bg_color": "F2F2F2"},
    "example": {"font_color": "7F6000", "bg_color": "FFF2CC", "italic": True},
    "kept": {"font_color": "808080", "bg_color": "F2F2F2", "num_format": "@", **_BORDER},
    **{each: {"num_format": each, **_BORDER} for each in ("@", "General")},
}
"""The formats of cells by name; those of cells for input are named like their number format."""
_CREATED: Final = datetime(1980, 1, 1)  # the same bytes each time


def write_xlsx(path: Path, answers: Answers, codes: Codes, lang: Language, exported: bool = False) -> None:
    """Write the workbook; raises `workbook-exists` if the file exists, and `permission`."""
    if path.exists():
        raise Problem("workbook-exists", path=path)
    # Imported here: the import takes 100 ms, and only two commands need it.
    from xlsxwriter import Workbook  # noqa: PLC0415

    data, ranges = io.BytesIO(), dict[str, str]()
    for number, (name, (values, _)) in enumerate(_lists(codes).items()):
        letters = column_letters(2 * number + 1)
        ranges[name] = f"={VALUES_SHEET}!${letters}$2:${letters}${len(values)}"
    with Workbook(data, {"in_memory": True}) as book:
        book.set_properties({"author": "cper-lod", "created": _CREATED})
        formats = {name: book.add_format({"text_wrap": True, "valign": "top", **row}) for name, row in _STYLES.items()}

        def add(
            name: str, table: list[Row], styles: Sequence[Sequence[str]], widths: Sequence[int], rare: int = 999
        ) -> Any:  # noqa: ANN401 - XlsxWriter has no types
            page = book.add_worksheet(name)
            for at, width in enumerate(widths):
                page.set_column(at, at, width, None, {"level": 1, "hidden": True} if at >= rare else {})
            for number, (row, names) in enumerate(zip(table, styles, strict=True)):
                for at, (text, style) in enumerate(zip(row, names, strict=False)):
                    _write_cell(page, number, at, text, style, formats[style])
            return page

        lines, lists = instruction_rows(), _list_rows(codes)
        add(INSTRUCTIONS_SHEET, lines, [["title" if text in _TITLES else ""] for (text,) in lines], (110,))
        for sheet in sheets():
            columns, table = sheet.shown(exported), sheet_rows(sheet, answers, lang, exported)
            widths = (12, *(_WIDTHS.get(column.kind, 42) for column in columns))
            table += [[""] * len(widths)] * INPUT_ROWS
            # the rare columns are folded, unless they are filled in
            first = sum(not (column.rare or column.kept) for column in columns)
            rare = 999 if exported or first == len(columns) else first + 1
            page = add(sheet.names["fr"], table, _styles(columns, len(table)), widths, rare)
            page.freeze_panes(1, 1)
            page.set_zoom(90)
            _add_drop_downs(page, columns, ranges)
        styles = [["" if number else "heading"] * len(row) for number, row in enumerate(lists)]
        add(VALUES_SHEET, lists, styles, (24, 44) * len(ranges))
    with disk_errors(path):
        atomic_write(path, data.getvalue(), sync=True)


def _styles(columns: Sequence[WorkbookColumn], height: int) -> list[list[str]]:
    """Return the styles of the cells of a sheet by row."""
    inputs = ["kept" if column.kept else "General" if column.kind in _GENERAL else "@" for column in columns]
    head = [[style] * (len(columns) + 1) for style in _LIST_HEAD]
    return [*head, *([["", *inputs]] * (height - len(head)))]


def _write_cell(page: Any, row: int, column: int, text: str, style: str, form: object) -> None:  # noqa: ANN401 - XlsxWriter has no types
    """Write a cell, as a number where its column has whole numbers, so that a spreadsheet takes it for one."""
    if not text:
        page.write_blank(row, column, None, form)
    elif style in ("General", "kept") and text.isdecimal() and text == str(int(text)):
        page.write_number(row, column, int(text), form)
    else:
        page.write_string(row, column, text, form)


def _add_drop_downs(
    page: Any,  # noqa: ANN401 - XlsxWriter has no types
    columns: Sequence[WorkbookColumn],
    ranges: Mapping[str, str],
) -> None:
    """Add a drop-down list to each column that has one, open to other words unless they would be wrong."""
    for number, column in enumerate(columns, 1):
        source = ranges.get(drop_down_name(column)) or (_row_names(column) if column.refers else "")
        if source:
            page.data_validation(
                *(4, number, _LAST_DROP_DOWN_ROW - 1, number),
                {
                    "validate": "list",
                    "source": source,
                    "input_title": column.headings["fr"][:32],
                    "input_message": f"{column.help['fr']} / {column.help['en']}"[:255],
                    "error_type": "stop" if column.kind == "truth" else "information",
                    "error_title": "Liste / List",
                    "error_message": f"Voir la feuille {VALUES_SHEET}. / See the sheet {VALUES_SHEET}.",
                },
            )


def _row_names(column: WorkbookColumn) -> str:
    """Return the cells with the names of the rows that a column refers to."""
    target = sheet_with_key(column.refers)
    shown = [each.key for each in target.shown(False)]
    letters = column_letters(2 + next(shown.index(each) for each in ("code", "nom") if each in shown))
    return f"='{target.names['fr']}'!${letters}$5:${letters}${_LAST_DROP_DOWN_ROW}"
