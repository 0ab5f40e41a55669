"""One query process as the server sees it: its socket, its replies, its priority and its end."""

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.engine.base import Form
from cper_lod.engine.process.zygote_client import ZygoteClient
from cper_lod.engine.spool import Spool
from cper_lod.engine.worker.messages import HAS_BLANK_NODES, KINDS, REPLY, RETIRE, SPOOLED

_CPUCLOCK_SCHED: Final = 2
"""Clock number with which Linux encodes the CPU clock of another process (clock_getcpuclockid)."""
_NICENESS: Final = (5, 15)
"""Niceness of a query process while it runs a short query, and a long one; the server itself has 0."""
_READ_SIZE: Final = 16 * 1024
_FD_SPACE: Final = socket.CMSG_SPACE(4)


class WorkerReply(NamedTuple):
    """A reply of a query process. If `kind` is empty, `body` is not an answer but a JSON object (see `details`).

    `has_blank_nodes` is true if the answer may contain a blank node; `retire` is true if the process must not run another
    query; `cpu_time` is the CPU time in seconds that the process has used since it was started.
    """

    kind: Form | Literal[""]
    body: bytes | Spool
    has_blank_nodes: bool = False
    retire: bool = False
    cpu_time: float = 0.0

    @property
    def details(self) -> dict[str, Any]:
        """The JSON object in the body; empty if the reply is an answer."""
        details: dict[str, Any] = json.loads(self.body) if not self.kind and isinstance(self.body, bytes) else {}
        return details


class ReplyBuffer:
    """The bytes and file descriptors received so far for one reply."""

    def __init__(self) -> None:
        self._data = b""
        self._files: list[int] = []

    def receive(self, channel: socket.socket, flags: int = 0) -> WorkerReply | None:
        """Read once from `channel`; return the reply, or None if it is not complete yet.

        Raises EOFError if the process has ended, BlockingIOError if nothing can be read (MSG_DONTWAIT), query-queue.
        """
        data, rights, _, _ = channel.recvmsg(_READ_SIZE if not self._data else 1 << 17, _FD_SPACE, flags)
        for _, _, file in rights:
            self._files.append(int.from_bytes(file[:4], sys.byteorder))
        if not data:
            raise EOFError
        self._data = self._data + data if self._data else data
        if len(self._data) < REPLY.size:
            return None
        kind, flags, cpu_time, size = REPLY.unpack_from(self._data)
        body: bytes | Spool
        if flags & SPOOLED:
            if not self._files:  # the system had no file descriptor left
                raise Problem("query-queue")
            body = Spool(self._files.pop(), size)
        elif len(self._data) < REPLY.size + size:
            return None
        else:
            body = self._data[REPLY.size :]
        return WorkerReply(KINDS[kind], body, bool(flags & HAS_BLANK_NODES), bool(flags & RETIRE), cpu_time)

    def close(self) -> None:
        """Close the received files that nobody will read."""
        while self._files:
            os.close(self._files.pop())


