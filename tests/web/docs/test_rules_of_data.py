"""pyshacl as it is, without any code of the program, on the dump that a build writes and the shapes as they are served."""

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cper_lod.core.namespaces import SHAPES
from cper_lod.release.release import Release

Run = Callable[[str], subprocess.CompletedProcess[str]]

YEAR = "^^<http://www.w3.org/2001/XMLSchema#gYear>"
CORRUPTIONS = {
    "siret-du-siren": ('ontology#siren> "200053742"', 'ontology#siren> "200053743"'),
    "lien-identite": ("http://id.insee.fr/geo/departement/02>", "http://insee.fr/geo/departement/02>"),
    "periode-ordonnee": (f'"2021"{YEAR}', f'"2031"{YEAR}'),
}
"""Texts of the dump, and what a corrupted dump has in their place, by the rule that finds it."""


@pytest.fixture(scope="module")
def dump(release: Release) -> str:
    return gzip.decompress((release.folder / "dump" / "tout.nt.gz").read_bytes()).decode()


@pytest.fixture
def run(tmp_path: Path, client: FlaskClient) -> Run:
    """Return how to run pyshacl on data in N-Triples, with the shapes of the data as they are served."""
    (tmp_path / "shapes.ttl").write_bytes(client.get("/shapes.ttl").data)

    def run_pyshacl(data: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "data.nt").write_text(data, "utf-8")
        command = [sys.executable, "-m", "pyshacl", "-s", "shapes.ttl", "data.nt"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run_pyshacl


def test_the_dump_conforms(run: Run, dump: str) -> None:
    assert dump.count("\n") > 5_000
    found = run(dump)
    assert (found.returncode, found.stdout) == (0, "Validation Report\nConforms: True\n"), found.stdout + found.stderr


@pytest.mark.slow
def test_a_corrupted_dump_does_not(run: Run, dump: str) -> None:
    corrupted = dump
    for old, new in CORRUPTIONS.values():
        assert old in corrupted
        corrupted = corrupted.replace(old, new)
    found = run(corrupted)
    assert found.returncode == 1
    for rule in CORRUPTIONS:
        assert f"<{SHAPES}{rule}>" in found.stdout or f"cpers:{rule}" in found.stdout, rule


def test_rules_about_the_rest_are_a_document_of_their_own(client: FlaskClient) -> None:
    data, rest = (client.get(f"/{name}.ttl").text for name in ("shapes", "shapes/publication"))
    for rules, rule, other in ((data, "siren-et-siret-ecrits", "terme-libelle"), (rest, "terme-libelle", "siren-et")):
        assert f"shapes#{rule}> a sh:" in rules.replace(f"cpers:{rule} a", f"shapes#{rule}> a")
        assert other not in rules
        assert "cpers:prefixe-skos" in rules or "shapes#prefixe-skos" in rules
    assert 'href="/shapes/publication.ttl"' in client.get("/shapes.html").text


@pytest.mark.parametrize(("lang", "label"), [("fr", "La clé d'un SIREN"), ("en", "The check digit of a SIREN")])
def test_the_report_names_the_rules_that_no_shape_states(client: FlaskClient, lang: str, label: str) -> None:
    (rule,) = (each for each in client.get("/report.json").get_json()["rules"] if each["key"] == "check-digit")
    assert rule["looked_at"] > 10
    row = client.get(f"/report?lang={lang}").text.partition('<tr id="check-digit">')[2].partition("</tr>")[0]
    assert label in row.replace("’", "'").replace("\u00a0", " ")
    assert f'<td class="number">{rule["looked_at"]}</td>' in row
