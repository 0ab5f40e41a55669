"""The remote engine: requests, responses that are accepted or rejected, failures of the endpoint, and its lies."""

import base64
import contextlib
import json
import re
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pyoxigraph import Store as Oxigraph

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV, N_TRIPLES, RESULTS_JSON, RESULTS_XML, TURTLE
from cper_lod.core.namespaces import GRAPH_EMPTY, GRAPH_STORED, RDF
from cper_lod.engine.base import Query, QueryLimits
from cper_lod.engine.remote import CHECK_INTERVAL, RemoteEngine, stored_graph
from cper_lod.engine.rewrite import rewrite
from tests.engine.remote_engine import (
    ASK,
    BOMB,
    CONSTRUCT,
    COUNTED,
    JSON,
    NT,
    ROW,
    ROWS,
    SELECT,
    TRUE,
    XML,
    counts,
    drip_headers,
    far,
    is_count,
    is_mark,
    parameters,
    refused,
)
from tests.engine.remote_engine import TRIPLES as COUNTS_OF
from tests.support.certificates import Certificates
from tests.support.engine import DIGEST, GRAPH, settings
from tests.support.fake_endpoint import Endpoint, Reply, answer, speaking_tls
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
    assert text[1].split() == ["SELECT", "?s", "?p", "?o", "{", "?s", "?p", "?o", "}"]
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
        ("SELECT * FROM <http://127.0.0.1/> {}", "query-graph"),
        ("SELECT * { ?s ?p ?o FILTER(<urn:fetch>(?o)) }", "query-failed"),
        ("ASK { ?s unknown:name ?o }", "query-syntax"),
        ("ASK { FILTER(<bif:http_get>('http://x/') = 1) }", "query-failed"),
        ("PREFIX b: <bif:> SELECT (IF(false, b:exec(1), 2) AS ?x) {}", "query-failed"),
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
        (ASK, answer(TRUE), b"true"),
        (ASK, answer(SPARQL_XML + b"</head><boolean>false</boolean></sparql>", kind=XML), b"false"),
        (CONSTRUCT, answer(TRIPLES, kind=NT), TRIPLES),
        (CONSTRUCT, answer(RDF_XML, kind="application/rdf+xml"), b'<a:s> <a:p> "1" .\n'),
        (CONSTRUCT, answer(b"", kind=NT), b""),
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
        (SELECT, answer(ROWS + b"x"), "engine-answer", UNREADABLE),
        (SELECT, answer(b""), "engine-answer", UNREADABLE),
        (SELECT, answer(TRUE), "engine-answer", UNREADABLE),
        (SELECT, answer(ROWS_XML[:-9], kind=XML), "engine-answer", UNREADABLE),
        (CONSTRUCT, answer(RDF_XML[:-10], kind="application/rdf+xml"), "engine-answer", UNREADABLE),
        (SELECT, answer(ROWS)[:-1], "engine-answer", CUT),
        (SELECT, chunked(ROWS, end=b""), "engine-answer", CUT),
        (SELECT, chunked(ROWS[:-25], b"an error, in words"), "engine-answer", UNREADABLE),  # Oxigraph does so
        (ASK, answer(b" " * 70_000 + TRUE), "engine-answer", "exceeds 65536 bytes"),
        (CONSTRUCT, answer(TRIPLES, kind=NT)[:-20], "engine-answer", CUT),  # at the end of a line
        (CONSTRUCT, unframed(TRIPLES, kind=NT), "engine-answer", "the length of its answer is not stated"),
        (SELECT, answer(b"<h1>Hello</h1>", kind="text/html"), "engine-answer", "text/html"),
        (SELECT, answer(BOMB, "Content-Encoding: gzip"), "engine-answer", "compressed"),
        (SELECT, answer(b"<h1>No</h1>", kind="text/html", status="500 Oops"), "engine-answer", "HTTP status 500"),
        (SELECT, answer(b"no", kind="text/plain", status="401 No"), "engine-answer", "engine_login"),
        (SELECT, answer(b"Bad \x1b[3m one\nx", kind="text/plain", status="400 No"), "query-failed", "400: Bad [3m one"),
        (SELECT, answer(b"", status="503 Busy"), "query-queue", ""),
        (SELECT, answer(b"", "Location: http://127.0.0.1/", status="302 Found"), "engine-answer", "not followed"),
        (SELECT, answer(ROWS, "X-SPARQL-MaxRows: 1"), "engine-answer", "partial (X-SPARQL-MaxRows: 1)"),
        (SELECT, b"SSH-2.0-OpenSSH\r\n\r\n", "engine-answer", "not an HTTP response"),
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


def drip(connection: socket.socket) -> None:
    """Send a byte now and then, forever: no time-out of a socket would ever expire."""
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\nContent-Length: 9999\r\n\r\n"
    )
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n\r\n" + ROWS[:-3])
    while True:
        connection.sendall((b"," + ROW) * 1000)


