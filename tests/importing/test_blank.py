"""The empty workbook as users see it, and its table."""

import zipfile
from pathlib import Path

import pytest
from openpyxl.workbook import Workbook

from cper_lod.importing.contracts.model import RawCell, sheets
from cper_lod.importing.contracts.parse_cells import KINDS
from cper_lod.importing.contracts.template import prefilled_values, write_xlsx
from tests.importing.workbooks import CODES, blank


def test_every_column_is_completely_defined() -> None:
    for sheet, column in ((one, each) for one in sheets() for each in one.columns):
        name = f"{sheet.key}.{column.key}"
        assert column.kind in KINDS, name
        assert all((*column.headings.values(), *column.help.values())), name
        assert all(CODES[each] for each in column.codes), name
        assert set(column.quoted) <= {each.key for each in sheet.columns}, name
        if column.example:
            KINDS[column.kind].parse(RawCell(column.example, "text"))
            codes = [code for each in column.codes for code in CODES[each]]
            assert not codes or any(code.matches(column.example) for code in codes), name


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return blank(tmp_path_factory.mktemp("blank") / "contrat.xlsx")


def test_the_same_answers_give_the_same_bytes(tmp_path: Path) -> None:
    written = [tmp_path / "a.xlsx", tmp_path / "b.xlsx"]
    for path in written:
        write_xlsx(path, prefilled_values("Armorique-Test", (2030, 2034)), CODES, "fr")
    assert written[0].read_bytes() == written[1].read_bytes()
    with zipfile.ZipFile(written[0]) as archive:
        assert b"1980-01-01" in archive.read("docProps/core.xml")


def test_every_drop_down_leads_to_its_values(book: Workbook) -> None:
    """Lists are open: another word is accepted, and only « oui » and « non » are the whole list."""
    for sheet in sheets():
        for validation in book[sheet.names["fr"]].data_validations.dataValidation:
            column = next(each for each in sheet.columns if each.headings["fr"][:32] == validation.promptTitle)
            assert validation.errorStyle == ("information" if column.kind != "truth" else None)
            name, _, cells = validation.formula1.rpartition("!")
            page = book[name.strip("'")]
            found = [cell.value for (cell,) in page[cells.replace("$", "")]]
            if column.refers:
                heading = page[cells.partition(":")[0].replace("$", "").rstrip("5") + "1"].value
                assert heading in ("Code", "Nom", "Ligne")
            elif column.codes:
                assert found == [code.display_label for each in column.codes for code in CODES[each]]
            else:
                assert found == ["oui", "non"]
