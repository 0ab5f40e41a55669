"""Short requests at a steady rate while something else happens: their latency, and how many failed."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from benchmarks.client import Connection, asking, get
from benchmarks.harness import percentile
from benchmarks.servers import OURS, Server


@dataclass
class Sample:
    """What one kind of request met: the milliseconds of each, and how many were not answered with 200 in time."""

    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0

    def words(self) -> str:
        """Return the slowest in milliseconds, and how many failed where some did."""
        slowest = f"{max(self.milliseconds, default=float('nan')):.0f}"
        return f"{slowest} ({self.failed} of {len(self.milliseconds)} failed)" if self.failed else slowest

    def at(self, share: float) -> float:
        """Return a percentile in milliseconds."""
        return percentile(self.milliseconds, share)


def kinds(server: Server) -> dict[str, Callable[[int], bytes]]:
    """Return what is asked meanwhile: a short query (each text new), the health, a page."""
    page = {"page": lambda number: get(server.page, "text/html")}
    health = {"/health": lambda number: get(server.health, "*/*")} if server.name == OURS else {}
    return {"ASK": lambda number: asking(server.query, f"ASK {{ BIND({number} AS ?nth) }}"), **health, **page}


class Probes:
    """One thread for each kind of request; a context manager, `taken` is read after it.

    A request is timed from when it was due: one that has to wait for another counts its wait. One that is not answered
    with 200 within `timeout` seconds has failed, and counts with the time that it took to fail.
    """

    def __init__(self, server: Server, rate: float = 5, timeout: float = 5, source: str = "") -> None:
        """Ask `rate` times a second, from the address `source` of 127.0.0.0/8."""
        self.taken = {kind: Sample() for kind in kinds(server)}
        self._server, self._every, self._timeout, self._source = server, 1 / rate, timeout, source
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._probe, args=(request, self.taken[kind]), daemon=True)
            for kind, request in kinds(server).items()
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(self._timeout + 5)

    def _probe(self, request: Callable[[int], bytes], taken: Sample) -> None:
        began = time.monotonic()
        due, number = began, int(began * 1e6)
        connection: Connection | None = None
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            try:
                connection = connection or Connection(self._server.port, self._timeout, self._source)
                good = connection.ask(request(number)).status == 200
            except (OSError, EOFError):
                good = False
                if connection:
                    connection.socket.close()
                connection = None
            taken.milliseconds.append((time.monotonic() - due) * 1e3)
            taken.failed += not good
            number += 1
            # A server that has stopped would make the list of the due endless.
            due = max(due + self._every, time.monotonic() - self._timeout)
        if connection:
            connection.socket.close()
