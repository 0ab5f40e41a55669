"""A server under mixed traffic while sources change, children are killed, the disk is full and releases are rolled back."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.client import Connection, Reply, asking
from benchmarks.harness import ROOT, flags, median, publish
from benchmarks.processes import MIB, memory_bytes, tree
from benchmarks.servers import OURS, Server, free_port, started
from benchmarks.soak_requests import KINDS, Oracle, Publication, Publications, letters, of_release, source, unpacked
from cper_lod.core.errors import Problem
from cper_lod.release.history.history import History

DISK_MIB: Final = 160
"""The disk of the releases, of large answers and of the access log."""
KEPT: Final = 4
"""Releases that are kept."""
RECOVERY: Final = 60.0
"""Seconds in which a server has all its processes again and answers, after one of them was killed."""
PUBLICATION_TIMEOUT: Final = 240.0
"""Seconds in which the last edit is published: a build that was killed is tried again after 60 s."""
_FULL: Final = "full disk"
FLAGS: Final = ["--query-timeout", "2", "--keep-releases", str(KEPT), "--keep-days", "0"]


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a small disk in memory on a folder, where the system allows it; yield whether it does."""
    folder.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "soak", str(folder)]
    mounted = bool(shutil.which("mount")) and not subprocess.run(options, capture_output=True, check=False).returncode
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)  # noqa: S607


class InjectedFault(NamedTuple):
    """A fault that was injected: what, and from when to when it explains an answer that is an error."""

    what: str
    since: float
    until: float


class FaultInjector:
    """Edits the sources, kills processes, fills the disk and goes back to earlier releases; `counts` says how often."""

    def __init__(self, folder: Path, publications: Publications, mounted: bool) -> None:
        self.counts: Counter[str] = Counter()
        self.done: list[InjectedFault] = []
        self.slow: list[str] = []
        """What did not recover in time."""
        self.state, self.states = 1, {letters(1)}
        self.disk, self.sources = folder / "disk", folder / "sources"
        self.releases = self.disk / "releases"
        self._publications, self._mounted = publications, mounted
        self._chance = random.Random(2027)
        self._current: tuple[str, float] | None = None

    def edit(self, state: int | None = None) -> None:
        """Change the sources, by default to a state that never was."""
        if state is None:
            self.state = state = self.state + 1
        self.states.add(letters(state))
        self._write(source(letters(state)))

    def edit_and_wait(self) -> None:
        """Change the sources, and wait until that is published."""
        self.edit()
        self._wait()

    def _wait(self) -> None:
        """Wait until the last edit is published."""
        if not until(lambda: self._publications.seen[-1].state == letters(self.state), PUBLICATION_TIMEOUT):
            self.slow.append(f"state {letters(self.state)} not published in {PUBLICATION_TIMEOUT:.0f} s")

    def _write(self, text: str) -> None:
        new = self.sources / "data" / ".soak.nt"
        new.write_text(text, "utf-8")
        new.replace(self.sources / "data" / "soak.nt")

    def break_sources(self) -> None:
        """Make the sources unreadable."""
        self._write(source("zzzzzz") + "oops\n")

    def rollback(self) -> None:
        """Go back to the release before, from one that is new."""
        self.edit_and_wait()
        words = ["rollback", "--sources", str(self.sources), "--releases", str(self.releases)]
        done = subprocess.run([sys.executable, "-m", "cper_lod", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            self.slow.append(f"rollback: {done.stderr.strip()[-200:]}")

    def kill(self, server: Server) -> None:
        """Kill a random process of the server, but not the first, and wait until the server has recovered."""
        before = tree(server.pid)
        pid = self._chance.choice(before[1:])
        with suppress(OSError), self._explaining("kill"):
            os.kill(pid, signal.SIGKILL)
            deadline = time.monotonic() + RECOVERY
            while time.monotonic() < deadline:
                time.sleep(0.5)
                if self.has_recovered(server):
                    return
            self.slow.append(f"not recovered in {RECOVERY:.0f} s")

    def has_recovered(self, server: Server) -> bool:
        """Return whether the server process answers queries, by asking more often than there are processes."""
        with suppress(OSError, EOFError):
            asked = [server.ask(asking("/sparql", f"ASK {{ ?s ?p {time.monotonic_ns()} }}"), 10) for _ in range(8)]
            return all(reply.status == 200 for reply in asked) and len(_workers(server)) == 1
        return False

    def full(self, server: Server, seconds: float) -> None:
        """Fill the disk for some seconds, and change the sources meanwhile: that is published once there is room again."""
        with self._explaining(_FULL), self._filled(server):
            self.edit()
            time.sleep(seconds)
        self._wait()

    @contextmanager
    def _filled(self, server: Server) -> Iterator[None]:
        """Leave no room on the disk; where none could be mounted, let the server write no file above 16 KiB."""
        if self._mounted:
            filler = self.disk / "filler"
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                while file.write(bytes(65536)):
                    pass
            try:
                yield
            finally:
                filler.unlink()
            return
        limits = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in tree(server.pid)}
        for pid, (_, hard) in limits.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (16384, hard))
        try:
            yield
        finally:
            for pid in tree(server.pid):
                with suppress(OSError):
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, limits.get(pid, limits[server.pid]))

    @contextmanager
    def _explaining(self, what: str) -> Iterator[None]:
        """Explain errors while something is done."""
        self._current = what, time.monotonic()
        try:
            yield
        finally:
            self.done.append(InjectedFault(*self._current, time.monotonic()))
            self._current = None

    def explains(self, began: float, status: int) -> str:
        """Return what explains an error of a request that began then, "" if nothing does; 0 is a broken connection."""
        current = [InjectedFault(*self._current, time.monotonic())] if self._current else []
        for each in (*current, *self.done):
            # A client that waits meanwhile sees only later that its connection is broken.
            if each.until + 3 >= began and (status in (502, 503) or (status == 0 and each.what != _FULL)):
                return each.what
        return ""

    def run(self, server: Server, end: float) -> None:
        """Do one after the other until then; the disk is full in the middle, for a minute or a sixth of the time."""
        seconds = end - time.monotonic()
        full_at = time.monotonic() + seconds / 2
        steps: Iterator[tuple[str, Callable[[], None]]] = cycle(
            (
                ("kill", partial(self.kill, server)),
                ("edit", self.edit_and_wait),
                ("kill", partial(self.kill, server)),
                ("edit back", lambda: self.edit(self._chance.randint(1, self.state))),
                ("kill", partial(self.kill, server)),
                ("broken sources", self.break_sources),
                ("rollback", self.rollback),
            )
        )
        while time.monotonic() < end:
            time.sleep(self._chance.uniform(4, 10))
            if full_at and time.monotonic() > full_at:
                full_at = 0.0
                self.counts[_FULL] += 1
                self.full(server, min(60.0, seconds / 6))
            else:
                name, step = next(steps)
                self.counts[name] += 1
                step()


