"""Facts of a workbook against their quotations, bodies against those of the sources: each finding is reported at its cell."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import BASE, CPER, SHAPES
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.cell_findings import RULES, CellFindings
from cper_lod.importing.contracts.graph import ContractGraph
from cper_lod.importing.contracts.importer import Workbook
from cper_lod.importing.contracts.model import CellFinding, column_letters, sheets
from cper_lod.importing.contracts.to_rdf import build_graph
from cper_lod.rdf.report import Finding, Report
from cper_lod.release.check.facts import check_facts
from cper_lod.release.sources.read import read_sources
from tests.support.fictitious_workbook import SIGNED, WHOLE
from tests.support.paths import ROOT
from tests.support.sentences import sentence_keys
from tests.support.workbooks import Answers, at, changed, grids, plain, read

CONTRACT = f"{BASE}id/contrat/armorique-test-fictif-2030-2034"
Import = Callable[[Answers], Workbook]

# Each case: the sheet, the row from 0, the column, another value; the cell that is named, and the finding.
CORRUPTED: list[tuple[str, int, str, Any, str, str]] = [
    ("contrat", 0, "periode", "2030-2035", "Contrat!C3", "period-not-quoted"),
    ("contrat", 0, "intitule", "Contrat de plan Etat-Region 2030-2034", "Contrat!C4", "text-not-quoted"),
    ("contrat", 0, "nom_court", "PACTE 2030-2034", "Contrat!C6", "text-not-quoted"),
    ("contrat", 0, "signe_le", date(2030, 2, 3), "Contrat!C7", "date-not-quoted"),
    ("contrat", 0, "lieu", "hotel fictif de la region", "Contrat!C8", "text-not-quoted"),
    ("contrat", 0, "page", "https://www.prefectures-regions.gouv.fr/bretagne", "Contrat!C10", "text-not-quoted"),
    ("contrat", 0, "remarque", "Deuxième contrat signé à cette échelle.", "Contrat!C11", "text-not-quoted"),
    ("contrat", 0, "porteurs", "une action de l'État seul", "Contrat!C16", "text-not-quoted"),
    ("contrat", 0, "description", "un partenariat réel", "Contrat!C19", "text-not-quoted"),
    ("contrat", 0, "objectif", "mettre en concurrence les fonds fictifs", "Contrat!C21", "text-not-quoted"),
    ("source", 0, "date", "02/02/2030", "Source!C3", "date-not-quoted"),
    ("source", 0, "editeur", "Mairie de Fausseville", "Source!C4", "text-not-quoted"),
    ("source", 0, "nom", "Communiqué de 2012", "Source!C6", "figure-unsupported"),
    ("source", 0, "lieu", "Ailleurs", "Source!C8", "text-not-quoted"),
    ("montants", 0, "description", "Le contrat mobilise une enveloppe réelle", "Montants!O5", "text-not-quoted"),
    ("sources", 0, "date", "03/02/2030", "Autres sources!D5", "date-not-quoted"),
    ("sources", 0, "nom", "Dossier de 2012", "Autres sources!H5", "figure-unsupported"),
    ("signataires", 2, "nom", "Departement fictif du Cap-Test", "Signataires!B7", "text-not-quoted"),
    ("signataires", 3, "territoire", "Cap-Test", "Signataires!E8", "territory-otherwise"),
    ("signataires", 4, "type", "Département", "Signataires!C9", "kind-not-named"),
    ("priorites", 0, "description", "dès le plus jeune age", "Priorités!E5", "text-not-quoted"),
    ("priorites", 1, "intitule", "Naviguer en frégate", "Priorités!C6", "text-not-quoted"),
    ("axes", 0, "numero", 9, "Axes!B5", "number-not-quoted"),
    ("axes", 0, "intitule", "Ecoles fictives", "Axes!C5", "text-not-quoted"),
    ("axes", 0, "priorites", "3", "Axes!F5", "link-not-quoted"),
    ("axes", 4, "motif", "Sa part sera de 12 %.", "Axes!I9", "figure-unsupported"),
    ("montants", 0, "perimetre", "Hors mobilités", "Montants!G5", "choice-not-quoted"),
    ("montants", 0, "duree", 7, "Montants!I5", "number-not-quoted"),
    ("montants", 1, "financeur", "Autres signataires", "Montants!C6", "choice-not-quoted"),
    ("montants", 1, "pas", "10 M€", "Montants!F6", "step-differs"),
    ("avenants", 0, "intitule", "Avenant mobilites fictives", "Avenants!B5", "text-not-quoted"),
    ("avenants", 0, "statut", "Signé", "Avenants!D5", "choice-not-quoted"),
    ("avenants", 0, "date", "12/03/2032", "Avenants!E5", "date-not-quoted"),
    ("avenants", 0, "axes", "3", "Avenants!F5", "link-not-quoted"),
    ("schemas", 0, "nom", "SRADDET", "Schémas régionaux!B5", "text-not-quoted"),
    ("financements", 0, "nom", "Fonds européens", "Financements articulés!B5", "text-not-quoted"),
]


def alike() -> Iterator[tuple[str, int, str, Any, str, str]]:
    """Yield a case for each note and each translation: a number that neither the quotation nor the French text has."""
    for sheet in sheets():
        for number, column in enumerate(sheet.columns, 2):
            french, english = column.key.removesuffix("_en"), column.key.endswith("_en")
            if (english or french == "note") and (sheet.key, column.key) not in UNSUPPORTED:
                row = next((row for row, answer in enumerate(WHOLE[sheet.key]) if answer.get(french)), 0)
                cell = f"C{number}" if sheet.form else f"{column_letters(number)}{row + 5}"
                key = "translation-differs" if english else "figure-unsupported"
                value = f"In {2040 + number}." if english else f"En {2070 + number}."
                yield sheet.key, row, column.key, value, f"{sheet.names['fr']}!{cell}", key


UNSUPPORTED = {("contrat", "lieu_en"), ("montants", "nom_du_financeur_en")}
CORRUPTED += alike()
# The quotations: what is told if it has no connection. That of an amount is told before all others (test_parse_sheets).
UNRELATED: list[tuple[str, int, str, str, str]] = [
    ("contrat", 0, "region:citation", "Contrat!C2", "text-not-quoted"),
    ("contrat", 0, "periode:citation", "Contrat!C3", "period-not-quoted"),
    ("contrat", 0, "intitule:citation", "Contrat!C4", "text-not-quoted"),
    ("contrat", 0, "signe_le:citation", "Contrat!C7", "date-not-quoted"),
    ("contrat", 0, "lieu:citation", "Contrat!C8", "text-not-quoted"),
    ("contrat", 0, "nombre_signataires:citation", "Contrat!C9", "number-not-quoted"),
    ("contrat", 0, "page:citation", "Contrat!C10", "text-not-quoted"),
    ("contrat", 0, "remarque:citation", "Contrat!C11", "text-not-quoted"),
    ("contrat", 0, "nombre_priorites:citation", "Contrat!C15", "number-not-quoted"),
    ("contrat", 0, "porteurs:citation", "Contrat!C16", "text-not-quoted"),
    ("contrat", 0, "description:citation", "Contrat!C19", "text-not-quoted"),
    ("contrat", 0, "objectif:citation", "Contrat!C21", "text-not-quoted"),
    ("source", 0, "date:citation", "Source!C3", "date-not-quoted"),
    ("source", 0, "editeur:citation", "Source!C4", "text-not-quoted"),
    ("source", 0, "lieu:citation", "Source!C8", "text-not-quoted"),
    ("signataires", 1, "citation", "Signataires!B6", "text-not-quoted"),
    ("signataires", 2, "citation", "Signataires!B7", "text-not-quoted"),
    ("priorites", 0, "citation", "Priorités!C5", "text-not-quoted"),
    ("axes", 0, "citation", "Axes!C5", "text-not-quoted"),
    ("axes", 0, "citation_lien", "Axes!F5", "link-not-quoted"),
    ("axes", 4, "citation_part", "Axes!B9", "number-not-quoted"),
    ("avenants", 0, "citation", "Avenants!B5", "text-not-quoted"),
    ("schemas", 0, "citation", "Schémas régionaux!B5", "text-not-quoted"),
    ("financements", 0, "citation", "Financements articulés!B5", "text-not-quoted"),
    ("schemas", 0, "citation_nom", "Schémas régionaux!B5", "text-not-quoted"),
    ("financements", 0, "citation_nom", "Financements articulés!B5", "text-not-quoted"),
    ("sources", 0, "citation", "Autres sources!D5", "date-not-quoted"),
]
ELSEWHERE = {
    "catalogue": {"cadre", "editeur", "contact"},
    "contrat": {
        *[
            "region",
            "nombre_signataires",
            "nombre_priorites",
            "parts_de_la_somme",
            "essai",
            "lieu_en",
            "lieu_identifiant",
        ]
    },
    "source": {"titre", "titre:citation", "adresse", "empreinte"},
    "sources": {"numero", "titre", "editeur", "adresse", "lieu", "empreinte"},
    "signataires": {"siren", "origine"},
    "priorites": {"numero"},
    "axes": {"part", "citation_part"},
    "montants": {"objet", "montant", "nature", "part", "citation", "nom_du_financeur", "nom_du_financeur_en"},
    "schemas": {"autre_nom"},
    "financements": {"autre_nom"},
}
"""Columns whose mistakes are told before the quotations are read (test_parse_sheets, test_mistakes) or with the identities
below; the choices of who fills in; and what no words support: the title, which is its own quotation, who publishes the
document and where it is, the order of the priorities. The columns that keep what is published, and the sheet of other
facts, are tested in test_export."""


@pytest.fixture(scope="module")
def import_() -> Iterator[Callable[[Path, Path, Answers], Workbook]]:
    """Return a function that imports a workbook with the rules about facts alone."""

    def run(folder: Path, sources: Path, answers: Answers) -> Workbook:
        workbook = Workbook(plain(folder / "contrat.xlsx", answers), sources)
        assert workbook.cell_findings == []
        workbook.check()
        return workbook

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "cper_lod.importing.contracts.importer.check", lambda sources, *_: Report(tuple(check_facts(sources)))
        )
        yield run


@pytest.fixture(scope="module")
def imported(
    import_: Callable[[Path, Path, Answers], Workbook], small: Path, tmp_path_factory: pytest.TempPathFactory
) -> Import:
    """Return a function that imports answers into sources with bodies and territories alone."""
    return lambda answers: import_(tmp_path_factory.mktemp("import"), small, answers)


def violations(imported: Workbook) -> dict[str, CellFinding]:
    """Return the violations by cell; each has one."""
    assert imported.source_findings == []
    found = [(at(each.location), each) for each in imported.cell_findings if each.severity == "violation"]
    assert len(dict(found)) == len(found)
    return dict(found)


@pytest.mark.slow
def test_a_workbook_with_every_column_is_right(imported: Import) -> None:
    assert violations(imported(WHOLE)) == {}


@pytest.mark.slow
def test_the_examples_of_the_template_stand_in_their_quotations(imported: Import) -> None:
    """Those of numbers of rows and of the duration of an envelope suppose other rows."""
    counts = {"nombre_signataires", "nombre_priorites"}
    left_out = {"duree", *counts, *(f"{key}:citation" for key in counts)}
    answers = {
        sheet.key: [
            {
                key: value
                for column in sheet.columns
                for key, value in ((column.key, column.example), (f"{column.key}:citation", column.example_cited))
                if value and key not in left_out
            }
        ]
        for sheet in sheets()
    }
    assert sum(map(len, (row for (row,) in answers.values()))) > 50
    assert violations(imported(answers)) == {}


@pytest.fixture(scope="module")
def corrupted(imported: Import) -> dict[str, CellFinding]:
    """Return the findings about a workbook in which one value of each column is another one."""
    return violations(imported(changed(WHOLE, *(case[:4] for case in CORRUPTED))))


@pytest.fixture(scope="module")
def unrelated(imported: Import) -> dict[str, CellFinding]:
    """Return the findings about a workbook whose quotations have no connection with what they support."""
    return violations(imported(changed(WHOLE, *((*case[:3], "sans rapport") for case in UNRELATED))))


@pytest.mark.parametrize(
    ("value", "place", "key"), [case[3:] for case in CORRUPTED], ids=[f"{s}.{k}" for s, _, k, *_ in CORRUPTED]
)
def test_a_value_that_its_quotation_does_not_hold_is_told_at_its_cell(
    value: object, place: str, key: str, corrupted: dict[str, CellFinding]
) -> None:
    assert corrupted[place].key == key
    assert corrupted[place].excerpt == (f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)), (
        "as it is typed"
    )


@pytest.mark.parametrize(
    ("place", "key"), [case[3:] for case in UNRELATED], ids=[f"{s}.{k}" for s, _, k, *_ in UNRELATED]
)
def test_a_quotation_without_connection_is_told_at_the_cell_that_it_should_support(
    place: str, key: str, unrelated: dict[str, CellFinding]
) -> None:
    assert unrelated[place].key == key
    assert "sans rapport" in unrelated[place].describe("fr")


def test_nothing_else_is_told(corrupted: dict[str, CellFinding], unrelated: dict[str, CellFinding]) -> None:
    """What hangs on it is told too: axes that lead to a priority of another name, other columns of a quotation."""
    assert set(corrupted) - {case[4] for case in CORRUPTED} == {"Axes!F6", "Axes!F7"}
    assert set(unrelated) - {case[3] for case in UNRELATED} == {
        *("Contrat!C5", "Contrat!C6", "Priorités!E5", "Axes!B5", "Avenants!D5", "Avenants!E5", "Avenants!F5"),
    }


def test_each_column_is_corrupted_or_named_as_one_that_no_words_support() -> None:
    met = {(sheet, key) for sheet, _, key, *_ in (*CORRUPTED, *UNRELATED)}
    columns = {(sheet.key, column.key) for sheet in sheets() for column in sheet.columns}
    columns |= {(sheet.key, f"{each.key}:citation") for sheet in sheets() for each in sheet.columns if each.cited}
    elsewhere = {(sheet, key) for sheet, keys in ELSEWHERE.items() for key in keys}
    kept = re.compile("identifiant|source|.+:(place|statement)")
    elsewhere |= {(sheet, key) for sheet, key in columns if sheet == "faits" or kept.fullmatch(key)}
    assert len(columns) > 60
    assert columns - met - elsewhere == set()


@pytest.mark.slow
@pytest.mark.parametrize("case", [*CORRUPTED, *((*each[:3], "sans rapport", *each[3:]) for each in UNRELATED)], ids=str)
def test_each_corruption_alone_is_told(case: tuple[str, int, str, Any, str, str], imported: Import) -> None:
    found = violations(imported(changed(WHOLE, case[:4])))
    assert found[case[4]].key == case[5]


# Each case: the row of a signatory, the letter of the column that is told, words of what is told, and the finding.
BODIES: dict[str, tuple[dict[str, str], str, str, str]] = {
    "the SIREN of another body": (
        {"nom": "Département de la Marne", "siren": "225 900 018"},
        "D",
        "celui de « Département du Nord », et non de « Département de la Marne »",
        "body-differs",
    ),
    "a SIRET of another body": (
        {"nom": "Département des Ardennes", "siren": "22600001600403"},
        "D",
        "celui de « Département de l'Oise », et non de « Département des Ardennes »",
        "body-differs",
    ),
    "the name of another body": (
        {"nom": "Département de l'Aisne", "siren": "732829320"},
        "D",
        "« Département de l'Aisne » a déjà un autre SIREN dans ces données : 220200026",
        "siren-differs",
    ),
    "another kind": (
        {"nom": "Département de la Somme", "type": "EPCI"},
        "C",
        "« Département de la Somme », qui est d'un autre type",
        "kind-known",
    ),
    "a name": ({"nom": "Département du Pas-de-Calais"}, "", "", ""),
    "a body that signs already": (
        {"nom": "Pas-de-Calais, Département", "siren": "226200012"},
        "B",
        "« Département du Pas-de-Calais », signe déjà à la ligne 9",
        "body-double",
    ),
    "a number that nothing confirms": (
        {"nom": "Métropole d'Ailleurs", "type": "EPCI", "siren": "356000000"},
        "D",
        "https://annuaire-entreprises.data.gouv.fr/entreprise/356000000",
        "siren-unknown",
    ),
    "another territory": (
        {"nom": "Métropole européenne de Lille", "type": "EPCI", "territoire": "Nord"},
        "E",
        "« Métropole européenne de Lille », qui administre « Territoire de la Métropole européenne de Lille »",
        "territory-known",
    ),
}


@pytest.fixture(scope="module")
def existing(small: Path) -> ExistingEntities:
    """Return the bodies and territories of the sources."""
    return ExistingEntities(read_sources(small).published)


def signed_by(existing: ExistingEntities, rows: list[dict[str, str]]) -> ContractGraph:
    """Return the graph of a contract, not a trial, that these bodies sign."""
    records, found = read(grids({**SIGNED, "signataires": rows}))
    assert found == []
    return build_graph(records, existing, {})


@pytest.fixture(scope="module")
def bodies(existing: ExistingEntities) -> dict[str, CellFinding]:
    """Return what is told about a contract that these bodies sign, by cell."""
    graph = signed_by(existing, [{"type": "Département", "citation": "…", **row} for row, *_ in BODIES.values()])
    return {at(each.location): each for each in graph.findings}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_is_another_one_is_told_with_both_names(case: str, bodies: dict[str, CellFinding]) -> None:
    row = 5 + list(BODIES).index(case)
    _, letter, words, key = BODIES[case]
    told = {place: each.key for place, each in bodies.items() if place.endswith(str(row))}
    assert told == ({f"Signataires!{letter}{row}": key} if key else {})
    for each in told:
        assert words in bodies[each].describe("fr")
        assert bodies[each].severity == ("warning" if key == "siren-unknown" else "violation")


def test_a_body_is_found_by_the_name_that_the_document_gives_it(existing: ExistingEntities) -> None:
    """With its SIREN, or by a name that the sources know; what it is called is added to its names."""
    lille = {"nom": "Métropole de Lille", "siren": "200093201", "citation": "par la métropole de Lille"}
    rows = [lille, {"nom": "Amiens métropole", "citation": "et Amiens métropole"}]
    graph = signed_by(existing, [{"type": "EPCI", **row} for row in rows])
    assert graph.findings == []
    stated = {(quad.subject.value.rpartition("/id/")[2], quad.object.value) for quad in graph.files["bodies"]}  # type: ignore[union-attr]
    assert ("organisme/metropole-europeenne-de-lille", "Métropole de Lille") in stated
    assert not [each for each in stated if "amiens" in each[0]]
    names = {quad.object.value for quad in graph.files["contracts"] if isinstance(quad.object, Literal)}
    assert "Métropole européenne de Lille, signataire" in names
    assert "Communauté d'agglomération Amiens métropole, signataire" in names


@pytest.fixture(scope="module")
def words() -> CellFindings:
    """Return what words the findings about a workbook, without an import."""
    records, found = read(grids(WHOLE))
    assert found == []
    return CellFindings(build_graph(records, ExistingEntities(()), {}), records, {}, read_sources(ROOT).shapes)


def violation(thing: str, shape: str, path: str = "", value: str = "", **more: Any) -> Finding:  # noqa: ANN401
    texts = dict.fromkeys(LANGUAGES, "Écrivez cper:siren, skos:note ; <https://w3id.org/cper-lod/id/x>.")
    return Finding("violation", f"{CONTRACT}{thing}", texts, texts, SHAPES + shape, path, value, **more)


def test_findings_of_shapes_are_told_where_they_come_from(words: CellFindings) -> None:
    share = CPER + "axeConcerne"
    findings = (
        violation("", "parts-somme", share, "90.0"),
        violation("", "parts-somme", CPER + "financeur", "101.25"),
        violation("", "engagements-au-dessus-de-l-enveloppe", value="80000000 <= 190000000"),
        violation("/part/etat", "part-d-un-financeur-recalculee", value="61 / 60.000"),
        violation("/axe/2", "numero-unique"),
        violation("/part/axe-2", "part-de-quoi"),
        violation("/enonce/signataire-etat", "enonce-position"),
    )
    told, others = words.sort(findings)
    assert others == []
    assert [(at(each.location), each.key) for each in told] == [
        ("Signataires!G5", "rule-broken"),
        ("Axes!H", "shares-sum"),
        ("Axes!6", "rule-broken"),
        ("Axes!H6", "rule-broken"),
        ("Montants!D", "envelope-reached"),
        ("Montants!H", "shares-sum"),
        ("Montants!H6", "share-differs"),
    ]
    assert told[1].describe("fr") == (
        "VIOLATION Axes, colonne H (Part des crédits)\n"
        "  Constat : Les parts de cette colonne font 90 % ; leur somme doit être entre 99,5 et 100,5 %.\n"
        "  À faire : Relisez chaque part dans le document.\n"
    )
    assert "80 000 000 ≤ 190 000 000" in told[4].describe("fr")
    assert "101.25 %" in told[5].describe("en")


def test_no_rule_is_told_in_the_words_of_rdf(words: CellFindings) -> None:
    """Whatever shape or rule is broken, and wherever, its own message and its properties are not repeated."""
    shapes = {each.subject.value for each in read_sources(ROOT).shapes if isinstance(each.subject, NamedNode)}
    names = sorted(each.removeprefix(SHAPES) for each in shapes if each.startswith(SHAPES))
    sentences = (key.removeprefix("finding-") for key in sentence_keys() if key.startswith("finding-"))
    rules = [key for key in sentences if key in RULES] + ["a-rule-to-come"]
    details = {"fact": f"{CONTRACT}/axe/1", "words": "…", "period": "2030-2034"}
    worded = set(RULES) & set(names)
    things = ("", "/axe/1", "/engagement/etat", "/enonce/axe-1", "/part/axe-2", "/signataire/etat")
    findings = [violation(thing, name, CPER + "sert") for thing in things for name in (*worded, "x")]
    findings += [violation("/axe/1", name) for name in names]
    findings += [violation("/enonce/axe-1", "", CPER + "sert", rule=name, details=details) for name in rules]
    for finding in findings:
        ((told,), others) = words.sort((finding,))
        assert others == []
        for lang in LANGUAGES:
            assert not re.search(r"\b[a-z-]+:[A-Za-z]|https://w3id|Turtle|RDF|IRI|\{", told.describe(lang)), told
    assert len(findings) > 200
    assert len(names) > 90


def test_a_finding_about_the_sources_alone_is_not_told_at_a_cell(words: CellFindings) -> None:
    texts = dict.fromkeys(LANGUAGES, "x")
    other = Finding("violation", f"{BASE}id/organisme/autre", texts, texts, SHAPES + "x")
    assert words.sort((other,)) == ([], [other])
