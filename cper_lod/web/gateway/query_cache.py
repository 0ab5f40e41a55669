"""Query cache with request coalescing: a repeated query is answered at once, and one asked by many runs once."""

import asyncio
from collections.abc import Awaitable, Callable
from operator import itemgetter
from typing import Final, Generic, TypeVar

from cachetools import LRUCache

from cper_lod.core.errors import Problem
from cper_lod.engine.base import Answer, CancelToken, Engine, Query

Key = tuple[object, ...]
Value = TypeVar("Value")
OVERHEAD: Final = 1000
"""Bytes that an entry takes besides its texts."""
_WATCH_DELAY: Final = 0.02
"""Seconds until the connection of a client is watched: most queries are answered before."""
MAX_ANSWER: Final = 128 * 1024
"""Bytes of the largest answer that is cached."""


def key_of(query: Query) -> Key:
    """Return what the answer to a deterministic query depends on, within one release."""
    return (query.text, query.default_graphs, query.named_graphs, query.solutions, query.graph)


class BoundedCache(Generic[Value]):
    """Least-recently-used cache with a limit in bytes."""

    def __init__(self, limit: int, max_entry: int = MAX_ANSWER) -> None:
        self._max_entry = min(limit, max_entry)
        self._entries: LRUCache[Key, tuple[Value, int]] = LRUCache(limit, itemgetter(1))

    @property
    def size(self) -> int:
        """The bytes of all entries."""
        return int(self._entries.currsize)

    def get(self, key: Key) -> Value | None:
        """Return the value, or None."""
        try:
            return self._entries[key][0]
        except KeyError:
            return None

    def put(self, key: Key, value: Value, cost: int) -> None:
        """Store a value that takes `cost` bytes besides its key; remove those not used for longest."""
        cost += OVERHEAD + _size(key)
        if cost <= self._max_entry:
            self._entries[key] = (value, cost)


def _size(key: object) -> int:
    """Return how many bytes the texts in a key take at most."""
    if isinstance(key, str):
        return 64 + (len(key) if key.isascii() else 4 * len(key))
    return sum(map(_size, key)) if isinstance(key, tuple) else 0


class ClientDisconnected(Exception):
    """The client closed its connection before it was answered."""


class InFlightQuery:
    """A running query, and the requests that wait for it: the one that runs it, and later ones with the same query."""

    def __init__(self, on_abandoned: Callable[[], object]) -> None:
        """Call `on_abandoned` when no request waits any more: later ones must not join."""
        self._on_abandoned = on_abandoned
        self.cancel = CancelToken()
        self.waiting = 1
        self.followers: set[asyncio.Future[Answer]] = set()

    def remove_waiter(self) -> None:
        """Count a client that has gone; the last one cancels the query."""
        self.waiting -= 1
        if not self.waiting:
            self._on_abandoned()
            self.cancel.cancel()

    def finish(self, answer: Answer | None, error: BaseException | None) -> None:
        """Pass the outcome to the other requests."""
        for follower in self.followers:
            if follower.done():
                continue
            if answer:
                follower.set_result(answer)
            else:
                follower.set_exception(error if isinstance(error, Problem) else Problem("query-queue"))


class _DisconnectWatch:
    """Context manager that calls `on_disconnect` when the client goes, once its query has taken a while."""

    def __init__(self, disconnected: Callable[[], Awaitable[None]], on_disconnect: Callable[[], object]) -> None:
        self._disconnected, self._on_disconnect = disconnected, on_disconnect
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(_WATCH_DELAY, self._start)

    def _start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._wait())

    async def _wait(self) -> None:
        await self._disconnected()
        self._on_disconnect()

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._task:
            self._task.cancel()
            self._task = None  # the traceback of what it raises refers to this object


class QueryCache:
    """The answers of one engine, each computed once for all that wait for it; used in one event loop."""

    def __init__(self, engine: Engine, limit: int) -> None:
        """Cache up to `limit` bytes of answers."""
        self._engine = engine
        self._answers = BoundedCache[Answer](limit)
        self._in_flight: dict[Key, InFlightQuery] = {}

    def get(self, query: Query) -> Answer | None:
        """Return the cached answer to a query, or None."""
        return self._answers.get(key_of(query))

    async def run(self, query: Query, disconnected: Callable[[], Awaitable[None]], *, shared: bool) -> Answer:
        """Run a query, or join one that runs; raises the engine's problems, and ClientDisconnected.

        `disconnected` waits until the client has gone; when the last client has gone, the query is cancelled. `shared`
        says that other requests may get the same answer.
        """
        key = key_of(query)
        if shared and (flight := self._in_flight.get(key)):
            return await _join(flight, disconnected)
        own = InFlightQuery(lambda: self._in_flight.pop(key, None))
        if shared:
            self._in_flight[key] = own
        answer, error = None, None
        try:
            with _DisconnectWatch(disconnected, own.remove_waiter):  # it continues for others if its client goes
                answer = await self._engine.query_async(query, own.cancel)
        except asyncio.CancelledError:
            raise ClientDisconnected from None
        except BaseException as raised:
            error = raised
            raise
        finally:
            if self._in_flight.get(key) is own:
                del self._in_flight[key]
            own.finish(answer, error)
        if shared and isinstance(answer.body, bytes):
            self._answers.put(key, answer, answer.size)
        return answer


async def _join(flight: InFlightQuery, disconnected: Callable[[], Awaitable[None]]) -> Answer:
    """Return the answer to a query that another request runs."""
    result: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    flight.waiting += 1
    flight.followers.add(result)
    try:
        with _DisconnectWatch(disconnected, result.cancel):
            return await result
    except asyncio.CancelledError:
        flight.remove_waiter()
        raise ClientDisconnected from None
    finally:
        flight.followers.discard(result)
