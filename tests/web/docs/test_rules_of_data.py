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
