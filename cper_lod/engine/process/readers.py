"""How an event loop waits for the replies of query processes: by one reader for each socket while its process lives."""

import asyncio
import socket
from collections.abc import Callable

from cper_lod.core.errors import Problem
from cper_lod.engine.process.child import Child, Inbox, Reply


class Readers:
    """One event loop's readers of the sockets of the children; used in that loop only."""

    def __init__(self) -> None:
        self._readers: dict[Child, _Reader] = {}

    def expect(self, child: Child) -> asyncio.Future[Reply]:
        """Return the next reply of a child to come; EOFError or OSError where it ends before."""
        reader = self._readers.get(child)
        if reader is None:
            reader = self._readers[child] = _Reader(child, lambda: self._readers.pop(child, None))
        return reader.expect()

    def close(self) -> None:
        """Give up the sockets, where the loop is closed and cannot do it."""
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()


class _Reader:
    """What comes from one child. To register anew for each reply would cost two system calls more."""

    def __init__(self, child: Child, ended: Callable[[], object]) -> None:
        self._child, self._ended = child, ended
        self._loop = asyncio.get_running_loop()
        self._inbox = Inbox()
        self._arrived: asyncio.Future[Reply] | None = None
        self._channel = child.socket.fileno()
        child.hold()
        self._loop.add_reader(self._channel, self._look)

    def expect(self) -> asyncio.Future[Reply]:
        self._arrived = self._loop.create_future()
        return self._arrived

    def close(self) -> None:
        self._inbox.close()
        self._child.let_go()

    def _look(self) -> None:
        """Read what has come."""
        try:
            reply = self._child.hear(self._inbox, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except Problem as problem:
            if self._arrived and not self._arrived.done():
                self._arrived.set_exception(problem)
            return
        except (EOFError, OSError) as error:
            self._end(error)
            return
        if reply is not None:
            self._inbox = Inbox()
            if self._arrived and not self._arrived.done():
                self._arrived.set_result(reply)

    def _end(self, error: Exception) -> None:
        """Stop reading from a child that is gone."""
        self._loop.remove_reader(self._channel)
        self._ended()
        self.close()
        if self._arrived and not self._arrived.done():
            self._arrived.set_exception(error)
