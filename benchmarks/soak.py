"""A server under mixed traffic while sources change, processes are killed, the disk is full and releases are rolled back."""

import gzip
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import Final, NamedTuple, Self

from benchmarks.client import BROWSER, JSON, Connection, Reply, asking, get, post
from benchmarks.harness import ROOT, Table, flags, median, publish
from benchmarks.processes import MIB, memory_bytes, tree
from benchmarks.servers import CONTRACT, OURS, Server, cper_lod, free_port, started
from cper_lod.core.errors import Problem
from cper_lod.core.names import PROGRAM
from cper_lod.release.history.history import History

DISK_MIB: Final = 160
"""The disk of the releases and of large answers."""
KEPT: Final = 4
"""Releases that are kept."""
RECOVERY: Final = 60.0
"""Seconds in which a server answers queries again after one of its processes was killed."""
PUBLICATION: Final = 240.0
"""Seconds in which an edit is published: a build that was killed is tried again after 60 s."""
STATE: Final = re.compile(rb"essai de duree ([a-j]{6})")
"""A note in the sources says their state: six letters, since no quotation holds figures."""
RELEASE_ID: Final = re.compile(rb"\b[0-9a-f]{12}(?:[0-9a-f]{4})?\b")
NT, TTL, CSV = "application/n-triples", "text/turtle", "text/csv"
NOTED: Final = (CONTRACT, f"{CONTRACT}/axe/1")
SKOS: Final = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
NOTES: Final = SKOS + "SELECT ?s ?note { ?s skos:note ?note } ORDER BY ?s ?note"
CROSS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?i || ?a != ?d) } # "


def letters(state: int) -> str:
    """Return a state as six letters, a letter for each digit.

    >>> letters(27)
    'aaaach'
    """
    return f"{state:06}".translate(str.maketrans("0123456789", "abcdefghij"))


def source(state: str) -> str:
    """Return a file of sources that says its state."""
    note = f'<http://www.w3.org/2004/02/skos/core#note> "Essai : essai de duree {state}."@fr'
    return "".join(f"<{PROGRAM.address}id/{thing}> {note} .\n" for thing in NOTED)


class Kind(NamedTuple):
    """A kind of request, made from a number that is new; its status; whether its body is not that of a release alone."""

    request: Callable[[int], bytes]
    status: int = 200
    varies: bool = False
    weight: int = 4


def fetch(path: str, accept: str = BROWSER, weight: int = 4) -> Kind:
    """Return the kind of request that asks for a path."""
    return Kind(lambda _: get(path, accept), weight=weight)


KINDS: Final[Mapping[str, Kind]] = {
    "page of the contract": fetch(f"/doc/{CONTRACT}.html", weight=12),
    "page in English": fetch(f"/doc/{CONTRACT}.html?lang=en"),
    "page of an axis": fetch(f"/doc/{NOTED[1]}.html"),
    "home page": fetch("/", weight=8),
    "catalogue": fetch("/catalog.html"),
    "list": fetch("/doc/subdivision.html"),
    "documentation": fetch("/ontology.html", weight=2),
    "search": fetch("/search?q=mobilit%C3%A9s"),
    "JSON": fetch(f"/doc/{CONTRACT}.json", "application/json", 8),
    "JSON-LD": fetch(f"/doc/{NOTED[1]}.jsonld", "application/ld+json"),
    "Turtle": fetch(f"/doc/{CONTRACT}.ttl", TTL, 8),
    "negotiated": fetch(f"/doc/{NOTED[1]}", NT),
    "table": fetch("/doc/subdivision.csv", CSV),
    "dump": fetch("/dump/tout.nt.gz", "*/*", 1),
    "SELECT": Kind(lambda _: asking("/sparql", NOTES, JSON)),
    "SELECT, a new text": Kind(lambda n: asking("/sparql", f"{NOTES} # {n}", CSV), weight=8),
    "SELECT of everything": Kind(
        lambda n: asking("/sparql", f"SELECT * {{ ?s ?p ?o FILTER(!ISBLANK(?o)) }} ORDER BY ?s ?p ?o # {n}", CSV),
        weight=1,
    ),
    "CONSTRUCT": Kind(lambda n: asking("/sparql", f"{SKOS}CONSTRUCT WHERE {{ ?s skos:note ?note }} # {n}", NT)),
    "ASK by POST": Kind(lambda n: post("/sparql", f"ASK {{ ?s ?p ?o }} # {n}".encode())),
    "wrong query": Kind(lambda n: asking("/sparql", f"SELECT {{ {n}"), 400, varies=True),
    "endless query": Kind(lambda n: asking("/sparql", CROSS + str(n)), 503, weight=1),
    "not found": Kind(lambda n: get(f"/doc/nothing/{n}", BROWSER), 404, varies=True),
    "not acceptable": Kind(lambda _: get(f"/doc/{CONTRACT}", "image/png"), 406),
    "health": Kind(lambda _: get("/health", "*/*"), varies=True, weight=2),
    "metrics": Kind(lambda _: get("/metrics", "*/*"), varies=True, weight=1),
    "changes": Kind(lambda _: get("/changes.atom", "*/*"), varies=True, weight=1),
}


