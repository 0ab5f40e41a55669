"""The mistakes of a person who fills a workbook, sheet by sheet: where each is told, and in which words.

What does no harm is accepted: `ACCEPTED` stands in the place of the words.
"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cper_lod.importing.contracts.importer import Workbook
from cper_lod.importing.contracts.model import CellFinding, RawCell, RawSheet, column_letters, sheets
from cper_lod.importing.contracts.read_xlsx import read_xlsx
from cper_lod.rdf.report import Report
from cper_lod.release.check.facts import check_facts
from tests.support.fictitious_workbook import WHOLE
from tests.support.workbooks import at, changed, grids, plain, read

ACCEPTED = ""
Change = tuple[int, str, Any] | Callable[[RawSheet], object] | str
"""A cell (row from 0, column, value), a change of the sheet, or what is done to all sheets together."""
PERCENT = "0%"


def extra(sheet: RawSheet) -> None:
    """Add a column after the last one."""
    sheet.rows[1][max(sheet.rows[1]) + 1] = RawCell("Avis", "text")


def renamed(name: str) -> Callable[[RawSheet], None]:
    """Return a change of the name of a sheet."""
    return lambda sheet: setattr(sheet, "name", name)


def repeated(row: int) -> Callable[[RawSheet], None]:
    """Return a change that repeats a row at the end of the sheet."""
    return lambda sheet: sheet.rows.update({max(sheet.rows) + 1: sheet.rows[row]})


MERGED, ACCENT, AFTER, BELOW = "merged", "accent", "after", "below"
"""What is done to all sheets together; the first cell after the headings, and the row below the last one."""
# fmt: off
# The sheet, the mistake, what is done; the cell that is named (or the sheet), the finding and what it says of itself.
MISTAKES: list[tuple[str, str, Change, str, str]] = [
    ("Contrat", "missing", (0, "signe_le", None), "C7", "cell-empty"),
    ("Contrat", "a day that does not exist", (0, "signe_le", "31/02/2030"), "C7", "cell-date"),
    ("Contrat", "a line twice", repeated(3), BELOW, "line-double"),
    ("Contrat", "not in the list", (0, "essai", "peut-être"), "C13", "cell-choice"),
    ("Contrat", "a decimal comma", (0, "nombre_signataires", "5,5"), "C9", "cell-integer"),
    ("Contrat", "another case", renamed("CONTRAT"), "", ACCEPTED),
    ("Source", "missing", (0, "titre", None), "C2", "cell-empty"),
    ("Source", "not a date", (0, "date", "début février 2030"), "C3", "cell-date"),
    ("Source", "a month without its accent", (0, "date", "1er fevrier 2030"), "", ACCEPTED),
    ("Source", "a line twice", repeated(3), BELOW, "line-double"),
    ("Source", "a site of others", (0, "adresse", "https://exemple.fr/communique"), "C5", "cell-url"),
    ("Signataires", "missing", (2, "nom", None), "B7", "cell-empty"),
    ("Signataires", "a date in the place of words", (2, "note", date(2030, 2, 1)), "F7", "cell-not-text"),
    ("Signataires", "a percentage in the place of words", (2, "note", RawCell(0.36, "number", PERCENT)), "F7", "cell-not-text"),
    ("Signataires", "a name twice", (2, "nom", "AGGLOMERATION FICTIVE DE FAUSSEVILLE"), "B9", "row-double 7"),
    ("Signataires", "not in the list", (2, "type", "Conseil départemental"), "C7", "cell-choice"),
    ("Signataires", "commas in a number", (2, "siren", "123,456,782"), "D7", "cell-siren"),
    ("Signataires", "a digit too few", (2, "siren", "12345678"), "D7", "cell-siren"),
    ("Signataires", "two digits swapped", (2, "siren", "123456728"), "D7", "cell-siren-key"),
    ("Priorités", "missing", (0, "intitule", None), "C5", "cell-empty"),
    ("Priorités", "a date in the place of a number", (0, "numero", date(2030, 2, 1)), "B5", "cell-integer"),
    ("Priorités", "a percentage in the place of a number", (0, "numero", "1 %"), "B5", "cell-integer"),
    ("Priorités", "a number twice", (1, "numero", 1), "B6", "row-double 5"),
    ("Priorités", "a decimal comma", (0, "numero", "1,5"), "B5", "cell-integer"),
    ("Priorités", "a name without its accent", renamed("priorites"), "", ACCEPTED),
    ("Axes", "missing", (0, "citation", None), "E5", "cell-empty"),
    ("Axes", "a date in the place of a share", (0, "part", date(2030, 2, 1)), "H5", "cell-share"),
    ("Axes", "a percentage as text", (0, "part", "40%"), "", ACCEPTED),
    ("Axes", "a percentage as a number", (0, "part", RawCell(0.4, "number", PERCENT)), "", ACCEPTED),
    ("Axes", "a fraction", (0, "part", 0.4), "H5", "cell-share-ambiguous"),
    ("Axes", "a decimal comma", (1, "part", "25,5"), "", ACCEPTED),
    ("Axes", "numbers that the spreadsheet reads as one", (1, "priorites", 1.2), "F6", "cell-integers-decimal"),
    ("Axes", "a number twice", (1, "numero", 1), "B6", "row-double 5"),
    ("Axes", "a priority that is not there", (0, "priorites", "9"), "F5", "reference-unknown Priorités"),
    ("Montants", "missing", (1, "montant", None), "D6", "cell-empty"),
    ("Montants", "a date in the place of an amount", (1, "montant", date(2030, 2, 1)), "D6", "cell-amount"),
    ("Montants", "a percentage as text", (1, "part", "60%"), "", ACCEPTED),
    ("Montants", "another figure than that of the document", (1, "montant", "610 M€"), "D6", "figure-not-quoted K"),
    ("Montants", "another figure, as a number", (1, "montant", 610000000.0), "D6", "figure-not-quoted K"),
    ("Montants", "millions as units", (1, "montant", 120), "D6", "figure-not-quoted K"),
    ("Montants", "a funder twice", (2, "financeur", "État"), "C7", "row-double 6"),
    ("Montants", "not in the list", (1, "financeur", "Ville"), "C6", "cell-choice"),
    ("Montants", "a decimal comma", (1, "montant", "120,0 M€"), "", ACCEPTED),
    ("Montants", "a choice without its accent", (1, "financeur", "Etat"), "", ACCEPTED),
    ("Avenants", "missing", (0, "statut", None), "D5", "cell-empty"),
    ("Avenants", "neither a date nor a year", (0, "date", "courant 2032"), "E5", "cell-date-or-year"),
    ("Avenants", "a title twice", repeated(5), "B6", "row-double 5"),
    ("Avenants", "not in the list", (0, "statut", "Abandonné"), "D5", "cell-choice"),
    ("Avenants", "numbers that the spreadsheet reads as one", (0, "axes", 1.2), "F5", "cell-integers-decimal"),
    ("Avenants", "an axis that is not there", (0, "axes", "9"), "F5", "reference-unknown Axes"),
    ("Schémas régionaux", "missing", (0, "citation", None), "C5", "cell-empty"),
    ("Schémas régionaux", "a date in the place of words", (0, "nom", date(2030, 2, 1)), "B5", "cell-not-text"),
    ("Schémas régionaux", "a name twice", repeated(5), "B6", "row-double 5"),
    ("Schémas régionaux", "a name without its accents", renamed("Schemas regionaux"), "", ACCEPTED),
    ("Financements articulés", "missing", (0, "nom", None), "B5", "cell-empty"),
    ("Financements articulés", "a date in the place of words", (0, "citation", date(2030, 2, 1)), "D5", "cell-not-text"),
    ("Financements articulés", "a name twice", repeated(5), "B6", "row-double 5"),
    ("Autres sources", "missing", (0, "titre", None), "C5", "cell-empty"),
    ("Autres sources", "not a date", (0, "date", "en février"), "D5", "cell-date"),
    ("Autres sources", "a number twice", repeated(5), "B6", "row-double 5"),
    ("Catalogue", "an order that is not one", (0, "cadre", "4,26 ; 48,84 ; 1,38 ; 51,09"), "C2", "cell-box"),
    ("Catalogue", "not an address", (0, "contact", "à la mairie"), "C4", "cell-contact"),
    ("Catalogue", "a line twice", repeated(3), BELOW, "line-double"),
]
TOLD = {
    "cell-empty": ("Cette cellule doit être remplie.", "This cell must be filled in."),
    "cell-date": ("Ce n'est pas une date.", "This is not a date."),
    "line-double": ("Cette rubrique est donnée deux fois.", "This item is given twice."),
    "cell-choice": ("Cette valeur n'est pas dans la liste.", "This value is not in the list."),
    "cell-integer": ("Un nombre entier supérieur ou égal à 1 est attendu.", "A whole number of at least 1 is expected."),
    "sheet-merged": ("Les cellules {} sont fusionnées.", "The cells {} are merged."),
    "column-unknown": ("Cette colonne est inconnue : son contenu serait ignoré.", "This column is unknown: its content would be ignored."),
    "sheet-near": ("Aucune feuille du modèle ne porte ce nom ; le plus proche est « {} ».", "The template has no sheet of this name; the nearest is “{}”."),
    "text-not-quoted": ("La citation (colonne {}) ne contient pas ces mots.", "The quotation (column {}) does not hold these words."),
    "cell-url": ("Ce n'est pas l'adresse https d'un site en gouv.fr ; ces données ne renvoient vers aucun autre site.", "This is not the https address of a gouv.fr site; this data links to no other sites."),
    "cell-not-text": ("Un texte est attendu ; le tableur l'a converti en date ou en nombre.", "Text is expected; the spreadsheet has converted it to a date or a number."),
    "row-double": ("Déjà indiqué à la ligne {}.", "Already given in row {}."),
    "cell-siren": ("Ce n'est pas un SIREN : il a neuf chiffres, comme 123 456 782.", "This is not a SIREN: it has nine digits, such as 123 456 782."),
    "cell-siren-key": ("La clé de ce SIREN est fausse : un chiffre est faux, ou deux chiffres sont inversés.", "The check digit of this SIREN is wrong: a digit is wrong, or two are swapped."),
    "cell-share": ("Ce n'est pas une part entre 0 et 100 %.", "This is not a share between 0 and 100 %."),
    "cell-share-ambiguous": ("S'agit-il d'une fraction (40 %) ou d'un pourcentage inférieur à 1 ? La valeur est ambiguë.", "Is it a fraction (40 %) or a percentage below 1? The value is ambiguous."),
    "cell-integers-decimal": ("Le tableur a lu un nombre à virgule là où plusieurs numéros sont attendus.", "The spreadsheet has read a decimal number where several numbers are expected."),
    "reference-unknown": ("Le numéro 9 n'est pas dans la feuille {}.", "The number 9 is not in the sheet {}."),
    "cell-amount": ("Ce n'est pas un montant.", "This is not an amount."),
    "figure-not-quoted": ("La citation (colonne {}) ne contient pas ce nombre.", "The quotation (column {}) does not hold this number."),
    "cell-date-or-year": ("Ce n'est ni une date ni une année.", "This is neither a date nor a year."),
    "cell-box": ("Ce n'est pas un cadre géographique : quatre nombres en degrés, l'ouest avant l'est et le sud avant le nord.", "This is not a bounding box: four numbers in degrees, west before east and south before north."),
    "cell-contact": ("Ce n'est ni une adresse électronique, ni une adresse https.", "This is neither an e-mail address nor an https address."),
}
# fmt: on
"""What a finding says in French and in English."""
SHEETS: dict[str, tuple[str, tuple[int, str, str] | None, str, str]] = {
    "Contrat": ("Contrats", (0, "lieu", "hotel fictif de la region"), "C8", "D"),
    "Source": ("Sources", None, "", ""),
    "Signataires": ("Signataire", (2, "nom", "Departement fictif du Cap-Test"), "B7", "G"),
    "Priorités": ("Priorité 1", (1, "intitule", "Naviguer en fictïon"), "C6", "G"),
    "Axes": ("Axe", (0, "intitule", "Ecoles fictives"), "C5", "E"),
    "Montants": ("Montant", None, "", ""),
    "Avenants": ("Avenant", (0, "intitule", "Avenant mobilites fictives"), "B5", "H"),
    "Schémas régionaux": ("Schéma régional", (0, "nom", "schema regional fictif"), "B5", "C"),
    "Financements articulés": ("Financements", (0, "nom", "Fonds fictïfs"), "B5", "D"),
    "Autres sources": ("Autre source", None, "", ""),
    "Catalogue": ("Catalog", None, "", ""),
}
"""Of each sheet a name that is nearly its own; what `ACCENT` stands for, its cell, and the column of its quotation."""
KEYS = {sheet.names["fr"]: sheet.key for sheet in sheets()}
FORMS = {sheet.names["fr"] for sheet in sheets() if sheet.form}
for _sheet, (_name, _accent, _place, _letter) in SHEETS.items():
    _cells = "C4:D4" if _sheet in FORMS else "C5:C6"
    MISTAKES += [
        (_sheet, "merged", MERGED, _cells[:2], f"sheet-merged {_cells}"),
        (_sheet, "a column more", extra, AFTER, "column-unknown"),
        (_sheet, "another name", renamed(_name), _name, f"sheet-near {_sheet}"),
        *([(_sheet, "without accents", ACCENT, _place, f"text-not-quoted {_letter}")] if _accent else []),
    ]


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> list[CellFinding]:
    """Return what is told about a workbook with merged cells in each sheet."""
    path = plain(tmp_path_factory.mktemp("merged") / "contrat.xlsx", WHOLE)
    book = load_workbook(path)
    for sheet in sheets():
        book[sheet.names["fr"]].merge_cells("C4:D4" if sheet.form else "C5:C6")
    book.save(path)
    return read_xlsx(path)[1]


@pytest.fixture(scope="module")
def unaccented(small: Path, tmp_path_factory: pytest.TempPathFactory) -> list[CellFinding]:
    """Return the violations of a workbook whose words lack their accents."""
    words = [(KEYS[sheet], *accent) for sheet, (_, accent, *_) in SHEETS.items() if accent]
    path = plain(tmp_path_factory.mktemp("accents") / "contrat.xlsx", changed(WHOLE, *words))
    with pytest.MonkeyPatch.context() as patch:
        name = "cper_lod.importing.contracts.importer.check"
        patch.setattr(name, lambda sources, *_: Report(tuple(check_facts(sources))))
        workbook = Workbook(path, small)
        workbook.check()
        return [each for each in workbook.cell_findings if each.severity == "violation"]


@pytest.fixture
def found(request: pytest.FixtureRequest) -> Callable[[str, Change], list[CellFinding]]:
    """Return a function that makes a mistake in a sheet and returns what is told."""

    def make(sheet: str, change: Change) -> list[CellFinding]:
        if isinstance(change, str):
            all_: list[CellFinding] = request.getfixturevalue({MERGED: "merged", ACCENT: "unaccented"}[change])
            return [each for each in all_ if each.location.sheet == sheet][:1]
        if isinstance(change, tuple):
            return read(grids(changed(WHOLE, (KEYS[sheet], *change))))[1]
        all_sheets = grids(WHOLE)
        change(next(each for each in all_sheets if each.name == sheet))
        return read(all_sheets)[1]

    return make


@pytest.mark.parametrize(
    ("sheet", "change", "place", "key"),
    [(sheet, *rest) for sheet, _, *rest in MISTAKES],
    ids=[f"{sheet}, {mistake}" for sheet, mistake, *_ in MISTAKES],
)
def test_a_mistake_is_told_once_where_it_is(
    sheet: str, change: Change, place: str, key: str, found: Callable[[str, Change], list[CellFinding]]
) -> None:
    told = found(sheet, change)
    if key == ACCEPTED:
        assert told == []
        return
    (finding,) = told
    rows = next(each.rows for each in grids(WHOLE) if each.name == sheet)
    cell = {AFTER: f"{column_letters(max(rows[1]) + 1)}1", BELOW: str(max(rows) + 1)}.get(place, place)
    assert at(finding.location) == (f"{sheet}!{cell}" if re.fullmatch("[A-Z]*[0-9]+", cell) else cell)
    key, _, value = key.partition(" ")
    french, english = TOLD[key]
    assert finding.key == key
    assert finding.describe("fr").splitlines()[1].startswith(f"  Constat : {french.format(value)}")
    assert finding.describe("en").splitlines()[1].startswith(f"  Finding: {english.format(value)}")


def test_each_sheet_has_its_mistakes() -> None:
    assert set(SHEETS) == set(KEYS) - {"Autres faits"}  # that keeps what is published: test_export
    missing = {sheet for sheet, kind, *_ in MISTAKES if kind == "missing"}
    assert set(SHEETS) - missing == {"Catalogue"}, "each line of it may stay empty"
    assert set(TOLD) == {key.partition(" ")[0] for *_, key in MISTAKES} - {ACCEPTED}


def test_values_are_shown_as_they_are_typed(found: Callable[[str, Change], list[CellFinding]]) -> None:
    for value, shown in (("610 M€", "610 M€"), (610000000.0, "610000000"), (RawCell(0.4, "number", PERCENT), "40 %")):
        (told,) = found("Montants", (1, "part" if "%" in shown else "montant", value))
        assert told.location.describe("fr") + f" : « {shown} »" in told.describe("fr")
    (told,) = found("Axes", (0, "part", date(2030, 2, 1)))
    assert "« 01/02/2030 »" in told.describe("fr")
