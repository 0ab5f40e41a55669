"""An engine that runs queries in child processes, which are killed when a query reaches a limit or is cancelled."""

import asyncio
import time
from collections.abc import Collection, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final, Self

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, CancelToken, EngineStatus, Query, run_blocking
from cper_lod.engine.process.exchange import answer, dataset, first_message
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

    def __exit__(self, *_: object) -> None:
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
        return run_blocking(self._run(query, None))

    def query_async(self, query: Query, cancel: CancelToken | None = None) -> Coroutine[Any, Any, Answer]:
        """Do the same as `query` without blocking a thread.

        If it is cancelled, the process of the query is killed at once.
        """
        return self._run(query, cancel or CancelToken())

    async def _run(self, query: Query, cancel: CancelToken | None) -> Answer:
        """Return the complete answer to `query`; without `cancel`, nothing is awaited: the thread is blocked instead."""
        if federation.mentions_service(query.text, self._services):
            federated = self._federate(query)
            query = await cancel.watch(asyncio.wrap_future(federated)) if cancel else federated.result()
        if cancel and len(query.text) > _LONG_TEXT:
            prepare = partial(first_message, query, self._settings, self._graphs, self._details)
            text, message = await cancel.watch(asyncio.get_running_loop().run_in_executor(None, prepare))
        else:
            text, message = first_message(query, self._settings, self._graphs, self._details)

        async def send(message: bytes) -> WorkerReply:
            if cancel:
                return await self._pool.exchange_async(message, query, cancel)
            return self._pool.exchange(message, query)

        try:
            return await answer(query, text, message, send, self._settings)
        except Problem as problem:
            if problem.kind.code == "index-damaged":
                self._fault = problem.kind.code
            raise

    def _details(self, query: Query, text: str) -> dict[str, Any] | None:
        """Return what a process must know about a query besides its text and formats, or None."""
        return dataset(query, text)

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
