"""The remote engine: requests, responses that are accepted or rejected, failures of the endpoint, and its lies."""

import base64
import gzip
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pyoxigraph import Store as Oxigraph

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV, N_TRIPLES, RESULTS_JSON, TURTLE
from cper_lod.core.namespaces import GRAPH_EMPTY, GRAPH_STORED, RDF
from cper_lod.engine.base import Query, QueryLimits
from cper_lod.engine.remote import CHECK_INTERVAL, RemoteEngine, stored_graph
from cper_lod.engine.rewrite import rewrite
from cper_lod.engine.syntax import decode_escapes
from tests.engine.engines import DIGEST, GRAPH, settings
from tests.engine.fake_endpoint import Reply, answer
from tests.engine.remote_engine import (
    ASK,
    CONSTRUCT,
    COUNTED,
    JSON,
    NT,
    ROW,
    ROWS,
    SELECT,
    TRUE,
    XML,
    ScriptedEndpoint,
    counts,
    far,
    is_mark,
    parameters,
    refused,
)
from tests.support.processes import child_processes, eventually, open_files
from tests.support.refusals import refused as expected
from tests.support.server import free_port

TRIPLES = b"<a:s> <a:p> <a:o> .\n<a:s> <a:p> <a:q> .\n"


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[RemoteEngine, ScriptedEndpoint]]:
    """One engine for all tests that only check a response."""
    with far(b"", query_timeout=3) as made:
        yield made


def chunked(*pieces: bytes, kind: str = JSON, end: bytes = b"0\r\n\r\n") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return head + b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces) + end


def unframed(body: bytes, kind: str = JSON) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode() + body


def test_the_request() -> None:
    with far(answer(ROWS), engine_login="é:pass:word") as (engine, endpoint):
        text = "SELECT ?x # a comment\nFROM <http://e.org/graph> { ?x ?p 'é &=+' }"
        assert engine.query(Query(text, CSV, None)).body == b"x\r\n1\r\n"
        assert engine.query(Query("SELECT * { ?x a 'b' }", CSV, None)).body
        assert engine.check_endpoint() is None
    first, again, second, mark, count = endpoint.requests
    assert parameters(mark)[1:] == [("default-graph-uri", GRAPH_EMPTY), ("named-graph-uri", GRAPH_STORED)]
    assert [iri for _, iri in parameters(count)[1:]] == [GRAPH_EMPTY, stored_graph(DIGEST), GRAPH]
    assert is_mark(again)  # a query of named graphs: is the release still there?
    login = base64.b64encode("é:pass:word".encode()).decode()
    line, *headers = first.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert line == "POST /sparql HTTP/1.1"
    assert {
        f"Host: 127.0.0.1:{endpoint.port}",
        "Accept-Encoding: identity",
        f"Accept: {JSON}, application/json;q=0.9",
        "Content-Type: application/x-www-form-urlencoded",
        f"Authorization: Basic {login}",
    } < {*headers}
    assert parameters(first) == [
        ("query", "SELECT ?x\n  { ?x ?p 'é &=+' }"),
        ("default-graph-uri", GRAPH),
        ("named-graph-uri", GRAPH_EMPTY),
    ]
    # The variables of `*` are sent, in the order of the embedded engine.
    assert parameters(second)[0][1].split()[:3] == ["SELECT", "?x", "{"]
    assert parameters(second)[1:] == [("default-graph-uri", stored_graph(DIGEST)), ("named-graph-uri", GRAPH)]


@pytest.mark.parametrize(
    ("text", "expected", "names_graphs"),
    [
        ("SELECT * # x\r\n { }", "SELECT *\n{ }", False),
        ("ASK{'# no comment' ?p <urn:#nor>}", "ASK{'# no comment' ?p <urn:#nor>}", False),
        ("PREFIX g:<urn:g:>SELECT*FROM g:a FROM NAMED<urn:b>WHERE{}", "PREFIX g:<urn:g:>SELECT*   WHERE{}", True),
        ("SELECT ?from { ?from ?named 'FROM' FILTER(?a<?b&&?c>?d) }", None, False),
        ("SELECT *\n{ ?x a rdf:List }", f"PREFIX rdf: <{RDF}> SELECT *\n{{ ?x a rdf:List }}", False),
        ("ASK FROM <../g> { ?x a <y> }", "ASK   { ?x a <y> }", True),
        ("ASK { GRAPH ?graph { <urn:x> ?p ?o } }", None, True),
        ("ASK { GRAPH <urn:a> { ?s ?p ?o } }", None, True),
        ("ASK { GRAPH <urn:x> { ?s ?p ?o } }", f"ASK {{ GRAPH <{GRAPH_EMPTY}> {{ ?s ?p ?o }} }}", True),
    ],
)
def test_the_text_that_is_sent(text: str, expected: str | None, names_graphs: bool) -> None:
    sent = rewrite(text, "urn:d", ("urn:a", "urn:b"), base="http://e.org/sparql")
    assert sent.text.rstrip() == "BASE <http://e.org/sparql> " + (text if expected is None else expected)
    assert sent.reads_named_graphs == names_graphs


