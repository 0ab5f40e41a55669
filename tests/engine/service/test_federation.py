"""SERVICE: the requests to allowed endpoints, the rewritten query, and rejected queries."""

import io
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, Store

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import ORG
from cper_lod.engine.service import federation, fetch
from cper_lod.engine.service.federation import MAX_CALLS, federate, mentions_service
from cper_lod.engine.service.fetch import ResponseTooLargeError
from cper_lod.engine.syntax.checks import check
from tests.support.cases import each_case
from tests.support.fake_endpoint import Endpoint, answer
from tests.support.work import count_calls

FAR = "http://far.example/sparql"
OTHER = "https://other.example/"
NOTHING = b'{"head": {"vars": []}, "results": {"bindings": []}}'


class FakeEndpoint:
    """Replaces `fetch`: records requests and returns given bytes."""

    def __init__(self, reply: bytes | Exception = NOTHING) -> None:
        self.asked: list[tuple[str, str]] = []
        self.limits: list[int] = []
        self.reply = reply

    def __call__(self, iri: str, query: str, deadline: float, limit: int) -> bytes:
        self.asked.append((iri, query))
        self.limits.append(limit)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


def deadline() -> float:
    return time.monotonic() + 5


def results_json(*rows: dict[str, str], variables: tuple[str, ...] = ("a",)) -> bytes:
    """Return a response with plain literals."""
    bindings = [{name: {"type": "literal", "value": value} for name, value in row.items()} for row in rows]
    return json.dumps({"head": {"vars": variables}, "results": {"bindings": bindings}}).encode()


def refusal(text: str, fake_endpoint: FakeEndpoint | None = None, asked: int = 0) -> Problem:
    """Return the problem of a query, after `asked` requests."""
    fake_endpoint = fake_endpoint or FakeEndpoint()
    with pytest.raises(Problem) as caught:
        federate(text, [FAR, OTHER], deadline(), fake_endpoint)
    assert len(fake_endpoint.asked) == asked
    assert str(caught.value)
    assert str(caught.value.words("fr"))
    return caught.value


@each_case(
    ("text", "asked", "result"),
    [
        (
            f"SELECT * {{ ?s ?p ?a SERVICE <{FAR}> {{ ?b ?p ?a }} }}",
            (FAR, "SELECT * WHERE { ?b ?p ?a }"),
            'SELECT * { ?s ?p ?a  VALUES (?a) { ("x") }  }',
        ),
        (
            f"BASE <{FAR}>\nPREFIX e: <http://e/> # c\nask{{service<>{{e:b ?p ?a}}}}",
            (FAR, f"BASE <{FAR}>\nPREFIX e: <http://e/> # c\nSELECT * WHERE {{e:b ?p ?a}}"),
            f'BASE <{FAR}>\nPREFIX e: <http://e/> # c\nask{{ VALUES (?a) {{ ("x") }} }}',
        ),
        (
            "PREFIX : <http://far.example/> CONSTRUCT WHERE { Service silent :sparql { ?a ?b 'SERVICE }' # }\n } }",
            (FAR, "PREFIX : <http://far.example/> SELECT * WHERE { ?a ?b 'SERVICE }' # }\n }"),
            'PREFIX : <http://far.example/> CONSTRUCT WHERE {  VALUES (?a) { ("x") } \n   }',
        ),
        (
            f"SELECT * {{ ?s ?p 1SERVICE<{OTHER}>{{ {{ SELECT ?a {{ ?a ?p ?o }} LIMIT 1 }} }}?a ?b ?c }}",
            (OTHER, "SELECT * WHERE { { SELECT ?a { ?a ?p ?o } LIMIT 1 } }"),
            'SELECT * { ?s ?p 1 VALUES (?a) { ("x") } ?a ?b ?c }',
        ),
        (
            f"SELECT * {{ FILTER(?x<3) OPTIONAL {{ SERVICE <{FAR}> {{ ?a ?b $c FILTER(?c < 1) }} }} }}",
            (FAR, "SELECT * WHERE { ?a ?b $c FILTER(?c < 1) }"),
            'SELECT * { FILTER(?x<3) OPTIONAL {  VALUES (?a) { ("x") }  } }',
        ),
        (
            f"SELECT * {{ ?a skos:notation 1 SERVICE <{FAR}> {{ ?a a org:Role , <#r> }} }}",
            (FAR, f"BASE <http://here/sparql> PREFIX org: <{ORG}> SELECT * WHERE {{ ?a a org:Role , <#r> }}"),
            'SELECT * { ?a skos:notation 1  VALUES (?a) { ("x") }  }',
        ),
    ],
)
def test_a_call_becomes_its_solutions(text: str, asked: tuple[str, str], result: str) -> None:
    fake_endpoint = FakeEndpoint(results_json({"a": "x"}))
    assert federate(text, [FAR, OTHER], deadline(), fake_endpoint, base="http://here/sparql") == result
    assert fake_endpoint.asked == [asked]
    check(result, [], [], [])


