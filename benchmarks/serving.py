"""Serving at scale: the cost of each kind of request at 100 thousand and 10 million triples; memory, start, traffic."""

import itertools
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Final
from urllib.parse import quote

from benchmarks.client import BROWSER, Connection, Reply, asking, get
from benchmarks.generator import generate
from benchmarks.harness import ROOT, Table, flags, median, percentile, publish, ratio, verdict
from benchmarks.processes import MIB, cpu_seconds, memory_bytes
from benchmarks.servers import CONTRACT, OURS, Material, Server, build, running
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, PREFIXES, SUBV

SIZES: Final = (100_000, 10_000_000)
TIMES: Final = 2.0
"""How many times as much a request may cost at the large size as at the small one."""
START: Final = 1.0
"""Seconds from the start of a server to its first response."""
CLIENTS: Final = 4
QUESTIONS: Final = ROOT / "ontology" / "questions"
THINGS: Final = f"{PROGRAM.address}id/"
SEARCHES: Final = {
    "search: one thing": ("Amiens métropole", "sraddet hauts", "communiqué hauts", "avenant mobilités 2023"),
    "search: a word of all subsidies": ("fictif", "exemple", "tranche", "fictif exemple"),
    "search: beginning of a word": ("fict", "subv", "comm", "associ"),
}
HEAVY: Final = (
    f"PREFIX c: <{CPER}> PREFIX v: <{SUBV}> PREFIX dct: <http://purl.org/dc/terms/> SELECT ?year (COUNT(*) AS ?n) (SUM(?amount) AS ?sum) "
    "WHERE { ?s c:contrat <CONTRACT> ; dct:date ?date ; v:montantAttribue ?amount } GROUP BY (YEAR(?date) AS ?year) # "
)
WEIGHTS: Final = {
    "page, known": 34,
    "page, again (304)": 34,
    "page, cold": 10,
    "list": 5,
    "search": 5,
    "question": 10,
    "heavy query": 2,
}
"""Traffic: few pages are asked for often (Zipf), and most clients that come back have the page already."""
_numbers: Final = itertools.count(1)


@contextmanager
def releases(sizes: Sequence[int], keep: Path | None) -> Iterator[dict[int, Material]]:
    """Yield a release of each size, built if `keep` does not hold it."""
    with nullcontext(str(keep)) if keep else tempfile.TemporaryDirectory(prefix="cper-lod-serving-") as name:
        made = {}
        for triples in sizes:
            folder = Path(name) / f"{triples}"
            made[triples] = Material(folder, folder / "sources")
            if not made[triples].sources.exists():
                generate(folder / "sources", triples)
            began = time.perf_counter()
            build(folder, folder / "sources")
            print(f"{triples} triples built in {time.perf_counter() - began:.1f} s", flush=True)
        yield made