@pytest.mark.parametrize(
    ("graph", "default", "named", "expected"),
    [
        ("?g", (), (), "stored a b"),
        ("<a>", (), ("y",), f"{GRAPH_EMPTY} y {GRAPH_EMPTY}"),
        ("<y>", ("x", "z"), ("y",), "x z y"),
        ("<x>", (), (), f"stored a b {GRAPH_EMPTY}"),
    ],
)
def test_the_dataset_is_always_sent(
    graph: str, default: tuple[str, ...], named: tuple[str, ...], expected: str
) -> None:
    """With an empty graph, if the query names one outside the dataset."""
    sent = rewrite(f"ASK {{ GRAPH {graph} {{ ?s ?p ?o }} }}", "stored", ("a", "b"), default, named)
    assert " ".join(iri for _, iri in sent.dataset) == expected
    assert [name for name, _ in sent.dataset].count("default-graph-uri") == max(1, len(default))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1/> {} }", "query-service"),
        ("SELECT * FROM <http://127.0.0.1/> {}", "query-graph"),
        ("SELECT * { ?s ?p ?o FILTER(<urn:fetch>(?o)) }", "query-failed"),
        ("PREFIX b: <bif:> SELECT (IF(false, b:exec(1), 2) AS ?x) {}", "query-failed"),
        (CONSTRUCT, "not-acceptable"),
    ],
)
def test_rejected_queries_are_not_sent(shared: tuple[RemoteEngine, ScriptedEndpoint], text: str, code: str) -> None:
    engine, endpoint = shared
    before = len(endpoint.requests)
    with expected(code):
        engine.query(Query(text, CSV, None))
    assert len(endpoint.requests) == before


@pytest.mark.parametrize(
    ("text", "reply", "body"),
    [
        (SELECT, answer(ROWS), b"x\r\n1\r\n"),
        (SELECT, chunked(ROWS[:30], ROWS[30:]), b"x\r\n1\r\n"),
        (ASK, answer(TRUE), b"true"),
        (CONSTRUCT, answer(TRIPLES, kind=NT), TRIPLES),
        (CONSTRUCT, answer(TRIPLES, kind="text/turtle"), TRIPLES),
        (CONSTRUCT, answer(b"", kind=NT), b""),
    ],
)
def test_responses_that_are_accepted(
    shared: tuple[RemoteEngine, ScriptedEndpoint], text: str, reply: bytes, body: bytes
) -> None:
    engine, endpoint = shared
    endpoint.answered = reply
    assert engine.query(Query(text, CSV, N_TRIPLES)).read() == body
    assert engine.status().fault is None


UNREADABLE = "cannot be fully read"


@pytest.mark.parametrize(
    ("text", "reply", "code", "says"),
    [
        (SELECT, answer(ROWS[:-1]), "engine-answer", UNREADABLE),
        (SELECT, answer(ROWS + b"x"), "engine-answer", UNREADABLE),
        (SELECT, answer(TRUE), "engine-answer", UNREADABLE),
        (SELECT, answer(ROWS, kind=XML), "engine-answer", XML),
        (SELECT, chunked(ROWS[:-25], b"an error, in words"), "engine-answer", UNREADABLE),  # Oxigraph does so
        (CONSTRUCT, answer(TRIPLES, kind=NT)[:-20], "engine-answer", "stops before the end"),  # at the end of a line
        (CONSTRUCT, unframed(TRIPLES, kind=NT), "engine-answer", "Content-Length: ?"),
        (SELECT, answer(gzip.compress(ROWS), "Content-Encoding: gzip"), "engine-answer", "compressed"),
        (SELECT, answer(b"no", kind="text/plain", status="401 No"), "engine-answer", "HTTP 401"),
        (
            SELECT,
            answer(b"Bad \x1b[3m one\nx", kind="text/plain", status="400 No"),
            "query-failed",
            "plain, Bad [3m one",
        ),
        (SELECT, answer(b"", status="503 Busy"), "query-queue", ""),
        (SELECT, answer(ROWS, "X-SPARQL-MaxRows: 1"), "engine-answer", "X-SPARQL-MaxRows: 1"),
        (SELECT, b"", "engine-unreachable", "it was lost"),
    ],
)
def test_responses_that_are_rejected(
    shared: tuple[RemoteEngine, ScriptedEndpoint], text: str, reply: bytes, code: str, says: str
) -> None:
    engine, endpoint = shared
    endpoint.answered = reply
    with expected(code, says):
        engine.query(Query(text, CSV, TURTLE))


