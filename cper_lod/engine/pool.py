"""The query processes of an engine: who gets one, for how long, and what becomes of those that end.

The thread that asks waits for the reply itself, and kills the process at the time limit; another thread starts new ones.
Three rules keep short queries short beside any number of endless ones: a query that has run for `SHORT` seconds needs one of
the places for long queries, else it is stopped and waits for one; a text that was long before needs such a place from the
start; and one client holds at most half of the processes, and one more for a short query beside its long ones.
"""

import contextlib
import json
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.files import index_problem, lack, temporary_folder
from cper_lod.core.i18n import phrase
from cper_lod.core.namespaces import PREFIXES
from cper_lod.core.settings import Settings
from cper_lod.engine import worker
from cper_lod.engine.base import LIMITS, EngineStatus, Query, QueryLimits

SHORT: Final = 0.05
"""Seconds that a query may run without a place for long queries."""
BUSY_MACHINE: Final = 4
"""How many times longer it may run if it has used half of `SHORT` in processor time at most: it had no core to run on."""
START_TIMEOUT: Final = 60.0
"""Seconds in which the fork server must have loaded the data, and a query process must have opened the index."""
COMMAND_TIMEOUT: Final = 2.0
"""Seconds in which the fork server must carry out a later command; else it is replaced, with all its children."""
SPARES: Final = 2
"""Query processes beside `query_workers`: one that is free for a short query, and one that is just being started."""
_RETRY: Final = 0.5
"""Seconds to wait after a process could not be started."""
_MAX_REMEMBERED: Final = 10_000
"""Maximum number of long texts that are remembered, by their hash."""
_MAX_KILLED: Final = 8
"""New processes that a query is given at most, if one after the other is killed before it has read the query."""
_CPUCLOCK_SCHED: Final = 2
"""Clock number with which Linux encodes the CPU clock of another process (clock_getcpuclockid)."""


class ForkServer:
    """The process from which query processes are forked (`worker.main`). Can be called by many threads.

    It is started by the first fork, and again if it has died or does not answer. It ends when this process closes its socket or
    ends; Linux kills it together with the thread that started it, and its children together with it (PR_SET_PDEATHSIG).
    """

    def __init__(self, index: Path | None, limits: dict[str, Any]) -> None:
        # Resolved, so that later processes open the same index even if `current` points to another one.
        self._arguments = (str(index.resolve()) if index else "", limits)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None

    def spawn(self) -> tuple[int, socket.socket]:
        """Fork a query process; return its id and the socket to it. Raises OSError."""
        ours, theirs = socket.socketpair()
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(ours.close)
            with theirs, self._lock:
                channel = self._channel or self._start()
                pid = self._command(channel, b"0", theirs.fileno())
                if pid is None or pid < 0:
                    raise OSError(-(pid or 0), os.strerror(-(pid or 0)))
            on_failure.pop_all()
        return pid, ours

    def reap(self, pid: int) -> int | None:
        """Kill and reap a process; return its exit code (as `Popen.returncode`), None if it has died with its fork server."""
        with self._lock, contextlib.suppress(OSError):
            return self._command(self._channel, b"%d" % pid) if self._channel else None
        return None

    def close(self) -> None:
        """End the process and its children; a second call does nothing."""
        with self._lock:
            self._stop(COMMAND_TIMEOUT)

    def _command(self, channel: socket.socket, command: bytes, *files: int) -> int | None:
        """Send a command and return the result; raises OSError if the process has died or hangs."""
        try:
            socket.send_fds(channel, [command], files)
            outcome = channel.recv(64)
            if not outcome:
                raise ConnectionResetError("the process from which query processes are forked has died")
            channel.settimeout(COMMAND_TIMEOUT)
        except OSError:
            self._stop()
            raise
        result: int | None = json.loads(outcome)
        return result

    def _start(self) -> socket.socket:
        """Start the process; it carries out commands once it has loaded the data."""
        ours, theirs = socket.socketpair()
        folders = [
            str(Path(module.__file__ or "").resolve().parents[up]) for module, up in ((pyoxigraph, 1), (worker, 2))
        ]
        call = f"import sys; sys.path += {folders}; from cper_lod.engine.worker import main; main"
        # Nothing that could contain a secret, and settings that save memory.
        passed = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                    [sys.executable, "-I", "-S", "-c", f"{call}{(theirs.fileno(), *self._arguments)}"],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    env={**passed, "MALLOC_ARENA_MAX": "2", "RUST_BACKTRACE": "0", "LC_ALL": "C.UTF-8"},
                )
        except BaseException:
            ours.close()
            raise
        ours.settimeout(START_TIMEOUT)
        self._channel = ours
        return ours

    def _stop(self, patience: float = 0) -> None:
        if self._channel and self._process:
            self._channel.close()
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._channel = self._process = None


