"""The path of a request through a server process (ASGI).

Each step calls the next and passes its `Response` on:

1. `serve` records the request (rate limit, log, metrics), turns errors into responses, and sends the response;
2. `server.ReleaseRouter` picks the gateway of the release that the path names;
3. `Gateway.respond` answers from the response cache, or reads the body (`BodyReader`), and has the response made;
4. `SparqlEndpoint` answers queries without a thread, `FlaskBridge` everything else, compressed;
5. `Gateway` stores the whole response and applies the conditions of the request to it (`conditional.apply`).
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer
from cper_lod.engine.spool import CHUNK_SIZE, Spool
from cper_lod.web.gateway.body_reader import BodyReader
from cper_lod.web.gateway.flask_bridge import FlaskBridge
from cper_lod.web.gateway.query_cache import ClientDisconnected
from cper_lod.web.gateway.response_cache import ResponseCache
from cper_lod.web.gateway.sparql_endpoint import SparqlEndpoint
from cper_lod.web.http import compression, conditional, flask_responses
from cper_lod.web.http import response as plain
from cper_lod.web.http.compression import IDENTITY
from cper_lod.web.http.conditional import Conditions
from cper_lod.web.http.request import Receive, Request, Scope, Send
from cper_lod.web.http.response import FileResponse, Response
from cper_lod.web.http.wsgi import Application
from cper_lod.web.observability.counters import Counters
from cper_lod.web.observability.recorder import CLIENT_DISCONNECTED, RequestRecorder
from cper_lod.web.reconciliation.views import PATHS as RECONCILIATION
from cper_lod.web.site import Site
from cper_lod.web.sparql import protocol
from cper_lod.web.sparql.protocol import ParsedQuery, ProtocolRequest
from cper_lod.web.sparql.views import Outcome

log = logging.getLogger("cper_lod")
Handler = Callable[[Request], Awaitable[Response]]
"""A step of the path: a request in, a response out."""
_LOGGED: Final = (408, 413, 431)
"""Statuses of bad requests that are expensive: each has a line in the log."""


async def serve(
    scope: Scope, receive: Receive, send: Send, recorder: RequestRecorder, handler: Handler, release: str = ""
) -> None:
    """Answer one request by `handler`, and record it; `release` is logged for requests that reach no gateway."""
    began = time.perf_counter()
    request = Request.from_scope(scope, receive)
    request.release = release
    try:
        recorder.admit(request)
        request.check_headers()
        response = await handler(request)
    except ClientDisconnected:
        recorder.record(request, time.perf_counter() - began, CLIENT_DISCONNECTED, 0, None)
        return
    except Exception as error:
        response = _error(request, error, recorder)
    size = await send_response(send, request, response)
    recorder.record(request, time.perf_counter() - began, response.status, size, response)


def _error(request: Request, error: Exception, recorder: RequestRecorder) -> Response:
    """Return an error as problem details; an unexpected one is logged under a reference, which is all the client sees."""
    settings: Settings = recorder.settings
    if not isinstance(error, Problem):
        reference = secrets.token_hex(6)
        log.error("unexpected error %s at %r", reference, request.path[:200], exc_info=error)
        error = Problem("unexpected", reference=reference)
    elif error.kind.status in _LOGGED:
        log.warning("%d %s for %s", error.kind.status, error.kind.code, recorder.client(request))
    return plain.problem(flask_responses.without_paths(error, settings), request.language, settings)


async def send_response(send: Send, request: Request, response: Response) -> int:
    """Pass a response to granian, which sends whole files by itself; return how many bytes of body it has."""
    await send({"type": "http.response.start", "status": response.status, "headers": response.wire_headers})
    body = response.body
    if request.method == "HEAD" or response.status in (204, 304):
        await send({"type": "http.response.body"})
        return 0
    if isinstance(response, FileResponse) and response.status == 206:
        await _send_part(send, request, response)
    elif isinstance(response, FileResponse):
        await send({"type": "http.response.pathsend", "path": str(response.path)})
    elif isinstance(body, Spool):
        await send({"type": "http.response.pathsend", "path": body.path})
    else:
        await send({"type": "http.response.body", "body": body})
    return response.size


async def _send_part(send: Send, request: Request, response: FileResponse) -> None:
    """Send a part of a file piece by piece, for which ASGI has no message, until the client disconnects."""
    left, disconnected = response.size, asyncio.ensure_future(request.disconnected())
    try:
        with response.path.open("rb") as file:
            file.seek(response.start)
            while not disconnected.done() and (piece := file.read(min(left, CHUNK_SIZE))):
                left -= len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
    finally:
        disconnected.cancel()


class Gateway:
    """Answers the requests for one release."""

    def __init__(
        self, site: Site, application: Application, prefix: str = "", counters: Counters | None = None
    ) -> None:
        """Answer for `site`; `prefix` is the path below which a proxy may pass requests unchanged."""
        self._site = site
        self.release = site.release.digest[:16]
        """The id under which requests are logged."""
        cache_size = site.settings.query_cache * 1024 * 1024 // 2
        self._cache = ResponseCache(cache_size)
        self._bodies = BodyReader(site.settings)
        self._sparql = SparqlEndpoint(site, cache_size)
        self._flask = FlaskBridge(application, site.settings.trusted_proxy, counters)
        self._sparql_paths = {path: suffix for base in {"", prefix} for path, suffix in _endpoints(base)}
        self._form_paths = {f"{base}{path}" for base in {"", prefix} for path in RECONCILIATION}

    async def respond(self, request: Request) -> Response:
        """Return the response to one request; raises the problems of every step, and ClientDisconnected."""
        request.release = self.release
        conditions = Conditions.of(request.method, request.headers.get)
        if not request.is_plain_read:
            response = await self._read_and_dispatch(request, IDENTITY, conditions)
            return conditional.apply(response, conditions)
        request.cache = "miss"
        coding = compression.choose(request.headers.get("accept-encoding"))
        if entry := self._cache.find(request, coding or ""):
            request.cache = "hit"
            return entry.respond(conditions)
        if coding != IDENTITY and (uncompressed := self._cache.find(request, IDENTITY)):
            response = await self._flask.compress(uncompressed.response, coding)
        else:
            response = await self._read_and_dispatch(request, coding, conditions)
        if response.cacheable:
            self._cache.store(request, coding or "", response)
        return conditional.apply(response, conditions)

    async def prepare(self, requests: Iterable[Request]) -> None:
        """Make the responses to some requests in advance, until half of the cache is full."""
        for request in requests:
            if self._cache.size * 2 > self._cache.limit:
                return
            await self.respond(request)

    async def _read_and_dispatch(self, request: Request, coding: str | None, conditions: Conditions) -> Response:
        """Read the body within its limits, and have the whole response made."""
        path = "/" + request.path.lstrip("/")  # as Werkzeug reads it
        suffix = self._sparql_paths.get(path)
        if request.method != request.method.upper():  # Flask would take `get` for GET; methods are case-sensitive
            offers = protocol.METHODS if suffix is not None else ("GET", "HEAD", "OPTIONS")
            raise Problem("method-not-allowed", method=request.method[:40], offers=[*offers])
        query = None
        if suffix is not None and request.method in protocol.METHODS and request.method != "OPTIONS":
            query = ProtocolRequest.of(request.method, request.query_string.encode(), suffix, request.headers.get)
        if not request.has_body:
            return await self._dispatch(request, query, b"", coding, conditions)
        limit = self._site.settings.query_length
        allowed = protocol.body_limit(query, limit) if query and query.has_body else 0
        if request.method == "POST" and path in self._form_paths:
            allowed = protocol.form_limit(limit)
        async with self._bodies.read(request, allowed, limit) as body:
            if query and body:
                query = query._replace(body=body)
            return await self._dispatch(request, query, body, coding, conditions)

    async def _dispatch(
        self,
        request: Request,
        query: ProtocolRequest | None,
        body: bytes,
        coding: str | None,
        conditions: Conditions,
    ) -> Response:
        """Have a query answered by the SPARQL endpoint; pages, errors as pages, and everything else by Flask."""
        parsed = None
        if query:
            try:
                parsed = protocol.read(query, self._site.settings.query_length)
            except Problem as problem:
                return await self._flask.respond(request, body, coding, Outcome(None, problem))
        if query is None or parsed is None:
            return await self._flask.respond(request, body, coding)

        async def page(parsed: ParsedQuery, outcome: Answer | Problem) -> Response:
            return await self._flask.respond(request, body, coding, Outcome(parsed, outcome))

        return await self._sparql.respond(request, query, parsed, page, conditions)

    def metrics(self) -> dict[str, float]:
        """Return the gauges of the release that is served, and of its engine."""
        status = self._site.engine.status()
        return {
            "cached": self._cache.size,
            "running": status.running,
            "waiting_short": status.waiting_short,
            "waiting_long": status.waiting_long,
            "query_processes": status.processes,
            "ended": status.ended,
            "engine_fault": bool(status.fault),
        }

    def close(self) -> None:
        """End the threads; call it when no request comes any more."""
        self._sparql.close()
        self._flask.close()


def _endpoints(prefix: str) -> list[tuple[str, str]]:
    """Return the paths of the SPARQL endpoint, each with the suffix that names a format."""
    return [(f"{prefix}/sparql", ""), *((f"{prefix}/sparql.{suffix}", suffix) for suffix in protocol.SUFFIXES)]
