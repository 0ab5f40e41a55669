"""Errors in a filled workbook: each is located by sheet, row and column."""

from collections.abc import Callable
from datetime import date

import pytest

from cper_lod.importing.contracts.cell_findings import NOT_QUOTED, RULES
from cper_lod.importing.contracts.model import CellFinding, RawCell, RawSheet
from tests.support.fictitious_workbook import FICTION
from tests.support.sentences import sentence_keys
from tests.support.workbooks import Answers, at, changed, grids, read


def found(answers: Answers) -> list[tuple[str, str]]:
    return [(at(finding.location), finding.key) for finding in read(grids(answers))[1]]


def test_the_fictitious_contract_has_no_fault() -> None:
    book, findings = read(grids(FICTION))
    assert findings == []
    assert {key: len(records) for key, records in book.items()} == {
        "contrat": 1,
        "source": 1,
        "signataires": 5,
        "priorites": 3,
        "axes": 4,
        "montants": 3,
        "avenants": 0,
        "schemas": 1,
        "financements": 0,
        "catalogue": 1,
        "sources": 0,
        "faits": 0,
    }


Change = list[tuple[str, int, str, object]]
"""Other answers: each with its sheet, its row (from 0), its column and its value."""


def cell(sheet: str, row: int, key: str, value: object) -> Change:
    return [(sheet, row, key, value)]


def added(sheet: str, **answer: object) -> Change:
    """Return a row more."""
    return [(sheet, len(FICTION.get(sheet, ())), key, value) for key, value in answer.items()]