def _workers(server: Server) -> list[int]:
    """Return the server processes: the children of the first that have children, and are no build."""
    found = []
    for pid in tree(server.pid)[1:]:
        with suppress(OSError):
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            if parent == server.pid and b"build" not in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                found.append(pid)
    return [pid for pid in found if len(tree(pid)) > 2]


class Clients:
    """Threads that each keep a connection and ask one kind after the other, chosen at random."""

    def __init__(self, server: Server, oracle: Oracle, injector: FaultInjector, count: int) -> None:
        self.milliseconds: dict[str, list[float]] = defaultdict(list)
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.explained: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._server, self._oracle, self._injector = server, oracle, injector
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(seed,), daemon=True) for seed in range(count)]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join(60)

    def _ask(self, seed: int) -> None:
        chance, connection = random.Random(seed), None
        kinds, weights = [*KINDS, "earlier release"], [*(kind.weight for kind in KINDS.values()), 4]
        tags: dict[str, tuple[str, set[str]]] = {}
        while not self._ended.wait(chance.expovariate(20)):
            (name,), began = chance.choices(kinds, weights), time.monotonic()
            try:
                connection = connection or Connection(self._server.port, 30)
                if name == "earlier release":
                    self._earlier(connection, chance.choice(self._oracle.publications.seen))
                    continue
                request, sent = KINDS[name].request(time.monotonic_ns()), tags.get(name, ("", set[str]()))
                if sent[0] and chance.random() < 0.3:
                    request = request.replace(b"\r\n", f"\r\nIf-None-Match: {sent[0]}\r\n".encode(), 1)
                reply = connection.ask(request)
                self._judge(name, reply, began, self._oracle.fault(name, reply, began, sent[1]))
                if reply.status == 200 and not KINDS[name].varies and (tag := reply.headers.get("etag")):
                    tags[name] = tag, self._oracle.states(unpacked(reply))
                if reply.headers.get("connection") == "close":
                    connection.socket.close()
                    connection = None
            except (OSError, EOFError) as error:
                self._judge(name, Reply(0), began, type(error).__name__)
                if connection:
                    connection.socket.close()
                connection = None
        if connection:
            connection.socket.close()

    def _earlier(self, connection: Connection, earlier: Publication) -> None:
        """Ask an earlier release: it says what it said, is no longer kept, or not yet known to this server process."""
        began = time.monotonic()
        reply = connection.ask(of_release(earlier.release))
        states = self._oracle.states(unpacked(reply))
        good = states == {earlier.state} if reply.status == 200 else reply.status == 410
        good = good or (reply.status == 404 and began < earlier.since + Oracle.LAG)
        self._judge("earlier release", reply, began, "" if good else f"status {reply.status} {states}")

    def _judge(self, name: str, reply: Reply, began: float, fault: str) -> None:
        counts = self.counts[name]
        if not fault:
            self.milliseconds[name].append(reply.seconds * 1e3)
            counts[str(reply.status)] += 1
        elif what := self._injector.explains(began, reply.status):
            counts["explained"] += 1
            self.explained[f"{what}: {fault}"] += 1
        else:
            counts["wrong"] += 1
            self.wrong.append(f"{name}: {fault}")


