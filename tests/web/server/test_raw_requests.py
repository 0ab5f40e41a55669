"""Requests byte by byte, above all those of clients that lie, break off or send what is malformed."""

import http.client
import re
import select
import socket
from contextlib import closing, suppress

import pytest

from tests.support.server import ServerAddress
from tests.support.web import TRACES, HttpResponse

pytestmark = pytest.mark.server
ASK = b"ASK { ?s ?p ?o }"
HEAD = b"Host: localhost\r\n"
DIRECT = b"Content-Type: application/sparql-query\r\n"


def connect(server: ServerAddress) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def answer_on(made: socket.socket) -> HttpResponse:
    """Read one answer from a connection."""
    response = http.client.HTTPResponse(made)
    response.begin()
    return HttpResponse.of(response)


def send(server: ServerAddress, data: bytes, *, ended: bool = False) -> HttpResponse:
    """Send just these bytes, and read the answer; `ended` says that no more will come."""
    with closing(connect(server)) as made:
        made.sendall(data)
        if ended:
            made.shutdown(socket.SHUT_WR)
        return answer_on(made)


def get(path: str, headers: bytes = b"") -> bytes:
    return b"GET " + path.encode() + b" HTTP/1.1\r\n" + HEAD + headers + b"\r\n"


def post(headers: bytes, body: bytes) -> bytes:
    return b"POST /sparql HTTP/1.1\r\n" + HEAD + DIRECT + headers + b"\r\n" + body


def answers_others(server: ServerAddress) -> None:
    """See that the health, a document and a short query are answered."""
    for path in ("/health", "/ontology.ttl", "/sparql?query=ASK%7B%7D"):
        assert send(server, get(path)).status == 200


# Bodies


CHUNKED = b"Transfer-Encoding: chunked\r\n"
IN_CHUNKS = b"".join(b"%x\r\n%b\r\n" % (len(ASK[at : at + 5]), ASK[at : at + 5]) for at in range(0, len(ASK), 5))
LARGEST = ASK + b"#" * (262_144 - len(ASK))


def test_a_body_that_ends_early_is_not_run(server: ServerAddress) -> None:
    """Of a body in chunks WSGI does not tell; a proxy that buffers requests passes on none that breaks off."""
    answer = send(server, post(b"Content-Length: 99\r\n", ASK), ended=True)
    assert (answer.status, b"/request-invalid" in answer.body) == (400, True)
    for chunks in (IN_CHUNKS, b"FF\r\n" + ASK, IN_CHUNKS + b"zz\r\n", b"zz\r\n"):
        assert send(server, post(CHUNKED, chunks), ended=True).status in (200, 400)
    answers_others(server)


