"""Serving at scale: the cost of each kind of request at 100 thousand and 10 million triples; memory, start, traffic."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Final

from benchmarks.client import Connection, Reply, get
from benchmarks.cold_pages import at_rest
from benchmarks.generator import generate
from benchmarks.harness import flags, median, percentile, publish, ratio, verdict
from benchmarks.processes import MIB, cpu_seconds, memory_bytes, tree
from benchmarks.servers import OURS, Material, Server, running
from benchmarks.serving_requests import kinds, traffic
from benchmarks.synthetic_release import adopt
from cper_lod.release.history.history import History
from cper_lod.release.release import INDEX, Release, open_release

SIZES: Final = (100_000, 10_000_000)
TIMES: Final = 2.0
"""How many times as much a request may cost at the large size as at the small one."""
WORKER: Final = 150
"""MiB that a query process may take."""
START: Final = 1.0
"""Seconds from the start of a server to its first answer."""
CLIENTS: Final = 4


@contextmanager
def releases(sizes: Sequence[int], keep: Path | None) -> Iterator[dict[int, tuple[Material, Release]]]:
    """Yield a release of each size, with the folder of sources that it is of; made where `keep` does not hold it."""
    with nullcontext(str(keep)) if keep else tempfile.TemporaryDirectory(prefix="cper-lod-serving-") as name:
        made = {}
        for triples in sizes:
            folder = Path(name) / f"{triples}"
            sources, found = folder / "sources", sorted(folder.glob("releases/[!.]*/manifest.json"))
            if found:
                release = adopt(open_release(found[-1].parent), sources)
            else:
                generate(sources, triples)
                release = built(sources, folder / "releases")
            index, graphs = release.folder / INDEX, frozenset(release.graphs)
            made[triples] = (
                Material(folder, folder / "releases", index, Path(os.devnull), graphs, None, sources),
                release,
            )
        yield made


def built(sources: Path, releases: Path) -> Release:
    """Build and publish a release as anybody does, in a process of its own; return it opened.

    Raises subprocess.CalledProcessError.
    """
    where = ["--sources", str(sources), "--releases", str(releases)]
    subprocess.run([sys.executable, "-m", "cper_lod", "build", *where], check=True, stdout=subprocess.DEVNULL)
    history = History(releases)
    return history.open(history.entries()[-1].release)


class Requests:
    """What requests of one kind cost one server: milliseconds of processor time, of waiting, bytes of the answers."""

    def __init__(self) -> None:
        self.cpu: list[float] = []
        self.wall: list[float] = []
        self.bytes: list[int] = []


def ask(server: Server, connection: Connection, request: bytes, into: Requests) -> None:
    """Ask once and note what it cost; raises RuntimeError for an answer that is none."""
    before = cpu_seconds(server.pid)
    reply = connection.ask(request)
    if reply.status != 200:
        raise RuntimeError(f"{request[:200]!r}: {reply.status} {reply.body[:300]!r}")
    into.cpu.append((cpu_seconds(server.pid) - before) * 1e3)
    into.wall.append(reply.seconds * 1e3)
    into.bytes.append(len(reply.body))


def costs(servers: Mapping[int, tuple[Server, Release]], rounds: int, only: str) -> dict[str, dict[int, Requests]]:
    """Ask the servers in turn and back, a request of each kind a round, and return what each kind cost.

    `only` leaves out the kinds whose name does not hold it.
    """
    wanted = {size: kinds(release, rounds + 2) for size, (_, release) in servers.items()}
    found: dict[str, dict[int, Requests]] = {}
    with ExitStack() as stack:
        lines = {size: stack.enter_context(Connection(server.port)) for size, (server, _) in servers.items()}
        for kind in (each for each in next(iter(wanted.values())) if only in each):
            asked = {size: Requests() for size in servers}
            for turn in range(rounds + 1):
                for size in sorted(servers, reverse=turn % 2 == 1):
                    request = next(wanted[size][kind], None)
                    if request is not None:
                        # The first warms: what is compiled or read once in a process belongs to no request.
                        into = asked[size] if turn else Requests()
                        ask(servers[size][0], lines[size], request, into)
            found[kind] = asked
    return found


def rows(found: Mapping[str, Mapping[int, Requests]]) -> list[Sequence[object]]:
    """Return the figures of each kind, held against the target where both sizes answer the same amount."""
    made: list[Sequence[object]] = []
    for kind, asked in found.items():
        small, large = (asked[size] for size in sorted(asked))
        cpu, wall = ratio(large.cpu, small.cpu), ratio(large.wall, small.wall)
        grown = ratio(large.bytes, small.bytes)
        made.append(
            (
                kind,
                len(small.cpu),
                median(small.cpu),
                median(large.cpu),
                cpu,
                median(small.wall),
                median(large.wall),
                wall,
                grown,
                verdict(cpu, TIMES),
            )
        )
    return made


def workers(server: Server) -> list[tuple[str, float]]:
    """Return the processes of a server with their memory (RSS, MiB): what they are called, how much."""
    found = []
    for pid in tree(server.pid):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        what = "query process" if "template" in words or "worker" in words else "server"
        status = Path(f"/proc/{pid}/status").read_text()
        resident = next((int(row.split()[1]) for row in status.splitlines() if row.startswith("VmRSS")), 0)
        found.append((what, resident / 1024))
    return found


def measure_start(material: Material, times: int) -> list[tuple[float, float]]:
    """Return the seconds from the start of a server to its first answer, and those of processor time, so often."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        with running(OURS, material) as server:
            server.ask(get("/doc/contrat/hauts-de-france-2021-2027.html", "text/html"))
            found.append((time.perf_counter() - began, cpu_seconds(server.pid)))
    return found