@each_case(
    "text",
    [
        "SELECT * { ?s ?p ?o }",
        "",
        "PREFIX ex: <http://e/> SELECT * { ?s ex:service 'SERVICE <http://far.example/sparql> {}' }",
        f"# SERVICE <{FAR}> {{}}\nASK {{}}",
        "SELECT * { SERVICE <http://not.allowed/> { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <http://far.example/sparql> {} }",
        f"SERVICE <{FAR}> {{}}",
        f"SELECT * {{ \u017fERVICE <{FAR}> {{}} }} # a letter that is an S in capitals, no service",
        f"SELECT * {{ SERVICE <{FAR}> {{ ?s ?p ?o }}",
    ],
)
def test_a_query_without_an_allowed_call_is_unchanged(text: str) -> None:
    fake_endpoint = FakeEndpoint()
    result = federate(text, [FAR], deadline(), fake_endpoint)
    if text.startswith("SELECT * { SERVICE <http://far"):
        assert fake_endpoint.asked == [(FAR, "SELECT * WHERE { ?s ?p ?o }")]
    else:
        assert (result, fake_endpoint.asked) == (text, [])


def test_the_query_is_not_parsed_if_no_endpoint_is_allowed() -> None:
    text = f"SELECT * {{ SERVICE <{FAR}> {{ ?s ?p ?o }} }}"
    assert federate(text, [], deadline(), FakeEndpoint(ValueError())) == text
    assert (mentions_service(text, []), mentions_service(text, [FAR]), mentions_service("ASK {}", [FAR])) == (
        False,
        True,
        False,
    )
    assert mentions_service("SELECT * { sErViCe", [FAR])


GOOD = f"SERVICE <{FAR}> {{ ?s ?p ?o }}"


