"""Records every request: counts it, and writes its line of the log."""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from prometheus_client import Counter, Histogram

from cper_lod.core.settings import Settings
from cper_lod.web.http.environ import CACHE, PROBLEM, RELEASE, Application, Environ, client
from cper_lod.web.observability.logs import LogQueue, anonymize, json_line, members
from cper_lod.web.observability.metrics import Metrics

if TYPE_CHECKING:
    from flask import Flask

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "QUERY", "OPTIONS"})
_ROUTE: Final = re.compile(r"/?(\.?[^/.<]*)")  # the first segment of a path without its suffix
MAX_PATH: Final = 3000  # characters of the longest path in a line
BATCH: Final = 64
"""Requests that are recorded together: one by one, the code is in no cache of the processor, and takes several times as long."""


class Recorder:
    """Records the requests to the server process, to whatever release; used by any thread."""

    def __init__(self, settings: Settings, prefix: str = "") -> None:
        """Record requests, also below the path `prefix`."""
        self._proxy, self._prefix, self._writes_lines = settings.trusted_proxy, prefix, settings.log_level == "info"
        self._routes, self._waiting, self._lock = set[str](), deque[tuple[Any, ...]](), threading.Lock()
        self.metrics = Metrics(self.record)
        self._described = lru_cache(maxsize=1024)(self._describe)  # saves 5 µs of a request like an earlier one
        self.log = LogQueue(self.metrics.lost.inc, self.record)

    def set_release(self, app: "Flask") -> None:
        """Record an application that is served from now on: its routes are labels, its release is in the metrics."""
        self.metrics.site = app.extensions["cper_lod"]
        app.extensions["cper_lod.metrics"] = self.metrics.registry
        self._described.cache_clear()
        self._routes = {found[1] for rule in app.url_map.iter_rules() if (found := _ROUTE.match(rule.rule))}

    def route(self, path: str) -> str:
        """Return the route of a path as a label: its first segment if that is one of our routes, else `other`."""
        found = _ROUTE.match(path.removeprefix(self._prefix) if f"{path}/".startswith(f"{self._prefix}/") else path)
        first = found[1] if found else ""
        return (first if first in self._routes else "other") if first else "home"

    def wrap(self, application: Application) -> Application:
        """Return an application that records each request to `application` once its response is ready to be sent."""

        def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
            # The path is that of now: it changes for applications mounted below one.
            path, began = environ["PATH_INFO"], time.perf_counter()

            def start(line: str, headers: Any, *more: Any) -> Any:  # noqa: ANN401
                get, seconds, method = environ.get, time.perf_counter() - began, environ["REQUEST_METHOD"][:40]
                told = get(CACHE, "none"), get(PROBLEM), get(RELEASE), client(environ, self._proxy)
                self._waiting.append((time.time(), seconds, headers, (method, path[:MAX_PATH], line, *told)))
                if len(self._waiting) >= BATCH:
                    self.record()
                return start_response(line, headers, *more)

            return application(environ, start)  # which answers its own errors (`web.server.release_server`)

        return answer

    def record(self) -> None:
        """Count the requests that have been answered since the last call, and have their lines written."""
        with self._lock:
            while self._waiting:
                at, seconds, headers, told = self._waiting.popleft()
                fields = dict(headers)
                of_body = map(fields.get, ("Content-Length", "Content-Type", "Content-Language"))
                requests, sizes, times, size, text = self._described(told, *of_body)
                requests.inc()
                sizes.inc(size)
                times.observe(seconds)
                if text:
                    self.log.add(json_line(at, f'{text}, "ms": {seconds * 1000:.2f}'))

    def _describe(
        self, told: tuple[str, ...], length: str | None, type_: str | None, language: str | None
    ) -> tuple[Counter, Counter, Histogram, int, str]:
        """Return what counts a request, its bytes and its seconds; its bytes; and its line, "" if none is written."""
        method, path, line, cached, problem, release, address = told
        status = int(line[:3])
        size = 0 if method == "HEAD" or status in (204, 304) else int(length or 0)
        method_, route = method if method in _METHODS else "other", self.route(path)  # no client chooses a label
        requests, sizes = self.metrics.requests.labels(method_, route, status, cached), self.metrics.bytes.labels(route)
        counted = requests, sizes, self.metrics.seconds.labels(route), size
        if not self._writes_lines:
            return *counted, ""
        path = quote(path, "/:@!$&'()*+,;=~", "latin-1", "replace")[:MAX_PATH]  # each character is a byte
        values = {"level": "info", "event": "request", "method": method, "path": path, "status": status, "bytes": size}
        values |= {"cache": cached, "problem": problem, "release": release, "client": anonymize(address)}
        return *counted, members(values | {"type": type_, "language": language})

    def close(self) -> None:
        """Write the remaining lines; the server ends."""
        self.log.stop()
