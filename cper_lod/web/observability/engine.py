"""An engine that is watched: each query that is run is counted and told in the log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from cper_lod.core.errors import Problem
from cper_lod.engine.base import Answer, CancelToken, Engine, EngineStatus, Query
from cper_lod.web.observability.recorder import RequestRecorder


class _Outcome:
    """What a query came to; nothing where its client left."""

    def __init__(self) -> None:
        self.known: Answer | Problem | None = None


class InstrumentedEngine:
    """An `Engine` that passes every query to another, and has its outcome noted."""

    def __init__(self, engine: Engine, observer: RequestRecorder, release: str) -> None:
        """Watch `engine`; `release` is the id of what it holds."""
        self._engine, self._observer, self._release = engine, observer, release

    @contextmanager
    def _noted(self, query: Query, cancel: CancelToken) -> Iterator[_Outcome]:
        began, outcome = time.perf_counter(), _Outcome()
        try:
            yield outcome
        except Problem as problem:
            outcome.known = problem
            raise
        except Exception:
            outcome.known = Problem("unexpected", reference="")
            raise
        finally:
            self._observer.queried(query, time.perf_counter() - began, cancel.queue, outcome.known, self._release)

    def query(self, query: Query) -> Answer:
        """Return the whole answer to `query`; raises what the engine raises."""
        with self._noted(query, CancelToken()) as outcome:
            outcome.known = answer = self._engine.query(query)
        return answer

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        """Return the whole answer to `query`; raises what the engine raises."""
        cancel = cancel or CancelToken()
        with self._noted(query, cancel) as outcome:
            outcome.known = answer = await self._engine.query_async(query, cancel)
        return answer

    def beside(self, engine: Engine, release: str) -> "InstrumentedEngine":
        """Return another engine, watched by the same."""
        return InstrumentedEngine(engine, self._observer, release)

    def status(self) -> EngineStatus:
        """Return what the engine is doing."""
        return self._engine.status()

    def close(self) -> None:
        """End the engine."""
        self._engine.close()