@each_case(
    ("text", "code", "place"),
    [
        (f"SELECT * {{ {GOOD} SERVICE <http://x/> {{}} }}", "query-service", (1, 13 + len(GOOD))),
        (f"SELECT * {{ {GOOD}\nSERVICE ?x {{ ?s ?p ?o }} }}", "query-service", (2, 1)),
        (f"SELECT * {{ {GOOD}\n{GOOD}\nSERVICE ?x {{}} {GOOD} }}", "query-service", (3, 1)),
        (f"SELECT * {{ {GOOD}\n{{ SERVICE <{FAR}/> {{}} }} }}", "query-service", (2, 3)),
        (f"SELECT * {{ {GOOD}\nSERVICE <http://far.example/\\u0073parql> {{}} }}", "query-service", (2, 1)),
        (f"SELECT * {{ {GOOD}\n\\u0053ERVICE <{FAR}> {{}} }}", "query-service", (2, 1)),
        (f"SELECT * {{ {GOOD}\n SERVICE x:y {{}} }}", "query-service", (2, 2)),
        (f"PREFIX : <{FAR}> SELECT * {{ {GOOD}\nSERVICE:{{}} }}", "query-service", (2, 1)),
        (f"SELECT * {{ {GOOD}\ntrueSERVICE <{FAR}> {{}} }}", "query-service", (2, 5)),
        (f"SELECT * {{ {GOOD}\nSERVICE SILENT SILENT <{FAR}> {{}} }}", "query-service", (2, 1)),
        (f"SELECT * {{ {GOOD}\nSERVICE <{FAR}> ?x {{}} }}", "query-service", (2, 1)),
        (f"SELECT * {{ {GOOD}\nSERVICE <{FAR}> {{ ?a ?b ?c", "query-service", (2, 1)),
        (f"SELECT * {{ {GOOD}\nSERVICE <{FAR}> {{ ?a ?b (1 }} ) }}", "query-service", (2, 1)),
        (f"SELECT * {{ {GOOD}\nSERVICE", "query-service", (2, 1)),
        (f"SELECT *\n{{ SERVICE <{FAR}>\n{{ ?a ?b ?c SERVICE <{FAR}> {{ ?s ?p ?o }} }} }}", "query-service", (3, 12)),
        (f"SELECT *\n{{ SERVICE <{FAR}>\n{{ ?a ?b ?c {{ SERVICE ?x {{}} }} }} }}", "query-service", (3, 14)),
        (f"ASK{{SERVICE<{FAR}>\n{{?a ?b 1SERVICE:x{{}}}}}}", "query-service", (2, 9)),
        (f"ASK {{ SERVICE <{FAR}>\n{{ \\u0053ERVICE <{FAR}> {{}} }} }}", "query-service", (2, 3)),
        (
            f"ASK {{ SERVICE <{FAR}>\n{{ ?a ?b '' . ?a ?b \"\\u0022 SERVICE <x:y> {{}} #\" }} }}",
            "query-service",
            (2, 28),
        ),
        (f"SELECT * {{ {GOOD * (MAX_CALLS + 1)} }}", "service-calls", (1, 12 + MAX_CALLS * len(GOOD))),
        (f"SELECT * {{ {GOOD} {{ SERVICE <{FAR}> {{\n x:y ?a 1 }} }} }}", "query-syntax", (2, 2)),
        (f"SELECT * {{ {GOOD} {{ SERVICE <{FAR}> {{\n <y> ?a 1 }} }} }}", "query-syntax", (2, 2)),
        (f"INSERT DATA {{ {GOOD} }}", "query-update", None),
        (f"SELECT * {{ {GOOD} ?a ?b '\ud800' }}", "body-encoding", None),
        (f"SELECT * {{ SERVICE <{FAR}> {{ ?a ?b '\ud800' }} }}", "body-encoding", None),
        (f"SELECT * {{ SERVICE <{FAR}> {{ {'{' * 300}{'}' * 300} }} }}", "query-depth", None),
        (f"SELECT * {{ {GOOD} {'{' * 300}{'}' * 300} }}", "query-depth", None),
    ],
)
def test_rejected_before_anything_is_sent(text: str, code: str, place: tuple[int, int] | None) -> None:
    problem = refusal(text)
    assert problem.kind.code == code
    if place:
        assert (problem.params["line"], problem.params["column"]) == place


def test_many_unclosed_calls_take_linear_time() -> None:
    def work(calls: int) -> int:
        text = "SELECT * {" + f"SERVICE<{FAR}>{{" * calls
        assert federate(text, [FAR], deadline(), FakeEndpoint()) == text
        return count_calls(lambda: federate(text, [FAR], deadline(), FakeEndpoint()))

    assert work(3_000) < 11 * work(300)


def test_error_positions_after_a_call_are_unchanged() -> None:
    text = f"SELECT *\n{{\n  SERVICE <{FAR}>\n  {{\n    ?a ?b ?c\n  }} ?here ?x ?y }}\n# end"
    result = federate(text, [FAR], deadline(), FakeEndpoint(results_json({"a": "a\nb"}, {"a": "\r\n"})))
    assert (result.count("\n"), result.splitlines()[-1]) == (text.count("\n"), "# end")
    assert [line.find("?here") for line in result.split("\n")] == [line.find("?here") for line in text.split("\n")]


@pytest.mark.parametrize("code", ["service-failed", "service-address"])
def test_silent_ignores_a_failing_endpoint(code: str) -> None:
    fake_endpoint = FakeEndpoint(Problem(code, iri=FAR, message="x"))
    silent = f"SELECT * {{ ?s ?p ?o SERVICE SILENT <{FAR}> {{ ?s ?p ?a }} }}"
    assert federate(silent, [FAR], deadline(), fake_endpoint) == "SELECT * { ?s ?p ?o  VALUES () { () }  }"
    assert refusal(silent.replace("SILENT", ""), fake_endpoint, asked=2).kind.code == code


