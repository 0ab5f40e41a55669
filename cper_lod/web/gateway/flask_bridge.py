"""Bridge to Flask: calls the WSGI application in a thread and returns its whole response, compressed."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from cper_lod.web.http import wsgi
from cper_lod.web.http.compression import MAX_SIZE, compress
from cper_lod.web.http.request import Request
from cper_lod.web.http.response import FileResponse, Response
from cper_lod.web.http.wsgi import GATEWAY, Application
from cper_lod.web.observability.counters import Counters
from cper_lod.web.observability.metrics import COUNTERS, PEER
from cper_lod.web.sparql.views import OUTCOME, Outcome

THREADS: Final = 8
"""Threads in which Flask makes pages; none of them waits for a query or for a client."""


class FlaskBridge:
    """The application and its threads."""

    def __init__(self, application: Application, trusted_proxy: str, counters: Counters | None) -> None:
        self._application, self._trusted_proxy, self._counters = application, trusted_proxy, counters
        self._threads = ThreadPoolExecutor(THREADS, "pages")

    async def respond(
        self, request: Request, body: bytes, coding: str | None, outcome: Outcome | None = None
    ) -> Response:
        """Return the application's whole response in a coding; `outcome` is that of a query, for it to show.

        For a plain read the application makes the body also for HEAD, so that the response can be cached. Raises
        not-acceptable if `coding` is None.
        """
        environ = wsgi.environment(request, request.client(self._trusted_proxy), body)
        environ |= {GATEWAY: True, PEER: request.peer, COUNTERS: self._counters, OUTCOME: outcome}
        is_plain_read = request.is_plain_read
        if is_plain_read:
            environ["REQUEST_METHOD"] = "GET"
        cacheable = is_plain_read and outcome is None
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._call, environ, coding, cacheable)

    def _call(self, environ: dict[str, Any], coding: str | None, cacheable: bool) -> Response:
        response = wsgi.call(self._application, environ)
        if not cacheable or not is_cacheable(response):
            return compress(response, coding)
        if isinstance(response, FileResponse) and response.status == 200 and response.size <= MAX_SIZE:
            response = response.in_memory()
        return compress(replace(response, cacheable=True), coding)

    async def compress(self, response: Response, coding: str | None) -> Response:
        """Return a response in a coding, compressed in a thread; raises not-acceptable if `coding` is None."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, compress, response, coding)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def is_cacheable(response: Response) -> bool:
    """Return whether an equal request to the same release gets an equal response."""
    return response.status in (200, 303) and "no-store" not in response.headers.get("Cache-Control", "no-store")
