"""The remote engine: requests, responses that are accepted or rejected, and failures of the endpoint."""

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV, N_TRIPLES, RESULTS_JSON, RESULTS_XML, TURTLE
from cper_lod.core.namespaces import GRAPH_EMPTY, GRAPH_STORED, RDF
from cper_lod.engine.base import Query, QueryLimits
from cper_lod.engine.remote import RemoteEngine, stored_graph
from cper_lod.engine.rewrite import rewrite
from tests.engine.remote_engine import (
    ASK,
    BOMB,
    CONSTRUCT,
    JSON,
    NT,
    ROW,
    ROWS,
    SELECT,
    TRUE,
    XML,
    drip_headers,
    far,
    is_mark,
    parameters,
    refused,
)
from tests.support.engine import DIGEST, GRAPH, PATIENT, places_taken, settings
from tests.support.fake_endpoint import Endpoint, answer
from tests.support.processes import child_processes, eventually, open_files
from tests.support.server import free_port

SPARQL_XML = b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head>'
ROWS_XML = (
    SPARQL_XML + b'<variable name="x"/></head><results><result><binding name="x"><literal>1</literal></binding>'
    b"</result></results></sparql>"
)
RDF_XML = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="a:s"><p xmlns="a:">1'
    b"</p></rdf:Description></rdf:RDF>"
)
TRIPLES = b"<a:s> <a:p> <a:o> .\n<a:s> <a:p> <a:q> .\n"


class Shared:
    """One engine for all tests that only check a response."""

    def __init__(self, engine: RemoteEngine, endpoint: Endpoint) -> None:
        self.engine, self.endpoint = engine, endpoint
        self.reply = b""


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    with far(lambda connection: connection.sendall(found.reply), query_timeout=3) as (engine, endpoint):
        found = Shared(engine, endpoint)
        yield found


def chunked(*pieces: bytes, kind: str = JSON, end: bytes = b"0\r\n\r\n") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return head + b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces) + end


def unframed(body: bytes, kind: str = JSON) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n".encode() + body


def test_the_request() -> None:
    def reply(connection: socket.socket) -> None:
        names = parameters(endpoint.requests[-1])[0][1].partition("{")[0].replace("?", "").split()[1:]
        head = json.dumps({"head": {"vars": names}, "results": {"bindings": []}}).encode()
        connection.sendall(answer(ROWS if names == ["x"] else head))

    with far(reply, engine_login="é:pass:word") as (engine, endpoint):
        text = "SELECT ?x # a comment\nFROM <http://e.org/graph> { ?x ?p 'é &=+' }"
        assert engine.query(Query(text, CSV, None)).body == b"x\r\n1\r\n"
        assert engine.query(Query("SELECT * { ?s ?p ?o }", CSV, None)).body
        assert engine.check_endpoint() is None
    first, again, second, mark, count = endpoint.requests
    assert is_mark(again)  # a query of named graphs: is the release still there?
    head, _, body = first.partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    assert line == "POST /sparql HTTP/1.1"
    login = base64.b64encode("é:pass:word".encode()).decode()
    assert sorted(headers) == sorted(
        [
            f"Host: 127.0.0.1:{endpoint.port}",
            "User-Agent: cper-lod",
            "Accept-Encoding: identity",
            f"Accept: {JSON}, application/json;q=0.9, {XML};q=0.8",
            f"Content-Length: {len(body)}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Authorization: Basic {login}",
        ]
    )
    assert parameters(first) == [
        ("query", "SELECT ?x\n  { ?x ?p 'é &=+' }"),
        ("default-graph-uri", GRAPH),
        ("named-graph-uri", GRAPH_EMPTY),
    ]
    # The variables of `*` are sent in the order of the embedded engine.
    (text, default, named) = parameters(second)
    assert sorted(text[1].removeprefix("SELECT  ").removesuffix("  { ?s ?p ?o }").split()) == ["?o", "?p", "?s"]
    assert (default, named) == (("default-graph-uri", stored_graph(DIGEST)), ("named-graph-uri", GRAPH))
    assert parameters(count) == [
        ("query", "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"),
        ("default-graph-uri", GRAPH_EMPTY),
        ("named-graph-uri", stored_graph(DIGEST)),
        ("named-graph-uri", GRAPH),
    ]
    assert parameters(mark)[0][1] == (
        f'ASK {{ GRAPH <{GRAPH_STORED}> {{ <{stored_graph(DIGEST)}> <http://purl.org/dc/terms/identifier> "{DIGEST}" }} }}'
    )


