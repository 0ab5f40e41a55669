"""Errors in a filled workbook: each is located by sheet, row and column."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from cper_lod.importing.contracts.cell_findings import RULES
from cper_lod.importing.contracts.model import RawCell, RawSheet
from cper_lod.importing.contracts.parse_cells import KINDS
from tests.importing.fictitious_workbook import FICTION
from tests.importing.workbooks import Answers, at, changed, grids, read, sentence_keys
from tests.importing.workbooks import cell as at_cell


def found(answers: Answers) -> list[tuple[str, str]]:
    return [(at(finding.location), finding.key) for finding in read(grids(answers))[1]]


Change = list[tuple[str, int, str, object]]
"""Other answers: each with its sheet, its row (from 0), its column and its value."""


def cell(sheet: str, row: int, key: str, value: object) -> Change:
    return [(sheet, row, key, value)]


def added(sheet: str, **answer: object) -> Change:
    """Return a row more."""
    return [(sheet, len(FICTION.get(sheet, ())), key, value) for key, value in answer.items()]


CASES: list[tuple[Change, str, str]] = [
    # What a cell holds
    (cell("contrat", 0, "region", None), "Contrat!D5", "cell-empty"),
    (cell("contrat", 0, "nom_court", "CPER\u200b"), at_cell("contrat", 0, "nom_court"), "cell-control"),
    (cell("subdivisions", 3, "exclusif", RawCell(True, "truth")), at_cell("subdivisions", 3, "exclusif"), "cell-truth"),
    (cell("contrat", 0, "contact", "http://exemple.fr/"), "Contrat!K5", "cell-contact"),
    # What hangs together
    (cell("signataires", 4, "nom", "DÉPARTEMENT FICTIF DU CAP–TEST"), "Signataires!B9", "row-double"),
    (cell("signataires", 2, "nom", "北"), "Signataires!B7", "name-unusable"),
    (added("contrat", nom="Un autre contrat", sorte="cper", region="Bretagne"), "Contrat!B6", "row-double"),
    (cell("contrat", 0, "document", "gazette"), "Contrat!F5", "reference-unknown"),
    (added("listes", liste="Statut", mot="signé"), "Listes!C5", "word-known"),
]
"""Other answers, and where what is found; `test_mistakes` has the others."""


@pytest.mark.parametrize(("change", "place", "key"), CASES)
def test_errors_are_located(change: Change, place: str, key: str) -> None:
    assert (place, key) in found(changed(FICTION, *change))


FIGURES = 5
"""The place of the sheet of figures."""
LAYOUT: list[tuple[Callable[[list[RawSheet]], object], str, str]] = [
    (lambda all_: all_.append(RawSheet("ETAPES")), "ETAPES", "sheet-double"),
    (lambda all_: all_[0].rows.pop(5), "Documents", "sheet-empty"),
    (
        lambda all_: all_[FIGURES].rows.update({row: {2: RawCell("x", "text")} for row in range(5, 600)}),
        "Chiffres",
        "sheet-long",
    ),
    (lambda all_: all_[FIGURES].rows[1].update({40: RawCell("row", "text")}), "Chiffres!AN1", "column-double"),
    (lambda all_: all_[1].rows.pop(5), "Contrat", "sheet-empty"),
]


@pytest.mark.parametrize(("change", "place", "key"), LAYOUT, ids=[f"{key}-{place}" for _, place, key in LAYOUT])
def test_layout_errors_are_reported(change: Callable[[list[RawSheet]], object], place: str, key: str) -> None:
    layout = grids(FICTION)
    change(layout)
    assert (place, key) in [(at(finding.location), finding.key) for finding in read(layout)[1]]


def test_headings_in_english_and_without_accents_are_known() -> None:
    layout = grids(FICTION)
    layout[2].name = "etapes"
    layout[FIGURES].rows[1][2] = RawCell(" ROW ", "text")
    assert read(layout)[1] == []


def test_marked_rows_are_not_read() -> None:
    layout = grids(FICTION)
    layout[FIGURES].rows[20] = {1: RawCell("Exemple / Example", "text"), 2: RawCell("n'importe quoi", "text")}
    book, findings = read(layout)
    assert (len(book["chiffres"]), findings) == (9, [])


def test_a_workbook_without_sheets_has_only_findings() -> None:
    book, findings = read([])
    missing = [finding.location.sheet for finding in findings if finding.key == "sheet-missing"]
    assert missing == ["Documents", "Contrat"]
    assert set(map(len, book.values())) == {0}


def test_values_are_shown_as_they_are_typed() -> None:
    for value, shown in ((120.0, "120"), (RawCell(0.4, "number", "0%"), "40 %"), (date(2030, 2, 1), "01/02/2030")):
        (told,) = read(grids(changed(FICTION, ("chiffres", 1, "valeur", value))))[1]
        assert (
            told.describe("fr")
            .splitlines()[0]
            .endswith(f" Chiffres, ligne 6, colonne C (Valeur imprimée) : « {shown} »")
        )


def test_every_kind_of_finding_is_met_by_a_test() -> None:
    start, end = map(sentence_keys().index, ("cli-workbook-new", "remedy-figure-ambiguous"))
    known = {key.removeprefix("finding-") for key in sentence_keys()[start:end] if key.startswith("finding-")}
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    met = {each for each in known if f'"{each}"' in tests}
    assert len(known) > 60
    assert (
        known
        - met
        - {*RULES.values(), *(each.not_quoted for each in KINDS.values()), "words-lacking", "facts-contradict"}
        == set()
    )
