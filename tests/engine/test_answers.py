"""Every engine gives the same answer: features of SPARQL on the embedded engine and on real stores, compared in bytes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from cper_lod.core.formats import CSV, N_TRIPLES, RESULTS_JSON, RESULTS_XML, TSV
from cper_lod.engine.embedded import ProcessEngine
from tests.engine.engines import ask, differences, engine_on, settings
from tests.engine.sparql_stores import STORES, RunningStore
from tests.support.paths import ROOT

KINDS = """
@prefix : <http://e.org/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a a :Thing ; :name "Arras"@fr, "Atrecht"@nl, "plain" ; :n 3 ; :price 2.50 ; :part :b, :c .
:a :day "2023-01-09"^^xsd:date .
:b a :Thing ; :name "Béthune"@fr ; :n 1 ; :price 0.10 ; :part :d ; :day "2021-12-31"^^xsd:date .
:c a :Thing ; :name "Cambrai \\"x\\"\\n\\\\ é𝄞"@fr ; :n 2 ; :price 10.0 ; :open true ; :year "2023"^^xsd:gYear .
:d a :Other ; :name "Douai"@fr-FR ; :n -7 ; :rate 1.5e3 ; :at "2023-01-09T10:20:30Z"^^xsd:dateTime .
:e :name "" ; :own "x"^^:type ; :link <http://e.org/%C3%A9?a=b&c='d'#f> .
"""
OTHER = "fedcba9876543210" * 4
P = "PREFIX : <http://e.org/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
QUERIES = {
    "prefix-known": "SELECT ?s { ?s rdf:type :Thing ; :day ?d FILTER(DATATYPE(?d) = xsd:date) } ORDER BY ?s",
    "all-terms": "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p STR(?o)",
    "not-exists": "SELECT ?s { ?s a :Thing FILTER NOT EXISTS { ?s :part ?x } } ORDER BY ?s",
    "path": "SELECT ?x { :a :part+ ?x } ORDER BY ?x",
    "path-zero": "SELECT ?x { :a :part* ?x } ORDER BY ?x",
    "path-negated": "SELECT ?x { :e !(:name|:own) ?x }",
    "count": "SELECT ?c (COUNT(?s) AS ?n) { ?s a ?c } GROUP BY ?c ORDER BY DESC(?n)",
    "count-none": "SELECT (COUNT(*) AS ?n) { ?s :none ?o }",
    "sum-decimal": "SELECT (SUM(?p) AS ?t) { ?s :price ?p }",
    "having": "SELECT ?s (COUNT(?x) AS ?n) { ?s :part ?x } GROUP BY ?s HAVING (COUNT(?x) > 1)",
    "concat-group": 'SELECT (GROUP_CONCAT(?n; SEPARATOR=" ") AS ?all) { SELECT ?n { ?s :n ?n } ORDER BY ?n }',
    "limit": "SELECT ?s { ?s :n ?n } ORDER BY DESC(?n) LIMIT 2 OFFSET 1",
    "values": "SELECT ?s ?n { VALUES (?s ?x) { (:a UNDEF) (:b 1) } ?s :n ?n } ORDER BY ?s",
    "coalesce": "SELECT ?s (COALESCE(?y, 0) AS ?v) { ?s a :Thing OPTIONAL { ?s :year ?y } } ORDER BY ?s",
    "replace": 'SELECT (REPLACE("abab", "b(a)", "$1-") AS ?x) {}',
    "str-before": 'SELECT (STRBEFORE("a-b", "-") AS ?a) (STRAFTER("a-b", "-") AS ?b) (CONTAINS("abc", "b") AS ?c) {}',
    "datatypes": "SELECT ?s (DATATYPE(?o) AS ?t) { ?s :n|:price|:day|:rate|:own ?o } ORDER BY ?s ?t",
    "day-compared": 'SELECT ?s { ?s :day ?d FILTER(?d < "2022-01-01"^^xsd:date) }',
    "day-parts": "SELECT (YEAR(?t) AS ?y) (MONTH(?t) AS ?m) (DAY(?t) AS ?d) { :d :at ?t }",
    "iri-functions": 'SELECT (IRI("http://e.org/x y") AS ?bad) (ENCODE_FOR_URI("é /") AS ?e) (isIRI(:a) AS ?t) {}',
    "language-made": 'SELECT (STRLANG("chat", "fr") AS ?a) (STRDT("1", xsd:byte) AS ?b) {}',
    "boolean": "SELECT ?o { :c :open ?o }",
    "subquery": "SELECT ?s ?n { { SELECT (MAX(?m) AS ?n) { ?x :n ?m } } ?s :n ?n }",
    "unbound-sorted": "SELECT ?s ?y { ?s :n ?n OPTIONAL { ?s :year ?y } } ORDER BY ?y ?s",
    "error-unbound": "SELECT ?s ((?n / 0) AS ?x) { ?s a :Thing ; :n ?n } ORDER BY ?s",
    "construct": "CONSTRUCT { ?s :label ?n } { ?s a :Other ; :name ?n }",
    "describe": "DESCRIBE :d",
    "empty-row": "SELECT * {}",
    "graph-none": "SELECT ?g { GRAPH ?g { ?s ?p ?o } }",
    "graph-empty": "SELECT ?g { GRAPH ?g {} }",
    "graph-absent": "ASK { GRAPH <urn:x:none> { ?s ?p ?o } }",
    "graph-absent-rows": "SELECT ?s { GRAPH <http://e.org/graph> { ?s ?p ?o } }",
    "blank": "SELECT (COUNT(?b) AS ?n) { ?s ?p ?o BIND(BNODE() AS ?b) }",
    "same-variable": "SELECT ?s { ?s :part ?s }",
    "round": "SELECT (ROUND(2.5) AS ?a) (CEIL(2.1) AS ?b) (FLOOR(-2.1) AS ?c) (ABS(-3) AS ?d) {}",
}


@pytest.fixture(scope="session")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index with a literal of every kind in the data."""
    folder = tmp_path_factory.mktemp("kinds") / "index"
    store = Store(str(folder))
    store.load(KINDS.encode(), RdfFormat.TURTLE)
    store.flush()
    del store
    return folder


