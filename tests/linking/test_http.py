"""The HTTP client: responses, one retry, errors."""

import gzip
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from httpx._config import DEFAULT_MAX_REDIRECTS

from cper_lod.linking import datagouv as asking
from cper_lod.linking.datagouv import MAX_ATTEMPTS, PAUSE, JsonClient
from tests.linking.fake_datagouv import FakeDataGouv, Fault, answering, running
from tests.support.refusals import refused
from tests.support.server import free_port

pytestmark = pytest.mark.usefixtures("no_certificates")
LARGE = b'"' + b"x" * 500_000 + b'"'
UNREACHABLE, ANSWER, MISSING = "catalogue-unreachable", "catalogue-answer", "catalogue-missing"


@pytest.fixture
def datagouv() -> Iterator[FakeDataGouv]:
    with running() as server:
        yield server


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the requested sleeps, which do not happen."""
    asked: list[float] = []
    monkeypatch.setattr(asking.time, "sleep", asked.append)
    return asked


def ask(url: str) -> object:
    with JsonClient(url) as client:
        return client.get_json("/x/?q=%C3%A9")


def dripping(start: bytes) -> Fault:
    """Return a fault that goes on byte by byte until the client leaves: more than httpx's time-outs for each read can end."""

    def fault(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + start)
        while True:
            trickle(handler, b"x")

    return fault


def drip_redirects(handler: BaseHTTPRequestHandler) -> None:
    """Send one redirect after the other, each late."""
    trickle(handler, b"")
    answering(302, Location="/x/")(handler)


def trickle(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    """Send a piece, and wait less than the deadline of a test."""
    handler.wfile.write(data)
    handler.wfile.flush()
    threading.Event().wait(0.05)


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Send less than Content-Length."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"data":')
    handler.close_connection = True


FAULTS = {
    "no JSON": (answering(body="{'a': 1}"), ANSWER, 1),
    "HTML": (answering(body="\n<!doctype html><p>Maintenance", kind="text/html"), ANSWER, 1),
    "too deep": (answering(body="[" * 200_000), ANSWER, 1),
    "no gzip": (answering(body="{}", Content_Encoding="gzip"), ANSWER, 1),
    "too large": (answering(body=LARGE), ANSWER, 1),
    "too large once unpacked": (answering(body=gzip.compress(LARGE), Content_Encoding="gzip"), ANSWER, 1),
    "forbidden": (answering(403), ANSWER, 1),
    "elsewhere": (answering(302, Location="https://example.org/x"), ANSWER, 1),
    "a file": (answering(302, Location="file:///etc/passwd"), ANSWER, 1),
    "in circles": (answering(302, Location="/x/"), ANSWER, DEFAULT_MAX_REDIRECTS + 1),
    "gone": (answering(410), MISSING, 1),
    "too many": (answering(429, Retry_After="3"), UNREACHABLE, MAX_ATTEMPTS),
    "cut": (cut, UNREACHABLE, MAX_ATTEMPTS),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_error_is_a_problem(
    name: str, datagouv: FakeDataGouv, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault, code, attempts = FAULTS[name]
    monkeypatch.setattr(asking, "MAX_BYTES", 400_000)
    datagouv.always = fault
    with refused(code) as raised:
        ask(datagouv.url)
    assert len(datagouv.asked) == attempts
    assert len(waits) == (attempts - 1 if code == UNREACHABLE else 0)
    assert datagouv.url in str(raised.value.words("fr"))


def test_a_failed_connection_is_not_retried_by_later_requests(waits: list[float]) -> None:
    with JsonClient(f"http://127.0.0.1:{free_port()}") as client:
        for path in ("/first", "/second"):
            with refused(UNREACHABLE, path):
                client.get_json(path)
    assert waits == [PAUSE], "that of the first"


def test_a_connection_that_is_not_accepted_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MAX_ATTEMPTS", 1)
    monkeypatch.setattr(asking, "TIMEOUT", 0.2)
    busy = socket.create_server(("127.0.0.1", 0), backlog=0)
    with busy, socket.create_connection(busy.getsockname()), refused(UNREACHABLE):
        ask(f"http://127.0.0.1:{busy.getsockname()[1]}")


@pytest.mark.parametrize(
    "fault", [dripping(b"\r\n"), dripping(b"X-Long: "), drip_redirects], ids=["body", "head", "redirects"]
)
def test_a_slow_response_ends_at_the_deadline(
    fault: Fault, datagouv: FakeDataGouv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "MAX_ATTEMPTS", 1)
    monkeypatch.setattr(asking, "TIMEOUT", 0.15)
    datagouv.always = fault
    with refused(UNREACHABLE, "0.15 s"):
        ask(datagouv.url)


def test_transient_errors_are_retried(datagouv: FakeDataGouv, waits: list[float]) -> None:
    datagouv.faults = [answering(500), answering(body='{"a": 1}')]
    assert ask(datagouv.url) == {"a": 1}
    assert waits == [PAUSE]
    assert datagouv.asked == ["/x/?q=%C3%A9"] * 2
