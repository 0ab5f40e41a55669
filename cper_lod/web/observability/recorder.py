"""Records every request: counts it, and writes its line of the log."""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from werkzeug.wsgi import ClosingIterator

from cper_lod.core.settings import Settings
from cper_lod.web.http.environ import CACHE, PROBLEM, RELEASE, Application, Environ, client
from cper_lod.web.observability.logs import LogQueue, anonymize, json_line
from cper_lod.web.observability.metrics import Metrics

if TYPE_CHECKING:
    from flask import Flask

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "QUERY", "OPTIONS"})
_ROUTE: Final = re.compile(r"/?(\.?[^/.<]*)")  # the first segment of a path without its suffix
MAX_PATH: Final = 3000  # characters of the longest path in a line
_SAFE: Final = "/:@!$&'()*+,;=~"  # what stands in a path as it is (RFC 3986, section 3.3)
BATCH: Final = 64
"""Requests that are recorded together: one by one, the code is in no cache of the processor, and takes several times as long."""


class Recorder:
    """Records the requests to the server process, to whatever release; used by any thread."""

    def __init__(self, settings: Settings, prefix: str = "") -> None:
        """Record requests, also below the path `prefix`."""
        self._proxy, self._prefix, self._writes_lines = settings.trusted_proxy, prefix, settings.log_level == "info"
        self._routes, self._waiting, self._lock = set[str](), deque[tuple[Any, ...]](), threading.Lock()
        self.metrics = Metrics(self.record)
        self._series = cache(self._count)  # saves 2 µs; no client chooses a label
        self.log = LogQueue(self.metrics.lost.inc, self.record)

    def set_release(self, app: "Flask") -> None:
        """Record an application that is served from now on: its routes are labels, its release is in the metrics."""
        self.metrics.site = app.extensions["cper_lod"]
        app.extensions["cper_lod.metrics"] = self.metrics.registry
        self._routes = {found[1] for rule in app.url_map.iter_rules() if (found := _ROUTE.match(rule.rule))}

    def route(self, path: str) -> str:
        """Return the route of a path as a label: its first segment if that is one of our routes, else `other`."""
        found = _ROUTE.match(path.removeprefix(self._prefix) if f"{path}/".startswith(f"{self._prefix}/") else path)
        first = found[1] if found else ""
        return (first if first in self._routes else "other") if first else "home"

    def wrap(self, application: Application) -> Application:
        """Return an application that records each request to `application` once its response is whole."""

        def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
            # The path is that of now: it changes for applications mounted below one.
            heads, path, began = list[tuple[Any, ...]](), environ["PATH_INFO"], time.perf_counter()

            def start(*head: Any) -> Any:  # noqa: ANN401
                heads.append(head)
                return start_response(*head)

            body = application(environ, start)  # which answers its own errors (`web.server.release_server`)
            if not isinstance(body, list):  # granian sends a list without a thread, so it is not wrapped
                return ClosingIterator(body, partial(self._answered, environ, path, began, heads))
            self._answered(environ, path, began, heads)
            return body

        return answer

    def _answered(self, environ: Environ, path: str, began: float, heads: list[tuple[Any, ...]]) -> None:
        """Keep what is recorded of a request, and nothing large: neither its body nor its answer."""
        get, seconds = environ.get, time.perf_counter() - began
        told = {"cache": get(CACHE, "none"), "problem": get(PROBLEM), "release": get(RELEASE)}
        told |= {"method": environ["REQUEST_METHOD"][:40], "client": client(environ, self._proxy)}
        self._waiting.append((time.time(), seconds, path[:MAX_PATH], *heads[-1][:2], told))
        if len(self._waiting) >= BATCH:
            self.record()

    def record(self) -> None:
        """Count the requests that have been answered since the last call, and have their lines written."""
        with self._lock:
            while self._waiting:
                self._record(*self._waiting.popleft())

    def _record(self, at: float, seconds: float, path: str, line: str, fields: Any, told: dict[str, str]) -> None:  # noqa: ANN401
        status, headers, method = int(line[:3]), dict(fields), told["method"]
        size = 0 if method == "HEAD" or status in (204, 304) else int(headers.get("Content-Length", 0))
        known = method if method in _METHODS else "other"
        for add, value in zip(
            self._series(known, self.route(path), status, told["cache"]), (1, size, seconds), strict=True
        ):
            add(value)
        if self._writes_lines:
            path = quote(path, _SAFE, "latin-1", "replace")[:MAX_PATH]  # WSGI takes each byte for a character
            values = {"method": method, "path": path, "status": status, "bytes": size, **told}
            values |= {"client": anonymize(told["client"]), "ms": round(seconds * 1000, 2)}
            values |= {"type": headers.get("Content-Type"), "language": headers.get("Content-Language")}
            self.log.add(json_line(at, "info", "request", values))

    def _count(self, method: str, route: str, status: int, cached: str) -> tuple[Callable[[float], None], ...]:
        """Return what counts a request, its bytes and its seconds."""
        requests = self.metrics.requests.labels(method, route, status, cached)
        return requests.inc, self.metrics.bytes.labels(route).inc, self.metrics.seconds.labels(route).observe

    def close(self) -> None:
        """Write the remaining lines; the server ends."""
        self.log.stop()
