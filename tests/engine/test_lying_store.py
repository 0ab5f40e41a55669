"""A store that lies about the release: what the operator reads, and that no client gets a 200 meanwhile."""

import socket
import time
from collections.abc import Iterator

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV
from cper_lod.engine.base import Query
from cper_lod.engine.remote import CHECK_INTERVAL, RemoteEngine
from tests.engine.remote_engine import (
    BOMB,
    COUNTED,
    ROWS,
    SELECT,
    TRIPLES,
    TRUE,
    counts,
    drip_headers,
    is_count,
    is_mark,
)
from tests.support.engine import DIGEST, GRAPH, settings
from tests.support.fake_endpoint import Endpoint, Reply, answer

NAMED, COUNTS = answer(TRUE), answer(COUNTED)
"""The true replies: it names the release, and has all its triples."""


def endless_rows(connection: socket.socket) -> None:
    head, _, row = COUNTED.partition(b'"bindings": [')
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n\r\n" + head)
    while True:
        connection.sendall(row * 1000)


LIES: dict[str, tuple[Reply, Reply, str, str]] = {
    "another release's name": (answer(TRUE.replace(b"true", b"false")), COUNTS, "engine-release", "another release"),
    "a boolean that is a text": (
        answer(TRUE.replace(b"true", b'"yes"')),
        COUNTS,
        "engine-answer",
        "cannot be fully read",
    ),
    "no boolean at all": (answer(b"[]"), COUNTS, "engine-answer", "cannot be fully read"),
    "a page with 200": (answer(b"<html>", kind="text/html"), COUNTS, "engine-answer", "media type text/html"),
    "a page that calls itself JSON": (answer(b"<html>"), COUNTS, "engine-answer", "cannot be fully read"),
    "a redirect": (answer(b"", "Location: /", status="302 Found"), COUNTS, "engine-answer", "redirects"),
    "busy": (answer(b"", status="503 Busy"), COUNTS, "engine-unreachable", "HTTP status 503"),
    "endless headers": (drip_headers, COUNTS, "engine-unreachable", "no answer within 0.4 s"),
    "fewer triples": (NAMED, answer(counts(default=2, named=2)), "engine-release", "2 triple(s) instead of 3"),
    "more triples": (NAMED, answer(counts(default=3, named=9)), "engine-release", "9 triple(s) instead of 2"),
    "a graph less": (NAMED, answer(counts(default=3)), "engine-release", f"{GRAPH} has 0 triple(s) instead of 2"),
    "an empty result": (NAMED, answer(counts()), "engine-release", "0 triple(s) instead of 3"),
    "counts that are no numbers": (NAMED, answer(COUNTED.replace(b'"3"', b'"x"')), "engine-answer", "cannot be fully"),
    "rows without end": (NAMED, endless_rows, "engine-answer", "exceeds 3"),
    "compressed": (NAMED, answer(BOMB, "Content-Encoding: gzip"), "engine-answer", "compressed"),
    "truncated": (NAMED, COUNTS[:-5], "engine-answer", "stops before the end"),
    "two answers": (NAMED, answer(COUNTED + COUNTED), "engine-answer", "cannot be fully read"),
    "partial": (NAMED, answer(COUNTED, "X-SPARQL-MaxRows: 1"), "engine-answer", "partial"),
}


class Store:
    """A store that says what a test wants, and an engine that asks it."""

    def __init__(self) -> None:
        self.endpoint = Endpoint(self._reply)
        self.name: Reply = NAMED
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
        with RemoteEngine(settings(**changes), DIGEST, TRIPLES) as engine:
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
    store.name, store.count = NAMED, COUNTS
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
