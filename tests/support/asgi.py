"""ASGI without a server: requests as granian passes them to an application, and what is sent in answer."""

import asyncio
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from cper_lod.core.formats import CSV
from cper_lod.core.settings import Settings
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.engine.base import Answer, CancelToken, EngineStatus, Query
from cper_lod.web.gateway.gateway import Gateway, Handler, serve
from cper_lod.web.http.request import Message, Request, Scope
from cper_lod.web.http.wsgi import Application
from cper_lod.web.observability.recorder import RequestRecorder
from cper_lod.web.site import Site


def http_scope(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    *headers: tuple[str, str],
    client: tuple[str, int] | None = ("192.0.2.7", 1234),
    server: tuple[str, int] | None = ("127.0.0.1", 8000),
) -> dict[str, Any]:
    """Return a request as granian passes it."""
    lines = (("host", "localhost:8000"), *headers)
    return {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in lines],
        "client": client,
        "server": server,
    }


async def no_body() -> Message:
    """Receive the end of a request without a body."""
    return {"type": "http.request", "body": b"", "more_body": False}


def http_request(method: str = "GET", path: str = "/", query: str = "", *headers: tuple[str, str]) -> Request:
    """Return the request of an `http_scope`, without a body."""
    return Request.from_scope(http_scope(method, path, query, *headers), no_body)


class CountingEngine:
    """An engine that notes the queries, and answers each at once with `outcome`, or fails with it."""

    def __init__(self) -> None:
        self.asked: list[Query] = []
        self.outcome: Callable[[], Answer] | Exception = lambda: Answer(b"x\r\n1\r\n", CSV, "select")

    def query(self, query: Query) -> Answer:
        raise NotImplementedError

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        self.asked.append(query)
        await asyncio.sleep(0)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome()

    def status(self) -> EngineStatus:
        return EngineStatus()

    def close(self) -> None: ...


class Exchange:
    """The callables `receive` and `send` of a request, and what was sent with the latter."""

    def __init__(self, pieces: Iterable[bytes] = (), *, stalls: bool = False) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.path = ""
        self._pieces, self._stalls, self._ended = [*pieces], stalls, False

    async def receive(self) -> Message:
        if self._pieces:
            return {"type": "http.request", "body": self._pieces.pop(0), "more_body": True}
        if self._ended or self._stalls:
            await asyncio.sleep(30)
        self._ended = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            assert not self.status, "answered twice"
            pairs = [(name.decode("ascii"), value.decode("latin-1")) for name, value in message["headers"]]
            assert all("\r" not in name + value and "\n" not in name + value for name, value in pairs)
            assert [name for name, _ in pairs] == [name.lower() for name, _ in pairs]
            self.status, self.headers = message["status"], dict(pairs)
            assert len(self.headers) == len(pairs), "a header twice"
        else:
            self.body += message.get("body", b"")
            self.path = message.get("path", "")


async def ask(handler: Handler, scope: Scope, exchange: Exchange | None = None) -> Exchange:
    """Return what is sent in answer to a request."""
    exchange = exchange or Exchange()
    await serve(scope, exchange.receive, exchange.send, RequestRecorder(Settings()), handler)
    return exchange


def empty_release() -> Any:  # noqa: ANN401
    """Return what stands for a release that has a digest and no data."""
    lines = SortedLines(Path(os.devnull))
    return SimpleNamespace(digest="digest", mode="data", data=lines, mentions=lines)


class GatewayHarness:
    """A gateway over a counting engine; without another application, Flask only says that it was called."""

    def __init__(self, application: Application | None = None, **changes: Any) -> None:  # noqa: ANN401
        self.engine = CountingEngine()
        site = Site(empty_release(), self.engine, Settings(**changes), "0.1.0")
        self.gateway = Gateway(site, application or self._flask, "/prefix")
        self.recorder = RequestRecorder(site.settings)
        self.flask: list[dict[str, Any]] = []

    def _flask(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        self.flask.append(environ)
        start("200 OK", [("Content-Type", "text/html")])
        return [b"page"]

    async def send(self, scope: Scope, *pieces: bytes, stalls: bool = False) -> Exchange:
        exchange = Exchange(pieces, stalls=stalls)
        await serve(scope, exchange.receive, exchange.send, self.recorder, self.gateway.respond)
        return exchange

    async def get(self, text: str, *headers: tuple[str, str], path: str = "/sparql.csv") -> Exchange:
        return await self.send(http_scope("GET", path, "query=" + quote(text), *headers))
