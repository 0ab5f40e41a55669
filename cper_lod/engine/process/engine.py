"""An engine that runs queries in child processes, which are killed when a query reaches a limit or is cancelled."""

import asyncio
import time
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import BoundedSemaphore
from types import TracebackType
from typing import Final, Self

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, CancelToken, EngineStatus, Query
from cper_lod.engine.process.exchange import QueryExchange
from cper_lod.engine.process.pool import ProcessPool
from cper_lod.engine.process.worker_process import WorkerReply
from cper_lod.engine.service import federation

_LONG_TEXT: Final = 16 * 1024
"""Characters of a query above which its text is checked in a thread, to not block the event loop."""
_MAX_FEDERATED: Final = 4
"""Maximum number of queries with SERVICE that wait for other endpoints at the same time."""


class ProcessEngine:
    """An `Engine` over a pool of processes; a context manager. It cannot be used after a fork."""

    def __init__(self, pool: ProcessPool, settings: Settings, graphs: Collection[str]) -> None:
        self._settings = settings
        self._graphs = frozenset(graphs)
        self._services = frozenset(settings.service_allow.split())
        self._pool = pool
        self._threads = ThreadPoolExecutor(_MAX_FEDERATED, "federation")
        self._federation_slots = BoundedSemaphore(_MAX_FEDERATED)
        self._closed = False
        self._fault = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all child processes and their queries; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._pool.close()
            self._threads.shutdown(wait=False, cancel_futures=True)

    def status(self) -> EngineStatus:
        """Return what the engine is doing."""
        return self._pool.status()._replace(fault=self._fault)

    def query(self, query: Query) -> Answer:
        """Return the complete answer to `query`; raises the problems listed in `Engine.query`."""
        if federation.mentions_service(query.text, self._services):
            query = self._federate(query).result()
        exchange = self._exchange(query)
        exchange.start()
        while exchange.answer is None:
            try:
                reply = self._pool.exchange(exchange.message, query)
            except Problem as problem:
                exchange.fail(problem)
            else:
                self._receive(exchange, reply)
        return exchange.answer

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        """Do the same as `query` without blocking a thread.

        If it is cancelled, the process of the query is killed at once.
        """
        cancel, loop = cancel or CancelToken(), asyncio.get_running_loop()
        if federation.mentions_service(query.text, self._services):
            query = await cancel.watch(asyncio.wrap_future(self._federate(query)))
        exchange = self._exchange(query)
        if len(query.text) > _LONG_TEXT:
            await cancel.watch(loop.run_in_executor(None, exchange.start))
        else:
            exchange.start()
        while exchange.answer is None:
            try:
                reply = await self._pool.exchange_async(exchange.message, query, cancel)
            except Problem as problem:
                exchange.fail(problem)
            else:
                self._receive(exchange, reply)
        return exchange.answer

    def _receive(self, exchange: QueryExchange, reply: WorkerReply) -> None:
        """Continue a dialogue with a reply; remember that the index is damaged."""
        try:
            exchange.receive(reply)
        except Problem as problem:
            if problem.kind.code == "index-damaged":
                self._fault = problem.kind.code
            raise

    def _exchange(self, query: Query) -> QueryExchange:
        """Return the dialogue of a query with a process."""
        return QueryExchange(query, self._settings, self._graphs)

    def _federate(self, query: Query) -> Future[Query]:
        """Return a future with the query in which each SERVICE pattern is replaced by the solutions of its endpoint.

        Raises query-queue if too many are in progress.
        """
        if not self._federation_slots.acquire(blocking=False):
            raise Problem("query-queue")
        deadline = time.monotonic() + self._settings.query_timeout

        def run() -> Query:
            text = federation.federate(query.text, self._services, deadline, base=self._settings.endpoint)
            return query._replace(text=text)

        future = self._threads.submit(run)
        future.add_done_callback(lambda _: self._federation_slots.release())
        return future


class EmbeddedEngine(ProcessEngine):
    """An `Engine` over an Oxigraph index on disk."""

    def __init__(self, index: Path, settings: Settings, graphs: Collection[str], data: Path | None = None) -> None:
        """Start the processes; raises release-damaged if they cannot open `index` (or `data`, see `ProcessPool`)."""
        super().__init__(ProcessPool(index, settings, data), settings, graphs)