BOUND = {"objet": "Engagement", "financeur": "Autres signataires", "nature": "Arrondie", "perimetre": "Total"}
AMENDMENT = {"intitule": "Avenant fictif", "statut": "Prévu", "axes": "4", "citation": "avenant fictif"}
CASES: list[tuple[Change, str, str]] = [
    # What a cell holds
    (cell("contrat", 0, "region", None), "Contrat!C2", "cell-empty"),
    (cell("contrat", 0, "region:citation", None), "Contrat!D2", "cell-empty"),
    (cell("contrat", 0, "periode", "2034-2030"), "Contrat!C3", "cell-period"),
    (cell("contrat", 0, "periode", date(2030, 1, 1)), "Contrat!C3", "cell-not-text"),
    (cell("contrat", 0, "signe_le", 47515), "Contrat!C7", "cell-date-number"),
    (cell("contrat", 0, "signe_le", "hier"), "Contrat!C7", "cell-date"),
    (cell("contrat", 0, "nombre_signataires", "cinq"), "Contrat!C9", "cell-integer"),
    (cell("contrat", 0, "nom_court", "CPER\u200b"), "Contrat!C6", "cell-control"),
    (cell("contrat", 0, "nom_court", "x" * 4001), "Contrat!C6", "cell-too-long"),
    (cell("contrat", 0, "essai", RawCell(True, "truth")), "Contrat!C13", "cell-truth"),
    (cell("source", 0, "adresse", "https://x.gouv.fr/ a"), "Source!C5", "cell-url"),
    (added("catalogue", cadre="Bretagne"), "Catalogue!C2", "cell-box"),
    (added("catalogue", cadre="1,38 ; 48,84 ; 4,26"), "Catalogue!C2", "cell-box"),
    (added("catalogue", contact="http://exemple.fr/"), "Catalogue!C4", "cell-contact"),
    (cell("signataires", 2, "siren", "12345678"), "Signataires!D7", "cell-siren"),
    (cell("signataires", 2, "siren", 123456781), "Signataires!D7", "cell-siren-key"),
    (cell("signataires", 0, "type", "Roi"), "Signataires!C5", "cell-choice"),
    (cell("axes", 0, "numero", 1.5), "Axes!B5", "cell-integer"),
    (cell("axes", 0, "numero", 0), "Axes!B5", "cell-integer"),
    (cell("axes", 1, "priorites", 1.2), "Axes!F6", "cell-integers-decimal"),
    (cell("axes", 1, "priorites", "toutes"), "Axes!F6", "cell-integers"),
    (cell("axes", 0, "part", RawCell("=B2", "formula")), "Axes!H5", "cell-formula"),
    (cell("axes", 0, "part", RawCell("#REF!", "error")), "Axes!H5", "cell-error"),
    # Shares
    (cell("axes", 0, "part", "0,4"), "Axes!H5", "cell-share-ambiguous"),
    (cell("axes", 0, "part", "beaucoup"), "Axes!H5", "cell-share"),
    (cell("axes", 0, "part", 140), "Axes!H5", "cell-share"),
    (cell("axes", 0, "part", 41), "Axes!H5", "figure-not-quoted"),
    (cell("axes", 0, "part", 0), "Axes!H5", "figure-zero"),
    (cell("axes", 0, "part", None), "Axes!I5", "share-without-reason"),
    (cell("axes", 0, "motif", "inconnu"), "Axes!I5", "share-and-reason"),
    # Amounts
    (cell("montants", 1, "montant", "cent vingt"), "Montants!D6", "cell-amount"),
    (cell("montants", 1, "montant", -5), "Montants!D6", "cell-amount"),
    (cell("montants", 1, "nature", "Borne inférieure"), "Montants!E6", "commitment-nature"),
    (cell("montants", 1, "nature", "Exacte"), "Montants!E6", "commitment-rounded"),
    (cell("montants", 0, "nature", "Arrondie"), "Montants!E5", "envelope-nature"),
    (cell("montants", 0, "citation", "une enveloppe de 190 M€"), "Montants!D5", "figure-not-bound"),
    (cell("montants", 0, "part", "40 %"), "Montants!H5", "figure-not-quoted"),
    (cell("montants", 0, "financeur", "État"), "Montants!C5", "envelope-alone"),
    (cell("montants", 1, "financeur", None), "Montants!C6", "commitment-without-funder"),
    (cell("montants", 1, "duree", 5), "Montants!I6", "commitment-duration"),
    (cell("montants", 2, "financeur", "etat"), "Montants!C7", "row-double"),
    (added("montants", **BOUND, montant="5 M€", citation="plus de 5 M€"), "Montants!D8", "figure-bound"),
    (added("montants", **BOUND, montant="5 000 000 €", citation="5 000 000 €"), "Montants!F8", "step-missing"),
    (
        added(
            "montants",
            objet="Enveloppe",
            montant="9 M€",
            nature="Borne inférieure",
            perimetre="Total",
            citation="plus de 9 M€",
        ),
        "Montants!B8",
        "envelope-double",
    ),
    # What hangs together
    (cell("axes", 1, "citation_lien", "a | b | c"), "Axes!G6", "quotations-differ"),
    (cell("signataires", 2, "type", "Région"), "Signataires!C7", "row-double"),
    (cell("signataires", 4, "nom", "DÉPARTEMENT FICTIF DU CAP–TEST"), "Signataires!B9", "row-double"),
    (cell("signataires", 2, "nom", "北"), "Signataires!B7", "name-unusable"),
    (cell("contrat", 0, "nombre_signataires", 6), "Contrat!C9", "signatories-differ"),
    (cell("contrat", 0, "page:citation", "ici"), "Contrat!C10", "quotation-alone"),
    (cell("contrat", 0, "nom_court:citation", "ici"), "Contrat!D6", "quotation-unwanted"),
    (added("avenants", **{**AMENDMENT, "axes": "7"}), "Avenants!F5", "reference-unknown"),
    (added("avenants", **AMENDMENT, date="bientôt"), "Avenants!E5", "cell-date-or-year"),
    (
        cell("axes", 3, "citation_lien", None) + cell("priorites", 2, "citation", "Veiller en fiction"),
        "Axes!G8",
        "link-missing",
    ),
    (cell("contrat", 0, "nombre_priorites", 4), "Contrat!C15", "priorities-differ"),
    (cell("source", 0, "empreinte", "abc"), "Source!C9", "cell-checksum"),
    (cell("signataires", 0, "origine", "insee.fr"), "Signataires!J5", "cell-link"),
    (cell("signataires", 0, "identifiant", "L'État"), "Signataires!L5", "cell-identifier"),
    (cell("axes", 0, "source", 3), "Axes!L5", "reference-unknown"),
    (
        cell("axes", 0, "citation:statement", "mots") + cell("axes", 1, "citation:statement", "mots"),
        "Axes!N6",
        "statement-differs",
    ),
    (added("schemas", nom="Srf Test", citation="SRF TEST"), "Schémas régionaux!B6", "row-double"),
]


@pytest.mark.parametrize(("change", "place", "key"), CASES)
def test_errors_are_located(change: Change, place: str, key: str) -> None:
    assert (place, key) in found(changed(FICTION, *change))


