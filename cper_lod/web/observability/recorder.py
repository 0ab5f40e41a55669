"""Records every request and every query: counts it, logs it, and applies the rate limit, a token bucket for each client."""

import asyncio
import hashlib
import logging
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cachetools import LRUCache

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, CancelToken, Engine, Query
from cper_lod.web.http.request import Request
from cper_lod.web.http.response import Response
from cper_lod.web.observability.counters import Counters
from cper_lod.web.observability.logs import MAX_TEXT, LogWriter, anonymize, line, printable, second, truncate

log = logging.getLogger("cper_lod")
CLIENT_DISCONNECTED: Final = 499
"""The status recorded for a request whose client did not wait for the response; it is never sent."""
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "QUERY", "OPTIONS"})
_UNLIMITED: Final = frozenset({"health", "ready", "metrics"})
"""Routes without a rate limit: those by which the server is monitored."""
_PUBLISH_INTERVAL: Final = 1.0
"""Seconds between two writes of the counters for the other processes."""
MAX_CLIENTS: Final = 20_000
"""Clients in the table; it is bounded because clients choose their addresses."""


class TokenBuckets:
    """The buckets of one server process; a client that is not in the table has a full bucket."""

    def __init__(self, limit: int, burst: int) -> None:
        """Fill each bucket by `limit` tokens a minute, up to `burst`."""
        self._limit, self._burst = limit, float(burst)
        self._buckets: LRUCache[str, tuple[float, float]] = LRUCache(MAX_CLIENTS)

    def take(self, client: str, now: float | None = None) -> None:
        """Take a token from the bucket of a client; raises rate-limited if it is empty."""
        now = time.monotonic() if now is None else now
        tokens, last = self._buckets.get(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - last) * self._limit / 60)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - allowed, now)
        if not allowed:
            raise Problem("rate-limited", limit=self._limit, seconds=math.ceil((1 - tokens) * 60 / self._limit))


