"""The service description, each statement held against what it speaks of: formats, graphs, engine."""

from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat, Store

from cper_lod.core.errors import Problem
from cper_lod.core.formats import GRAPH_FORMATS, RESULT_FORMATS, SOLUTION_FORMATS
from cper_lod.core.namespaces import DCT, RDF, RDFS, SD, VOID
from cper_lod.core.settings import Settings
from cper_lod.engine import syntax
from cper_lod.rdf.graph import Graph
from cper_lod.release.catalog.service import describe_service
from cper_lod.release.release import Release
from tests.support.nquads_release import given_release

SETTINGS = Settings(public_url="http://127.0.0.1:8000")
ENDPOINT = SETTINGS.endpoint
SERVICE = NamedNode(ENDPOINT + "#service")
GIVEN = """
@prefix : <http://e.org/> .
:a :b :c , :d , 1 .
GRAPH :g { :a :b :c , :d } GRAPH <urn:x:%C3%A9?a=1#é> { :a :b :c } GRAPH _:g { :a :b :c }
"""
"""Data served as given, with a graph that has no name."""


@pytest.fixture(params=["contract", "data"])
def served(request: pytest.FixtureRequest, release: Release, releases: Path, tmp_path: Path) -> Release:
    """Either kind of release."""
    (tmp_path / "data.trig").write_text(GIVEN, "utf-8")
    return release if request.param == "contract" else given_release(releases, tmp_path / "data.trig")


def test_the_service_states_what_holds_and_nothing_else(served: Release) -> None:
    """The formats are those that the engine writes; other features do not hold."""
    quads = describe_service(served, SETTINGS)
    graph = Graph(quads)
    assert all(QueryResultsFormat.from_media_type(each.media_type) for each in SOLUTION_FORMATS)
    assert all(RdfFormat.from_media_type(each.media_type) for each in GRAPH_FORMATS)
    said = {name: {each.value for each in values} for name, values in graph.properties(SERVICE).items()}
    assert {name.removeprefix(SD): found for name, found in said.items() if name.startswith(SD)} == {
        "endpoint": {ENDPOINT},
        "supportedLanguage": {SD + "SPARQL11Query"},
        "defaultEntailmentRegime": {"http://www.w3.org/ns/entailment/Simple"},
        "resultFormat": {each.iri for each in RESULT_FORMATS},
        "defaultDataset": {ENDPOINT + "#dataset"},
        "availableGraphs": {ENDPOINT + "#graphs"},
    }
    assert said[RDF + "type"] == {SD + "Service"}
    assert {quad.object.language for quad in quads if isinstance(quad.object, Literal)} == {"fr", "en", None}
    assert [len(said[name]) for name in (RDFS + "label", DCT + "description")] == [2, 2]


def test_graphs_and_counts_are_those_of_the_index(served: Release) -> None:
    graph, store = Graph(describe_service(served, SETTINGS)), Store.read_only(str(served.folder / "index"))
    counted = {
        each.value: sum(1 for _ in store.quads_for_pattern(None, None, None, each))
        for each in store.named_graphs()
        if isinstance(each, NamedNode)
    }
    assert counted
    dataset, available = (graph.one(SERVICE, SD + name) for name in ("defaultDataset", "availableGraphs"))
    for of in (dataset, available):
        nodes = graph.all(of, SD + "namedGraph")
        described = {graph.value(each, SD + "name"): graph.one(each, SD + "graph") for each in nodes}
        assert {name: int(graph.value(each, VOID + "triples")) for name, each in described.items()} == counted
    (row,) = store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")  # the default graph by itself, no union
    assert graph.value(graph.one(dataset, SD + "defaultGraph"), VOID + "triples") == row["n"].value
    for name in counted:
        syntax.check(f"ASK FROM <{name}> {{}}", served.graphs, (), ())
    with pytest.raises(Problem):
        syntax.check("ASK FROM <http://e.org/other> {}", served.graphs, (), ())
