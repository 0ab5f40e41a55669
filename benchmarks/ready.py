"""What a cached page costs (200, 304, negotiated and compressed), compared with nginx that serves the same bytes."""

import gzip
import itertools
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import brotli

from benchmarks.client import BROWSER, Reply, get
from benchmarks.harness import alternate, flags, median, percentile, publish, ratio, verdict
from benchmarks.queries import Sample, sampler
from benchmarks.servers import CONTRACT, NGINX, OURS, Server, material, nginx, pin_client, running

MOST: Final = 2
"""How many times the processor time of nginx a ready response may cost."""


class Case(NamedTuple):
    """A request that is repeated, and the status of its response."""

    path: str
    status: int = 200
    headers: Mapping[str, str] = {}


CASES: Final = {
    "page of an axis": Case(f"/doc/{CONTRACT}/axe/1.html"),
    "the same, 304": Case(f"/doc/{CONTRACT}/axe/1.html", 304),
    "negotiated, compressed": Case(
        f"/doc/{CONTRACT}/axe/1", 200, {"Accept_Encoding": "gzip, br", "Accept_Language": "fr,en;q=0.5"}
    ),
    "page of the contract": Case(f"/doc/{CONTRACT}.html"),
}


def content(reply: Reply) -> bytes:
    """Return a body without its coding; raises KeyError for a coding that was not asked for."""
    decode: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
    return decode[reply.headers.get("content-encoding", "")](reply.body)


def locations(folder: Path, replies: Mapping[str, Reply]) -> str:
    """Write the bodies of `replies` to files; return the configuration by which nginx serves each at its path."""
    found = []
    for number, (path, reply) in enumerate(replies.items()):
        (folder / f"{number}").write_bytes(reply.body)
        coding = reply.headers.get("content-encoding", "")
        header = f'add_header Content-Encoding "{coding}";' if coding else ""
        kind = f'types {{}} default_type "{reply.headers["content-type"]}";'
        found.append(f'location = {path} {{ alias "{folder / str(number)}"; {kind} {header} }}')
    return "\n".join(found)


def measure(name: str, case: Case, servers: Sequence[Server], rounds: int, seconds: float) -> list[Sequence[object]]:
    """Return the rows of a case; raises RuntimeError if the pages are not the same."""
    replies = {server.name: server.ask(get(case.path, BROWSER, **case.headers)) for server in servers}
    if replies[OURS].status != 200 or len({content(reply) for reply in replies.values()}) != 1:
        raise RuntimeError(f"{case.path}: {replies}")
    works: dict[str, Callable[[], Sample]] = {}
    for server in servers:
        more = {"If_None_Match": replies[server.name].headers["etag"]} if case.status == 304 else {}
        request = get(case.path, BROWSER, **case.headers, **more)
        works[server.name] = sampler(server, itertools.repeat(request), seconds, case.status)
    samples = alternate(rounds, works)
    cpu = {each: [sample.cpu for sample in found] for each, found in samples.items()}
    rows: list[Sequence[object]] = []
    for each, found in samples.items():
        latencies = [value for sample in found for value in sample.latencies]
        times = ratio(cpu[each], cpu[NGINX])
        figures = (median(cpu[each]), median(latencies), percentile(latencies, 0.95), times, len(latencies))
        rows.append((name, each, *figures, verdict(times, MOST) if each == OURS else ""))
    return rows


def main() -> None:
    """Measure every case on both servers, in turn."""
    options = flags("ready", __doc__).parse_args()
    rounds, seconds = (1, 0.01) if options.quick else (7, 1.0)
    core = pin_client()
    with tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as name, material(keep=options.keep) as data:
        folder = Path(name)
        with running(OURS, data, core=core, more=("--log-level", "info")) as ours:
            replies = {case.path: ours.ask(get(case.path, BROWSER, **case.headers)) for case in CASES.values()}
            with nginx(folder / "nginx", locations(folder, replies), min(replies), core=core) as other:
                rows = [row for case in CASES for row in measure(case, CASES[case], (ours, other), rounds, seconds)]
    head = ("request", "server", "CPU µs", "p50 µs", "p95 µs", "CPU × nginx", "requests", "target")
    caption = f"CPU a request, access logs on, each server on one core; medians of {rounds} rounds"
    publish("A page that is ready", {caption: (head, rows)})


if __name__ == "__main__":
    main()
