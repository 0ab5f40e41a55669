"""Requests to other endpoints: only to public addresses, TLS verified, bounded in time and size, no redirects."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cper_lod.core.errors import Problem
from cper_lod.engine.service import fetch as outside
from cper_lod.engine.service.fetch import ResponseTooLargeError, fetch
from tests.support.cases import each_case
from tests.support.certificates import REFUSED, Certificates
from tests.support.fake_endpoint import Endpoint, Reply, answer, speaking_tls

GOOD = b'{"head": {"vars": []}, "results": {"bindings": []}}'
LIMIT = 100_000


def any_address(address: str) -> bool:
    return True


def fetch_local(iri: str, seconds: float = 5, limit: int = LIMIT) -> bytes:
    """Query an endpoint on loopback, which only a test may do."""
    return fetch(iri, "ASK {}", time.monotonic() + seconds, limit, any_address)


def failure(reply: Reply, seconds: float = 5, limit: int = LIMIT) -> str:
    """Return the message for an endpoint with this reply."""
    with Endpoint(reply) as endpoint, pytest.raises(Problem) as caught:
        fetch_local(endpoint.url, seconds, limit)
    assert caught.value.kind.code == "service-failed"
    assert caught.value.params["iri"] == endpoint.url
    assert len(endpoint.requests) == 1
    assert str(caught.value)
    return str(caught.value.params["message"])


def test_the_request_and_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    query = "SELECT * WHERE { ?s ?p 'é&=+\n' }"
    with Endpoint(answer(GOOD)) as endpoint:
        url = endpoint.url + "?a=1&b=%20"
        assert fetch(url, query, time.monotonic() + 5, LIMIT, any_address) == GOOD
    head, _, body = endpoint.requests[0].partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert first == "POST /sparql?a=1&b=%20 HTTP/1.1"
    assert sorted(headers) == [
        "Accept-Encoding: identity",
        "Accept: application/sparql-results+json",
        "Connection: close",
        f"Content-Length: {len(body)}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Host: 127.0.0.1:{endpoint.port}",
        "User-Agent: cper-lod",
    ]
    assert parse_qs(body.decode(), strict_parsing=True) == {"query": [query]}


@each_case(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n\r\n" + GOOD,
        b"HTTP/1.0 200 OK\r\nContent-Type: application/sparql-results+json\r\nContent-Encoding: identity\r\n\r\n"
        + GOOD,
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"
        + (GOOD[:5] + b"\r\n%x\r\n" % len(GOOD[5:]) + GOOD[5:] + b"\r\n0\r\n\r\n"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + answer(GOOD),
        answer(GOOD, "Set-Cookie: a=b"),
    ],
)
def test_endpoint_behaviours(reply: bytes) -> None:
    with Endpoint(reply) as endpoint:
        assert fetch_local(endpoint.url) == GOOD
        assert fetch_local(endpoint.url) == GOOD
    assert all(b"ookie" not in request for request in endpoint.requests)


@each_case(
    "host",
    [
        *("127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"),  # noqa: S104
        *("0177.0.0.1", "127.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
        *("[fe80::1%lo]", "[fe80::1]", "100.64.0.1", "[fc00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"),
        *("[2001:0:7f00:1::]", "224.0.0.1", "[ff02::1]", "255.255.255.255", "[64:ff9b:1::7f00:1]"),
    ],
)
def test_an_address_that_is_not_public_is_refused(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_socket(*arguments: object) -> None:
        raise AssertionError("a connection was tried")

    with Endpoint(answer(GOOD)) as endpoint:
        with monkeypatch.context() as patch, pytest.raises(Problem) as caught:
            patch.setattr(socket.socket, "connect", no_socket)
            fetch(f"http://{host}:{endpoint.port}/", "ASK {}", time.monotonic() + 5, LIMIT)
        assert caught.value.kind.code == "service-address"
    assert endpoint.connections == 0


def fake_getaddrinfo(*addresses: str) -> tuple[list[Any], Callable[..., list[Any]]]:
    """Return a getaddrinfo with these addresses for any name, and the list of its calls."""
    times: list[Any] = []

    def getaddrinfo(host: str, port: int, **_: object) -> list[Any]:
        times.append((host, port))
        kinds = [(socket.AF_INET6 if ":" in each else socket.AF_INET, each) for each in addresses]
        return [(family, socket.SOCK_STREAM, 6, "", (each, port)) for family, each in kinds]

    return times, getaddrinfo


@pytest.mark.parametrize("addresses", [("9.9.9.9", "127.0.0.1"), ("127.0.0.1", "9.9.9.9"), ("2620:fe::fe", "::1"), ()])
def test_every_address_of_a_host_must_be_public(addresses: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    times, getaddrinfo = fake_getaddrinfo(*addresses)
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a connection was tried"))
    with pytest.raises(Problem) as caught:
        fetch("https://e.example/", "ASK {}", time.monotonic() + 5, LIMIT)
    assert caught.value.kind.code == "service-address"
    assert times == [("e.example", 443)]


def test_the_connection_uses_the_checked_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with another address at the second lookup (DNS rebinding) is only looked up once."""
    judged: list[str] = []
    times, getaddrinfo = fake_getaddrinfo("127.0.0.1")

    def judge(address: str) -> bool:
        judged.append(address)
        return True

    with Endpoint(answer(GOOD)) as endpoint:
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        url = f"http://e.example:{endpoint.port}/x"
        assert fetch(url, "ASK {}", time.monotonic() + 5, LIMIT, judge) == GOOD
    assert (judged, times) == (["127.0.0.1"], [("e.example", endpoint.port)])
    assert f"Host: e.example:{endpoint.port}\r\n".encode() in endpoint.requests[0]


