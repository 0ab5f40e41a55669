"""What a cached page costs, compared with nginx, with the HTTP server alone and with the same application under gunicorn."""

import gzip
import itertools
import math
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import brotli

from benchmarks.client import Reply, get
from benchmarks.harness import alternate, flags, median, percentile, publish, ratio, verdict
from benchmarks.page_servers import ALL, GUNICORN, NGINX, absent, log_of, ours, run_all
from benchmarks.servers import OURS, Material, Server, material
from benchmarks.small import Sample, sampler

CONTRACT: Final = "/doc/contrat/hauts-de-france-2021-2027"
AXIS: Final = f"{CONTRACT}/axe/1"
BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
MOST: Final = 2
"""How many times the processor time of nginx a ready answer may cost."""
AHEAD: Final = {GUNICORN: 8}
"""How many times the processor time of ours the same application has to spend in another server."""


@dataclass(frozen=True)
class Case:
    """A request that is repeated, and the status of its answer; a 304 is asked for with the validator of the server."""

    name: str
    path: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def request(self, etag: str) -> bytes:
        """Return the request to a server that calls this page `etag`."""
        more = {"If-None-Match": etag} if self.status == 304 else {}
        return get(self.path, BROWSER, **self.headers, **more)

    @property
    def first(self) -> bytes:
        """The request of somebody who does not have the page yet."""
        return get(self.path, BROWSER, **self.headers)


CASES: Final = (
    Case("page of an axis", f"{AXIS}.html"),
    Case("the same, 304", f"{AXIS}.html", 304),
    Case("negotiated, compressed", AXIS, 200, {"Accept_Encoding": "gzip, br", "Accept_Language": "fr,en;q=0.5"}),
    Case("page of the contract", f"{CONTRACT}.html"),
)


def content(reply: Reply) -> bytes:
    """Return a body without its coding; raises KeyError for a coding that was not asked for."""
    decode: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
    return decode[reply.headers.get("content-encoding", "")](reply.body)


def works(case: Case, servers: Mapping[str, Server], seconds: float) -> dict[str, Callable[[], Sample]]:
    """Return what runs one round of a case on each server; raises RuntimeError where their pages are not the same."""
    replies = {name: server.ask(case.first) for name, server in servers.items()}
    different = [name for name, reply in replies.items() if content(reply) != content(replies[OURS])]
    if different or replies[OURS].status != 200:
        raise RuntimeError(f"{case.path}: {replies[OURS].status}; not the same from {', '.join(different)}")
    return {
        name: sampler(
            server, itertools.repeat(case.request(replies[name].headers["etag"])), seconds, status=case.status
        )
        for name, server in servers.items()
    }


def row(case: str, name: str, samples: Mapping[str, Sequence[Sample]]) -> Sequence[object]:
    """Return the figures of one server in one case, its ratios by medians of rounds, and whether a target is met.

    Ours has no verdict where nginx is absent: there is nothing that the target could be held against.
    """
    cpu = {each: [sample.cpu for sample in found] for each, found in samples.items()}
    latencies = [value for sample in samples[name] for value in sample.latencies]
    to_nginx, to_ours = ratio(cpu[name], cpu.get(NGINX, ())), ratio(cpu[name], cpu[OURS])
    told = verdict(to_ours, AHEAD[name], at_least=True) if name in AHEAD else ""
    if name == OURS:
        told = f"not held: no {NGINX}" if math.isnan(to_nginx) else verdict(to_nginx, MOST)
    figures = (median(cpu[name]), median(latencies), percentile(latencies, 0.95))
    return (case, name, *figures, to_nginx, to_ours, len(latencies), told)


def unlogged(names: Sequence[str], data: Material) -> list[str]:
    """Return the servers whose access log is empty: their figures would be those of another work."""
    return [name for name in names if not log_of(name, data.folder).stat().st_size]


def measure(names: Sequence[str], rounds: int, seconds: float) -> list[Sequence[object]]:
    """Return the rows of every case on the servers of these names, all on one core; raises RuntimeError."""
    cores = sorted(os.sched_getaffinity(0))
    # On a virtual machine waking another core costs more than a request: the servers have one core, the client another.
    core = cores[0] if len(cores) > 1 else None
    if core is not None:
        os.sched_setaffinity(0, set(cores[1:]))
    rows: list[Sequence[object]] = []
    with material() as data, ours(data, core) as server:
        replies = {case.path: server.ask(case.first) for case in CASES}
        with run_all([name for name in names if name != OURS], data, replies, core) as others:
            servers = {name: others.get(name, server) for name in names}
            for case in CASES:
                alternate(1, works(case, servers, 0.2))  # warm
                samples = alternate(rounds, works(case, servers, seconds))
                rows += [row(case.name, name, samples) for name in names]
            if silent := unlogged(names, data):
                raise RuntimeError(f"no access log: {', '.join(silent)}")
    return rows


def main() -> None:
    """Measure every case on the servers that are there, in turn; ends with 1 where a peer of a target is absent."""
    options = flags("ready", __doc__).parse_args()
    rounds, seconds = (2, 0.3) if options.quick else (7, 1.0)
    missing = absent()
    rows = measure([name for name in ALL if name not in missing], rounds, seconds)
    head = ("request", "server", "CPU µs", "p50 µs", "p95 µs", "CPU × nginx", "CPU × cper-lod", "requests", "target")
    caption = f"CPU a request, access logs on, each server on one core; medians of {rounds} rounds"
    publish(options.json, "A page that is ready", {caption: (head, rows)})
    for name, reason in missing.items():
        print(f"{reason}; the target beside {name} was held against nothing")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