@each_case("silent", ["", "SILENT"])
@each_case(
    ("reply", "code", "where"),
    [
        (TimeoutError(), "query-timeout", {"limit": 5}),
        (ResponseTooLargeError(), "service-result", {"iri": FAR, "name": "bytes", "limit": federation.MAX_BYTES}),
        (
            results_json(*[{"a": "x"}] * (federation.MAX_ROWS + 1)),
            "service-result",
            {"iri": FAR, "name": "rows", "limit": federation.MAX_ROWS},
        ),
        (
            b'{"head": {"vars": ["a"]}, "results": {"bindings": [{"a": {"type": "bnode", "value": "b"}}]}}',
            "service-blank",
            {"iri": FAR, "variable": "a"},
        ),
    ],
)
def test_silent_does_not_ignore_our_limits(
    reply: bytes | Exception, code: str, where: dict[str, object], silent: str
) -> None:
    problem = refusal(f"SELECT * {{ SERVICE {silent} <{FAR}> {{ ?s ?p ?a }} }}", FakeEndpoint(reply), asked=1)
    assert (problem.kind.code, problem.params) == (code, where)


def test_an_empty_solution_of_many_variables_is_large() -> None:
    names = [f"v{number}" for number in range(1_000)]
    pattern = " ".join(f"?{name} ?{name} ?{name} ." for name in names)
    fake_endpoint = FakeEndpoint(results_json(*[{}] * 101, variables=tuple(names)))
    problem = refusal(f"SELECT * {{ SERVICE <{FAR}> {{ {pattern} }} }}", fake_endpoint, asked=1)
    assert (problem.params["name"], problem.params["limit"]) == ("terms", federation.MAX_TERMS)


