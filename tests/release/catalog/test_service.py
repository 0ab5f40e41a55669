"""The service description, each statement held against what it speaks of: tables, graphs, engine, catalogue."""

from collections.abc import Callable

import pytest
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, RdfFormat, Store

from cper_lod.core.errors import Problem
from cper_lod.core.formats import GRAPH_FORMATS, RESULT_FORMATS, SOLUTION_FORMATS
from cper_lod.core.namespaces import DCT, RDF, RDFS, SD, VOID
from cper_lod.core.settings import Settings
from cper_lod.engine import syntax
from cper_lod.release.catalog.service import describe_service
from cper_lod.release.release import Release

SETTINGS = Settings(public_url="http://127.0.0.1:8000")
ENDPOINT = SETTINGS.endpoint
SERVICE = ENDPOINT + "#service"
GIVEN = """
@prefix : <http://e.org/> .
:a :b :c , :d , 1 .
GRAPH :g { :a :b :c , :d } GRAPH <urn:x:%C3%A9?a=1#é> { :a :b :c } GRAPH _:g { :a :b :c }
"""


@pytest.fixture(scope="module")
def given(release_of: Callable[[str], Release]) -> Release:
    """A release of data served as given, with a graph that has no name."""
    return release_of(GIVEN)


@pytest.fixture(params=["contract", "data"])
def served(request: pytest.FixtureRequest, release: Release, given: Release) -> Release:
    """Either kind of release."""
    return release if request.param == "contract" else given


def values(quads: list[Quad], subject: str, predicate: str) -> set[str]:
    found = [quad.object for quad in quads if quad.subject.value == subject and quad.predicate.value == predicate]
    return {value.value for value in found if isinstance(value, NamedNode | Literal)}


def one(quads: list[Quad], subject: str, predicate: str) -> str:
    (value,) = values(quads, subject, predicate)
    return value


def graphs(quads: list[Quad], of: str) -> dict[str, int]:
    """Return the named graphs of a collection, each with its number of triples."""
    nodes = values(quads, of, SD + "namedGraph")
    assert all(one(quads, node, RDF + "type") == SD + "NamedGraph" for node in nodes)
    described = {one(quads, node, SD + "name"): one(quads, node, SD + "graph") for node in nodes}
    assert all(one(quads, graph, RDF + "type") == SD + "Graph" for graph in described.values())
    return {name: int(one(quads, graph, VOID + "triples")) for name, graph in described.items()}


def test_the_service_states_what_holds_and_nothing_else(served: Release) -> None:
    """The formats are those that the engine writes; other features do not hold."""
    quads = describe_service(served, SETTINGS)
    said = {name: values(quads, SERVICE, name) for name in {quad.predicate.value for quad in quads}}
    formats = {each.iri for each in RESULT_FORMATS}
    assert all(QueryResultsFormat.from_media_type(each.media_type) for each in SOLUTION_FORMATS)
    assert all(RdfFormat.from_media_type(each.media_type) for each in GRAPH_FORMATS)
    assert {name.removeprefix(SD): found for name, found in said.items() if name.startswith(SD) and found} == {
        "endpoint": {ENDPOINT},
        "supportedLanguage": {SD + "SPARQL11Query"},
        "defaultEntailmentRegime": {"http://www.w3.org/ns/entailment/Simple"},
        "resultFormat": formats,
        "defaultDataset": {ENDPOINT + "#dataset"},
        "availableGraphs": {ENDPOINT + "#graphs"},
    }
    assert said[RDF + "type"] == {SD + "Service"}
    assert {quad.object.language for quad in quads if isinstance(quad.object, Literal)} == {"fr", "en", None}
    for node, name in (
        (SERVICE, RDFS + "label"),
        (ENDPOINT + "#default-graph", RDFS + "label"),
        (SERVICE, DCT + "description"),
    ):
        assert len(values(quads, node, name)) == 2


def test_graphs_and_counts_are_those_of_the_index(served: Release) -> None:
    quads = describe_service(served, SETTINGS)
    store = Store.read_only(str(served.folder / "index"))
    counted = {
        graph.value: sum(1 for _ in store.quads_for_pattern(None, None, None, graph))
        for graph in store.named_graphs()
        if isinstance(graph, NamedNode)
    }
    dataset = one(quads, SERVICE, SD + "defaultDataset")
    assert counted
    assert graphs(quads, dataset) == counted
    assert graphs(quads, one(quads, SERVICE, SD + "availableGraphs")) == counted
    (row,) = store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")  # the default graph by itself, no union
    assert one(quads, one(quads, dataset, SD + "defaultGraph"), VOID + "triples") == row["n"].value
    named = {quad.object.value for quad in quads if quad.predicate.value == SD + "name"}
    for graph in named:
        syntax.check(f"ASK FROM <{graph}> {{}}", served.graphs, (), ())
    with pytest.raises(Problem):
        syntax.check("ASK FROM <http://e.org/other> {}", served.graphs, (), ())
