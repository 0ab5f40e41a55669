"""An engine that starts at its first query: releases that are seldom asked cost no process until then."""

import asyncio
import threading
from collections.abc import Callable

from cper_lod.core.errors import Problem
from cper_lod.engine.base import Answer, CancelToken, Engine, EngineStatus, Query


class LazyEngine:
    """An `Engine` that is made by `start` when it is first asked; what that raises, the query raises."""

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
        """Return the whole answer to `query`, as the engine does that is started here."""
        return self._started().query(query)

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        """Return what `ask` does, without holding a thread but to start."""
        engine = await asyncio.to_thread(self._started) if self._engine is None else self._engine
        return await engine.query_async(query, cancel)

    def status(self) -> EngineStatus:
        """Return what it is doing: nothing before the first query."""
        return self._engine.status() if self._engine else EngineStatus()

    def close(self) -> None:
        """End what was started, if anything was; a second call does nothing."""
        with self._lock:
            self._closed = True
            if self._engine is not None:
                self._engine.close()
