"""Writes an empty workbook with help, examples and drop-down lists, as XLSX or as a folder of CSV files."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from cper_lod.core.errors import Language, Problem
from cper_lod.importing.contracts.model import (
    FORM_HEADINGS,
    INSTRUCTIONS_SHEET,
    LISTS_SHEET,
    MARK_HEADING,
    QUOTATION_DETAILS,
    SKIPPED_ROWS,
    YES_NO,
    Code,
    WorkbookColumn,
    WorkbookSheet,
    column_letters,
    instructions,
    sheets,
)
from cper_lod.importing.contracts.read_csv import file_name

_FORM_STYLES: Final = ("help", "english", "", "", "help", "example", "", "kept", "kept")
"""The styles of the columns of a form; those without one are for input."""
YES_NO_LIST: Final = "yesno"
"""The name of the list of « oui » and « non »."""
Row = list[str]
Codes = Mapping[str, tuple[Code, ...]]


Answers = Mapping[str, Sequence[Mapping[str, str]]]
"""The cells of each sheet by its key: one mapping for a form (`key`, `key:citation`…), one for each row of a list."""


def prefilled_values(region: str, years: tuple[int, int]) -> Answers:
    """Return the values of the contract form that are known in advance."""
    span = f"{years[0]}-{years[1]}"
    return {
        "contrat": [{"region": region, "periode": span, "intitule": f"Contrat de plan État-Région {span} {region}"}]
    }


def drop_down_values(codes: Codes) -> dict[str, tuple[str, ...]]:
    """Return the values of each drop-down list: code lists by name, other choices by the key of their column."""
    lists = {name: tuple(code.display_label for code in found) for name, found in codes.items()}
    chosen = {column.key: column.choices for sheet in sheets() for column in sheet.columns if column.kind == "choice"}
    return {**lists, **chosen, YES_NO_LIST: YES_NO}


def drop_down_name(column: WorkbookColumn) -> str:
    """Return the name of the drop-down list of a column; "" if it has none."""
    return column.codes or {"choice": column.key, "yesno": YES_NO_LIST}.get(column.kind, "")


def sheet_rows(sheet: WorkbookSheet, answers: Answers, lang: Language, exported: bool = False) -> list[Row]:
    """Return the rows of a sheet: headings, help and example, then the answers; those of a form beside its help."""
    columns, filled = sheet.shown(exported), answers.get(sheet.key, ())
    if sheet.form:
        details = (*FORM_HEADINGS,) if exported else (*FORM_HEADINGS,)[: -len(QUOTATION_DETAILS)]
        values = filled[0] if filled else {}
        lines = [
            [
                column.headings["fr"],
                column.headings["en"],
                values.get(column.key, ""),
                values.get(f"{column.key}:citation", ""),
                _help(column, lang),
                " — ".join(filter(None, (column.example, column.example_cited and f"« {column.example_cited} »"))),
                *(values.get(f"{column.key}:{detail}", "") for detail in details[_FORM_STYLES.index("example") + 1 :]),
            ]
            for column in columns
        ]
        return [[FORM_HEADINGS[detail][0] for detail in details], *lines]
    return [
        [MARK_HEADING, *(column.headings["fr"] for column in columns)],
        [SKIPPED_ROWS[0], *(column.headings["en"] for column in columns)],
        [SKIPPED_ROWS[1], *(_help(column, lang) for column in columns)],
        [SKIPPED_ROWS[2], *(column.example for column in columns)],
        *(["", *(values.get(column.key, "") for column in columns)] for values in filled),
    ]


def _help(column: WorkbookColumn, lang: Language) -> str:
    must = {"fr": "Obligatoire. ", "en": "Required. "}[lang] if column.required else ""
    if column.cited in ("always", "given"):
        must += {"fr": "Avec citation. ", "en": "With quotation. "}[lang]
    return must + column.help[lang]


def instruction_rows() -> list[Row]:
    """Return the rows of the instructions: French, then English."""
    lines = instructions()
    return [
        [INSTRUCTIONS_SHEET],
        *([line["fr"]] for line in lines),
        [""],
        ["How to use"],
        *([line["en"]] for line in lines),
    ]


def drop_down_titles() -> dict[str, str]:
    """Return the title of each drop-down list in the sheet of lists: the headings of its column, in both languages."""
    titles = {YES_NO_LIST: "oui/non"}
    for sheet in sheets():
        for column in sheet.columns:
            titles.setdefault(drop_down_name(column), f"{column.headings['fr']} / {column.headings['en']}")
    return titles


def list_rows(codes: Codes) -> list[Row]:
    """Return the rows of the sheet of lists: for each list a column of values and a column of definitions."""
    meanings = {code.display_label: code.definitions for found in codes.values() for code in found}
    titles = drop_down_titles()
    columns: list[Row] = []
    for name, values in drop_down_values(codes).items():
        columns.append([titles[name], *values])
        columns.append(
            [
                "",
                *(
                    " / ".join(meanings.get(value, {}).get(lang, "") for lang in ("fr", "en") if value in meanings)
                    for value in values
                ),
            ]
        )
    height = max(map(len, columns))
    return [[column[row] if row < len(column) else "" for column in columns] for row in range(height)]


def _all_sheets(
    answers: Answers, codes: Codes, lang: Language, exported: bool = False
) -> Iterator[tuple[str, list[Row]]]:
    yield INSTRUCTIONS_SHEET, instruction_rows()
    for sheet in sheets():
        yield sheet.names["fr"], sheet_rows(sheet, answers, lang, exported)
    yield LISTS_SHEET, list_rows(codes)


def write_folder(folder: Path, answers: Answers, codes: Codes, lang: Language, exported: bool = False) -> None:
    """Write the workbook as a folder of CSV files for French spreadsheets: UTF-8 with a byte order mark, semicolons.

    Raises `workbook-exists` if the folder exists, and `permission`.
    """
    try:
        folder.mkdir(parents=True)
        for name, table in _all_sheets(answers, codes, lang, exported):
            text = io.StringIO()
            csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(table)
            (folder / file_name(name)).write_bytes(text.getvalue().encode("utf-8-sig"))
    except FileExistsError as error:
        raise Problem("workbook-exists", path=folder) from error
    except OSError as error:
        raise Problem("permission", path=folder, message=error.strerror or error) from error


_EXAMPLE_ROW: Final = len(SKIPPED_ROWS)
"""The index of the last row of a list before those for input."""
INPUT_ROWS: Final = 60
"""Rows below the example that are formatted for input."""
_LAST_DROP_DOWN_ROW: Final = 500
"""The last row with drop-down lists."""
_WIDTHS: Final = {
    "integer": 12,
    "integers": 16,
    "share": 16,
    "amount": 18,
    "siren": 16,
    "dateyear": 16,
    "code": 24,
    "places": 12,
}
_FORM_WIDTHS: Final = (30, 30, 44, 50, 50, 50, 10, 10, 24)
_FORMATS: Final = {"integer": "General", "places": "General", "date": "dd/mm/yyyy", "dateyear": "General"}
"""Number formats by kind. All others are text, so that « 1,2 » stays two numbers and 2021-2027 does not become a date."""
_STYLES: Final = {
    "heading": ("FFFFFF", "1F3864", True, False),
    "english": ("595959", "F2F2F2", False, True),
    "help": ("404040", "F2F2F2", False, False),
    "example": ("7F6000", "FFF2CC", False, True),
    "kept": ("808080", "F2F2F2", False, False),
}


def write_xlsx(path: Path, answers: Answers, codes: Codes, lang: Language, exported: bool = False) -> None:
    """Write the workbook; raises `workbook-exists` if the file exists, and `permission`."""
    # Imported here: the import takes more than 100 ms, and only this command needs it.
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook()
    book.properties.creator = "cper-lod"
    _write_instructions(book.active)
    for sheet in sheets():
        worksheet = book.create_sheet(sheet.names["fr"])
        table = sheet_rows(sheet, answers, lang, exported)
        kinds = [column.kind for column in sheet.shown(exported)]
        for number, row in enumerate(table):
            if sheet.form:
                of_cells = ["", "", kinds[number - 1] if number else "", *[""] * 4, "places", ""]
            else:
                of_cells = ["", *kinds] if number > _EXAMPLE_ROW else []
            worksheet.append([_typed(*pair) for pair in zip_longest(row, of_cells[: len(row)], fillvalue="")])
        _style_sheet(worksheet, sheet, sheet.shown(exported), len(table))
        worksheet.freeze_panes = "B2"
        worksheet.sheet_view.zoomScale = 90
    _write_lists(book.create_sheet(LISTS_SHEET), list_rows(codes))
    ranges = {
        name: (column_letters(2 * number - 1), len(values))
        for number, (name, values) in enumerate(drop_down_values(codes).items(), 1)
    }
    for sheet in sheets():
        _add_drop_downs(book[sheet.names["fr"]], sheet, ranges)
    _keep_text(book)
    data = io.BytesIO()
    book.save(data)
    try:
        with path.open("xb") as file:
            file.write(data.getvalue())
    except FileExistsError as error:
        raise Problem("workbook-exists", path=path) from error
    except OSError as error:
        raise Problem("permission", path=path, message=error.strerror or error) from error


def _typed(text: str, kind: str) -> str | int:
    """Return what a cell holds: a number where its column has whole numbers, so that a spreadsheet takes it for one."""
    return int(text) if kind in ("integer", "places") and text.isdecimal() else text


def _keep_text(book: Any) -> None:  # noqa: ANN401 - openpyxl has no types
    """Mark as text what begins with an equals sign: no sheet has formulas."""
    for worksheet in book.worksheets:
        for row in worksheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.data_type = "s"


def _apply_style(cell: Any, style: str) -> None:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415

    ink, paper, bold, italic = _STYLES[style]
    cell.font = Font(color=ink, bold=bold, italic=italic)
    cell.fill = PatternFill("solid", fgColor=paper)
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _style_sheet(
    worksheet: Any,  # noqa: ANN401 - openpyxl has no types
    sheet: WorkbookSheet,
    columns: Sequence[WorkbookColumn],
    height: int,
) -> None:
    """Style headings, help, examples and input cells."""
    if sheet.form:
        for number, width in enumerate(_FORM_WIDTHS[: worksheet.max_column], 1):
            worksheet.column_dimensions[column_letters(number)].width = width
        for row, column in zip(range(2, height + 1), columns, strict=True):
            for cell, style in zip(worksheet[row], _FORM_STYLES, strict=False):
                _style_input_cell(cell, column) if not style else _apply_style(cell, style)
            worksheet.cell(row, 4).number_format = "@"
    else:
        worksheet.column_dimensions["A"].width = 12
        for row, style in ((2, "english"), (3, "help"), (4, "example")):
            for cell in worksheet[row]:
                _apply_style(cell, style)
        for number, column in enumerate(columns, 2):
            worksheet.column_dimensions[column_letters(number)].width = _WIDTHS.get(column.kind, 42)
            first = worksheet.cell(5, number)
            _style_input_cell(first, column)
            for row in range(6, height + 1 + INPUT_ROWS):
                # To set border, alignment and format of each cell takes ten times as long.
                worksheet.cell(row, number)._style = copy(first._style)
    for cell in worksheet[1]:
        _apply_style(cell, "heading")


def _style_input_cell(cell: Any, column: WorkbookColumn) -> None:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.styles import Alignment, Border, Side  # noqa: PLC0415

    line = Side(style="hair", color="A6A6A6")
    cell.border = Border(left=line, right=line, top=line, bottom=line)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.number_format = _FORMATS.get(column.kind, "@")
    if column.export_only:
        _apply_style(cell, "kept")


def _add_drop_downs(worksheet: Any, sheet: WorkbookSheet, ranges: Mapping[str, tuple[str, int]]) -> None:  # noqa: ANN401
    """Add a drop-down list to each column that has one."""
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    for number, column in enumerate(sheet.columns, 2):
        if not (name := drop_down_name(column)):
            continue
        letters, count = ranges[name]
        choice = DataValidation("list", formula1=f"{LISTS_SHEET}!${letters}$2:${letters}${count + 1}", allow_blank=True)
        choice.showErrorMessage = True
        choice.errorTitle, choice.error = (
            "Liste / List",
            f"Voir la feuille {LISTS_SHEET}. / See the sheet {LISTS_SHEET}.",
        )
        choice.promptTitle, choice.prompt = (
            column.headings["fr"][:32],
            f"{column.help['fr']} / {column.help['en']}"[:255],
        )
        choice.add(
            f"C{number}" if sheet.form else f"{column_letters(number)}5:{column_letters(number)}{_LAST_DROP_DOWN_ROW}"
        )
        worksheet.add_data_validation(choice)


def _write_instructions(worksheet: Any) -> None:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    worksheet.title = INSTRUCTIONS_SHEET
    worksheet.column_dimensions["A"].width = 110
    for row in instruction_rows():
        worksheet.append(row)
    alignment = Alignment(wrap_text=True, vertical="top")
    for (cell,) in worksheet.iter_rows():
        cell.alignment = alignment
        if cell.value in (INSTRUCTIONS_SHEET, "How to use"):
            cell.font = Font(bold=True, size=14)


def _write_lists(worksheet: Any, table: list[Row]) -> None:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.styles import Alignment  # noqa: PLC0415

    for row in table:
        worksheet.append(row)
    for number in range(1, len(table[0]) + 1):
        worksheet.column_dimensions[column_letters(number)].width = 24 if number % 2 else 44
    alignment = Alignment(wrap_text=True, vertical="top")
    for cells in worksheet.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = alignment
    for cell in worksheet[1]:
        _apply_style(cell, "heading")
