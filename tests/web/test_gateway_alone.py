"""The gateway without a server: which queries it runs, what it caches, and whom it counts a query for."""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV, RESULTS_JSON, TURTLE
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query
from cper_lod.engine.spool import CHUNK_SIZE, Spool
from cper_lod.engine.worker.output import unnamed_file
from cper_lod.web.gateway import body_reader, sparql_endpoint
from cper_lod.web.gateway.gateway import send_response
from cper_lod.web.http.request import Message, Request
from cper_lod.web.http.response import FileResponse
from cper_lod.web.http.wsgi import GATEWAY
from cper_lod.web.sparql.handler import query_etag
from tests.support.asgi import Exchange, GatewayHarness, http_scope, no_body
from tests.support.cases import each_case


@pytest.fixture
def room() -> GatewayHarness:
    """A gateway with the usual settings."""
    return GatewayHarness()


def tag_of(text: str) -> str:
    identity = f"digest 0.1.0 {Settings().engine} {Settings().index_memory} {Settings().endpoint}"
    return '"' + query_etag(identity, Query(text, CSV, TURTLE), CSV) + '"'


async def test_who_has_the_answer_is_told_so_before_the_query_is_run(room: GatewayHarness) -> None:
    tag = tag_of("ASK { ?a ?b ?c }")
    again = await room.get("ASK { ?a ?b ?c }", ("if-none-match", tag))
    assert (again.status, again.headers["etag"], room.engine.asked) == (304, tag, [])
    assert "content-length" not in again.headers
    first = await room.get("ASK { ?a ?b ?c }")
    assert (first.status, first.headers["etag"], len(room.engine.asked)) == (200, tag, 1)


@pytest.mark.parametrize("method", ["POST", "QUERY"])
async def test_a_body_is_known_by_its_query_where_the_method_is_safe(room: GatewayHarness, method: str) -> None:
    tag = tag_of("ASK {}")
    headers = (("content-type", "application/sparql-query"), ("content-length", "6"), ("if-none-match", tag))
    got = await room.send(http_scope(method, "/sparql.csv", "", *headers), b"ASK", b" {}")
    assert (got.status, len(room.engine.asked)) == ((200, 1) if method == "POST" else (304, 0))


async def test_a_repeated_query_is_run_once(room: GatewayHarness) -> None:
    first = await room.get("ASK {}", ("accept-language", "fr"))
    second = await room.get("ASK {}", ("accept-language", "en"))
    assert (first.headers, first.body) == (second.headers, second.body)
    assert (await room.get("ASK {}", path="/prefix/sparql.csv")).body == first.body
    assert (await room.get("ASK {}", ("if-none-match", first.headers["etag"]))).status == 304
    assert (await room.get("ASK {}", ("if-match", '"other"'))).status == 412
    head = await room.send(http_scope("HEAD", "/sparql.csv", "query=ASK%20%7B%7D"))
    assert (head.status, head.body, head.headers) == (200, b"", first.headers)
    assert len(room.engine.asked) == 1
    await room.get("ASK { }")
    await room.get("ASK {}", path="/sparql.tsv")
    assert len(room.engine.asked) == 3


async def test_the_form_that_is_wanted_is_part_of_what_is_kept(room: GatewayHarness) -> None:
    room.engine.outcome = lambda: Answer(b"", room.engine.asked[-1].solutions or CSV, "select")
    csv = await room.get("ASK {}", ("accept", "text/csv"), path="/sparql")
    again = await room.get("ASK {}", ("accept", "application/sparql-results+json"), path="/sparql")
    assert csv.headers["content-type"].startswith("text/csv")
    assert again.headers["content-type"] == RESULTS_JSON.content_type
    assert csv.headers["vary"] == "Accept"
    assert csv.headers["etag"] != again.headers["etag"]


async def test_what_changes_is_run_each_time(room: GatewayHarness) -> None:
    for _ in range(3):
        got = await room.get("SELECT (NOW() AS ?x) {}", ("if-none-match", tag_of("SELECT (NOW() AS ?x) {}")))
        assert got.status == 200
    assert len(room.engine.asked) == 3


async def test_failures_are_not_kept(room: GatewayHarness) -> None:
    room.engine.outcome = Problem("query-timeout", limit=1)
    for _ in range(2):
        got = await room.get("ASK {}")
        assert (got.status, got.headers["cache-control"]) == (503, "no-store")
        assert int(got.headers["retry-after"]) > 0
    assert len(room.engine.asked) == 2