class Requests:
    """The requests of a server by kind; pages and lists are asked for once, the others have a new text each time."""

    def __init__(self, server: Server, most: int) -> None:
        chance = random.Random(2027)

        def things(cls: str, below: str = THINGS) -> list[str]:
            found = sorted(iri for iri in server.select(f"SELECT ?s {{ ?s a <{cls}> }}") if iri.startswith(below))
            return chance.sample(found, min(most, len(found)))

        self.subsidies = things(SUBV + "Subvention")
        self.contracts = things(CPER + "Contrat")
        # Of one contract each: the first page of a contract computes what its pages share, and contracts are more.
        real, synthetic = f"{THINGS}{CONTRACT}/", f"{min(iri for iri in self.contracts if CONTRACT not in iri)}/"
        self.pages = {
            "page: statement of the real contract": things(CPER + "Enonce", real),
            "page: subdivision of a synthetic contract": things(CPER + "Subdivision", synthetic),
            "page: subsidy": self.subsidies,
            "page: body": things(PREFIXES["rov"] + "RegisteredOrganization"),
        }

    def kinds(self) -> dict[str, Iterator[bytes]]:
        """Return the requests of each kind; those of pages and lists end."""
        found: dict[str, Iterator[bytes]] = {kind: map(page, iris) for kind, iris in self.pages.items()}
        found["list: subsidies"] = self.lists()
        found |= {kind: map(search, itertools.cycle(texts)) for kind, texts in SEARCHES.items()}
        return found | {f"question: {path.stem}": map(question, itertools.repeat(path)) for path in questions()}

    def lists(self) -> Iterator[bytes]:
        """Yield requests of pages of the list of subsidies, each from another place."""
        return (get(f"/doc/subvention?after={quote(iri, safe='')}", BROWSER) for iri in self.subsidies)

    def traffic(self, count: int) -> list[tuple[str, bytes]]:
        """Return so many requests in a mixed order, each with its kind."""
        chance = random.Random(2027)
        known = [page(iri) for iris in self.pages.values() for iri in iris[:100]]
        streams: dict[str, Iterator[bytes]] = {
            "page, cold": map(page, itertools.cycle(self.subsidies[100:] or self.subsidies)),
            "list": itertools.cycle([*self.lists()]),
            "search": map(search, itertools.cycle([text for texts in SEARCHES.values() for text in texts])),
            "question": map(question, itertools.cycle(questions())),
            "heavy query": map(heavy, itertools.cycle(self.contracts)),
        }
        found = []
        for kind in chance.choices([*WEIGHTS], [*WEIGHTS.values()], k=count):
            popular = known[min(int(chance.paretovariate(0.7)) - 1, len(known) - 1)]
            found.append((kind, next(streams[kind]) if kind in streams else popular))
        return found


def page(iri: str) -> bytes:
    """Return the request of the page of a thing."""
    return get(f"/doc/{iri.removeprefix(THINGS)}.html", BROWSER)


def search(text: str) -> bytes:
    """Return the request of a search, at an address that is new."""
    return get(f"/search?q={quote(text)}&n={next(_numbers)}", BROWSER)


def questions() -> list[Path]:
    """Return the files of the competency questions."""
    return sorted(QUESTIONS.glob("*.rq"))


def question(path: Path) -> bytes:
    """Return the request of a question; a comment at its end makes its text new."""
    return asking("/sparql", f"{path.read_text('utf-8')}# {next(_numbers)}")


def heavy(contract: str) -> bytes:
    """Return the request of a query over all subsidies of a contract."""
    return asking("/sparql", f"{HEAVY.replace('CONTRACT', contract)}{next(_numbers)}")


def costs(servers: Mapping[int, Server], requests: Mapping[int, Requests], rounds: int) -> Iterator[Sequence[object]]:
    """Yield a row for each kind, the servers asked in turn: milliseconds of processor time and of waiting.

    Raises RuntimeError for a response that is not 200.
    """
    streams = {size: each.kinds() for size, each in requests.items()}
    for kind in next(iter(streams.values())):
        cpu: dict[int, list[float]] = {size: [] for size in servers}
        wall: dict[int, list[float]] = {size: [] for size in servers}
        for turn in range(rounds + 1):
            for size in sorted(servers, reverse=turn % 2 == 1):
                if (request := next(streams[size][kind], None)) is None:
                    continue
                before = cpu_seconds(servers[size].pid)
                with Connection(servers[size].port, 90) as line:  # a new one: the server closes what waits for long
                    reply = line.ask(request)
                if reply.code() == "query-timeout":  # a question about all data: what it cost until then is told
                    streams[size][kind] = iter(())
                elif reply.status != 200:
                    raise RuntimeError(f"{request[:200]!r}: {reply.status} {reply.body[:300]!r}")
                if turn or reply.status != 200:  # the first fills what a process compiles or reads once
                    cpu[size].append((cpu_seconds(servers[size].pid) - before) * 1e3)
                    wall[size].append(reply.seconds * 1e3)
        small, large = min(servers), max(servers)
        times = ratio(cpu[large], cpu[small])
        figures = (median(cpu[small]), median(cpu[large]), times, median(wall[small]), median(wall[large]))
        yield (kind, len(cpu[small]), *figures, verdict(times, TIMES))


