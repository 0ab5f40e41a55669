"""An engine that starts when it receives its first query, so that rarely queried releases use no process until then."""

import asyncio
import threading
from collections.abc import Callable

from cper_lod.core.errors import Problem
from cper_lod.engine.base import Answer, CancelToken, Engine, EngineStatus, Query


class LazyEngine:
    """An `Engine` that calls `start` at its first query; errors of `start` are raised by that query."""

    def __init__(self, start: Callable[[], Engine]) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._closed = False

    def _started(self) -> Engine:
        with self._lock:
            if self._closed:
                raise Problem("query-queue")
            if self._engine is None:
                self._engine = self._start()
            return self._engine

    def query(self, query: Query) -> Answer:
        """Start the engine if necessary and return the complete answer to `query`."""
        return self._started().query(query)

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        """Do the same as `query`; uses a thread only to start the engine."""
        engine = await asyncio.to_thread(self._started) if self._engine is None else self._engine
        return await engine.query_async(query, cancel)

    def status(self) -> EngineStatus:
        """Return what the engine is doing: nothing before the first query."""
        return self._engine.status() if self._engine else EngineStatus()

    def close(self) -> None:
        """Close the engine if it was started; a second call does nothing."""
        with self._lock:
            self._closed = True
            if self._engine is not None:
                self._engine.close()
