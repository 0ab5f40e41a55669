"""Which dataset a triple belongs to: the one that names the file which states it."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import DCAT, PROV
from cper_lod.rdf.graph import Graph
from cper_lod.release.build.build import build
from cper_lod.release.catalog.datasets import (
    CatalogueDataset,
    catalogue_datasets,
    contract_datasets,
)
from cper_lod.release.catalog.dcat import distribution_iri
from cper_lod.release.catalog.distributions import served_catalogue
from cper_lod.release.check.check import check
from cper_lod.release.release import DUMP
from cper_lod.release.sources.read import Sources, read_sources
from cper_lod.release.storage import dumps
from cper_lod.release.storage.quad_file import parse_quads
from tests.support.names import BASE, GRAPH_CATALOGUE

DATASET = f"{BASE}id/jeu-de-donnees/bacs-fictifs"


def describe(folder: Path, *paths: str) -> Sources:
    """Read sources whose catalogue has one dataset, made from these paths."""
    named = ", ".join(f"<{PROGRAM.sources}{path}>" for path in paths)
    text = f"<{DATASET}> a <{DCAT}Dataset> ; <{PROV}wasDerivedFrom> {named} .\n"
    text += f"<{BASE}catalogue> <{DCAT}dataset> <{DATASET}> .\n"
    (folder / "data" / "catalog").mkdir(exist_ok=True)
    (folder / "data" / "catalog" / "bacs.ttl").write_text(text, "utf-8")
    return read_sources(folder)


def test_each_triple_of_the_data_is_in_the_parts(sources: Path):
    real = read_sources(sources)
    held = {quad for dumped in real.datasets.values() for quad in dumped.quads}
    named = [
        (line, {real.statements.files[each].name for each in files}) for line, files in real.statements.statements()
    ]
    stated = set(parse_quads(line for line, names in named if any(name.startswith("data/") for name in names)))
    assert {quad for quad in stated if quad.graph_name != NamedNode(GRAPH_CATALOGUE)} <= held
    ontology = set(parse_quads(line for line, names in named if names == {"ontology/cper.ttl"}))
    assert ontology
    assert not ontology & held, "the ontology is no dataset"


def test_files_named_after_a_contract_are_its_datasets():
    paths = """
        data/contracts/val-2021-2027.ttl data/contracts/bas-val-2021-2027.ttl data/contracts/nord-2021-2027.ttl
        data/bodies-val-2021-2027.ttl data/bodies-bas-val-2021-2027.ttl data/geometries/bas-val-2021-2027.ttl
        data/statements/val-2021-2027.ttl data/derived/val-2021-2027.ttl data/bodies-nord-2021-2027.ttl
        data/subventions/val-2021-2027/a.nt data/subventions/val-2021-2027/b.nt data/subventions/nord-2021-2027/c.nt
        data/catalog/val-2021-2027.ttl data/autre.ttl shapes/profiles/val-2021-2027.ttl
    """
    stated = [CatalogueDataset(PROGRAM.datasets + "contrat", ("data/contracts/nord-2021-2027.ttl",))]
    found = contract_datasets(paths.split(), stated, PROGRAM)
    assert {each.slug: each.paths for each in found} == {
        "contrat-bas-val-2021-2027": (
            "data/bodies-bas-val-2021-2027.ttl",
            "data/contracts/bas-val-2021-2027.ttl",
            "data/geometries/bas-val-2021-2027.ttl",
        ),
        "contrat-val-2021-2027": ("data/bodies-val-2021-2027.ttl", "data/contracts/val-2021-2027.ttl"),
        "enonces-val-2021-2027": ("data/statements/val-2021-2027.ttl",),
        "subventions-nord-2021-2027": ("data/subventions/nord-2021-2027/",),
        "subventions-val-2021-2027": ("data/subventions/val-2021-2027/",),
        "valeurs-derivees-val-2021-2027": ("data/derived/val-2021-2027.ttl",),
    }
    assert [each.slug for each in found] == sorted(each.slug for each in found)
    assert all(each.is_derived for each in found)
    assert (stated[0].kind, stated[0].contract, stated[0].is_derived) == ("contrat", "nord-2021-2027", False)


def test_an_empty_dataset_is_not_published(tiny: Path):
    sources = describe(tiny, "data/subventions/")
    assert not catalogue_datasets(sources.published, PROGRAM)
    assert DATASET not in str(sources.published)
    (tiny / "data" / "subventions").mkdir()
    (tiny / "data" / "subventions" / "x.ttl").write_text("<http://e.org/a> <http://e.org/p> 1 .\n", "utf-8")
    sources = read_sources(tiny)
    assert [len([*held.quads]) for held in sources.datasets.values()] == [1]
    assert list(sources.datasets) == catalogue_datasets(sources.published, PROGRAM)


@pytest.mark.parametrize(
    ("paths", "severity", "words"),
    [
        (("data/bacs.ttl", "data/nulle-part.ttl"), "violation", "data/nulle-part.ttl, qui n'existe pas"),
        (("ontology/petit.ttl",), "warning", "data/bacs.ttl n'appartient à aucun jeu"),
    ],
)
def test_a_missing_or_unassigned_file_is_a_finding(tiny: Path, paths: tuple[str, ...], severity: str, words: str):
    found = [each for each in check(describe(tiny, *paths)).findings if words in each.messages["fr"]]
    assert [each.severity for each in found] == [severity]
    assert found[0].messages["en"] != found[0].messages["fr"]
    assert "wasDerivedFrom" in found[0].remedies["en"]


@pytest.mark.parametrize("largest", [2, 6])
def test_a_graph_too_large_for_turtle_has_none(
    tiny: Path, tmp_path: Path, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe(tiny, "data/bacs.ttl")
    monkeypatch.setattr(dumps, "MAX_TURTLE_TRIPLES", largest)
    release = build(tmp_path / "releases", tiny)
    forms = [
        "nt.gz",
        *(["ttl", "jsonld"] if largest == 6 else []),
    ]  # it has six triples, all that is published has more
    files = {name.removeprefix(f"{DUMP}/") for name in release.manifest["files"] if name.startswith(f"{DUMP}/")}
    assert {each for each in files if each.startswith("tout.")} == {"tout.nt.gz", "tout.nq.gz"}
    assert {each for each in files if "bacs-fictifs" in each} == {f"bacs-fictifs.{form}" for form in forms}
    told = Graph(served_catalogue(release, "https://e.org", "")).all(NamedNode(DATASET), DCAT + "distribution")
    assert {each.value for each in told} == {
        distribution_iri(DATASET, form) for form in (*forms, "sparql", "table-bac")
    }
