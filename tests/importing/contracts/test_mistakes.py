"""What a data officer gets wrong in a workbook and its documents: each with its cell and the code of what is told.

The list reads as a list: what was done, where it is told, as what. Nothing else is told.
"""

import functools
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook as Book

from cper_lod.core.errors import LANGUAGES
from cper_lod.importing.contracts import importer
from cper_lod.importing.contracts.importer import Workbook
from cper_lod.rdf.report import Report
from tests.importing.document_files import docx
from tests.importing.fictitious_workbook import FICTION, TEXT, funder
from tests.importing.workbooks import Answers, at, changed, plain
from tests.release.check.corruption import fact_findings
from tests.support.refusals import refused

MORE = """
Le Département du Gers signe aussi. Le port fictif reçoit 0 €.

Ainsi l'Agglomération du Grand Test apporte 12 M€ ; l'agglomération du Grand-Teste apporte 13 M€.
"""
"""What cases add to the document of the fictitious contract, which is the good workbook."""
GRAND_TEST = [
    funder(f"agglo-{value[:2]}", name, value, f"l'{name} apporte {value}", sorte_financeur="EPCI")
    for name, value in (("Agglomération du Grand Test", "12 M€"), ("agglomération du Grand-Teste", "13 M€"))
]

Mistake = Answers | Callable[[Book], object]


def cells(*cells: tuple[str, int, str, Any]) -> Answers:
    """Return the good answers with other cells."""
    return changed(FICTION, *cells)


def row(sheet: str, **answer: Any) -> Answers:  # noqa: ANN401
    """Return the good answers with a row more."""
    return {**FICTION, sheet: [*FICTION[sheet], answer]}


def typed(sheet: str, cell: str, value: object, format_: str = "General") -> Callable[[Book], None]:
    """Return a change of a cell."""

    def change(book: Book) -> None:
        book[sheet][cell] = value
        book[sheet][cell].number_format = format_

    return change


MISTAKES: dict[str, tuple[Mistake, str, str]] = {
    "a value in the column of reasons": (
        cells(("chiffres", 0, "valeur", None), ("chiffres", 0, "motif", "190 M€")),
        "Chiffres!D5",
        "reason-is-figure",
    ),
    "merged cells": (lambda book: book["Chiffres"].merge_cells("F6:F7"), "Chiffres!F6", "sheet-merged"),
    "a number without its unit": (cells(("chiffres", 0, "valeur", 190)), "Chiffres!C5", "figure-without-unit"),
    "an amount in English": (cells(("chiffres", 0, "valeur", "1,975.5 M€")), "Chiffres!C5", "figure-unreadable"),
    "a point for thousands or for decimals": (
        cells(("chiffres", 0, "valeur", "2.700 M€")),
        "Chiffres!C5",
        "figure-ambiguous",
    ),
    "a share in the format of percentages": (typed("Chiffres", "C8", 0.6, "0.0%"), "Chiffres!C8", "cell-not-text"),
    "a share of more than 100 %": (
        cells(("chiffres", 3, "valeur", "573 %"), ("chiffres", 3, "citation", None)),
        "Chiffres!C8",
        "share-above",
    ),
    "another figure": (cells(("chiffres", 1, "valeur", "102 M€")), "Chiffres!C6", "figure-not-quoted"),
    "a zero": (
        row(
            "chiffres",
            nom="port",
            valeur="0 €",
            perimetre="hors mobilités",
            citation="Le port fictif reçoit 0 €",
            lecture="Un port.",
        ),
        "Chiffres!C14",
        "figure-zero",
    ),
    "a figure twice": (row("chiffres", **FICTION["chiffres"][1] | {"nom": "etat-2"}), "Chiffres!C14", "figure-double"),
    "a body that signs twice": (
        row("signataires", nom="region fictive d'armorique test", citation="la Région fictive d'Armorique-Test"),
        "Signataires!B10",
        "row-double",
    ),
    "a misspelt body": (cells(("chiffres", 2, "financeur", "Région Ocitanie")), "Chiffres!F7", "body-near"),
    "one body in two spellings": (
        {**FICTION, "chiffres": [*FICTION["chiffres"], *GRAND_TEST]},
        "Chiffres!F15",
        "body-spelled",
    ),
    "a SIREN with a wrong digit": (cells(("signataires", 1, "siren", "200053792")), "Signataires!I6", "cell-siren-key"),
    "a SIREN of another body": (
        row("signataires", nom="Département du Gers", siren="243100518", citation="Le Département du Gers"),
        "Signataires!I10",
        "body-differs",
    ),
    "a département for the region": (cells(("contrat", 0, "region", "Gers")), "Contrat!D5", "region-unknown"),
    "a date whose order the spreadsheet turned": (
        typed("Documents", "F5", datetime(2030, 1, 2), "dd/mm/yyyy"),
        "Documents!F5",
        "date-not-quoted",
    ),
    "a date as a number": (cells(("documents", 0, "jour", 44898)), "Documents!F5", "cell-date-number"),
    "a subdivision that is not there": (
        cells(("chiffres", 1, "subdivision", "axe 5")),
        "Chiffres!H6",
        "reference-unknown",
    ),
    "two subdivisions, without a bar": (
        cells(("chiffres", 1, "subdivision", "axe 1 ; axe 2")),
        "Chiffres!H6",
        "reference-several",
    ),
    "a heading of an older workbook": (typed("Chiffres", "C1", "Montant (M€)"), "Chiffres!C1", "column-unknown"),
    "a heading that was deleted": (typed("Chiffres", "B1", None), "Chiffres!1", "column-missing"),
    "a sheet renamed": (lambda book: setattr(book["Chiffres"], "title", "Chiffre"), "Chiffre", "sheet-near"),
    "a sheet of one's own": (lambda book: book.create_sheet("Calculs"), "Calculs", "sheet-unknown"),
    "a sheet deleted": (lambda book: book.remove(book["Documents"]), "Documents", "sheet-missing"),
    "a hidden sheet": (lambda book: setattr(book["Étapes"], "sheet_state", "hidden"), "Étapes", "sheet-hidden"),
    "a hidden row": (
        lambda book: setattr(book["Chiffres"].row_dimensions[6], "hidden", True),
        "Chiffres!6",
        "row-hidden",
    ),
    "a hidden column": (
        lambda book: setattr(book["Chiffres"].column_dimensions["F"], "hidden", True),
        "Chiffres!F",
        "column-hidden",
    ),
    "a formula": (typed("Chiffres", "C6", "=B5*2"), "Chiffres!C6", "cell-formula"),
    "a reference that was lost": (typed("Chiffres", "C6", "#REF!"), "Chiffres!C6", "cell-error"),
    "a note beside the table": (typed("Chiffres", "AX6", "à vérifier avec Paul"), "Chiffres!AX6", "column-untitled"),
    "a note in the column of marks": (typed("Chiffres", "A6", "à vérifier"), "Chiffres!A6", "row-marked"),
    "a note in a number": (cells(("subdivisions", 0, "numero", "1 (ex-3)")), "Subdivisions!E5", "cell-integer"),
    "an unknown body": (
        cells(("chiffres", 1, "financeur", "Europe"), ("chiffres", 1, "citation", None)),
        "Chiffres!G6",
        "body-new",
    ),
    "a word for yes": (cells(("subdivisions", 0, "exclusif", "X")), "Subdivisions!G5", "cell-choice"),
    "a theme of our own": (cells(("subdivisions", 3, "theme", "Mobilités | Phares")), "Subdivisions!Q8", "cell-choice"),
    "signatories before the signing": (cells(("etapes", 0, "statut", "Annoncé")), "Signataires!B5", "signing-missing"),
    "a mistyped status": (cells(("etapes", 0, "statut", "Signer")), "Étapes!B5", "word-near"),
    "a code with accents": (cells(("documents", 0, "code", "communiqué")), "Documents!B5", "cell-identifier"),
}
"""Each mistake, the cell where it is told, the code of what is told."""
FILES: dict[str, tuple[Callable[[Path], bytes | None], str]] = {
    "moved": (lambda _: None, "source-missing"),
    "a CSV file renamed": (lambda _: "Numéro;Intitulé\n1;x\n".encode("cp1252"), "workbook-unreadable"),
    "an old .xls renamed, or a password": (lambda _: bytes.fromhex("d0cf11e0a1b11ae1"), "workbook-unreadable"),
    "a document for the workbook": (lambda _: docx("<w:p/>"), "workbook-unreadable"),
    "half a file": (lambda good: good.read_bytes()[:9000], "workbook-unreadable"),
}
"""Other files than the workbook, and the problem that each is."""


