"""What a small query costs over HTTP: CPU time of the server's processes and latency, compared with its peers."""

import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.client import JSON, Connection, asking
from benchmarks.harness import alternate, flags, median, percentile, publish, ratio, verdict
from benchmarks.processes import cpu_seconds
from benchmarks.servers import NAMES, OURS, OXIGRAPH, RDFLIB, Server, material, run_all

CONTRACT: Final = "https://w3id.org/cper-lod/id/contrat/hauts-de-france-2021-2027"
TARGETS: Final = {"SELECT, each text new": 3, "SELECT, repeated": 1, "CONSTRUCT, each text new": 3, "ASK {}": 5}
"""How many times the processor time of Oxigraph's own server a request may cost."""
AHEAD: Final = 4
"""How many times the processor time of ours rdflib-endpoint has to spend."""


def select(number: int) -> str:
    """Return a small SELECT whose answer also depends on `number`: nobody can have it ready."""
    return f"SELECT ?nth ?p ?o WHERE {{ VALUES ?nth {{ {number} }} <{CONTRACT}> ?p ?o }} LIMIT 5"


def construct(number: int) -> str:
    """Return a small CONSTRUCT of which the same holds."""
    return (
        f"CONSTRUCT {{ <{CONTRACT}> ?p ?nth, ?o }} WHERE {{ "
        f"VALUES ?nth {{ {number} }} <{CONTRACT}> ?p ?o FILTER(ISIRI(?o)) }} LIMIT 5"
    )


@dataclass
class Sample:
    """What one round of one server told: microseconds a request, of its processors and of the client's clock."""

    cpu: float
    latencies: list[float] = field(default_factory=list)


def requests(case: str, path: str) -> Iterator[bytes]:
    """Yield the requests of a case without end."""
    for number in itertools.count(1_000_000):
        if case == "SELECT, each text new":
            yield asking(path, select(number))
        elif case == "SELECT, repeated":
            yield asking(path, select(1))
        elif case == "CONSTRUCT, each text new":
            yield asking(path, construct(number), "text/turtle")
        else:
            yield asking(path, "ASK {}", JSON)


def sampler(server: Server, stream: Iterator[bytes], seconds: float, status: int = 200) -> Callable[[], Sample]:
    """Return what runs one round on a kept-alive connection; raises RuntimeError for an answer of another status."""

    def run() -> Sample:
        latencies: list[float] = []
        with Connection(server.port) as connection:
            connection.ask(next(stream))  # the connection itself is not measured
            before, end = cpu_seconds(server.pid), time.perf_counter() + seconds
            while time.perf_counter() < end or len(latencies) < 20:
                reply = connection.ask(next(stream))
                if reply.status != status:
                    raise RuntimeError(f"{server.name}: {reply.status} {reply.body[:200]!r}")
                latencies.append(reply.seconds * 1e6)
            spent = cpu_seconds(server.pid) - before
        return Sample(spent / len(latencies) * 1e6, latencies)

    return run


def row(case: str, name: str, samples: dict[str, list[Sample]]) -> Sequence[object]:
    """Return the figures of one server in one case, its ratios by medians of rounds, and whether a target is met."""
    cpu = {each: [sample.cpu for sample in samples[each]] for each in samples}
    latencies = [value for sample in samples[name] for value in sample.latencies]
    to_oxigraph, to_ours = ratio(cpu[name], cpu[OXIGRAPH]), ratio(cpu[name], cpu[OURS])
    told = ""
    if name == OURS:
        told = verdict(to_oxigraph, TARGETS[case])
    elif name == RDFLIB:
        told = verdict(to_ours, AHEAD, at_least=True)
    figures = (median(cpu[name]), median(latencies), percentile(latencies, 0.95))
    return (case, name, *figures, to_oxigraph, to_ours, len(latencies), told)


def main() -> None:
    """Measure every case on the three servers, in turn."""
    options = flags("small", __doc__).parse_args()
    rounds, seconds = (2, 0.3) if options.quick else (7, 1.0)
    rows = []
    cores = sorted(os.sched_getaffinity(0))
    # On a virtual machine waking another core costs more than a request: the servers have one core, the client another.
    core = cores[0] if len(cores) > 1 else None
    if core is not None:
        os.sched_setaffinity(0, set(cores[1:]))
    with material() as data, run_all(NAMES, data, core) as servers:
        for case in TARGETS:
            works = {each.name: sampler(each, requests(case, each.query), seconds) for each in servers}
            alternate(1, {each.name: sampler(each, requests(case, each.query), 0.2) for each in servers})  # warm
            samples = alternate(rounds, works)
            rows += [row(case, name, samples) for name in NAMES]
    head = ("query", "server", "CPU µs", "p50 µs", "p95 µs", "CPU × oxigraph", "CPU × cper-lod", "requests", "target")
    publish(
        options.json,
        "A small query through HTTP",
        {f"CPU a request, each server on one core; medians of {rounds} rounds": (head, rows)},
    )


if __name__ == "__main__":
    main()
