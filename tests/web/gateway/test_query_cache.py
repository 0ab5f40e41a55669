"""Cached answers, and queries that many ask at once: run once, cancelled when the last client has gone."""

import asyncio
import weakref
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV, RESULTS_JSON, TURTLE
from cper_lod.engine.base import Answer, CancelToken, Query
from cper_lod.engine.spool import Spool
from cper_lod.engine.worker.output import unnamed_file
from cper_lod.web.gateway.query_cache import MAX_ANSWER, OVERHEAD, BoundedCache, ClientDisconnected, Key, QueryCache
from tests.support.asgi import CountingEngine
from tests.support.processes import without_garbage_collection

QUERY = Query("ASK {}", CSV, TURTLE)
YES = Answer(b"true", CSV, "ask")


class HeldEngine(CountingEngine):
    """An engine whose queries end when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = 0
        self.running: list[asyncio.Future[Answer]] = []

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        self.asked.append(query)
        running: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.running.append(running)
        try:
            return await (cancel or CancelToken()).watch(running)
        except asyncio.CancelledError:
            self.ended += 1
            raise

    def finish(self, outcome: Answer | Exception = YES) -> None:
        running = self.running.pop(0)
        if isinstance(outcome, Answer):
            running.set_result(outcome)
        else:
            running.set_exception(outcome)


@pytest.fixture
def engine() -> HeldEngine:
    return HeldEngine()


@pytest.fixture
def kept(engine: HeldEngine) -> QueryCache:
    return QueryCache(engine, 10**6)


class Client:
    """One who asks, and may leave."""

    def __init__(self, kept: QueryCache, query: Query = QUERY, *, shared: bool = True) -> None:
        self._gone = asyncio.Event()
        self.task = asyncio.create_task(kept.run(query, self._left, shared=shared))

    async def _left(self) -> None:
        await self._gone.wait()

    async def leave(self) -> None:
        """Go, once it is watched whether one goes."""
        self._gone.set()
        with pytest.raises(ClientDisconnected):
            await asyncio.wait_for(self.task, 1)

    def go(self) -> None:
        self._gone.set()


def none_in_flight(kept: QueryCache) -> bool:
    """Return whether no query is left in flight."""
    return not kept._in_flight  # Private: the effect of one that is left is memory that is never freed.


async def test_many_who_ask_the_same_at_once_have_it_run_once(engine: HeldEngine, kept: QueryCache) -> None:
    clients = [Client(kept, Query("ASK {}", CSV, TURTLE, accept=f"{n}", client=f"{n}")) for n in range(50)]
    others = [Client(kept, Query("ASK {}", RESULTS_JSON, TURTLE)), Client(kept, Query("ASK { }", CSV, TURTLE))]
    await asyncio.sleep(0.03)
    assert len(engine.asked) == 3
    for _ in range(3):
        engine.finish()
    assert [await each.task for each in (*clients, *others)] == [YES] * 52
    assert kept.get(QUERY) is YES
    assert none_in_flight(kept)


async def test_nothing_refers_to_a_large_answer_that_was_passed_on(tmp_path: Path) -> None:
    """Its file is closed without the garbage collector, also if it was watched whether the client goes."""
    with without_garbage_collection():
        engine = HeldEngine()
        client = Client(QueryCache(engine, 10**6))
        await asyncio.sleep(0.03)
        engine.finish(Answer(Spool(unnamed_file(str(tmp_path)), 0), CSV, "select"))
        body = weakref.ref((await client.task).body)
        del client, engine
        await asyncio.sleep(0)
        assert body() is None


async def test_only_the_last_one_leaving_ends_it(engine: HeldEngine, kept: QueryCache) -> None:
    first, second, third = (Client(kept) for _ in range(3))
    await asyncio.sleep(0.03)
    first.go()
    await third.leave()
    await asyncio.sleep(0.03)
    assert engine.ended == 0
    await second.leave()
    with pytest.raises(ClientDisconnected):
        await first.task
    assert engine.ended == 1
    assert none_in_flight(kept)


async def test_the_first_one_leaving_takes_it_from_nobody(engine: HeldEngine, kept: QueryCache) -> None:
    first, second = Client(kept), Client(kept)
    await asyncio.sleep(0.03)
    first.go()
    await asyncio.sleep(0.03)
    engine.finish()
    assert await second.task is YES
    await first.task  # it is given to a closed connection


async def test_one_alone_leaving_ends_it_at_once(engine: HeldEngine, kept: QueryCache) -> None:
    client = Client(kept, shared=False)
    await asyncio.sleep(0.03)
    await client.leave()
    assert engine.ended == 1


@pytest.mark.parametrize("steps", range(6))
async def test_who_comes_when_the_last_one_has_just_left_is_answered(
    engine: HeldEngine, kept: QueryCache, steps: int
) -> None:
    """The query that is being ended is not for him: at whichever moment he comes it is run anew."""
    first = Client(kept)
    await asyncio.sleep(0.03)
    first.go()
    for _ in range(steps):
        await asyncio.sleep(0)
    second = Client(kept)
    await asyncio.gather(first.task, return_exceptions=True)
    for _ in range(3):
        await asyncio.sleep(0)
    if engine.ended:
        engine.running.pop(0)
    engine.finish()
    assert await second.task is YES


@pytest.mark.parametrize(
    "failure", [Problem("query-timeout", limit=1), Problem("query-syntax", line=1, column=1, message="")]
)
async def test_a_failure_reaches_all_and_is_not_kept(engine: HeldEngine, kept: QueryCache, failure: Problem) -> None:
    clients = [Client(kept) for _ in range(3)]
    await asyncio.sleep(0)
    engine.finish(failure)
    assert await asyncio.gather(*(each.task for each in clients), return_exceptions=True) == [failure] * 3
    assert kept.get(QUERY) is None
    again = Client(kept)
    await asyncio.sleep(0)
    engine.finish()
    assert await again.task is YES
    assert len(engine.asked) == 2


async def test_a_fault_of_ours_reaches_the_first_and_is_none_of_the_others(
    engine: HeldEngine, kept: QueryCache
) -> None:
    first, second = Client(kept), Client(kept)
    await asyncio.sleep(0)
    engine.finish(ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await first.task
    with pytest.raises(Problem) as caught:
        await second.task
    assert caught.value.kind.status == 503
    assert none_in_flight(kept)


async def test_nothing_is_shared_or_kept_of_what_changes(engine: HeldEngine, kept: QueryCache) -> None:
    clients = [Client(kept, shared=False) for _ in range(3)]
    await asyncio.sleep(0)
    assert len(engine.asked) == 3
    for _ in clients:
        engine.finish()
    assert [await each.task for each in clients] == [YES] * 3
    assert kept.get(QUERY) is None


async def test_a_file_is_given_to_all_who_wait_and_not_kept(engine: HeldEngine, kept: QueryCache) -> None:
    clients = [Client(kept) for _ in range(2)]
    await asyncio.sleep(0)
    spooled = Answer(Spool(unnamed_file("/var/tmp"), 0), CSV, "select")  # noqa: S108
    engine.finish(spooled)
    assert [await each.task for each in clients] == [spooled] * 2
    assert kept.get(QUERY) is None


def test_the_ones_not_used_for_long_make_room() -> None:
    one = BoundedCache[str](10**6)
    one.put(("a",), "a", 0)
    assert one.size > OVERHEAD
    kept = BoundedCache[str](3 * one.size)
    for name in "abc":
        kept.put((name,), name, 0)
    assert kept.get(("a",)) == "a"
    kept.put(("d",), "d", 0)
    assert [kept.get((name,)) for name in "abcd"] == ["a", None, "c", "d"]


@pytest.mark.parametrize("limit", [0, 500, 10**9])
def test_what_is_too_large_is_not_kept(limit: int) -> None:
    kept = BoundedCache[str](limit)
    kept.put(("large",), "x", MAX_ANSWER)
    assert (kept.get(("large",)), kept.size) == (None, 0)
    kept.put(("small",), "x", 1)
    assert kept.get(("small",)) == ("x" if limit > 500 else None)


TEXTS = st.integers(0, 400).map("é".__mul__)
PARTS = st.one_of(TEXTS, st.lists(TEXTS, max_size=5).map(tuple), st.none())


@given(
    st.lists(st.tuples(st.lists(PARTS, max_size=4).map(tuple), st.integers(0, 3000)), max_size=20),
    st.integers(0, 20_000),
)
def test_the_bound_holds_whatever_is_put(entries: list[tuple[Key, int]], limit: int) -> None:
    """All texts in a key count: a client chooses them."""
    kept = BoundedCache[int](limit)
    costs: dict[Key, int] = {}
    for key, cost in entries:
        kept.put(key, 1, cost)
        alone = BoundedCache[int](limit)
        alone.put(key, 1, cost)
        if alone.size:
            costs[key] = alone.size
        assert kept.size <= limit
        assert kept.size == sum(cost for key, cost in costs.items() if kept.get(key))
    for key, cost in costs.items():
        assert cost >= len("".join(part if isinstance(part, str) else "".join(part or ()) for part in key))  # type: ignore[arg-type]