@pytest.mark.parametrize(
    ("reply", "code", "limits"),
    [
        (drip, "query-timeout", {"query_timeout": 0.4}),
        (drip_headers, "query-timeout", {"query_timeout": 0.4}),
        (endless, "query-result", {"limits": QueryLimits(size=100_000)}),
        (answer(ROWS.replace(ROW, ROW + b"," + ROW)), "query-rows", {"limits": QueryLimits(rows=1)}),
    ],
)
def test_limits(reply: Reply, code: str, limits: dict[str, Any]) -> None:
    before = child_processes()
    assert refused(reply, form=RESULTS_JSON, **limits).kind.code == code
    assert child_processes() == before


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


def test_no_process_or_file_is_left() -> None:
    files, before = open_files(), child_processes()
    with far(answer(ROWS_XML, kind=XML)) as (engine, _):
        for _ in range(5):
            assert engine.query(Query(SELECT, RESULTS_XML, None)).body
    assert (open_files(), child_processes()) == (files, before)


# An endpoint that sends what nobody asked for, another release, or the login

OTHER = ROWS.replace(b'"1"', b'"other"')
NAMED = "SELECT ?x { GRAPH ?g { ?x ?p ?o } }"


def until_it_leaves(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while connection.recv(65_536):
            pass


def outcomes(engine: RemoteEngine, times: int, text: str = SELECT, pause: float = 0) -> list[object]:
    """Return the answers, or the problem codes."""
    found: list[object] = []
    for _ in range(times):
        try:
            found.append(engine.query(Query(text, CSV, N_TRIPLES)).body)
        except Problem as problem:
            found.append(problem.kind.code)
        time.sleep(pause)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("unasked", [answer(OTHER), b"\0" * 100_000])
def test_unexpected_bytes_are_not_the_next_response(unasked: bytes) -> None:
    """The process remains usable: it does not mix up responses, nor reject all later queries."""

    def reply(connection: socket.socket) -> None:
        connection.settimeout(0.3)
        connection.sendall(answer(ROWS))
        time.sleep(0.02)
        connection.sendall(unasked)
        until_it_leaves(connection)

    with far(reply) as (engine, _):
        assert outcomes(engine, 3, pause=0.2) == [b"x\r\n1\r\n"] * 3


@pytest.mark.slow
@pytest.mark.parametrize("rude", [True, False])
def test_a_tls_connection_closed_between_queries(
    rude: bool, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reply(connection: socket.socket) -> None:
        request = endpoint.requests[-1]
        connection.sendall(answer(TRUE if is_mark(request) else COUNTED if is_count(request) else ROWS))
        if not rude and isinstance(connection, ssl.SSLSocket):
            connection.unwrap()

    with Endpoint(reply, speaking_tls(certificates.good, [])) as endpoint:
        url = endpoint.url.replace("http://127.0.0.1", "https://localhost")
        with RemoteEngine(settings(engine=url, query_workers=1, query_timeout=5), DIGEST, COUNTS_OF) as engine:
            assert (problem := engine.check_endpoint())
            assert "SSL_CERT_FILE" in str(problem)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
        with RemoteEngine(settings(engine=url, query_workers=1, query_timeout=5), DIGEST, COUNTS_OF) as engine:
            assert engine.check_endpoint() is None
            assert outcomes(engine, 4) == [b"x\r\n1\r\n"] * 4


@pytest.mark.parametrize("text", [NAMED, "SELECT ?x FROM <http://e.org/graph> { ?x ?p ?o }"])
def test_a_release_is_replaced_during_a_query(text: str) -> None:
    """Named graphs keep their names, so their content may be that of the next release."""
    held = True

    def reply(connection: socket.socket) -> None:
        nonlocal held
        if is_mark(endpoint.requests[-1]):
            connection.sendall(answer(TRUE if held else TRUE.replace(b"true", b"false")))
        elif is_count(endpoint.requests[-1]):
            connection.sendall(answer(COUNTED))
        else:
            held = not gone
            connection.sendall(answer(ROWS))

    with (
        Endpoint(reply) as endpoint,
        RemoteEngine(settings(engine=endpoint.url, query_workers=1), DIGEST, COUNTS_OF) as engine,
    ):
        gone = False
        assert engine.check_endpoint() is None
        assert "engine" not in str(outcomes(engine, 1, text))
        gone = True
        assert outcomes(engine, 2, text) == ["engine-release"] * 2
        held, gone = True, False
        assert outcomes(engine, 1, text) == ["engine-release"], "it is counted first"
        assert engine.check_endpoint() is None
        assert "engine" not in str(outcomes(engine, 1, text))


EARLY = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def value(text: str) -> object:
    """Return the single value of a query, as the embedded engine reads it."""
    solutions: Any = Oxigraph().query(text)
    return next(solutions)[0].value


@pytest.mark.parametrize(
    "term",
    [
        r'"\u0022 . FILTER(<bif:http_get>(1)) #"',
        r'"\\\u0022 } ; DROP ALL #"',
        r"""'''\u0027\u0027\u0027 . FILTER(1) #'''""",
        r'"\u000A\u000D\u0009\u0007\u00E9\U0001D11E\t\\"',
        r'"\\\\u0041\\\\\\U00000041\\U00000041"',
        r'"""a\u0022\u0022\u0022b\"\\"""',
        r"<urn:\u00E9\U0001D11E>",
    ],
)
def test_escapes_have_one_reading(term: str) -> None:
    r"""An engine that decodes `\u0022` before it parses strings (section 19.2) reads the same query."""
    text = f"SELECT ({term} AS ?x) {{}}"
    told = rewrite(text, "urn:d", ()).text
    decoded = EARLY.sub(lambda found: chr(int(found[1] or found[2], 16)), told)
    assert value(told) == value(decoded) == value(text)


def bad(message: str) -> bytes:
    return answer(message.encode(), kind="text/plain", status="400 No")


@pytest.mark.parametrize(
    "reply",
    [
        bad("Authorization: Basic bmFtZTpzZWNyZXQtd29yZA=="),
        bad("name:secret-word is wrong"),
        bad("x" * 290 + "secret-word" + "y" * 5000),
        answer(ROWS, kind="x/secret-word"),
    ],
)
def test_the_login_is_redacted(reply: bytes) -> None:
    told = str(refused(reply, engine_login="name:secret-word"))
    assert "***" in told
    assert len(told) < 600
    assert not [part for part in ("bmFt", "name:", "secret", "word") if part in told]


@pytest.mark.slow
def test_an_error_of_an_internal_query_is_the_endpoints_fault_and_its_key_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with (
        Endpoint(answer(b"", status="400 Bad")) as endpoint,
        RemoteEngine(settings(engine=endpoint.url + "?key=secret-word", query_workers=1), DIGEST, COUNTS_OF) as engine,
    ):
        assert engine.status().fault is None
        assert outcomes(engine, 1) == ["engine-answer"]
        assert engine.status().fault.kind.code == "engine-answer", "it answers nobody: /health and the figures say so"
    assert endpoint.url in caplog.text
    assert "secret-word" not in caplog.text


# A store that lies about the release: what the operator reads, and that no client gets a 200 meanwhile

HELD, COUNTS = answer(TRUE), answer(COUNTED)
"""The true replies: it names the release, and has all its triples."""


def endless_rows(connection: socket.socket) -> None:
    head, _, row = COUNTED.partition(b'"bindings": [')
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n\r\n" + head)
    while True:
        connection.sendall(row * 1000)


LIES: dict[str, tuple[Reply, Reply, str, str]] = {
    "another release's name": (answer(TRUE.replace(b"true", b"false")), COUNTS, "engine-release", "another release"),
    "busy": (answer(b"", status="503 Busy"), COUNTS, "engine-unreachable", "HTTP status 503"),
    "fewer triples": (HELD, answer(counts(default=2, named=2)), "engine-release", "2 triple(s) instead of 3"),
    "a graph less": (HELD, answer(counts(default=3)), "engine-release", f"{GRAPH} has 0 triple(s) instead of 2"),
    "counts that are no numbers": (HELD, answer(COUNTED.replace(b'"3"', b'"x"')), "engine-answer", "cannot be fully"),
    "rows without end": (HELD, endless_rows, "engine-answer", "exceeds 3"),
}


class Store:
    """A store that says what a test wants, and an engine that asks it."""

    def __init__(self) -> None:
        self.endpoint = Endpoint(self._reply)
        self.name: Reply = HELD
        self.count: Reply = COUNTS

    def _reply(self, connection: socket.socket) -> None:
        request = self.endpoint.requests[-1]
        said = self.name if is_mark(request) else self.count if is_count(request) else answer(ROWS)
        connection.sendall(said) if isinstance(said, bytes) else said(connection)


@pytest.fixture(scope="module")
def asked() -> Iterator[tuple[Store, RemoteEngine]]:
    store = Store()
    with store.endpoint as endpoint:
        changes = {"engine": endpoint.url, "query_workers": 1, "query_timeout": 1, "lang": "en"}
        with RemoteEngine(settings(**changes), DIGEST, COUNTS_OF) as engine:
            yield store, engine


@pytest.mark.parametrize(("name", "count", "code", "words"), LIES.values(), ids=LIES)
def test_a_lie_is_not_believed(
    asked: tuple[Store, RemoteEngine],
    name: Reply,
    count: Reply,
    code: str,
    words: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (store, engine), query = asked, Query(SELECT, CSV, None)
    store.name, store.count = HELD, COUNTS
    assert engine.check_endpoint() is None
    assert engine.next_check > time.monotonic() + CHECK_INTERVAL - 60
    assert engine.query(query).body == b"x\r\n1\r\n"
    caplog.clear()

    store.name, store.count = name, count
    problem = engine.check_endpoint(0.4)
    assert problem
    assert (problem.kind.code, problem.kind.status in (502, 503)) == (code, True)
    assert words in str(problem)
    assert str(engine.status().fault) == str(problem)
    assert [f"{store.endpoint.url}: {problem}"] == [each.getMessage() for each in caplog.records]
    assert engine.next_check < time.monotonic() + 60
    with pytest.raises(Problem) as refused:
        engine.query(query)
    assert refused.value.kind.status in (502, 503)
    assert not store.endpoint.requests[-1].count(SELECT.encode()), "and it is not asked"
