"""A hostile endpoint: unexpected bytes, other variables, another release, a repeated login."""

import contextlib
import re
import socket
import ssl
import time
from typing import Any

import pytest
from pyoxigraph import Store

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV, N_TRIPLES
from cper_lod.engine.base import Query
from cper_lod.engine.remote import RemoteEngine
from cper_lod.engine.rewrite import rewrite
from tests.engine.remote_engine import COUNTED, ROWS, SELECT, TRIPLES, TRUE, far, is_count, is_mark, refused
from tests.support.certificates import Certificates
from tests.support.engine import DIGEST, settings
from tests.support.fake_endpoint import Endpoint, answer, speaking_tls

pytestmark = pytest.mark.slow

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


@pytest.mark.parametrize("unasked", [b"nobody asked\r\n\r\n", answer(OTHER), answer(OTHER)[:40], b"\0" * 100_000])
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


def junk_for_the_second(connection: socket.socket) -> None:
    """Answer a request correctly, and the next on the same connection with invalid HTTP."""
    connection.sendall(answer(ROWS))
    connection.recv(65_536)
    connection.sendall(b"no HTTP\r\n\r\n")


def test_a_connection_is_not_reused_after_an_error() -> None:
    with far(junk_for_the_second) as (engine, _):
        assert outcomes(engine, 6) == [b"x\r\n1\r\n"] * 6


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
        with RemoteEngine(settings(engine=url, query_workers=1, query_timeout=5), DIGEST, TRIPLES) as engine:
            assert (problem := engine.check_endpoint())
            assert "SSL_CERT_FILE" in str(problem)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
        with RemoteEngine(settings(engine=url, query_workers=1, query_timeout=5), DIGEST, TRIPLES) as engine:
            assert engine.check_endpoint() is None
            assert outcomes(engine, 4) == [b"x\r\n1\r\n"] * 4


@pytest.mark.parametrize("names", [b'"y"', b'"x","y"', b""])
def test_an_answer_with_other_variables_is_rejected(names: bytes) -> None:
    body = b'{"head":{"vars":[' + names + b']},"results":{"bindings":[{}]}}'
    problem = refused(answer(body))
    assert problem.kind.code == "engine-answer"
    assert "variables other than" in str(problem)


@pytest.mark.parametrize(
    "text", [NAMED, "SELECT ?x FROM <http://e.org/graph> { ?x ?p ?o }", "ASK{GRAPH<http://e.org/graph>{?s?p?o}}"]
)
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
            connection.sendall(answer(TRUE if text.startswith("ASK") else ROWS))

    with (
        Endpoint(reply) as endpoint,
        RemoteEngine(settings(engine=endpoint.url, query_workers=1), DIGEST, TRIPLES) as engine,
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
    solutions: Any = Store().query(text)
    return next(solutions)[0].value


@pytest.mark.parametrize(
    "term",
    [
        r'"\u0022 . FILTER(<bif:http_get>(1)) #"',
        r'"\\u0022 . FILTER(<bif:http_get>(1)) #"',
        r'"\\\u0022 } ; DROP ALL #"',
        r"'\U00000027 . FILTER(1) #'",
        r"""'''\u0027\u0027\u0027 . FILTER(1) #'''""",
        r'"\u005C"',
        r'"\u000A\u000D\u0009\u0007\u00E9\U0001D11E\t\\"',
        r'"\\\\u0041\\\\\\U00000041\\U00000041"',
        r'"""a\u0022\u0022\u0022b\"\\"""',
        r"<urn:\u00E9\U0001D11E>",
        r'"\\"',
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
        bad("x" * 290 + "secret-word"),
        answer(ROWS, "X-SQL-State: secret-word"),
        answer(ROWS, kind="x/secret-word"),
    ],
)
def test_the_login_is_redacted(reply: bytes) -> None:
    told = str(refused(reply, engine_login="name:secret-word"))
    assert "***" in told
    assert not [part for part in ("bmFt", "name:", "secret", "word") if part in told]


@pytest.mark.parametrize("reply", [answer(ROWS, kind="x/" + "y" * 5000), answer(ROWS, "X-SQL-State: " + "y" * 5000)])
def test_messages_of_the_endpoint_are_truncated(reply: bytes) -> None:
    assert 300 < len(str(refused(reply))) < 600


@pytest.mark.parametrize("status", ["400 Bad", "401 No", "500 Oops"])
def test_an_error_of_an_internal_query_is_the_endpoints_fault(status: str) -> None:
    with (
        Endpoint(answer(b"", status=status)) as endpoint,
        RemoteEngine(settings(engine=endpoint.url, query_workers=1), DIGEST, TRIPLES) as engine,
    ):
        assert engine.status().fault is None
        assert outcomes(engine, 1) == ["engine-answer"]
        assert engine.status().fault.kind.code == "engine-answer", "it answers nobody: /health and the figures say so"


def test_the_start_of_a_server_does_not_wait_for_a_silent_endpoint(caplog: pytest.LogCaptureFixture) -> None:
    """And the query string of its address, which may contain a key, is not logged."""
    with (
        Endpoint(until_it_leaves) as endpoint,
        RemoteEngine(
            settings(engine=endpoint.url + "?key=secret-word", query_workers=1, query_timeout=5), DIGEST, TRIPLES
        ) as engine,
    ):
        assert (problem := engine.check_endpoint(0.2))
        assert str(engine.status().fault) == str(problem)
        assert problem.kind.code == "engine-unreachable"
        assert "0.2 s" in str(problem)
    assert endpoint.url in caplog.text
    assert "secret-word" not in caplog.text
