"""The query processes of one index: sends each message to a process when the scheduler allows it, and returns the reply."""

import asyncio
import json
import signal
import threading
from functools import partial
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import PREFIXES
from cper_lod.core.settings import Settings
from cper_lod.engine.base import CancelToken, EngineStatus, Query
from cper_lod.engine.process.scheduler import RETRY_AS_LONG, QueryScheduler, Ticket
from cper_lod.engine.process.supervisor import Supervisor
from cper_lod.engine.process.worker_process import ReplyReader, WorkerProcess, WorkerReply
from cper_lod.engine.process.zygote_client import ZygoteClient

_MAX_ATTEMPTS: Final = 8
"""Maximum number of attempts of a query; there are more than processes that could all have just been killed."""
_SOCKET_BUFFER: Final = 100_000
"""Bytes of a message that a socket accepts without blocking."""


class ProcessPool:
    """`query_workers` query processes and a spare one."""

    def __init__(self, index: Path | None, settings: Settings, data: Path | None = None) -> None:
        """Start the processes; raises release-damaged if they cannot read `index`, engine-resources if they cannot start.

        Without an index, they query the endpoint of the setting `engine`. `data` is the same dataset as N-Quads: up to a
        limit of size it is loaded into memory once for all processes, which is two to four times as fast as the index.
        """
        self._settings = settings
        self._scheduler = QueryScheduler(
            settings.query_workers, settings.query_queue, settings.query_wait, settings.query_timeout, self._wake
        )
        limits: dict[str, Any] = {
            "memory": settings.query_memory,
            "cpu": settings.query_cpu,
            "bytes": settings.query_bytes,
            "rows": settings.query_rows,
            "spool": str(settings.spool),
            "prefixes": PREFIXES,
            "base": settings.endpoint,
            "data": str(data.resolve()) if data and data.stat().st_size <= settings.index_memory << 20 else "",
        }
        if index is None:
            limits["endpoint"] = settings.engine
        # Resolved, so that later processes open the same index even if `current` points to another one.
        self._supervisor = Supervisor(
            ZygoteClient(index.resolve() if index else Path(), json.dumps(limits)),
            settings.query_workers + 1,
            on_ready=self._scheduler.add,
            on_exit=self._scheduler.remove,
            tick=self._scheduler.tick,
        )
        self._readers: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[WorkerProcess, ReplyReader]] = (
            WeakKeyDictionary()
        )
        if fault := self._supervisor.wait_until_ready():
            self.close()
            raise Problem(fault.kind.code, path=index or settings.engine, **fault.params)

    def _wake(self) -> None:
        self._supervisor.wake()

    def close(self) -> None:
        """End all processes and their queries."""
        self._scheduler.close()
        self._supervisor.stop()
        self._close_readers()

    def _close_readers(self) -> None:
        """Release the sockets that closed event loops have read."""
        for loop in [each for each in self._readers if each.is_closed()]:
            for reader in self._readers.pop(loop).values():
                reader.close()

    def status(self) -> EngineStatus:
        """Return what the pool is doing."""
        return EngineStatus(*self._scheduler.counts(), self._supervisor.alive, self._supervisor.ended)

    def exchange(self, message: bytes, query: Query) -> WorkerReply:
        """Return the reply of a process; raises query-queue, query-timeout, query-cpu, query-memory, query-crash."""
        for loop in list(self._readers) if self._readers else ():
            if loop.is_running():  # the loop reads the replies: a thread would wait in vain
                coroutine = self.exchange_async(message, query, CancelToken())
                return asyncio.run_coroutine_threadsafe(coroutine, loop).result()
        is_long = False
        notified = threading.Lock()
        notified.acquire()
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            ticket, reusable = Ticket(query.client, query.key, query.text, notified.release, is_long), False
            try:
                if not self._scheduler.acquire(ticket):
                    notified.acquire()
                child = _assigned_worker(ticket)
                reply = child.exchange(message)
                reusable = not reply.retire
            except (EOFError, OSError) as error:
                if not ticket.code:
                    child.ended.wait(1)
                is_long = self._retry_as_long(ticket, child, error, attempt)
            else:
                return reply
            finally:
                # Also after Ctrl-C: nobody would read the reply.
                self._scheduler.release(ticket, reusable=reusable)
        raise Problem("query-crash")

    async def exchange_async(self, message: bytes, query: Query, cancel: CancelToken) -> WorkerReply:
        """Do the same as `exchange` without blocking a thread; if it is cancelled, the process is killed."""
        is_long = False
        loop = asyncio.get_running_loop()
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            notified = loop.create_future()
            notify = partial(loop.call_soon_threadsafe, _set_done, notified)
            ticket, reusable = Ticket(query.client, query.key, query.text, notify, is_long), False
            try:
                if not self._scheduler.acquire(ticket):
                    await cancel.watch(notified)
                child = _assigned_worker(ticket)
                reply_future = self._reader(loop, child).next_reply()
                if len(message) <= _SOCKET_BUFFER:
                    child.send(message)
                else:
                    await loop.run_in_executor(None, child.send, message)
                reply = await cancel.watch(reply_future)
                reusable = not reply.retire
            except (EOFError, OSError) as error:
                if not ticket.code:
                    await loop.run_in_executor(None, child.ended.wait, 1)
                is_long = self._retry_as_long(ticket, child, error, attempt)
            else:
                return reply
            finally:
                cancel.queue = "long" if ticket.is_long else "short"
                self._scheduler.release(ticket, reusable=reusable)
        raise Problem("query-crash")

    def _reader(self, loop: asyncio.AbstractEventLoop, child: WorkerProcess) -> ReplyReader:
        """Return the reader of a process in the running loop."""
        readers = self._readers.get(loop)
        if readers is None:
            self._close_readers()
            readers = self._readers[loop] = {}
        reader = readers.get(child)
        if reader is None:
            reader = readers[child] = ReplyReader(child, partial(readers.pop, child, None))
        return reader

    def _retry_as_long(self, ticket: Ticket, child: WorkerProcess, error: Exception, attempt: int) -> bool:
        """Return whether to retry, as a long query, a query whose process ended, which gave `error`.

        Raises the problem if it is not retried.
        """
        if ticket.code == RETRY_AS_LONG:
            return True
        if ticket.code:
            raise Problem(ticket.code, limit=self._settings.query_timeout)
        if self._scheduler.closed:
            raise Problem("query-queue")
        code = child.returncode
        # Not the fault of the query: the process died with its zygote, or it never read the message. A socket closed
        # with unread data gives ECONNRESET, a message to a closed socket EPIPE; otherwise the stream just ends (EOF).
        if (code is None or isinstance(error, ConnectionError)) and attempt < _MAX_ATTEMPTS:
            return ticket.is_long
        if code == -signal.SIGXCPU:
            raise Problem("query-cpu", limit=self._settings.query_cpu)
        # Rust and C++ abort if memory is refused; a SIGKILL from outside means that the system is out of memory.
        if code in (-signal.SIGABRT, -signal.SIGKILL):
            raise Problem("query-memory", limit=self._settings.query_memory)
        raise Problem("query-crash")


def _assigned_worker(ticket: Ticket) -> WorkerProcess:
    """Return the process assigned to a ticket; raises the problem of a rejected ticket."""
    if ticket.child is None:
        raise Problem(ticket.code)
    return ticket.child


def _set_done(notified: asyncio.Future[None]) -> None:
    if not notified.done():
        notified.set_result(None)
