"""pyshacl as it is, without any code of the program, on the dump that a build writes and the shapes as they are served."""

import gzip
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cper_lod.release.release import Release

YEAR = "^^<http://www.w3.org/2001/XMLSchema#gYear>"
CORRUPTIONS = {
    'ontology#siren> "200053742"': 'ontology#siren> "200053743"',
    "http://id.insee.fr/geo/departement/02>": "http://insee.fr/geo/departement/02>",
    f'"2021"{YEAR}': f'"2031"{YEAR}',
}
"""Texts of the dump, and what a corrupted dump has in their place."""
BROKEN = {
    "siret-du-siren",
    "lien-identite",
    "periode-ordonnee",
    "periode-de-son-nom",
    "signature-dans-la-periode",
    "annees-des-mots",
}
"""The rules that a corrupted dump breaks."""


@pytest.mark.slow
def test_of_a_corrupted_dump_just_the_broken_rules_are_told(
    tmp_path: Path, client: FlaskClient, release: Release
) -> None:
    """It takes pyshacl ten seconds: that the dump as it is conforms, as docs/ say, is what is not told."""
    dump = gzip.decompress((release.folder / "dump" / "tout.nt.gz").read_bytes()).decode()
    for old, new in CORRUPTIONS.items():
        assert old in dump
        dump = dump.replace(old, new)
    (tmp_path / "shapes.ttl").write_bytes(client.get("/shapes.ttl").data)
    (tmp_path / "data.nt").write_text(dump, "utf-8")
    command = [sys.executable, "-m", "pyshacl", "-s", "shapes.ttl", "data.nt"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert set(re.findall(r"Source Shape: \S*[/:]([a-z-]+)", found.stdout)) == BROKEN, found.stdout
