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
from cper_lod.importing.contracts.parse_cells import PARSERS
from cper_lod.importing.contracts.read_xlsx import read_xlsx
from cper_lod.rdf.report import Report
from cper_lod.release.check.facts import check_facts
from tests.support.cases import each_case
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
# The sheet, the mistake, what is done; the cell that is named (or the sheet), and what is told in French.
MISTAKES: list[tuple[str, str, Change, str, str]] = [
    ("Contrat", "missing", (0, "signe_le", None), "C7", "Cette cellule doit être remplie."),
    ("Contrat", "a day that does not exist", (0, "signe_le", "31/02/2030"), "C7", "Ce n'est pas une date."),
    ("Contrat", "a line twice", repeated(3), BELOW, "Cette rubrique est donnée deux fois."),
    ("Contrat", "not in the list", (0, "essai", "peut-être"), "C13", "Cette valeur n'est pas dans la liste."),
    ("Contrat", "a decimal comma", (0, "nombre_signataires", "5,5"), "C9",
     "Un nombre entier supérieur ou égal à 1 est attendu."),
    ("Contrat", "merged", MERGED, "C4", "Les cellules C4:D4 sont fusionnées."),
    ("Contrat", "a column more", extra, AFTER, "Cette colonne est inconnue : son contenu serait ignoré."),
    ("Contrat", "another name", renamed("Contrats"), "Contrats",
     "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Contrat »."),
    ("Contrat", "another case", renamed("CONTRAT"), "", ACCEPTED),
    ("Contrat", "without accents", ACCENT, "C8", "La citation (colonne D) ne contient pas ces mots."),
    ("Source", "missing", (0, "titre", None), "C2", "Cette cellule doit être remplie."),
    ("Source", "not a date", (0, "date", "début février 2030"), "C3", "Ce n'est pas une date."),
    ("Source", "a month without its accent", (0, "date", "1er fevrier 2030"), "", ACCEPTED),
    ("Source", "a line twice", repeated(3), BELOW, "Cette rubrique est donnée deux fois."),
    ("Source", "a site of others", (0, "adresse", "https://exemple.fr/communique"), "C5",
     "Ce n'est pas l'adresse https d'un site en gouv.fr ; ces données ne renvoient vers aucun autre site."),
    ("Source", "merged", MERGED, "C4", "Les cellules C4:D4 sont fusionnées."),
    ("Source", "a column more", extra, AFTER, "Cette colonne est inconnue : son contenu serait ignoré."),
    ("Source", "another name", renamed("Sources"), "Sources",
     "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Source »."),
    ("Signataires", "missing", (2, "nom", None), "B7", "Cette cellule doit être remplie."),
    ("Signataires", "a date in the place of words", (2, "note", date(2030, 2, 1)), "F7",
     "Un texte est attendu ; le tableur l'a converti en date ou en nombre."),
    ("Signataires", "a percentage in the place of words", (2, "note", RawCell(0.36, "number", PERCENT)), "F7",
     "Un texte est attendu ; le tableur l'a converti en date ou en nombre."),
    ("Signataires", "a name twice", (2, "nom", "AGGLOMERATION FICTIVE DE FAUSSEVILLE"), "B9",
     "Déjà indiqué à la ligne 7."),
    ("Signataires", "not in the list", (2, "type", "Conseil départemental"), "C7",
     "Cette valeur n'est pas dans la liste."),
    ("Signataires", "commas in a number", (2, "siren", "123,456,782"), "D7",
     "Ce n'est pas un SIREN : il a neuf chiffres, comme 123 456 782."),
    ("Signataires", "a digit too few", (2, "siren", "12345678"), "D7",
     "Ce n'est pas un SIREN : il a neuf chiffres, comme 123 456 782."),
    ("Signataires", "two digits swapped", (2, "siren", "123456728"), "D7",
     "La clé de ce SIREN est fausse : un chiffre est faux, ou deux chiffres sont inversés."),
    ("Signataires", "merged", MERGED, "C5", "Les cellules C5:C6 sont fusionnées."),
    ("Signataires", "a column more", extra, AFTER, "Cette colonne est inconnue : son contenu serait ignoré."),
    ("Signataires", "another name", renamed("Signataire"), "Signataire",
     "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Signataires »."),
    ("Signataires", "without accents", ACCENT, "B7", "La citation (colonne G) ne contient pas ces mots."),
    ("Priorités", "missing", (0, "intitule", None), "C5", "Cette cellule doit être remplie."),
    ("Priorités", "a date in the place of a number", (0, "numero", date(2030, 2, 1)), "B5",
     "Un nombre entier supérieur ou égal à 1 est attendu."),
    ("Priorités", "a percentage in the place of a number", (0, "numero", "1 %"), "B5",
     "Un nombre entier supérieur ou égal à 1 est attendu."),
    ("Priorités", "a number twice", (1, "numero", 1), "B6", "Déjà indiqué à la ligne 5."),
    ("Priorités", "a decimal comma", (0, "numero", "1,5"), "B5", "Un nombre entier supérieur ou égal à 1 est attendu."),
    ("Priorités", "merged", MERGED, "C5", "Les cellules C5:C6 sont fusionnées."),
    ("Priorités", "a column more", extra, AFTER, "Cette colonne est inconnue : son contenu serait ignoré."),
    ("Priorités", "a name without its accent", renamed("priorites"), "", ACCEPTED),
    ("Priorités", "another name", renamed("Priorité 1"), "Priorité 1",
     "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Priorités »."),
    ("Priorités", "without accents", ACCENT, "C6", "La citation (colonne G) ne contient pas ces mots."),
    ("Axes", "missing", (0, "citation", None), "E5", "Cette cellule doit être remplie."),
    ("Axes", "a date in the place of a share", (0, "part", date(2030, 2, 1)), "H5",
     "Ce n'est pas une part entre 0 et 100 %."),
    ("Axes", "a percentage as text", (0, "part", "40%"), "", ACCEPTED),
    ("Axes", "a percentage as a number", (0, "part", RawCell(0.4, "number", PERCENT)), "", ACCEPTED),
    ("Axes", "a fraction", (0, "part", 0.4), "H5",
     "S'agit-il d'une fraction (40 %) ou d'un pourcentage inférieur à 1 ? La valeur est ambiguë."),
    ("Axes", "a decimal comma", (1, "part", "25,5"), "", ACCEPTED),
    ("Axes", "numbers that the spreadsheet reads as one", (1, "priorites", 1.2), "F6",
     "Le tableur a lu un nombre à virgule là où plusieurs numéros sont attendus."),
    ("Axes", "a number twice", (1, "numero", 1), "B6", "Déjà indiqué à la ligne 5."),
    ("Axes", "a priority that is not there", (0, "priorites", "9"), "F5",
     "Le numéro 9 n'est pas dans la feuille Priorités."),
    ("Axes", "merged", MERGED, "C5", "Les cellules C5:C6 sont fusionnées."),
    ("Axes", "a column more", extra, AFTER, "Cette colonne est inconnue : son contenu serait ignoré."),
    ("Axes", "another name", renamed("Axe"), "Axe",
     "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Axes »."),
    ("Axes", "without accents", ACCENT, "C5", "La citation (colonne E) ne contient pas ces mots."),
    ("Montants", "missing", (1, "montant", None), "D6", "Cette cellule doit être remplie."),
    ("Montants", "a date in the place of an amount", (1, "montant", date(2030, 2, 1)), "D6",
     "Ce n'est pas un montant."),
    ("Montants", "a percentage as text", (1, "part", "60%"), "", ACCEPTED),
    ("Montants", "another figure than that of the document", (1, "montant", "610 M€"), "D6",
     "La citation (colonne K) ne contient pas ce nombre."),
    ("Montants", "another figure, as a number", (1, "montant", 610000000.0), "D6",
     "La citation (colonne K) ne contient pas ce nombre."),
    ("Montants", "millions as units", (1, "montant", 120), "D6", "La citation (colonne K) ne contient pas ce nombre."),
    ("Montants", "a funder twice", (2, "financeur", "État"), "C7", "Déjà indiqué à la ligne 6."),
    ("Montants", "not in the list", (1, "financeur", "Ville"), "C6", "Cette valeur n'est pas dans la liste."),
    ("Montants", "a decimal comma", (1, "montant", "120,0 M€"), "", ACCEPTED),
    ("Montants", "merged", MERGED, "C5", "Les cellules C5:C6 sont fusionnées."),
    ("Montants", "a column more", extra, AFTER, "Cette colonne est inconnue : son contenu serait ignoré."),
    ("Montants", "another name", renamed("Montant"), "Montant",
     "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Montants »."),
    ("Montants", "a choice without its accent", (1, "financeur", "Etat"), "", ACCEPTED),
    ("Avenants", "missing", (0, "statut", None), "D5", "Cette cellule doit être remplie."),
    ("Avenants", "neither a date nor a year", (0, "date", "courant 2032"), "E5", "Ce n'est ni une date ni une année."),
    ("Avenants", "a title twice", repeated(5), "B6", "Déjà indiqué à la ligne 5."),
    ("Avenants", "not in the list", (0, "statut", "Abandonné"), "D5", "Cette valeur n'est pas dans la liste."),
    ("Avenants", "numbers that the spreadsheet reads as one", (0, "axes", 1.2), "F5",
     "Le tableur a lu un nombre à virgule là où plusieurs numéros sont attendus."),
    ("Avenants", "an axis that is not there", (0, "axes", "9"), "F5", "Le numéro 9 n'est pas dans la feuille Axes."),
    ("Avenants", "merged", MERGED, "C5", "Les cellules C5:C6 sont fusionnées."),
    ("Avenants", "a column more", extra, AFTER, "Cette colonne est inconnue : son contenu serait ignoré."),
    ("Avenants", "another name", renamed("Avenant"), "Avenant",
     "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Avenants »."),
    ("Avenants", "without accents", ACCENT, "B5", "La citation (colonne H) ne contient pas ces mots."),
    ("Schémas régionaux", "missing", (0, "citation", None), "C5", "Cette cellule doit être remplie."),
    ("Schémas régionaux", "a date in the place of words", (0, "nom", date(2030, 2, 1)), "B5",
     "Un texte est attendu ; le tableur l'a converti en date ou en nombre."),
    ("Schémas régionaux", "a name twice", repeated(5), "B6", "Déjà indiqué à la ligne 5."),
    ("Schémas régionaux", "merged", MERGED, "C5", "Les cellules C5:C6 sont fusionnées."),
    ("Schémas régionaux", "a column more", extra, AFTER, "Cette colonne est inconnue : son contenu serait ignoré."),
    ("Schémas régionaux", "a name without its accents", renamed("Schemas regionaux"), "", ACCEPTED),
    ("Schémas régionaux", "another name", renamed("Schéma régional"), "Schéma régional",
     "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Schémas régionaux »."),
    ("Schémas régionaux", "without accents", ACCENT, "B5", "La citation (colonne C) ne contient pas ces mots."),
    ("Financements articulés", "missing", (0, "nom", None), "B5", "Cette cellule doit être remplie."),
    ("Financements articulés", "a date in the place of words", (0, "citation", date(2030, 2, 1)), "D5",
     "Un texte est attendu ; le tableur l'a converti en date ou en nombre."),
    ("Financements articulés", "a name twice", repeated(5), "B6", "Déjà indiqué à la ligne 5."),
    ("Financements articulés", "merged", MERGED, "C5", "Les cellules C5:C6 sont fusionnées."),
    ("Financements articulés", "a column more", extra, AFTER, "Cette colonne est inconnue : son contenu serait ignoré."),
    ("Financements articulés", "another name", renamed("Financements"), "Financements",
     "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Financements articulés »."),
    ("Autres sources", "missing", (0, "titre", None), "C5", "Cette cellule doit être remplie."),
    ("Autres sources", "not a date", (0, "date", "en février"), "D5", "Ce n'est pas une date."),
    ("Autres sources", "a number twice", repeated(5), "B6", "Déjà indiqué à la ligne 5."),
    ("Autres sources", "merged", MERGED, "C5", "Les cellules C5:C6 sont fusionnées."),
    ("Autres sources", "a column more", extra, AFTER, "Cette colonne est inconnue : son contenu serait ignoré."),
    ("Autres sources", "another name", renamed("Autre source"), "Autre source",
     "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Autres sources »."),
    ("Financements articulés", "without accents", ACCENT, "B5", "La citation (colonne D) ne contient pas ces mots."),
    ("Catalogue", "an order that is not one", (0, "cadre", "4,26 ; 48,84 ; 1,38 ; 51,09"), "C2",
     "Ce n'est pas un cadre géographique : quatre nombres en degrés, l'ouest avant l'est et le sud avant le nord."),
    ("Catalogue", "not an address", (0, "contact", "à la mairie"), "C4",
     "Ce n'est ni une adresse électronique, ni une adresse https."),
    ("Catalogue", "a line twice", repeated(3), BELOW, "Cette rubrique est donnée deux fois."),
    ("Catalogue", "merged", MERGED, "C4", "Les cellules C4:D4 sont fusionnées."),
    ("Catalogue", "a column more", extra, AFTER, "Cette colonne est inconnue : son contenu serait ignoré."),
    ("Catalogue", "another name", renamed("Catalog"), "Catalog",
     "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Catalogue »."),
]
# fmt: on
WITHOUT_ACCENTS = (
    ("contrat", 0, "lieu", "hotel fictif de la region"),
    ("signataires", 2, "nom", "Departement fictif du Cap-Test"),
    ("priorites", 1, "intitule", "Naviguer en fictïon"),
    ("axes", 0, "intitule", "Ecoles fictives"),
    ("avenants", 0, "intitule", "Avenant mobilites fictives"),
    ("schemas", 0, "nom", "schema regional fictif"),
    ("financements", 0, "nom", "Fonds fictïfs"),
)
"""What `ACCENT` stands for."""
ENGLISH = {
    "Cette cellule doit être remplie.": "This cell must be filled in.",
    "Ce n'est pas une date.": "This is not a date.",
    "Cette rubrique est donnée deux fois.": "This item is given twice.",
    "Cette valeur n'est pas dans la liste.": "This value is not in the list.",
    "Un nombre entier supérieur ou égal à 1 est attendu.": "A whole number of at least 1 is expected.",
    "Les cellules C4:D4 sont fusionnées.": "The cells C4:D4 are merged.",
    "Cette colonne est inconnue : son contenu serait ignoré.": "This column is unknown: its content would be ignored.",
    "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Contrat ».": "The template has no sheet of this name; the nearest is “Contrat”.",
    "La citation (colonne D) ne contient pas ces mots.": "The quotation (column D) does not hold these words.",
    "Ce n'est pas l'adresse https d'un site en gouv.fr ; ces données ne renvoient vers aucun autre site.": "This is not the https address of a gouv.fr site; this data links to no other sites.",
    "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Source ».": "The template has no sheet of this name; the nearest is “Source”.",
    "Un texte est attendu ; le tableur l'a converti en date ou en nombre.": "Text is expected; the spreadsheet has converted it to a date or a number.",
    "Déjà indiqué à la ligne 7.": "Already given in row 7.",
    "Ce n'est pas un SIREN : il a neuf chiffres, comme 123 456 782.": "This is not a SIREN: it has nine digits, such as 123 456 782.",
    "La clé de ce SIREN est fausse : un chiffre est faux, ou deux chiffres sont inversés.": "The check digit of this SIREN is wrong: a digit is wrong, or two are swapped.",
    "Les cellules C5:C6 sont fusionnées.": "The cells C5:C6 are merged.",
    "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Signataires ».": "The template has no sheet of this name; the nearest is “Signataires”.",
    "La citation (colonne G) ne contient pas ces mots.": "The quotation (column G) does not hold these words.",
    "Déjà indiqué à la ligne 5.": "Already given in row 5.",
    "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Priorités ».": "The template has no sheet of this name; the nearest is “Priorités”.",
    "Ce n'est pas une part entre 0 et 100 %.": "This is not a share between 0 and 100 %.",
    "S'agit-il d'une fraction (40 %) ou d'un pourcentage inférieur à 1 ? La valeur est ambiguë.": "Is it a fraction (40 %) or a percentage below 1? The value is ambiguous.",
    "Le tableur a lu un nombre à virgule là où plusieurs numéros sont attendus.": "The spreadsheet has read a decimal number where several numbers are expected.",
    "Le numéro 9 n'est pas dans la feuille Priorités.": "The number 9 is not in the sheet Priorités.",
    "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Axes ».": "The template has no sheet of this name; the nearest is “Axes”.",
    "La citation (colonne E) ne contient pas ces mots.": "The quotation (column E) does not hold these words.",
    "Ce n'est pas un montant.": "This is not an amount.",
    "La citation (colonne K) ne contient pas ce nombre.": "The quotation (column K) does not hold this number.",
    "Déjà indiqué à la ligne 6.": "Already given in row 6.",
    "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Montants ».": "The template has no sheet of this name; the nearest is “Montants”.",
    "Ce n'est ni une date ni une année.": "This is neither a date nor a year.",
    "Le numéro 9 n'est pas dans la feuille Axes.": "The number 9 is not in the sheet Axes.",
    "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Autres sources ».": "The template has no sheet of this name; the nearest is “Autres sources”.",
    "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Avenants ».": "The template has no sheet of this name; the nearest is “Avenants”.",
    "La citation (colonne H) ne contient pas ces mots.": "The quotation (column H) does not hold these words.",
    "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Schémas régionaux ».": "The template has no sheet of this name; the nearest is “Schémas régionaux”.",
    "La citation (colonne C) ne contient pas ces mots.": "The quotation (column C) does not hold these words.",
    "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Financements articulés ».": "The template has no sheet of this name; the nearest is “Financements articulés”.",
    "Ce n'est pas un cadre géographique : quatre nombres en degrés, l'ouest avant l'est et le sud avant le nord.": "This is not a bounding box: four numbers in degrees, west before east and south before north.",
    "Ce n'est ni une adresse électronique, ni une adresse https.": "This is neither an e-mail address nor an https address.",
    "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Catalogue ».": "The template has no sheet of this name; the nearest is “Catalogue”.",
}
"""The same in English."""
KEYS = {sheet.names["fr"]: sheet.key for sheet in sheets()}


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
    path = plain(tmp_path_factory.mktemp("accents") / "contrat.xlsx", changed(WHOLE, *WITHOUT_ACCENTS))
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