class WorkerProcess:
    """One query process."""

    def __init__(self, zygote: ZygoteClient) -> None:
        """Fork the process; raises OSError if that fails."""
        self._zygote = zygote
        self.returncode: int | None = None
        """The exit code, as `Popen.returncode`; None until the process is reaped, and if it died with its zygote."""
        self.socket, worker_end = socket.socketpair()
        try:
            self.pid = zygote.spawn(worker_end)
        except BaseException:
            self.socket.close()
            raise
        finally:
            worker_end.close()
        self.ready = False
        self.cpu_time_before = 0.0
        """CPU time in seconds that the process had used when it sent its last reply."""
        self._long = False
        self.ended = threading.Event()
        self._reaping = threading.Lock()
        self._references = 1  # the supervisor
        self._set_priority(_NICENESS[0])

    def acquire_socket(self) -> None:
        """Keep the socket open until `release_socket`; a thread that waits on a socket does not wake up when it is closed."""
        with self._reaping:
            self._references += 1

    def release_socket(self) -> None:
        """Release the socket; the last release closes it."""
        with self._reaping:
            self._references -= 1
            if not self._references:
                self.socket.close()

    def kill(self) -> None:
        """Kill the process; does nothing if it is already reaped."""
        with self._reaping:
            if not self.ended.is_set():
                with contextlib.suppress(ProcessLookupError):  # the zygote has died, and the process with it
                    os.kill(self.pid, signal.SIGKILL)

    def reap(self) -> int | None:
        """Kill and reap the process; return its exit code (`returncode`)."""
        with self._reaping:
            self.returncode = code = self._zygote.reap(self.pid)
            self.ended.set()
        self.release_socket()
        return code

    def cpu_time(self) -> float:
        """Return the CPU time in seconds used by the process; 0 if the system does not provide it."""
        with contextlib.suppress(OSError, OverflowError):
            return time.clock_gettime(~self.pid << 3 | _CPUCLOCK_SCHED)
        return 0.0

    def lower_priority(self) -> None:
        """Lower the priority of the process while it runs a long query."""
        self._long = True
        self._set_priority(_NICENESS[1])

    def restore_priority(self) -> bool:
        """Return whether the process has normal priority again; most users may not raise the priority of a process."""
        if self._long:
            self._long = not self._set_priority(_NICENESS[0])
        return not self._long

    def _set_priority(self, value: int) -> bool:
        with self._reaping, contextlib.suppress(OSError):
            if not self.ended.is_set():  # the process id may have been reused
                os.setpriority(os.PRIO_PROCESS, self.pid, value)
                return True
        return False

    def send(self, message: bytes) -> None:
        """Send the whole message; raises OSError if the process has ended."""
        rest = memoryview(message)
        while rest:
            try:
                rest = rest[self.socket.send(rest) :]
            except BlockingIOError:  # an event loop of libuv that reads the socket has made it non-blocking
                writable = select.poll()
                writable.register(self.socket, select.POLLOUT)
                writable.poll()

    def receive(self, buffer: ReplyBuffer, flags: int = 0) -> WorkerReply | None:
        """Read once into `buffer`; return the reply if it is complete. Raises what `ReplyBuffer.receive` raises."""
        reply = buffer.receive(self.socket, flags)
        if reply:
            self.cpu_time_before = reply.cpu_time
        return reply

    def exchange(self, message: bytes) -> WorkerReply:
        """Send a message and wait for the reply; raises EOFError or OSError if the process has ended.

        There is no time limit; to interrupt it, kill the process.
        """
        self.send(message)
        buffer = ReplyBuffer()
        try:
            while (reply := self.receive(buffer)) is None:
                pass
        finally:
            buffer.close()
        return reply


class ReplyReader:
    """Reads the replies of one process in one event loop, and is used only there.

    It stays registered, since registering for each reply costs two system calls.
    """

    def __init__(self, child: WorkerProcess, on_end: Callable[[], object]) -> None:
        """Call `on_end` when the process has ended: there is nothing more to read."""
        self._child, self._on_end = child, on_end
        self._loop = asyncio.get_running_loop()
        self._buffer = ReplyBuffer()
        self._waiting: asyncio.Future[WorkerReply] | None = None
        self._channel = child.socket.fileno()
        child.acquire_socket()
        self._loop.add_reader(self._channel, self._read)

    def next_reply(self) -> asyncio.Future[WorkerReply]:
        """Return a future with the next reply; it fails with EOFError or OSError if the process ends first."""
        self._waiting = self._loop.create_future()
        return self._waiting

    def close(self) -> None:
        """Release the socket when the loop is closed and cannot do it itself."""
        self._buffer.close()
        self._child.release_socket()

    def _read(self) -> None:
        """Read what has arrived."""
        try:
            reply = self._child.receive(self._buffer, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except Problem as problem:
            if waiting := self._take_waiting():
                waiting.set_exception(problem)
            return
        except (EOFError, OSError) as error:
            self._stop(error)
            return
        if reply is not None:
            self._buffer = ReplyBuffer()
            if waiting := self._take_waiting():
                waiting.set_result(reply)

    def _take_waiting(self) -> asyncio.Future[WorkerReply] | None:
        """Return the future that a query waits for, and forget it.

        Its result may be a file, which would stay open, or an error whose traceback refers to this object.
        """
        waiting, self._waiting = self._waiting, None
        return None if waiting is None or waiting.done() else waiting

    def _stop(self, error: Exception) -> None:
        """Stop reading from a process that has ended."""
        self._loop.remove_reader(self._channel)
        self._on_end()
        self.close()
        if waiting := self._take_waiting():
            waiting.set_exception(error)
            waiting.exception()  # retrieved: if the query could not be sent, nobody awaits this, and asyncio would log it