def test_a_body_as_large_as_allowed_is_run(server: ServerAddress) -> None:
    answer = send(server, post(b"Content-Length: %d\r\n" % len(LARGEST), LARGEST))
    assert (answer.status, answer.json()["boolean"]) == (200, True)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_taken_to_its_end_and_refused(server: ServerAddress, chunked: bool) -> None:
    """The connection serves on: nothing of the body is left on it to be taken for the next request."""
    body = b"#" * 2_000_000
    in_one_chunk = post(CHUNKED, b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
    with closing(connect(server)) as made:
        made.sendall(in_one_chunk if chunked else post(b"Content-Length: %d\r\n" % len(body), body))
        answer = answer_on(made)
        assert (answer.status, b"/body-too-large" in answer.body) == (413, True)
        made.sendall(get("/health"))
        assert answer_on(made).status == 200


# Heads


@pytest.mark.slow
def test_a_head_that_does_not_come_is_cut(server: ServerAddress) -> None:
    connections = [connect(server) for _ in range(20)]
    for each in connections:
        each.sendall(b"GET /health HTTP/1.1\r\nHo")
    answers_others(server)
    assert not select.select(connections, [], [], 0)[0], "others are answered first"
    for each in connections:
        with closing(each):
            assert each.recv(100) == b""


@pytest.mark.parametrize(
    ("request_", "statuses"),
    [
        (get("/sparql?query=" + "a" * 66_000), {414}),
        (get("/health", b"".join(b"X-%d: a\r\n" % number for number in range(150))), {431}),
        (get("/sparql?query=ASK%7B%7D", b"Accept: " + b"a/b," * 3000 + b"\r\n"), {431}),
        (get("/health", b"X-A: " + b"a" * 600_000 + b"\r\n"), {400, 431}),
        (b"GET /sparql?query=ASK%7B%7D\xff HTTP/1.1\r\n" + HEAD + b"\r\n", {400}),
        (get("/nope", b"Content_Length: 7\r\n"), {404}),  # an underscore: it means nothing, and no body is waited for
        (b"GET /health HTTP/9.9\r\n" + HEAD + b"\r\n", {400, 505}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
        (post(b"Content-Length: 6\r\nContent-Length: 7\r\n", b"ASK {}"), {400}),
    ],
)
def test_heads_that_are_too_large_or_wrong(server: ServerAddress, request_: bytes, statuses: set[int]) -> None:
    with closing(connect(server)) as made, suppress(BrokenPipeError, ConnectionResetError):
        made.sendall(request_)
        answer = answer_on(made)
        assert answer.status in statuses
        assert b"Traceback" not in answer.body
    answers_others(server)


FOLDERS = ("dump", "doc", "id", "static", "context")
NAMES = (
    *("../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%5cmanifest.json", "../manifest.json", "..%2fapp.py"),
    *("/etc/passwd", ".", ".ttl", "%00", "%FF%FE.ttl", "%0d%0aSet-Cookie:%20a=b", "a%0D%0AX-Evil:1", "a" * 20_000),
)
HOSTILE = [
    *(f"/{folder}/{name}" for folder in FOLDERS for name in NAMES),
    *("/%00", "/%2f%2fevil.example", "/\\evil.example", "//evil.example/x", "/%", "/%zz"),
    *("/" + "%41" * 5000, "/" + "a" * 5000, "/doc" + "/.." * 500, "/report.%2e%2e", "/ontology./x"),
    *("/describe?iri[]=http://a", "/describe?iri=%0D%0AX-Evil:1", "/describe?iri=http://e/%00"),
    "/describe?" + "&".join(f"a{n}=1" for n in range(2000)),
    *("/sparql.%00", "/sparql.%0D%0AX-Evil:1", "/sparql?query=", "/sparql?%FF", "/sparql/../health"),
    *(f"/sparql?query=ASK%7B{more}%7D" for more in ("%00", "%FF", "%0D%0AX-Evil:%201")),
    *(f"/sparql?query=ASK%7B%7D&{more}" for more in ("query=ASK%7B%7D", "default-graph-uri=%0D%0AX-Evil:1")),
    "/sparql?query=%0D%0AX-Evil:1&lang=%0D%0AX-Evil:1",
]
SOUND = ("/?lang=%0D%0AX-Evil:1", "//evil.example/")
"""Addresses that look hostile and are answered, or lead to another."""


@pytest.mark.parametrize(
    "headers",
    [b"Accept: text/html\r\n", b"Accept: \xff\xfe, a/b;q=x\r\nAccept-Language: \xff\r\n"],
    ids=["page", "data"],
)
def test_hostile_addresses_harm_nobody(server: ServerAddress, headers: bytes) -> None:
    for path in (*HOSTILE, *SOUND):
        answer = send(server, get(path, headers))
        if path in SOUND:
            assert answer.status < 400, path
        else:
            assert 400 <= answer.status < 500, path
            assert len(answer.body) < 6000 + 8 * path.count("&") * 5, path
        assert not [name for name in answer.headers if "evil" in name or name == "set-cookie"], path
        assert not any(each in answer.text for each in ("root:", 'href="//', *TRACES)), path
        assert re.match("/(?!/)", answer.headers.get("location", "/")), path
