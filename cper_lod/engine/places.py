"""Who may run a query now: so many at once, the others wait in order, so many and so long at most."""

import threading
from collections import deque

from cper_lod.engine.keeper import Child
from cper_lod.terms.problems import Problem


class _Waiting:
    """One who waits for a place; `child` is what it was given."""

    def __init__(self) -> None:
        self.child: Child | None = None
        self.called = threading.Event()


class Places:
    """The children that are ready, and the callers that wait for one. Every method may be called by any thread."""

    def __init__(self, places: int, queue: int, wait: float) -> None:
        self._places, self._queue, self._wait = places, queue, wait
        self._lock = threading.Lock()
        self._idle: deque[Child] = deque()
        self._waiting: deque[_Waiting] = deque()
        self._running = 0
        self._closed = False

    def take(self) -> Child:
        """Return a child for the caller alone, who must hand it to `leave`; raises query-queue."""
        with self._lock:
            if self._closed:
                raise Problem("query-queue")
            if not self._waiting and self._idle and self._running < self._places:
                return self._given()
            # Who waits for a process to be born, while a place is free, is not in the queue.
            if len(self._waiting) >= self._queue + max(0, self._places - self._running):
                raise Problem("query-queue")
            waiting = _Waiting()
            self._waiting.append(waiting)
        waiting.called.wait(self._wait)
        with self._lock:
            if waiting.child is None:
                if waiting in self._waiting:
                    self._waiting.remove(waiting)
                raise Problem("query-queue")
            return waiting.child

    def leave(self, child: Child, *, fit: bool) -> None:
        """Give up the place; a child that is `fit` serves the next caller."""
        child.let_go()
        with self._lock:
            self._running -= 1
            if fit and child.ready:
                # The last one used is used next: its memory and the processor's caches are warm.
                self._idle.appendleft(child)
            self._call()

    def add(self, child: Child) -> None:
        """Take in a child that has just opened the index."""
        with self._lock:
            self._idle.append(child)
            self._call()

    def remove(self, child: Child) -> None:
        """Forget a child that died."""
        with self._lock:
            child.ready = False
            if child in self._idle:
                self._idle.remove(child)

    def close(self) -> None:
        """Send all who wait away, now and later."""
        with self._lock:
            self._closed = True
            for waiting in self._waiting:
                waiting.called.set()
            self._waiting.clear()

    def _call(self) -> None:
        """Give ready children to those who wait, in order. The lock is held."""
        while self._waiting and self._idle and self._running < self._places:
            waiting = self._waiting.popleft()
            waiting.child = self._given()
            waiting.called.set()

    def _given(self) -> Child:
        """Return an idle child, counted as running from now on. The lock is held."""
        child = self._idle.popleft()
        child.hold()
        self._running += 1
        return child
