"""The empty workbook as users see it, its table; and a workbook as CSV files."""

import csv
import zipfile
from pathlib import Path

import pytest
from openpyxl.workbook import Workbook

from cper_lod.importing.contracts.importer import read_folder
from cper_lod.importing.contracts.model import (
    RawCell,
    sheets,
)
from cper_lod.importing.contracts.parse_cells import KINDS
from cper_lod.importing.contracts.read_xlsx import read_xlsx
from cper_lod.importing.contracts.template import prefilled_values, write_xlsx
from tests.importing.fictitious_workbook import FICTION
from tests.importing.workbooks import CODES, blank, grids, read
from tests.support.refusals import refused


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
                assert page[cells.partition(":")[0].replace("$", "").rstrip("5") + "1"].value in (
                    "Code",
                    "Nom",
                    "Ligne",
                )
            elif column.codes:
                assert found == [code.display_label for each in column.codes for code in CODES[each]]
            else:
                assert found == ["oui", "non"]


def test_an_empty_workbook_lacks_only_what_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "contrat.xlsx"
    write_xlsx(path, prefilled_values("Armorique-Test", (2030, 2034)), CODES, "fr")
    records, findings = read(read_xlsx(path)[0])
    assert {finding.key for finding in findings} == {"cell-empty", "sheet-empty"}
    assert records["contrat"][0].text("region") == "Armorique-Test"


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1252"])
def test_csv_is_read_as_spreadsheets_save_it(delimiter: str, encoding: str, tmp_path: Path) -> None:
    for grid in grids(FICTION):
        rows = []
        for row in range(1, max(grid.rows) + 1):
            cells = grid.rows.get(row, {})
            rows.append(
                [str(cells[column].value).removesuffix(".0") if column in cells else "" for column in range(1, 40)]
            )
        with (tmp_path / f"{grid.name}.csv").open("w", encoding=encoding, newline="", errors="replace") as file:
            csv.writer(file, delimiter=delimiter).writerows(rows)
    (tmp_path / "valeurs.csv").write_text("oui/non\noui\n", encoding)
    book, findings = read(read_folder(tmp_path))
    # A narrow space is not in Windows-1252: the spreadsheet has lost it, and « 10?% » is no figure.
    assert [finding.key for finding in findings] == (["figure-unreadable"] if encoding == "cp1252" else [])
    assert len(book["signataires"]) == 5
    assert book["documents"][0].text("titre").endswith("ÉTAT-RÉGION 2030-2034")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'Rep\xe8re;x\n"1;2', "import-quotes"),
        (b"Rep\x81re;x", "import-encoding"),
        (b"x" * (2**22 + 1), "workbook-large"),
        (b"a;b\n" + b"y" * 200_000, "import-too-large"),
    ],
)
def test_unreadable_csv_is_a_problem(data: bytes, code: str, tmp_path: Path) -> None:
    (tmp_path / "chiffres.csv").write_bytes(data)
    with refused(code):
        read_folder(tmp_path)


def test_a_folder_without_csv_is_a_problem(tmp_path: Path) -> None:
    with refused("workbook-no-csv"):
        read_folder(tmp_path)
