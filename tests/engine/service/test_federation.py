"""SERVICE: what is asked of an allowed endpoint, what the worker's query is then, and what is refused before."""

import io
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, QueryResultsFormat, Store

from cper_lod.core.errors import Problem
from cper_lod.engine.service import federation, fetch
from cper_lod.engine.service.federation import MAX_CALLS, federate, mentions_service
from cper_lod.engine.service.fetch import ResponseTooLargeError
from cper_lod.engine.syntax.checks import check
from tests.support.fake_endpoint import Endpoint, answer
from tests.support.work import count_calls

FAR = "http://far.example/sparql"
OTHER = "https://other.example/"
NOTHING = b'{"head": {"vars": []}, "results": {"bindings": []}}'


class Far:
    """An endpoint in the place of `outside.fetch`: it keeps what it is asked and answers with given bytes."""

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


def soon() -> float:
    return time.monotonic() + 5


def found(*rows: dict[str, str], variables: tuple[str, ...] = ("a",)) -> bytes:
    """Return an answer of plain literals."""
    bindings = [{name: {"type": "literal", "value": value} for name, value in row.items()} for row in rows]
    return json.dumps({"head": {"vars": variables}, "results": {"bindings": bindings}}).encode()


def refusal(text: str, far: Far | None = None, asked: int = 0) -> Problem:
    """Return the problem that a text meets, after so many requests."""
    far = far or Far()
    with pytest.raises(Problem) as caught:
        federate(text, [FAR, OTHER], soon(), far)
    assert len(far.asked) == asked
    assert str(caught.value)
    assert str(caught.value.words("fr"))
    return caught.value


@pytest.mark.parametrize(
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
    ],
)
def test_a_call_becomes_its_solutions(text: str, asked: tuple[str, str], result: str) -> None:
    far = Far(found({"a": "x"}))
    assert federate(text, [FAR, OTHER], soon(), far) == result
    assert far.asked == [asked]
    check(result, [], [], [])


