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
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph
from cachetools import LRUCache

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.files import lack, temporary_folder
from cper_lod.core.i18n import phrase
from cper_lod.core.namespaces import PREFIXES
from cper_lod.core.settings import Settings
from cper_lod.engine.base import LIMITS, EngineStatus, Query, QueryLimits, Spool
from cper_lod.engine.worker import fork_server

SHORT: Final = 0.05
"""Seconds that a query may run without a place for long queries."""
BUSY_MACHINE: Final = 4
"""How many times longer it may run if it has used half of `SHORT` in processor time at most: it had no core to run on."""
START_TIMEOUT: Final = 60.0
"""Seconds in which the fork server must have loaded the data, and a query process must have opened the index."""
COMMAND_TIMEOUT: Final = 2.0
"""Seconds in which the fork server must carry out a later command; else it is replaced, with all its children."""
_RETRY: Final = 0.5
"""Seconds to wait after a process could not be started."""
_MAX_REMEMBERED: Final = 10_000
"""Maximum number of long texts that are remembered, by their hash."""
_MAX_KILLED: Final = 8
"""New processes that a query is given at most, if one after the other is killed before it has read the query."""
_CPUCLOCK_SCHED: Final = 2
"""Clock number with which Linux encodes the CPU clock of another process (clock_getcpuclockid)."""
_READ_SIZE: Final = 32 * 1024
"""Bytes read at once: for more than 128 KiB, each read would map memory anew."""
_FD_SPACE: Final = socket.CMSG_SPACE(4)


class NeedsPlaceError(Exception):
    """The query has run as long as it may without a place for long queries, and there is none."""


class ForkServer:
    """The process from which query processes are forked (`worker.fork_server`). Can be called by many threads.

    It is started by the first fork, and again if it has died or does not answer. It ends when this process closes its socket or
    ends; Linux kills it together with the thread that started it, and its children together with it (PR_SET_PDEATHSIG).
    """

    def __init__(self, index: Path | None, limits: dict[str, Any]) -> None:
        # Resolved, so that later processes open the same index even if `current` points to another one.
        self._arguments = (str(index.resolve()) if index else "", json.dumps(limits))
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._children = set[int]()
        """The children of the present fork server; those of a dead one have died with it."""
        self._closed = False

    def spawn(self) -> tuple[int, socket.socket]:
        """Fork a query process; return its id and the socket to it. Raises OSError."""
        ours, theirs = socket.socketpair()
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(ours.close)
            with theirs, self._lock:
                pid = self._command(b"0", theirs)
                if pid < 0:
                    raise OSError(-pid, os.strerror(-pid))
                self._children.add(pid)
            on_failure.pop_all()
        return pid, ours

    def reap(self, pid: int) -> int | None:
        """Kill and reap a process; return its exit code (as `Popen.returncode`), None if it died with its fork server."""
        with self._lock, contextlib.suppress(OSError):
            if pid in self._children:
                self._children.remove(pid)
                return self._command(b"%d" % pid)
        return None

    def has(self, pid: int) -> bool:
        """Return whether a process is a child of the present fork server; it has died if it is not."""
        return pid in self._children

    def close(self) -> None:
        """End the process and its children; a second call does nothing."""
        with self._lock:
            self._closed = True
            self._stop()

    def _command(self, command: bytes, socket_to_serve: socket.socket | None = None) -> int:
        """Send a command and return the result; raises OSError if the process has died, hangs or cannot be started."""
        channel = self._channel or self._start()
        try:
            socket.send_fds(channel, [command], [socket_to_serve.fileno()] if socket_to_serve else [])
            outcome = channel.recv(64)
            if not outcome:
                raise ConnectionResetError("the process from which query processes are forked has died")
            channel.settimeout(COMMAND_TIMEOUT)
        except OSError:
            self._stop()
            raise
        return int(outcome)

    def _start(self) -> socket.socket:
        """Start the process; it carries out commands once it has loaded the data."""
        if self._closed:
            raise BrokenPipeError("closed")
        ours, theirs = socket.socketpair()
        script = Path(fork_server.__file__).resolve()
        packages = os.pathsep.join(map(str, (Path(pyoxigraph.__file__).parent.parent, script.parents[3])))
        # Nothing that could contain a secret, and settings that save memory.
        passed = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and file
                    [sys.executable, "-I", "-S", str(script), str(theirs.fileno()), packages, *self._arguments],
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

    def _stop(self) -> None:
        if self._channel and self._process:
            self._channel.close()
            self._process.kill()
            self._process.wait()
        self._channel = self._process = None
        self._children.clear()


