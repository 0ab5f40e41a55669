"""An engine that counts and logs each query that it runs."""

import time
from typing import Self

from cper_lod.core.errors import Problem
from cper_lod.engine.base import Answer, CancelToken, Engine, EngineStatus, Query
from cper_lod.web.observability.recorder import RequestRecorder


class _Recording:
    """Context manager that records the query that runs within it; `outcome` is to be set to its answer."""

    def __init__(self, recorder: RequestRecorder, release: str, query: Query, cancel: CancelToken) -> None:
        self._recorder, self._release, self._query, self._cancel = recorder, release, query, cancel
        self._began = time.perf_counter()
        self.outcome: Answer | Problem | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, Exception):
            self.outcome = error if isinstance(error, Problem) else Problem("unexpected", reference="")
        seconds = time.perf_counter() - self._began
        self._recorder.record_query(self._query, seconds, self._cancel.queue, self.outcome, self._release)


class InstrumentedEngine:
    """An `Engine` that passes every query to another one, and records its outcome."""

    def __init__(self, engine: Engine, recorder: RequestRecorder, release: str) -> None:
        """Record the queries to `engine`, which holds the release with the id `release`."""
        self._engine, self._recorder, self._release = engine, recorder, release

    def query(self, query: Query) -> Answer:
        """Return the whole answer to `query`; raises what the engine raises."""
        with _Recording(self._recorder, self._release, query, CancelToken()) as recording:
            recording.outcome = answer = self._engine.query(query)
            return answer

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        """Return the whole answer to `query`; raises what the engine raises."""
        cancel = cancel or CancelToken()
        with _Recording(self._recorder, self._release, query, cancel) as recording:
            recording.outcome = answer = await self._engine.query_async(query, cancel)
            return answer

    def instrument(self, engine: Engine, release: str) -> "InstrumentedEngine":
        """Return another engine, whose queries the same recorder records."""
        return InstrumentedEngine(engine, self._recorder, release)

    def status(self) -> EngineStatus:
        """Return what the engine is doing."""
        return self._engine.status()

    def close(self) -> None:
        """End the engine."""
        self._engine.close()