@pytest.mark.parametrize(
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
    far = Far()
    result = federate(text, [FAR], soon(), far)
    if text.startswith("SELECT * { SERVICE <http://far"):
        assert far.asked == [(FAR, "SELECT * WHERE { ?s ?p ?o }")]
    else:
        assert (result, far.asked) == (text, [])


def test_the_query_is_not_parsed_if_no_endpoint_is_allowed() -> None:
    text = f"SELECT * {{ SERVICE <{FAR}> {{ ?s ?p ?o }} }}"
    assert federate(text, [], soon(), Far(ValueError())) == text
    assert (mentions_service(text, []), mentions_service(text, [FAR]), mentions_service("ASK {}", [FAR])) == (
        False,
        True,
        False,
    )
    assert mentions_service("SELECT * { sErViCe", [FAR])


GOOD = f"SERVICE <{FAR}> {{ ?s ?p ?o }}"


@pytest.mark.parametrize(
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
        assert federate(text, [FAR], soon(), Far()) == text
        return count_calls(lambda: federate(text, [FAR], soon(), Far()))

    assert work(3_000) < 11 * work(300)


def test_error_positions_after_a_call_are_unchanged() -> None:
    text = f"SELECT *\n{{\n  SERVICE <{FAR}>\n  {{\n    ?a ?b ?c\n  }} ?here ?x ?y }}\n# end"
    result = federate(text, [FAR], soon(), Far(found({"a": "a\nb"}, {"a": "\r\n"})))
    assert (result.count("\n"), result.splitlines()[-1]) == (text.count("\n"), "# end")
    assert [line.find("?here") for line in result.split("\n")] == [line.find("?here") for line in text.split("\n")]


@pytest.mark.parametrize("code", ["service-failed", "service-address"])
def test_silent_ignores_a_failing_endpoint(code: str) -> None:
    far = Far(Problem(code, iri=FAR, message="x"))
    silent = f"SELECT * {{ ?s ?p ?o SERVICE SILENT <{FAR}> {{ ?s ?p ?a }} }}"
    assert federate(silent, [FAR], soon(), far) == "SELECT * { ?s ?p ?o  VALUES () { () }  }"
    assert refusal(silent.replace("SILENT", ""), far, asked=2).kind.code == code


@pytest.mark.parametrize("silent", ["", "SILENT"])
@pytest.mark.parametrize(
    ("reply", "code", "where"),
    [
        (TimeoutError(), "query-timeout", {"limit": 5}),
        (ResponseTooLargeError(), "service-result", {"iri": FAR, "name": "bytes", "limit": federation.MAX_BYTES}),
        (
            found(*[{"a": "x"}] * (federation.MAX_ROWS + 1)),
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
    problem = refusal(f"SELECT * {{ SERVICE {silent} <{FAR}> {{ ?s ?p ?a }} }}", Far(reply), asked=1)
    assert (problem.kind.code, problem.params) == (code, where)


def test_an_empty_solution_of_many_variables_is_large() -> None:
    names = [f"v{number}" for number in range(1_000)]
    pattern = " ".join(f"?{name} ?{name} ?{name} ." for name in names)
    far = Far(found(*[{}] * 101, variables=tuple(names)))
    problem = refusal(f"SELECT * {{ SERVICE <{FAR}> {{ {pattern} }} }}", far, asked=1)
    assert (problem.params["name"], problem.params["limit"]) == ("terms", federation.MAX_TERMS)


def test_the_limits_are_shared_by_all_calls() -> None:
    body = found(*[{"a": "x"}] * (federation.MAX_ROWS // 2))
    far = Far(body)
    call = f"SERVICE <{FAR}> {{ ?s ?p ?a }} "
    federate(f"SELECT * {{ {call * 2} }}", [FAR], soon(), far)
    assert far.limits == [federation.MAX_BYTES, federation.MAX_BYTES - len(body)]
    assert refusal(f"SELECT * {{ {call * 3} }}", Far(body), asked=3).params["name"] == "rows"


@pytest.mark.parametrize("body", [b"<html>", found({"z": "x"}, variables=("z",)), found({"a": "\ud800"})])
def test_an_invalid_response_is_a_failure_of_the_endpoint(body: bytes) -> None:
    text = f"SELECT * {{ SERVICE <{FAR}> {{ ?s ?p ?a }} }}"
    assert refusal(text, Far(body), asked=1).kind.code == "service-failed"
    assert "VALUES () { () }" in federate(text.replace("<", "SILENT <"), [FAR], soon(), Far(body))


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


class Asked:
    """A SPARQL endpoint over a store, as the reply of an `Endpoint`."""

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
def far() -> Iterator[Endpoint]:
    asked = Asked(store_of(THERE))
    with Endpoint(asked) as endpoint:
        asked.endpoint = endpoint
        yield endpoint


def everywhere(iri: str, query: str, deadline: float, limit: int) -> bytes:
    return fetch.fetch(iri, query, deadline, limit, lambda address: True)


def rows(store: Store, text: str) -> tuple[list[str], list[list[str]]]:
    """Return the variables and the solutions of a query, in an order of their own."""
    result: Any = store.query(text)
    return sorted(map(str, result.variables)), sorted(
        sorted(f"{v}={row[v]}" for v in result.variables) for row in result
    )


@pytest.mark.parametrize(
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
def test_federated_results_equal_those_of_one_store(group: str, far: Endpoint) -> None:
    """The same groups on one store that holds both: SPARQL 1.1 Federated Query, section 4."""
    before = len(far.requests)
    query = "PREFIX e: <http://e.org/> SELECT * {{ {} }}".format
    text = query(group.replace("CALL", f"SERVICE <{far.url}>"))
    result = federate(text, [far.url], soon(), everywhere)
    check(result, [], [], [])
    assert len(far.requests) - before == group.count("CALL")
    expected = rows(store_of(HERE, THERE), query(group.replace("CALL", "")))
    assert rows(store_of(HERE), result) == expected
    assert expected[1] or "99" in group


def test_loopback_addresses_are_rejected() -> None:
    with Endpoint(answer(NOTHING)) as endpoint, pytest.raises(Problem) as caught:
        federate(f"SELECT * {{ SERVICE <{endpoint.url}> {{ ?s ?p ?o }} }}", [endpoint.url], soon())
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
def test_no_query_text_reaches_a_service(before: str, inside: str, after: str) -> None:
    """Whatever is sent asks for no other SERVICE, and what comes of it is whole lines of what was there."""
    text = f"SELECT * {{ {before} SERVICE <{FAR}> {{ {inside} }} {after} }}"
    far = Far(found({}, variables=()))
    try:
        result = federate(text, [FAR], soon(), far)
    except Problem as problem:
        assert problem.kind.status == 400
        assert far.asked == []
    else:
        assert (result == text) == (not far.asked)
        assert result.count("\n") == text.count("\n")
        if far.asked:
            check(result, None, [], [])
    for iri, query in far.asked:
        assert iri == FAR
        check(query, None, [], [])


def test_the_property_test_generates_relevant_texts() -> None:
    far = Far(found({}, variables=()))
    federate(f"SELECT * {{ ?a. SERVICE <{FAR}> {{ '#' }} 1 }}", [FAR], soon(), far)
    assert far.asked == [(FAR, "SELECT * WHERE { '#' }")]