class Reply(NamedTuple):
    """A reply of a query process: a JSON object, and the answer that it describes."""

    details: dict[str, Any]
    body: bytes | Spool


def _complete_reply(data: bytes, files: list[int]) -> Reply | None:
    """Return the reply of which `data` and `files` have been received, None if it is not complete."""
    end = data.find(b"\n") + 1
    if not end:
        return None
    details: dict[str, Any] = json.loads(data[:end])
    size = details.get("size", 0)
    if details.get("file"):
        if not files:  # this process has no file descriptor left
            raise Problem("query-queue")
        return Reply(details, Spool(files.pop(), size))
    return Reply(details, data[end:]) if len(data) >= end + size else None


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

    process: QueryProcess
    started = cpu_before = 0.0

    def __init__(self, pool: "Pool", query: Query, deadline: float) -> None:
        self._pool, self.deadline = pool, deadline
        """`deadline` is when the time limit of the query ends at the latest (`time.monotonic`)."""
        self.client, self.key = query.client, query.key
        self.is_long = False
        """Whether it has a place for long queries, or waits for one."""
        self.granted = threading.Lock()  # released when the turn is given a process, or refused
        self.granted.acquire()
        self.runs = False
        self.is_reusable = True
        """Whether the process can run another query: it has answered the last request, and did not ask to be replaced."""

    def start(self, process: QueryProcess) -> None:
        """Give the turn a process."""
        self.process, self.runs = process, True
        self.started, self.cpu_before = time.monotonic(), process.cpu_time()
        self.deadline = min(self.deadline, self.started + self._pool.time_limit)
        self.granted.release()

    def ask(self, request: bytes, file: int) -> Reply:
        """Return the reply to a request; the process reads `file` beside the request if it is not -1.

        Raises query-timeout, NeedsPlaceError; EOFError or OSError if the process has ended.
        """
        self.is_reusable = False
        channel, data, files = self.process.channel, b"", list[int]()
        channel.settimeout(_remaining(self.deadline))
        try:
            sent = socket.send_fds(channel, [request], [file]) if file >= 0 else 0
            channel.sendall(request[sent:])
        except TimeoutError:  # the process is stopped
            raise self._timeout() from None
        until = self.deadline if self.is_long else min(self.deadline, self.started + SHORT)
        try:
            while True:
                channel.settimeout(_remaining(until))
                try:
                    chunk, rights, _, _ = channel.recvmsg(_READ_SIZE, _FD_SPACE)
                except TimeoutError:
                    until = self._look(until)
                    continue
                files += [int.from_bytes(file[:4], sys.byteorder) for _, _, file in rights]
                if not chunk:
                    raise EOFError
                data = data + chunk if data else chunk
                if reply := _complete_reply(data, files):
                    self.is_reusable = not reply.details.get("retire")
                    return reply
        finally:
            for each in files:
                os.close(each)

    def _look(self, until: float) -> float:
        """Return until when to wait for what has not come until then; raises query-timeout, NeedsPlaceError."""
        if until >= self.deadline:
            raise self._timeout()
        had_no_core = self.process.cpu_time() - self.cpu_before < SHORT / 2
        if until < (last := self.started + BUSY_MACHINE * SHORT) and had_no_core:
            return min(last, self.deadline)
        self._pool.move_to_long(self)
        return self.deadline

    def _timeout(self) -> Problem:
        return Problem("query-timeout", limit=self._pool.time_limit)


def _remaining(until: float) -> float:
    return max(0.001, until - time.monotonic())  # 0 would mean: do not wait


