"""The embedded engine: limits, dying processes, concurrent queries, and no leftovers."""

import json
import os
import shutil
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV, RESULTS_JSON
from cper_lod.engine.base import EngineStatus, Query, QueryLimits
from cper_lod.engine.embedded import ProcessEngine
from tests.engine.engines import (
    CRASH,
    ENDLESS,
    FAST,
    GREEDY,
    LARGE,
    PATIENT,
    SMALL,
    ask,
    busy_processes,
    places_taken,
    processes,
    refusal,
    serves,
    settings,
)
from tests.support.processes import child_processes, clock_ticks, eventually, open_files, stop
from tests.support.refusals import refused


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("SELECT * { ?z ?b ?c } LIMIT 1", "z,b,c"),
        ("#*\nBASE <urn:*> PREFIX é: <urn:x#> select # ?a\n distinct * # ?c\n { ?z ?b $c } LIMIT 1", "c,z,b"),
        ("SELECT * { { SELECT ?d (1 AS ?a) { VALUES ?d { 1 } ?hidden ?p ?o } LIMIT 1 } VALUES ?été { 2 } }", "d,a,été"),
        ("SELECT * { BIND(1 AS ?\\u007A) BIND(2 AS ?b) }", "z,b"),
    ],
)
def test_the_columns_of_a_star_are_in_the_order_of_the_text(engine: ProcessEngine, text: str, columns: str) -> None:
    assert ask(engine, text, CSV).read().decode().split("\r\n")[0] == columns
    found = json.loads(ask(engine, text, RESULTS_JSON).read())
    assert ",".join(found["head"]["vars"]) == columns


def test_two_hundred_groups_of_the_worst_kind_are_answered(engine: ProcessEngine) -> None:
    deep = "SELECT * { " + "?s ?p ?o FILTER EXISTS { " * 198 + "?s ?p ?o" + "}" * 198 + "} LIMIT 1"
    assert ask(engine, deep, CSV).body.count(b"\n") == 2
    chain = "ASK { " + " UNION ".join(["{ ?s ?p 'nowhere' }"] * 1000) + " }"
    assert ask(engine, chain, CSV).body == b"false"


def test_memory_limit(embedded: ProcessEngine) -> None:
    """Only for the embedded engine: the memory of another store is not limited."""
    assert refusal(embedded, GREEDY).kind.code == "query-memory"
    assert serves(embedded)


@pytest.mark.parametrize(("text", "code"), [(LARGE, "query-result"), (CRASH, "query-crash")])
def test_other_limits(engine: ProcessEngine, text: str, code: str) -> None:
    assert refusal(engine, text).kind.code == code
    assert serves(engine)


def test_killed_before_the_query_is_read(embedded: ProcessEngine, threads: ThreadPoolExecutor) -> None:
    """Nothing of the query has run: another process answers it, however long the first one had it."""
    for pid in (stopped := processes(embedded)):
        stop(pid)
    asked = threads.submit(serves, embedded)
    try:
        assert eventually(lambda: embedded.status().running == 1)
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGKILL)
    assert asked.result(timeout=120)


def test_killed_during_a_query(embedded: ProcessEngine, threads: ThreadPoolExecutor) -> None:
    """As by the system, if it runs out of memory; a crash is another fault, tried elsewhere."""
    engine, before = embedded, max(map(clock_ticks, processes(embedded)))
    asked = threads.submit(refusal, engine, ENDLESS)
    assert eventually(lambda: any(clock_ticks(pid) > before + 10 for pid in busy_processes(engine)))
    (busy,) = busy_processes(engine)
    os.kill(busy, signal.SIGKILL)
    assert asked.result(timeout=20).kind.code == "resources"
    assert serves(engine)


def test_many_queries_while_processes_are_killed(embedded: ProcessEngine, threads: ThreadPoolExecutor) -> None:
    """Each killed process only affects its own query, each other one gets its own answer, and none waits for a dead process."""

    def one(number: int) -> str:
        text = f"SELECT ?n {{ <http://schema.org/n{number}> ?p ?n }}"
        try:
            return ask(embedded, CRASH if number % 8 == 0 else text, CSV).body.decode()
        except Problem as problem:
            return problem.kind.code

    got = list(threads.map(one, range(64)))
    assert got == ["query-crash" if number % 8 == 0 else f"n\r\nname {number}\r\n" for number in range(64)]


def test_waiting_is_limited(index: Path, threads: ThreadPoolExecutor) -> None:
    """Here for the one place for long queries; a short query waits neither for it nor for those of its own client."""
    limits = QueryLimits(wait=0.2)
    with ProcessEngine(index, settings(query_workers=1, query_timeout=2), [], limits=limits) as engine:
        running = threads.submit(refusal, engine, ENDLESS)
        assert eventually(lambda: places_taken(engine) == 1)
        waiting = threads.submit(refusal, engine, ENDLESS)
        assert eventually(lambda: engine.status().waiting == 1)
        assert waiting.result().kind.code == "query-queue"
        assert not running.done()
        for client in ("", "another"):
            assert engine.query(Query(SMALL, CSV, None, client=client)).body == FAST
        assert (running.result().kind.code, running.result().params["limit"]) == ("query-timeout", 2)
        assert serves(engine)


