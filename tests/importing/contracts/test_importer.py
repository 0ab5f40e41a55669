"""From a workbook to sources by the command: bodies that others describe or name, what is replaced, the days of imports."""

import shutil
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import DCT, PREFIXES, SUBV
from cper_lod.importing.contracts.importer import import_dates
from cper_lod.importing.subsidies.attachment import Contract, Origin, find_contract
from cper_lod.importing.subsidies.parse_rows import Subsidy
from cper_lod.importing.subsidies.to_rdf import shared_lines
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Finding
from tests.importing.fictitious_workbook import FICTION
from tests.importing.workbooks import plain, run
from tests.support.names import BASE

CONTRACT = f"{BASE}id/contrat/armorique-test-2030-2034"
FIGURES = [{**row, "financeur": ""} for row in FICTION["chiffres"] if "financeur" not in row]
SIGNED = {**FICTION, "chiffres": FIGURES}
"""The same contract, for other signatories."""


def values(quads: list[Quad], subject: str, term: str) -> list[str]:
    prefix, _, name = term.partition(":")
    predicate = PREFIXES[prefix] + name
    found = [quad.object for quad in quads if quad.subject == NamedNode(subject) and quad.predicate.value == predicate]
    return sorted(each.value.removeprefix(CONTRACT + "/") for each in found if isinstance(each, NamedNode | Literal))


def test_a_body_that_others_name_stays_when_the_contract_names_it_no_more(
    unchecked: list[Finding], small: Path, tmp_path: Path
) -> None:
    """Else a beneficiary of its subsidies could never be removed from the signatories."""
    named = [{"nom": "Ville-Test", "sorte": "EPCI", "siren": "123456782", "citation": "les autres"}]
    target = Path(shutil.copytree(small, tmp_path / "target", symlinks=True))
    path, body = tmp_path / "contrat.xlsx", f"{BASE}id/organisme/ville-test"
    for signatories, others, kept in ((named, "", 1), (named[:0], f"<{body}> .", 1), (named[:0], "", 0)):
        facts = target / "data" / "facts-autres.ttl"
        facts.unlink(missing_ok=True)
        if others:
            facts.write_text(f"<{BASE}id/bac/x> <{SUBV}beneficiaire> {others}\n", "utf-8")
        plain(path, {**SIGNED, "signataires": signatories})
        result = run("import", "contract", path, "--sources", target, "--replace")
        assert result.exit_code == 0, result.output
        found = [quad for file in (target / "data").glob("bodies-*.ttl") for quad in read(file, names=PROGRAM)]
        assert len(values(found, body, "cper:siren")) == kept
        places = [
            quad.subject for file in (target / "data").glob("territories-*.ttl") for quad in read(file, names=PROGRAM)
        ]
        assert (NamedNode(f"{BASE}id/territoire/territoire-ville-test") in places) == bool(kept)


def test_a_body_that_only_a_file_of_subsidies_names_is_described(
    unchecked: list[Finding], small: Path, tmp_path: Path
) -> None:
    """It keeps its IRI, so that its SIREN is that of one body, and gets the class and the name of a signatory."""
    sources, iri = shutil.copytree(small, tmp_path / "sources"), f"{BASE}id/organisme/siren-123456782"
    origin = Origin("f", "f.csv", "0" * 64, "", "", Contract(f"{BASE}id/contrat/c", {}), (), {})
    blank = Subsidy(*[""] * len(Subsidy._fields))
    subsidy = blank._replace(
        funder_siret="55555555700010", siret="12345678200010", name="Ville de Test", period="2031-01-01/2031-01-01"
    )
    (sources / "data" / "subventions").mkdir()
    (sources / "data" / "subventions" / "f.nt").write_text("\n".join(shared_lines(subsidy, origin)), "utf-8")
    named = [{"nom": "Ville-Test", "sorte": "EPCI", "siren": "123456782", "citation": "Ville-Test"}]
    path = plain(tmp_path / "contrat.xlsx", {**SIGNED, "signataires": named})
    assert run("import", "contract", path, "--sources", sources, "--output", tmp_path / "target").exit_code == 0
    assert unchecked == []
    found = [quad for path in (tmp_path / "target" / "data").rglob("*.ttl") for quad in read(path, names=PROGRAM)]
    assert values(found, CONTRACT, "cper:signePar") == [iri]
    assert PREFIXES["org"] + "FormalOrganization" in values(found, iri, "rdf:type")
    assert values(found, iri, "skos:prefLabel") == ["Ville-Test", "Ville-Test"]
    contract = find_contract([*(tmp_path / "target" / "data").rglob("*.ttl")], "armorique-test-2030-2034", PROGRAM)
    assert contract.bodies == {"123456782": iri}, "the next file of subsidies refers to it"


@pytest.mark.parametrize(
    ("known", "changed", "issued", "modified"),
    [
        ("", True, "2026-11-30", "2026-11-30"),
        ("2025-01-01", False, "2025-01-01", "2025-01-01"),
        ("2025-01-01", True, "2025-01-01", "2026-11-30"),
        ("2036-01-01", False, "2026-11-30", "2026-11-30"),  # by a clock that was wrong
    ],
)
def test_the_days_of_an_import(
    known: str, changed: bool, issued: str, modified: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796000000")  # 30 November 2026
    path = tmp_path / "catalogue.ttl"
    days = "".join(f'<http://e.org/d> <{DCT}{name}> "{known}" .\n' for name in ("issued", "modified") if known)
    path.write_text(days)
    found = [quad.object.value for quad in import_dates(path, ["http://e.org/d"], PROGRAM, changed=changed)]  # type: ignore[union-attr]
    assert found == [issued, modified]