@pytest.mark.slow
async def test_what_is_kept_is_bounded_whatever_clients_send() -> None:
    room = GatewayHarness(query_cache=1)
    for number in range(400):
        text = f"ASK {{ 'é{'x' * (number * 50 % 8000)}{number}' ?p ?o }}"
        await room.get(text, ("if-none-match", '"' + "y" * 8000 + '"'), ("accept", "a/b," * 1500))
        await room.get(text, ("accept", "a/b," * (number + 1)), ("accept-language", "fr," * number))
    assert len(room.engine.asked) == 400
    # Private: the size that the caches tell is what is tested here, so their keys are counted.
    tables = room.gateway._cache._variants, room.gateway._cache._entries
    held = sum(_size(key) for table in tables for key in table._entries)
    held += sum(_size(key) for key in room.gateway._sparql.cache._answers._entries)
    assert 0 < held < 1024 * 1024


def _size(key: object) -> int:
    return len(key) if isinstance(key, str) else sum(map(_size, key)) if isinstance(key, tuple) else 0


def spooled() -> Answer:
    return Answer(Spool(unnamed_file("/var/tmp"), 0), CSV, "select")  # noqa: S108


async def test_files_of_large_answers_are_held_a_little_while_and_not_too_many(
    room: GatewayHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparql_endpoint, "SPOOL_SECONDS", 0.2)
    monkeypatch.setattr(sparql_endpoint, "MAX_SPOOLS", 3)
    room.engine.outcome = spooled
    got = [await room.get(f"ASK {{ {number} }}") for number in range(4)]
    assert [each.status for each in got] == [200, 200, 200, 503]
    assert all(each.path.startswith("/proc/self/fd/") for each in got[:3])
    await asyncio.sleep(0.3)
    assert (await room.get("ASK { 5 }")).status == 200


