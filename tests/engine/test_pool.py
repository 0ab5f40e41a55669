"""The process from which query processes are forked, and its children: what they share, what they must not, their end."""

import errno
import os
import signal
import socket
import subprocess
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
from cper_lod.engine.base import Query
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.engine.pool import ForkServer, QueryProcess
from tests.engine.engines import (
    ENDLESS,
    FAST,
    GRAPH,
    PATIENT,
    SMALL,
    WORKER_LIMITS,
    ask,
    busy_processes,
    places_taken,
    processes,
    refusal,
    settings,
)
from tests.support.paths import ROOT
from tests.support.processes import alive, below, eventually, open_files, parent, stop
from tests.support.refusals import refused


@pytest.fixture
def engine(index: Path) -> Iterator[ProcessEngine]:
    with ProcessEngine(index, settings(), [], limits=PATIENT) as made:
        yield made


def forker(engine: ProcessEngine) -> int:
    (found,) = {parent(pid) for pid in processes(engine)}
    return found


def test_the_fork_server_has_one_thread_and_never_opens_the_index(index: Path) -> None:
    """Children would inherit its open files, but not its threads and the locks these hold."""
    with ProcessEngine(index, settings(), []) as engine:
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
        assert ask(engine, SMALL, CSV).body == FAST
        stopped = forker(engine)
        stop(stopped)
        assert refusal(engine, ENDLESS).kind.code == "query-timeout"
        assert ask(engine, SMALL, CSV).body == FAST
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
        assert ask(engine, SMALL, CSV).body == FAST
        assert eventually(lambda: len(processes(engine) - gone) == 4)
    assert eventually(lambda: open_files() == files)


def test_nothing_outlives_the_server(index: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from cper_lod.engine.embedded import ProcessEngine\n"
        "from cper_lod.core.settings import Settings\n"
        "with ProcessEngine(Path(sys.argv[1]), Settings(), ()): print('ready', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(index)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as server:
        assert server.stdout
        assert server.stdout.readline() == b"ready\n"
        children = below(server.pid)
        assert len(children) == 6
        server.kill()
        assert eventually(lambda: not alive(children))


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


def test_forks_that_fail_for_a_while(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Queries wait for a process; the fork is tried again until it works."""
    spawn, failed = ForkServer.spawn, list[int]()

    def fail_twice(self: ForkServer) -> tuple[int, socket.socket]:
        if len(failed) < 2:
            failed.append(1)
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return spawn(self)

    with ProcessEngine(index, settings(query_workers=1), [], limits=PATIENT) as engine:
        monkeypatch.setattr(ForkServer, "spawn", fail_twice)
        for pid in processes(engine):
            os.kill(pid, signal.SIGKILL)
        assert ask(engine, SMALL, CSV).body == FAST
    assert len(failed) == 2


@pytest.mark.parametrize("length", [0, 250_000])
def test_stopped_processes_are_held_to_the_time_limit_and_replaced(index: Path, length: int) -> None:
    """Also if the query is longer than what a socket takes."""
    with (
        ProcessEngine(index, settings(query_workers=1, query_timeout=1), []) as engine,
        ThreadPoolExecutor() as threads,
    ):
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
        assert ask(engine, SMALL, CSV).body == FAST


def test_environment_of_a_query_process(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    with ProcessEngine(index, settings(query_workers=1), []) as engine:
        pid = min(processes(engine))
        seen = Path(f"/proc/{pid}/environ").read_bytes()
        files = list(Path(f"/proc/{pid}/fd").iterdir())
        limits = Path(f"/proc/{pid}/limits").read_text()
    assert {line.split(b"=")[0] for line in seen.split(b"\0") if line} <= {
        b"LD_LIBRARY_PATH",
        b"MALLOC_ARENA_MAX",
        b"RUST_BACKTRACE",
        b"LC_ALL",
        b"LC_CTYPE",
    }
    assert len(files) < 30
    assert "Max core file size        0" in limits


def test_a_text_that_was_long_does_not_run_without_a_place(index: Path) -> None:
    """While another query has the only place, it waits from the start, and its process is not killed in vain."""
    with (
        ProcessEngine(index, settings(query_timeout=60), [], limits=PATIENT) as engine,
        ThreadPoolExecutor() as threads,
    ):
        other = threads.submit(engine.query, Query(ENDLESS + " # other", CSV, None, client="a"))
        assert eventually(lambda: places_taken(engine) == 1)
        for _ in range(2):
            threads.submit(engine.query, Query(ENDLESS, CSV, None, client="b"))
            assert eventually(lambda: engine.status().waiting > 0 and len(busy_processes(engine)) == 1)
        assert eventually(lambda: engine.status().waiting == 2)
        assert engine.status().ended == 1
        engine.close()
        assert isinstance(other.exception(timeout=20), Problem)
