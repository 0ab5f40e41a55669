"""The HTTP client: responses, retries, errors, cache."""

import gzip
import os
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.linking.datagouv import http as asking
from cper_lod.linking.datagouv.http import MAX_ATTEMPTS, CatalogCache, CatalogClient, default_folder
from tests.support.fake_udata import FakeUdata, Fault, answering, send
from tests.support.refusals import refused
from tests.support.server import free_port

UNREACHABLE, ANSWER, MISSING = "catalogue-unreachable", "catalogue-answer", "catalogue-missing"


def ask(url: str, cache: CatalogCache | None = None) -> object:
    with CatalogClient(url, cache) as client:
        return client.get_json("/x/", q="é a", page=1)


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send a body byte by byte, until the client leaves."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        trickle(handler, b" ")


def drip_head(handler: BaseHTTPRequestHandler) -> None:
    """Send a head byte by byte, until the client leaves: more than httpx's time-outs for each read can end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        trickle(handler, b"x")


def drip_redirects(handler: BaseHTTPRequestHandler) -> None:
    """Send one redirect after the other, each late."""
    trickle(handler, b"")
    answering(302, Location="/x/")(handler)


def silence(handler: BaseHTTPRequestHandler) -> None:
    """Send nothing, until the client leaves."""
    handler.rfile.read(1)


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
    "half of it": (answering(body='{"data": ['), ANSWER, 1),
    "nothing": (answering(body=""), ANSWER, 1),
    "HTML": (answering(body="\n<!doctype html><p>Maintenance", kind="text/html"), ANSWER, 1),
    "not a number": (answering(body='{"a": NaN}'), ANSWER, 1),
    "too long a number": (answering(body="9" * 10_000), ANSWER, 1),
    "too deep": (answering(body="[" * 200_000), ANSWER, 1),
    "not UTF-8": (answering(body=b'{"a": "\xe9"}'), ANSWER, 1),
    "no gzip": (answering(body="{}", Content_Encoding="gzip"), ANSWER, 1),
    "too large": (answering(body=b" " * 5000), ANSWER, 1),
    "too large once unpacked": (answering(body=gzip.compress(b" " * 5_000_000), Content_Encoding="gzip"), ANSWER, 1),
    "forbidden": (answering(403), ANSWER, 1),
    "elsewhere": (answering(302, Location="https://example.org/x"), ANSWER, 1),
    "another port": (answering(302, Location="http://127.0.0.1:1/x"), ANSWER, 1),
    "a file": (answering(302, Location="file:///etc/passwd"), ANSWER, 1),
    "no port": (answering(302, Location="http://127.0.0.1:99999/x"), ANSWER, 1),
    "no address": (answering(302, Location="http://[x"), ANSWER, 1),
    "in circles": (answering(302, Location="/x/"), ANSWER, asking.MAX_REDIRECTS + 1),
    "gone": (answering(410), MISSING, 1),
    "not there": (answering(404), MISSING, 1),
    "broken": (answering(500), UNREACHABLE, MAX_ATTEMPTS),
    "unavailable": (answering(503, "<html>"), UNREACHABLE, MAX_ATTEMPTS),
    "too many": (answering(429, Retry_After="3"), UNREACHABLE, MAX_ATTEMPTS),
    "come back tomorrow": (answering(503, Retry_After="86400"), UNREACHABLE, 1),
    "cut": (cut, UNREACHABLE, MAX_ATTEMPTS),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_error_is_a_problem_and_is_not_cached(
    name: str, udata: FakeUdata, waits: list[float], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fault, code, attempts = FAULTS[name]
    monkeypatch.setattr(asking, "MAX_RESPONSE_BYTES", 4000)
    if name == "too deep":
        monkeypatch.setattr(asking, "MAX_RESPONSE_BYTES", 400_000)
    udata.always = fault
    with refused(code) as raised:
        ask(udata.url, cache=CatalogCache(tmp_path))
    assert len(udata.asked) == attempts
    assert len(waits) == (attempts - 1 if code == UNREACHABLE else 0)
    assert udata.url in str(raised.value.words("fr"))
    assert list(tmp_path.iterdir()) == []


def test_an_unreachable_site_is_a_problem(waits: list[float]) -> None:
    with refused(UNREACHABLE) as raised:
        ask(f"http://127.0.0.1:{free_port()}")
    assert waits == [0.5, 1, 2]
    assert "connexion impossible" in str(raised.value.words("fr"))
    assert "no connection" in str(raised.value.words("en"))


def test_a_failed_connection_is_not_retried_by_later_requests(waits: list[float]) -> None:
    with CatalogClient(f"http://127.0.0.1:{free_port()}") as client:
        told = []
        for path in ("/first", "/second"):
            with pytest.raises(Problem) as raised:
                client.get_json(path)
            told.append((raised.value.kind.code, raised.value.params["message"]))
            assert path in str(raised.value)
    assert told[0] == told[1]
    assert waits == [0.5, 1, 2]  # those of the first


def test_a_connection_that_is_not_accepted_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MAX_ATTEMPTS", 1)
    monkeypatch.setattr(asking, "TIMEOUT", 2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as busy, socket.create_connection(busy.getsockname()):
        with pytest.raises(Problem) as raised:
            ask(f"http://127.0.0.1:{busy.getsockname()[1]}")
        assert "pas de connexion à temps" in str(raised.value.words("fr"))


@pytest.mark.parametrize("fault", [drip, drip_head, drip_redirects, silence])
def test_a_slow_response_ends_at_the_deadline(fault: Fault, udata: FakeUdata, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MAX_ATTEMPTS", 1)
    monkeypatch.setattr(asking, "TIMEOUT", 0.15)
    udata.always = fault
    with refused(UNREACHABLE) as raised:
        ask(udata.url)
    assert "pas de réponse entière en 0.15 s" in str(raised.value.words("fr"))
    assert "no whole answer within 0.15 s" in str(raised.value.words("en"))


def test_transient_errors_are_retried(udata: FakeUdata, waits: list[float]) -> None:
    udata.faults = [answering(500), answering(429, Retry_After="7"), answering(body='{"a": 1}')]
    assert ask(udata.url) == {"a": 1}
    assert waits == [0.5, 7]
    assert udata.asked == ["/x/?q=%C3%A9+a&page=1"] * 3


def test_requests_have_a_user_agent(udata: FakeUdata) -> None:
    udata.always = answering(body=gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")
    assert ask(udata.url) == {"a": 1}
    (agent,) = udata.agents
    assert agent.startswith("cper-lod/0.")


def test_a_redirect_on_the_host_is_followed(udata: FakeUdata) -> None:
    with CatalogClient(udata.url) as client:
        found = client.get_json("/api/1/datasets/58d2a0b0c751df17537c66be")
    assert isinstance(found, dict)
    assert found["title"] == "Base nationale sur les intercommunalités"
    assert len(udata.asked) == 2


def test_a_cached_response_is_not_requested_again(udata: FakeUdata, tmp_path: Path) -> None:
    udata.always = lambda handler: send(handler, 200, f"[{len(udata.asked)}]")
    assert [ask(udata.url, cache=CatalogCache(tmp_path / "new")) for _ in range(3)] == [[1], [1], [1]]
    assert ask(udata.url) == [2]
    (kept,) = (tmp_path / "new").iterdir()
    os.utime(kept, (time.time() - 90_000,) * 2)
    assert ask(udata.url, cache=CatalogCache(tmp_path / "new")) == [3]
    kept.write_bytes(b"http://elsewhere.example/\n[9]")
    assert ask(udata.url, cache=CatalogCache(tmp_path / "new")) == [4]


def test_a_damaged_cache_entry_is_requested_again(udata: FakeUdata, tmp_path: Path) -> None:
    cache = CatalogCache(tmp_path)
    udata.always = answering(body="[1]")
    ask(udata.url, cache=cache)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])
    assert ask(udata.url, cache=cache) == [1]
    assert len(udata.asked) == 2


def test_the_cache_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MAX_BYTES", 300)
    cache = CatalogCache(tmp_path)
    for number in range(10):
        cache.put(f"http://a.example/{number}", b"x" * 80)
        os.utime(max(tmp_path.iterdir(), key=lambda each: each.stat().st_mtime_ns), (time.time() - 10 + number,) * 2)
    assert sum(each.stat().st_size for each in tmp_path.iterdir()) <= 300
    assert cache.get("http://a.example/9") == b"x" * 80
    assert cache.get("http://a.example/0") is None


def test_a_cache_that_cannot_be_written_is_none(udata: FakeUdata, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    udata.always = answering(body="[1]")
    assert [ask(udata.url, cache=CatalogCache(tmp_path / "file")) for _ in range(2)] == [[1], [1]]
    assert len(udata.asked) == 2


def test_the_default_cache_folder_follows_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_folder() == tmp_path / "cper-lod" / "link"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/somebody")
    assert default_folder() == Path("/home/somebody/.cache/cper-lod/link")


def test_what_a_killed_run_left_in_the_cache_goes_with_what_is_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as killed:
        killed.setattr(Path, "replace", stop)
        killed.setattr(Path, "unlink", lambda *_, **__: None)  # nor is there time to tidy up
        with pytest.raises(SystemExit):
            CatalogCache(tmp_path).put("http://a.example/", b"1")
    (left,) = tmp_path.iterdir()
    os.utime(left, (0, 0))
    CatalogCache(tmp_path).put("http://b.example/", b"2")
    assert left not in set(tmp_path.iterdir())
    assert CatalogCache(tmp_path).get("http://b.example/") == b"2"
