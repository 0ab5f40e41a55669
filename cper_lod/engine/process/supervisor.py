"""The one thread that spawns, watches and reaps the child processes of the engine."""

import contextlib
import math
import os
import select
import threading
import time
from collections.abc import Callable
from typing import Final

from cper_lod.engine.process.worker_process import ReplyBuffer, WorkerProcess
from cper_lod.engine.process.zygote_client import ZygoteClient

START_TIMEOUT: Final = 30.0
"""Seconds that the first children may take to open the index."""
_BACK_OFF: Final = (0.1, 30.0)
"""Seconds before the next try after a start that failed: the first, doubled each time, up to the last."""


class Supervisor(threading.Thread):
    """The thread that keeps `count` children alive until it is told to stop.

    It never ends before: Linux ends the template of the children, and them, together with the thread that started it.
    `on_ready` is called with each child that has opened the index, `on_exit` with each that was and died, `tick` when it is
    time to look after those that run: it says in how many seconds that is again, None for not before `wake`.
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
        super().__init__(name="query-keeper", daemon=True)
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
        self.fault = ""
        self.ended = 0
        """How many children that had opened the index have ended, killed at a limit most of them."""
        self.start()

    @property
    def alive(self) -> int:
        """How many children there are."""
        return len(self._children)

    def wait_until_ready(self) -> str:
        """Return what went wrong with the first children, an empty text when all of them are ready."""
        if not self._first_start_done.wait(START_TIMEOUT):
            return f"the query processes are not ready after {START_TIMEOUT:.0f} s"
        return self.fault

    def stop(self) -> None:
        """End all children and the thread."""
        self._stopping = True
        self.wake()
        self.join()

    def wake(self) -> None:
        """Have `tick` called soon."""
        with contextlib.suppress(OSError):
            os.write(self._wake_writer, b".")

    def run(self) -> None:
        """Spawn, watch and reap, until told to stop."""
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
        """Return for how many milliseconds there is nothing to do but watch; None for as long as it takes."""
        seconds = [] if (tick := self._tick()) is None else [tick]
        if len(self._children) < self._count:
            seconds.append(max(0.001, self._next_start - time.monotonic()))
        return math.ceil(min(seconds) * 1000) if seconds else None

    def _spawn(self) -> None:
        """Start the children that are missing, unless the last ones died at their start just now."""
        while len(self._children) < self._count and time.monotonic() >= self._next_start:
            try:
                child = WorkerProcess(self._zygote)
            except OSError as error:  # no process or no file descriptor to be had
                self._record_failure(str(error))
                return
            self._children[child.socket.fileno()] = child
            self._poll.register(child.socket, select.POLLIN)

    def _handle_event(self, child: WorkerProcess, event: int) -> None:
        """Hear a child's first word, or reap it."""
        if child.ready or not event & select.POLLIN:
            self._reap(child)
            return
        details = {"message": "the query process died at its start"}
        with contextlib.suppress(EOFError, OSError):
            reply = child.receive(ReplyBuffer())  # its first word is short, and comes in one piece
            details = reply.details if reply else details
        if "message" in details:
            self._reap(child)
            self._record_failure(details["message"])
            return
        child.ready = True
        self._failures = 0
        # From here on the child's words are for those who ask it; only its hanging up concerns this thread.
        self._poll.modify(child.socket, 0)
        self._on_ready(child)
        if all(child.ready for child in self._children.values()) and len(self._children) == self._count:
            self._first_start_done.set()

    def _reap(self, child: WorkerProcess) -> None:
        self._poll.unregister(child.socket)
        del self._children[child.socket.fileno()]
        if child.ready:
            self.ended += 1
            self._on_exit(child)  # first, so that nobody is given a dead one
        child.reap()

    def _record_failure(self, message: str) -> None:
        """Note that a start failed; the next is tried later, and ever later."""
        first, last = _BACK_OFF
        self._next_start = time.monotonic() + min(last, first * 2**self._failures)
        self._failures = min(self._failures + 1, 16)
        self.fault = message
        self._first_start_done.set()