class QueryProcess(NamedTuple):
    """A query process: its id, and the socket to it."""

    pid: int
    channel: socket.socket

    def cpu_time(self) -> float:
        """Return the CPU time in seconds that the process has used; infinity if the system does not provide it."""
        with contextlib.suppress(OSError, OverflowError):
            return time.clock_gettime(~self.pid << 3 | _CPUCLOCK_SCHED)
        return float("inf")


class Turn:
    """One run of a query: what it waits for, then the process that it was given."""

    process: QueryProcess | None = None
    started = cpu_before = 0.0

    def __init__(self, query: Query, *, is_long: bool) -> None:
        self.client, self.key = query.client, query.key
        self.is_long = is_long
        """Whether it has a place for long queries, or waits for one."""
        self.granted = threading.Lock()  # released when the turn is given a process, or refused
        self.granted.acquire()

    def start(self, process: QueryProcess) -> None:
        """Give the turn a process."""
        self.process = process
        self.started, self.cpu_before = time.monotonic(), process.cpu_time()
        self.granted.release()


class NeedsPlaceError(Exception):
    """The query has run as long as it may without a place for long queries, and there is none."""


class Pool:
    """`query_workers` query processes and two spare ones. It cannot be used after a fork."""

    def __init__(
        self, index: Path | None, settings: Settings, limits: QueryLimits = LIMITS, data: Path | None = None
    ) -> None:
        """Start nothing yet. `data` is the same dataset as compressed N-Quads: it is loaded into memory once for all processes.

        A query over much data then takes half the time or less. Without an index, the processes parse and serialize what a
        remote engine asks.
        """
        self._index, self._settings, self._wait = index, settings, limits.wait
        self._cpu = math.ceil(settings.query_timeout) if limits.cpu is None else limits.cpu
        self._server = ForkServer(
            index,
            {
                "memory": settings.query_memory,
                "cpu": self._cpu,
                "bytes": limits.size,
                "rows": limits.rows,
                "spool": limits.spool or str(temporary_folder()),
                "prefixes": PREFIXES,
                "base": settings.endpoint,
                "data": str(data.resolve()) if data else "",
            },
        )
        self._count = settings.query_workers + SPARES
        self._share = max(1, (settings.query_workers + 1) // 2)
        self._places = max(1, settings.query_workers - 1)
        self._lock = threading.Lock()
        # What follows is read and changed while that is held.
        self._idle = list[QueryProcess]()
        self._waiting = list[Turn]()
        self._running = set[Turn]()
        self._long_texts = dict[int, None]()  # the oldest is the first
        self._closed = threading.Event()
        # One thread that lives as long as the pool: Linux kills the fork server when the thread that started it ends.
        self._starter = ThreadPoolExecutor(1, "query-processes")
        self._start_lock = threading.Lock()
        self._is_started = False

    def start(self) -> None:
        """Start the processes, unless they were started; `run` does so too. The next call tries again after an error.

        Raises release-damaged if they cannot read the index, resources if they cannot start.
        """
        with self._start_lock:
            if self._is_started or self._closed.is_set():
                return
            started = list[QueryProcess]()
            try:
                while len(started) < self._count:
                    started.append(self._starter.submit(self._start_process).result())
            except BaseException as error:
                self._server.close()
                for process in started:
                    process.channel.close()
                if isinstance(error, OSError):
                    raise Problem("resources", message=lack(str(error))) from None
                raise
            with self._lock:
                self._idle += started
            self._is_started = True

    def close(self) -> None:
        """End all processes and their queries; a second call does nothing."""
        with self._start_lock, self._lock:
            self._closed.set()
            for turn in self._waiting:
                turn.granted.release()
            self._waiting.clear()
        self._server.close()
        self._starter.shutdown(cancel_futures=True)
        self._server.close()  # which may have been started again
        with self._lock:  # those that run are closed by the threads that wait for them
            while self._idle:
                self._idle.pop().channel.close()

    def status(self) -> EngineStatus:
        """Return what the pool is doing."""
        with self._lock:
            return EngineStatus(len(self._running), len(self._waiting))

    def run(self, query: Query, request: dict[str, Any], file: int = -1, deadline: float = math.inf) -> worker.Message:
        """Return the reply of a process to a request, and to what it reads of `file` if that is not -1.

        Waits `QueryLimits.wait` seconds at most; from then on the query has its time limit, and none after `deadline`. Raises
        query-queue, query-timeout, query-cpu, query-memory, query-crash; and what `start` raises.
        """
        self.start()
        give_up, needs_place = time.monotonic() + self._wait, False
        for _ in range(self._count + _MAX_KILLED):  # all that were there may have been killed
            turn = Turn(query, is_long=needs_place or query.key in self._long_texts)
            process = self._begin(turn, give_up)
            is_reusable = was_read = False
            try:
                reply = self._ask(
                    turn, process, request, file, min(deadline, turn.started + self._settings.query_timeout)
                )
                is_reusable = not turn.is_long
            except NeedsPlaceError:
                needs_place = True
            except (EOFError, OSError) as error:
                # A socket closed with unread data gives ECONNRESET, a request to a closed socket EPIPE; else the stream just
                # ends: the process has read the request.
                was_read = not isinstance(error, ConnectionError)
            else:
                return reply
            finally:
                code = self._end(turn, process, is_reusable=is_reusable)
            if self._closed.is_set():
                raise Problem("query-queue")
            if was_read and code is not None:  # else it died with the fork server, which is not the fault of the query
                raise self._death(code)
        raise Problem("query-crash")

    def _ask(
        self, turn: Turn, process: QueryProcess, request: dict[str, Any], file: int, deadline: float
    ) -> worker.Message:
        """Return the reply to a request; raises query-timeout, NeedsPlaceError; EOFError or OSError if the process has ended."""
        channel, first = process.channel, None
        until = deadline if turn.is_long else min(deadline, turn.started + SHORT)
        try:
            channel.settimeout(_remaining(deadline))
            worker.send(channel, request, file=file)
            while first is None:
                channel.settimeout(_remaining(until))
                try:
                    first = worker.receive_piece(channel)
                except TimeoutError:
                    until = self._look(turn, process, until, deadline)
            channel.settimeout(_remaining(deadline))
            return worker.receive(channel, first)
        except worker.QueryError as error:
            raise Problem(str(error)) from None
        except TimeoutError:  # or the process is stopped
            raise Problem("query-timeout", limit=self._settings.query_timeout) from None

    def _look(self, turn: Turn, process: QueryProcess, until: float, deadline: float) -> float:
        """Return until when to wait for what has not come `until` then; raises TimeoutError, NeedsPlaceError."""
        if until >= deadline:
            raise TimeoutError
        last = min(deadline, turn.started + BUSY_MACHINE * SHORT)
        if until < last and process.cpu_time() - turn.cpu_before < SHORT / 2:
            return last
        self._move_to_long(turn)
        return deadline

    def _death(self, code: int) -> Problem:
        """Return the problem of a query whose process ended with an exit code."""
        if code == -signal.SIGXCPU:
            return Problem("query-cpu", limit=self._cpu)
        if code == -signal.SIGABRT:  # so do Rust and C++ if memory is refused
            return Problem("query-memory", limit=self._settings.query_memory)
        if code == -signal.SIGKILL:  # from outside
            return Problem("resources", message=phrase("lacks-killed"))
        return Problem("query-crash")

    def _begin(self, turn: Turn, give_up: float) -> QueryProcess:
        """Return a process for the turn; raises query-queue if there is none until `give_up`."""
        with self._lock:
            if not self._closed.is_set():
                self._waiting.append(turn)
                self._dispatch()
        if turn.process is None:
            turn.granted.acquire(timeout=0 if self._closed.is_set() else max(0.0, give_up - time.monotonic()))
            with self._lock:
                if turn in self._waiting:
                    self._waiting.remove(turn)
        if turn.process is None:
            raise Problem("query-queue")
        return turn.process

    def _dispatch(self) -> None:
        """Give idle processes to waiting turns: first to those of the client that holds the fewest, then to the oldest."""
        for turn in sorted(self._waiting, key=lambda turn: len(self._held(turn.client))):
            held = self._held(turn.client)
            # A short query of a client does not wait for its own long ones, but leaves the last process to others.
            has_one_more = not turn.is_long and len(held) == self._share and all(held) and len(self._idle) > 1
            is_within_share = len(held) < self._share or has_one_more
            # As many run as the settings say, and one more while another is stopped; a spare process is for the next.
            is_free = bool(self._idle) and len(self._running) <= self._settings.query_workers
            if is_free and is_within_share and (not turn.is_long or self._has_place()):
                self._waiting.remove(turn)
                self._running.add(turn)
                turn.start(self._idle.pop())

    def _held(self, client: str) -> list[bool]:
        """Return of each query that a client runs whether it has a place for long queries."""
        return [turn.is_long for turn in self._running if turn.client == client]

    def _has_place(self) -> bool:
        """Return whether a place for long queries is free."""
        return sum(turn.is_long for turn in self._running) < self._places

    def _move_to_long(self, turn: Turn) -> None:
        """Give a running turn a place for long queries, and remember its text; raises NeedsPlaceError if there is none."""
        with self._lock:
            self._long_texts.pop(turn.key, None)  # the last one met is the last one
            self._long_texts[turn.key] = None
            if len(self._long_texts) > _MAX_REMEMBERED:
                del self._long_texts[next(iter(self._long_texts))]
            for each in self._waiting:  # the same text, sent before it was known to be long
                each.is_long = each.is_long or each.key == turn.key
            if not self._has_place():
                raise NeedsPlaceError
            turn.is_long = True
            self._dispatch()

    def _end(self, turn: Turn, process: QueryProcess, *, is_reusable: bool) -> int | None:
        """Take the process of a turn back, or end it and return its exit code; a new one is started instead.

        One that ran a long query is not used again: what it left in memory would count against the next.
        """
        code = None if is_reusable else self._server.reap(process.pid)
        with self._lock:
            self._running.remove(turn)
            if time.monotonic() - turn.started < SHORT:
                self._long_texts.pop(turn.key, None)
            if is_reusable:
                self._idle.append(process)
            else:  # those that died with it, if that was the fork server, are met by the next tries of `run`
                process.channel.close()
                self._replace_later(process.pid)
            self._dispatch()
        return code

    def _replace_later(self, pid: int) -> None:
        try:
            if not self._closed.is_set():
                self._starter.submit(self._replace, pid)
        except RuntimeError:  # the interpreter ends, and has shut down the executor
            self._closed.set()

    def _replace(self, pid: int) -> None:
        """Start a process instead of one that has ended; it is tried until it works or the pool is closed."""
        self._server.reap(pid)
        try:
            process = self._start_process()
        except (Problem, OSError):  # the limit of processes or of file descriptors is reached
            self._closed.wait(_RETRY)
            self._replace_later(pid)
            return
        with self._lock:
            self._idle.append(process)
            self._dispatch()

    def _start_process(self) -> QueryProcess:
        """Return a process that is ready; raises release-damaged, resources, OSError."""
        process, details = QueryProcess(*self._server.spawn()), None
        process.channel.settimeout(START_TIMEOUT)
        with contextlib.suppress(EOFError, OSError):
            details, _ = worker.receive(process.channel)
        if details == {}:
            return process
        self._server.reap(process.pid)
        process.channel.close()
        if details:
            raise index_problem(details["message"], self._index)
        died = Phrase("a query process died at its start", "un processus de requête est mort à son démarrage")
        raise Problem("resources", message=died)


def _remaining(until: float) -> float:
    return max(0.001, until - time.monotonic())  # 0 would mean: do not wait