def test_the_limits_are_shared_by_all_calls() -> None:
    body = results_json(*[{"a": "x"}] * (federation.MAX_ROWS // 2))
    fake_endpoint = FakeEndpoint(body)
    call = f"SERVICE <{FAR}> {{ ?s ?p ?a }} "
    federate(f"SELECT * {{ {call * 2} }}", [FAR], deadline(), fake_endpoint)
    assert fake_endpoint.limits == [federation.MAX_BYTES, federation.MAX_BYTES - len(body)]
    assert refusal(f"SELECT * {{ {call * 3} }}", FakeEndpoint(body), asked=3).params["name"] == "rows"


@pytest.mark.parametrize("body", [b"<html>", results_json({"z": "x"}, variables=("z",)), results_json({"a": "\ud800"})])
def test_an_invalid_response_is_a_failure_of_the_endpoint(body: bytes) -> None:
    text = f"SELECT * {{ SERVICE <{FAR}> {{ ?s ?p ?a }} }}"
    assert refusal(text, FakeEndpoint(body), asked=1).kind.code == "service-failed"
    assert "VALUES () { () }" in federate(text.replace("<", "SILENT <"), [FAR], deadline(), FakeEndpoint(body))


# From here on: a real endpoint, on loopback, over a store of its own.

NAME = NamedNode("http://e.org/name")
KNOWS = NamedNode("http://e.org/knows")


def person(number: int) -> NamedNode:
    return NamedNode(f"http://e.org/p{number}")


HERE = [Quad(person(i), KNOWS, person((i * 7 + 1) % 10)) for i in range(8)]
THERE = [
    *(Quad(person(i), NAME, Literal(f'nom "{i}" \\u0022 é\n', language="fr")) for i in range(2, 10)),
    *(Quad(person(i), NAME, Literal(f"{i}", datatype=NamedNode("http://e.org/type"))) for i in range(0, 10, 3)),
    *(Quad(person(i), NamedNode("http://e.org/age"), Literal(i)) for i in range(5)),
]


class StoreEndpoint:
    """A SPARQL endpoint over a store, for an `Endpoint`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.endpoint: Endpoint

    def __call__(self, accepted: socket.socket) -> None:
        body = self.endpoint.requests[-1].partition(b"\r\n\r\n")[2].decode()
        out = io.BytesIO()
        self._store.query(parse_qs(body)["query"][0]).serialize(out, QueryResultsFormat.JSON)  # type: ignore[union-attr]
        accepted.sendall(answer(out.getvalue()))


def store_of(*quads: list[Quad]) -> Store:
    store = Store()
    for each in quads:
        store.extend(each)
    return store


@pytest.fixture(scope="module")
def fake_endpoint() -> Iterator[Endpoint]:
    asked = StoreEndpoint(store_of(THERE))
    with Endpoint(asked) as endpoint:
        asked.endpoint = endpoint
        yield endpoint


def fetch_anywhere(iri: str, query: str, deadline: float, limit: int) -> bytes:
    return fetch.fetch(iri, query, deadline, limit, lambda address: True)


def rows(store: Store, text: str) -> tuple[list[str], list[list[str]]]:
    """Return the variables and the solutions of a query, sorted."""
    result: Any = store.query(text)
    return sorted(map(str, result.variables)), sorted(
        sorted(f"{v}={row[v]}" for v in result.variables) for row in result
    )


@each_case(
    "group",
    [
        "?a e:knows ?b . CALL { ?b e:name ?n }",
        "CALL { ?b e:name ?n } ?a e:knows ?b",
        "?a e:knows ?b OPTIONAL { CALL { ?b e:age ?n FILTER(?n > 1) } }",
        "?a e:knows ?b MINUS { CALL { ?b e:age ?n } }",
        "?a e:knows ?b FILTER NOT EXISTS { CALL { ?b e:age ?n } }",
        "{ ?a e:knows ?b } UNION { CALL { ?a e:name ?n } }",
        "?a e:knows ?b CALL { ?b e:name ?n OPTIONAL { ?b e:age ?age } }",
        "?a e:knows ?b CALL { SELECT ?b (COUNT(*) AS ?n) { ?b e:name|e:age ?o } GROUP BY ?b }",
        "?a e:knows ?b CALL { ?b e:name ?n } CALL { ?b e:age ?age } BIND(?age + 1 AS ?more)",
        "?a e:knows ?b CALL { [] e:age 3 }",
        "?a e:knows ?b CALL { e:p1 e:age 99 }",
        "?a e:knows ?b CALL {}",
        "SELECT ?n (SAMPLE(?b) AS ?one) { CALL { ?b e:name ?n } ?a e:knows ?b } GROUP BY ?n",
    ],
)
def test_federated_results_equal_those_of_one_store(group: str, fake_endpoint: Endpoint) -> None:
    """The same groups on one store with all data: SPARQL 1.1 Federated Query, section 4."""
    before = len(fake_endpoint.requests)
    query = "PREFIX e: <http://e.org/> SELECT * {{ {} }}".format
    text = query(group.replace("CALL", f"SERVICE <{fake_endpoint.url}>"))
    result = federate(text, [fake_endpoint.url], deadline(), fetch_anywhere)
    check(result, [], [], [])
    assert len(fake_endpoint.requests) - before == group.count("CALL")
    expected = rows(store_of(HERE, THERE), query(group.replace("CALL", "")))
    assert rows(store_of(HERE), result) == expected
    assert expected[1] or "99" in group


def test_loopback_addresses_are_rejected() -> None:
    with Endpoint(answer(NOTHING)) as endpoint, pytest.raises(Problem) as caught:
        federate(f"SELECT * {{ SERVICE <{endpoint.url}> {{ ?s ?p ?o }} }}", [endpoint.url], deadline())
    assert caught.value.kind.code == "service-address"
    assert endpoint.connections == 0


_PIECES = st.sampled_from(
    [
        *(" ", "{", "}", "(", ")", "'", '"', "\n", "#", "<", ">", ".", "?a", "1", "SERVICE ", "SILENT ", f"<{FAR}>"),
        *("SERVICE:x", "PREFIX : <a:>", "\\u0053ERVICE ", "\\u0022", "'''", f"SERVICE <{FAR}> {{ ?a ?b ?c }}", "é"),
        *("BASE ", "<http://x/>", "SELECT * ", "FROM ", "a:b", "{|", "|}", "<<", "x:"),
    ]
)


_NOISE = st.lists(_PIECES, max_size=6).map("".join)


@given(_NOISE, _NOISE, _NOISE)
@example("?a.", "'#'", "1")
def test_no_query_text_reaches_a_service(before: str, inside: str, after: str) -> None:
    """The requests contain no other SERVICE, and the result keeps the lines of the query."""
    text = f"SELECT * {{ {before} SERVICE <{FAR}> {{ {inside} }} {after} }}"
    fake_endpoint = FakeEndpoint(results_json({}, variables=()))
    try:
        result = federate(text, [FAR], deadline(), fake_endpoint)
    except Problem as problem:
        assert problem.kind.status == 400
        assert fake_endpoint.asked == []
    else:
        assert (result == text) == (not fake_endpoint.asked)
        assert result.count("\n") == text.count("\n")
        if fake_endpoint.asked:
            check(result, None, [], [])
    for iri, query in fake_endpoint.asked:
        assert iri == FAR
        check(query, None, [], [])
