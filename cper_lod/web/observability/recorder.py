"""What is noted of every request and every query, in one place: counted, told in the log, held to the rate limit."""

import asyncio
import hashlib
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query
from cper_lod.web.http.request import Request
from cper_lod.web.http.response import Response
from cper_lod.web.observability.access_log import AccessLog, printable, shown
from cper_lod.web.observability.counters import Counters
from cper_lod.web.observability.log_format import LONGEST, cut, line
from cper_lod.web.observability.log_writer import LogWriter
from cper_lod.web.observability.rate_limit import TokenBuckets

log = logging.getLogger("cper_lod")
LEFT: Final = 499
"""The status under which a request is noted whose client did not wait for the answer; it is never sent."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "QUERY", "OPTIONS"})
FREE: Final = frozenset({"health", "ready", "metrics"})
"""The addresses that the rate limit does not count: those by which the server is watched."""
_PUBLISHED: Final = 1.0
"""Seconds after which a process tells the others again what it has counted."""


class RequestRecorder:
    """The one of a server process, whatever releases come and go; used in its event loop, `queried` by any thread."""

    def __init__(self, settings: Settings, prefix: str = "", folder: Path | None = None) -> None:
        """Note what is asked, below `prefix` too; `folder` is that of the figures of several processes."""
        self.tally = Counters(folder)
        self.tally.measure = self._measured
        self._figures: Callable[[], Mapping[str, float]] = dict
        self._ended = 0.0
        self._silent = False
        self._settings = settings
        self._routes = frozenset[str]()
        self._prefix = prefix
        self._access = AccessLog(settings.access_log) if settings.access_log != Path() else None
        self._lines = LogWriter(sys.stderr.fileno()) if settings.log_level == "info" else None
        self._rates = TokenBuckets(settings.rate_limit, settings.rate_burst) if settings.rate_limit else None

    def serving(self, application: Any, figures: Callable[[], Mapping[str, float]]) -> None:  # noqa: ANN401
        """Note what is served from now on: a Flask application, whose routes name addresses, and what is measured."""
        if self._routes:
            self.tally.count("swaps")
        self._ended += self._figures().get("ended", 0)
        self._routes, self._figures = frozenset(_routes_of(application)), figures

    def route(self, path: str) -> str:
        """Return the name of an address without what clients choose in it: that of one of our routes, or `other`."""
        if self._prefix and (path + "/").startswith(self._prefix + "/"):
            path = path[len(self._prefix) :]
        first = path[1:].partition("/")[0].partition(".")[0] if path[:2] != "/." else path[1:].partition("/")[0]
        return (first if first in self._routes else "other") if first else "home"

    def client(self, request: Request) -> str:
        """Return the address of the client as the logs may have it."""
        return shown(request.share(self._settings.trusted_proxy), self._settings.log_addresses)

    def admit(self, request: Request) -> None:
        """Count a request against the limit of its client; raises rate-limited."""
        if self._rates and self.route(request.path) not in FREE:
            self._rates.take(request.share(self._settings.trusted_proxy))

    def answered(
        self, request: Request, began: float, answer: tuple[int, int], cache: str, release: str, reply: Response | None
    ) -> None:
        """Note an answer: its status and bytes, whether it was ready (`hit`), and what it was; none where LEFT."""
        spent, (status, size) = time.perf_counter() - began, answer
        method = request.method if request.method in METHODS else "other"
        self.tally.note(("request", method, self.route(request.path), str(status), cache), spent, size)
        if self._access and status != LEFT:
            self._access.note(request, self.client(request), status, size)
        if self._lines:
            told = reply.headers if reply else dict[str, str]()
            values = {
                "method": printable(request.method)[:40],
                "path": printable(request.path)[:LONGEST],
                "status": status,
                "bytes": size,
                "ms": round(spent * 1000, 2),
                "cache": cache,
                "type": told.get("Content-Type"),
                "language": told.get("Content-Language"),
                "problem": (reply and reply.problem) or None,
                "client": self.client(request),
                "release": release,
                "process": os.getpid(),
            }
            self._lines.add(line(self._settings.log_format, "info", "request", values))

    def queried(self, query: Query, seconds: float, lane: str, outcome: Answer | Problem | None, release: str) -> None:
        """Note what a query came to; None where its client left."""
        name = "left" if outcome is None else "answered"
        name = outcome.kind.code if isinstance(outcome, Problem) else name
        size = outcome.size if isinstance(outcome, Answer) else 0
        self.tally.note(("query", name, lane or "none"), seconds, size)
        if not self._lines:
            return
        values = {
            "outcome": name,
            "ms": round(seconds * 1000, 2),
            "lane": lane or None,
            "bytes": size,
            "form": outcome.form if isinstance(outcome, Answer) else None,
            "type": outcome.format.name if isinstance(outcome, Answer) else None,
            "query": hashlib.sha256(query.text.encode("utf-8", "replace")).hexdigest()[:16],
            "text": cut(query.text) if self._settings.log_queries == "text" else None,
            "client": shown(query.client, self._settings.log_addresses),
            "release": release,
            "process": os.getpid(),
        }
        self._lines.add(line(self._settings.log_format, "info", "query", values))

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to tell the other processes what is counted, once a second."""
        self._tell()
        loop.call_later(_PUBLISHED, self.begin, loop)

    def close(self) -> None:
        """Write what is left, and tell the figures a last time; the server ends."""
        if self._access:
            self._access.write()
        if self._lines:
            self._lines.close()
        self._tell()

    def _tell(self) -> None:
        """Tell the other processes; a folder that cannot be written to is said once."""
        try:
            self.tally.publish()
        except OSError as error:
            if not self._silent:
                log.warning("the figures of this process are not told to the others: %s", error.strerror)
            self._silent = True

    def _measured(self) -> dict[str, float]:
        figures = self._figures()
        return {
            **figures,
            "ended": self._ended + figures.get("ended", 0),
            "processes": 1,
            "cpu": time.process_time(),
            "memory": _memory(),
            "files": _files(),
            "lost": self._lines.lost if self._lines else 0,
        }


def _routes_of(application: Any) -> set[str]:  # noqa: ANN401  # a Flask application
    """Return the first part of every address of an application."""
    rules = (rule.rule for rule in application.url_map.iter_rules())
    firsts = {rule[1:].partition("/")[0] for rule in rules}
    return {first if first[:1] == "." else first.partition(".")[0].partition("<")[0] for first in firsts} - {""}


def _memory() -> int:
    """Return the bytes that this process has in memory, 0 where the system does not tell (Linux does)."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _files() -> int:
    """Return how many files and connections this process has open."""
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # a Path for each would cost more than the rest
    except OSError:
        return 0