def test_a_second_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with Endpoint(answer(GOOD)) as endpoint:
        _, getaddrinfo = fake_getaddrinfo("127.9.9.9", "127.0.0.1")  # nobody listens at the first
        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        assert fetch_local(f"http://e.example:{endpoint.port}/") == GOOD
    assert endpoint.connections == 1


@each_case("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_no_redirect_is_followed(status: str) -> None:
    with Endpoint(answer(GOOD)) as other:
        reply = answer(b"", f"Location: {other.url}", status=status)
        assert failure(reply) == f"HTTP status {status[:3]}, a redirect, which is not followed"
    assert other.connections == 0


@each_case(
    ("reply", "message"),
    [
        (answer(GOOD, status="500 Oops"), "HTTP status 500"),
        (answer(GOOD, status="206 Partial"), "HTTP status 206"),
        (answer(b"", status="204 No Content"), "HTTP status 204"),
        (answer(GOOD, kind="text/html"), "its answer is text/html, not SPARQL results in JSON"),
        (answer(GOOD, "Content-Encoding: gzip"), "its answer is compressed, which was not asked for"),
        (answer(GOOD)[:-3], "its answer is cut short"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab", None),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", None),
        (b"", "RemoteDisconnected"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "BadStatusLine"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "got more than 100 headers"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", "LineTooLong"),
    ],
)
def test_invalid_results(reply: bytes, message: str | None) -> None:
    assert failure(reply) == (message or "its answer is cut short")


def test_nothing_listens_there() -> None:
    with Endpoint(b"") as endpoint:
        pass
    with pytest.raises(Problem) as caught:
        fetch_local(endpoint.url)
    assert caught.value.params["message"] == "Connection refused"


@pytest.mark.parametrize("host", ["nowhere.invalid", "a" * 64 + ".invalid", "a..invalid"])
def test_an_unknown_host_name(host: str) -> None:
    with pytest.raises(Problem) as caught:
        fetch(f"http://{host}/", "ASK {}", time.monotonic() + 5, LIMIT)
    assert caught.value.kind.code == "service-failed"


COMPLETED: list[socket.socket] = []
"""The connections whose client waited for the end of a slow reply."""


def drip(first: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    """Return a reply that lasts 4 s, with a piece every 20 ms, so that no single wait is long."""

    def reply(accepted: socket.socket) -> None:
        accepted.sendall(first)
        for _ in range(200):
            accepted.sendall(piece)
            time.sleep(0.02)
        COMPLETED.append(accepted)

    return reply


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@each_case(
    "reply",
    [
        drip(b"", b"H"),
        drip(HEAD, b"X: y\r\nX"),
        drip(HEAD + b"\r\n", b" "),
        drip(HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        lambda accepted: accepted.recv(1) and None,
    ],
)
def test_a_slow_endpoint_is_abandoned_at_the_deadline(reply: Reply) -> None:
    with Endpoint(reply) as endpoint, pytest.raises(TimeoutError):
        fetch_local(endpoint.url, 0.2)
    assert endpoint.connections == 1
    assert COMPLETED == []


def test_an_endpoint_that_does_not_read_is_abandoned_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as deaf, pytest.raises(TimeoutError):
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}/"
        fetch(url, "a" * 10_000_000, time.monotonic() + 0.3, LIMIT, any_address)


def test_a_missing_tls_handshake_ends_at_the_deadline() -> None:
    # It waits for the end of an HTTP request, and leaves after 5 s.
    with Endpoint(b"") as silent, pytest.raises(TimeoutError):
        fetch_local(f"https://127.0.0.1:{silent.port}/", 0.2)
    assert silent.connections == 1


def test_a_slow_resolver_is_abandoned_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: goes_on.wait(10) and [])
    with pytest.raises(TimeoutError):
        fetch_local("http://e.example/", 0.1)
    goes_on.set()


def test_no_time_left() -> None:
    with Endpoint(answer(GOOD)) as endpoint, pytest.raises(TimeoutError):
        fetch_local(endpoint.url, 0)
    assert endpoint.connections == 0


@each_case(
    "reply",
    [
        HEAD + b"\r\n" + b" " * 20_000,
        HEAD + b"Content-Length: 99999999999999\r\n\r\n" + b" " * 20_000,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 5_000,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + b" " * 20_000,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + b" " * 20_000,
        b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" * 1_000,
    ],
)
def test_a_large_answer_stops_at_its_limit(reply: bytes) -> None:
    with Endpoint(reply) as endpoint, pytest.raises(ResponseTooLargeError):
        fetch_local(endpoint.url, 5, 10_000)
    assert endpoint.connections == 1


@pytest.fixture(scope="module")
def any_bytes() -> Iterator[Endpoint]:
    with Endpoint(b"") as endpoint:
        yield endpoint


_PIECES = st.sampled_from(
    [
        *(
            b"HTTP/1.1 ",
            b"200 OK",
            b"\r\n",
            b"\r\n\r\n",
            b"Content-Length: ",
            b"Transfer-Encoding: chunked",
            b"-1",
            b"5",
        ),
        *(b"Content-Type: application/json", b"\xff", b"\0", b":", b"\n", b"0\r\n\r\n", b"100", HEAD, b"1" * 5_000),
    ]
)


@given(st.lists(_PIECES, max_size=12).map(b"".join) | st.binary(max_size=50).map(lambda data: HEAD + data))
@settings(deadline=None)
def test_any_response_bytes_give_an_answer_or_a_problem(any_bytes: Endpoint, reply: bytes) -> None:
    any_bytes.reply = reply
    try:
        assert fetch_local(any_bytes.url) in reply
    except Problem as problem:
        assert problem.kind.code == "service-failed"


@pytest.fixture
def own_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a context for each connection: a process makes one, with the certificates of its start, and keeps it."""
    monkeypatch.setattr(outside, "_context", ssl.create_default_context)  # private: nothing else has it


@pytest.mark.usefixtures("own_context")
def test_tls(trusted: Certificates) -> None:
    names: list[str] = []
    with Endpoint(answer(GOOD), speaking_tls(trusted.good, names)) as endpoint:
        assert fetch_local(f"https://localhost:{endpoint.port}/") == GOOD
    assert names == ["localhost"]
    assert len(endpoint.requests) == 1


@pytest.mark.usefixtures("own_context")
@pytest.mark.parametrize(("name", "words"), REFUSED.items())
def test_a_certificate_is_verified(name: str, words: str, trusted: Certificates) -> None:
    with (
        Endpoint(answer(GOOD), speaking_tls(trusted.refused[name], [])) as endpoint,
        pytest.raises(Problem, match="certificate is not accepted") as caught,
    ):
        fetch_local(f"https://localhost:{endpoint.port}/")
    assert words in str(caught.value)
    assert (endpoint.connections, endpoint.requests) == (1, [])
