"""Queries over HTTP beside Oxigraph's server and rdflib-endpoint: small ones, and five over synthetic subsidies."""

import itertools
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.client import Connection, asking
from benchmarks.generator import generate
from benchmarks.harness import alternate, flags, median, percentile, publish, ratio, verdict
from benchmarks.processes import cpu_seconds
from benchmarks.servers import CONTRACT, NAMES, OURS, OXIGRAPH, Server, material, pin_client, run_all
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, SUBV

THING: Final = f"<{PROGRAM.address}id/{CONTRACT}>"
SMALL: Final = {
    "SELECT, each text new": (
        f"SELECT ?nth ?p ?o WHERE {{ VALUES ?nth {{ NTH }} {THING} ?p ?o }} LIMIT 5",
        "application/sparql-results+json",
    ),
    "SELECT, repeated": (
        f"SELECT ?nth ?p ?o WHERE {{ VALUES ?nth {{ 1 }} {THING} ?p ?o }} LIMIT 5",
        "application/sparql-results+json",
    ),
    "CONSTRUCT, each text new": (
        f"CONSTRUCT {{ {THING} ?p ?nth, ?o }} WHERE {{ VALUES ?nth {{ NTH }} {THING} ?p ?o FILTER(ISIRI(?o)) }} LIMIT 5",
        "text/turtle",
    ),
    "ASK {}": ("ASK {}", "application/sparql-results+json"),
}
"""Text and media type; NTH is a new number each time, on which the answer depends: it is in no cache."""
TARGETS: Final = {"SELECT, each text new": 3, "SELECT, repeated": 1, "CONSTRUCT, each text new": 3, "ASK {}": 5}
"""How many times the processor time of Oxigraph's own server a request may cost."""
_SUBSIDIES: Final = f"PREFIX c: <{CPER}> PREFIX v: <{SUBV}> PREFIX dct: <http://purl.org/dc/terms/> SELECT "
LARGE: Final = {
    "one subsidy": "?p ?o WHERE { <SUBSIDY> ?p ?o FILTER(NTH > 0) }",
    "an axis, its subsidies": "(COUNT(?s) AS ?n) (SUM(?amount) AS ?sum) WHERE { "
    "?s c:subdivision <CONTRACT/axe/1> ; a v:Subvention ; v:montantAttribue ?amount FILTER(NTH > 0) }",
    "by grantor": "?body (COUNT(?s) AS ?n) (SUM(?amount) AS ?sum) WHERE { "
    "?s c:contrat <CONTRACT> ; v:attribuant ?body ; v:montantAttribue ?amount FILTER(NTH > 0) } GROUP BY ?body",
    "by grantor, all contracts": "?body (COUNT(?s) AS ?n) (SUM(?amount) AS ?sum) WHERE { "
    "?s a v:Subvention ; v:attribuant ?body ; v:montantAttribue ?amount FILTER(NTH > 0) } GROUP BY ?body",
    "the largest ten": "?s ?amount ?date WHERE { ?s a v:Subvention ; v:montantAttribue ?amount ; dct:date ?date "
    "FILTER(NTH > 0) } ORDER BY DESC(?amount) ?s LIMIT 10",
}
_numbers: Final = itertools.count(1_000_000)


@dataclass
class Sample:
    """One round of requests to one server: microseconds of processor time a request, and latencies; rows, if counted."""

    cpu: float
    latencies: list[float] = field(default_factory=list)
    rows: int = 0