@pytest.mark.parametrize(
    ("clients", "text"), [(1, ENDLESS), (12, ENDLESS + " # number")], ids=["one client", "new texts of many"]
)
def test_endless_queries_do_not_keep_others_from_theirs(
    index: Path, clients: int, text: str, threads: ThreadPoolExecutor
) -> None:
    """Whether they are of one client or of many, one text or ever new ones; nobody who asks little is refused."""
    with ProcessEngine(index, settings(query_workers=3, query_timeout=60), [], limits=PATIENT) as engine:
        flood = [
            threads.submit(engine.query, Query(text.replace("number", str(n)), CSV, None, client=f"{n % clients}"))
            for n in range(12)
        ]
        for _ in range(20):
            assert engine.query(Query(SMALL, CSV, None, client="modest")).body == FAST
        assert not any(each.done() for each in flood), "they wait, and are not refused before their time"
        assert eventually(lambda: engine.status().running == 2), "one for each place for long queries"
        engine.close()
        for each in flood:
            with refused("query-queue"):
                each.result(timeout=120)


def test_a_text_that_proves_long_is_long_for_all_who_wait_with_it_or_send_it_later(
    index: Path, threads: ThreadPoolExecutor
) -> None:
    """Each would else run on trial, and lose its process, before a short query of the same client."""
    before = child_processes()
    with ProcessEngine(index, settings(query_workers=1, query_timeout=60), [], limits=PATIENT) as engine:
        born = processes(engine)
        flood = [threads.submit(refusal, engine, ENDLESS) for _ in range(6)]
        assert eventually(lambda: places_taken(engine) == 1 and engine.status()[:2] == (1, 5))
        flood.append(threads.submit(refusal, engine, ENDLESS))
        assert eventually(lambda: engine.status().waiting == 6)
        assert serves(engine)
        assert processes(engine) == born, "none was given a process in vain"
        engine.close()
        assert [each.result(timeout=120).kind.code for each in flood] == ["query-queue"] * 7
        assert child_processes() == before


LASTING = """SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f VALUES ?x { 1 2 3 4 5 6 7 8 }
  FILTER(STRLEN(SHA256(CONCAT(STR(?c), STR(?f), STR(?x)))) > 1) }"""  # more than the 200 ms of a busy machine


def test_a_query_without_a_place_waits_for_one_and_is_answered(index: Path, threads: ThreadPoolExecutor) -> None:
    """It is stopped when it has run for as long as it may without one, then run again."""
    with ProcessEngine(index, settings(query_timeout=60), [], limits=PATIENT) as engine:
        endless = threads.submit(engine.query, Query(ENDLESS, CSV, None, client="a"))
        assert eventually(lambda: places_taken(engine) == 1)
        lasting = threads.submit(engine.query, Query(LASTING, CSV, None, client="b"))
        assert eventually(lambda: engine.status().waiting == 1)
        (busy,) = busy_processes(engine)
        os.kill(busy, signal.SIGSEGV)
        with refused("query-crash"):
            endless.result(timeout=20)
        assert lasting.result(timeout=60).body == b"n\r\n2024072\r\n"


@pytest.mark.slow
def test_no_resource_leaks(index: Path) -> None:
    files, threads, before = open_files(), threading.active_count(), child_processes()
    with ProcessEngine(index, settings(query_timeout=0.03), []) as engine:
        assert eventually(lambda: len(processes(engine)) == 4)
        inside = open_files()
        for _ in range(25):
            assert refusal(engine, ENDLESS).kind.code in ("query-timeout", "query-queue")
        assert eventually(lambda: open_files() == inside)
        assert eventually(lambda: len(processes(engine)) == 4)
    assert (open_files(), threading.active_count(), child_processes()) == (files, threads, before)


def test_an_index_that_cannot_be_read_any_more_is_no_fault_of_the_query(index: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(index, tmp_path / "index"))
    store = Store(str(folder))
    store.extend(Quad(NamedNode(f"urn:{n}"), NamedNode("urn:p"), Literal(str(n * n))) for n in range(2000))
    store.optimize()
    del store  # closes the index
    table = max(folder.glob("*.sst"), key=lambda path: path.stat().st_size)
    data = bytearray(table.read_bytes())
    data[len(data) // 3] ^= 255
    table.write_bytes(data)
    with ProcessEngine(folder, settings(), []) as engine:
        assert engine.status().fault is None
        problem = refusal(engine, "SELECT * { ?s ?p ?o }", CSV)
        assert (problem.kind.code, problem.kind.status) == ("release-damaged", 500)
        assert problem.params["path"] == folder
        assert str(engine.status().fault) == str(problem)


def test_an_engine_starts_at_its_first_query_and_again_after_a_failure(index: Path, tmp_path: Path) -> None:
    files, before = open_files(), child_processes()
    engine = ProcessEngine(tmp_path / "index", settings(query_workers=1), [])
    assert (engine.status(), child_processes()) == (EngineStatus(), before)
    problem = refusal(engine, SMALL)
    assert (problem.kind.code, problem.params["path"]) == ("release-damaged", tmp_path / "index")
    assert (open_files(), child_processes()) == (files, before)
    shutil.copytree(index, tmp_path / "index")
    assert serves(engine)
    assert serves(engine)
    engine.close()
    assert refusal(engine, SMALL).kind.code == "query-queue"
    assert child_processes() == before
