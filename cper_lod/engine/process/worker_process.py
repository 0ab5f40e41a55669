"""One query process, and the parent's end of its socket: messages out and in, and its end."""

import asyncio
import contextlib
import json
import os
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
"""How Linux numbers the clocks of other processes (clock_getcpuclockid)."""
_NICENESS: Final = (5, 15)
"""How far the server itself goes before a query process: before one with a short query, and with a long one."""
_READ_SIZE: Final = 16 * 1024
_FD_SPACE: Final = socket.CMSG_SPACE(4)


class WorkerReply(NamedTuple):
    """What a process answers; without a `kind` it is no answer, but what there is to tell.

    `has_blank_nodes` says that there may be a blank node in it, `retire` that the process should serve nobody else; `cpu_time`
    are the seconds of processor time that the process has used since it was spawned.
    """

    kind: Form | Literal[""]
    body: bytes | Spool
    has_blank_nodes: bool = False
    retire: bool = False
    cpu_time: float = 0.0

    @property
    def details(self) -> dict[str, Any]:
        """What there is to tell, nothing where it is an answer."""
        details: dict[str, Any] = json.loads(self.body) if not self.kind and isinstance(self.body, bytes) else {}
        return details


class ReplyBuffer:
    """What has come of one reply."""

    def __init__(self) -> None:
        self._data = b""
        self._files: list[int] = []

    def receive(self, channel: socket.socket, flags: int = 0) -> WorkerReply | None:
        """Read once; return the reply, None where more has to come.

        Raises EOFError where the process is gone, BlockingIOError where nothing is there (MSG_DONTWAIT), query-queue.
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
            if not self._files:  # the system had no file descriptor left to hand it over
                raise Problem("query-queue")
            body = Spool(self._files.pop(), size)
        elif len(self._data) < REPLY.size + size:
            return None
        else:
            body = self._data[REPLY.size :]
        return WorkerReply(KINDS[kind], body, bool(flags & HAS_BLANK_NODES), bool(flags & RETIRE), cpu_time)

    def close(self) -> None:
        """Give up what came of a reply that nobody will read."""
        while self._files:
            os.close(self._files.pop())


class WorkerProcess:
    """One worker process."""

    def __init__(self, zygote: ZygoteClient) -> None:
        """Have it forked; raises OSError where none is to be had."""
        self._zygote = zygote
        self.returncode: int | None = None
        """How it ended, as Popen has it; None until it is reaped."""
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
        """Seconds of processor time that the process had used when it gave its last reply."""
        self._long = False
        self.ended = threading.Event()
        self._reaping = threading.Lock()
        self._references = 1  # the keeper
        self._set_priority(_NICENESS[0])

    def acquire_socket(self) -> None:
        """Keep the socket open until `release_socket`: closed under a thread that waits on it, it would never wake."""
        with self._reaping:
            self._references += 1

    def release_socket(self) -> None:
        """Give up the socket; the last one closes it."""
        with self._reaping:
            self._references -= 1
            if not self._references:
                self.socket.close()

    def kill(self) -> None:
        """End the process at once, whatever it does; nothing where it is reaped already."""
        with self._reaping:
            if not self.ended.is_set():
                with contextlib.suppress(ProcessLookupError):  # its template has died, and it with that
                    os.kill(self.pid, signal.SIGKILL)

    def reap(self) -> int:
        """End the process and return how it ended (`returncode`)."""
        with self._reaping:
            self.returncode = code = self._zygote.reap(self.pid)
            self.ended.set()
        self.release_socket()
        return code

    def cpu_time(self) -> float:
        """Return the seconds of processor time that the process has used, 0 where the system does not tell."""
        with contextlib.suppress(OSError, OverflowError):
            return time.clock_gettime(~self.pid << 3 | _CPUCLOCK_SCHED)
        return 0.0

    def lower_priority(self) -> None:
        """Let other processes go first, for as long as a long query runs."""
        self._long = True
        self._set_priority(_NICENESS[1])

    def restore_priority(self) -> bool:
        """Return whether the process is as quick as others again; most users may not ask that of the system."""
        if self._long:
            self._long = not self._set_priority(_NICENESS[0])
        return not self._long

    def _set_priority(self, value: int) -> bool:
        with self._reaping, contextlib.suppress(OSError):
            if not self.ended.is_set():  # its number may be another's by now
                os.setpriority(os.PRIO_PROCESS, self.pid, value)
                return True
        return False

    def send(self, message: bytes) -> None:
        """Send a message whole, however large; raises OSError where the process is gone."""
        self.socket.sendall(message)

    def receive(self, buffer: ReplyBuffer, flags: int = 0) -> WorkerReply | None:
        """Read once into `buffer`; return the reply once it is there. Raises what `ReplyBuffer.receive` does."""
        reply = buffer.receive(self.socket, flags)
        if reply:
            self.cpu_time_before = reply.cpu_time
        return reply

    def exchange(self, message: bytes) -> WorkerReply:
        """Send a message and wait for the reply; raises EOFError or OSError where the process is gone.

        There is no time limit: who has one ends the process.
        """
        self.send(message)
        buffer = ReplyBuffer()
        try:
            while (reply := self.receive(buffer)) is None:
                pass
        finally:
            buffer.close()
        return reply


class ReplyReaders:
    """One event loop's readers of the sockets of the children; used in that loop only."""

    def __init__(self) -> None:
        self._readers: dict[WorkerProcess, _ReplyReader] = {}

    def next_reply(self, child: WorkerProcess) -> asyncio.Future[WorkerReply]:
        """Return the next reply of a child to come; EOFError or OSError where it ends before."""
        reader = self._readers.get(child)
        if reader is None:
            reader = self._readers[child] = _ReplyReader(child, lambda: self._readers.pop(child, None))
        return reader.next_reply()

    def close(self) -> None:
        """Give up the sockets, where the loop is closed and cannot do it."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()


class _ReplyReader:
    """What comes from one child. To register anew for each reply would cost two system calls more."""

    def __init__(self, child: WorkerProcess, on_end: Callable[[], object]) -> None:
        self._child, self._on_end = child, on_end
        self._loop = asyncio.get_running_loop()
        self._buffer = ReplyBuffer()
        self._reply: asyncio.Future[WorkerReply] | None = None
        self._channel = child.socket.fileno()
        child.acquire_socket()
        self._loop.add_reader(self._channel, self._read)

    def next_reply(self) -> asyncio.Future[WorkerReply]:
        self._reply = self._loop.create_future()
        return self._reply

    def close(self) -> None:
        self._buffer.close()
        self._child.release_socket()

    def _read(self) -> None:
        """Read what has come."""
        try:
            reply = self._child.receive(self._buffer, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except Problem as problem:
            if self._reply and not self._reply.done():
                self._reply.set_exception(problem)
            return
        except (EOFError, OSError) as error:
            self._stop(error)
            return
        if reply is not None:
            self._buffer = ReplyBuffer()
            if self._reply and not self._reply.done():
                self._reply.set_result(reply)

    def _stop(self, error: Exception) -> None:
        """Stop reading from a child that is gone."""
        self._loop.remove_reader(self._channel)
        self._on_end()
        self.close()
        if self._reply and not self._reply.done():
            self._reply.set_exception(error)
