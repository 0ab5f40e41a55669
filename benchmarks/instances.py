"""Requests per second and CPU time of 1, 2 and 4 copies of one release behind a load balancer."""

import itertools
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks import peers
from benchmarks.client import Connection, asking, get
from benchmarks.harness import alternate, flags, median, percentile, publish
from benchmarks.load_balancer import copies_on_remote_engine, release_copies, run_balancer
from benchmarks.page_servers import NGINX
from benchmarks.processes import cpu_seconds
from benchmarks.servers import OXIGRAPH, Material, Server, material
from cper_lod.release.release import SITE
from cper_lod.release.storage.class_listing import Listing

COUNTS: Final = (1, 2, 4)
CLIENTS: Final = 4
"""Processes that ask, each on one connection."""
BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SMALL: Final = "SELECT ?o {{ <https://w3id.org/cper-lod/ontology#Axe> ?p ?o }} LIMIT {} # {}"
KINDS: Final = ("page, ready", "page, 304", "page, each new", "query, each new", "query, repeated")


@dataclass(frozen=True)
class LoadResult:
    """What one run came to: requests and seconds, processor time of the copies and of the balancer, latencies."""

    requests: int
    seconds: float
    copies: float
    balancer: float
    latencies: tuple[float, ...]


def requests(kind: str, pages: Sequence[str], etag: str, seed: int) -> Iterator[tuple[bytes, int]]:
    """Yield requests of a kind without end, each with the status that it has to have."""
    for number in itertools.count(seed * 10_000_000):
        if kind == KINDS[0]:
            yield get(pages[0], BROWSER), 200
        elif kind == KINDS[1]:
            yield get(pages[0], BROWSER, If_None_Match=etag), 304
        elif kind == KINDS[2]:
            # A parameter that says nothing: nobody has asked for this address before.
            yield get(f"{pages[number % len(pages)]}?n={number}", BROWSER), 200
        elif kind == KINDS[3]:
            yield asking("/sparql", SMALL.format(number % 9 + 1, number)), 200
        else:
            yield asking("/sparql", SMALL.format(5, 0)), 200


def client(port: int, kind: str, pages: Sequence[str], etag: str, seed: int, seconds: float) -> list[float]:
    """Ask for so long, and return how long each request took; raises RuntimeError for a status that is not due."""
    taken = list[float]()
    with Connection(port) as connection:
        end = time.monotonic() + seconds
        for request, status in requests(kind, pages, etag, seed):
            if time.monotonic() >= end:
                return taken
            reply = connection.ask(request)
            if reply.status != status:
                raise RuntimeError(f"{kind}: {reply.status}, not {status}")
            taken.append(reply.seconds)
    return taken


def work(
    front: Server,
    behind: Sequence[Server],
    kind: str,
    pages: Sequence[str],
    seconds: float,
    beside: Server | None = None,
) -> Callable[[], LoadResult]:
    """Return what runs one round of a kind through `front`; the time of what is `beside` is told in its place."""
    other = beside or front
    seeds = itertools.count(os.getpid() % 1000)
    etag = front.ask(get(pages[0], BROWSER)).headers["etag"]

    def run() -> LoadResult:
        before = [cpu_seconds(each.pid) for each in (*behind, other)]
        began = time.monotonic()
        # As it is by default: a client that this program's own way to end took away in the midst of a lock would hang.
        ended = (signal.SIGTERM, signal.SIG_DFL)
        with multiprocessing.get_context("fork").Pool(CLIENTS, signal.signal, ended) as pool:
            given = [(front.port, kind, pages, etag, next(seeds), seconds) for _ in range(CLIENTS)]
            latencies = [each for found in pool.starmap(client, given, 1) for each in found]
        spent = time.monotonic() - began
        used = [cpu_seconds(each.pid) - then for each, then in zip((*behind, other), before, strict=True)]
        return LoadResult(len(latencies), spent, sum(used[:-1]), 0.0 if other in behind else used[-1], tuple(latencies))

    return run


def addresses(data: Material) -> list[str]:
    """Return the pages of the things of the release, the contract's among them."""
    (lists,) = data.releases.glob(f"[!.]*/{SITE}")
    base = "https://w3id.org/cper-lod/id/"
    return [f"/doc/{iri.removeprefix(base)}.html" for iri in Listing(lists).described(base) if iri.isascii()]


def rows(name: str, samples: dict[str, list[LoadResult]]) -> Iterator[Sequence[object]]:
    """Yield the figures of one arrangement: medians of rounds, for each kind."""
    for kind, found in samples.items():
        a_second = median([each.requests / each.seconds for each in found])
        micro = [median([part(each) / each.requests * 1e6 for each in found]) for part in (_of_copies, _of_balancer)]
        latencies = [value * 1e3 for each in found for value in each.latencies]
        yield (kind, name, a_second, *micro, median(latencies), percentile(latencies, 0.99), len(latencies))


def _of_copies(load: LoadResult) -> float:
    return load.copies


def _of_balancer(load: LoadResult) -> float:
    return load.balancer


def measure(rounds: int, seconds: float) -> list[Sequence[object]]:
    """Return the rows of every kind: one copy asked directly, then 1, 2 and 4 behind the balancer."""
    found: list[Sequence[object]] = []
    with material() as data:
        pages = addresses(data)
        for count in COUNTS:
            with release_copies(data, count) as behind, run_balancer(data, behind) as front:
                fronts = {f"{count} behind nginx": front} | ({"1, asked directly": behind[0]} if count == 1 else {})
                for name, server in fronts.items():
                    works = {kind: work(server, behind, kind, pages, seconds) for kind in KINDS}
                    alternate(1, {kind: work(server, behind, kind, pages, 0.3) for kind in KINDS})  # warm
                    found += rows(name, alternate(rounds, works))
        with copies_on_remote_engine(data) as (server, store):
            works = {kind: work(server, [server], kind, pages, seconds, store) for kind in KINDS[3:]}
            alternate(1, {kind: work(server, [server], kind, pages, 0.3, store) for kind in KINDS[3:]})
            found += rows("1, queries in Oxigraph", alternate(rounds, works))
    return sorted(found, key=lambda row: (KINDS.index(str(row[0])), str(row[1]).replace("1, asked", "0")))


def main() -> None:
    """Measure every arrangement; ends with 1 where nginx or Oxigraph is absent."""
    options = flags("instances", __doc__).parse_args()
    try:
        for each in (NGINX, OXIGRAPH):
            peers.program(each)
    except peers.MissingPeer as reason:
        sys.exit(str(reason))
    rounds, seconds = (1, 0.5) if options.quick else (5, 2.0)
    head = (
        "request",
        "copies",
        "requests/s",
        "CPU µs, copies",
        "CPU µs, nginx or store",
        "p50 ms",
        "p99 ms",
        "requests",
    )
    caption = (
        f"{CLIENTS} clients, nginx and all copies on {os.cpu_count()} cores of one machine; medians of {rounds} rounds"
    )
    publish(options.json, "Copies of one release", {caption: (head, measure(rounds, seconds))})


if __name__ == "__main__":
    main()
