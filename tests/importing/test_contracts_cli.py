"""The commands `cper-lod new contract` and `cper-lod import contract`."""

import csv
import io
import zipfile
from pathlib import Path

import pytest

from cper_lod.core.errors import table
from tests.importing.fictitious_workbook import FICTION
from tests.importing.workbooks import plain, run


def test_an_existing_workbook_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ("new", "contract", "--region", "Armorique-Test", "--period", "2030-2034")
    first = run(*asked, "--lang", "fr")
    assert (first.exit_code, "contrat-armorique-test-2030-2034.xlsx" in first.stdout) == (0, True)
    data = Path("contrat-armorique-test-2030-2034.xlsx").read_bytes()
    again = run(*asked, "--lang", "en")
    assert (again.exit_code, "nothing was written" in again.stderr) == (2, True)
    assert Path("contrat-armorique-test-2030-2034.xlsx").read_bytes() == data
    # What is asked for is filled in, and what lacks is told without a trace, at its cell.
    lacking = run("import", "contract", "contrat-armorique-test-2030-2034.xlsx", "--lang", "en")
    assert lacking.exit_code == 1
    told = [line for line in lacking.stdout.splitlines() if line.startswith("VIOLATION")]
    assert told == ["VIOLATION Contrat, row 5, column C (Sorte de contrat)", "VIOLATION Documents"]


@pytest.mark.parametrize(
    ("region", "period", "output", "words"),
    [
        ("北", "2021-2027", "x.xlsx", "--region"),
        ("=cmd|'/c calc'!A1", "2021-2027", "x.xlsx", "--region"),
        ("a\x07", "2021-2027", "x.xlsx", "--region"),
        ("Armorique-Test", "2027-2021", "x.xlsx", "--period"),
        ("Armorique-Test", "2021-2027", "x.xls", "--output"),
    ],
)
def test_invalid_arguments_are_refused(region: str, period: str, output: str, words: str, tmp_path: Path) -> None:
    refused = run("new", "contract", "--region", region, "--period", period, "--output", tmp_path / output)
    assert (refused.exit_code, words in refused.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_the_sources_of_the_package_are_left_alone(tmp_path: Path) -> None:
    refused = run("import", "contract", tmp_path / "x.xlsx", "--output", tmp_path / "_sources")
    assert (refused.exit_code, "--output" in refused.stderr) == (2, True)


def test_findings_of_one_kind_are_counted_and_a_file_has_them_all(tmp_path: Path) -> None:
    rows = [{"nom": f"ligne-{number}", "valeur": "=X"} for number in range(300)]
    book, findings = plain(tmp_path / "contrat.xlsx", {**FICTION, "chiffres": rows}), tmp_path / "constats.csv"
    told = run("import", "contract", book, "--lang", "fr", "--findings", findings)
    assert (told.exit_code, told.stdout.count("Constat : ")) == (1, 10)
    assert "290 " in told.stdout
    text = findings.read_bytes().decode("utf-8-sig")
    found = [(row["Ligne"], row["Colonne"], row["Valeur"]) for row in csv.DictReader(io.StringIO(text), delimiter=";")]
    assert found[299] == ("304", "C (Valeur imprimée)", "'=X"), "a spreadsheet does not run it"
    again = run("import", "contract", book, "--lang", "en", "--findings", findings)
    assert "All findings (300)" in again.stdout
    refused = run("import", "contract", book, "--lang", "fr", "--findings", book)
    assert (refused.exit_code, table()["findings-file-exists"].words["fr"].title in refused.stderr) == (2, True)
    assert zipfile.is_zipfile(book)
