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

    `called` is called, by any thread, when a child was given or the turn was sent away; `code` is the problem then, and
    it is the reason where the child was ended while it ran: a code of the table, or `RETRY_AS_LONG` where it has to come again.
    """

    client: str
    key: int
    text: str
    called: Callable[[], object] = lambda: None
    slow: bool = False
    child: WorkerProcess | None = None
    code: str = ""
    began: float = 0.0
    arrived: float = 0.0
    variables: int = 0

    def worked(self) -> float:
        """Return the seconds of processor time that the query has used, 0 where the system does not tell."""
        return max(0.0, self.child.worked() - self.child.worked_before) if self.child else 0.0

    def count_variables(self) -> None:
        """Count the variables of the text: few of them cannot make much work."""
        self.variables = len(set(_VARIABLE.findall(self.text, 0, _COUNTED_CHARACTERS)))


@dataclass
class WaitQueue:
    """Those who wait for a place of one kind, the first come first, and how many run."""

    waiting: deque[Ticket] = field(default_factory=deque)
    running: int = 0

    def first(self, rank: Callable[[Ticket], Rank]) -> Ticket:
        """Take out the turn that comes first by its rank."""
        found = self.waiting[0] if len(self.waiting) == 1 else min(self.waiting, key=rank)
        self.waiting.remove(found)
        return found

    def last(self, rank: Callable[[Ticket], Rank]) -> Ticket:
        """Take out the turn that would come last."""
        found = max(self.waiting, key=rank)
        self.waiting.remove(found)
        return found


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

    def of(self, client: str, now: float) -> float:
        """Return what counts of a client's uses."""
        used, then = self._used.get(client, (0.0, now))
        return float(used * 0.5 ** ((now - then) / _HALF_LIFE))

    def add(self, client: str, amount: float, now: float) -> None:
        """Note a use."""
        self._used[client] = (self.of(client, now) + amount, now)
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

    def __init__(self, places: int, queue: int, wait: float, limit: float, wake: Callable[[], None]) -> None:
        self._places, self._queue, self._wait, self._limit = places, queue, wait, limit
        self._long_places = max(1, places - 1)
        self._wake = wake
        self._lock = threading.Lock()
        self._idle: deque[WorkerProcess] = deque()
        self._running: set[Ticket] = set()
        self._short, self._long = WaitQueue(), WaitQueue()
        self._debts = DecayingUsage()
        self._surprises = DecayingUsage()
        self._known_long = RecentKeys()
        self._watched = False
        self.closed = False

    def take(self, turn: Ticket) -> bool:
        """Return whether `turn` was given a child; otherwise it waits until it is called. Raises query-queue.

        Where its queue is full, the one that would come last is sent away.
        """
        with self._lock:
            now = time.monotonic()
            turn.slow = turn.slow or turn.key in self._known_long or self._distrusted(turn, now)
            lane = self._long if turn.slow else self._short
            turn.arrived = now
            if self.closed:
                raise Problem("query-queue")
            if self._free(lane):
                self._give(turn, lane, now)
                self._watch()
                return True
            lane.waiting.append(turn)
            called = self._call(now)
            if not turn.child:
                turn.count_variables()
                # Who waits for a process to be spawned, while a place is free, is not in the queue.
                room = self._queue + max(0, self._places - len(self._running))
                if len(lane.waiting) > room:
                    called.append(self._send_away(lane, now))
            self._watch()
            given, code = turn.child is not None, turn.code
        _notify(each for each in called if each is not turn)
        if code:
            raise Problem(code)
        return given

    def _distrusted(self, turn: Ticket, now: float) -> bool:
        """Whether a query is taken for a long one unseen: too many of its client's turned out to be one."""
        if self._surprises.of(turn.client, now) < _MAX_MISJUDGED:
            return False
        turn.count_variables()
        return turn.variables > _FEW_VARIABLES

    def leave(self, turn: Ticket, *, fit: bool) -> None:
        """Give up the place, or waiting for one; a child that is `fit` serves the next, another is ended."""
        with self._lock:
            now = time.monotonic()
            lane = self._long if turn.slow else self._short
            if turn in self._running:
                self._running.remove(turn)
                lane.running -= 1
                self._settle(turn, now, fit=fit and not turn.code)
            elif turn in lane.waiting:
                lane.waiting.remove(turn)
            called = self._call(now)
        _notify(called)

    def _settle(self, turn: Ticket, now: float, *, fit: bool) -> None:
        """Take back the child of a turn, and note what it has used. The lock is held."""
        child, spent = turn.child, now - turn.began
        if child is None:
            return
        self._debts.add(turn.client, spent, now)
        if turn.slow and fit and spent < SHORT_CPU_TIME:
            self._known_long.discard(turn.key)
        child.let_go()
        if not fit or not child.step_forward():
            child.kill()
        elif child.ready:
            # The last one used is used next: its memory and the processor's caches are warm.
            self._idle.appendleft(child)

    def add(self, child: WorkerProcess) -> None:
        """Take in a child that has just opened the index."""
        with self._lock:
            self._idle.append(child)
            called = self._call(time.monotonic())
        _notify(called)

    def remove(self, child: WorkerProcess) -> None:
        """Forget a child that died."""
        with self._lock:
            child.ready = False
            if child in self._idle:
                self._idle.remove(child)

    def busy(self) -> tuple[int, int, int]:
        """Return how many queries run, and how many short and long ones wait."""
        return len(self._running), len(self._short.waiting), len(self._long.waiting)

    def close(self) -> None:
        """Send all who wait away, now and later."""
        with self._lock:
            self.closed = True
            away = [*self._short.waiting, *self._long.waiting]
            for lane in (self._short, self._long):
                lane.waiting.clear()
            for turn in away:
                turn.code = "query-queue"
        _notify(away)

    def tick(self) -> float | None:
        """End what has run too long, send away who has waited too long; return the seconds until the next look.

        None says that nothing runs or waits: `wake` is called when that changes.
        """
        with self._lock:
            now = time.monotonic()
            nearest = now + SHORT_CPU_TIME  # nothing that begins meanwhile has to be ended before that
            for turn in self._running:
                nearest = min(nearest, self._look(turn, now))
            away = []
            for lane in (self._short, self._long):
                while lane.waiting and lane.waiting[0].arrived + self._wait <= now:
                    away.append(lane.waiting.popleft())
                    away[-1].code = "query-queue"
                if lane.waiting:
                    nearest = min(nearest, lane.waiting[0].arrived + self._wait)
            self._watched = bool(self._running or self._short.waiting or self._long.waiting)
        _notify(away)
        return max(nearest - now, 0.001) if self._watched else None

    def _look(self, turn: Ticket, now: float) -> float:
        """See to one turn that runs; return when to look again. The lock is held."""
        if turn.code:
            return now + SHORT_CPU_TIME
        spent = now - turn.began
        if not turn.slow and spent >= SHORT_CPU_TIME and (turn.worked() >= SHORT_CPU_TIME or spent >= _SHORT_WALL_TIME):
            self._known_long.add(turn.key)
            if self._long.running < self._long_places:
                turn.slow = True
                self._short.running -= 1
                self._long.running += 1
                if turn.child:
                    turn.child.step_back()
            else:
                self._surprises.add(turn.client, 1, now)
                self._end(turn, RETRY_AS_LONG)
        elif spent >= self._limit:
            self._end(turn, "query-timeout")
        return turn.began + self._limit if turn.slow else (turn.began if spent < SHORT_CPU_TIME else now) + SHORT_CPU_TIME

    def _end(self, turn: Ticket, code: str) -> None:
        """End the process of a turn that runs. The lock is held."""
        turn.code = code
        if turn.child:
            turn.child.kill()

    def _watch(self) -> None:
        """See to it that `tick` is called. The lock is held."""
        if not self._watched:
            self._watched = True
            self._wake()

    def _call(self, now: float) -> list[Ticket]:
        """Give ready children to those who wait, and return those that were given one. The lock is held."""
        called: list[Ticket] = []
        if not (self._short.waiting or self._long.waiting):
            return called
        while self._idle and len(self._running) < self._places and (lane := self._next_lane()):
            called.append(lane.first(partial(self._rank, now)))
            self._give(called[-1], lane, now)
        return called

    def _free(self, lane: WaitQueue) -> bool:
        """Whether who comes now is given a child at once: nobody waits, and there is a place."""
        if self._short.waiting or self._long.waiting or not self._idle or len(self._running) >= self._places:
            return False
        return lane is self._short or lane.running < self._long_places

    def _give(self, turn: Ticket, lane: WaitQueue, now: float) -> None:
        """Give a ready child to a turn."""
        turn.child = child = self._idle.popleft()
        child.hold()
        turn.began = now
        if turn.slow:
            child.step_back()
        lane.running += 1
        self._running.add(turn)

    def _next_lane(self) -> WaitQueue | None:
        """Return the lane whose turn it is; short queries first, but never so that no long one runs."""
        long = self._long if self._long.waiting and self._long.running < self._long_places else None
        if long and (not long.running or not self._short.waiting):
            return long
        return self._short if self._short.waiting else long

    def _send_away(self, lane: WaitQueue, now: float) -> Ticket:
        """Take out the turn that would come last."""
        last = lane.last(partial(self._rank, now))
        last.code = "query-queue"
        return last

    def _rank(self, now: float, turn: Ticket) -> Rank:
        """Return where a turn stands among others: the less its client has used of late, the sooner it comes.

        Among equals the oldest long query comes first; of short ones, which may turn out to be long, the one with the
        fewest variables, then the newest: a flood of heavy ones does not keep light ones out.
        """
        debt = max(0.0, self._debts.of(turn.client, now) - _FREE_USAGE)
        return (debt, 0, turn.arrived) if turn.slow else (debt, turn.variables, -turn.arrived)


def _notify(called: Iterable[Ticket]) -> None:
    """Call those who wait, once the lock is free."""
    for turn in called:
        with suppress(RuntimeError):  # an event loop that is closed: nobody waits there any more
            turn.called()