LAYOUT: list[tuple[Callable[[list[RawSheet]], object], str, str]] = [
    (lambda all_: all_.pop(4), "Axes", "sheet-missing"),
    (lambda all_: setattr(all_[4], "name", "Axe"), "Axe", "sheet-near"),
    (lambda all_: all_.append(RawSheet("Brouillon", {1: {1: RawCell("x", "text")}})), "Brouillon", "sheet-unknown"),
    (lambda all_: all_.append(RawSheet("PRIORITES")), "PRIORITES", "sheet-double"),
    (lambda all_: [all_[4].rows.pop(row) for row in (5, 6, 7, 8)], "Axes", "sheet-empty"),
    (lambda all_: all_[4].rows[1].pop(2), "Axes!1", "column-missing"),
    (lambda all_: all_[4].rows[1].pop(2), "Axes!B5", "column-untitled"),
    (lambda all_: all_[4].rows[1].update({12: RawCell("Avis", "text")}), "Axes!L1", "column-unknown"),
    (lambda all_: all_[4].rows[1].update({12: RawCell("number", "text")}), "Axes!L1", "column-double"),
    (lambda all_: all_[4].rows[5].update({1: RawCell("à revoir", "text")}), "Axes!A5", "row-marked"),
    (lambda all_: all_[0].rows.update({40: {1: RawCell("Devise", "text")}}), "Contrat!40", "line-unknown"),
    (lambda all_: all_[0].rows.update({40: all_[0].rows[2]}), "Contrat!40", "line-double"),
    (lambda all_: all_[0].rows.pop(2), "Contrat", "cell-empty"),
]


@pytest.mark.parametrize(("change", "place", "key"), LAYOUT, ids=[f"{key}-{place}" for _, place, key in LAYOUT])
def test_layout_errors_are_reported(change: Callable[[list[RawSheet]], object], place: str, key: str) -> None:
    layout = grids(FICTION)
    change(layout)
    assert (place, key) in [(at(finding.location), finding.key) for finding in read(layout)[1]]


def test_headings_in_english_and_without_accents_are_known() -> None:
    layout = grids(FICTION)
    layout[3].name = "priorites"
    layout[4].rows[1][2] = RawCell(" NUMBER ", "text")
    assert read(layout)[1] == []


def test_marked_rows_are_not_read() -> None:
    layout = grids(FICTION)
    layout[4].rows[9] = {1: RawCell("Exemple / Example", "text"), 2: RawCell("n'importe quoi", "text")}
    book, findings = read(layout)
    assert (len(book["axes"]), findings) == (4, [])


def test_a_workbook_without_sheets_has_only_findings() -> None:
    book, findings = read([])
    assert [finding.location.sheet for finding in findings if finding.key == "sheet-missing"] == [
        "Contrat",
        "Source",
        "Signataires",
        "Priorités",
        "Axes",
    ]
    assert set(map(len, book.values())) == {0}


def test_a_finding_is_described_in_both_languages() -> None:
    (finding,) = read(grids(changed(FICTION, ("axes", 0, "part", "0,4"))))[1]
    assert finding.describe("fr") == (
        "VIOLATION Axes, ligne 5, colonne H (Part des crédits) : « 0,4 »\n"
        "  Constat : S'agit-il d'une fraction (40 %) ou d'un pourcentage inférieur à 1 ? La valeur est ambiguë.\n"
        "  À faire : Mettez la cellule au format Pourcentage, ou tapez le signe % : 40 %.\n"
    )
    assert "Is it a fraction (40 %)" in finding.describe("en")


def test_every_kind_of_finding_has_a_case_here_or_with_the_files() -> None:
    """Findings about files are tested in test_read_xlsx.py, those of the check in test_cell_findings.py.

    Those about the sheet of other facts are tested in test_export.py.
    """
    elsewhere = {"sheet-hidden", "sheet-merged", "row-hidden", "column-hidden", "workbook-macros", "property-unknown"}
    elsewhere |= {
        *RULES.values(),
        *NOT_QUOTED.values(),
        "text-not-quoted",
        "words-lacking",
        "rule-broken",
        "facts-contradict",
    }
    elsewhere |= {"siren-differs", "siren-unknown", "kind-known", "territory-known", "body-double", "box-missing"}
    start = sentence_keys().index("cli-workbook-new")
    known = {key.removeprefix("finding-") for key in sentence_keys()[start:] if key.startswith("finding-")}
    met = {key for *_, key in [*CASES, *LAYOUT]}
    assert len(known) > 60
    assert known - met - elsewhere == set()


def test_a_long_value_is_shortened() -> None:
    place = read([])[1][0].location
    assert "…" in CellFinding(place, "cell-empty", excerpt="x" * 200).describe("fr")
