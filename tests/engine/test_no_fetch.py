"""No query makes another store fetch anything: queries that could are rejected, or parsed there as here."""

import socket
from select import select

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.formats import RESULTS_JSON, TURTLE
from cper_lod.engine.base import Query
from cper_lod.engine.embedded import ProcessEngine

CALL = "SERVICE <URL> { ?s ?p ?o }"
TEXTS = [
    f"SELECT * {{ ?s ?p ?o {CALL} }}",
    f"SELECT * {{ {CALL.replace('SERVICE', 'SERVICE SILENT')} }}",
    f"SELECT * {{ {CALL.replace('S', chr(92) + 'u0053', 1)} }}",
    *(f"SELECT * {{ ?s ?p ?o # {end}{CALL}\n}}" for end in ("\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\0", "\\n")),
    f"SELECT * {{ ?s ?p 'a\\' . {CALL} #' }}",
    f'SELECT * {{ ?s ?p "a\\u0022 . {CALL} #" }}',
    f'SELECT * {{ ?s ?p "\\\\u0022 . {CALL} #" }}',
    f"SELECT * {{ ?s <urn:a\\u003E> ?o . {CALL} . ?x <urn:b> ?o }}",
    f"SELECT * {{ ?s ?p ?o FILTER(?o <?p && ?p> 1) {CALL} }}",
    "PREFIX SERVICE: <URL> SELECT * { SERVICE:x { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?o BIND(<URL> AS ?u) SERVICE ?u { ?s ?p ?o } }",
    "SELECT * FROM <URL> { ?s ?p ?o }",
    "SELECT * { GRAPH <URL> { ?s ?p ?o } }",
    "DESCRIBE <URL>",
    "LOAD <URL>",
    "ASK {} ; LOAD <URL>",
    "define get:soft 'replace' SELECT * FROM <URL> { ?s ?p ?o }",
    "define input:default-graph-uri <URL> define get:uri 'URL' ASK { ?s ?p ?o }",
    "SELECT (<bif:http_get>('URL') AS ?x) {}",
    "PREFIX bif: <bif:> SELECT (IF(false, 1, bif:http_get('URL')) AS ?x) {}",
    "SELECT * { ?s ?p ?o FILTER(<http://www.openlinksw.com/schemas/DAV#get>('URL')) }",
    "SELECT * { <URL> <http://www.openlinksw.com/schemas/getrdf#> ?o }",
]


@pytest.mark.parametrize("dataset", [(), ("http://e.org/graph",)])
def test_nothing_is_fetched(engine: ProcessEngine, dataset: tuple[str, ...]) -> None:
    refused = 0
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        for text in TEXTS:
            try:
                engine.query(Query(text.replace("URL", url), RESULTS_JSON, TURTLE, dataset))
            except Problem as problem:
                refused += 1
                assert problem.kind.code != "query-crash"
            assert not select([server], [], [], 0)[0], text
        assert not select([server], [], [], 0.05)[0], "one of these, later"
    assert refused > len(TEXTS) / 2
