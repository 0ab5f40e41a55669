"""The SPARQL endpoint of a server process: queries are answered without a thread, repeated ones from a cache."""

import asyncio
import logging
import time
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.engine.base import Answer, Query
from cper_lod.engine.spool import Spool
from cper_lod.web.gateway.query_cache import QueryCache
from cper_lod.web.http.conditional import Conditions
from cper_lod.web.http.request import Request
from cper_lod.web.http.response import Response
from cper_lod.web.observability.logs import anonymize
from cper_lod.web.site import Site
from cper_lod.web.sparql import handler
from cper_lod.web.sparql.handler import PageMaker
from cper_lod.web.sparql.protocol import ParsedQuery, ProtocolRequest
from cper_lod.web.sparql.spreadsheets import SpreadsheetWriter

log = logging.getLogger("cper_lod")
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
        request: Request,
        message: ProtocolRequest,
        parsed: ParsedQuery,
        page: PageMaker[Response],
        conditions: Conditions,
    ) -> Response:
        """Return the response to a query; a page is what `page` makes of its outcome.

        Raises the problems of the query, and ClientDisconnected.
        """

        async def run(query: Query, deterministic: bool) -> tuple[Answer, bool]:
            if answer := self.cache.get(query):
                return answer, True
            began = time.monotonic()
            try:
                return await self.cache.run(query, request.disconnected, shared=deterministic), False
            except Problem as problem:
                self._log_failure(query, problem, time.monotonic() - began)
                raise

        client = request.client(self.site.settings.trusted_proxy)
        response = await handler.respond(
            message,
            parsed,
            run,
            self.spreadsheets.convert,
            page,
            site=self.site,
            lang=request.language,
            client=client,
            conditions=conditions,
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

    def _log_failure(self, query: Query, problem: Problem, seconds: float) -> None:
        """Log a query that failed because of a limit or a fault; while the queue is full, one line a second."""
        code, now = problem.kind.code, time.monotonic()
        if problem.kind.status >= 500 and (now > self._quiet_until or code != "query-queue"):
            self._quiet_until = now + 1
            client = anonymize(query.client, self.site.settings.log_addresses)
            log.warning("%d %s for %s after %.1f s", problem.kind.status, code, client, seconds)

    def close(self) -> None:
        """End the thread of the spreadsheets."""
        self.spreadsheets.close()
