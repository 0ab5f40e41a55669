"""Facts of a workbook against their words: each finding of the check is reported at its cell, in the words of a spreadsheet."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import BASE, CPER, SHAPES, SKOS
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.cell_findings import RULES, CellFindings
from cper_lod.importing.contracts.importer import Workbook
from cper_lod.importing.contracts.model import CellFinding
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Finding, Report
from tests.importing.fictitious_workbook import WHOLE
from tests.importing.workbooks import Answers, at, cell, changed, parsed, plain, sentence_keys
from tests.release.check.corruption import fact_findings
from tests.support.paths import ROOT

CONTRACT = f"{BASE}id/contrat/armorique-test-2030-2034"
Import = Callable[[Answers], Workbook]

# Each case: the sheet, the row from 0, the column, another value, and the finding at this cell.
CORRUPTED: list[tuple[str, int, str, Any, str]] = [
    ("documents", 0, "jour", "02/02/2030", "date-not-quoted"),
    ("documents", 0, "emetteur", "Mairie de Fausseville", "text-not-quoted"),
    ("documents", 0, "nom", "Communiqué de 2012", "figure-unsupported"),
    ("contrat", 0, "periode", "2030-2035", "period-not-quoted"),
    ("contrat", 0, "nom", "Contrat de plan Etat-Region 2030-2034", "text-not-quoted"),
    ("contrat", 0, "description", "un partenariat réel", "text-not-quoted"),
    ("contrat", 0, "note", "En 2071.", "figure-unsupported"),
    ("contrat", 0, "note_en", "In 2041.", "translation-differs"),
    ("etapes", 0, "lieu", "hotel fictif de la region", "text-not-quoted"),
    ("etapes", 1, "statut", "Signé", "choice-not-quoted"),
    ("signataires", 3, "territoire", "Cap-Test", "territory-otherwise"),
    ("signataires", 4, "sorte", "Département", "kind-not-named"),
    ("subdivisions", 0, "description", "dès le plus jeune age", "text-not-quoted"),
    ("subdivisions", 3, "sous", "Veiller en fiction", "link-not-quoted"),
    ("chiffres", 1, "financeur", "Agglomération fictive de Fausseville", "text-not-quoted"),
    ("chiffres", 9, "motif", "Sa part sera de 12 %.", "figure-unsupported"),
    ("avenants", 1, "subdivisions", "axe 3", "link-not-quoted"),
]
UNRELATED = {
    ("documents", 0, "citation"): ("jour", "date-not-quoted"),
    ("contrat", 0, "citation_periode"): ("periode", "period-not-quoted"),
    ("etapes", 0, "citation"): ("date", "date-not-quoted"),
    ("subdivisions", 0, "citation"): ("nom", "text-not-quoted"),
    ("subdivisions", 3, "citation_lien"): ("sous", "link-not-quoted"),
    ("avenants", 0, "citation_nom"): ("nom", "text-not-quoted"),
}
"""Quotations that have no connection: the cell of the row where this is told."""


@pytest.fixture(scope="module")
def imported(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Import:
    """Return a function that imports answers with the rules about facts alone."""

    def run(answers: Answers) -> Workbook:
        workbook = Workbook(plain(tmp_path_factory.mktemp("import") / "contrat.xlsx", answers), small)
        with pytest.MonkeyPatch.context() as patch:
            name = "cper_lod.importing.contracts.importer.check"
            patch.setattr(name, lambda sources, *_: Report(tuple(fact_findings(sources))))
            workbook.check()
        return workbook

    return run


def violations(imported: Workbook) -> dict[str, CellFinding]:
    """Return the violations by cell; each has one."""
    assert imported.source_findings == []
    found = [(at(each.location), each) for each in imported.cell_findings if each.severity == "violation"]
    assert len(dict(found)) == len(found)
    return dict(found)


def test_a_period_does_not_end_with_the_first_year_of_its_words(imported: Import) -> None:
    found = violations(imported(changed(WHOLE, ("contrat", 0, "periode", "2030"))))
    assert found[cell("contrat", 0, "periode")].key == "period-not-quoted"


def test_a_title_in_french_has_its_numbers_in_the_english_name_too(imported: Import) -> None:
    """The import quotes it there as it is: “4,4 milliards” is not the English number 4."""
    document = {
        **WHOLE["documents"][0],
        "titre": "4,4 milliards en fiction",
        "nom": "",
        "nom_en": "",
        "citation_titre": "",
    }
    answers = {**WHOLE, "documents": [document, *WHOLE["documents"][1:]]}
    assert "figure-unsupported" not in {each.key for each in violations(imported(answers)).values()}


@pytest.fixture(scope="module")
def corrupted(imported: Import) -> dict[str, CellFinding]:
    """Return the findings about a workbook in which many values are other ones."""
    return violations(imported(changed(WHOLE, *(case[:4] for case in CORRUPTED))))


def test_a_workbook_with_every_column_is_right(imported: Import) -> None:
    assert violations(imported(WHOLE)) == {}


@pytest.mark.parametrize("case", CORRUPTED, ids=[f"{key}.{column}" for key, _, column, *_ in CORRUPTED])
def test_a_value_that_its_words_do_not_hold_is_told_at_its_cell(
    case: tuple[str, int, str, Any, str], corrupted: dict[str, CellFinding]
) -> None:
    key, row, column, value, finding = case
    told = corrupted[cell(key, row, column)]
    assert told.key == finding
    assert told.excerpt == value, "as it is typed"


def test_words_without_connection_are_told_at_the_cell_that_they_should_support(imported: Import) -> None:
    told = violations(imported(changed(WHOLE, *((*place, "sans rapport") for place in UNRELATED))))
    for (key, row, _), (column, finding) in UNRELATED.items():
        assert told[cell(key, row, column)].key == finding


@pytest.fixture(scope="module")
def shapes() -> list[Quad]:
    return [quad for path in sorted((ROOT / "shapes").rglob("*.ttl")) for quad in read(path, scope=path.stem)]


@pytest.fixture(scope="module")
def words(shapes: list[Quad]) -> CellFindings:
    """Return what words the findings about a workbook, without an import."""
    book = parsed(changed(WHOLE, ("signataires", 3, "siren", None)))
    assert book.findings == []
    graph = book.graph(ExistingEntities(()), {})
    graph.findings.clear()  # about long quotations
    return CellFindings(graph, book.records, {}, shapes)


def violation(thing: str, shape: str, path: str = "", value: str = "", **more: Any) -> Finding:  # noqa: ANN401
    texts = dict.fromkeys(LANGUAGES, "Écrivez cper:siren, skos:note ; <https://w3id.org/cper-lod/id/x>.")
    return Finding("violation", f"{CONTRACT}{thing}", texts, texts, SHAPES + shape, path, value, **more)


def test_findings_of_shapes_are_told_where_they_come_from(words: CellFindings) -> None:
    findings = (
        violation("/axe/2", "numero-unique", SKOS + "notation", "2"),
        violation("/part/axe-2", "part-de-quoi", CPER + "partDe"),
        violation("/enonce/signataire-etat", "enonce-position"),
        violation("", "une-regle"),
    )
    told, others = words.sort(findings)
    assert others == []
    assert [(at(each.location), each.key) for each in told] == [
        ("Contrat!5", "rule-broken"),
        ("Signataires!F5", "rule-broken"),
        ("Subdivisions!E9", "rule-broken"),
        ("Chiffres!R11", "rule-broken"),
    ]


def test_no_rule_is_told_in_the_words_of_rdf(words: CellFindings, shapes: list[Quad]) -> None:
    """Whatever shape or rule is broken, and wherever, its own message and its properties are not repeated."""
    subjects = {each.subject.value for each in shapes if isinstance(each.subject, NamedNode)}
    names = sorted(each.removeprefix(SHAPES) for each in subjects if each.startswith(SHAPES))
    sentences = (key.removeprefix("finding-") for key in sentence_keys() if key.startswith("finding-"))
    rules = [key for key in sentences if key in RULES] + ["a-rule-to-come"]
    details = {"fact": f"{CONTRACT}/axe/1", "words": "…", "period": "2030-2034", "other": "…", "value": "…"}
    things = ("", "/axe/1", "/montant/etat", "/enonce/axe-1", "/part/axe-2", "/signataire/etat")
    findings = [violation(thing, name, SKOS + "broader") for thing in things for name in (*RULES, "x")]
    findings += [violation("/axe/1", name) for name in names]
    findings += [violation("/enonce/axe-1", "", SKOS + "broader", rule=name, details=details) for name in rules]
    findings = [each for each in findings if each.rule or each.shape.removeprefix(SHAPES) not in RULES]  # type: ignore[union-attr]
    for finding in findings:
        ((told,), others) = words.sort((finding,))
        assert others == []
        for lang in LANGUAGES:
            assert not re.search(r"\b[a-z-]+:[A-Za-z]|https://w3id|Turtle|RDF|IRI|\{", told.describe(lang)), told
    assert len(findings) > 100


def test_a_finding_about_the_sources_alone_is_not_told_at_a_cell(words: CellFindings) -> None:
    elsewhere = Finding("violation", f"{BASE}id/contrat/autre", {}, {}, SHAPES + "x", "", "")
    assert words.sort((elsewhere,)) == ([], [elsewhere])
    advice = replace(elsewhere, severity="warning", value=f"{CONTRACT}/axe/1")
    assert words.sort((advice,)) == ([], [])
