"""A published contract is written back into the workbook; imported again, it changes nothing but what was changed."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from openpyxl import load_workbook
from pyoxigraph import Quad

from cper_lod.core.i18n import translate
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import shorten
from cper_lod.importing.contracts.kept_workbook import export_contract
from cper_lod.rdf.reader import read
from cper_lod.release.sources.writing import LOCK, staged
from tests.importing.workbooks import run
from tests.support.names import BASE
from tests.support.one_contract import copy_contract
from tests.support.paths import ROOT
from tests.support.refusals import refused

NORTH = "hauts-de-france-2021-2027"
CONTRACT = f"{BASE}id/contrat/{NORTH}"


def exported(sources: Path, book: Path) -> Path:
    told = run("export", "contract", NORTH, book, "--sources", sources)
    assert (told.exit_code, str(book) in told.stdout) == (0, True)
    return book


def replaced(sources: Path, book: Path, *options: object) -> Result:
    return run("import", "contract", book, "--sources", sources, "--replace", "--lang", "fr", *options)


def say(book: Path, column: str, text: str | None) -> None:
    """Write a cell of the sheet about the contract."""
    opened = load_workbook(book)
    headings = [each.value for each in opened["Contrat"][1]]
    opened["Contrat"].cell(5, headings.index(column) + 1).value = text
    opened.save(book)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a shipped contract with what it needs alone; not to be written to."""
    return copy_contract(ROOT / "data", NORTH, tmp_path_factory.mktemp("data") / "sources")


@pytest.fixture
def sources(data: Path, tmp_path: Path) -> Path:
    return shutil.copytree(data, tmp_path / "sources", symlinks=True)


def contents(sources: Path) -> dict[str, bytes]:
    return {str(path.relative_to(sources)): path.read_bytes() for path in sources.rglob("*.ttl")}


def quads(sources: Path) -> set[Quad]:
    return {quad for path in (sources / "data").rglob("*.ttl") for quad in read(path, scope=path.name, names=PROGRAM)}


def test_the_shipped_contract_is_what_its_workbook_says(unchecked: object, sources: Path, tmp_path: Path) -> None:
    """With another amount, it changes what depends on the amount; as it is, nothing (`test_published`)."""
    before, book, text = quads(sources), exported(sources, tmp_path / "contrat.xlsx"), tmp_path / "communique.md"
    said = (ROOT / "data" / "sources" / "communique-2023-01-09.md").read_text("utf-8")
    text.write_text(said.replace("995 M€", "996 M€"), "utf-8")
    opened = load_workbook(book)
    cells = [each for row in opened["Chiffres"].iter_rows() for each in row if "995 M€" in str(each.value)]
    assert len(cells) == 3, "the amount, and the quotations of amount and share"
    for each in cells:
        each.value = str(each.value).replace("995 M€", "996 M€")
    opened.save(book)
    told = replaced(sources, book, "--text", text)
    assert told.exit_code == 0, told.output
    (line,) = (line for line in told.stdout.splitlines() if "995 M€" in line and "996 M€" in line and "Valeur" in line)
    assert "Chiffres" in line
    changed = {
        (quad.subject.value.removeprefix(CONTRACT), shorten(quad.predicate.value))  # type: ignore[union-attr]
        for quad in before ^ quads(sources)
    }
    assert changed == {
        ("/montant/region", "cper:valeur"),
        ("/montant/region", "cper:valeurPubliee"),
        ("/enonce/montant-region", "oa:exact"),
        ("/enonce/part-region", "oa:exact"),
        (f"{BASE}id/document/communique-2023-01-09/empreinte", "spdx:checksumValue"),
    }


def test_a_workbook_older_than_the_data_is_refused(unchecked: object, sources: Path, tmp_path: Path) -> None:
    """A workbook may be corrected and imported again and again; a second one, exported before, would undo that."""
    mine, theirs = (exported(sources, tmp_path / name) for name in ("mine.xlsx", "theirs.xlsx"))
    for text in ("Une remarque", "Une autre remarque"):
        say(mine, "Note", text)
        assert replaced(sources, mine).exit_code == 0
    before = contents(sources)
    answer = replaced(sources, theirs)
    assert (answer.exit_code, contents(sources)) == (1, before)
    assert "« Une autre remarque » devient « – »" in answer.stdout
    assert "--older" in answer.stderr
    assert replaced(sources, theirs, "--older").exit_code == 0
    assert "Une autre remarque" not in str(contents(sources))


