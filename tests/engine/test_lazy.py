"""An engine that starts at its first query: not before, only once, and not after it was closed."""

import threading
from concurrent.futures import ThreadPoolExecutor

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV
from cper_lod.engine.base import Answer, EngineStatus, LazyEngine, Query
from tests.support.refusals import refused

QUERY = Query("ASK {}", CSV, None)


class FakeEngine:
    """An engine that records calls."""

    def __init__(self) -> None:
        self.asked = 0
        self.closed = 0

    def query(self, query: Query) -> Answer:
        self.asked += 1
        return Answer(query.text.encode(), CSV, "ask")

    def status(self) -> EngineStatus:
        return EngineStatus(running=7)

    def close(self) -> None:
        self.closed += 1


def test_it_starts_once_at_the_first_query() -> None:
    started, together = list[FakeEngine](), threading.Barrier(4)

    def start() -> FakeEngine:
        started.append(FakeEngine())
        return started[-1]

    def ask(_: int) -> bytes:
        together.wait(5)
        return lazy_engine.query(QUERY).read()

    lazy_engine = LazyEngine(start)
    assert (lazy_engine.status(), started) == (EngineStatus(), [])
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [b"ASK {}"] * 4
    assert (len(started), started[0].asked, lazy_engine.status()) == (1, 4, EngineStatus(running=7))
    lazy_engine.close()
    lazy_engine.close()
    assert started[0].closed >= 1


def test_an_engine_closed_before_its_first_query_never_starts() -> None:
    lazy_engine = LazyEngine(FakeEngine)
    lazy_engine.close()
    with refused("query-queue"):
        lazy_engine.query(QUERY)


def test_a_failed_start_is_raised_and_retried() -> None:
    tries = list[int]()

    def start() -> FakeEngine:
        tries.append(1)
        if len(tries) == 1:
            raise Problem("release-damaged", path="index", message="no")
        return FakeEngine()

    lazy_engine = LazyEngine(start)
    with refused("release-damaged"):
        lazy_engine.query(QUERY)
    assert lazy_engine.query(QUERY).read() == b"ASK {}"
