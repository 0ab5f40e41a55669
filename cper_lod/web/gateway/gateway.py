"""The front room (RSGI): bodies read with a time-out, queries answered without a thread, all else handed to Flask."""

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from cper_lod.core import i18n
from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import GRAPH_ANSWER, HTML, SHEETS, SOLUTIONS_ANSWER, negotiate
from cper_lod.engine.base import Answer, Query
from cper_lod.engine.spool import Spool
from cper_lod.web.gateway.query_cache import ClientDisconnected, QueryCache
from cper_lod.web.gateway.response_cache import CachedResponse, ResponseCache, compress, is_cacheable
from cper_lod.web.http import compression, response, responses, wsgi
from cper_lod.web.http.compression import IDENTITY
from cper_lod.web.http.conditional import Conditions
from cper_lod.web.http.request import Request, Scope, incoming
from cper_lod.web.http.response import PROBLEM_JSON, Caching, Response, all_headers
from cper_lod.web.http.wsgi import Application, FileResponse
from cper_lod.web.observability.access_log import shown
from cper_lod.web.observability.metrics import PEER, TALLY
from cper_lod.web.observability.recorder import LEFT, RequestRecorder
from cper_lod.web.reconciliation import views
from cper_lod.web.site import Site
from cper_lod.web.sparql import protocol, spreadsheets
from cper_lod.web.sparql.protocol import Message
from cper_lod.web.sparql.spreadsheets import SpreadsheetWriter
from cper_lod.web.sparql.views import DRAINED, GATEWAY, OUTCOME


def send_cached(channel: Any, request: Request, cached: CachedResponse) -> tuple[int, int]:  # noqa: ANN401
    """Hand over a kept reply; return its status and size. Raises precondition-failed."""
    status, pairs, body = cached.answer(Conditions.of(request.headers.get))
    if request.method == "HEAD" or status != 200:
        channel.response_empty(status, pairs)
        return status, 0
    channel.response_bytes(status, pairs, body)
    return status, len(body)


def send(channel: Any, method: str, reply: Response) -> tuple[int, int]:  # noqa: ANN401
    """Hand over a reply: small bodies from memory, others from their file; return its status and size."""
    pairs, body = all_headers(reply), reply.body
    if method == "HEAD" or reply.status in (204, 304):
        channel.response_empty(reply.status, pairs)
        return reply.status, 0
    if isinstance(reply, FileResponse):
        channel.response_file_range(reply.status, pairs, str(reply.path), reply.start, reply.start + reply.size)
    elif isinstance(body, Spool):
        channel.response_file(reply.status, pairs, body.path)
    else:
        channel.response_bytes(reply.status, pairs, body)
    return reply.status, reply.size


log = logging.getLogger("cper_lod")
THREADS: Final = 8
"""Threads in which Flask makes pages; none of them waits for a query or for a client."""
HELD: Final = 64 * 1024 * 1024
"""Bytes of bodies that may be in memory at once."""
_LASTS: Final = 0.5
"""Seconds that a spooled answer is held open: granian opens it by its path right after it was handed over."""
_SPOOLED: Final = 512
"""How many of them are held at once."""
_LOGGED: Final = (408, 413, 431)
"""Statuses of requests that are wrong in a way that costs: each has a line in the log."""
_LANG: Final = re.compile(r"(?:^|&)lang=([^&]*)")
_CONDITIONAL: Final = ("if-none-match", "if-match", "if-modified-since", "if-unmodified-since")


