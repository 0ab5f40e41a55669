"""What running a query in another process adds to it: EmbeddedEngine.ask beside raw pyoxigraph on the same index."""

import itertools
import time
from collections.abc import Callable, Iterator

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, Store

from benchmarks.measure import alternate, flags, median, percentile, publish, verdict
from benchmarks.servers import material
from benchmarks.small import select
from cper_lod.engine.embedded import EmbeddedEngine
from cper_lod.engine.engine import Query
from cper_lod.terms.formats import RESULTS_JSON, TURTLE
from cper_lod.terms.settings import Settings

TARGET = 60
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


def main() -> None:
    """Measure both ways in turn, in short rounds."""
    options = flags("isolation", __doc__).parse_args()
    rounds, count = (6, 100) if options.quick else (40, 250)
    rows = []
    with material() as data, EmbeddedEngine(data.index, Settings(), data.graphs) as engine:
        store = Store.read_only(str(data.index))
        for case in ("SELECT", "ASK"):
            stream = texts(case)
            works = {
                "raw": timed(lambda text: raw(store, text), stream, count),
                "engine": timed(lambda text: engine.ask(Query(text, RESULTS_JSON, TURTLE)), stream, count),
            }
            alternate(2, works)  # warm
            spent = alternate(rounds, works)
            medians = {name: median([median(each) for each in found]) for name, found in spent.items()}
            tails = {name: percentile([one for each in found for one in each], 0.95) for name, found in spent.items()}
            added = medians["engine"] - medians["raw"]
            rows.append(
                (case, medians["raw"], medians["engine"], added, tails["raw"], tails["engine"], verdict(added, TARGET))
            )
    head = ("query", "raw p50 µs", "engine p50 µs", "added µs", "raw p95 µs", "engine p95 µs", "target")
    publish(options.json, "Isolation", {f"Medians of {rounds} rounds of {count} queries, each text new": (head, rows)})


if __name__ == "__main__":
    main()