@pytest.mark.slow
async def test_bodies_hold_a_bounded_amount_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_reader, "MAX_MEMORY", 1000)
    room = GatewayHarness(client_timeout=1)
    headers = (("content-type", "application/sparql-query"), ("content-length", "900"))

    def half(size: int) -> Coroutine[Any, Any, Exchange]:
        return room.send(http_scope("POST", "/sparql.csv", "", *headers), b"#" * size, stalls=True)

    began = [asyncio.create_task(half(600)) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert began[2].done()
    assert (await began[2]).status == 503
    assert (await room.get("ASK {}")).status == 200
    assert [(await each).status for each in began[:2]] == [408, 408]
    began = [asyncio.create_task(half(500)) for _ in range(4)]
    assert [(await each).status for each in began] == [408, 408, 408, 503], "none of the first ones is in memory"


async def test_the_endpoint_is_never_left_to_the_threads_of_pages(room: GatewayHarness) -> None:
    for path in ("/sparql", "//sparql", "/sparql.csv", "//sparql.csv", "/prefix/sparql", "/prefix/sparql.csv"):
        got = await room.get(f"ASK {{ '{path}' ?p ?o }}", ("accept", "text/csv"), path=path)
        assert (got.status, got.body) == (200, b"x\r\n1\r\n")
    assert len(room.engine.asked) == 6
    assert not room.flask
    await room.send(http_scope("GET", "/sparql"))
    assert len(room.flask) == 1


async def test_a_fault_of_ours_is_told_by_a_reference_alone(
    room: GatewayHarness, caplog: pytest.LogCaptureFixture
) -> None:
    room.engine.outcome = RuntimeError("secret path /etc/x")
    with caplog.at_level(logging.WARNING, "cper_lod"):
        got = await room.get("ASK {}")
    assert got.status == 500
    said = json.loads(got.body)
    assert "secret" not in got.body.decode()
    assert said["reference"] in caplog.text
    assert "secret path" in caplog.text


async def test_a_crowd_that_is_sent_away_is_one_line_a_second(
    room: GatewayHarness, caplog: pytest.LogCaptureFixture
) -> None:
    room.engine.outcome = Problem("query-queue")
    with caplog.at_level(logging.WARNING, "cper_lod"):
        for number in range(50):
            assert (await room.get(f"ASK {{ {number} }}")).status == 503
    assert len([record for record in caplog.records if "query-queue" in record.getMessage()]) == 1


@each_case(
    ("client", "forwarded", "trusted", "share"),
    [
        ("192.0.2.7", (), "", "192.0.2.7"),
        ("192.0.2.7", ("203.0.113.9",), "", "192.0.2.7"),
        ("192.0.2.7", ("203.0.113.9",), "192.0.2.8", "192.0.2.7"),
        ("192.0.2.7", ("203.0.113.9, 198.51.100.4",), "192.0.2.7", "198.51.100.4"),
        ("192.0.2.7", ("203.0.113.9", "198.51.100.4"), "192.0.2.7", "198.51.100.4"),
        ("192.0.2.7", ("",), "192.0.2.7", "192.0.2.7"),
        ("192.0.2.7", ("x" * 500,), "192.0.2.7", "x" * 64),
        ("2001:db8::7", (), "", "2001:db8::/64"),
        ("192.0.2.7", ("2001:db8:0:1::5",), "192.0.2.7", "2001:db8:0:1::/64"),
        ("::ffff:192.0.2.7", (), "", "192.0.2.7"),
    ],
)
def test_whose_share_a_query_uses(client: str, forwarded: tuple[str, ...], trusted: str, share: str) -> None:
    room = GatewayHarness(trusted_proxy=trusted)
    headers = [("x-forwarded-for", each) for each in forwarded]
    asyncio.run(room.send(http_scope("GET", "/sparql.csv", "query=ASK%7B%7D", *headers, client=(client, 1234))))
    assert [query.client for query in room.engine.asked] == [share]


@pytest.mark.parametrize("disconnects", [False, True])
async def test_a_part_of_a_file_is_sent_until_the_client_disconnects(tmp_path: Path, *, disconnects: bool) -> None:
    (file := tmp_path / "file").write_bytes(whole := bytes(range(256)) * 1024)
    response = FileResponse(200, {}, b"", len(whole), path=file).part(10, len(whole) - 10)
    sent: list[Message] = []

    async def receive() -> Message:
        if not disconnects:
            await asyncio.sleep(30)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        await asyncio.sleep(0)

    request = Request.from_scope(http_scope(), receive)
    assert await send_response(send, request, response) == len(whole) - 20
    body = b"".join(message.get("body", b"") for message in sent)
    if disconnects:
        assert len(body) <= CHUNK_SIZE
    else:
        assert body == whole[10:-10]
        assert [message.get("more_body") for message in sent[1:]] == [True] * (len(sent) - 2) + [False]


@each_case("client", ["fe80::1%eth0", "", "unix", "::", "1.2.3.4.5", "::ffff:1.2.3.4", "0:0:0:0:0:0:0:1"])
def test_whatever_stands_for_a_client_has_a_share(client: str) -> None:
    scope = http_scope(client=(client, 1234))
    assert isinstance(Request.from_scope(scope, no_body).client(""), str)


async def test_a_page_is_made_once_and_anew_for_each_release() -> None:
    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        assert environ[GATEWAY], "the application leaves the conditions to the gateway"
        made.append(environ["REQUEST_METHOD"])
        start("200 OK", [("Content-Type", "text/html"), ("ETag", '"t"'), ("Cache-Control", "no-cache")])
        return [b"page " * 400]

    made: list[str] = []
    for _ in range(2):  # a gateway is that of one release
        room = GatewayHarness(application)
        made.clear()
        plain = [await room.send(http_scope(method, "/doc/x")) for method in ("HEAD", "GET", "GET")]
        assert [(each.status, len(each.body)) for each in plain] == [(200, 0), (200, 2000), (200, 2000)]
        assert made == ["GET"]
        coded = [await room.send(http_scope("GET", "/doc/x", "", ("accept-encoding", "gzip"))) for _ in range(2)]
        assert coded[0].body == coded[1].body != plain[1].body
        assert coded[1].headers["etag"] == '"t-gzip"'
        known = ("if-none-match", '"t-gzip"'), ("accept-encoding", "gzip")
        assert (await room.send(http_scope("GET", "/doc/x", "", *known))).status == 304
        assert (await room.send(http_scope("GET", "/doc/y", "", *known))).status == 304, "also where it is fresh"
        assert (await room.send(http_scope("GET", "/doc/x", "", ("if-match", '"other"')))).status == 412
        assert made == ["GET"] * 2, "/doc/x once: what is there uncompressed is compressed, not made again"
