"""The rules of a release as data: every shape once, what it looks at, its path, and which terms it names."""

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from cper_lod.core.namespaces import CPER, SH, SHAPES
from cper_lod.release.docs.shapes import Shapes, Target
from cper_lod.release.documents import shapes_document
from cper_lod.release.release import Release
from tests.support.paths import ROOT

HEAD = """
@prefix ex: <http://ex.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


def made(turtle: str) -> Shapes:
    return Shapes(parse((HEAD + turtle).encode(), RdfFormat.TURTLE))


@pytest.fixture(scope="module")
def rules(release: Release) -> Shapes:
    return Shapes(shapes_document(release, SHAPES.rstrip("#")).quads)


@pytest.fixture(scope="module")
def files() -> Store:
    store = Store()
    for path in sorted((ROOT / "shapes").rglob("*.ttl")):
        store.bulk_load(path=path, format=RdfFormat.TURTLE)
    return store


def test_targets_and_queries_are_those_of_the_files(rules: Shapes, files: Store):
    said = {
        (quad.subject.value, quad.predicate.value, quad.object.value)
        for kind in ("Class", "Node", "SubjectsOf", "ObjectsOf")
        for quad in files.quads_for_pattern(None, NamedNode(f"{SH}target{kind}"), None)
    }
    told = {(rule.iri, f"{SH}target{each.kind}", each.iri) for rule in rules.all.values() for each in rule.targets}
    assert len(said) > 200
    assert told == said
    queries = {quad.object.value for quad in files.quads_for_pattern(None, NamedNode(SH + "sparql"), None)}
    assert len(queries) > 20
    assert {query.value for rule in rules.all.values() for query in rule.queries} == queries


def test_a_term_is_named_as_target_in_a_path_as_class_and_in_a_query(rules: Shapes):
    def naming(name: str) -> set[str]:
        return {rule.iri.removeprefix(SHAPES) for rule in rules.mentioning(CPER + name)}

    assert "axe-ou-priorite-dans-une-liste" in naming("Axe")
    assert "part-entre-0-et-100" in naming("pourcentage")
    assert "axe-et-priorite-du-meme-contrat" in naming("sert")
    assert "contrat-est-un-contrat" in naming("Contrat")
    assert "contrat-reciproque-des-parties" in naming("priorite"), "in a query"
    assert naming("nothing") == set()


def test_a_path_is_written_as_sparql_writes_it():
    paths = {
        "skos:notation": "skos:notation",
        "ex:p": "<http://ex.org/p>",
        "( skos:broader skos:notation )": "skos:broader/skos:notation",
        "[ sh:inversePath skos:broader ]": "^skos:broader",
        "[ sh:alternativePath ( skos:broader skos:narrower ) ]": "skos:broader|skos:narrower",
        "[ sh:zeroOrMorePath ( skos:broader skos:narrower ) ]": "(skos:broader/skos:narrower)*",
        "( [ sh:oneOrMorePath skos:broader ] [ sh:zeroOrOnePath skos:member ] )": "skos:broader+/skos:member?",
    }
    for path, written in paths.items():
        rule = made(f"ex:s a sh:PropertyShape ; sh:path {path} .").all["http://ex.org/s"]
        assert rule.path == written
        assert all(each.startswith("http") for each in rule.properties)
        assert rule.properties


def test_a_path_in_a_circle_ends():
    rule = made("ex:s a sh:PropertyShape ; sh:path _:a . _:a sh:inversePath _:a . _:l rdf:first ex:p ; rdf:rest _:l .")
    assert rule.all["http://ex.org/s"].path.endswith("…")
    listed = made("ex:s a sh:PropertyShape ; sh:path _:l . _:l rdf:first skos:note ; rdf:rest _:l .")
    assert listed.all["http://ex.org/s"].path == "skos:note"


def test_missing_parameters_have_their_defaults():
    rule = made("ex:s a sh:NodeShape ; sh:targetClass ex:C, [] ; sh:order 3 .").all["http://ex.org/s"]
    assert (rule.severity, rule.targets, rule.path) == (SH + "Violation", (Target("Class", "http://ex.org/C"),), "")
    assert rule.parameters == {}
    assert Shapes(()).all == {}