class Sample(NamedTuple):
    """What the server takes at a moment: minutes since the start, memory (PSS), open files, processes."""

    minutes: float
    mib: float
    files: float
    processes: float


class Samples(threading.Thread):
    """A thread that takes samples of a server; builds come and go, so the least of several counts."""

    def __init__(self, server: Server, every: float = 3.0) -> None:
        super().__init__(daemon=True)
        self.taken: list[Sample] = []
        self._server, self._every = server, every
        self._began, self._ended = time.monotonic(), threading.Event()

    def run(self) -> None:
        """Take samples until stopped."""
        while not self._ended.wait(self._every):
            self.taken.append(sample(self._server, self._began))

    def stop(self) -> None:
        """Stop taking samples."""
        self._ended.set()
        self.join()

    def floors(self) -> list[Sample]:
        """Return the least of each figure in each of twelve parts of the time."""
        size = max(1, len(self.taken) // 12)
        parts = [self.taken[at : at + size] for at in range(0, len(self.taken) - size + 1, size)]
        return [Sample(part[-1].minutes, *(min(each[field] for each in part) for field in (1, 2, 3))) for part in parts]


def sample(server: Server, began: float) -> Sample:
    """Return what a server takes now."""
    files = 0
    for pid in tree(server.pid):
        with suppress(OSError):
            files += len([*Path(f"/proc/{pid}/fd").iterdir()])
    minutes = (time.monotonic() - began) / 60
    return Sample(minutes, memory_bytes(server.pid) / MIB, files, len(tree(server.pid)))


def slope(samples: Sequence[Sample], field: int) -> float:
    """Return how much a figure grows in an hour, by least squares; 0 of less than two.

    >>> slope([Sample(0, 100, 5, 1), Sample(30, 110, 5, 1), Sample(60, 120, 5, 1)], 1)
    20.0
    """
    if len(samples) < 2:
        return 0.0
    hours = [each.minutes / 60 for each in samples]
    mean, center = sum(hours) / len(hours), sum(each[field] for each in samples) / len(samples)
    above = sum((hour - mean) * (each[field] - center) for hour, each in zip(hours, samples, strict=True))
    return above / sum((hour - mean) ** 2 for hour in hours)


def growth(floors: Sequence[Sample], field: int) -> tuple[float, float]:
    """Return the median of a figure in the second third of the time and in the last: caches fill in the first."""
    third = max(1, len(floors) // 3)
    return median([each[field] for each in floors[third : 2 * third]]), median(
        [each[field] for each in floors[-third:]]
    )


def damaged(releases: Path) -> list[str]:
    """Return the releases of the history that are kept and not what their manifest says, and what builds left behind."""
    history, found = History(releases), []
    for release in dict.fromkeys(entry.release for entry in history.entries()[-KEPT:]):
        try:
            history.open(release)
        except Problem as problem:
            found.append(f"{release}: {problem.kind.code}")
    return found + [path.name for path in releases.iterdir() if path.name.startswith(".") and path.is_dir()]


def main() -> None:
    """Run the soak; ends with 1 where a criterion is not met."""
    parser = flags("soak", __doc__)
    parser.add_argument("--minutes", type=float, default=60, help="how long (%(default)s)")
    parser.add_argument("--clients", type=int, default=6, help="connections (%(default)s)")
    options = parser.parse_args()
    seconds = 60 * (0.5 if options.quick else options.minutes)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cper-lod-soak-")))
        mounted = stack.enter_context(small_disk(folder / "disk"))
        for name in ("ontology", "shapes", "data"):
            shutil.copytree(ROOT / name, folder / "sources" / name)
        tables, met = soak(folder, mounted, seconds, options.clients)
        publish(options.json, f"Soak: {seconds / 60:g} minutes", tables)
    if not met:
        sys.exit(1)


Table = tuple[Sequence[str], Sequence[Sequence[object]]]


def soak(folder: Path, mounted: bool, seconds: float, clients: int) -> tuple[Mapping[str, Table], bool]:
    """Run it in a folder; return the tables, and whether every criterion is met."""
    publications = Publications(folder / "disk" / "releases")
    injector = FaultInjector(folder, publications, mounted)
    injector.edit(1)
    (spool := injector.disk / "spool").mkdir()
    port, where = free_port(), ["--sources", str(injector.sources), "--releases", str(injector.releases)]
    more = ["--port", str(port), "--spool", str(spool), "--access-log", str(injector.disk / "access.log")]
    words = [sys.executable, "-m", "cper_lod", "serve", *where, *more, *FLAGS]
    with started(OURS, words, port, ("/sparql", "/health", "/"), folder) as server:
        publications.start()
        until(lambda: bool(publications.seen), 10)
        oracle = Oracle(publications)
        unsteady = oracle.record(server) + oracle.record(server, letters(1))
        if unsteady:
            raise RuntimeError(f"not the same twice: {unsteady}")
        before, samples = sample(server, time.monotonic()), Samples(server)
        samples.start()
        with Clients(server, oracle, injector, clients) as asked:
            injector.run(server, time.monotonic() + seconds)
            injector.edit_and_wait()
        samples.stop()
        last = letters(injector.state)
        served = until(lambda: injector.has_recovered(server) and not oracle.record(server, last), 60)
        time.sleep(5)
        after = sample(server, time.monotonic())
        publications.stop()
        server.process.terminate() if server.process else None
        code = server.process.wait(30) if server.process else 0
        log = server.log.read_text("utf-8", "replace")
    foreign = sorted({each.state for each in publications.seen} - injector.states)
    done, floors = injector.counts, samples.floors()
    (mib, mib_last), (files, files_last) = growth(floors, 1), growth(floors, 2)
    slack = 32 if seconds >= 1200 else 192  # caches fill for some minutes
    criteria: list[tuple[str, object, bool]] = [
        ("answers that are wrong", len(asked.wrong), not asked.wrong),
        ("kinds that were never answered", len(missing := KINDS.keys() - asked.milliseconds.keys()), not missing),
        ("what did not recover", "; ".join(injector.slow) or 0, not injector.slow),
        ("releases that nobody wrote", len(foreign), not foreign),
        ("what is served at last is the last edit", f"{served}", served),
        ("kept releases that are damaged, and remains", ", ".join(bad := damaged(injector.releases)) or 0, not bad),
        ("MiB, second third and last", f"{mib:.0f} → {mib_last:.0f}", mib_last <= 1.1 * mib + slack),
        ("open files, second third and last", f"{files:.0f} → {files_last:.0f}", files_last <= 1.1 * files + 16),
        ("open files at rest", f"{before.files} → {after.files}", after.files <= before.files + 16),
        ("processes at rest", f"{before.processes} → {after.processes}", after.processes <= before.processes + 1),
        ("tracebacks in the log", count := log.count("Traceback"), not count),
        ("end of the server", code, code == 0),
        (
            "kills, rollbacks, full disks",
            f"{done['kill']}, {done['rollback']}, {done[_FULL]}",
            done["kill"] > 0 and done[_FULL] > 0,
        ),
    ]
    raised = [f"Traceback{text}"[:4000] for text in log.split("Traceback")[1:]]
    for each in [*asked.wrong[:20], *raised[:5]]:
        print("·", each)
    disk = f"a disk of {DISK_MIB} MiB" if mounted else "no disk could be mounted: files of at most 16 KiB instead"
    rows = [
        (
            name,
            sum(counts.values()),
            counts["200"],
            counts["304"],
            counts["explained"],
            counts["wrong"],
            median(asked.milliseconds[name]),
            max(asked.milliseconds[name], default=float("nan")),
        )
        for name, counts in sorted(asked.counts.items())
    ]
    tables: dict[str, Table] = {
        "Answers by kind": (("kind", "requests", "200", "304", "explained", "wrong", "median ms", "slowest ms"), rows),
        f"What was done, on {disk}": (("what", "times"), [*done.items(), ("publications", len(publications.seen))]),
        "Errors, and what explains them": (("what", "times"), asked.explained.most_common()),
        f"What the server takes ({slope(floors[len(floors) // 3 :], 1):.1f} MiB and {slope(floors[len(floors) // 3 :], 2):.1f} files more an hour)": (
            ("minutes", "MiB", "open files", "processes"),
            floors,
        ),
        "Criteria": (("what", "found", "met"), [(name, found, "yes" if ok else "NO") for name, found, ok in criteria]),
    }
    return tables, all(ok for *_, ok in criteria)


def until(holds: Callable[[], bool], seconds: float) -> bool:
    """Return whether something comes to hold within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.2)
    return False


if __name__ == "__main__":
    main()