@pytest.mark.parametrize(
    ("default", "named", "expected"),
    [
        ((), (), [("default", "stored_graph"), ("named", "a"), ("named", "b")]),
        (("x",), (), [("default", "x"), ("named", "empty")]),
        ((), ("y",), [("default", "empty"), ("named", "y")]),
        (("x", "z"), ("y",), [("default", "x"), ("default", "z"), ("named", "y")]),
    ],
)
def test_the_dataset_is_always_sent(
    default: tuple[str, ...], named: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    found = rewrite("ASK {}", "stored_graph", ("a", "b"), default, named).dataset
    short = [(name.removesuffix("-graph-uri"), iri.replace(GRAPH_EMPTY, "empty")) for name, iri in found]
    assert short == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASK{}", "ASK{}"),
        ("SELECT * # x\r\n { }", "SELECT *\n{ }"),
        ("ASK{'# no comment' ?p <urn:#nor>}", "ASK{'# no comment' ?p <urn:#nor>}"),
        ("PREFIX g:<urn:g:>SELECT*FROM g:a FROM NAMED<urn:b>WHERE{}", "PREFIX g:<urn:g:>SELECT*   WHERE{}"),
        ("SELECT ?from { ?from ?named 'FROM' FILTER(?a<?b&&?c>?d) }", None),
        ("DESCRIBE <urn:x> FROM <urn:g>", "DESCRIBE <urn:x>  "),
        ("SELECT *\n{ ?x a rdf:List }", f"PREFIX rdf: <{RDF}> SELECT *\n{{ ?x a rdf:List }}"),
        ("ASK FROM <../g> { ?x a <y> }", "BASE <http://e.org/sparql> ASK   { ?x a <y> }"),
    ],
)
def test_the_text_that_is_sent(text: str, expected: str | None) -> None:
    assert (
        rewrite(text, "urn:d", ("urn:a", "urn:b"), base="http://e.org/sparql").text.rstrip()
        == (text if expected is None else expected).rstrip()
    )


@pytest.mark.parametrize(
    ("text", "named", "absent"),
    [
        ("ASK { GRAPH <urn:a> { ?s ?p ?o } }", (), False),
        ("ASK { GRAPH <urn:x> { ?s ?p ?o } }", (), True),
        ("PREFIX g: <urn:> ASK { GRAPH g:x { ?s ?p ?o } GRAPH g:a { ?s ?p ?o } }", (), True),
        ("ASK FROM NAMED <urn:b> { GRAPH <urn:a> { ?s ?p ?o } }", (), True),
        ("ASK { GRAPH <urn:a> { ?s ?p ?o } }", ("urn:b",), True),
        ("ASK { GRAPH ?graph { <urn:x> ?p ?o } }", (), False),
    ],
)
def test_a_graph_outside_the_dataset_is_empty(text: str, named: tuple[str, ...], absent: bool) -> None:
    found = rewrite(text, "urn:d", ("urn:a", "urn:b"), (), named)
    assert (f"GRAPH <{GRAPH_EMPTY}>" in found.text) == absent
    assert (("named-graph-uri", GRAPH_EMPTY) in found.dataset) == absent
    assert "urn:x" not in found.text or not absent


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT * { SERVICE <http://127.0.0.1/> {} }", "query-service"),
        ("LOAD <http://127.0.0.1/>", "query-update"),
        ("INSERT DATA { <a:a> <a:a> 1 }", "query-update"),
        ("SELECT * FROM <http://127.0.0.1/> {}", "query-graph"),
        ("define get:soft 'replace' SELECT * { ?s ?p ?o }", "query-syntax"),
        ("SELECT * { ?s ?p ?o FILTER(<urn:fetch>(?o)) }", "query-failed"),
        ("ASK {" + "{" * 300 + "}" * 300 + "}", "query-depth"),
        ("ASK { ?s unknown:name ?o }", "query-syntax"),
        ("ASK { FILTER(<bif:http_get>('http://x/') = 1) }", "query-failed"),
        ("PREFIX b: <bif:> SELECT (IF(false, b:exec(1), 2) AS ?x) {}", "query-failed"),
        ("BASE <sql:x> ASK { ?s <y> ?o }", "query-failed"),
        ("ASK { ?s <JAVA:com.example.Reader> ?o }", "query-failed"),
        (CONSTRUCT, "not-acceptable"),
    ],
)
def test_rejected_queries_are_not_sent(shared: Shared, text: str, code: str) -> None:
    before = len(shared.endpoint.requests)
    with pytest.raises(Problem) as caught:
        shared.engine.query(Query(text, CSV, None))
    assert caught.value.kind.code == code
    assert len(shared.endpoint.requests) == before


