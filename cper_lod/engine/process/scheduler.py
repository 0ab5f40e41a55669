"""Scheduler of queries: a queue of short ones, a queue of long ones, and a fair share for each client."""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from cachetools import LRUCache

from cper_lod.core.errors import Problem
from cper_lod.engine.process.worker_process import WorkerProcess

RETRY_AS_LONG: Final = "long"
"""Code of a short query whose process was killed because it turned out to be long: it can be queued again as long."""
MAX_REMEMBERED: Final = 10_000
"""Maximum number of clients whose usage is remembered, and of known long queries."""
_VARIABLE: Final = re.compile(r"[?$][A-Za-z_0-9]+")
_COUNTED_CHARACTERS: Final = 10_000
"""Number of characters of a query in which variables are counted."""
_HALF_LIFE: Final = 10.0
"""Seconds after which the recorded usage of a client counts half."""

Rank = tuple[float, float, float]
"""Sort key of waiting tickets; the smallest is next."""


@dataclass(eq=False)
class Ticket:
    """One query in the scheduler: its client, the process assigned to it, and why it was stopped.

    `notify` is called, by any thread, when a process is assigned or the ticket is rejected. `code` is the problem of a
    rejected ticket, or the reason why its process was killed: a problem code, or `RETRY_AS_LONG`.
    """

    client: str
    key: int
    text: str
    notify: Callable[[], object] = lambda: None
    is_long: bool = False
    child: WorkerProcess | None = None
    code: str = ""
    started: float = 0.0
    enqueued: float = 0.0
    variables: int = 0

    def cpu_time(self) -> float:
        """Return the CPU time in seconds used by the query; 0 if the system does not provide it."""
        return max(0.0, self.child.cpu_time() - self.child.cpu_time_before) if self.child else 0.0

    def count_variables(self) -> None:
        """Count the variables of the text: a query with few variables is cheap."""
        self.variables = len(set(_VARIABLE.findall(self.text, 0, _COUNTED_CHARACTERS)))


@dataclass
class WaitQueue:
    """The waiting tickets of one kind (short or long), oldest first, and the number of running ones."""

    waiting: deque[Ticket] = field(default_factory=deque)
    running: int = 0

    def pop(self, choose: Callable[..., Ticket], rank: Callable[[Ticket], Rank]) -> Ticket:
        """Remove and return the ticket whose rank is the smallest or the largest, as `choose` says (min, max)."""
        ticket = self.waiting[0] if len(self.waiting) == 1 else choose(self.waiting, key=rank)
        self.waiting.remove(ticket)
        return ticket


class DecayingUsage:
    """Recent usage by client (seconds, or number of events), which decays exponentially."""

    def __init__(self) -> None:
        self._used: LRUCache[str, tuple[float, float]] = LRUCache(MAX_REMEMBERED)

    def get(self, client: str, now: float) -> float:
        """Return the current usage of a client."""
        used, then = self._used.get(client, (0.0, now))
        return float(used * 0.5 ** ((now - then) / _HALF_LIFE))

    def add(self, client: str, amount: float, now: float) -> None:
        """Add to the usage of a client."""
        self._used[client] = (self.get(client, now) + amount, now)


SHORT_CPU_TIME: Final = 0.03
"""CPU seconds after which a query counts as long."""
SHORT_WALL_TIME: Final = 0.2
"""Wall-clock seconds after which a query counts as long even if it had no CPU to run on."""
_FREE_USAGE: Final = 0.5
"""Seconds of recent usage that do not lower the rank of a client."""
MAX_MISJUDGED: Final = 5
"""Recent queries of a client that turned out to be long, after which its queries are presumed to be long."""
_FEW_VARIABLES: Final = 3
"""A query with at most this many variables is never presumed to be long."""


