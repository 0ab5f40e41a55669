"""Errors in a filled workbook: each is located by sheet, row and column."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cper_lod.importing.contracts.cell_findings import RULES
from cper_lod.importing.contracts.model import RawCell, RawSheet
from cper_lod.importing.contracts.parse_cells import KINDS
from tests.importing.fictitious_workbook import FICTION
from tests.importing.workbooks import at, grids, read, sentence_keys

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