def mixed(server: Server, plan: Sequence[tuple[str, bytes]]) -> dict[str, list[Reply]]:
    """Ask these requests over a few connections, and return the responses by kind."""
    found: dict[str, list[Reply]] = {}
    lock, remaining = threading.Lock(), iter(plan)
    tags: dict[bytes, str] = {}

    def client() -> None:
        with Connection(server.port) as connection:
            while True:
                with lock:
                    kind, request = next(remaining, ("", b""))
                if not kind:
                    return
                more = b""
                if kind == "page, again (304)":
                    tag = tags.get(request)
                    kind, more = (kind, f"If-None-Match: {tag}\r\n".encode()) if tag else ("page, known", b"")
                reply = connection.ask(request[:-2] + more + b"\r\n")
                with lock:
                    tags[request] = reply.headers.get("etag", "")
                    found.setdefault(kind, []).append(reply)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def starts(data: Material, times: int) -> Sequence[float]:
    """Return the first and the median of the others: seconds from the start of a server to the contract's page; CPU."""
    wall, cpu = [], []
    for _ in range(times):
        began = time.perf_counter()
        with running(OURS, data) as server:
            server.ask(get(f"/doc/{CONTRACT}.html", BROWSER))
            wall.append(time.perf_counter() - began)
            cpu.append(cpu_seconds(server.pid))
    return wall[0], median(wall[1:] or wall), median(cpu[1:] or cpu)


def main() -> None:
    """Measure both sizes side by side, then mixed traffic at the large one."""
    parser = flags("serving", __doc__)
    parser.add_argument("--triples", type=int, nargs=2, metavar=("SMALL", "LARGE"), help="(100 000 10 000 000)")
    options = parser.parse_args()
    rounds, count, times = (1, 20, 1) if options.quick else (21, 10_000, 5)
    sizes = options.triples or ((2_000,) if options.quick else SIZES)
    with releases(sizes, options.keep) as made, ExitStack() as stack:
        begun = [(size, *starts(data, times)) for size, data in made.items()]
        # The questions are about all data: at ten million triples some take longer than the setting allows.
        servers = {size: stack.enter_context(running(OURS, data, 30)) for size, data in made.items()}
        requests = {size: Requests(server, rounds + 200) for size, server in servers.items()}
        for server in servers.values():
            server.wait_until_idle()  # sources are looked at in the background when a server begins
        cost = [*costs(servers, requests, rounds)]
        large = servers[max(sizes)]
        replies = mixed(large, requests[max(sizes)].traffic(count))
        memory = [("PSS of all processes", memory_bytes(large.pid) / MIB)]
    rows = []
    for kind, found in sorted(replies.items()):
        waits = [reply.seconds * 1e3 for reply in found]
        statuses = ", ".join(f"{status}: {number}" for status, number in Counter(each.status for each in found).items())
        rows.append((kind, len(waits), median(waits), percentile(waits, 0.99), max(waits), statuses))
    first, last = min(sizes), max(sizes)
    columns = ("times", f"CPU ms, {first}", f"CPU ms, {last}", "CPU ×", f"ms, {first}", f"ms, {last}", "target")
    tables: dict[str, Table] = {
        "Cost of a request, medians; the sizes asked in turn": (("request", *columns), cost),
        f"Mixed traffic at {last}, {CLIENTS} clients": (
            ("request", "number", "p50 ms", "p99 ms", "max ms", "statuses"),
            rows,
        ),
        f"Memory at {last} after all that": (("what", "MiB"), memory),
        f"From the start of a server to its first page (target {START} s)": (
            ("triples", "first s", "s", "CPU s"),
            begun,
        ),
    }
    publish("Serving at scale", tables)


if __name__ == "__main__":
    main()
