"""The one thread that bears and buries the child processes of the engine."""

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pyoxigraph

from cper_lod.engine import worker
from cper_lod.engine.worker import LENGTHS

BIRTH: Final = 30.0
"""Seconds that the first children may take to open the index."""
_BACK_OFF: Final = (0.1, 30.0)
"""Seconds before the next try after a birth that failed: the first, doubled each time, up to the last."""


class Child:
    """One worker process and the parent's end of its socket."""

    def __init__(self, index: Path, limits: str) -> None:
        self.socket, theirs = socket.socketpair()
        try:
            theirs.setblocking(True)
            packages = Path(pyoxigraph.__file__).parent.parent
            where = [str(Path(worker.__file__).resolve()), str(theirs.fileno()), str(index), str(packages)]
            self.process = subprocess.Popen(  # noqa: S603  # our own interpreter and file
                [sys.executable, "-I", "-S", *where, limits],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
            )
        except BaseException:
            self.socket.close()
            raise
        finally:
            theirs.close()
        self.ready = False
        self.ended = threading.Event()
        self._burial = threading.Lock()
        self._users = 1  # the keeper

    def hold(self) -> None:
        """Keep the socket open until `let_go`: closed under a thread that waits on it, it would never wake."""
        with self._burial:
            self._users += 1

    def let_go(self) -> None:
        """Give up the socket; the last one closes it."""
        with self._burial:
            self._users -= 1
            if not self._users:
                self.socket.close()

    def kill(self) -> None:
        """End the process at once, whatever it does; nothing where it is buried already."""
        with self._burial:
            if not self.ended.is_set():
                self.process.kill()

    def bury(self) -> int:
        """End the process and return how it ended (as Popen.returncode)."""
        with self._burial:
            self.process.kill()
            code = self.process.wait()
            self.ended.set()
        self.let_go()
        return code

    def send(self, message: bytes, deadline: float) -> None:
        """Send a message whole; raises OSError where the process is gone, TimeoutError where it does not read."""
        self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
        self.socket.sendall(message)

    def receive(self, deadline: float) -> tuple[dict[str, Any], bytes]:
        """Return the header and the body of the next message; raises EOFError, OSError, TimeoutError."""
        data = bytearray()
        self._read(data, LENGTHS.size, deadline)
        head, body = LENGTHS.unpack_from(data)
        start = LENGTHS.size + head
        self._read(data, start + body, deadline)
        return json.loads(data[LENGTHS.size : start]), bytes(memoryview(data)[start:])

    def _read(self, data: bytearray, need: int, deadline: float) -> None:
        """Append what comes to `data` until it has `need` bytes."""
        while (missing := need - len(data)) > 0:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.socket.settimeout(left)
            # A large body is taken in large pieces, a small message in one.
            piece = self.socket.recv(min(max(missing, 65536), 1 << 20))
            if not piece:
                raise EOFError
            data += piece


def _environment() -> dict[str, str]:
    """Return what a child sees of the environment: nothing that could carry a secret, less memory set aside."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "MALLOC_ARENA_MAX": "2", "RUST_BACKTRACE": "0", "LC_ALL": "C.UTF-8"}


class Keeper(threading.Thread):
    """The thread that keeps `count` children alive until it is told to stop.

    It never ends before: Linux kills a child together with the thread that bore it (PR_SET_PDEATHSIG).
    `ready` is called with each child that has opened the index, `gone` with each that was and died.
    """

    def __init__(
        self, index: Path, limits: str, count: int, ready: Callable[[Child], None], gone: Callable[[Child], None]
    ) -> None:
        super().__init__(name="query-keeper", daemon=True)
        self._index, self._limits, self._count = index, limits, count
        self._tell_ready, self._tell_gone = ready, gone
        self._children: dict[int, Child] = {}
        self._poll = select.poll()
        self._wake, self._bell = os.pipe()
        self._poll.register(self._wake, select.POLLIN)
        self._stopping = False
        self._failures = 0
        self._next_birth = 0.0
        self._settled = threading.Event()
        self.fault = ""
        self.start()

    def wait_for_birth(self) -> str:
        """Return what went wrong with the first children, an empty text when all of them are ready."""
        if not self._settled.wait(BIRTH):
            return f"the query processes are not ready after {BIRTH:.0f} s"
        return self.fault

    def stop(self) -> None:
        """End all children and the thread."""
        self._stopping = True
        with contextlib.suppress(OSError):
            os.write(self._bell, b".")
        self.join()

    def run(self) -> None:
        """Bear, watch and bury, until told to stop."""
        try:
            while not self._stopping:
                self._bear()
                for fd, event in self._poll.poll(self._pause()):
                    if fd != self._wake:
                        self._look(self._children[fd], event)
        finally:
            for child in list(self._children.values()):
                child.kill()
            for child in list(self._children.values()):
                self._bury(child)
            os.close(self._wake)
            os.close(self._bell)

    def _pause(self) -> int | None:
        """Return for how many milliseconds there is nothing to do but watch; None for as long as it takes."""
        if len(self._children) >= self._count:
            return None
        return max(1, int((self._next_birth - time.monotonic()) * 1000))

    def _bear(self) -> None:
        """Start the children that are missing, unless the last ones died at birth just now."""
        while len(self._children) < self._count and time.monotonic() >= self._next_birth:
            try:
                child = Child(self._index, self._limits)
            except OSError as error:  # no process or no file descriptor to be had
                self._fail(str(error))
                return
            self._children[child.socket.fileno()] = child
            self._poll.register(child.socket, select.POLLIN)

    def _look(self, child: Child, event: int) -> None:
        """Hear a child's first word, or bury it."""
        if child.ready or not event & select.POLLIN:
            self._bury(child)
            return
        try:
            header, _ = child.receive(time.monotonic() + 1)
        except (EOFError, OSError):
            header = {"message": "the query process died at its start"}
        if "message" in header:
            self._bury(child)
            self._fail(header["message"])
            return
        child.ready = True
        self._failures = 0
        # From here on the child's words are for those who ask it; only its hanging up concerns this thread.
        self._poll.modify(child.socket, 0)
        self._tell_ready(child)
        if all(each.ready for each in self._children.values()) and len(self._children) == self._count:
            self._settled.set()

    def _bury(self, child: Child) -> None:
        self._poll.unregister(child.socket)
        del self._children[child.socket.fileno()]
        if child.ready:
            self._tell_gone(child)  # first, so that nobody is given a dead one
        child.bury()

    def _fail(self, message: str) -> None:
        """Note that a birth failed; the next is tried later, and ever later."""
        first, last = _BACK_OFF
        self._next_birth = time.monotonic() + min(last, first * 2**self._failures)
        self._failures = min(self._failures + 1, 16)
        self.fault = message
        self._settled.set()