class QueryScheduler:
    """The idle processes, and the tickets that run or wait. All methods can be called by any thread.

    If there are two slots or more, one is reserved for short queries. A query counts as short until it has run for
    `SHORT_CPU_TIME`; then it needs a slot for long queries. If none is free, its process is killed, it waits as a long
    query, and its text is remembered. Waiting tickets of the client with the least recent usage come first.
    """

    def __init__(self, slots: int, queue: int, wait: float, time_limit: float, wake: Callable[[], None]) -> None:
        self._slots, self._queue_size, self._max_wait, self._time_limit = slots, queue, wait, time_limit
        self._long_slots = max(1, slots - 1)
        self._wake = wake
        self._lock = threading.Lock()
        self._idle: deque[WorkerProcess] = deque()
        self._running: set[Ticket] = set()
        self._short, self._long = WaitQueue(), WaitQueue()
        self._usage = DecayingUsage()
        self._misjudged = DecayingUsage()
        self._known_long: LRUCache[int, None] = LRUCache(MAX_REMEMBERED)
        self._ticking = False
        self.closed = False

    def acquire(self, ticket: Ticket) -> bool:
        """Assign a process to `ticket`, or queue it. Return whether a process was assigned at once. Raises query-queue.

        If the queue is full, the ticket with the largest rank is rejected.
        """
        with self._lock:
            now = time.monotonic()
            ticket.is_long = ticket.is_long or ticket.key in self._known_long or self._is_presumed_long(ticket, now)
            queue = self._long if ticket.is_long else self._short
            ticket.enqueued = now
            if self.closed:
                raise Problem("query-queue")
            if self._has_free_slot(queue):
                self._assign(ticket, queue, now)
                self._start_ticking()
                return True
            queue.waiting.append(ticket)
            notified = self._dispatch(now)
            if not ticket.child:
                ticket.count_variables()
                # Tickets that have a slot and wait for a process to start do not count.
                capacity = self._queue_size + max(0, self._slots - len(self._running))
                if len(queue.waiting) > capacity:
                    notified.append(last := queue.pop(max, partial(self._rank, now)))
                    last.code = "query-queue"
            self._start_ticking()
            assigned, code = ticket.child is not None, ticket.code
        _notify(each for each in notified if each is not ticket)
        if code:
            raise Problem(code)
        return assigned

    def _is_presumed_long(self, ticket: Ticket, now: float) -> bool:
        """Return whether a query is queued as long without trial, because the client had too many misjudged queries."""
        if self._misjudged.get(ticket.client, now) < MAX_MISJUDGED:
            return False
        ticket.count_variables()
        return ticket.variables > _FEW_VARIABLES

    def release(self, ticket: Ticket, *, reusable: bool) -> None:
        """Give back the slot, or leave the queue. A `reusable` process runs the next query, any other is killed."""
        with self._lock:
            now = time.monotonic()
            queue = self._long if ticket.is_long else self._short
            if ticket in self._running:
                self._running.remove(ticket)
                queue.running -= 1
                self._return_child(ticket, now, reusable=reusable and not ticket.code)
            elif ticket in queue.waiting:
                queue.waiting.remove(ticket)
            notified = self._dispatch(now)
        _notify(notified)

    def _return_child(self, ticket: Ticket, now: float, *, reusable: bool) -> None:
        """Take back the process of a ticket, and record its usage. The lock is held."""
        child, elapsed = ticket.child, now - ticket.started
        if child is None:
            return
        self._usage.add(ticket.client, elapsed, now)
        if ticket.is_long and reusable and elapsed < SHORT_CPU_TIME:
            self._known_long.pop(ticket.key, None)
        child.release_socket()
        if not reusable or not child.restore_priority():
            child.kill()
        elif child.ready:
            # The process used last is used next, because its memory and the CPU caches are warm.
            self._idle.appendleft(child)

    def add(self, child: WorkerProcess) -> None:
        """Add a process that has just opened the index."""
        with self._lock:
            self._idle.append(child)
            notified = self._dispatch(time.monotonic())
        _notify(notified)

    def remove(self, child: WorkerProcess) -> None:
        """Remove a process that has died."""
        with self._lock:
            child.ready = False
            if child in self._idle:
                self._idle.remove(child)

    def counts(self) -> tuple[int, int, int]:
        """Return the numbers of running queries, of waiting short ones and of waiting long ones."""
        return len(self._running), len(self._short.waiting), len(self._long.waiting)

    def close(self) -> None:
        """Reject all waiting and later tickets."""
        with self._lock:
            self.closed = True
            rejected = [*self._short.waiting, *self._long.waiting]
            for queue in (self._short, self._long):
                queue.waiting.clear()
            for ticket in rejected:
                ticket.code = "query-queue"
        _notify(rejected)

    def tick(self) -> float | None:
        """Kill queries over their time limit and reject tickets that have waited too long; return the seconds until the next call.

        None means that nothing runs or waits: `wake` is called when that changes.
        """
        with self._lock:
            now = time.monotonic()
            next_tick = now + SHORT_CPU_TIME  # a query that starts now is not checked earlier
            for ticket in self._running:
                next_tick = min(next_tick, self._check(ticket, now))
            rejected = []
            for queue in (self._short, self._long):
                while queue.waiting and queue.waiting[0].enqueued + self._max_wait <= now:
                    rejected.append(queue.waiting.popleft())
                    rejected[-1].code = "query-queue"
                if queue.waiting:
                    next_tick = min(next_tick, queue.waiting[0].enqueued + self._max_wait)
            self._ticking = bool(self._running or self._short.waiting or self._long.waiting)
        _notify(rejected)
        return max(next_tick - now, 0.001) if self._ticking else None

    def _check(self, ticket: Ticket, now: float) -> float:
        """Check one running ticket; return when to check it again. The lock is held."""
        if ticket.code:
            return now + SHORT_CPU_TIME
        elapsed = now - ticket.started
        if (
            not ticket.is_long
            and elapsed >= SHORT_CPU_TIME
            and (ticket.cpu_time() >= SHORT_CPU_TIME or elapsed >= SHORT_WALL_TIME)
        ):
            self._known_long[ticket.key] = None
            if self._long.running < self._long_slots:
                ticket.is_long = True
                self._short.running -= 1
                self._long.running += 1
                if ticket.child:
                    ticket.child.lower_priority()
            else:
                self._misjudged.add(ticket.client, 1, now)
                self._kill(ticket, RETRY_AS_LONG)
        elif elapsed >= self._time_limit:
            self._kill(ticket, "query-timeout")
        return (
            ticket.started + self._time_limit
            if ticket.is_long
            else (ticket.started if elapsed < SHORT_CPU_TIME else now) + SHORT_CPU_TIME
        )

    def _kill(self, ticket: Ticket, code: str) -> None:
        """Kill the process of a running ticket. The lock is held."""
        ticket.code = code
        if ticket.child:
            ticket.child.kill()

    def _start_ticking(self) -> None:
        """Make the supervisor call `tick`. The lock is held."""
        if not self._ticking:
            self._ticking = True
            self._wake()

    def _dispatch(self, now: float) -> list[Ticket]:
        """Assign idle processes to waiting tickets, and return those tickets. The lock is held."""
        notified: list[Ticket] = []
        if not (self._short.waiting or self._long.waiting):
            return notified
        while self._idle and len(self._running) < self._slots and (queue := self._next_queue()):
            notified.append(queue.pop(min, partial(self._rank, now)))
            self._assign(notified[-1], queue, now)
        return notified

    def _has_free_slot(self, queue: WaitQueue) -> bool:
        """Return whether a new ticket gets a process at once: nothing waits, and a slot and a process are free."""
        if self._short.waiting or self._long.waiting or not self._idle or len(self._running) >= self._slots:
            return False
        return queue is self._short or queue.running < self._long_slots

    def _assign(self, ticket: Ticket, queue: WaitQueue, now: float) -> None:
        """Assign an idle process to a ticket."""
        ticket.child = child = self._idle.popleft()
        child.acquire_socket()
        ticket.started = now
        if ticket.is_long:
            child.lower_priority()
        queue.running += 1
        self._running.add(ticket)

    def _next_queue(self) -> WaitQueue | None:
        """Return the queue to serve next: short queries first, but one long query always runs."""
        long = self._long if self._long.waiting and self._long.running < self._long_slots else None
        if long and (not long.running or not self._short.waiting):
            return long
        return self._short if self._short.waiting else long

    def _rank(self, now: float, ticket: Ticket) -> Rank:
        """Return the rank of a ticket: the less its client has used recently, the sooner it runs.

        For equal usage, the oldest long query comes first. Of short queries, the one with the fewest variables comes first,
        then the newest, so that a flood of heavy queries does not keep out light ones.
        """
        usage = max(0.0, self._usage.get(ticket.client, now) - _FREE_USAGE)
        return (usage, 0, ticket.enqueued) if ticket.is_long else (usage, ticket.variables, -ticket.enqueued)


def _notify(notified: Iterable[Ticket]) -> None:
    """Notify the owners of tickets, after the lock is released."""
    for ticket in notified:
        with suppress(RuntimeError):  # the event loop is closed: nothing waits there any more
            ticket.notify()