def sampler(server: Server, requests: Iterator[bytes], seconds: float, status: int = 200) -> Callable[[], Sample]:
    """Return what runs one round on a kept-alive connection; raises RuntimeError for an answer of another status."""

    def run() -> Sample:
        latencies: list[float] = []
        with Connection(server.port, 120) as connection:
            connection.ask(next(requests))  # the connection itself is not measured
            before, end = cpu_seconds(server.pid), time.perf_counter() + seconds
            while time.perf_counter() < end or not latencies:
                reply = connection.ask(next(requests))
                if reply.status != status:
                    raise RuntimeError(f"{server.name}: {reply.status} {reply.body[:200]!r}")
                latencies.append(reply.seconds * 1e6)
            spent = cpu_seconds(server.pid) - before
        is_table = "sparql-results+json" in reply.headers.get("content-type", "")
        rows = len(json.loads(reply.body).get("results", {}).get("bindings", ())) if is_table else 0
        return Sample(spent / len(latencies) * 1e6, latencies, rows)

    return run


def requests(server: Server, text: str, accept: str = "application/sparql-results+json") -> Iterator[bytes]:
    """Yield requests of a query without end, each with a new number for NTH."""
    for number in _numbers:
        yield asking(server.query, text.replace("NTH", str(number)), accept)


def measure(
    case: str, servers: Sequence[Server], text: str, accept: str, rounds: int, seconds: float
) -> list[Sequence[object]]:
    """Return a row for each server; raises ValueError if they return different numbers of rows."""
    works = {server.name: sampler(server, requests(server, text, accept), seconds) for server in servers}
    alternate(1, works)  # fills caches
    samples = alternate(rounds, works)
    if len({each.rows for found in samples.values() for each in found}) > 1:
        raise ValueError(f"{case}: {samples}")
    cpu = {name: [sample.cpu for sample in found] for name, found in samples.items()}
    rows: list[Sequence[object]] = []
    for name, found in samples.items():
        latencies = [value for sample in found for value in sample.latencies]
        times = ratio(cpu[name], cpu[OXIGRAPH])
        target = verdict(times, TARGETS[case]) if name == OURS and case in TARGETS else ""
        figures = (median(cpu[name]), median(latencies), percentile(latencies, 0.95))
        rows.append((case, name, *figures, times, ratio(cpu[name], cpu[OURS]), len(latencies), target))
    return rows


def subsidy(server: Server) -> tuple[str, str]:
    """Return a subsidy of a server, and the contract that it is of."""
    (found,) = server.select(f"SELECT ?s WHERE {{ ?s a <{SUBV}Subvention> }} ORDER BY ?s LIMIT 1")
    (contract,) = server.select(f"SELECT ?c WHERE {{ <{found}> <{CPER}contrat> ?c }}")
    return found, contract


def main() -> None:
    """Measure the small queries on the project's data, then the others on synthetic data; servers in turn."""
    parser = flags("queries", __doc__)
    parser.add_argument("--triples", type=int, default=100_000, help="synthetic triples (%(default)s)")
    options = parser.parse_args()
    rounds, seconds, triples = (1, 0.001, 2_000) if options.quick else (7, 1.0, options.triples)
    names, core = NAMES[:2] if options.quick else NAMES, pin_client()
    with material(keep=options.keep) as data, run_all(names, data, core) as servers:
        small = [
            row
            for case, (text, accept) in SMALL.items()
            for row in measure(case, servers, text, accept, rounds, seconds)
        ]
    with tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as name:
        sources = (options.keep or Path(name)) / f"{triples}" / "sources"
        if not sources.exists():
            generate(sources, triples)
        with material(sources, options.keep, f"{triples}") as data, run_all(names, data, core) as servers:
            iri, contract = subsidy(servers[0])
            large = []
            for case, text in LARGE.items():
                filled = _SUBSIDIES + text.replace("SUBSIDY", iri).replace("CONTRACT", contract)
                large += measure(case, servers, filled, "application/sparql-results+json", rounds, seconds)
    head = ("query", "server", "CPU µs", "p50 µs", "p95 µs", "CPU × oxigraph", "CPU × cper-lod", "requests", "target")
    caption = f"each server on one core; medians of {rounds} rounds"
    tables = {f"Small queries; {caption}": (head, small), f"{triples} synthetic triples; {caption}": (head, large)}
    publish("Queries over HTTP", tables)


if __name__ == "__main__":
    main()