def told(workbook: Workbook) -> list[tuple[str, str]]:
    """Return the place and the code of each finding, which has its words in both languages."""
    findings = [each for each in workbook.cell_findings if each.severity != "info"]
    assert not [each.key for each in findings for lang in LANGUAGES if "{" in "".join(each.words(lang))]
    invented = ("region-unknown", "warning")
    return [(at(each.location), each.key) for each in findings if (each.key, each.severity) != invented]


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Apply the rules about facts alone, which are quick; read once what all workbooks share."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importer, "check", lambda sources, *_: Report(tuple(fact_findings(sources))))
        patch.setattr(importer, "read_codes", functools.cache(importer.read_codes))
        yield


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain(tmp_path_factory.mktemp("good") / "contrat.xlsx", FICTION)


@pytest.fixture
def text(tmp_path: Path) -> Path:
    (tmp_path / "texte.txt").write_text(TEXT.read_text("utf-8") + MORE, "utf-8")
    return tmp_path / "texte.txt"


def imported(path: Path, sources: Path, text: Path) -> Workbook:
    workbook = Workbook(path, sources, [str(text)])
    if not workbook.has_violations:
        workbook.check()
    assert workbook.source_findings == []
    return workbook


def test_nothing_is_told_of_the_good_workbook(small: Path, text: Path, good: Path) -> None:
    assert told(imported(good, small, text)) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_once_at_its_cell(name: str, small: Path, text: Path, good: Path, tmp_path: Path) -> None:
    mistake, place, key = MISTAKES[name]
    path = tmp_path / "contrat.xlsx"
    if callable(mistake):
        book = load_workbook(good)
        mistake(book)
        book.save(path)
    else:
        plain(path, mistake)
    assert told(imported(path, small, text)) == [(place, key)]


@pytest.mark.parametrize("name", FILES)
def test_another_file_is_told_for_what_it_is(name: str, small: Path, good: Path, tmp_path: Path) -> None:
    make, code = FILES[name]
    if content := make(good):
        (tmp_path / "contrat.xlsx").write_bytes(content)
    with refused(code):
        Workbook(tmp_path / "contrat.xlsx", small)
