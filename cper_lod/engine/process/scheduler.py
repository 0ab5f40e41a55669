"""Who may run a query now: a lane for short queries, lanes for long ones, and each client's share of them."""

import re
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.engine.process.worker_process import WorkerProcess

RETRY_AS_LONG: Final = "long"
"""Why the process of a short query was ended that turned out to be a long one: it may come again as such."""
MAX_REMEMBERED: Final = 10_000
"""How many clients are remembered, and how many texts of long queries."""
_VARIABLE: Final = re.compile(r"[?$][A-Za-z_0-9]+")
_COUNTED_CHARACTERS: Final = 10_000
"""Characters of a text in which variables are counted."""
_HALF_LIFE: Final = 10.0
"""Seconds after which half of what a client has used is forgotten."""

Rank = tuple[float, float, float]
"""Where a turn stands among others; the least comes first."""


@dataclass(eq=False)
class Ticket:
    """One query on its way through the lanes: whose it is, what was given to it, how it has to end.

    `notify` is called, by any thread, when a child was given or the turn was sent away; `code` is the problem then, and
    it is the reason where the child was ended while it ran: a code of the table, or `RETRY_AS_LONG` where it has to come again.
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
        """Return the seconds of processor time that the query has used, 0 where the system does not tell."""
        return max(0.0, self.child.cpu_time() - self.child.cpu_time_before) if self.child else 0.0

    def count_variables(self) -> None:
        """Count the variables of the text: few of them cannot make much work."""
        self.variables = len(set(_VARIABLE.findall(self.text, 0, _COUNTED_CHARACTERS)))


@dataclass
class WaitQueue:
    """Those who wait for a place of one kind, the first come first, and how many run."""

    waiting: deque[Ticket] = field(default_factory=deque)
    running: int = 0

    def pop_first(self, rank: Callable[[Ticket], Rank]) -> Ticket:
        """Take out the turn that comes first by its rank."""
        ticket = self.waiting[0] if len(self.waiting) == 1 else min(self.waiting, key=rank)
        self.waiting.remove(ticket)
        return ticket

    def pop_last(self, rank: Callable[[Ticket], Rank]) -> Ticket:
        """Take out the turn that would come last."""
        ticket = max(self.waiting, key=rank)
        self.waiting.remove(ticket)
        return ticket


class RecentKeys:
    """The keys that were noted last, `MAX_REMEMBERED` of them at most."""

    def __init__(self) -> None:
        self._keys: OrderedDict[int, None] = OrderedDict()

    def __contains__(self, key: int) -> bool:
        return key in self._keys

    def add(self, key: int) -> None:
        """Note a key; the one noted longest ago makes room."""
        self._keys[key] = None
        self._keys.move_to_end(key)
        if len(self._keys) > MAX_REMEMBERED:
            self._keys.popitem(last=False)

    def discard(self, key: int) -> None:
        """Forget a key."""
        self._keys.pop(key, None)


class DecayingUsage:
    """What each client has used of late (seconds, or occasions); old uses count less and less."""

    def __init__(self) -> None:
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def get(self, client: str, now: float) -> float:
        """Return what counts of a client's uses."""
        used, then = self._used.get(client, (0.0, now))
        return float(used * 0.5 ** ((now - then) / _HALF_LIFE))

    def add(self, client: str, amount: float, now: float) -> None:
        """Note a use."""
        self._used[client] = (self.get(client, now) + amount, now)
        self._used.move_to_end(client)
        if len(self._used) > MAX_REMEMBERED:
            self._used.popitem(last=False)


SHORT_CPU_TIME: Final = 0.03
"""Seconds of work after which a query is a long one: it goes on in a lane for those, or waits until there is one."""
_SHORT_WALL_TIME: Final = 0.2
"""Seconds after which it is one even where it could not work so long, on a machine that is busy."""
_FREE_USAGE: Final = 0.5
"""Seconds that a client may have used of late and still be the equal of one that has used nothing."""
_MAX_MISJUDGED: Final = 5
"""How often of late a short query of one client may turn out to be a long one that has to come again."""
_FEW_VARIABLES: Final = 3
"""Variables of a query that is tried as a short one all the same."""