def endless(start: bytes, piece: bytes, pause: float = 0) -> Reply:
    """Return a reply without end; with a pause after each byte, no time-out of a socket would ever expire."""

    def reply(connection: socket.socket) -> None:
        connection.sendall(unframed(start))
        while True:
            connection.sendall(piece)
            time.sleep(pause)

    return reply


@pytest.mark.parametrize(
    ("reply", "code", "limits"),
    [
        (endless(b"", b" ", 0.02), "query-timeout", {"query_timeout": 0.4}),
        (endless(ROWS[:-3], (b"," + ROW) * 1000), "query-result", {"limits": QueryLimits(size=100_000)}),
        (answer(ROWS), "query-spool", {"limits": QueryLimits(spool="/nowhere")}),
        (answer(ROWS.replace(ROW, ROW + b"," + ROW)), "query-rows", {"limits": QueryLimits(rows=1)}),
    ],
)
def test_limits(reply: Reply, code: str, limits: dict[str, Any]) -> None:
    before = open_files(), child_processes()
    assert refused(reply, form=RESULTS_JSON, **limits).kind.code == code
    assert (open_files(), child_processes()) == before


def test_an_endpoint_that_never_answers_some_does_not_keep_others_waiting() -> None:
    """No query process waits for the endpoint."""

    def reply(connection: socket.socket) -> None:
        if b"never" in endpoint.requests[-1]:
            held.append(connection.dup())  # open and silent
        else:
            connection.sendall(answer(ROWS))

    held = list[socket.socket]()
    with far(reply, query_workers=1, query_timeout=60) as (engine, endpoint), ThreadPoolExecutor() as threads:
        flood = [threads.submit(engine.query, Query(f"SELECT ?x {{ ?x ?p 'never {n}' }}", CSV, None)) for n in range(4)]
        assert eventually(lambda: len(held) == 4)
        assert engine.status().running == 0
        assert engine.query(Query(SELECT, CSV, None)).body == b"x\r\n1\r\n"
        assert not any(each.done() for each in flood)
        for connection in held:
            connection.sendall(answer(ROWS))
            connection.close()
        assert [each.result(timeout=60).body for each in flood] == [b"x\r\n1\r\n"] * 4


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "http://nowhere.invalid/"])
def test_no_endpoint_there(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with RemoteEngine(settings(engine=url.format(port=free_port()) + "?key=secret-word"), DIGEST, {}) as engine:
        problem = engine.check_endpoint()
        assert problem
        assert (problem.kind.code, str(problem)) == ("engine-unreachable", str(engine.status().fault))
        with expected("query-syntax"):
            engine.query(Query("SELECT * { ?s ?p }", CSV, None))
    assert caplog.records
    assert "secret-word" not in caplog.text


def test_the_release_of_the_endpoint_is_verified_again_after_a_while() -> None:
    with far(answer(ROWS)) as (engine, endpoint):
        outcomes(engine, 2)
        engine._verified_until = 0.0
        outcomes(engine, 1)
        assert [is_mark(each) for each in endpoint.requests] == [False, False, True, False]


def test_failure_and_recovery_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    replies = [b"", b"", answer(ROWS), answer(ROWS)]

    def next_one(connection: socket.socket) -> None:
        connection.sendall(replies.pop(0))

    with far(next_one, engine_login="name:secret-word") as (engine, _):
        assert outcomes(engine, 4) == ["engine-unreachable"] * 2 + [b"x\r\n1\r\n"] * 2
        assert engine.status().fault is None
    assert ["lost" in each.getMessage() for each in caplog.records] == [True, False]
    assert "secret-word" not in caplog.text


# An endpoint that sends what nobody asked for, another release, or the login


def outcomes(engine: RemoteEngine, times: int, text: str = SELECT) -> list[object]:
    """Return the answers, or the problem codes."""
    found: list[object] = []
    for _ in range(times):
        try:
            found.append(engine.query(Query(text, CSV, N_TRIPLES)).body)
        except Problem as problem:
            found.append(problem.kind.code)
    return found


def test_unexpected_bytes_are_not_the_next_response() -> None:
    """The engine remains usable: it does not mix up responses, nor reject all later queries."""
    with far(answer(ROWS) + answer(ROWS.replace(b'"1"', b'"other"'))) as (engine, _):
        assert outcomes(engine, 3) == [b"x\r\n1\r\n"] * 3


def test_a_release_is_replaced_during_a_query() -> None:
    """Named graphs keep their names, so their content may be that of the next release."""
    text = "SELECT ?x { GRAPH ?g { ?x ?p ?o } }"

    def replaced(connection: socket.socket) -> None:
        endpoint.held = answer(TRUE.replace(b"true", b"false"))
        connection.sendall(answer(ROWS))

    with far(answer(ROWS)) as (engine, endpoint):
        assert outcomes(engine, 1, text) == [b"x\r\n1\r\n"]
        endpoint.answered = replaced
        assert outcomes(engine, 2, text) == ["engine-release"] * 2
        endpoint.held, endpoint.answered = answer(TRUE), answer(ROWS)
        assert outcomes(engine, 1, text) == ["engine-release"], "it is counted first"
        assert engine.check_endpoint() is None
        assert outcomes(engine, 1, text) == [b"x\r\n1\r\n"]


EARLY = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def value(text: str) -> object:
    """Return the single value of a query, as the embedded engine reads it."""
    solutions: Any = Oxigraph().query(text)
    return next(solutions)[0].value


@pytest.mark.parametrize(
    "term",
    [
        r'"\u005Cu0022 . FILTER(<bif:http_get>(1)) #"',
        r'"\\u0022 } ; DROP ALL #"',
        r'"\u0009\u0007\u00E9\U0001D11E\t\\"',
        r'"\\\\u0041\\\\\\\U00000041\\U00000041"',
        r'"""a\u0022\\u0022b\"\\"""',
    ],
)
def test_escapes_have_one_reading(term: str) -> None:
    r"""An engine that decodes `\u0022` before it parses strings (section 19.2), once more, reads the same query."""
    text = f"SELECT ({decode_escapes(term)} AS ?x) {{}}"
    told = rewrite(text, "urn:d", ()).text
    decoded = EARLY.sub(lambda found: chr(int(found[1] or found[2], 16)), told)
    assert value(told) == value(decoded) == value(text)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (b"Authorization: Basic bmFtZTpzZWNyZXQtd29yZA==", "text/plain"),
        (b"name:secret-word is wrong", "text/plain"),
        (b"x" * 270 + b"secret-word" + b"y" * 5000, "text/plain"),
        (b"", "x/secret-word"),
    ],
)
def test_the_login_is_redacted(message: bytes, kind: str) -> None:
    told = str(refused(answer(message, kind=kind, status="400 No"), engine_login="name:secret-word"))
    assert "***" in told
    assert len(told) < 600
    assert not [part for part in ("bmFt", "name:", "secret", "word") if part in told]


