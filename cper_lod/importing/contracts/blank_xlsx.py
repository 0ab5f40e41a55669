"""The workbook that a contract is written in as an XLSX file: styles, widths, drop-downs, a heading that stays."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from cper_lod.core.errors import Language, Problem
from cper_lod.importing.contracts.model import INSTRUCTIONS, LISTS, Column, Sheet, sheets
from cper_lod.importing.contracts.places import letter
from cper_lod.importing.contracts.template import Codes, Row, instruction_rows, list_rows, offered, offers, rows

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
