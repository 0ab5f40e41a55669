"""What a separate query process adds to a query: ProcessEngine.query compared with pyoxigraph alone."""

import itertools
import os
import time
from collections.abc import Callable, Iterator
from typing import cast

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, Store

from benchmarks.harness import alternate, flags, median, percentile, publish, verdict
from benchmarks.queries import SMALL
from benchmarks.servers import material
from cper_lod.core.formats import RESULTS_JSON, TURTLE
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Query
from cper_lod.engine.embedded import ProcessEngine

TARGET = 100
"""Microseconds that isolation may add to the median of a small query."""


def texts(case: str) -> Iterator[str]:
    """Yield the texts of a case without end, each new."""
    for number in itertools.count(1_000_000):
        yield (
            SMALL["SELECT, each text new"][0].replace("NTH", str(number))
            if case == "SELECT"
            else f"ASK {{ # {number}\n}}"
        )


def raw(store: Store, text: str) -> bytes:
    """Return the answer of pyoxigraph in this process."""
    results = cast("QuerySolutions | QueryBoolean", store.query(text))
    return results.serialize(format=QueryResultsFormat.JSON) or b""


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


def main() -> None:
    """Measure both in turn, in short rounds on one core."""
    options = flags("isolation", __doc__).parse_args()
    rounds, count = (2, 50) if options.quick else (40, 250)
    rows = []
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with material(keep=options.keep) as data, ProcessEngine(data.index, Settings(), ()) as engine:
        store = Store.read_only(str(data.index))
        for case in ("SELECT", "ASK"):
            stream = texts(case)
            works = {
                "raw": timed(lambda text: raw(store, text), stream, count),
                "engine": timed(lambda text: engine.query(Query(text, RESULTS_JSON, TURTLE)), stream, count),
            }
            alternate(2, works)  # fills caches
            spent = alternate(rounds, works)
            before, after = (median([median(found) for found in spent[name]]) for name in works)
            tails = (percentile([each for found in spent[name] for each in found], 0.95) for name in works)
            rows.append((case, before, after, after - before, *tails, verdict(after - before, TARGET)))
    head = ("query", "raw p50 µs", "engine p50 µs", "added µs", "raw p95 µs", "engine p95 µs", "target")
    publish("Isolation", {f"Medians of {rounds} rounds of {count} queries, each text new": (head, rows)})


if __name__ == "__main__":
    main()
