"""What a separate query process adds to the cost of a query: EmbeddedEngine.query compared with pyoxigraph alone."""

import itertools
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph
from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, Store

from benchmarks.harness import alternate, flags, median, percentile, publish, verdict
from benchmarks.servers import material
from benchmarks.small import select
from cper_lod.core.formats import RESULTS_JSON, TURTLE
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Query
from cper_lod.engine.embedded import EmbeddedEngine

TARGET = 100
"""Microseconds that isolation may add to the median of a small query."""


def texts(case: str) -> Iterator[str]:
    """Yield the texts of a case without end, each new."""
    for number in itertools.count(1_000_000):
        yield select(number) if case == "SELECT" else f"ASK {{ BIND({number} AS ?nth) }}"


def raw(store: Store, text: str) -> bytes:
    """Return the answer of pyoxigraph in this process."""
    results = store.query(text)
    if not isinstance(results, QuerySolutions | QueryBoolean):
        raise TypeError(text)
    answer = results.serialize(format=QueryResultsFormat.JSON)
    return answer or b""


def timed(work: Callable[[str], object], stream: Iterator[str], count: int) -> Callable[[], list[float]]:
    """Return what asks so many queries and returns the microseconds of each."""

    def run() -> list[float]:
        spent = []
        for text in itertools.islice(stream, count):
            began = time.perf_counter_ns()
            work(text)
            spent.append((time.perf_counter_ns() - began) / 1000)
        return spent

    return run


APART = """
import os, sys
sys.path.append(sys.argv[2])
from pyoxigraph import QueryResultsFormat, Store
store = Store.read_only(sys.argv[1])
while text := os.read(0, 65536):
    os.write(0, store.query(text.decode()).serialize(format=QueryResultsFormat.JSON))
"""


@contextmanager
def apart(index: Path) -> Iterator[Callable[[str], bytes]]:
    """Yield what has pyoxigraph alone answer in another process: the least that any isolation costs here."""
    ours, theirs = socket.socketpair()
    packages = str(Path(pyoxigraph.__file__).parent.parent)
    command = [sys.executable, "-I", "-S", "-c", APART, str(index), packages]
    with ours, subprocess.Popen(command, stdin=theirs.fileno()) as process:
        theirs.close()

        def exchange(text: str) -> bytes:
            ours.sendall(text.encode())
            return ours.recv(65536)

        yield exchange
        process.kill()


def main() -> None:
    """Measure each way in turn, in short rounds; on one core, where waking another does not drown the rest."""
    options = flags("isolation", __doc__).parse_args()
    rounds, count = (6, 100) if options.quick else (40, 250)
    rows = []
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with (
        material() as data,
        EmbeddedEngine(data.index, Settings(), data.graphs) as engine,
        apart(data.index) as exchange,
    ):
        store = Store.read_only(str(data.index))
        for case in ("SELECT", "ASK"):
            stream = texts(case)
            works = {
                "raw": timed(lambda text: raw(store, text), stream, count),
                "apart": timed(exchange, stream, count),
                "engine": timed(lambda text: engine.query(Query(text, RESULTS_JSON, TURTLE)), stream, count),
            }
            alternate(2, works)  # warm
            spent = alternate(rounds, works)
            medians = {name: median([median(each) for each in found]) for name, found in spent.items()}
            tails = {name: percentile([one for each in found for one in each], 0.95) for name, found in spent.items()}
            added = medians["engine"] - medians["raw"]
            least = medians["apart"] - medians["raw"]
            columns = (*medians.values(), added, least, tails["raw"], tails["engine"])
            rows.append((case, *columns, verdict(added, TARGET)))
    head = (
        "query",
        "raw p50 µs",
        "in another process µs",
        "engine p50 µs",
        "added µs",
        "of that, at least µs",
        "raw p95 µs",
        "engine p95 µs",
        "target",
    )
    publish(options.json, "Isolation", {f"Medians of {rounds} rounds of {count} queries, each text new": (head, rows)})


if __name__ == "__main__":
    main()
