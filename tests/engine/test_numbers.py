"""Plain queries over cper:valeur, on every engine and in rdflib, give what Python makes of the published numbers."""

import csv
import gzip
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, parse, serialize
from rdflib import Graph

from cper_lod.core.formats import CSV
from cper_lod.core.namespaces import CPER, RDF, XSD
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.release.release import DATA, INDEX, Release
from tests.engine.engines import ask, engine_on
from tests.engine.sparql_stores import RunningStore

BOUNDS = {"Montant": Decimal(900_000_000), "Part": Decimal(20)}
"""For each kind of figure, a number that some of its values exceed, and others do not."""
QUERIES = {
    "compare": "SELECT (COUNT(*) AS ?n) { ?x a cper:KIND ; cper:valeur ?v . ?y a cper:KIND ; cper:valeur ?w FILTER(?v < ?w) }",
    "order": "SELECT ?v { ?x a cper:KIND ; cper:valeur ?v } ORDER BY DESC(?v)",
    "average": "SELECT (AVG(?v) AS ?n) { ?x a cper:KIND ; cper:valeur ?v }",
    "greatest": "SELECT (MAX(?v) AS ?n) { ?x a cper:KIND ; cper:valeur ?v }",
    "count above a bound": "SELECT (COUNT(?v) AS ?n) { ?x a cper:KIND ; cper:valeur ?v FILTER(?v > BOUND) }",
}
CASES = [(name, kind) for kind in BOUNDS for name in QUERIES]


def query(name: str, kind: str) -> str:
    return f"PREFIX cper: <{CPER}> {QUERIES[name]}".replace("KIND", kind).replace("BOUND", str(BOUNDS[kind]))


def numbers(answer: bytes) -> list[Decimal]:
    """Return the numbers of an answer in CSV, to six places: engines divide to more or fewer digits."""
    return [round(Decimal(cell), 6) for (cell,) in [*csv.reader(io.StringIO(answer.decode()))][1:]]


@pytest.fixture(scope="module")
def published(release: Release) -> bytes:
    """Return the default graph of the published dump, as N-Triples."""
    with gzip.open(release.folder / DATA) as dump:
        quads = parse(dump.read(), RdfFormat.N_QUADS)
    triples = (quad.triple for quad in quads if quad.graph_name == DefaultGraph())
    return serialize(triples, format=RdfFormat.N_TRIPLES) or b""


@pytest.fixture(scope="module")
def expected(published: bytes) -> dict[tuple[str, str], list[Decimal]]:
    """Return the answers, from the literals as they are written."""
    quads, found = list(parse(published, RdfFormat.N_TRIPLES)), dict[tuple[str, str], list[Decimal]]()
    for kind, bound in BOUNDS.items():
        nodes = {
            each.subject
            for each in quads
            if (each.predicate.value, each.object) == (RDF + "type", NamedNode(CPER + kind))
        }
        said = [each.object for each in quads if each.predicate.value == CPER + "valeur" and each.subject in nodes]
        values = [
            Decimal(each.value) for each in said if isinstance(each, Literal) and each.datatype.value == XSD + "decimal"
        ]
        above = sum(each > bound for each in values)
        assert 0 < above < len(values) == len(said)
        found["compare", kind] = [Decimal(sum(one < other for one in values for other in values))]
        found["order", kind] = sorted(values, reverse=True)
        found["average", kind] = [round(sum(values) / len(values), 6)]
        found["greatest", kind] = [max(values)]
        found["count above a bound", kind] = [Decimal(above)]
    return found


@pytest.fixture(scope="module")
def anywhere(store: RunningStore | None, release: Release) -> Iterator[ProcessEngine]:
    yield from engine_on(store, release.folder / INDEX, "13579bdf02468ace" * 4, ())


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_every_engine_counts_with_values(
    anywhere: ProcessEngine, expected: dict[tuple[str, str], list[Decimal]], case: tuple[str, str]
) -> None:
    assert numbers(ask(anywhere, query(*case), CSV).read()) == expected[case]


def test_rdflib_counts_with_values(published: bytes, expected: dict[tuple[str, str], list[Decimal]]) -> None:
    graph = Graph().parse(data=published, format="nt")
    found = {case: numbers(graph.query(query(*case)).serialize(format="csv") or b"") for case in CASES}
    assert found == expected
