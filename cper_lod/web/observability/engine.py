"""An engine that counts and logs each query that it runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from cper_lod.core.errors import Problem
from cper_lod.engine.base import Answer, CancelToken, Engine, EngineStatus, Query
from cper_lod.web.observability.recorder import RequestRecorder


class InstrumentedEngine:
    """An `Engine` that passes every query to another one, and records its outcome."""

    def __init__(self, engine: Engine, recorder: RequestRecorder, release: str) -> None:
        """Record the queries to `engine`, which holds the release with the id `release`."""
        self._engine, self._recorder, self._release = engine, recorder, release

    @contextmanager
    def _recorded(self, query: Query, cancel: CancelToken) -> Iterator[list[Answer]]:
        """Record the query that is run within this context, which adds its answer to the list that it gets."""
        began, answers, problem = time.perf_counter(), list[Answer](), None
        try:
            yield answers
        except Problem as error:
            problem = error
            raise
        except Exception:
            problem = Problem("unexpected", reference="")
            raise
        finally:
            outcome = answers[0] if answers else problem
            self._recorder.record_query(query, time.perf_counter() - began, cancel.queue, outcome, self._release)

    def query(self, query: Query) -> Answer:
        """Return the whole answer to `query`; raises what the engine raises."""
        with self._recorded(query, CancelToken()) as answers:
            answers.append(self._engine.query(query))
        return answers[0]

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        """Return the whole answer to `query`; raises what the engine raises."""
        cancel = cancel or CancelToken()
        with self._recorded(query, cancel) as answers:
            answers.append(await self._engine.query_async(query, cancel))
        return answers[0]

    def instrument(self, engine: Engine, release: str) -> "InstrumentedEngine":
        """Return another engine, whose queries the same recorder records."""
        return InstrumentedEngine(engine, self._recorder, release)

    def status(self) -> EngineStatus:
        """Return what the engine is doing."""
        return self._engine.status()

    def close(self) -> None:
        """End the engine."""
        self._engine.close()
