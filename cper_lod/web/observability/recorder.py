"""Records every request: counts it, and writes its line of the log."""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import Any, Final

from flask import Flask
from werkzeug.wsgi import ClosingIterator

from cper_lod.core.settings import Settings
from cper_lod.web.http.environ import CACHE, PROBLEM, REGISTRY, RELEASE, Application, Environ, client
from cper_lod.web.observability.logs import LOGGERS, LogQueue, anonymize, configure, line, printable
from cper_lod.web.observability.metrics import Metrics

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "QUERY", "OPTIONS"})
_ROUTE: Final = re.compile(r"/?(\.?[^/.<]*)")  # the first segment of a path without its suffix


class Recorder:
    """Records the requests to the server process, to whatever release; used by any thread."""

    def __init__(self, settings: Settings, prefix: str = "") -> None:
        """Record requests, also below the path `prefix`."""
        self._settings, self._prefix, self._routes, self.metrics = settings, prefix, set[str](), Metrics()
        self._series = cache(self._count)  # saves 7 µs; no client chooses a label
        self._log = LogQueue(self.metrics.lost.inc)

    def set_release(self, app: Flask) -> None:
        """Record an application that is served from now on: its routes are labels, its release is in the metrics."""
        self.metrics.site = app.extensions["cper_lod"]
        self._routes = {found[1] for rule in app.url_map.iter_rules() if (found := _ROUTE.match(rule.rule))}

    def route(self, path: str) -> str:
        """Return the route of a path as a label: its first segment if that is one of our routes, else `other`."""
        found = _ROUTE.match(path.removeprefix(self._prefix) if f"{path}/".startswith(f"{self._prefix}/") else path)
        first = found[1] if found else ""
        return (first if first in self._routes else "other") if first else "home"

    def wrap(self, application: Application) -> Application:
        """Return an application that records each request to `application` once its response is whole.

        Until `close`, messages of the process do not wait for their reader either.
        """
        if LOGGERS[0].handlers:
            configure(self._log)

        def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
            heads = list[tuple[Any, ...]]()
            # The path is that of now: it changes for applications mounted below one.
            record = partial(self._record, environ, environ["PATH_INFO"], time.perf_counter(), heads)
            environ[REGISTRY] = self.metrics.registry

            def start(*head: Any) -> Any:  # noqa: ANN401
                heads.append(head)
                return start_response(*head)

            body = application(environ, start)  # which answers its own errors (`web.server.release_server`)
            if not isinstance(body, list):  # granian sends a list without a thread, so it is not wrapped
                return ClosingIterator(body, record)
            record()
            return body

        return answer

    def _count(self, method: str, route: str, status: int, cached: str) -> tuple[Callable[[float], None], ...]:
        """Return what counts a request, its bytes and its seconds."""
        requests = self.metrics.requests.labels(method, route, status, cached)
        return requests.inc, self.metrics.bytes.labels(route).inc, self.metrics.seconds.labels(route).observe

    def _record(self, environ: Environ, path: str, began: float, heads: list[tuple[Any, ...]]) -> None:
        seconds, settings = time.perf_counter() - began, self._settings
        method, cached = environ["REQUEST_METHOD"], environ.get(CACHE, "none")
        status, headers = int(heads[-1][0][:3]), heads[-1][1]
        size = 0 if method == "HEAD" or status in (204, 304) else int(_header(headers, "content-length") or 0)
        known = method if method in _METHODS else "other"
        for add, value in zip(self._series(known, self.route(path), status, cached), (1, size, seconds), strict=True):
            add(value)
        if settings.log_level == "info":
            values = {"method": printable(method)[:40], "path": printable(path), "status": status, "bytes": size}
            values |= {"cache": cached, "problem": environ.get(PROBLEM), "release": environ.get(RELEASE)}
            values |= {"type": _header(headers, "content-type"), "language": _header(headers, "content-language")}
            values |= {"client": anonymize(client(environ, settings.trusted_proxy)), "ms": round(seconds * 1000, 2)}
            self._log.add(line("info", "request", values))

    def close(self) -> None:
        """Write the remaining lines; the server ends."""
        if self._log in LOGGERS[0].handlers:
            configure()
        self._log.stop()


def _header(headers: Sequence[tuple[str, str]], name: str) -> str | None:
    """Return the value of a header, None without it; of responses from the cache, the length comes last."""
    return next((value for known, value in reversed(headers) if known.lower() == name), None)
