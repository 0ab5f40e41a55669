"""Facts of a workbook against their words: each finding of the check is reported at its cell, in the words of a spreadsheet."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, SHAPES, SKOS
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.cell_findings import RULES, CellFindings
from cper_lod.importing.contracts.importer import Workbook
from cper_lod.importing.contracts.model import CellFinding
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Finding, Report
from tests.importing.workbooks import Answers, at, cell, changed, parsed, plain, sentence_keys
from tests.release.check.corruption import fact_findings
from tests.support.names import BASE
from tests.support.one_contract import copy_contract
from tests.support.paths import ROOT

SLUG = "hauts-de-france-2021-2027"
CONTRACT = f"{BASE}id/contrat/{SLUG}"
CELLS: Answers = json.loads((ROOT / "data" / ".workbooks" / f"{SLUG}.json").read_bytes())["cells"]
"""The workbook of a published contract."""
Import = Callable[[Answers], Workbook]

# Each case: the sheet, the row from 0, the column, another value, and the finding at this cell.
CORRUPTED: list[tuple[str, int, str, Any, str]] = [
    ("documents", 0, "jour", "10/01/2023", "date-not-quoted"),
    ("documents", 0, "emetteur", "Mairie de Lille", "text-not-quoted"),
    ("documents", 0, "nom", "Communiqué de presse du 9 janvier 2012", "figure-unsupported"),
    ("contrat", 0, "periode", "2021", "period-not-quoted"),
    ("contrat", 0, "nom", "Contrat de plan Etat-Region 2021-2027", "text-not-quoted"),
    ("contrat", 0, "description", "un partenariat banal", "text-not-quoted"),
    ("contrat", 0, "note", "En 2071.", "figure-unsupported"),
    ("contrat", 0, "note_en", "In 2041.", "translation-differs"),
    ("etapes", 0, "lieu", "prefecture du Nord", "text-not-quoted"),
    ("etapes", 1, "statut", "Signé", "choice-not-quoted"),
    ("signataires", 9, "territoire", "Aisne", "territory-otherwise"),
    ("signataires", 10, "sorte", "Département", "kind-not-named"),
    ("subdivisions", 0, "sous", "Soutenir et accélérer les potentialités de développement", "link-not-quoted"),
    ("chiffres", 4, "motif", "Sa part sera de 12 %.", "figure-unsupported"),
    ("avenants", 0, "subdivisions", "axe 1", "link-not-quoted"),
]
UNRELATED = {
    ("documents", 0, "citation"): ("jour", "date-not-quoted"),
    ("documents", 0, "citation_lieu"): ("lieu", "text-not-quoted"),
    ("contrat", 0, "citation_periode"): ("periode", "period-not-quoted"),
    ("etapes", 0, "citation"): ("date", "date-not-quoted"),
    ("subdivisions", 0, "citation"): ("nom", "text-not-quoted"),
    ("subdivisions", 0, "citation_lien"): ("sous", "link-not-quoted"),
    ("avenants", 1, "citation_nom"): ("nom", "text-not-quoted"),
}
"""Quotations that have no connection: the cell of the row where this is told."""
QUOTED = "Service régional de la communication"
NEW = {
    ("signataires", 9): {"nom": "Ville de Roubaix", "sorte": "Commune", "citation": QUOTED},
    ("signataires", 10): {"nom": "Agglomération du Grand Test", "sorte": "EPCI", "citation": QUOTED},
}
"""Bodies that the data do not describe."""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_contract(ROOT / "data", SLUG, tmp_path_factory.mktemp("data") / "sources")


@pytest.fixture(scope="module")
def imported(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Import:
    """Return a function that imports answers with the rules about facts alone."""

    def run(answers: Answers) -> Workbook:
        workbook = Workbook(plain(tmp_path_factory.mktemp("import") / "contrat.xlsx", answers), sources)
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


@pytest.fixture(scope="module")
def corrupted(imported: Import) -> dict[str, CellFinding]:
    """Return the findings about a workbook in which many values are other ones."""
    new = ((*place, key, value) for place, cells in NEW.items() for key, value in cells.items())
    return violations(imported(changed(CELLS, *new, *(case[:4] for case in CORRUPTED))))


def test_the_workbook_is_right(imported: Import) -> None:
    assert violations(imported(CELLS)) == {}


@pytest.mark.parametrize("case", CORRUPTED, ids=[f"{key}.{column}" for key, _, column, *_ in CORRUPTED])
def test_a_value_that_its_words_do_not_hold_is_told_at_its_cell(
    case: tuple[str, int, str, Any, str], corrupted: dict[str, CellFinding]
) -> None:
    key, row, column, value, finding = case
    told = corrupted[cell(key, row, column)]
    assert told.key == finding
    assert told.excerpt == value, "as it is typed"


def test_words_without_connection_are_told_at_the_cell_that_they_should_support(imported: Import) -> None:
    told = violations(imported(changed(CELLS, *((*place, QUOTED) for place in UNRELATED))))
    for (key, row, _), (column, finding) in UNRELATED.items():
        assert told[cell(key, row, column)].key == finding


@pytest.fixture(scope="module")
def shapes() -> list[Quad]:
    return [
        quad for path in sorted((ROOT / "shapes").rglob("*.ttl")) for quad in read(path, scope=path.stem, names=PROGRAM)
    ]


@pytest.fixture(scope="module")
def words(shapes: list[Quad]) -> CellFindings:
    """Return what words the findings about a workbook, without an import."""
    book = parsed(CELLS)
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
        violation("/enonce/signataires-etat-region", "enonce-position"),
        violation("", "une-regle"),
    )
    told, others = words.sort(findings)
    assert others == []
    assert [(at(each.location), each.key) for each in told] == [
        ("Contrat!5", "rule-broken"),
        ("Signataires!F5", "rule-broken"),
        ("Subdivisions!E6", "rule-broken"),
        ("Chiffres!S6", "rule-broken"),
    ]


def test_no_rule_is_told_in_the_words_of_rdf(words: CellFindings, shapes: list[Quad]) -> None:
    """Whatever shape or rule is broken, and wherever, its own message and its properties are not repeated."""
    subjects = {each.subject.value for each in shapes if isinstance(each.subject, NamedNode)}
    names = sorted(each.removeprefix(SHAPES) for each in subjects if each.startswith(SHAPES))
    sentences = (key.removeprefix("finding-") for key in sentence_keys() if key.startswith("finding-"))
    rules = [key for key in sentences if key in RULES] + ["a-rule-to-come"]
    details = {"fact": f"{CONTRACT}/axe/1", "words": "…", "period": "2030-2034", "other": "…", "value": "…"}
    things = ("", "/axe/1", "/montant/etat", "/enonce/axe-1", "/part/axe-2", "/signataire/etat")
    findings = [violation(thing, name, SKOS + "broadMatch") for thing in things for name in (*RULES, "x")]
    findings += [violation("/axe/1", name) for name in names]
    findings += [violation("/enonce/axe-1", "", SKOS + "broadMatch", rule=name, details=details) for name in rules]
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
