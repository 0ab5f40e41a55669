"""Answers that are ready or on their way: a repeated query costs nothing, and one that many ask is run once."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from cper_lod.core.errors import Problem
from cper_lod.engine.base import Answer, CancelToken, Engine, Query

Key = tuple[object, ...]
Value = TypeVar("Value")
_OWN: Final = 1000
"""Bytes that an entry takes beside its texts."""
_PATIENCE: Final = 0.02
"""Seconds after which it is watched whether a client leaves: most queries are answered before."""
LARGEST: Final = 128 * 1024
"""Bytes of the largest answer that is kept."""


def key_of(query: Query) -> Key:
    """Return what the answer to a steady query depends on, within one release."""
    return (query.text, query.default_graphs, query.named_graphs, query.solutions, query.graph)


class BoundedCache(Generic[Value]):
    """Values by their key, the ones used last, up to so many bytes in all."""

    def __init__(self, limit: int, largest: int = LARGEST) -> None:
        self._limit, self._largest = limit, min(limit, largest)
        self._entries: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self.size = 0

    def get(self, key: Key) -> Value | None:
        """Return the value, None where it is not kept."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: Key, value: Value, cost: int) -> None:
        """Keep a value that takes `cost` bytes beside its key; the ones not used for long make room."""
        cost += _OWN + _texts(key)
        if cost > self._largest:
            return
        if known := self._entries.pop(key, None):
            self.size -= known[1]
        self._entries[key] = (value, cost)
        self.size += cost
        while self.size > self._limit:
            self.size -= self._entries.popitem(last=False)[1][1]


def _texts(key: object) -> int:
    """Return how many bytes the texts in a key take at most."""
    if isinstance(key, str):
        return 64 + (len(key) if key.isascii() else 4 * len(key))
    return sum(map(_texts, key)) if isinstance(key, tuple) else 0


class ClientDisconnected(Exception):
    """The client has gone; nobody is there to be answered."""


class InFlightQuery:
    """A query that is run, and how many wait for it: the one who runs it, and those who asked the same meanwhile."""

    def __init__(self, deserted: Callable[[], object]) -> None:
        """Call `deserted` when nobody waits any more: who asks the same after that must not join."""
        self._deserted = deserted
        self.cancel = CancelToken()
        self.waiting = 1
        self.followers: set[asyncio.Future[Answer]] = set()

    def leave(self) -> None:
        """Note that a client has gone; the last one ends the query."""
        self.waiting -= 1
        if not self.waiting:
            self._deserted()
            self.cancel.cancel()

    def land(self, answer: Answer | None, error: BaseException | None) -> None:
        """Tell the others what came of it."""
        for follower in self.followers:
            if follower.done():
                continue
            if answer:
                follower.set_result(answer)
            else:
                follower.set_exception(error if isinstance(error, Problem) else Problem("query-queue"))


class _Watch:
    """Looks out for a client that leaves, once its query has taken a while; a context manager."""

    def __init__(self, left: Callable[[], Awaitable[None]], gone: Callable[[], object]) -> None:
        self._left, self._gone = left, gone
        self._task: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(_PATIENCE, self._begin)

    def _begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        await self._left()
        self._gone()

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._task:
            self._task.cancel()


class QueryCache:
    """The answers of one engine, each computed once however many ask; used in one event loop."""

    def __init__(self, engine: Engine, limit: int) -> None:
        """Keep up to `limit` bytes of answers."""
        self._engine = engine
        self._ready = BoundedCache[Answer](limit)
        self._flights: dict[Key, InFlightQuery] = {}

    def ready(self, query: Query) -> Answer | None:
        """Return an answer that is there already."""
        return self._ready.get(key_of(query))

    async def answer(self, query: Query, left: Callable[[], Awaitable[None]], *, shared: bool) -> Answer:
        """Return the answer to a query; raises the engine's problems, and LeftError where the client leaves meanwhile.

        `left` waits until the client is gone. When the last one who waits has gone, the query is ended. `shared` says
        that others may be given the same answer.
        """
        key = key_of(query)
        if not shared:
            return await self._run(query, left, InFlightQuery(lambda: None))
        if flight := self._flights.get(key):
            return await _follow(flight, left)
        flight = self._flights[key] = InFlightQuery(lambda: self._flights.pop(key, None))
        try:
            answer = await self._run(query, left, flight)
        finally:
            if self._flights.get(key) is flight:
                del self._flights[key]
        if isinstance(answer.body, bytes):
            self._ready.put(key, answer, answer.size)
        return answer

    async def _run(self, query: Query, left: Callable[[], Awaitable[None]], flight: InFlightQuery) -> Answer:
        """Run a query for all who wait for it; it goes on for the others where its own client leaves."""
        answer, error = None, None
        try:
            with _Watch(left, flight.leave):
                answer = await self._engine.query_async(query, flight.cancel)
        except asyncio.CancelledError:
            raise ClientDisconnected from None
        except BaseException as raised:
            error = raised
            raise
        finally:
            flight.land(answer, error)
        return answer


async def _follow(flight: InFlightQuery, left: Callable[[], Awaitable[None]]) -> Answer:
    """Return the answer to a query that another client's request runs."""
    landed: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    flight.waiting += 1
    flight.followers.add(landed)
    try:
        with _Watch(left, landed.cancel):
            return await landed
    except asyncio.CancelledError:
        flight.leave()
        raise ClientDisconnected from None
    finally:
        flight.followers.discard(landed)
