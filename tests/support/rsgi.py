"""The RSGI protocol without a server: requests and channels as granian hands them to an application."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from cper_lod.core.formats import CSV
from cper_lod.core.settings import Settings
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.engine.base import Answer, CancelToken, EngineStatus, Query
from cper_lod.web.gateway.gateway import Gateway, Handler, serve
from cper_lod.web.http.wsgi import Application
from cper_lod.web.observability.recorder import RequestRecorder
from cper_lod.web.site import Site


class FakeHeaders:
    """Headers as granian gives them: lower-case names, repeated ones one by one."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self._pairs = pairs

    def items(self) -> list[tuple[str, str]]:
        return list(self._pairs)

    def get_all(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]

    def get(self, name: str, default: str | None = None) -> str | None:
        return (self.get_all(name) or [default])[0]  # type: ignore[list-item]

    def __contains__(self, name: str) -> bool:
        return bool(self.get_all(name))


class FakeScope:
    """A request as granian tells of it."""

    http_version = "1.1"
    server = "127.0.0.1:8000"
    client = "192.0.2.7:1234"
    scheme = "http"

    def __init__(self, method: str = "GET", path: str = "/", query: str = "", *headers: tuple[str, str]) -> None:
        self.method, self.path, self.query_string = method, path, query
        self.headers: Any = FakeHeaders(("host", "localhost:8000"), *headers)


class CountingEngine:
    """An engine that counts what it is asked, and answers at once what it is told to."""

    def __init__(self) -> None:
        self.asked: list[Query] = []
        self.outcome: Callable[[], Answer] = lambda: Answer(b"x\r\n1\r\n", CSV, "select")

    def query(self, query: Query) -> Answer:
        raise NotImplementedError

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        self.asked.append(query)
        await asyncio.sleep(0)
        return self.outcome()

    def status(self) -> EngineStatus:
        return EngineStatus()

    def close(self) -> None: ...


class FakeProtocol:
    """granian's end of a request: it notes what is answered."""

    def __init__(self, pieces: Iterable[bytes] = (), *, stalls: bool = False) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.path = ""
        self._pieces, self._stalls = pieces, stalls

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece
        if self._stalls:
            await asyncio.sleep(30)

    async def client_disconnect(self) -> None:
        await asyncio.sleep(30)

    def _note(self, status: int, headers: list[tuple[str, str]], body: bytes = b"") -> None:
        assert not self.status, "answered twice"
        assert all("\r" not in name + value and "\n" not in name + value for name, value in headers)
        assert [name for name, _ in headers] == [name.lower() for name, _ in headers]
        self.status, self.headers, self.body = status, dict(headers), body
        assert len(self.headers) == len(headers), "a header twice"

    response_bytes = _note
    response_empty = _note

    def response_file(self, status: int, headers: list[tuple[str, str]], path: str) -> None:
        self._note(status, headers)
        self.path = path


async def ask(handler: Handler, scope: FakeScope, channel: FakeProtocol | None = None) -> FakeProtocol:
    """Return what is sent in answer to a request."""
    channel = channel or FakeProtocol()
    await serve(scope, channel, RequestRecorder(Settings()), handler)
    return channel


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

    async def send(self, scope: FakeScope, *pieces: bytes, stalls: bool = False) -> FakeProtocol:
        channel = FakeProtocol(pieces, stalls=stalls)
        await serve(scope, channel, self.recorder, self.gateway.respond)
        return channel

    async def get(self, text: str, *headers: tuple[str, str], path: str = "/sparql.csv") -> FakeProtocol:
        return await self.send(FakeScope("GET", path, "query=" + quote(text), *headers))
