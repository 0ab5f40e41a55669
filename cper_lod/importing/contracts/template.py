"""The workbook that a contract is written in: every sheet as rows of text, with help and an example, then as CSV."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cper_lod.core.errors import Language, Problem
from cper_lod.importing.contracts.model import (
    FORM,
    INSTRUCTIONS,
    LISTS,
    MARK,
    MARKS,
    YES_NO,
    Code,
    Column,
    Sheet,
    instructions,
    letter,
    sheets,
)
from cper_lod.importing.contracts.read_csv import file_name

Row = list[str]
Codes = Mapping[str, tuple[Code, ...]]


def begun(region: str, years: tuple[int, int]) -> dict[str, str]:
    """Return what the form of the contract begins with, by the key of its line."""
    span = f"{years[0]}-{years[1]}"
    return {"region": region, "periode": span, "intitule": f"Contrat de plan État-Région {span} {region}"}


def offers(codes: Codes) -> dict[str, tuple[str, ...]]:
    """Return what each drop-down offers: the code lists by name, and what is chosen without one by the column's key."""
    lists = {name: tuple(code.shown for code in found) for name, found in codes.items()}
    chosen = {column.key: column.choices for sheet in sheets() for column in sheet.columns if column.kind == "choice"}
    return {**lists, **chosen, "yesno": YES_NO}


def offered(column: Column) -> str:
    """Return the name of the drop-down of a column; empty where there is none."""
    return column.codes or {"choice": column.key, "yesno": "yesno"}.get(column.kind, "")


def rows(sheet: Sheet, given: Mapping[str, str], lang: Language) -> list[Row]:
    """Return the rows of an empty sheet, with what is `given` in the form of the contract."""
    if sheet.form:
        known = given if sheet.key == "contrat" else {}
        lines = [
            [
                column.headings["fr"],
                column.headings["en"],
                known.get(column.key, ""),
                "",
                _help(column, lang),
                " — ".join(filter(None, (column.example, column.example_cited and f"« {column.example_cited} »"))),
            ]
            for column in sheet.columns
        ]
        return [[names[0] for names in FORM.values()], *lines]
    return [
        [MARK, *(column.headings["fr"] for column in sheet.columns)],
        [MARKS[0], *(column.headings["en"] for column in sheet.columns)],
        [MARKS[1], *(_help(column, lang) for column in sheet.columns)],
        [MARKS[2], *(column.example for column in sheet.columns)],
    ]


def _help(column: Column, lang: Language) -> str:
    must = {"fr": "Obligatoire. ", "en": "Required. "}[lang] if column.required else ""
    if column.cited:
        must += {"fr": "Avec citation. ", "en": "With quotation. "}[lang]
    return must + column.help[lang]


def instruction_rows() -> list[Row]:
    """Return the rows of the sheet of instructions: French, then English."""
    told = instructions()
    return [[INSTRUCTIONS], *([line["fr"]] for line in told), [""], ["How to use"], *([line["en"]] for line in told)]


def list_rows(codes: Codes) -> list[Row]:
    """Return the rows of the sheet of lists: for each a column of values, and one of what they mean."""
    meanings = {code.shown: code.definitions for found in codes.values() for code in found}
    columns: list[Row] = []
    for name, values in offers(codes).items():
        columns.append([name, *values])
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
    return [[column[at] if at < len(column) else "" for column in columns] for at in range(height)]


def _tables(given: Mapping[str, str], codes: Codes, lang: Language) -> Iterator[tuple[str, list[Row]]]:
    yield INSTRUCTIONS, instruction_rows()
    for sheet in sheets():
        yield sheet.names["fr"], rows(sheet, given, lang)
    yield LISTS, list_rows(codes)


def write_folder(folder: Path, given: Mapping[str, str], codes: Codes, lang: Language) -> None:
    """Write the workbook as a folder of CSV files that French spreadsheets open: UTF-8 with its mark, semicolons.

    Raises `workbook-exists` where the folder is there, and `permission`.
    """
    try:
        folder.mkdir(parents=True)
        for name, table in _tables(given, codes, lang):
            text = io.StringIO()
            csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(table)
            (folder / file_name(name)).write_bytes(text.getvalue().encode("utf-8-sig"))
    except FileExistsError as error:
        raise Problem("workbook-exists", path=folder) from error
    except OSError as error:
        raise Problem("permission", path=folder, message=error.strerror or error) from error


ROWS: Final = 60
"""How many rows below the example are ready to be filled: wrapped, as text where a spreadsheet would guess wrongly."""
_OFFERED: Final = 500
"""The last row that has the drop-downs."""
_WIDTHS: Final = {"integer": 12, "integers": 16, "share": 16, "amount": 18, "siren": 16, "dateyear": 16, "code": 24}
_FORM_WIDTHS: Final = (30, 30, 44, 50, 50, 50)
_FORMATS: Final = {"integer": "General", "date": "dd/mm/yyyy", "dateyear": "General"}
"""Number formats by kind; the rest are text, so that « 1,2 » stays two numbers and 2021-2027 no date."""
_STYLES: Final = {
    "heading": ("FFFFFF", "1F3864", True, False),
    "english": ("595959", "F2F2F2", False, True),
    "help": ("404040", "F2F2F2", False, False),
    "example": ("7F6000", "FFF2CC", False, True),
}


