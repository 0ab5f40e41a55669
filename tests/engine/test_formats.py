"""Output of a query process: every format, reproducible bytes, always well-formed."""

import gzip
import re
import socket
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store, parse

from cper_lod.core.formats import GRAPH_FORMATS, RDF_XML, RESULTS_XML, TSV, TURTLE, Format
from cper_lod.core.namespaces import PREFIXES
from cper_lod.engine import embedded as embedded_module
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.engine.worker import Worker
from tests.engine.engines import WORKER_LIMITS, ask, refusal, settings

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
TWO = {("<http://schema.org/n1>", "name 1"), ("<http://schema.org/n2>", "name 2")}


@pytest.mark.parametrize("form", GRAPH_FORMATS)
@pytest.mark.parametrize(
    ("text", "found"), [("DESCRIBE schema:n1 schema:n2", TWO), ("CONSTRUCT { ?s ?p ?o } { ?s ?p 'nowhere' }", set())]
)
def test_graphs(engine: ProcessEngine, form: Format, text: str, found: set[tuple[str, str]]) -> None:
    answer = ask(engine, "PREFIX schema: <http://schema.org/> " + text, graph=form)
    assert (answer.form, answer.format) == ("graph", form)
    assert {
        (str(quad.subject), quad.object.value)
        for quad in parse(answer.body, RdfFormat.from_media_type(form.media_type))
    } == found


ORDERS = [
    "SELECT * { ?s ?p ?o } LIMIT 50",
    "SELECT ?p (COUNT(*) AS ?n) (SAMPLE(?s) AS ?one) (GROUP_CONCAT(?o) AS ?all) { ?s ?p ?o } GROUP BY ?p",
    "SELECT * { ?s (<http://schema.org/name>|^<http://schema.org/name>)+ ?o } LIMIT 200",
    "SELECT * { { ?s ?p ?o } UNION { ?o ?p ?s } OPTIONAL { ?s <http://e.org/none> ?x } } LIMIT 100 OFFSET 400",
    "CONSTRUCT { ?s ?p ?o ; a <http://schema.org/X> } { ?s ?p ?o FILTER(isIRI(?s) && STRSTARTS(?o, 'name')) }",
]


@pytest.mark.parametrize("memory", [False, True])
def test_the_same_order_in_another_process(index: Path, tmp_path: Path, memory: bool) -> None:
    """An ETag identifies the bytes, so the order must not depend on the process, even without ORDER BY."""
    data = tmp_path / "data.nq.gz"
    data.write_bytes(gzip.compress(Store.read_only(str(index)).dump(format=RdfFormat.N_QUADS) or b""))
    found = []
    for texts in (ORDERS, ORDERS[::-1]):
        with ProcessEngine(index, settings(query_workers=1), [], data=data if memory else None) as engine:
            found.append({text: ask(engine, text, TSV).read() for text in texts})
    assert found[0] == found[1]
    assert {text: len(body) for text, body in found[0].items() if len(body) <= 40} == {}


@pytest.mark.parametrize("form", [TURTLE, RDF_XML])
def test_few_triples_declare_the_prefixes_that_they_may_use(form: Format) -> None:
    """In an order of pyoxigraph's that does not depend on ours."""
    text, found = "CONSTRUCT { <urn:s> a org:Post ; dct:title 'a', '2'^^cper:x } {}", set()
    for order in (PREFIXES.items(), reversed(PREFIXES.items())):
        own = Worker(Store(), WORKER_LIMITS | {"prefixes": dict(order)})
        found.add(own.answer({"text": text, "solutions": "", "graph": form.media_type})[1].decode())
    (body,) = found
    assert {*re.findall(r"(?:@prefix |xmlns:)([\w-]+)", body)} - {"rdf", "its"} == {"cper", "dct", "org"}


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("CONSTRUCT WHERE { ?s <http://e.org/ends/> ?o }", "http://e.org/ends/"),
        ("DESCRIBE <http://e.org/control>", "http://schema.org/name"),
        (f"CONSTRUCT {{ <a:a> <{RDF}li> 1 }} {{}}", RDF),
        (f"CONSTRUCT {{ <a:a> <{RDF}bagID> 1 }} {{}}", RDF + "bagID"),
    ],
)
def test_rdfxml_is_well_formed_or_rejected(engine: ProcessEngine, text: str, iri: str) -> None:
    problem = refusal(engine, text, graph=RDF_XML)
    assert (problem.kind.code, problem.params) == ("rdfxml-impossible", {"iri": iri})
    assert ask(engine, text, graph=TURTLE).body


def test_results_xml_is_well_formed_or_rejected(engine: ProcessEngine) -> None:
    text = "SELECT ?o { <http://e.org/control> ?p ?o }"
    assert refusal(engine, text, RESULTS_XML).kind.code == "resultsxml-impossible"
    assert ask(engine, text, TSV).body == b'?o\n"a\x01b"\n'


def test_the_child_cannot_reach_the_network(embedded: ProcessEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even for a query that the check of its text accepts; here it accepts everything."""
    monkeypatch.setattr(embedded_module, "check", lambda *_: None)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        problem = refusal(embedded, f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}")
        assert problem.kind.code == "query-failed"
        assert "ermission denied" in str(problem)
        with pytest.raises(TimeoutError):
            server.accept()
