"""Dumps: packed the same whatever the pieces; a graph too large for Turtle has none, and the catalogue says so."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from cper_lod.core.namespaces import BASE, DCAT, PROV
from cper_lod.release.build.build import build
from cper_lod.release.catalog import distributions
from cper_lod.release.catalog.dcat import distribution_iri
from cper_lod.release.release import DUMP
from cper_lod.release.storage import dumps

DATASET = f"{BASE}id/jeu-de-donnees/bacs-fictifs"


@pytest.mark.parametrize("largest", [2, 6])
def test_a_graph_too_large_for_turtle_has_none(
    tiny: Path, tmp_path: Path, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny / "data" / "catalog").mkdir()
    text = f"<{DATASET}> a <{DCAT}Dataset> ; <{PROV}wasDerivedFrom> <{BASE}source/data/bacs.ttl> .\n"
    (tiny / "data" / "catalog" / "bacs.ttl").write_text(f"{text}<{BASE}catalogue> <{DCAT}dataset> <{DATASET}> .\n")
    monkeypatch.setattr(dumps, "MAX_TURTLE_TRIPLES", largest)
    release = build(tmp_path / "releases", tiny)
    small = largest == 6  # the dataset has six triples, all that is published has more
    forms = ["nt.gz", *(["ttl", "jsonld"] if small else [])]
    files = {name for name in release.manifest["files"] if name.startswith(f"{DUMP}/")}
    assert {f"{DUMP}/tout.nt.gz", f"{DUMP}/tout.nq.gz"} <= files
    assert not {f"{DUMP}/tout.ttl", f"{DUMP}/tout.jsonld"} & files
    assert {each for each in files if "bacs-fictifs" in each} == {f"{DUMP}/bacs-fictifs.{form}" for form in forms}
    quads = distributions.served_catalogue(release, "https://e.org", "")
    told = {
        quad.object
        for quad in quads
        if quad.subject == NamedNode(DATASET) and quad.predicate == NamedNode(DCAT + "distribution")
    }
    sparql_and_table = {"sparql", "table-bac"}
    names = {distribution_iri(DATASET, form) for form in (*forms, *sparql_and_table)}
    assert told == {NamedNode(name) for name in names}