class Pool:
    """`query_workers` query processes and a spare one. It cannot be used after a fork."""

    _fault: Problem | None = None
    """Why a process could not be started the last time."""

    def __init__(
        self, index: Path | None, settings: Settings, data: Path | None = None, limits: QueryLimits = LIMITS
    ) -> None:
        """Start the processes; raises release-damaged if they cannot read `index`, resources if they cannot start.

        `data` is the same dataset as compressed N-Quads: it is loaded into memory once for all processes, which is two to
        four times as fast as the index. Without an index, the processes parse and serialize what a remote engine asks.
        """
        self.time_limit = settings.query_timeout
        self._settings, self._limits = settings, limits
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
        self._count = settings.query_workers + 1
        self._share = max(1, self._count // 2)
        self._places = max(1, settings.query_workers - 1)
        self._changed = threading.Condition()
        # What follows is read and changed while that is held.
        self._idle = list[QueryProcess]()
        self._alive = set[QueryProcess]()
        self._waiting = list[Turn]()
        self._running = set[Turn]()
        self._long_texts = LRUCache[int, None](_MAX_REMEMBERED)
        self._ended = 0
        self._closed = False
        self._keeper = threading.Thread(target=self._keep, name="query-processes", daemon=True)
        self._keeper.start()
        with self._changed:
            self._changed.wait_for(lambda: self._fault or len(self._alive) == self._count)
            fault = self._fault
        if fault:
            self.close()
            raise Problem(fault.kind.code, path=index or settings.engine, **fault.params)

    def close(self) -> None:
        """End all processes and their queries; a second call does nothing."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            for turn in self._waiting:
                turn.granted.release()
            self._waiting.clear()
            alive = list(self._alive)
        for process in alive:
            self._server.reap(process.pid)
        self._server.close()
        self._keeper.join()
        with self._changed:  # those that run are closed by the threads that wait for them
            while self._idle:
                self._idle.pop().channel.close()
            self._alive.clear()

    def status(self) -> EngineStatus:
        """Return what the pool is doing."""
        with self._changed:
            return EngineStatus(len(self._running), len(self._waiting), self._ended)

    def run(self, query: Query, request: dict[str, Any], file: int = -1, deadline: float = math.inf) -> Reply:
        """Return the reply of a process to a request, and to what it reads of `file` if that is not -1.

        Waits `QueryLimits.wait` seconds at most; from then on the query has its time limit, and none after `deadline`. Raises
        query-queue, query-timeout, query-cpu, query-memory, query-crash.
        """
        give_up, message = time.monotonic() + self._limits.wait, json.dumps(request).encode() + b"\n"
        needs_place = False
        for _ in range(self._count + _MAX_KILLED):  # all that were there may have been killed
            turn = self._begin(Turn(self, query, deadline), give_up, is_long=needs_place)
            try:
                return turn.ask(message, file)
            except NeedsPlaceError:
                needs_place = True
            except (EOFError, OSError) as error:
                code = self._server.reap(turn.process.pid)
                if code is None:
                    self._discard_idle()
                if self._closed:
                    raise Problem("query-queue") from None
                # Not the fault of the query: the process died with the fork server, or it never read the request. A socket
                # closed with unread data gives ECONNRESET, a request to a closed socket EPIPE; else the stream just ends.
                if code is not None and not isinstance(error, ConnectionError):
                    raise self._death(code) from None
            finally:
                self._end(turn)
        raise Problem("query-crash")

    def _discard_idle(self) -> None:
        """Have the idle processes replaced that died with their fork server."""
        with self._changed:
            for process in [each for each in self._idle if not self._server.has(each.pid)]:
                self._idle.remove(process)
                self._alive.discard(process)
                self._ended += 1
                process.channel.close()
            self._changed.notify_all()

    def _death(self, code: int) -> Problem:
        """Return the problem of a query whose process ended with an exit code."""
        if code == -signal.SIGXCPU:
            return Problem("query-cpu", limit=self._cpu)
        if code == -signal.SIGABRT:  # so do Rust and C++ if memory is refused
            return Problem("query-memory", limit=self._settings.query_memory)
        if code == -signal.SIGKILL:  # from outside
            return Problem("resources", message=phrase("lacks-killed"))
        return Problem("query-crash")

    def _begin(self, turn: Turn, give_up: float, *, is_long: bool) -> Turn:
        """Return the turn with a process; raises query-queue if there is none until `give_up`."""
        with self._changed:
            if self._closed:
                raise Problem("query-queue")
            turn.is_long = is_long or turn.key in self._long_texts
            self._waiting.append(turn)
            self._dispatch()
        if not turn.runs:
            turn.granted.acquire(timeout=max(0.0, give_up - time.monotonic()))
            with self._changed:
                if not turn.runs:
                    if turn in self._waiting:
                        self._waiting.remove(turn)
                    raise Problem("query-queue")
        return turn

    def _dispatch(self) -> None:
        """Give idle processes to waiting turns: first to those of the client that holds the fewest, then to the oldest."""
        for turn in sorted(self._waiting, key=lambda turn: len(self._held(turn.client))):
            if not self._idle:
                return
            if self._may_start(turn):
                self._waiting.remove(turn)
                self._running.add(turn)
                turn.start(self._idle.pop())

    def _may_start(self, turn: Turn) -> bool:
        """Return whether a waiting turn may have an idle process, by what all hold and by what its client holds."""
        if turn.is_long and not self._has_place():
            return False
        held = self._held(turn.client)
        # A short query of a client does not wait for its own long ones.
        return len(held) < self._share or (not turn.is_long and len(held) == self._share and all(held))

    def _held(self, client: str) -> list[bool]:
        """Return of each query that a client runs whether it has a place for long queries."""
        return [turn.is_long for turn in self._running if turn.client == client]

    def _has_place(self) -> bool:
        """Return whether a place for long queries is free."""
        return sum(turn.is_long for turn in self._running) < self._places

    def move_to_long(self, turn: Turn) -> None:
        """Give a running turn a place for long queries, and remember its text; raises NeedsPlaceError if there is none."""
        with self._changed:
            self._long_texts[turn.key] = None
            if not self._has_place():
                raise NeedsPlaceError
            turn.is_long = True
            self._dispatch()

    def _end(self, turn: Turn) -> None:
        """Take the process of a turn back, or have it replaced."""
        if not turn.is_reusable:
            self._server.reap(turn.process.pid)
            turn.process.channel.close()
        with self._changed:
            self._running.remove(turn)
            if turn.is_reusable and time.monotonic() - turn.started < SHORT:
                self._long_texts.pop(turn.key, None)
            if not turn.is_reusable:
                self._alive.discard(turn.process)
                self._ended += 1
                self._changed.notify_all()
            elif self._closed:
                turn.process.channel.close()
            else:
                self._idle.append(turn.process)
            self._dispatch()

    def _keep(self) -> None:
        """Start missing processes until the pool is closed."""
        failed = False
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed, _RETRY if failed else 0)
                self._changed.wait_for(lambda: self._closed or len(self._alive) < self._count)
                if self._closed:
                    return
            try:
                process = self._started_process()
            except (Problem, OSError) as error:  # the limit of processes or of file descriptors is reached
                failed = True
                with self._changed:
                    self._fault = (
                        Problem("resources", message=lack(str(error))) if isinstance(error, OSError) else error
                    )
                    self._changed.notify_all()
            else:
                failed = False
                with self._changed:
                    self._alive.add(process)
                    self._idle.append(process)
                    self._dispatch()
                    self._changed.notify_all()

    def _started_process(self) -> QueryProcess:
        """Return a process that is ready; raises release-damaged, resources, OSError."""
        process = QueryProcess(*self._server.spawn())
        details: dict[str, Any] = {
            "error": "resources",
            "message": Phrase("a query process died at its start", "un processus de requête est mort à son démarrage"),
        }
        process.channel.settimeout(START_TIMEOUT)
        with contextlib.suppress(OSError):
            if data := process.channel.recv(1 << 16):  # short, so that it arrives in one piece
                details = json.loads(data)
        if "error" in details:
            self._server.reap(process.pid)
            process.channel.close()
            raise Problem(details["error"], message=lack(details["message"]))
        return process