class Gateway:
    """An RSGI application: what a WSGI application cannot do is done here, the rest by the one it is given."""

    def __init__(
        self, site: Site, application: Application, prefix: str = "", observer: RequestRecorder | None = None
    ) -> None:
        """Answer for `site`; `prefix` is the path below which a proxy may pass requests on unchanged."""
        self._site = site
        self._id = site.release.digest[:16]
        self._observer = observer or RequestRecorder(site.settings)
        self._sheets = SpreadsheetWriter(site)
        self._application = application
        self._paths = {path: suffix for base in {"", prefix} for path, suffix in _endpoints(base)}
        self._forms = {f"{base}{path}" for base in {"", prefix} for path in views.PATHS}
        memory = site.settings.query_cache * 1024 * 1024
        self._kept = QueryCache(site.engine, memory // 2)
        self._replies = ResponseCache(memory // 2)
        self._threads = ThreadPoolExecutor(THREADS, "pages")
        self._held = 0
        self._spools: set[Spool] = set()
        self._quiet_until = 0.0

    async def __rsgi__(self, scope: Scope, channel: Any) -> None:  # noqa: ANN401  # granian's own protocol object
        """Answer one request."""
        began, cache = time.perf_counter(), "none"
        request = incoming(scope)
        note = self._observer.answered
        try:
            self._observer.admit(request)
            request.check()
            coding = compression.choose(request.headers.get("accept-encoding"))
            if request.reads_whole:
                cache = "miss"
                if cached := self._replies.find(request, coding or ""):
                    sent = send_cached(channel, request, cached)
                    note(request, began, sent, "hit", self._id, cached.reply)
                    return
            reply = await self._reply(request, channel)
        except ClientDisconnected:
            note(request, began, (LEFT, 0), cache, self._id, None)
            return
        except Exception as error:
            reply = self._failed(request, error)
        note(request, began, send(channel, request.method, reply), cache, self._id, reply)

    async def prepare(self, requests: Iterable[Request]) -> None:
        """Have the replies to some requests ready before anybody asks, as long as half of what may be kept is free."""
        for request in requests:
            if self._replies.size * 2 > self._replies.limit:
                return
            await self._flask(request, b"")

    def close(self) -> None:
        """End its threads; nobody asks it any more."""
        self._sheets.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def figures(self) -> dict[str, float]:
        """Return what is measured of the release that is served, and of its engine."""
        load = self._site.engine.status()
        return {
            "cached": self._replies.size,
            "running": load.running,
            "waiting_short": load.waiting_short,
            "waiting_long": load.waiting_long,
            "query_processes": load.processes,
            "ended": load.ended,
            "engine_fault": bool(load.fault),
        }

    def _failed(self, request: Request, error: Exception) -> Response:
        """Return an error as data; a fault of ours is logged under a reference, and shows that alone."""
        if not isinstance(error, Problem):
            reference = secrets.token_hex(6)
            log.error("unexpected error %s at %r", reference, request.path[:200], exc_info=error)
            error = Problem("unexpected", reference=reference)
        elif error.kind.status in _LOGGED:
            log.warning("%d %s for %s", error.kind.status, error.kind.code, self._observer.client(request))
        settings = self._site.settings
        return response.problem(responses.told(error, settings), _language(request), settings)

    async def _reply(self, request: Request, channel: Any) -> Response:  # noqa: ANN401
        suffix = self._paths.get("/" + request.path.strip("/"))  # as lenient as Flask is with slashes
        if request.method != request.method.upper():  # Flask would take `get` for GET; methods are case-sensitive
            offers = protocol.METHODS if suffix is not None else ("GET", "HEAD", "OPTIONS")
            raise Problem("method-not-allowed", method=request.method[:40], offers=", ".join(offers))
        message = None
        if suffix is not None and request.method in protocol.METHODS and request.method != "OPTIONS":
            message = _message(request, suffix)
        if not request.has_body:
            return await self._answer(request, channel, message, b"")
        limit = self._site.settings.query_length
        allowed = protocol.allowed(message, limit) if message and message.has_body else 0
        if request.method == "POST" and "/" + request.path.strip("/") in self._forms:
            allowed = protocol.form_limit(limit)
        if int(request.headers.get("content-length", "0")) > allowed + DRAINED:
            raise Problem("body-too-large", limit=limit)
        kept = list[bytes]()
        try:
            await self._keep(request, channel, allowed, kept)
            body = b"".join(kept)
            if allowed and len(body) > allowed:
                raise Problem("body-too-large", limit=limit)
            return await self._answer(request, channel, message, body)
        finally:
            self._held -= sum(map(len, kept))

    async def _keep(self, request: Request, channel: Any, allowed: int, kept: list[bytes]) -> None:  # noqa: ANN401
        """Keep what is allowed of a body, and one byte more to tell; the rest is read and dropped, so that the client
        hears why it is refused.

        Raises request-timeout where it does not come, query-queue where too many are in memory already.
        """  # noqa: D205
        room, size = allowed + 1, 0
        async for piece in request.body(channel, self._site.settings.client_timeout):
            size += len(piece)
            if size > allowed + DRAINED:
                return
            if room and self._held > HELD:
                raise Problem("query-queue")
            if room and piece:
                kept.append(piece[:room])
                room -= len(kept[-1])
                self._held += len(kept[-1])

    async def _answer(self, request: Request, channel: Any, message: Message | None, body: bytes) -> Response:  # noqa: ANN401
        """Answer what was asked at the endpoint from here; pages, errors and all else are made by Flask."""
        asked = None
        if message:
            try:
                asked = protocol.read(
                    replace(message, body=body) if body else message, self._site.settings.query_length
                )
            except Problem:
                asked = None  # Flask comes to the same, and says it as data or as a page
        if asked is None:
            return await self._flask(request, body)
        query = asked.query(request.share(self._site.settings.trusted_proxy))
        lang, forms = _language(request), (asked.solutions, asked.graph)
        identity = spreadsheets.identity(self._site, asked, lang)
        cache = Caching(request.method != "POST", spreadsheets.vary(asked, negotiated=not (message and message.suffix)))
        conditions = Conditions.of(request.headers.get)
        if not asked.page and (reply := response.known_already(identity, query, conditions, cache, forms)):
            return reply
        ready = self._kept.ready(query)
        outcome = ready or await self._run(query, channel)
        if isinstance(outcome, Answer) and (form := spreadsheets.wanted(asked, outcome)):
            outcome = await self._sheets.answer(asked, outcome, form, lang)
        if isinstance(outcome, Problem):
            if asked.page or negotiate(request.headers.get("accept"), (PROBLEM_JSON, HTML)) is HTML:
                return await self._flask(request, body, outcome)
            raise outcome
        if asked.form(outcome.form) is HTML:
            return await self._flask(request, body, outcome)
        whole = response.found(identity, query, outcome, cache)
        reply = response.conditional(whole, conditions, cache)
        if isinstance(reply.body, Spool):
            self._hold(reply.body)
        elif ready and request.method == "GET":  # asked for the second time
            self._replies.keep(request, IDENTITY, whole)
        return reply

    def _hold(self, spool: Spool) -> None:
        """Hold the file of a large answer until granian has opened it too; raises query-queue."""
        if len(self._spools) >= _SPOOLED:
            raise Problem("query-queue")
        self._spools.add(spool)
        asyncio.get_running_loop().call_later(_LASTS, self._spools.discard, spool)

    async def _run(self, query: Query, channel: Any) -> Answer | Problem:  # noqa: ANN401
        """Return what a query comes to."""
        began = time.monotonic()
        try:
            return await self._kept.answer(
                query, channel.client_disconnect, shared=response.is_deterministic(query.text)
            )
        except Problem as problem:
            code, now = problem.kind.code, time.monotonic()
            if problem.kind.status >= 500 and (now > self._quiet_until or code != "query-queue"):
                self._quiet_until = now + 1  # one line a second tells of a crowd well enough
                client = shown(query.client, self._site.settings.log_addresses)
                log.warning("%d %s for %s after %.1f s", problem.kind.status, code, client, now - began)
            return problem

    async def _flask(self, request: Request, body: bytes, outcome: Answer | Problem | None = None) -> Response:
        """Return the answer of the application; it is given what a query came to.

        What the release alone has made is kept: the application makes it whole, and here it is compressed and held
        against the conditions of the request.
        """
        environ = wsgi.environment(request, request.share(self._site.settings.trusted_proxy), body)
        environ |= {GATEWAY: True, TALLY: self._observer.tally, PEER: request.peer}
        if outcome is not None:
            environ[OUTCOME] = outcome
        whole = request.reads_whole
        if whole:
            environ["REQUEST_METHOD"] = "GET"
            for name in (*_CONDITIONAL, "range"):
                environ.pop("HTTP_" + name.upper().replace("-", "_"), None)
        coding = compression.choose(request.headers.get("accept-encoding")) if whole else IDENTITY
        known = self._replies.find(request, IDENTITY) if whole and outcome is None else None
        reply = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._made, environ, coding, known and known.reply
        )
        if not whole or not is_cacheable(reply):
            return reply
        if outcome is None:
            self._replies.keep(request, coding or "", reply)
        return response.conditional(reply, Conditions.of(request.headers.get), Caching(kept=True))

    def _made(self, environ: dict[str, Any], coding: str | None, known: Response | None) -> Response:
        """Return what the application makes of a request, where that is not known, compressed; called in a thread."""
        return compress(known or wsgi.call(self._application, environ), coding)


def _language(request: Request) -> Language:
    """Return the language of the reader of a request."""
    wanted = _LANG.search(request.query_string)
    return i18n.choose(request.headers.get("accept-language"), wanted and wanted[1])


def _endpoints(prefix: str) -> list[tuple[str, str]]:
    """Return the paths of the endpoint, each with the suffix that names a form."""
    suffixes = {form.suffix for form in (*SOLUTIONS_ANSWER, *GRAPH_ANSWER, *SHEETS)}
    return [(f"{prefix}/sparql", ""), *((f"{prefix}/sparql.{suffix}", suffix) for suffix in suffixes)]


def _message(request: Request, suffix: str) -> Message:
    """Return what the protocol reads of a request, but for its body."""
    get = request.headers.get
    return Message(
        request.method,
        request.query_string.encode(),
        suffix,
        get("content-type", ""),
        get("content-encoding", ""),
        b"",
        get("accept"),
    )