@each_case(
    ("sheet", "change", "place", "words"),
    [(sheet, *rest) for sheet, _, *rest in MISTAKES],
    ids=[f"{sheet}, {mistake}" for sheet, mistake, *_ in MISTAKES],
)
def test_a_mistake_is_told_once_where_it_is(
    sheet: str, change: Change, place: str, words: str, found: Callable[[str, Change], list[CellFinding]]
) -> None:
    told = found(sheet, change)
    if words == ACCEPTED:
        assert told == []
        return
    (finding,) = told
    rows = next(each.rows for each in grids(WHOLE) if each.name == sheet)
    cell = {AFTER: f"{column_letters(max(rows[1]) + 1)}1", BELOW: str(max(rows) + 1)}.get(place, place)
    assert at(finding.location) == (f"{sheet}!{cell}" if re.fullmatch("[A-Z]*[0-9]+", cell) else cell)
    assert finding.describe("fr").splitlines()[1].startswith(f"  Constat : {words}")
    assert finding.describe("en").splitlines()[1].startswith(f"  Finding: {ENGLISH[words]}")


def test_each_sheet_has_its_mistakes() -> None:
    kinds = ("missing", "merged", "a column more", "another name")
    sheets_to_fill = set(KEYS) - {"Autres faits"}  # that keeps what is published: test_export
    wanted = {(sheet, kind) for sheet in sheets_to_fill for kind in kinds}
    wanted.remove(("Catalogue", "missing"))  # each line of it may stay empty
    assert wanted <= {(sheet, kind) for sheet, kind, *_ in MISTAKES}
    assert set(ENGLISH) == {words for *_, words in MISTAKES} - {ACCEPTED}


def test_values_are_shown_as_they_are_typed(found: Callable[[str, Change], list[CellFinding]]) -> None:
    for value, shown in (("610 M€", "610 M€"), (610000000.0, "610000000"), (RawCell(0.4, "number", PERCENT), "40 %")):
        (told,) = found("Montants", (1, "part" if "%" in shown else "montant", value))
        assert told.location.describe("fr") + f" : « {shown} »" in told.describe("fr")
    (told,) = found("Axes", (0, "part", date(2030, 2, 1)))
    assert "« 01/02/2030 »" in told.describe("fr")


def test_the_example_of_a_column_is_one_of_its_kind() -> None:
    examples = [(column, column.example) for sheet in sheets() for column in sheet.columns if column.kind in PARSERS]
    shown = {"integer", "period", "date", "dateyear", "share", "amount", "siren"}
    assert [column.key for column, example in examples if column.kind in shown - {"integer"} and not example] == []
    for column, example in examples:
        if example:
            PARSERS[column.kind](RawCell(example, "text"))
