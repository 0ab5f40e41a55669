"""The SPARQL endpoint of a server process: queries are answered without a thread, repeated ones from a cache."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Final

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import Format
from cper_lod.engine.base import Answer, Query
from cper_lod.engine.spool import Spool
from cper_lod.web.gateway.query_cache import QueryCache
from cper_lod.web.http.conditional import Conditions
from cper_lod.web.http.response import Response
from cper_lod.web.observability.logs import anonymize
from cper_lod.web.site import Site
from cper_lod.web.sparql import handler
from cper_lod.web.sparql.protocol import ParsedQuery, ProtocolRequest
from cper_lod.web.sparql.spreadsheets import SpreadsheetWriter

log = logging.getLogger("cper_lod")
PageMaker = Callable[[ParsedQuery, Answer | Problem], Awaitable[Response]]
SPOOL_SECONDS: Final = 0.5
"""Seconds for which the file of a large answer stays open: granian opens it by its path right after it is passed on."""
MAX_SPOOLS: Final = 512
"""Files of large answers that stay open at once."""


class SparqlEndpoint:
    """Answers the queries to one release; used in one event loop."""

    def __init__(self, site: Site, cache_size: int) -> None:
        """Cache answers of `cache_size` bytes in all."""
        self.site = site
        self.cache = QueryCache(site.engine, cache_size)
        self.spreadsheets = SpreadsheetWriter(site)
        self._spools: set[Spool] = set()
        self._quiet_until = 0.0

    async def respond(
        self,
        request: ProtocolRequest,
        parsed: ParsedQuery,
        page: PageMaker,
        disconnected: Callable[[], Awaitable[None]],
        lang: Language,
        client: str,
        conditions: Conditions,
    ) -> Response:
        """Return the response to a query; a page is what `page` makes of its outcome.

        `disconnected` waits until the client has gone. Raises the problems of the query, and ClientDisconnected.
        """
        backend = _AsyncBackend(self, page, disconnected)
        response = await handler.respond(
            request, parsed, backend, site=self.site, lang=lang, client=client, conditions=conditions
        )
        if isinstance(response.body, Spool):
            self._hold(response.body)
        return response

    def _hold(self, spool: Spool) -> None:
        """Keep the file of a large answer open until granian has opened it too; raises query-queue."""
        if len(self._spools) >= MAX_SPOOLS:
            raise Problem("query-queue")
        self._spools.add(spool)
        asyncio.get_running_loop().call_later(SPOOL_SECONDS, self._spools.discard, spool)

    def log_failure(self, query: Query, problem: Problem, seconds: float) -> None:
        """Log a query that failed because of a limit or a fault; while the queue is full, one line a second."""
        code, now = problem.kind.code, time.monotonic()
        if problem.kind.status >= 500 and (now > self._quiet_until or code != "query-queue"):
            self._quiet_until = now + 1
            client = anonymize(query.client, self.site.settings.log_addresses)
            log.warning("%d %s for %s after %.1f s", problem.kind.status, code, client, seconds)

    def close(self) -> None:
        """End the thread of the spreadsheets."""
        self.spreadsheets.close()


class _AsyncBackend:
    """What the handler needs for one request (`handler.Backend`): nothing here holds a thread."""

    def __init__(self, endpoint: SparqlEndpoint, page: PageMaker, disconnected: Callable[[], Awaitable[None]]) -> None:
        self._endpoint, self._page, self._disconnected = endpoint, page, disconnected
        self.is_repeated = False

    async def run(self, query: Query, *, deterministic: bool) -> Answer:
        cache = self._endpoint.cache
        if answer := cache.get(query):
            self.is_repeated = True
            return answer
        began = time.monotonic()
        try:
            return await cache.run(query, self._disconnected, shared=deterministic)
        except Problem as problem:
            self._endpoint.log_failure(query, problem, time.monotonic() - began)
            raise

    async def spreadsheet(self, parsed: ParsedQuery, answer: Answer, format: Format, lang: Language) -> Answer:
        return await self._endpoint.spreadsheets.convert(parsed, answer, format, lang)

    async def page(self, parsed: ParsedQuery, outcome: Answer | Problem) -> Response:
        return await self._page(parsed, outcome)
