"""The SPARQL 1.1 Protocol tests of the W3C (w3c/rdf-tests, sparql/sparql11/protocol/manifest.ttl), as a table.

All query tests, and those that send a faulty update. Those that change data do not apply: update_dataset_default_graph,
update_dataset_default_graphs, update_dataset_named_graphs, update_dataset_full, update_post_form, update_post_direct,
update_base_uri. The graphs are made here, since the requests say only what is found in them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from cper_lod.release.build.build import build_data
from tests.support.paths import ROOT
from tests.support.web import client_of

Expected = Literal["true", "tabular", "boolean", "RDF", "4xx"]
D0, D1, D2, D3 = (f"http://kasei.us/2009/09/sparql/data/data{number}.rdf" for number in range(4))
FORM, DIRECT, UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
TYPES: Final = {
    "tabular": ("application/sparql-results+json", "application/sparql-results+xml", "text/csv"),
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "RDF": ("text/turtle", "application/rdf+xml"),
}


def at(**parameters: str | tuple[str, ...]) -> str:
    """Return the address of a request; each parameter once for each value."""
    pairs = [
        f"{name.replace('_', '-')}={quote(value, safe='')}"
        for name, values in parameters.items()
        for value in ((values,) if isinstance(values, str) else values)
    ]
    return "/sparql" + ("?" + "&".join(pairs) if pairs else "")


BOTH = f"<{D1}> a ?type . <{D2}> a ?type ."
EACH = f"GRAPH ?g1 {{ <{D1}> a ?type }} GRAPH ?g2 {{ <{D2}> a ?type }}"
EMPTY = at(default_graph_uri=D0)
CONFLICT = (
    "using-named-graph-uri=http%3A%2F%2Fexample%2Fpeople&update="
    + quote("WITH <http://example/addresses> DELETE { ?person ?p 'Bill' } WHERE { ?person ?p 'Bill' }", safe="")
).encode()
# fmt: off
TESTS: Final[list[tuple[str, str, str, str, bytes, Expected]]] = [
    # name, method, address, type of the body, body, what has to come back
    ("query_post_form", "POST", EMPTY, FORM, b"query=ASK%20%7B%7D", "true"),
    ("query_dataset_default_graphs_get", "GET", at(query=f"ASK {{ {BOTH} }}", default_graph_uri=(D1, D2)), "", b"",
     "true"),
    ("query_dataset_default_graphs_post", "POST", at(default_graph_uri=(D1, D2)), DIRECT,
     f"ASK {{ {BOTH} }}".encode(), "true"),
    ("query_dataset_named_graphs_post", "POST", at(named_graph_uri=(D1, D2)), DIRECT, f"ASK {{ {EACH} }}".encode(),
     "true"),
    ("query_dataset_named_graphs_get", "GET", at(query=f"ASK {{ {EACH} }}", named_graph_uri=(D1, D2)), "", b"",
     "true"),
    ("query_dataset_full", "POST", at(default_graph_uri=D3, named_graph_uri=(D1, D2)), DIRECT,
     f"ASK {{\n  <{D3}> a ?type\n  {EACH}\n}}".encode(), "true"),
    # The manifest encodes the & between its two parameters, which makes one graph of them that nobody has: see below.
    ("query_multiple_dataset", "POST", at(named_graph_uri=(D1, D2)), DIRECT,
     f"ASK FROM <{D3}> {{ {EACH} }}".encode(), "true"),
    ("query_get", "GET", at(query="ASK {}", default_graph_uri=D0), "", b"", "true"),
    ("query_content_type_select", "POST", EMPTY, DIRECT, b"SELECT (1 AS ?value) {}", "tabular"),
    ("query_content_type_ask", "POST", EMPTY, DIRECT, b"ASK {}", "boolean"),
    ("query_content_type_describe", "POST", EMPTY, DIRECT, b"DESCRIBE <http://example.org/>", "RDF"),
    ("query_content_type_construct", "POST", EMPTY, DIRECT, b"CONSTRUCT { <s> <p> 1 } WHERE {}", "RDF"),
    ("query_post_direct", "POST", at(), DIRECT, b"ASK {}", "true"),
    ("bad_query_method", "PUT", at(query="ASK {}", default_graph_uri=D0), FORM, b"", "4xx"),
    ("bad_multiple_queries", "GET", at(query=("ASK {}", "SELECT * {}")), "", b"", "4xx"),
    ("bad_query_wrong_media_type", "POST", at(), "text/plain", b"ASK {}", "4xx"),
    ("bad_query_missing_form_type", "POST", at(), "", b"query=ASK%20%7B%7D", "4xx"),
    ("bad_query_missing_direct_type", "POST", at(), "", b"ASK {}", "4xx"),
    ("bad_query_non_utf8", "POST", at(), DIRECT + "; charset=UTF-16", "ASK {}".encode("utf-16"), "4xx"),
    ("bad_query_syntax", "GET", at(query="ASK {"), "", b"", "4xx"),
    ("bad_update_get", "GET", at(update="CLEAR ALL"), "", b"", "4xx"),
    ("bad_multiple_updates", "POST", at(), FORM, b"update=CLEAR%20NAMED&update=CLEAR%20DEFAULT", "4xx"),
    ("bad_update_wrong_media_type", "POST", at(), "text/plain", b"CLEAR NAMED", "4xx"),
    ("bad_update_missing_form_type", "POST", at(), "", b"update=CLEAR%20NAMED", "4xx"),
    ("bad_update_non_utf8", "POST", at(), UPDATE + "; charset=UTF-16", "CLEAR NAMED".encode("utf-16"), "4xx"),
    ("bad_update_syntax", "POST", at(), FORM, b"update=CLEAR%20XYZ", "4xx"),
    ("bad_update_dataset_conflict", "POST", at(), FORM, CONFLICT, "4xx"),
]
# fmt: on


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """The application in this process, serving the four graphs."""
    folder = tmp_path_factory.mktemp("w3c")
    data = (folder / "data.nq").resolve()
    document = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://xmlns.com/foaf/0.1/Document>"
    data.write_text("".join(f"<{graph}> {document} <{graph}> .\n" for graph in (D0, D1, D2, D3)))
    yield from client_of(build_data(folder / "releases", ROOT, (Path(data),)), query_workers=1)


@pytest.mark.parametrize(("method", "address", "kind", "body", "expected"), [test[1:] for test in TESTS],
                         ids=[test[0] for test in TESTS])  # fmt: skip
def test_w3c(endpoint: FlaskClient, method: str, address: str, kind: str, body: bytes, expected: Expected) -> None:
    answer = endpoint.open(address, method=method, data=body or None, content_type=kind or None)
    if expected == "4xx":
        assert 400 <= answer.status_code < 500
        return
    assert answer.status_code == 200, answer.text
    assert answer.mimetype in TYPES["boolean" if expected == "true" else expected]
    if expected == "true":
        assert answer.get_json(force=True)["boolean"] is True


def test_what_the_manifest_sends_for_query_multiple_dataset_names_a_graph_that_is_not_there(
    endpoint: FlaskClient,
) -> None:
    address = at(named_graph_uri=f"{D1}&named-graph-uri={D2}")
    answer = endpoint.post(address, data=f"ASK FROM <{D3}> {{ {EACH} }}", content_type=DIRECT)
    assert (answer.status_code, answer.get_json(force=True)["type"].rpartition("/")[2]) == (400, "query-graph")


def test_relative_iris_are_resolved_against_the_address_of_the_endpoint(endpoint: FlaskClient) -> None:
    """SPARQL 1.1, section 4.1.1.2; RFC 3986, section 5.1."""
    answer = endpoint.post("/sparql", data=b"CONSTRUCT { <s> <?p> <#o> , <../t> } WHERE {}", content_type=DIRECT)
    assert {str(quad.triple) for quad in parse(answer.data, RdfFormat.TURTLE)} == {
        f"<http://127.0.0.1:8000/s> <http://127.0.0.1:8000/sparql?p> <http://127.0.0.1:8000/{end}>"
        for end in ("sparql#o", "t")
    }
    values = endpoint.get("/sparql.csv?query=" + quote('SELECT (IRI("x") AS ?x) (<> AS ?y) {}')).text.split("\r\n")
    assert values[1] == "http://127.0.0.1:8000/x,http://127.0.0.1:8000/sparql"
