"""An engine that is watched: each query that is run is counted and told in the log."""

import time

from cper_lod.engine.engine import Answer, Engine, Load, Query, Stop
from cper_lod.terms.problems import Problem
from cper_lod.web.observer import Observer


class WatchedEngine:
    """An `Engine` that passes every query to another, and has its outcome noted."""

    def __init__(self, engine: Engine, observer: Observer, release: str) -> None:
        """Watch `engine`; `release` is the id of what it holds."""
        self._engine, self._observer, self._release = engine, observer, release

    def ask(self, query: Query) -> Answer:
        """Return the whole answer to `query`; raises what the engine raises."""
        began = time.perf_counter()
        outcome: Answer | Problem
        try:
            outcome = answer = self._engine.ask(query)
        except Problem as problem:
            outcome = problem
            raise
        else:
            return answer
        finally:
            self._observer.queried(query, time.perf_counter() - began, "", outcome, self._release)

    async def answer(self, query: Query, stop: Stop | None = None) -> Answer:
        """Return the whole answer to `query`; raises what the engine raises."""
        began, stop = time.perf_counter(), stop or Stop()
        outcome: Answer | Problem | None = None
        try:
            outcome = answer = await self._engine.answer(query, stop)
        except Problem as problem:
            outcome = problem
            raise
        else:
            return answer
        finally:
            self._observer.queried(query, time.perf_counter() - began, stop.lane, outcome, self._release)

    def beside(self, engine: Engine, release: str) -> "WatchedEngine":
        """Return another engine, watched by the same."""
        return WatchedEngine(engine, self._observer, release)

    def load(self) -> Load:
        """Return what the engine is doing."""
        return self._engine.load()

    def close(self) -> None:
        """End the engine."""
        self._engine.close()
