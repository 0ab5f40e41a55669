"""The process from which query processes are forked, and its children: what they share, what they must not, their end."""

import errno
import os
import signal
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.files import index_problem
from cper_lod.core.formats import CSV, TSV
from cper_lod.engine import pool, worker
from cper_lod.engine.base import Query, QueryLimits
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.engine.pool import ForkServer, Pool, QueryProcess
from tests.engine.engines import (
    ENDLESS,
    GRAPH,
    PATIENT,
    SMALL,
    WORKER_LIMITS,
    ask,
    forker,
    processes,
    refusal,
    serves,
    settings,
)
from tests.support.processes import alive, below, eventually, open_files, parent, stop
from tests.support.refusals import refused


@pytest.fixture
def engine(index: Path) -> Iterator[ProcessEngine]:
    with ProcessEngine(index, settings(), [], limits=PATIENT) as made:
        yield made


def test_the_fork_server_has_one_thread_and_never_opens_the_index(engine: ProcessEngine) -> None:
    """Children would inherit its open files, but not its threads and the locks these hold."""
    assert ask(engine, "ASK {}", CSV).body == b"true"
    pid = forker(engine)
    assert len(list(Path(f"/proc/{pid}/task").iterdir())) == 1
    files = {os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir()}  # noqa: PTH115  # no file, most of them
    assert {name.partition(":")[0] for name in files} == {"/dev/null", "socket"}
    assert processes(engine) < below(pid) | {0}


def test_forks_do_not_share_their_random_state(engine: ProcessEngine) -> None:
    told = set()
    for _ in range(3):
        told.add(ask(engine, "SELECT (RAND() AS ?r) (UUID() AS ?u) (BNODE() AS ?b) {}", TSV).read())
        for pid in processes(engine):
            os.kill(pid, signal.SIGKILL)
    columns = [set(column) for column in zip(*(row.split(b"\n")[1].split(b"\t") for row in told), strict=True)]
    assert [len(column) for column in columns] == [3, 3, 3]


def test_a_fork_server_that_hangs_is_replaced_and_queries_are_held_to_their_limits(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "COMMAND_TIMEOUT", 0.2)
    with ProcessEngine(index, settings(query_timeout=2, query_workers=1), [GRAPH], limits=PATIENT) as engine:
        assert serves(engine)
        stopped = forker(engine)
        stop(stopped)
        assert refusal(engine, ENDLESS).kind.code == "query-timeout"
        assert serves(engine)
        assert eventually(lambda: not alive({stopped}))
        assert forker(engine) != stopped


