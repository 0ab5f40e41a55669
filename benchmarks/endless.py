"""How fast short requests are answered while many clients send endless queries, uploads or downloads they do not read."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from benchmarks.client import BROWSER, Connection, asking, get, post
from benchmarks.harness import flags, percentile, publish, verdict
from benchmarks.servers import NAMES, OURS, Material, Server, material, running

CROSS: Final = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
# Each FILTER needs the first and the last pattern: one that needs a single one is asked first, and ends the query.
ENDLESS: Final = (
    f"SELECT (COUNT(*) AS ?n) WHERE {{ {CROSS} FILTER(?c != ?l || ?c != NTH) }}",
    f"ASK {{ {CROSS} FILTER(STR(?c) = CONCAT(STR(?l), ' no such words NTH')) }}",
    f"SELECT ?a WHERE {{ {CROSS} FILTER(CONTAINS(CONCAT(STR(?c), STR(?l)), 'no such words NTH')) }} LIMIT 1",
)
_numbers: Final = itertools.count(1)


def endless_query(number: int = 0) -> str:
    """Return a query whose evaluation would take years on any data worth serving."""
    return ENDLESS[number % len(ENDLESS)].replace("NTH", str(number))


class Load(NamedTuple):
    """What other clients send: the requests to a server, one for each number; from which addresses; and the target.

    The target is in milliseconds, of the 95th percentile of a short query; None if the load is of the same client.
    """

    request: Callable[[Server, int], bytes]
    sources: Sequence[str]
    target: float | None
    reads: bool = True


HERE: Final = ("127.0.0.1",)
OTHERS: Final = tuple(f"127.0.0.{number}" for number in range(2, 252))
LOADS: Final[Mapping[str, Load | None]] = {
    "nothing else": None,
    "one text, the same client": Load(lambda server, _: asking(server.query, endless_query()), HERE, None),
    "one text, as many clients": Load(lambda server, _: asking(server.query, endless_query()), OTHERS, 10),
    "new texts, another client": Load(lambda server, n: asking(server.query, endless_query(n)), OTHERS[:1], 10),
    "new texts, as many clients": Load(lambda server, n: asking(server.query, endless_query(n)), OTHERS, 1500),
    "half-sent POSTs, the same client": Load(
        lambda server, _: post(server.query, b"SELECT", length="1000"), HERE, None, reads=False
    ),
    "unread downloads, the same client": Load(
        lambda server, _: asking(server.query, f"SELECT * {{ {CROSS} }} LIMIT 20000"), HERE, None, reads=False
    ),
}


class Flood:
    """So many clients that each keep one request of a load open; a context manager.

    A client waits `pause` seconds after each answer: what is measured is the server, not how fast it can refuse.
    """

    def __init__(self, server: Server, clients: int, load: Load, pause: float = 0.25) -> None:
        self.answers: Counter[str] = Counter()
        self._server, self._load, self._pause = server, load, pause
        self._stop = threading.Event()
        self._open: dict[int, Connection] = {}
        self._threads = [threading.Thread(target=self._client, args=(each,), daemon=True) for each in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for connection in list(self._open.values()):
            with suppress(OSError):
                connection.socket.shutdown(2)
        for thread in self._threads:
            thread.join(10)

    def _client(self, number: int) -> None:
        source = self._load.sources[number % len(self._load.sources)]
        while not self._stop.wait(self._pause):
            try:
                with Connection(self._server.port, 120, source) as connection:
                    self._open[number] = connection
                    connection.send(self._load.request(self._server, next(_numbers)))
                    if not self._load.reads:
                        self._stop.wait()
                        return
                    reply = connection.reply(0.0)
                what = f"{reply.status} {reply.code()}".strip()
            except (OSError, EOFError) as error:
                what = type(error).__name__
            if not self._stop.is_set():
                self.answers[what] += 1


@dataclass
class Latencies:
    """The milliseconds of each request of a kind, and how many were not answered with 200 in time."""

    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0


def probes(server: Server) -> dict[str, Callable[[int], bytes]]:
    """Return what is asked meanwhile: a short query (each text new), the health, a page."""
    found = {"ASK": lambda number: asking(server.query, f"ASK {{ BIND({number} AS ?nth) }}")}
    if server.name == OURS:
        found["/health"] = lambda _: get(server.health, "*/*")
    return found | {"page": lambda _: get(server.page, BROWSER)}


class Probes:
    """A thread for each kind of request, at a steady rate; a context manager, `taken` is read after it.

    A request is timed from when it was due, so that one that waits for another counts its wait.
    """

    TIMEOUT: Final = 5.0
    """Seconds after which a request has failed."""
    EVERY: Final = 0.2
    """Seconds between two requests of a kind."""

    def __init__(self, server: Server, source: str = "") -> None:
        self.taken = {kind: Latencies() for kind in probes(server)}
        self._server, self._source, self._stop = server, source, threading.Event()
        self._threads = [
            threading.Thread(target=self._probe, args=(request, self.taken[kind]), daemon=True)
            for kind, request in probes(server).items()
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * self.TIMEOUT)

    def _probe(self, request: Callable[[int], bytes], taken: Latencies) -> None:
        due = time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            try:
                with Connection(self._server.port, self.TIMEOUT, self._source) as connection:
                    good = connection.ask(request(next(_numbers))).status == 200
            except (OSError, EOFError):
                good = False
            taken.milliseconds.append((time.monotonic() - due) * 1e3)
            taken.failed += not good
            # A server that has stopped would make the list of the due endless.
            due = max(due + self.EVERY, time.monotonic() - self.TIMEOUT)


def measure(
    name: str, data: Material, scene: str, clients: int, seconds: float, timeout: int
) -> Iterator[Sequence[object]]:
    """Yield the rows of one server beside one load: a row a kind of request."""
    load = LOADS[scene]
    with running(name, data, timeout) as server:
        flood = Flood(server, clients if load else 0, load or Load(lambda *_: b"", HERE, None))
        with flood:
            time.sleep(1)  # all clients have sent their first request
            with Probes(server) as asked:
                time.sleep(seconds)
    answers = ", ".join(f"{count} × {what}" for what, count in flood.answers.most_common()) or "–"
    for kind, taken in asked.taken.items():
        times, target = taken.milliseconds, ""
        if name == OURS and kind == "ASK" and load and load.target:
            target = (
                f"MISSED ({taken.failed} failed)" if taken.failed else verdict(percentile(times, 0.95), load.target)
            )
        figures = (percentile(times, 0.5), percentile(times, 0.95), percentile(times, 1))
        yield (scene, name, kind, *figures, f"{len(times) - taken.failed}/{len(times)}", answers, target)


def main() -> None:
    """Measure every load on every server, each started anew."""
    parser = flags("endless", __doc__)
    parser.add_argument("--clients", type=int, default=24, help="clients of the load (%(default)s)")
    parser.add_argument("--query-timeout", type=int, default=10, help="limit of a query in seconds (%(default)s)")
    parser.add_argument("--servers", nargs="*", choices=NAMES, default=[OURS])
    options = parser.parse_args()
    scenes, seconds = ([*LOADS][2:3], 0.5) if options.quick else ([*LOADS], 30)
    with material(keep=options.keep) as data:
        rows = [
            row
            for scene in scenes
            for name in options.servers
            for row in measure(name, data, scene, options.clients, seconds, options.query_timeout)
        ]
    head = ("load", "server", "request", "p50 ms", "p95 ms", "max ms", "answered", "the load's answers", "target")
    caption = f"{options.clients} clients, limit {options.query_timeout} s, {seconds} s a load"
    publish("Short requests beside endless queries", {caption: (head, rows)})


if __name__ == "__main__":
    main()