@pytest.fixture(scope="module")
def inside(kinds: Path) -> Iterator[ProcessEngine]:
    with ProcessEngine(kinds, settings(query_workers=1), []) as made:
        yield made


@pytest.fixture(scope="module")
def anywhere(store: RunningStore | None, kinds: Path) -> Iterator[ProcessEngine]:
    yield from engine_on(store, kinds, OTHER, ())  # the store may hold the graph of other tests


@pytest.mark.parametrize("name", QUERIES)
def test_the_same_answer(anywhere: ProcessEngine, inside: ProcessEngine, name: str) -> None:
    """Rows and triples are compared as bytes; a graph, which is unordered, by its sorted lines."""
    text = P + QUERIES[name]
    for form in (TSV, CSV, RESULTS_JSON, RESULTS_XML):
        got, expected = (ask(engine, text, form, N_TRIPLES) for engine in (anywhere, inside))
        assert (got.form, got.format) == (expected.form, expected.format)
        if expected.form == "graph":
            assert sorted(got.read().splitlines()) == sorted(expected.read().splitlines())
        else:
            assert got.read() == expected.read()


def test_the_answers_are_not_empty(inside: ProcessEngine) -> None:
    """Except those that should be empty."""
    answers = {name: ask(inside, P + text, TSV, N_TRIPLES) for name, text in QUERIES.items()}
    empty = {name for name, found in answers.items() if found.form == "select" and found.read().count(b"\n") == 1}
    assert empty == {"graph-none", "graph-empty", "graph-absent-rows", "same-variable"}
    assert all(found.read() for found in answers.values())


def test_every_difference_names_an_existing_test() -> None:
    """A row for a test that was renamed would never be noticed."""
    paths = [*Path(__file__).parent.rglob("*.py"), ROOT / "tests" / "web" / "sparql" / "test_protocol.py"]
    texts = "".join(path.read_text("utf-8") for path in paths)
    rows = differences()
    assert {kind for kind, _ in rows} == set(STORES)
    for _, name in rows:
        function, _, rest = name.removesuffix("]").partition("[")
        assert f"def {function}(" in texts
        assert rest.partition("-query-")[0] in texts