def test_what_the_machine_lacks_is_no_damage(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = open_files()
    monkeypatch.setattr(sys, "executable", "/etc/passwd")
    with refused("resources", "Permission denied"):
        ProcessEngine(index, settings(), []).start()
    assert open_files() == before


@pytest.mark.parametrize(
    ("message", "at_start", "code"),
    [
        ("Oxigraph needs at least 96 file descriptors, only 14 allowed", "resources", "query-failed"),
        ("IO error: While open a file: Too many open files", "resources", "resources"),
        ("Corruption: block checksum mismatch", "release-damaged", "release-damaged"),
        ("The custom function <urn:Too many open files> is not supported", "resources", "query-failed"),
        ("IO error: While open a file: Permission denied", "permission", "permission"),
    ],
)
def test_what_is_damage_and_what_is_lacking(
    embedded: ProcessEngine, monkeypatch: pytest.MonkeyPatch, message: str, at_start: str, code: str
) -> None:
    """At the start of a process, and of a query, whose own words may be in the message."""
    assert index_problem(message, "").kind.code == at_start
    monkeypatch.setattr(embedded, "_fault", None)
    monkeypatch.setattr(embedded._pool, "run", lambda *_: ({"error": "query-failed", "message": message}, b""))
    assert refusal(embedded, "ASK {}").kind.code == code
    assert (embedded.status().fault is None) == (code in ("resources", "query-failed"))


@pytest.mark.slow
def test_a_dead_fork_server_takes_its_children_with_it_and_is_replaced(engine: ProcessEngine) -> None:
    files = open_files()
    gone = set[int]()
    for _ in range(2):
        server = forker(engine)
        gone.update({server, *processes(engine)})
        os.kill(server, signal.SIGKILL)
        assert eventually(lambda: not alive(gone))
        assert serves(engine)
        assert eventually(lambda: len(processes(engine) - gone) == 4)
    assert eventually(lambda: open_files() == files)


@pytest.fixture
def server(index: Path) -> Iterator[ForkServer]:
    """A fork server that was started."""
    with closing(ForkServer(index, WORKER_LIMITS)) as made:
        end(made, QueryProcess(*made.spawn()))
        yield made


def end(server: ForkServer, process: QueryProcess) -> int | None:
    process.channel.close()
    return server.reap(process.pid)


def test_a_child_of_a_dead_fork_server_is_not_reaped_by_the_new_one(server: ForkServer) -> None:
    """Its process id may have been reused: the new one, which is not its parent, is not asked to kill it."""
    first = QueryProcess(*server.spawn())
    os.kill(parent(first.pid), signal.SIGKILL)
    with pytest.raises(ConnectionError):  # reset, or a broken pipe if it has ended already
        server.spawn()
    second = QueryProcess(*server.spawn())
    assert end(server, first) is None
    assert alive({second.pid})
    os.kill(second.pid, signal.SIGSEGV)
    assert eventually(lambda: not alive({second.pid}))
    assert end(server, second) == -signal.SIGSEGV


def test_a_failing_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise OSError(errno.EAGAIN, "no")

    monkeypatch.setattr(os, "fork", refuse)
    monkeypatch.delattr(os, "kill")  # nothing is to be ended
    ours, theirs = socket.socketpair()
    with ours, theirs:
        before = open_files()
        socket.send_fds(ours, [b"0"], [theirs.fileno()])
        ours.shutdown(socket.SHUT_WR)
        worker.run_commands(theirs, lambda _: None)
        assert ours.recv(64) == b"%d" % -errno.EAGAIN
        assert open_files() == before


def test_processes_that_cannot_be_started_are_tried_again(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Queries wait meanwhile. The index is that of the first processes, wherever a link to it leads now."""
    start, failures = Pool._start_process, list[Exception]()
    for failure in (OSError(errno.EAGAIN, "no"), Problem("resources", message="no")):
        failures += [failure] * 3  # of each of the three processes

    def fail_first(self: Pool) -> QueryProcess:
        if failures:
            raise failures.pop()
        return start(self)

    (link := tmp_path / "current").symlink_to(index)
    with ProcessEngine(link, settings(query_workers=1), [], limits=QueryLimits(wait=60)) as engine:
        monkeypatch.setattr(pool, "_RETRY", 0.01)
        monkeypatch.setattr(Pool, "_start_process", fail_first)
        link.unlink()
        for pid in processes(engine):
            os.kill(pid, signal.SIGKILL)
        assert serves(engine)
    assert failures == []


@pytest.mark.parametrize("length", [0, 250_000])
def test_stopped_processes_are_held_to_the_time_limit_and_replaced(
    index: Path, length: int, threads: ThreadPoolExecutor
) -> None:
    """Also if the query is longer than what a socket takes."""
    with ProcessEngine(index, settings(query_workers=1, query_timeout=1), []) as engine:
        for pid in (stopped := processes(engine)):
            stop(pid)
        query, outcomes = Query(SMALL + "#" * length, CSV, None), set[type]()

        def are_gone() -> bool:
            """Whether all were asked and ended: each client is given a process of its own, if they ask at once."""
            asked = [threads.submit(engine.query, query._replace(client=f"{n}")) for n in range(len(stopped))]
            outcomes.update(type(each.exception(timeout=60)) for each in asked)
            return not alive(stopped)

        assert eventually(are_gone)
        assert Problem in outcomes, "others may have been stopped earlier, to wait for a place"
        assert serves(engine)


def test_environment_of_a_query_process(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    with ProcessEngine(index, settings(query_workers=1), []) as engine:
        pid = min(processes(engine))
        seen = Path(f"/proc/{pid}/environ").read_text()
        limits = Path(f"/proc/{pid}/limits").read_text()
    names = {line.partition("=")[0] for line in seen.split("\0") if line}
    assert names <= {"LD_LIBRARY_PATH", "MALLOC_ARENA_MAX", "RUST_BACKTRACE", "LC_ALL", "LC_CTYPE"}
    assert "Max core file size        0" in limits


def test_a_query_that_runs_while_the_interpreter_ends_is_refused(index: Path) -> None:
    """It shuts down the executor, and so ends the fork server; the server process does not close the pool."""
    with ProcessEngine(index, settings(query_timeout=2), [], limits=PATIENT) as engine:
        engine._pool._starter.shutdown()
        assert refusal(engine, ENDLESS).kind.code == "query-queue"
