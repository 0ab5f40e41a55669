"""An engine that is watched: whatever a query comes to is noted once, of the release that it was asked."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.engine.base import Answer, CancelToken, Engine, EngineStatus, Query
from cper_lod.web.observability.recorder import InstrumentedEngine, RequestRecorder

ASK = Query("ASK { ?s ?p ?o }", RESULTS_JSON, None, client="192.0.2.7")
ANSWER = Answer(b"{}", RESULTS_JSON, "ask")


class TellingEngine:
    """An engine that answers, raises or waits, as it is told."""

    def __init__(self, outcome: Answer | Problem | None) -> None:
        self.outcome = outcome
        self.closed = False

    def query(self, query: Query) -> Answer:
        if isinstance(self.outcome, Problem):
            raise self.outcome
        assert self.outcome
        return self.outcome

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        assert cancel
        cancel.queue = "long"
        if self.outcome is None:
            await cancel.watch(asyncio.get_running_loop().create_future())
        return self.query(query)

    def status(self) -> EngineStatus:
        return EngineStatus(running=3)

    def close(self) -> None:
        self.closed = True


def watched(outcome: Answer | Problem | None) -> tuple[InstrumentedEngine, list[tuple[str, str, str]], TellingEngine]:
    """Return an engine that is watched, what is noted of it, and the engine inside."""
    noted, engine = list[tuple[str, str, str]](), TellingEngine(outcome)

    def record(query: Query, seconds: float, queue: str, outcome: Answer | Problem | None, release: str) -> None:
        assert query is ASK
        assert seconds >= 0
        what = "left" if outcome is None else outcome.kind.code if isinstance(outcome, Problem) else "answered"
        noted.append((what, queue, release))

    recorder = cast(RequestRecorder, SimpleNamespace(record_query=record))
    return InstrumentedEngine(cast(Engine, engine), recorder, "now"), noted, engine


async def asked(engine: InstrumentedEngine, cancel: CancelToken | None = None) -> Answer:
    return await engine.query_async(ASK, cancel)


def test_an_answer_is_noted_of_the_release_that_was_asked() -> None:
    engine, noted, inner = watched(ANSWER)
    other = engine.instrument(cast(Engine, inner), "old")
    assert [engine.query(ASK), asyncio.run(asked(engine)), other.query(ASK)] == [ANSWER] * 3
    assert noted == [("answered", "", "now"), ("answered", "long", "now"), ("answered", "", "old")]


def test_a_problem_is_noted() -> None:
    engine, noted, _ = watched(Problem("query-timeout", limit=1))
    for ask in (lambda: engine.query(ASK), lambda: asyncio.run(asked(engine))):
        with pytest.raises(Problem, match="1 s"):
            ask()
    assert noted == [("query-timeout", "", "now"), ("query-timeout", "long", "now")]


def test_a_client_that_leaves_is_noted() -> None:
    engine, noted, _ = watched(None)

    async def work() -> None:
        cancel = CancelToken()
        asyncio.get_running_loop().call_later(0.01, cancel.cancel)
        with pytest.raises(asyncio.CancelledError):
            await asked(engine, cancel)

    asyncio.run(work())
    assert noted == [("left", "long", "now")]


def test_a_fault_of_ours_is_noted_as_one() -> None:
    engine, noted, inner = watched(ANSWER)
    inner.outcome = None
    with pytest.raises(AssertionError):
        engine.query(ASK)
    assert noted == [("unexpected", "", "now")]


def test_the_rest_is_the_engine_s() -> None:
    engine, _, inner = watched(ANSWER)
    assert engine.status() == EngineStatus(running=3)
    engine.close()
    assert inner.closed