def unpacked(reply: Reply) -> bytes:
    """Return the body of a response, unpacked."""
    return gzip.decompress(reply.body) if reply.body.startswith(b"\x1f\x8b") else reply.body


def states(reply: Reply) -> set[str]:
    """Return the states that a response says."""
    return {found.decode() for found in STATE.findall(unpacked(reply))}


class Oracle:
    """What responses must be: as they were when nothing else was going on, but for the state and the id of the release."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._known: dict[str, bytes] = {}

    def ask_all(self, state: str) -> list[str]:
        """Ask each kind once; return what is wrong: another status, another content than before, another state."""
        wrong = []
        for name, kind in KINDS.items():
            reply = self._server.ask(kind.request(time.monotonic_ns()))
            self._known.setdefault(name, self._timeless(reply))
            if fault := self.fault(name, reply, {state}):
                wrong.append(f"{name}: {fault}")
        return wrong

    @staticmethod
    def _timeless(reply: Reply) -> bytes:
        return RELEASE_ID.sub(b"ID", STATE.sub(b"STATE", unpacked(reply)))

    def fault(self, name: str, reply: Reply, known_states: set[str]) -> str:
        """Return what is wrong with a response of a kind, "" if nothing is; its state has to be one of the known."""
        if reply.status not in (KINDS[name].status, 304):
            return f"status {reply.status} {reply.code()}".strip()
        if KINDS[name].varies or reply.status == 304:
            return ""
        if len(found := states(reply)) > 1:
            return "two releases in one response"
        if not found <= known_states:
            return f"of another release {found}"
        return "" if self._timeless(reply) == self._known[name] else "not what the release says"


class FaultInjector:
    """Edits the sources, kills processes, fills the disk and goes back to earlier releases; `counts` says how often."""

    def __init__(self, folder: Path, mounted: bool) -> None:
        self.counts: Counter[str] = Counter()
        self.slow: list[str] = []
        """What did not recover in time, and what was wrong after a publication."""
        self.state, self.states = 1, {letters(1)}
        self.samples: list[Sample] = []
        self.disk, self.sources = folder / "disk", folder / "sources"
        self.releases = self.disk / "releases"
        self._mounted, self._chance = mounted, random.Random(2027)
        self._faults: list[tuple[str, float, float]] = []
        self.write(letters(1))

    def write(self, state: str, more: str = "") -> None:
        """Write the sources of a state."""
        self.states.add(state)
        new = self.sources / "data" / ".soak.nt"
        new.write_text(source(state) + more, "utf-8")
        new.replace(self.sources / "data" / "soak.nt")

    def edit(self, server: Server, oracle: Oracle) -> None:
        """Change the sources to a state that never was; wait until every kind is answered from it."""
        self.state += 1
        self.write(letters(self.state))
        self.await_state(server, oracle)

    def await_state(self, server: Server, oracle: Oracle) -> None:
        """Wait until the last state is served."""
        state = letters(self.state)
        if not until(lambda: states(server.ask(get(f"/doc/{CONTRACT}.ttl", TTL))) == {state}, PUBLICATION):
            self.slow.append(f"state {state} not published in {PUBLICATION:.0f} s")
            return
        self.slow += oracle.ask_all(state)
        self.samples.append(sample(server))

    def rollback(self) -> None:
        """Go back to the release before."""
        words = cper_lod("rollback", "--sources", self.sources, "--releases", self.releases)
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            self.slow.append(f"rollback: {done.stderr.strip()[-200:]}")

    def kill(self, server: Server) -> None:
        """Kill a random process of the server, but not the first, and wait until the server has recovered."""
        with self._explaining("kill"):
            with suppress(OSError):
                os.kill(self._chance.choice(tree(server.pid)[1:]), signal.SIGKILL)
            if not until(lambda: has_recovered(server), RECOVERY):
                self.slow.append(f"not recovered in {RECOVERY:.0f} s")

    def fill_disk(self, server: Server, oracle: Oracle, seconds: float) -> None:
        """Fill the disk for some seconds and change the sources meanwhile: that is published once there is room."""
        filler = self.disk / "filler"
        with self._explaining("full disk"):
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                while file.write(bytes(65536)):
                    pass
            self.state += 1
            self.write(letters(self.state))
            time.sleep(seconds)
            filler.unlink()
        self.await_state(server, oracle)

    @contextmanager
    def _explaining(self, what: str) -> Iterator[None]:
        """Explain errors while something is done, and for three seconds more: clients notice a broken connection late."""
        self._faults.append((what, time.monotonic(), float("inf")))
        yield
        self._faults[-1] = (what, self._faults[-1][1], time.monotonic() + 3)

    def explains(self, began: float, status: int) -> str:
        """Return what explains an error of a request that began then, "" if nothing does; 0 is a broken connection."""
        kinds = [what for what, since, end in self._faults if since <= time.monotonic() and began <= end]
        return kinds[0] if kinds and (status in (502, 503) or (status == 0 and "kill" in kinds)) else ""

    def run(self, server: Server, oracle: Oracle, end: float) -> None:
        """Do one after the other until then; the disk is full in the middle, for a minute or a sixth of the time."""
        seconds = end - time.monotonic()
        full_at = time.monotonic() + seconds / 2 if self._mounted else end
        steps = cycle(("kill", "edit", "edit back", "kill", "broken sources", "edit", "rollback"))
        while time.monotonic() < end:
            time.sleep(self._chance.uniform(0.1, 0.2) * min(50, seconds / 6))
            step = next(steps)
            if time.monotonic() > full_at:
                step, full_at = "full disk", end
                self.fill_disk(server, oracle, min(60.0, seconds / 6))
            elif step == "kill":
                self.kill(server)
            elif step == "edit":
                self.edit(server, oracle)
            elif step == "edit back":
                self.write(letters(self._chance.randint(1, self.state)))
            elif step == "broken sources":
                self.write(letters(self.state), "oops\n")
            else:
                self.rollback()
            self.counts[step] += 1


def has_recovered(server: Server) -> bool:
    """Return whether the server answers queries, by asking more often than there are query processes."""
    with suppress(OSError, EOFError):
        texts = (f"ASK {{ ?s ?p {time.monotonic_ns()} }}" for _ in range(8))
        return all(server.ask(asking("/sparql", text), 10).status == 200 for text in texts)
    return False


def until(holds: Callable[[], bool], seconds: float) -> bool:
    """Return whether something comes to hold within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError, EOFError):
            if holds():
                return True
        time.sleep(0.2)
    return False


