"""Queries that never end by themselves, each with a new text, and clients that keep sending them."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from benchmarks.client import Connection, asking
from benchmarks.servers import Server

CROSS: Final = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
# Each FILTER needs the first and the last pattern: one that needs a single one is asked first, and ends the query.
KINDS: Final = (
    f"SELECT (COUNT(*) AS ?n) WHERE {{ {CROSS} FILTER(?c != ?l || ?c != NTH) }}",
    f"ASK {{ {CROSS} FILTER(STR(?c) = CONCAT(STR(?l), ' no such words NTH')) }}",
    f"SELECT ?a WHERE {{ {CROSS} FILTER(CONTAINS(CONCAT(STR(?c), STR(?l)), 'no such words NTH')) }} LIMIT 1",
)
_numbers: Final = itertools.count(1)


def runaway(kind: int = 0, number: int = 0) -> str:
    """Return a query whose evaluation would take years on any data worth serving."""
    return KINDS[kind % len(KINDS)].replace("NTH", str(number))


def each_new() -> Iterator[str]:
    """Yield runaways of every kind without end, no text twice in this process."""
    for number in _numbers:
        yield runaway(number, number)


def always_the_same() -> Iterator[str]:
    """Yield the same runaway without end."""
    while True:
        yield runaway()


class Flood:
    """So many clients that each keep one runaway asked; a context manager.

    A client waits `pause` seconds after each answer: what is measured is the server, not how fast it can refuse.
    """

    def __init__(
        self, server: Server, clients: int, texts: Callable[[], Iterator[str]], sources: list[str], pause: float = 0.25
    ) -> None:
        self.answers: Counter[str] = Counter()
        self._server, self._pause = server, pause
        self._stop = threading.Event()
        self._open: dict[int, Connection] = {}
        self._threads = [
            threading.Thread(target=self._client, args=(number, texts(), sources[number % len(sources)]), daemon=True)
            for number in range(clients)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for connection in list(self._open.values()):
            with suppress(OSError):
                connection.socket.shutdown(2)
        for thread in self._threads:
            thread.join(10)

    def _client(self, number: int, texts: Iterator[str], source: str) -> None:
        time.sleep(number % 16 / 16 * self._pause)
        for text in texts:
            if self._stop.is_set():
                return
            try:
                with Connection(self._server.port, 120, source) as connection:
                    self._open[number] = connection
                    reply = connection.ask(asking(self._server.query, text))
                told = f"{reply.status} {reply.code()}".strip()
            except EOFError:
                told = "closed"
            except OSError as error:
                told = type(error).__name__
            if not self._stop.is_set():
                self.answers[told] += 1
            self._stop.wait(self._pause)
