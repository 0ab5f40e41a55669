"""The thread that starts, watches and reaps the query processes of an engine."""

import contextlib
import math
import os
import select
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.engine.process.worker_process import ReplyBuffer, WorkerProcess
from cper_lod.engine.process.zygote_client import START_TIMEOUT, ZygoteClient

_BACK_OFF: Final = (0.1, 30.0)
"""Seconds to wait after a failed start: at first, doubled each time, and at most."""


class Supervisor(threading.Thread):
    """The thread that keeps `count` query processes running until it is stopped.

    It does not end earlier, because Linux kills the zygote and its children together with the thread that started it.
    `on_ready` is called with each process that has opened the index, `on_exit` with each such process that died. `tick`
    is called to check running queries; it returns in how many seconds to call it again, or None to wait for `wake`.
    """

    def __init__(
        self,
        zygote: ZygoteClient,
        count: int,
        *,
        on_ready: Callable[[WorkerProcess], None],
        on_exit: Callable[[WorkerProcess], None],
        tick: Callable[[], float | None],
    ) -> None:
        super().__init__(name="query-supervisor", daemon=True)
        self._zygote, self._count = zygote, count
        self._on_ready, self._on_exit, self._tick = on_ready, on_exit, tick
        self._children: dict[int, WorkerProcess] = {}
        self._poll = select.poll()
        self._wake_reader, self._wake_writer = os.pipe()
        self._poll.register(self._wake_reader, select.POLLIN)
        self._stopping = False
        self._failures = 0
        self._next_start = 0.0
        self._first_start_done = threading.Event()
        self.fault: Problem | None = None
        self.ended = 0
        """Number of processes that have ended after they had opened the index, most of them killed at a limit."""
        self.start()

    @property
    def alive(self) -> int:
        """Number of processes."""
        return len(self._children)

    def wait_until_ready(self) -> Problem | None:
        """Return why the first processes could not start, None if all of them are ready."""
        if not self._first_start_done.wait(START_TIMEOUT):
            late = Phrase(
                f"the query processes are not ready after {START_TIMEOUT:.0f} s",
                f"les processus de requête ne sont pas prêts après {START_TIMEOUT:.0f} s",
            )
            return Problem("engine-resources", message=late)
        return self.fault

    def stop(self) -> None:
        """End all processes and the thread."""
        self._stopping = True
        self.wake()
        self.join()

    def wake(self) -> None:
        """Call `tick` soon."""
        with contextlib.suppress(OSError):
            os.write(self._wake_writer, b".")

    def run(self) -> None:
        """Start, watch and reap processes until stopped."""
        try:
            while not self._stopping:
                self._spawn()
                for fd, event in self._poll.poll(self._poll_timeout()):
                    if fd == self._wake_reader:
                        os.read(self._wake_reader, 4096)
                    else:
                        self._handle_event(self._children[fd], event)
        finally:
            for child in list(self._children.values()):
                child.kill()
            for child in list(self._children.values()):
                self._reap(child)
            self._zygote.close()
            os.close(self._wake_reader)
            os.close(self._wake_writer)

    def _poll_timeout(self) -> int | None:
        """Return for how many milliseconds to wait for events; None for no limit."""
        seconds = [] if (tick := self._tick()) is None else [tick]
        if len(self._children) < self._count:
            seconds.append(max(0.001, self._next_start - time.monotonic()))
        return math.ceil(min(seconds) * 1000) if seconds else None

    def _spawn(self) -> None:
        """Start missing processes, unless the last start has just failed."""
        while len(self._children) < self._count and time.monotonic() >= self._next_start:
            try:
                child = WorkerProcess(self._zygote)
            except OSError as error:  # the limit of processes or of file descriptors is reached
                self._record_failure(Problem("engine-resources", message=str(error)))
                return
            self._children[child.socket.fileno()] = child
            self._poll.register(child.socket, select.POLLIN)

    def _handle_event(self, child: WorkerProcess, event: int) -> None:
        """Read the first message of a process, or reap it."""
        if child.ready or not event & select.POLLIN:
            self._reap(child)
            return
        died = Phrase("a query process died at its start", "un processus de requête est mort à son démarrage")
        details: dict[str, Any] = {"error": "engine-resources", "message": died}
        with contextlib.suppress(EOFError, OSError):
            reply = child.receive(ReplyBuffer())  # the first message is short and arrives in one piece
            details = reply.details if reply else details
        if "message" in details:
            self._reap(child)
            self._record_failure(Problem(details["error"], message=details["message"]))
            return
        child.ready = True
        self._failures = 0
        # From here on, replies are read by the threads that send queries; this thread only needs to see the end of the process.
        self._poll.modify(child.socket, 0)
        self._on_ready(child)
        if all(child.ready for child in self._children.values()) and len(self._children) == self._count:
            self._first_start_done.set()

    def _reap(self, child: WorkerProcess) -> None:
        self._poll.unregister(child.socket)
        del self._children[child.socket.fileno()]
        if child.ready:
            self.ended += 1
            self._on_exit(child)  # first, so that no query is given to a dead process
        child.reap()

    def _record_failure(self, fault: Problem) -> None:
        """Record a failed start; the next attempts are delayed more and more."""
        first, last = _BACK_OFF
        self._next_start = time.monotonic() + min(last, first * 2**self._failures)
        self._failures = min(self._failures + 1, 16)
        self.fault = fault
        self._first_start_done.set()
