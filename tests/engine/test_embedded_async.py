"""The embedded engine in an event loop: the same answers, no blocked thread, and an end as soon as nothing waits."""

import asyncio
import os
import signal
import time
import weakref
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TypeVar

import pytest
import uvloop

from cper_lod.core.errors import Problem
from cper_lod.core.formats import (
    CSV,
    GRAPH_FORMATS,
    N_TRIPLES,
    RDF_XML,
    RESULTS_JSON,
    RESULTS_XML,
    SOLUTION_FORMATS,
    TURTLE,
    Format,
)
from cper_lod.engine.base import Answer, CancelToken, Query
from cper_lod.engine.process.engine import EmbeddedEngine
from cper_lod.engine.spool import Spool
from tests.support.engine import (
    CRASH,
    ENDLESS,
    FAST,
    GRAPH,
    GREEDY,
    LARGE,
    ROWS,
    SMALL,
    busy_processes,
    leave,
    processes,
    settings,
)
from tests.support.processes import child_processes, open_files, stop, without_garbage_collection

T = TypeVar("T")
LIMITS: dict[str, object] = {"query_timeout": 10, "query_bytes": 100_000, "query_memory": 64}


def run(
    index: Path,
    work: Callable[[EmbeddedEngine], Coroutine[object, object, T]],
    graphs: tuple[str, ...] = (),
    **limits: object,
) -> T:
    """Run in a new loop on a new engine, which is closed; no task and no reader may remain. It takes seconds at most."""

    async def bounded() -> T:
        async with asyncio.timeout(30):
            found = await work(engine)
            engine.close()
            # Private: which pipes the event loop still reads is shown by nothing public.
            while any(engine._pool._readers.values()):
                await asyncio.sleep(0.002)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return found

    with (
        EmbeddedEngine(index, settings(**limits), graphs) as engine,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,  # as granian runs it
    ):
        return runner.run(bounded())


async def outcome(engine: EmbeddedEngine, query: Query, cancel: CancelToken | None = None) -> tuple[object, ...]:
    """Return the result of a query in a form that can be compared."""
    try:
        return as_tuple(await engine.query_async(query, cancel))
    except Problem as problem:
        return as_tuple(problem)


def as_tuple(found: Answer | Problem) -> tuple[object, ...]:
    if isinstance(found, Problem):
        return (found.kind.code, found.params)
    return (found.form, found.format, type(found.body), found.read())


def outcome_of(engine: EmbeddedEngine, query: Query) -> tuple[object, ...]:
    try:
        return as_tuple(engine.query(query))
    except Problem as problem:
        return as_tuple(problem)


CASES: list[tuple[str, Format | None, Format | None]] = [
    *((SMALL, form, TURTLE) for form in SOLUTION_FORMATS),
    *(("ASK {}", form, TURTLE) for form in SOLUTION_FORMATS),
    *(("DESCRIBE <http://schema.org/n7>", CSV, form) for form in GRAPH_FORMATS),
    ("SELECT * { ?s ?p ?o }", CSV, None),
    ("SELECT * { ?s ?p ?o } ORDER BY ?o", RESULTS_JSON, None),
    ("CONSTRUCT WHERE { ?s ?p ?o }", None, N_TRIPLES),
    (SMALL, None, TURTLE),
    ("DESCRIBE <a:a>", CSV, None),
    ("SELECT * { ?s ?p }", CSV, TURTLE),
    ("SELECT * {\n" + "?s ?p 'x' .\n" * 9000 + "oops }", CSV, TURTLE),
    ("ASK { VALUES ?x { " + " ".join(f"'{i}'" for i in range(30_000)) + " } }", CSV, TURTLE),
    ("SELECT (<urn:f>(1) AS ?x) {}", CSV, TURTLE),
    ("SELECT * { SERVICE <http://x/> {} }", CSV, TURTLE),
    ("SELECT * FROM <http://e.org/none> { ?s ?p ?o }", CSV, TURTLE),
    ("DROP ALL", CSV, TURTLE),
    ("ASK { 'a\ud800' ?p ?o }", CSV, TURTLE),
    ("SELECT * { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ") }", CSV, TURTLE),
    ("CONSTRUCT WHERE { ?s <http://e.org/ends/> ?o }", CSV, RDF_XML),
    ("SELECT ?o { <http://e.org/control> ?p ?o }", RESULTS_XML, TURTLE),
    (GREEDY, CSV, TURTLE),
    (LARGE, CSV, TURTLE),
    (CRASH, CSV, TURTLE),
]


