"""An engine that is watched: whatever a query comes to is noted once, of the release that it was asked."""

import asyncio
from typing import Any, cast

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


class Notes:
    """What would be noted."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str, str]] = []

    def record_query(
        self, query: Query, seconds: float, queue: str, outcome: Answer | Problem | None, release: str
    ) -> None:
        assert query is ASK
        assert seconds >= 0
        what = "left" if outcome is None else outcome.kind.code if isinstance(outcome, Problem) else "answered"
        self.noted.append((what, queue, release))


def watched(outcome: Answer | Problem | None) -> tuple[InstrumentedEngine, Notes, TellingEngine]:
    notes, engine = Notes(), TellingEngine(outcome)
    return InstrumentedEngine(cast(Engine, engine), cast(RequestRecorder, notes), "now"), notes, engine


@pytest.mark.parametrize("code", ["", "query-timeout"])
def test_what_a_query_comes_to(code: str) -> None:
    engine, notes, inner = watched(Problem(code, limit=1) if code else ANSWER)

    async def answer() -> Answer:
        return await engine.query_async(ASK)

    def both() -> list[Any]:
        return [engine.query(ASK), asyncio.run(answer()), engine.instrument(cast(Engine, inner), "old").query(ASK)]

    if code:
        for asked in (lambda: engine.query(ASK), lambda: asyncio.run(answer())):
            with pytest.raises(Problem) as raised:
                asked()
            assert raised.value.kind.code == code
        assert notes.noted == [(code, "", "now"), (code, "long", "now")]
    else:
        assert both() == [ANSWER] * 3
        assert notes.noted == [("answered", "", "now"), ("answered", "long", "now"), ("answered", "", "old")]


def test_a_client_that_leaves_is_noted() -> None:
    engine, notes, _ = watched(None)

    async def work() -> None:
        cancel = CancelToken()
        asyncio.get_running_loop().call_later(0.01, cancel.cancel)
        with pytest.raises(asyncio.CancelledError):
            await engine.query_async(ASK, cancel)

    asyncio.run(work())
    assert notes.noted == [("left", "long", "now")]


def test_a_fault_of_ours_is_noted_as_one() -> None:
    engine, notes, inner = watched(ANSWER)
    inner.outcome = None
    with pytest.raises(AssertionError):
        engine.query(ASK)
    assert notes.noted == [("unexpected", "", "now")]


def test_the_rest_is_the_engine_s() -> None:
    engine, _, inner = watched(ANSWER)
    assert engine.status() == EngineStatus(running=3)
    engine.close()
    assert inner.closed