def mixed(server: Server, release: Release, requests: int) -> dict[str, list[Reply]]:
    """Ask so many requests of mixed traffic over a few connections, and return the answers by kind."""
    plan = traffic(release, requests)
    found: dict[str, list[Reply]] = {}
    lock, place = threading.Lock(), iter(plan)
    tags: dict[bytes, str] = {}

    def client() -> None:
        with Connection(server.port) as connection:
            while True:
                with lock:
                    kind, request = next(place, ("", b""))
                    tag = tags.get(request, "")
                if not kind:
                    return
                if kind == "page, again (304)" and tag:
                    reply = connection.ask(request[:-2] + f"If-None-Match: {tag}\r\n\r\n".encode())
                else:
                    kind = "page, known" if kind == "page, again (304)" else kind
                    reply = connection.ask(request)
                with lock:
                    tags[request] = reply.headers.get("etag", tag)
                    found.setdefault(kind, []).append(reply)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def main() -> None:
    """Measure both sizes side by side, then the large one alone."""
    parser = flags("serving", __doc__)
    parser.add_argument("--triples", type=int, nargs=2, metavar=("SMALL", "LARGE"), help="(100 000 10 000 000)")
    parser.add_argument("--keep", type=Path, help="folder where the releases stay, and are found again")
    parser.add_argument("--only", default="", help="only kinds whose name holds this, no traffic")
    options = parser.parse_args()
    rounds, requests, starts = (3, 500, 1) if options.quick else (21, 10_000, 5)
    small, large = options.triples or ((20_000, 100_000) if options.quick else SIZES)
    with releases((small, large), options.keep) as made, ExitStack() as stack:
        beginnings = {size: measure_start(material, starts) for size, (material, _) in made.items()}
        servers = {
            size: (stack.enter_context(running(OURS, material)), release) for size, (material, release) in made.items()
        }
        for server, _ in servers.values():
            at_rest(server.pid)  # sources are looked at in the background when a server begins
        found = costs(servers, rounds, options.only)
        server, release = servers[large]
        answers = mixed(server, release, 0 if options.only else requests)
        processes = workers(server)
        whole = memory_bytes(server.pid) / MIB
    raw = {kind: {str(size): vars(each) for size, each in asked.items()} for kind, asked in found.items()}
    options.json.with_suffix(".raw.json").parent.mkdir(parents=True, exist_ok=True)
    options.json.with_suffix(".raw.json").write_text(json.dumps(raw))
    report(options.json, (small, large), rows(found), beginnings, answers, processes, whole)


Begun = Mapping[int, Sequence[tuple[float, float]]]
"""Of each size the seconds, and those of processor time, from starts to first answers."""


def report(
    path: Path,
    sizes: tuple[int, int],
    cost: list[Sequence[object]],
    beginnings: Begun,
    answers: Mapping[str, list[Reply]],
    processes: list[tuple[str, float]],
    whole: float,
) -> None:
    """Print the tables and write them."""
    small, large = (f"{size:,}".replace(",", " ") for size in sizes)
    head = (
        "request",
        "times",
        f"CPU ms, {small}",
        f"CPU ms, {large}",
        "CPU ×",
        f"ms, {small}",
        f"ms, {large}",
        "ms ×",
        "bytes ×",
        "target",
    )
    traffic_rows = []
    for kind, replies in sorted(answers.items()):
        times = [reply.seconds * 1e3 for reply in replies]
        told = ", ".join(f"{status}: {number}" for status, number in sorted(Counter(r.status for r in replies).items()))
        traffic_rows.append((kind, len(times), median(times), percentile(times, 0.99), max(times), told))
    worst = max((memory for what, memory in processes if what == "query process"), default=float("nan"))
    memory = [
        ("the largest query process", worst, verdict(worst, WORKER)),
        ("the largest other process", max(memory for what, memory in processes if what == "server"), ""),
        ("PSS of the whole tree", whole, ""),
    ]
    start = []
    for size, begun in beginnings.items():
        wall, cpu = [each[0] for each in begun], [each[1] for each in begun]
        # The very first one is told apart: what the build remembers of its files serves it too (release.digests).
        usual = wall[1:] or wall
        start.append(
            (
                f"{size:,}".replace(",", " "),
                wall[0],
                median(usual),
                median(cpu[1:] or cpu),
                verdict(median(usual), START),
            )
        )
    publish(
        path,
        "Serving at scale",
        {
            "Cost of a request, medians; the sizes asked in turn": (head, cost),
            f"Mixed traffic at {large}, {CLIENTS} clients": (
                ("request", "number", "p50 ms", "p99 ms", "max ms", "answers"),
                traffic_rows,
            ),
            f"Memory at {large} after all that, RSS": (("what", "MiB", "target"), memory),
            "From the start of a server to its first answer": (("triples", "first s", "s", "CPU s", "target"), start),
        },
    )


if __name__ == "__main__":
    main()