@pytest.mark.slow
def test_async_answers_equal_those_of_a_thread(index: Path) -> None:
    """Also those that a thread of another engine gets at the same time from the same index."""
    with EmbeddedEngine(index, settings(**LIMITS), [GRAPH]) as one:

        async def all_of_them(two: EmbeddedEngine) -> None:
            for text, solutions, graph in CASES:
                query = Query(text, solutions, graph, accept="image/png")
                expected = await asyncio.to_thread(outcome_of, one, query)
                assert await outcome(two, query) == expected, text[:80]

        run(index, all_of_them, (GRAPH,), **LIMITS)


def test_time_limit(index: Path) -> None:
    found = run(index, lambda engine: outcome(engine, Query(ENDLESS, CSV, None)), query_workers=1, query_timeout=0.2)
    assert found == ("query-timeout", {"limit": 0.2})


@pytest.mark.slow
def test_many_threads(index: Path) -> None:
    """Many more queries than slots, in one thread; each gets its own answer."""

    async def crowd(engine: EmbeddedEngine) -> list[tuple[object, ...]]:
        texts = [f"SELECT ?n {{ <http://schema.org/n{n % ROWS}> ?p ?n }}" for n in range(600)]
        return await asyncio.gather(*(outcome(engine, Query(text, CSV, None)) for text in texts))

    bodies = [each[-1] for each in run(index, crowd, query_queue=1000)]
    assert bodies == [f"n\r\nname {n % ROWS}\r\n".encode() for n in range(600)]


@pytest.mark.slow
def test_many_queries_while_processes_are_killed(index: Path) -> None:
    async def crowd(engine: EmbeddedEngine) -> list[tuple[object, ...]]:
        texts = [CRASH if n % 5 == 0 else SMALL for n in range(30)]
        return await asyncio.gather(*(outcome(engine, Query(text, CSV, None)) for text in texts))

    expected = ["query-crash" if n % 5 == 0 else "select" for n in range(30)]
    assert [each[0] for each in run(index, crowd, query_queue=1000)] == expected


@pytest.mark.parametrize("killed", [False, True])
def test_nothing_refers_to_a_large_answer_that_was_passed_on(index: Path, *, killed: bool) -> None:
    """Also after another attempt, in a process that was not killed: its file is closed without the garbage collector."""

    async def ask(engine: EmbeddedEngine) -> None:
        for pid in (stopped := processes(engine, ready=True) if killed else set()):
            stop(pid)
        asked = asyncio.create_task(engine.query_async(Query("SELECT * { ?s ?p ?o }", RESULTS_JSON, None)))
        if killed:
            await until(lambda: engine.status().running == 1)
        for pid in stopped:
            os.kill(pid, signal.SIGKILL)
        body = weakref.ref((await asked).body)
        assert isinstance(body(), Spool)
        del asked
        await until(lambda: body() is None)

    with without_garbage_collection():
        run(index, ask, query_workers=1)


def test_queries_longer_than_the_buffer_of_a_socket(index: Path) -> None:
    async def ask(engine: EmbeddedEngine) -> set[object]:
        texts = ["ASK { ?s ?p ?o }" + "#" * 240_000 + str(number) for number in range(10)]
        return {(await outcome(engine, Query(text, CSV, None)))[-1] for text in texts}

    assert run(index, ask, query_workers=1) == {b"true"}


async def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition is true, ten seconds at most."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.002)


@pytest.mark.parametrize("way", ["cancelled", "stopped"])
@pytest.mark.parametrize("after", [0.01, pytest.param(0.2, marks=pytest.mark.slow)])
def test_the_process_of_a_cancelled_query_is_killed_at_once(index: Path, way: str, after: float) -> None:
    async def work(engine: EmbeddedEngine) -> None:
        task = asyncio.create_task(engine.query_async(Query(ENDLESS, CSV, None), cancel := CancelToken()))
        await asyncio.sleep(after)
        (busy,) = busy_processes(engine)
        await leave(way, task, cancel)
        await until(lambda: busy not in child_processes())
        assert not busy_processes(engine)
        assert (await outcome(engine, Query(SMALL, CSV, None)))[-1] == FAST
        await until(lambda: len(processes(engine, ready=True)) == 3)

    run(index, work)