@pytest.mark.parametrize(
    ("text", "reply", "expected"),
    [
        (SELECT, answer(ROWS), b"x\r\n1\r\n"),
        (SELECT, answer(ROWS, kind="application/json; charset=utf-8"), b"x\r\n1\r\n"),
        (SELECT, answer(ROWS_XML, kind=XML), b"x\r\n1\r\n"),
        (SELECT, chunked(ROWS[:30], ROWS[30:]), b"x\r\n1\r\n"),
        (SELECT, unframed(ROWS), b"x\r\n1\r\n"),
        (SELECT, answer(ROWS + b"\n \n"), b"x\r\n1\r\n"),
        (ASK, answer(TRUE), b"true"),
        (ASK, answer(SPARQL_XML + b"</head><boolean>false</boolean></sparql>", kind=XML), b"false"),
        (CONSTRUCT, answer(TRIPLES, kind=NT), TRIPLES),
        (CONSTRUCT, answer(b"<a:s> <a:p> <a:o>, <a:q> .", kind="text/turtle"), TRIPLES),
        (CONSTRUCT, answer(RDF_XML, kind="application/rdf+xml"), b'<a:s> <a:p> "1" .\n'),
        (CONSTRUCT, chunked(TRIPLES[:25], TRIPLES[25:], kind=NT), TRIPLES),
        (CONSTRUCT, answer(b"", kind=NT), b""),
        (SELECT, b"HTTP/1.1 100 Continue\r\n\r\n" + answer(ROWS), b"x\r\n1\r\n"),
    ],
)
def test_responses_that_are_accepted(shared: Shared, text: str, reply: bytes, expected: bytes) -> None:
    shared.reply = reply
    assert shared.engine.query(Query(text, CSV, N_TRIPLES)).read() == expected
    assert shared.engine.status().fault is None


CUT = "stops before the end"
UNREADABLE = "cannot be fully read"