class QueryScheduler:
    """The children that are ready, and the turns that run or wait. Every method may be called by any thread.

    Of two places or more, one is for short queries only. A query is taken for a short one until it has run for `SHORT_CPU_TIME`;
    then it needs a place for long ones. Where none is free its process is ended, and it waits for one as a long query;
    the text is remembered. Of those that wait, one of the client that has used least comes first.
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
        self._known_long = RecentKeys()
        self._ticking = False
        self.closed = False

    def acquire(self, ticket: Ticket) -> bool:
        """Return whether `ticket` was given a child; otherwise it waits until it is called. Raises query-queue.

        Where its queue is full, the one that would come last is sent away.
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
                # Who waits for a process to be spawned, while a place is free, is not in the queue.
                capacity = self._queue_size + max(0, self._slots - len(self._running))
                if len(queue.waiting) > capacity:
                    notified.append(self._reject_last(queue, now))
            self._start_ticking()
            assigned, code = ticket.child is not None, ticket.code
        _notify(each for each in notified if each is not ticket)
        if code:
            raise Problem(code)
        return assigned

    def _is_presumed_long(self, ticket: Ticket, now: float) -> bool:
        """Whether a query is taken for a long one unseen: too many of its client's turned out to be one."""
        if self._misjudged.get(ticket.client, now) < _MAX_MISJUDGED:
            return False
        ticket.count_variables()
        return ticket.variables > _FEW_VARIABLES

    def release(self, ticket: Ticket, *, reusable: bool) -> None:
        """Give up the place, or waiting for one; a child that is `reusable` serves the next, another is ended."""
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
        """Take back the child of a turn, and note what it has used. The lock is held."""
        child, elapsed = ticket.child, now - ticket.started
        if child is None:
            return
        self._usage.add(ticket.client, elapsed, now)
        if ticket.is_long and reusable and elapsed < SHORT_CPU_TIME:
            self._known_long.discard(ticket.key)
        child.release_socket()
        if not reusable or not child.restore_priority():
            child.kill()
        elif child.ready:
            # The last one used is used next: its memory and the processor's caches are warm.
            self._idle.appendleft(child)

    def add(self, child: WorkerProcess) -> None:
        """Take in a child that has just opened the index."""
        with self._lock:
            self._idle.append(child)
            notified = self._dispatch(time.monotonic())
        _notify(notified)

    def remove(self, child: WorkerProcess) -> None:
        """Forget a child that died."""
        with self._lock:
            child.ready = False
            if child in self._idle:
                self._idle.remove(child)

    def counts(self) -> tuple[int, int, int]:
        """Return how many queries run, and how many short and long ones wait."""
        return len(self._running), len(self._short.waiting), len(self._long.waiting)

    def close(self) -> None:
        """Send all who wait away, now and later."""
        with self._lock:
            self.closed = True
            rejected = [*self._short.waiting, *self._long.waiting]
            for queue in (self._short, self._long):
                queue.waiting.clear()
            for ticket in rejected:
                ticket.code = "query-queue"
        _notify(rejected)

    def tick(self) -> float | None:
        """End what has run too long, send away who has waited too long; return the seconds until the next look.

        None says that nothing runs or waits: `wake` is called when that changes.
        """
        with self._lock:
            now = time.monotonic()
            next_tick = now + SHORT_CPU_TIME  # nothing that begins meanwhile has to be ended before that
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
        """See to one turn that runs; return when to look again. The lock is held."""
        if ticket.code:
            return now + SHORT_CPU_TIME
        elapsed = now - ticket.started
        if (
            not ticket.is_long
            and elapsed >= SHORT_CPU_TIME
            and (ticket.cpu_time() >= SHORT_CPU_TIME or elapsed >= _SHORT_WALL_TIME)
        ):
            self._known_long.add(ticket.key)
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
        """End the process of a turn that runs. The lock is held."""
        ticket.code = code
        if ticket.child:
            ticket.child.kill()

    def _start_ticking(self) -> None:
        """See to it that `tick` is called. The lock is held."""
        if not self._ticking:
            self._ticking = True
            self._wake()

    def _dispatch(self, now: float) -> list[Ticket]:
        """Give ready children to those who wait, and return those that were given one. The lock is held."""
        notified: list[Ticket] = []
        if not (self._short.waiting or self._long.waiting):
            return notified
        while self._idle and len(self._running) < self._slots and (queue := self._next_queue()):
            notified.append(queue.pop_first(partial(self._rank, now)))
            self._assign(notified[-1], queue, now)
        return notified

    def _has_free_slot(self, queue: WaitQueue) -> bool:
        """Whether who comes now is given a child at once: nobody waits, and there is a place."""
        if self._short.waiting or self._long.waiting or not self._idle or len(self._running) >= self._slots:
            return False
        return queue is self._short or queue.running < self._long_slots

    def _assign(self, ticket: Ticket, queue: WaitQueue, now: float) -> None:
        """Give a ready child to a turn."""
        ticket.child = child = self._idle.popleft()
        child.acquire_socket()
        ticket.started = now
        if ticket.is_long:
            child.lower_priority()
        queue.running += 1
        self._running.add(ticket)

    def _next_queue(self) -> WaitQueue | None:
        """Return the lane whose turn it is; short queries first, but never so that no long one runs."""
        long = self._long if self._long.waiting and self._long.running < self._long_slots else None
        if long and (not long.running or not self._short.waiting):
            return long
        return self._short if self._short.waiting else long

    def _reject_last(self, queue: WaitQueue, now: float) -> Ticket:
        """Take out the turn that would come last."""
        last = queue.pop_last(partial(self._rank, now))
        last.code = "query-queue"
        return last

    def _rank(self, now: float, ticket: Ticket) -> Rank:
        """Return where a turn stands among others: the less its client has used of late, the sooner it comes.

        Among equals the oldest long query comes first; of short ones, which may turn out to be long, the one with the
        fewest variables, then the newest: a flood of heavy ones does not keep light ones out.
        """
        usage = max(0.0, self._usage.get(ticket.client, now) - _FREE_USAGE)
        return (usage, 0, ticket.enqueued) if ticket.is_long else (usage, ticket.variables, -ticket.enqueued)


def _notify(notified: Iterable[Ticket]) -> None:
    """Call those who wait, once the lock is free."""
    for ticket in notified:
        with suppress(RuntimeError):  # an event loop that is closed: nobody waits there any more
            ticket.notify()