class Clients:
    """Threads that each keep a connection and ask one kind after the other, chosen at random; a context manager."""

    def __init__(self, server: Server, oracle: Oracle, injector: FaultInjector, count: int) -> None:
        self.counts: Counter[str] = Counter()
        self.explained: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._server, self._oracle, self._injector = server, oracle, injector
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(seed,), daemon=True) for seed in range(count)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(60)

    def _run(self, seed: int) -> None:
        chance = random.Random(seed)
        weights = [kind.weight for kind in KINDS.values()]
        tags: dict[str, str] = {}
        while not self._ended.is_set():
            with suppress(OSError, EOFError), Connection(self._server.port, 30) as connection:
                for _ in range(chance.randint(1, 50)):  # then a new connection
                    if self._ended.wait(chance.expovariate(20)):
                        return
                    self._ask(connection, chance.choices([*KINDS], weights)[0], tags, chance)

    def _ask(self, connection: Connection, name: str, tags: dict[str, str], chance: random.Random) -> None:
        """Ask once and judge the response; raises OSError or EOFError if the connection is broken."""
        began, request = time.monotonic(), KINDS[name].request(time.monotonic_ns())
        if name in tags and chance.random() < 0.3:
            request = request.replace(b"\r\n", f"\r\nIf-None-Match: {tags[name]}\r\n".encode(), 1)
        try:
            reply = connection.ask(request)
        except (OSError, EOFError) as error:
            self._judge(name, Reply(0), began, type(error).__name__)
            raise
        if reply.status == 200 and not KINDS[name].varies and "etag" in reply.headers:
            tags[name] = reply.headers["etag"]
        self._judge(name, reply, began, self._oracle.fault(name, reply, self._injector.states))
        if reply.headers.get("connection") == "close":
            raise EOFError

    def _judge(self, name: str, reply: Reply, began: float, fault: str) -> None:
        if not fault:
            self.counts[name] += 1
        elif what := self._injector.explains(began, reply.status):
            self.explained[what] += 1
        else:
            self.wrong.append(f"{name}: {fault}")


class Sample(NamedTuple):
    """What the server takes after a publication: memory (PSS), open files, processes."""

    mib: float
    files: int
    processes: int


def sample(server: Server) -> Sample:
    """Return what the server takes now."""
    files, pids = 0, tree(server.pid)
    for pid in pids:
        with suppress(OSError):
            files += len([*Path(f"/proc/{pid}/fd").iterdir()])
    return Sample(memory_bytes(server.pid) / MIB, files, len(pids))