@pytest.mark.parametrize(
    ("text", "reply", "code", "says"),
    [
        (SELECT, answer(ROWS[:-1]), "engine-answer", UNREADABLE),
        (SELECT, answer(ROWS[:-20]), "engine-answer", UNREADABLE),
        (SELECT, answer(ROWS + b"x"), "engine-answer", UNREADABLE),
        (SELECT, answer(ROWS + ROWS), "engine-answer", UNREADABLE),
        (SELECT, answer(b""), "engine-answer", UNREADABLE),
        (SELECT, answer(b"<html>"), "engine-answer", UNREADABLE),
        (SELECT, answer(TRUE), "engine-answer", UNREADABLE),
        (SELECT, answer(ROWS_XML[:-9], kind=XML), "engine-answer", UNREADABLE),
        (SELECT, answer(ROWS_XML + ROWS_XML, kind=XML), "engine-answer", UNREADABLE),
        (CONSTRUCT, answer(RDF_XML[:-10], kind="application/rdf+xml"), "engine-answer", UNREADABLE),
        (SELECT, answer(ROWS_XML.replace(b"1</", b"\xff</"), kind=XML), "engine-answer", UNREADABLE),
        (SELECT, answer(ROWS)[:-1], "engine-answer", CUT),
        (SELECT, chunked(ROWS, end=b""), "engine-answer", CUT),
        (SELECT, chunked(ROWS, end=b"5\r\nab"), "engine-answer", CUT),
        (SELECT, unframed(ROWS[:-1]), "engine-answer", UNREADABLE),
        (SELECT, chunked(ROWS[:-25], b"an error, in words"), "engine-answer", UNREADABLE),  # Oxigraph does so
        (ASK, answer(TRUE[:-1]), "engine-answer", UNREADABLE),
        (ASK, answer(TRUE + b"x"), "engine-answer", UNREADABLE),
        (ASK, answer(ROWS), "engine-answer", UNREADABLE),
        (ASK, answer(SPARQL_XML + b"</head><boolean>true</boolean>", kind=XML), "engine-answer", UNREADABLE),
        (ASK, answer(b" " * 70_000 + TRUE), "engine-answer", "exceeds 65536 bytes"),
        (CONSTRUCT, answer(TRIPLES[:-3], kind=NT), "engine-answer", UNREADABLE),
        (CONSTRUCT, answer(TRIPLES, kind=NT)[:-20], "engine-answer", CUT),  # at the end of a line
        (CONSTRUCT, chunked(TRIPLES[:20], kind=NT, end=b""), "engine-answer", CUT),
        (CONSTRUCT, unframed(TRIPLES, kind=NT), "engine-answer", "the length of its answer is not stated"),
        (CONSTRUCT, answer(TRIPLES, kind="text/plain"), "engine-answer", "text/plain"),
        (CONSTRUCT, answer(ROWS), "engine-answer", JSON),
        (SELECT, answer(b"<h1>Hello</h1>", kind="text/html"), "engine-answer", "text/html"),
        (SELECT, answer(BOMB, "Content-Encoding: gzip"), "engine-answer", "compressed"),
        (SELECT, answer(b"<h1>No</h1>", kind="text/html", status="500 Oops"), "engine-answer", "HTTP status 500"),
        (SELECT, answer(b"", status="204 No Content"), "engine-answer", "HTTP status 204"),
        (SELECT, answer(ROWS, status="206 Partial"), "engine-answer", "HTTP status 206"),
        (SELECT, answer(b"no", kind="text/plain", status="401 No"), "engine-answer", "engine_login"),
        (SELECT, answer(b"", status="403 No"), "engine-answer", "refuses access"),
        (SELECT, answer(b"", status="404 No"), "engine-answer", "HTTP status 404"),
        (SELECT, answer(b"Bad \x1b[3m one\nx", kind="text/plain", status="400 No"), "query-failed", "400: Bad [3m one"),
        (SELECT, answer(b"<p>x", kind="text/html", status="400 No"), "query-failed", "HTTP status 400"),
        (SELECT, answer(b"", status="503 Busy"), "query-queue", ""),
        (SELECT, answer(b"", "Location: http://127.0.0.1/", status="302 Found"), "engine-answer", "not followed"),
        (SELECT, answer(ROWS, "X-SPARQL-MaxRows: 1"), "engine-answer", "partial (X-SPARQL-MaxRows: 1)"),
        (SELECT, answer(ROWS, "X-SQL-State: S1TAT"), "engine-answer", "partial (X-SQL-State: S1TAT)"),
        (SELECT, b"SSH-2.0-OpenSSH\r\n\r\n", "engine-answer", "not an HTTP response"),
        (SELECT, b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 60_000 + b"\r\n", "engine-answer", "not an HTTP response"),
        (SELECT, b"", "engine-unreachable", "the connection was lost"),
        (SELECT, b"HTTP/1.1 200 OK\r\nContent-", "engine-unreachable", "the connection was lost"),
    ],
)
def test_responses_that_are_rejected(shared: Shared, text: str, reply: bytes, code: str, says: str) -> None:
    shared.reply = reply
    with pytest.raises(Problem) as caught:
        shared.engine.query(Query(text, CSV, TURTLE))
    problem = caught.value
    assert (problem.kind.code, problem.words("fr").detail != "") == (code, True)
    assert says in str(problem)


def test_a_connection_breaks_during_the_response() -> None:
    def break_off(connection: socket.socket) -> None:
        connection.sendall(answer(ROWS)[:-30])
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)  # closing it is a reset

    assert refused(break_off).kind.code in ("engine-unreachable", "engine-answer")


def drip(connection: socket.socket) -> None:
    """Send a byte now and then, forever: no time-out of a socket would ever expire."""
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\nContent-Length: 9999\r\n\r\n"
    )
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n\r\n" + ROWS[:-3])
    while True:
        connection.sendall((b"," + ROW) * 1000)