@pytest.mark.parametrize("way", ["cancelled", "stopped"])
def test_a_query_cancelled_while_waiting_costs_no_process(index: Path, way: str) -> None:
    async def work(engine: EmbeddedEngine) -> None:
        first = asyncio.create_task(engine.query_async(Query(ENDLESS, CSV, None)))
        await asyncio.sleep(0.01)
        before = processes(engine)
        second = asyncio.create_task(engine.query_async(Query(SMALL, CSV, None), cancel := CancelToken()))
        await asyncio.sleep(0.01)
        assert engine.status().waiting_short == 1
        await leave(way, second, cancel)
        assert engine.status().waiting_short == 0
        assert processes(engine) == before
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert (await outcome(engine, Query(SMALL, CSV, None)))[-1] == FAST

    run(index, work, query_workers=1)


def test_cancelled_before_it_started(index: Path) -> None:
    async def work(engine: EmbeddedEngine) -> None:
        cancel = CancelToken()
        cancel.cancel()
        with pytest.raises(asyncio.CancelledError):
            await engine.query_async(Query(ENDLESS, CSV, None), cancel)
        assert not busy_processes(engine)
        assert (await outcome(engine, Query(SMALL, CSV, None)))[-1] == FAST

    run(index, work, query_workers=1)


@pytest.mark.slow
def test_a_misjudged_query_is_requeued_and_answered(index: Path) -> None:
    """Its process is killed, it waits for a slot for long queries, and is answered."""
    lasting = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(STRLEN(SHA256(CONCAT(STR(?c), STR(?f)))) > 1) }"

    async def both(engine: EmbeddedEngine) -> None:
        first = asyncio.create_task(engine.query_async(Query(ENDLESS, CSV, None, client="a")))
        await asyncio.sleep(0.1)
        second = asyncio.create_task(engine.query_async(Query(lasting, CSV, None, client="b")))
        await until(lambda: engine.status().waiting_long == 1)
        first.cancel()
        assert (await second).read() == b"n\r\n253009\r\n"
        await asyncio.gather(first, return_exceptions=True)

    run(index, both, query_workers=2, query_timeout=5)


def test_close_ends_all_waiting_queries(index: Path) -> None:
    before = child_processes()

    async def closing(engine: EmbeddedEngine) -> list[tuple[object, ...]]:
        tasks = [asyncio.create_task(outcome(engine, Query(f"{ENDLESS} #{n}", CSV, None))) for n in range(4)]
        await asyncio.sleep(0.1)
        engine.close()
        return await asyncio.gather(*tasks)

    assert {each[0] for each in run(index, closing)} == {"query-queue"}
    assert child_processes() == before


@pytest.mark.slow
def test_two_hundred_hostile_queries_leave_no_resources(index: Path) -> None:
    files, before = open_files(), child_processes()
    other = ["SELECT * { ?s ?p }", "SELECT * { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"]
    hostile = [ENDLESS, GREEDY, LARGE, CRASH, *other]

    async def storm(engine: EmbeddedEngine) -> None:
        assert (await outcome(engine, Query(SMALL, CSV, None)))[-1] == FAST
        inside = open_files()
        for wave in range(10):
            tasks = [
                asyncio.create_task(outcome(engine, Query(hostile[n % 7], CSV, N_TRIPLES, client=f"{n % 4}")))
                for n in range(20)
            ]
            await asyncio.sleep(0.02 * (wave % 3))
            for task in tasks[wave::4]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        del tasks
        assert (await outcome(engine, Query(SMALL, CSV, None)))[-1] == FAST
        await until(lambda: len(processes(engine, ready=True)) == 3)
        await until(lambda: open_files() <= inside + 3)  # only processes that have run a query have a reader

    run(index, storm, **{**LIMITS, "query_timeout": 0.1, "query_queue": 1000})
    assert child_processes() == before
    assert open_files() == files