def write_xlsx(path: Path, given: Mapping[str, str], codes: Codes, lang: Language) -> None:
    """Write the workbook; raises `workbook-exists` where the file is there, and `permission`."""
    # Imported here: it costs a tenth of a second or more, and only this command needs it.
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook()
    book.properties.creator = "cper-lod"
    _instructions(book.active)
    for sheet in sheets():
        page = book.create_sheet(sheet.names["fr"])
        table = rows(sheet, given, lang)
        for row in table:
            page.append(row)
        _fill_styles(page, sheet, len(table))
        page.freeze_panes = "B2"
        page.sheet_view.zoomScale = 90
    _lists(book.create_sheet(LISTS), list_rows(codes))
    places = {name: (letter(2 * at - 1), len(values)) for at, (name, values) in enumerate(offers(codes).items(), 1)}
    for sheet in sheets():
        _drop_downs(book[sheet.names["fr"]], sheet, places)
    data = io.BytesIO()
    book.save(data)
    try:
        with path.open("xb") as file:
            file.write(data.getvalue())
    except FileExistsError as error:
        raise Problem("workbook-exists", path=path) from error
    except OSError as error:
        raise Problem("permission", path=path, message=error.strerror or error) from error


def _styled(cell: Any, style: str) -> None:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415

    ink, paper, bold, italic = _STYLES[style]
    cell.font = Font(color=ink, bold=bold, italic=italic)
    cell.fill = PatternFill("solid", fgColor=paper)
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def _fill_styles(page: Any, sheet: Sheet, height: int) -> None:  # noqa: ANN401 - openpyxl has no types
    """Give each cell its look: headings, help and example, and the cells to fill."""
    if sheet.form:
        for width, at in zip(_FORM_WIDTHS, "ABCDEF", strict=True):
            page.column_dimensions[at].width = width
        for row, column in zip(range(2, height + 1), sheet.columns, strict=True):
            for cell, style in zip(page[row], ("help", "english", "", "", "help", "example"), strict=True):
                _to_fill(cell, column) if not style else _styled(cell, style)
            page.cell(row, 4).number_format = "@"
    else:
        page.column_dimensions["A"].width = 12
        for row, style in ((2, "english"), (3, "help"), (4, "example")):
            for cell in page[row]:
                _styled(cell, style)
        for number, column in enumerate(sheet.columns, 2):
            page.column_dimensions[letter(number)].width = _WIDTHS.get(column.kind, 42)
            for row in range(height + 1, height + 1 + ROWS):
                _to_fill(page.cell(row, number), column)
    for cell in page[1]:
        _styled(cell, "heading")


def _to_fill(cell: Any, column: Column) -> None:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.styles import Alignment, Border, Side  # noqa: PLC0415

    line = Side(style="hair", color="A6A6A6")
    cell.border = Border(left=line, right=line, top=line, bottom=line)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.number_format = _FORMATS.get(column.kind, "@")


def _drop_downs(page: Any, sheet: Sheet, places: Mapping[str, tuple[str, int]]) -> None:  # noqa: ANN401
    """Add a list to choose from to each column that has one."""
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    for at, column in enumerate(sheet.columns, 2):
        if not (name := offered(column)):
            continue
        where, count = places[name]
        choice = DataValidation("list", formula1=f"{LISTS}!${where}$2:${where}${count + 1}", allow_blank=True)
        choice.showErrorMessage = True
        choice.errorTitle, choice.error = "Liste / List", f"Voir la feuille {LISTS}. / See the sheet {LISTS}."
        choice.promptTitle, choice.prompt = (
            column.headings["fr"][:32],
            f"{column.help['fr']} / {column.help['en']}"[:255],
        )
        choice.add(f"C{at}" if sheet.form else f"{letter(at)}5:{letter(at)}{_OFFERED}")
        page.add_data_validation(choice)


def _instructions(page: Any) -> None:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415

    page.title = INSTRUCTIONS
    page.column_dimensions["A"].width = 110
    for row in instruction_rows():
        page.append(row)
    for (cell,) in page.iter_rows():
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if cell.value in (INSTRUCTIONS, "How to use"):
            cell.font = Font(bold=True, size=14)


def _lists(page: Any, table: list[Row]) -> None:  # noqa: ANN401 - openpyxl has no types
    from openpyxl.styles import Alignment  # noqa: PLC0415

    for row in table:
        page.append(row)
    for at in range(1, len(table[0]) + 1):
        page.column_dimensions[letter(at)].width = 24 if at % 2 else 44
    for cells in page.iter_rows(min_row=2):
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in page[1]:
        _styled(cell, "heading")