def growth(samples: Sequence[Sample], field: int) -> tuple[float, float]:
    """Return the median of a figure in the second third of the samples and in the last: caches fill in the first."""
    third = max(1, len(samples) // 3)
    figures = [each[field] for each in samples]
    return median(figures[third : 2 * third] or figures), median(figures[-third:])


def damaged(releases: Path) -> list[str]:
    """Return the kept releases that are not what their manifest says, and what builds left behind."""
    history, found = History(releases), []
    for release in dict.fromkeys(entry.release for entry in history.entries()[-KEPT:]):
        try:
            history.open(release)
        except Problem as problem:
            found.append(f"{release}: {problem.kind.code}")
    return found + [path.name for path in releases.iterdir() if path.name.startswith(".") and path.is_dir()]


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a small disk in memory on a folder, if the system allows it; yield whether it does."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "soak", str(folder)]
    mounted = bool(shutil.which("mount")) and not subprocess.run(words, capture_output=True, check=False).returncode
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)  # noqa: S607


def soak(folder: Path, mounted: bool, seconds: float, clients: int) -> tuple[Mapping[str, Table], bool]:
    """Run it in a folder; return the tables, and whether every criterion is met."""
    injector = FaultInjector(folder, mounted)
    (injector.disk / "spool").mkdir()
    where = ["--sources", injector.sources, "--releases", injector.releases, "--port", port := free_port()]
    limits = ["--query-timeout", "2", "--keep-releases", KEPT, "--keep-days", "0"]
    # Large answers are written to TMPDIR (engine.pool).
    words = ["env", f"TMPDIR={injector.disk / 'spool'}", *cper_lod("serve", *where, *limits)]
    with started(Server(OURS, port), words, folder) as server:
        oracle = Oracle(server)
        if unsteady := oracle.ask_all(letters(1)) + oracle.ask_all(letters(1)):
            raise RuntimeError(f"not the same twice: {unsteady}")
        with Clients(server, oracle, injector, clients) as asked:
            injector.run(server, oracle, time.monotonic() + seconds)
            injector.edit(server, oracle)
        os.kill(server.pid, signal.SIGTERM)
        code = server.process.wait(30) if server.process else 0
        log = server.log.read_text("utf-8", "replace")
    (mib, mib_last), (files, files_last) = growth(injector.samples, 0), growth(injector.samples, 1)
    slack = 32 if seconds >= 1200 else 192  # caches fill for some minutes
    criteria: list[tuple[str, object, bool]] = [
        ("responses that are wrong", len(asked.wrong), not asked.wrong),
        ("kinds that were never answered", len(missing := KINDS.keys() - asked.counts.keys()), not missing),
        ("what did not recover", "; ".join(injector.slow) or 0, not injector.slow),
        ("kept releases that are damaged, and remains", ", ".join(bad := damaged(injector.releases)) or 0, not bad),
        ("MiB, second third and last", f"{mib:.0f} → {mib_last:.0f}", mib_last <= 1.1 * mib + slack),
        ("open files, second third and last", f"{files:.0f} → {files_last:.0f}", files_last <= 1.1 * files + 16),
        ("tracebacks in the log", count := log.count("Traceback"), not count),
        ("exit code of the server", code, code == 0),
    ]
    for each in [*asked.wrong[:20], *(f"Traceback{text}"[:4000] for text in log.split("Traceback")[1:6])]:
        print("·", each)
    disk = f"a disk of {DISK_MIB} MiB" if mounted else "an ordinary disk, which was not filled: none could be mounted"
    tables: dict[str, Table] = {
        "Responses": (("kind", "number"), sorted(asked.counts.items())),
        f"What was done, on {disk}": (("what", "times"), [*injector.counts.items()]),
        "Errors, by what explains them": (("what", "times"), [*asked.explained.items()]),
        "What the server takes after each publication": (("MiB", "open files", "processes"), injector.samples),
        "Criteria": (("what", "found", "met"), [(name, found, "yes" if ok else "NO") for name, found, ok in criteria]),
    }
    return tables, all(ok for *_, ok in criteria)


def main() -> None:
    """Run the soak; ends with 1 if a criterion is not met."""
    parser = flags("soak", __doc__)
    parser.add_argument("--minutes", type=float, default=60, help="how long (%(default)s)")
    parser.add_argument("--clients", type=int, default=6, help="connections (%(default)s)")
    options = parser.parse_args()
    seconds = 60 * (0.1 if options.quick else options.minutes)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cper-lod-soak-")))
        mounted = stack.enter_context(small_disk(folder / "disk"))
        for name in ("ontology", "shapes", "data"):
            shutil.copytree(ROOT / name, folder / "sources" / name)
        tables, met = soak(folder, mounted, seconds, options.clients)
        publish(f"Soak: {seconds / 60:g} minutes", tables)
    if not met:
        sys.exit(1)


if __name__ == "__main__":
    main()
