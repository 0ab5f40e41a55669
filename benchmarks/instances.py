"""Requests per second and CPU time of 1, 2 and 4 copies of one release behind nginx."""

import itertools
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final, NamedTuple

from benchmarks.client import BROWSER, Connection, asking, get
from benchmarks.harness import alternate, flags, median, percentile, publish
from benchmarks.processes import cpu_seconds
from benchmarks.servers import OURS, PUBLIC_URL, Material, Server, material, nginx, running
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER

COUNTS: Final = (1, 2, 4)
CLIENTS: Final = 4
"""Processes that ask, each on one connection."""
SMALL: Final = f"SELECT ?o {{{{ <{CPER}Subdivision> ?p ?o }}}} LIMIT {{}} # {{}}"
KINDS: Final = ("page, ready", "page, 304", "page, each new", "query, each new", "query, repeated")


class LoadResult(NamedTuple):
    """One round: requests, seconds, processor time of the copies and of nginx, latencies in seconds."""

    requests: int
    seconds: float
    copies: float
    balancer: float
    latencies: Sequence[float]


def requests(kind: str, pages: Sequence[str], etag: str, seed: int) -> Iterator[tuple[bytes, int]]:
    """Yield requests of a kind without end, each with the status that it has to have."""
    for number in itertools.count(seed * 10_000_000):
        if kind == "page, ready":
            yield get(pages[0], BROWSER), 200
        elif kind == "page, 304":
            yield get(pages[0], BROWSER, If_None_Match=etag), 304
        elif kind == "page, each new":
            # A parameter without meaning: this address was not asked for before.
            yield get(f"{pages[number % len(pages)]}?n={number}", BROWSER), 200
        elif kind == "query, each new":
            yield asking("/sparql", SMALL.format(number % 9 + 1, number)), 200
        else:
            yield asking("/sparql", SMALL.format(5, 0)), 200


def client(port: int, kind: str, pages: Sequence[str], etag: str, seed: int, seconds: float) -> list[float]:
    """Ask for so long, and return how long each request took; raises RuntimeError for an unexpected status."""
    taken = list[float]()
    with Connection(port) as connection:
        end = time.monotonic() + seconds
        for request, status in requests(kind, pages, etag, seed):
            if time.monotonic() >= end and taken:
                return taken
            reply = connection.ask(request)
            if reply.status != status:
                raise RuntimeError(f"{kind}: {reply.status}, not {status}")
            taken.append(reply.seconds)
    return taken


def load(
    front: Server, copies: Sequence[Server], kind: str, pages: Sequence[str], seconds: float
) -> Callable[[], LoadResult]:
    """Return what runs one round of a kind through `front`, which is nginx or the only copy."""
    seeds = itertools.count(os.getpid() % 1000)
    etag = front.ask(get(pages[0], BROWSER)).headers["etag"]

    def run() -> LoadResult:
        before = [cpu_seconds(each.pid) for each in (*copies, front)]
        began = time.monotonic()
        # Signals as by default: this program's handler could end a client that holds a lock of the pool.
        with multiprocessing.get_context("fork").Pool(CLIENTS, signal.signal, (signal.SIGTERM, signal.SIG_DFL)) as pool:
            given = [(front.port, kind, pages, etag, next(seeds), seconds) for _ in range(CLIENTS)]
            latencies = [each for found in pool.starmap(client, given, 1) for each in found]
        spent = time.monotonic() - began
        *used, balancer = (cpu_seconds(each.pid) - then for each, then in zip((*copies, front), before, strict=True))
        return LoadResult(len(latencies), spent, sum(used), 0.0 if front in copies else balancer, latencies)

    return run


@contextmanager
def copies_of(data: Material, count: int) -> Iterator[list[Server]]:
    """Yield so many servers, each of a copy of the release, which look at no sources."""
    with ExitStack() as stack:
        servers = []
        for number in range(count):
            copy = Material(data.folder / f"copies-{count}-{number}")
            shutil.copytree(data.releases, copy.releases)
            more = ("--no-watch", "--public-url", PUBLIC_URL)
            servers.append(stack.enter_context(running(OURS, copy, more=more)))
        yield servers


def balancer(servers: Sequence[Server]) -> tuple[str, str]:
    """Return the server block and the upstream block of nginx: the copy with the fewest requests gets the next one."""
    ports = " ".join(f"server 127.0.0.1:{each.port};" for each in servers)
    location = 'location / { proxy_pass http://copies; proxy_http_version 1.1; proxy_set_header Connection ""; }'
    return location, f"upstream copies {{ least_conn; {ports} keepalive 64; }}"


def pages_of(server: Server) -> list[str]:
    """Return the paths of pages of the server's things."""
    iris = server.select(
        f'SELECT DISTINCT ?s {{ ?s a ?c FILTER(STRSTARTS(STR(?s), "{PROGRAM.address}id/contrat/")) }} ORDER BY ?s'
    )
    return [f"/doc/{iri.removeprefix(PROGRAM.address + 'id/')}.html" for iri in iris]


def main() -> None:
    """Measure one copy asked directly, then 1, 2 and 4 behind nginx."""
    options = flags("instances", __doc__).parse_args()
    rounds, seconds, counts = (1, 0.01, (2,)) if options.quick else (5, 2.0, COUNTS)
    found: list[tuple[str, str, list[LoadResult]]] = []
    with material(keep=options.keep) as data:
        for count in counts:
            with copies_of(data, count) as copies:
                server, upstream = balancer(copies)
                pages = pages_of(copies[0])
                with nginx(data.folder / f"nginx-{count}", server, "/health", upstream) as front:
                    fronts = {"1, asked directly": copies[0]} if count == 1 else {}
                    for name, each in (fronts | {f"{count} behind nginx": front}).items():
                        works = {kind: load(each, copies, kind, pages, seconds) for kind in KINDS}
                        alternate(1, {kind: load(each, copies, kind, pages, seconds / 4) for kind in KINDS})
                        found += [(kind, name, results) for kind, results in alternate(rounds, works).items()]
    rows = []
    for kind, name, results in sorted(found, key=lambda row: KINDS.index(row[0])):
        rate = median([each.requests / each.seconds for each in results])
        ours = median([each.copies / each.requests * 1e6 for each in results])
        theirs = median([each.balancer / each.requests * 1e6 for each in results])
        latencies = [value * 1e3 for each in results for value in each.latencies]
        rows.append((kind, name, rate, ours, theirs, median(latencies), percentile(latencies, 0.99), len(latencies)))
    head = ("request", "copies", "requests/s", "CPU µs, copies", "CPU µs, nginx", "p50 ms", "p99 ms", "requests")
    caption = (
        f"{CLIENTS} clients, nginx and all copies on {os.cpu_count()} cores of one machine; medians of {rounds} rounds"
    )
    publish("Copies of one release", {caption: (head, rows)})


if __name__ == "__main__":
    main()