class RequestRecorder:
    """Records the requests of one server process, to whatever release; `record_query` may be called by any thread."""

    def __init__(self, settings: Settings, prefix: str = "", folder: Path | None = None) -> None:
        """Record requests, also below the path `prefix`; `folder` is where several processes share their counters."""
        self.settings = settings
        self.counters = Counters(folder)
        self.counters.measure = self._measure
        self._release_metrics: Callable[[], Mapping[str, float]] = dict
        self._ended = 0.0
        self._warned = False
        self._routes = frozenset[str]()
        self._prefix = prefix
        self._access_log = LogWriter(settings.access_log) if settings.access_log != Path() else None
        self._log_writer = LogWriter(sys.stderr.fileno()) if settings.log_level == "info" else None
        self._writers = [*filter(None, (self._access_log, self._log_writer))]
        self._rate_limit = TokenBuckets(settings.rate_limit, settings.rate_burst) if settings.rate_limit else None

    def set_release(self, application: Any, metrics: Callable[[], Mapping[str, float]]) -> None:  # noqa: ANN401
        """Record a new release from now on: a Flask application, whose routes are labels, and its measurements."""
        if self._routes:
            self.counters.increment("swaps")
        self._ended += self._release_metrics().get("ended", 0)
        self._routes, self._release_metrics = frozenset(_routes_of(application)), metrics

    def route(self, path: str) -> str:
        """Return the route of a path as a label: its first segment if that is one of our routes, else `other`."""
        if self._prefix and (path + "/").startswith(self._prefix + "/"):
            path = path[len(self._prefix) :]
        first = path[1:].partition("/")[0]
        if first[:1] != ".":
            first = first.partition(".")[0]
        return (first if first in self._routes else "other") if first else "home"

    def client(self, request: Request) -> str:
        """Return the address of the client as it may be logged."""
        return anonymize(request.client(self.settings.trusted_proxy), self.settings.log_addresses)

    def admit(self, request: Request) -> None:
        """Count a request against the rate limit of its client; raises rate-limited."""
        if self._rate_limit and self.route(request.path) not in _UNLIMITED:
            self._rate_limit.take(request.client(self.settings.trusted_proxy))

    def record(self, request: Request, seconds: float, status: int, size: int, response: Response | None) -> None:
        """Record a request and its response, with the bytes that were sent; no response if the client has gone."""
        cache = request.cache
        method = request.method if request.method in _METHODS else "other"
        self.counters.observe(("request", method, self.route(request.path), str(status), cache), seconds, size)
        if self._access_log and status != CLIENT_DISCONNECTED:
            self._access_log.add(_common_log_line(request, self.client(request), status, size))
        if self._log_writer:
            headers = response.headers if response else dict[str, str]()
            values = {
                "method": printable(request.method)[:40],
                "path": printable(request.path)[:MAX_TEXT],
                "status": status,
                "bytes": size,
                "ms": round(seconds * 1000, 2),
                "cache": cache,
                "type": headers.get("Content-Type"),
                "language": headers.get("Content-Language"),
                "problem": (response and response.problem) or None,
                "client": self.client(request),
                "release": request.release,
                "process": os.getpid(),
            }
            self._log_writer.add(line(self.settings.log_format, "info", "request", values))

    def record_query(
        self, query: Query, seconds: float, queue: str, outcome: Answer | Problem | None, release: str
    ) -> None:
        """Record a query that was run; `outcome` is None if its client has gone."""
        name = "left" if outcome is None else "answered"
        name = outcome.kind.code if isinstance(outcome, Problem) else name
        size = outcome.size if isinstance(outcome, Answer) else 0
        self.counters.observe(("query", name, queue or "none"), seconds, size)
        if not self._log_writer:
            return
        values = {
            "outcome": name,
            "ms": round(seconds * 1000, 2),
            "lane": queue or None,
            "bytes": size,
            "form": outcome.form if isinstance(outcome, Answer) else None,
            "type": outcome.format.name if isinstance(outcome, Answer) else None,
            "query": hashlib.sha256(query.text.encode("utf-8", "replace")).hexdigest()[:16],
            "text": truncate(query.text) if self.settings.log_queries == "text" else None,
            "client": anonymize(query.client, self.settings.log_addresses),
            "release": release,
            "process": os.getpid(),
        }
        self._log_writer.add(line(self.settings.log_format, "info", "query", values))

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Write the counters for the other processes, now and once a second."""
        self._publish()
        loop.call_later(_PUBLISH_INTERVAL, self.start, loop)

    def close(self) -> None:
        """Write the remaining log lines and the last counters; the server ends."""
        for writer in self._writers:
            writer.close()
        self._publish()

    def _publish(self) -> None:
        """Write the counters; log once if the folder is not writable."""
        try:
            self.counters.publish()
        except OSError as error:
            if not self._warned:
                log.warning("the metrics of this process cannot be shared with the others: %s", error.strerror)
            self._warned = True

    def _measure(self) -> dict[str, float]:
        metrics = self._release_metrics()
        return {
            **metrics,
            "ended": self._ended + metrics.get("ended", 0),
            "processes": 1,
            "cpu": time.process_time(),
            "memory": _memory(),
            "files": _open_files(),
            "lost": sum(writer.lost for writer in self._writers),
        }


def _common_log_line(request: Request, client: str, status: int, size: int) -> str:
    """Return the line of a request by `client` in the Common Log Format, with the status and the bytes of the body."""
    query = f"?{request.query_string}" if request.query_string else ""
    what = f"{printable(request.method)} {printable(request.path + query)} HTTP/{request.scope['http_version']}"
    when = second("%d/%b/%Y:%H:%M:%S +0000", int(time.time()))
    return f'{printable(client)} - - [{when}] "{what}" {status} {size or "-"}\n'


class InstrumentedEngine:
    """An `Engine` that passes every query to another one, and records its outcome."""

    def __init__(self, engine: Engine, recorder: RequestRecorder, release: str) -> None:
        """Record the queries to `engine`, that of the release with the id `release`."""
        self._engine, self._recorder, self._release = engine, recorder, release
        self.status, self.close = engine.status, engine.close

    def query(self, query: Query) -> Answer:
        """Return the whole answer to `query`; raises what the engine raises."""
        with self._recorded(query, CancelToken()) as outcomes:
            outcomes.append(answer := self._engine.query(query))
            return answer

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        """Return the whole answer to `query`; raises what the engine raises."""
        cancel = cancel or CancelToken()
        with self._recorded(query, cancel) as outcomes:
            outcomes.append(answer := await self._engine.query_async(query, cancel))
            return answer

    def instrument(self, engine: Engine, release: str) -> "InstrumentedEngine":
        """Return another engine, whose queries the same recorder records."""
        return InstrumentedEngine(engine, self._recorder, release)

    @contextmanager
    def _recorded(self, query: Query, cancel: CancelToken) -> Iterator[list[Answer | Problem]]:
        """Record the query that runs within; its answer is added to the list that this yields."""
        began, outcomes = time.perf_counter(), list[Answer | Problem]()
        try:
            yield outcomes
        except Exception as error:
            outcomes.append(error if isinstance(error, Problem) else Problem("unexpected", reference=""))
            raise
        finally:
            outcome = outcomes[0] if outcomes else None
            self._recorder.record_query(query, time.perf_counter() - began, cancel.queue, outcome, self._release)


def _routes_of(application: Any) -> set[str]:  # noqa: ANN401  # a Flask application
    """Return the first segment of every route of an application."""
    rules = (rule.rule for rule in application.url_map.iter_rules())
    segments = {rule[1:].partition("/")[0] for rule in rules}
    return {each if each[:1] == "." else each.partition(".")[0].partition("<")[0] for each in segments} - {""}


def _memory() -> int:
    """Return the resident memory of this process in bytes, 0 if the system does not say (Linux does)."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _open_files() -> int:
    """Return how many files and connections this process has open."""
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # making a Path of each costs more than the rest
    except OSError:
        return 0
