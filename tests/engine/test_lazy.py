"""An engine that starts late: nothing before the first query, once for all of them, nothing after it was closed."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV
from cper_lod.engine.base import Answer, CancelToken, EngineStatus, Query
from cper_lod.engine.lazy import LazyEngine

QUERY = Query("ASK {}", CSV, None)


class Engine:
    """An engine that notes what is done with it."""

    def __init__(self) -> None:
        self.asked = 0
        self.closed = 0

    def query(self, query: Query) -> Answer:
        self.asked += 1
        return Answer(query.text.encode(), CSV, "ask")

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        assert cancel is None
        return self.query(query)

    def status(self) -> EngineStatus:
        return EngineStatus(running=7)

    def close(self) -> None:
        self.closed += 1


def test_it_starts_once_at_the_first_query() -> None:
    made, together = list[Engine](), threading.Barrier(4)

    def start() -> Engine:
        made.append(Engine())
        return made[-1]

    def ask(_: int) -> bytes:
        together.wait(5)
        return late.query(QUERY).read()

    late = LazyEngine(start)
    assert (late.status(), made) == (EngineStatus(), [])
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [b"ASK {}"] * 4
    assert asyncio.run(late.query_async(QUERY)).read() == b"ASK {}"
    assert (len(made), made[0].asked, late.status()) == (1, 5, EngineStatus(running=7))
    late.close()
    late.close()
    assert made[0].closed >= 1


def test_an_async_query_starts_the_engine() -> None:
    made = Engine()
    late = LazyEngine(lambda: made)
    assert asyncio.run(late.query_async(QUERY)).read() == b"ASK {}"
    assert made.asked == 1


def test_an_engine_closed_before_its_first_query_never_starts() -> None:
    late = LazyEngine(Engine)
    late.close()
    with pytest.raises(Problem) as raised:
        late.query(QUERY)
    assert raised.value.kind.code == "query-queue"


def test_a_failed_start_is_raised_and_retried() -> None:
    tries = list[int]()

    def start() -> Engine:
        tries.append(1)
        if len(tries) == 1:
            raise Problem("release-damaged", path="index", message="no")
        return Engine()

    late = LazyEngine(start)
    with pytest.raises(Problem) as raised:
        late.query(QUERY)
    assert raised.value.kind.code == "release-damaged"
    assert late.query(QUERY).read() == b"ASK {}"