# A store that lies about the release: what the operator reads, and that no client gets a 200 meanwhile


@pytest.mark.parametrize(
    ("lie", "code", "words"),
    [
        ({"held": answer(TRUE.replace(b"true", b"false"))}, "engine-release", "another release"),
        ({"held": answer(b"", status="503 Busy")}, "engine-unreachable", "HTTP 503"),
        ({"held": answer(b"x" * 1500, status="503 Busy")}, "engine-unreachable", "HTTP 503"),
        ({"held": answer(b"", status="400 Bad")}, "engine-answer", "HTTP 400"),
        ({"counted": answer(counts(default=2, named=2))}, "engine-release", "2 triple(s) instead of 3"),
        ({"counted": answer(counts(default=3))}, "engine-release", f"{GRAPH} has 0 triple(s) instead of 2"),
        ({"counted": answer(COUNTED.replace(b'"3"', b'"x"'))}, "engine-answer", "cannot be fully"),
        ({"counted": endless(COUNTED[:40], COUNTED[40:] * 1000)}, "engine-answer", "exceeds 3"),
    ],
)
def test_a_lie_is_not_believed(lie: dict[str, Reply], code: str, words: str, caplog: pytest.LogCaptureFixture) -> None:
    with far(answer(ROWS)) as (engine, endpoint):
        assert engine.next_check > time.monotonic() + CHECK_INTERVAL - 60
        assert outcomes(engine, 1) == [b"x\r\n1\r\n"]
        vars(endpoint).update(lie)
        problem = engine.check_endpoint(0.4)
        assert problem
        assert (problem.kind.code, problem.kind.status in (502, 503)) == (code, True)
        assert words in str(problem)
        assert str(engine.status().fault) == str(problem)
        assert [f"{endpoint.url}: {problem}"] == [each.getMessage() for each in caplog.records]
        assert engine.next_check < time.monotonic() + 60
        assert outcomes(engine, 1)[0] in ("engine-release", "engine-unreachable", "engine-answer")
        assert SELECT.encode() not in endpoint.requests[-1], "and it is not asked"