def endless_term(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n\r\n" + ROWS[:-7])
    while True:
        connection.sendall(b"x" * 100_000)


@pytest.mark.parametrize(
    ("reply", "code", "limits"),
    [
        (drip, "query-timeout", {"query_timeout": 0.4}),
        (drip_headers, "query-timeout", {"query_timeout": 0.4}),
        (silent, "query-timeout", {"query_timeout": 0.4}),
        (endless, "query-result", {"limits": QueryLimits(size=100_000)}),
        (endless, "query-rows", {"limits": QueryLimits(rows=1000)}),
        (endless_term, "query-memory", {"query_memory": 64, "query_timeout": 60}),
    ],
)
def test_limits(reply: Callable[[socket.socket], None], code: str, limits: dict[str, Any]) -> None:
    before = child_processes()
    assert refused(reply, form=RESULTS_JSON, **limits).kind.code == code
    assert child_processes() == before


def test_an_endpoint_that_never_answers_some_does_not_keep_others_waiting() -> None:
    """One process is left to queries that have not waited for long; those that have wait for their place, and are run again."""

    def reply(connection: socket.socket) -> None:
        if b"never" not in endpoint.requests[-1]:
            connection.sendall(answer(ROWS))
        elif not ended.is_set():
            held.append(connection.dup())  # open and silent

    held, ended = list[socket.socket](), threading.Event()
    with (
        far(reply, query_workers=3, query_timeout=60, limits=PATIENT) as (engine, endpoint),
        ThreadPoolExecutor() as threads,
    ):
        queries = [Query(f"SELECT ?x {{ ?x ?p 'never {n}' }}", CSV, None, client=f"{n}") for n in range(8)]
        flood = [threads.submit(engine.query, query) for query in queries]
        assert eventually(lambda: places_taken(engine) == 2)
        for _ in range(5):
            assert engine.query(Query(SELECT, CSV, None, client="modest")).body == b"x\r\n1\r\n"
        assert not any(each.done() for each in flood)
        ended.set()  # a request that is sent again on another connection finds that closed
        for connection in held:
            connection.close()
        engine.close()
        for each in flood:
            with pytest.raises(Problem):
                each.result(timeout=20)
    for connection in held:  # one that was opened meanwhile
        connection.close()


def test_a_connection_is_reused_and_reopened_after_it_was_closed() -> None:
    def twice(connection: socket.socket) -> None:
        """Answer this request and the next on the same connection, then close it."""
        connection.sendall(answer(ROWS))
        data = b""
        while not data.endswith(b"named-graph-uri=http%3A%2F%2Fe.org%2Fgraph"):
            data += connection.recv(65_536)
        connection.sendall(answer(ROWS))

    with far(twice, query_workers=1) as (engine, endpoint):
        one = [process for _ in range(6) if (process := engine.query(Query(SELECT, CSV, None)).body)]
    assert one == [b"x\r\n1\r\n"] * 6
    assert endpoint.connections < 6 + 2  # each of the two processes also verifies the release


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "http://nowhere.invalid/"])
def test_no_endpoint_there(url: str) -> None:
    with RemoteEngine(settings(engine=url.format(port=free_port())), DIGEST, {}) as engine:
        problem = engine.check_endpoint()
        assert problem
        assert str(problem) == str(engine.status().fault)
        assert problem.kind.code == "engine-unreachable"
        with pytest.raises(Problem) as caught:
            engine.query(Query("SELECT * { ?s ?p }", CSV, None))
        assert caught.value.kind.code == "query-syntax"


def test_the_release_of_the_endpoint_is_verified_again_after_a_while(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with far(answer(ROWS), query_workers=1) as (engine, endpoint):
        for _ in range(8):
            engine.query(Query(SELECT, CSV, None))
        assert not any(map(is_mark, endpoint.requests))
        engine._verified_until = 0.0
        engine.query(Query(SELECT, CSV, None))
        assert [is_mark(each) for each in endpoint.requests[8:]] == [True, False]
    assert not caplog.records


def test_failure_and_recovery_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    replies = [b"", b"", answer(ROWS), answer(ROWS)]

    def next_one(connection: socket.socket) -> None:
        connection.sendall(replies.pop(0))

    with far(next_one, engine_login="name:secret-word", lang="en") as (engine, _):
        for _ in range(2):
            with pytest.raises(Problem):
                engine.query(Query(SELECT, CSV, None))
        for _ in range(2):
            engine.query(Query(SELECT, CSV, None))
        assert engine.status().fault is None
    assert ["lost" in each.getMessage() for each in caplog.records] == [True, False]
    assert "secret-word" not in caplog.text


def test_the_login_is_in_no_process_list_and_no_environment() -> None:
    with far(answer(ROWS), engine_login="name:secret-word") as (engine, _):
        engine.query(Query(SELECT, CSV, None))
        for pid in child_processes():
            for name in ("cmdline", "environ"):
                with open(f"/proc/{pid}/{name}", "rb") as file:  # noqa: PTH123
                    assert b"secret-word" not in file.read()
    assert "secret-word" not in repr(settings(engine_login="name:secret-word"))


def test_no_process_or_file_is_left() -> None:
    files, before = open_files(), child_processes()
    with far(answer(ROWS_XML, kind=XML)) as (engine, _):
        for _ in range(5):
            assert engine.query(Query(SELECT, RESULTS_XML, None)).body
    assert (open_files(), child_processes()) == (files, before)