def test_an_unknown_contract_is_a_problem(data: Path, tmp_path: Path) -> None:
    answer = run("export", "contract", "normandie-2021-2027", tmp_path / "x.xlsx", "--sources", data)
    assert (answer.exit_code, NORTH in answer.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_contract_changed_since_its_import_is_not_exported(sources: Path, tmp_path: Path) -> None:
    changed_by_hand(sources)
    with refused("export-differs"):
        export_contract(sources, NORTH)
    (sources / "data" / ".workbooks" / f"{NORTH}.json").unlink()
    with refused("export-differs"):
        export_contract(sources, NORTH)


def changed_by_hand(sources: Path) -> Path:
    """Return the Turtle of the contract, with an amount that its workbook does not have."""
    path = sources / "data" / "contracts" / f"{NORTH}.ttl"
    path.write_text(path.read_text("utf-8").replace("995 M€", "996 M€"), "utf-8")
    return path


def test_a_change_in_turtle_is_not_undone_unasked(unchecked: object, sources: Path, tmp_path: Path) -> None:
    """Even by the workbook that was imported last, in which no cell differs."""
    book, nothing = exported(sources, tmp_path / "contrat.xlsx"), translate("amended-nothing", "fr")
    say(book, "Version", None)  # as the workbook that the contract was imported from
    assert nothing in replaced(sources, book).stdout
    path, before = sources / "data" / "contracts" / f"{NORTH}.ttl", contents(sources)
    changed_by_hand(sources)
    told = replaced(sources, book)
    assert (told.exit_code, "996 M€" in path.read_text("utf-8")) == (1, True), told.output
    assert "--older" in told.stderr
    assert nothing not in told.stdout
    told = replaced(sources, book, "--older")
    assert (told.exit_code, contents(sources)) == (0, before), told.output
    assert nothing not in told.stdout


DAMAGED = [b'{"digest": "', b"[]", b"\xff", b'{"digest": "", "version": "", "cells": {"contrat": [{"nom": 1}]}}']


@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_damaged_kept_workbook_is_not_exported(sources: Path, damaged: bytes) -> None:
    path = sources / "data" / ".workbooks" / f"{NORTH}.json"
    path.write_bytes(damaged)
    with refused("workbook-damaged") as told:
        export_contract(sources, NORTH)
    assert told.value.params["path"] == path


def test_an_import_replaces_a_damaged_kept_workbook(unchecked: object, sources: Path, tmp_path: Path) -> None:
    """It is refused if it could undo a change in Turtle; `--older`, or the remedy of the problem, goes on."""
    book, path = exported(sources, tmp_path / "contrat.xlsx"), sources / "data" / ".workbooks" / f"{NORTH}.json"
    whole = json.loads(path.read_bytes())
    path.write_bytes(b"[]")
    assert replaced(sources, book).exit_code == 0  # exported from these files
    assert json.loads(path.read_bytes())["cells"] == whole["cells"]
    say(book, "Version", None)
    changed = changed_by_hand(sources).read_bytes()
    path.write_bytes(b"[]")
    told = replaced(sources, book)
    assert (told.exit_code, str(path) in told.stderr, path.read_bytes()) == (2, True, b"[]"), told.output
    assert path.parent.parent.joinpath("contracts", f"{NORTH}.ttl").read_bytes() == changed
    assert replaced(sources, book, "--older").exit_code == 0
    assert json.loads(path.read_bytes())["cells"] == whole["cells"]


def test_an_export_completes_the_import_of_a_killed_command(sources: Path) -> None:
    """The contract and the cells of its workbook belong together."""
    kept = f"data/.workbooks/{NORTH}.json"
    (sources / kept).rename(staged(sources / kept))
    (sources / LOCK).write_text(f'[1, ""]\n{json.dumps([[kept], []])}\nwhole\n')
    assert export_contract(sources, NORTH)["contrat"]
    assert (sources / kept).is_file()
