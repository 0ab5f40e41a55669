"""Starts the servers that are compared, with the same data on a free port of loopback, and ends them."""

import gzip
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import peers, virtuoso
from benchmarks.client import Connection, Reply, get
from benchmarks.harness import ROOT
from benchmarks.processes import fields, tree
from cper_lod.release.build.build import ensure_release
from cper_lod.release.release import DUMP, INDEX

OURS: Final = "cper-lod"
ON_DISK: Final = "cper-lod, on disk"
"""Ours with no data in memory, however few they are (setting index_memory)."""
OXIGRAPH: Final = "oxigraph"
RDFLIB: Final = "rdflib-endpoint"
VIRTUOSO: Final = "virtuoso"
NAMES: Final = (OURS, OXIGRAPH, RDFLIB)
READY: Final = 120.0
"""Seconds that a server may take to answer for the first time (rdflib-endpoint reads the data anew each time)."""


@dataclass(frozen=True)
class Material:
    """The same data in each form that a server wants: a sealed release, its Oxigraph index, its default graph.

    `sources` are what the release is of, or is taken to be of.
    """

    folder: Path
    releases: Path
    index: Path
    ntriples: Path
    graphs: frozenset[str]
    data: Path | None
    sources: Path = ROOT


@contextmanager
def material(data: Path | None = None) -> Iterator[Material]:
    """Yield the release of the project's sources (or of the file `data`, as given), in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as name:
        folder = Path(name)
        release, _ = ensure_release(folder / "releases", ROOT, (data,) if data else ())
        # A copy: a server that wrote would write for itself alone.
        shutil.copytree(release.folder / INDEX, folder / "index")
        ntriples = folder / "tout.nt"
        ntriples.write_bytes(gzip.decompress((release.folder / DUMP / "tout.nt.gz").read_bytes()))
        yield Material(folder, folder / "releases", folder / "index", ntriples, frozenset(release.graphs), data)


@dataclass
class Server:
    """A running server: where it answers, and the process that everything of it hangs from."""

    name: str
    port: int
    query: str
    health: str
    page: str
    process: "subprocess.Popen[bytes] | None" = None
    log: Path = Path(os.devnull)

    @property
    def pid(self) -> int:
        """Return the root of the server's process tree, 0 for a server that runs elsewhere."""
        return self.process.pid if self.process else 0

    def died(self) -> bool:
        """Return whether the server has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def ask(self, request: bytes, timeout: float = 30) -> Reply:
        """Return the answer to one request on a connection of its own; raises OSError, EOFError."""
        with Connection(self.port, timeout) as connection:
            return connection.ask(request)

    def kill(self) -> None:
        """End every process of the server at once."""
        _kill(_births(tree(self.pid)))

    def close(self) -> None:
        """End the server, kindly first where it is ours, and wait until it is gone."""
        if self.process is None:
            return
        members = _births(tree(self.pid))
        if self.name.startswith(OURS) and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
        self.kill()
        self.process.wait()
        _kill(members)  # who outlived its parent


def _births(pids: list[int]) -> dict[int, str]:
    """Return when each process was born (proc(5), field 22): its number may be given to another once it is gone."""
    births = {}
    for pid in pids:
        with suppress(OSError):
            births[pid] = fields(pid)[19]
    return births


def _kill(members: dict[int, str]) -> None:
    for pid, birth in members.items():
        with suppress(OSError):
            if fields(pid)[19] == birth:
                os.kill(pid, signal.SIGKILL)


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(name: str, with_: Material, port: int, timeout: int | None) -> list[str]:
    """Return how a server is started; `timeout` is the limit of a query in seconds, where the server knows one."""
    if name == VIRTUOSO:
        return [str(peers.program(name)), *virtuoso.configure(with_.folder / f"virtuoso-{port}", port, free_port())]
    program = str(peers.program(name)) if name in (OXIGRAPH, RDFLIB) else ""
    if name == OXIGRAPH:
        limit = ["--timeout-s", str(timeout)] if timeout else []
        return [program, "serve-read-only", "--location", str(with_.index), "--bind", f"127.0.0.1:{port}", *limit]
    if name == RDFLIB:
        return [program, "serve", "--host", "127.0.0.1", "--port", str(port), str(with_.ntriples)]
    limit = ["--query-timeout", str(timeout)] if timeout else []
    what = ["--data", str(with_.data)] if with_.data else []
    where = ["--sources", str(with_.sources), "--releases", str(with_.releases), "--port", str(port)]
    memory = ["--index-memory", "0"] if name == ON_DISK else []
    return [sys.executable, "-m", "cper_lod", "serve", *where, *limit, *memory, *what]


PATHS: Final = {
    OURS: ("/sparql", "/health", "/doc/contrat/hauts-de-france-2021-2027.html"),
    ON_DISK: ("/sparql", "/health", "/doc/contrat/hauts-de-france-2021-2027.html"),
    OXIGRAPH: ("/query", "/", "/"),
    RDFLIB: ("/", "/docs", "/docs"),
    VIRTUOSO: ("/sparql", "/sparql?query=ASK%7B%7D", "/sparql"),
}
"""Where a server answers queries, says that it lives, and shows a page."""


@contextmanager
def running(
    name: str, with_: Material, timeout: int | None = None, core: int | None = None, more: Sequence[str] = ()
) -> Iterator[Server]:
    """Yield a server of the names above that answers; raises as `started`, SystemExit for a peer that is not to be had.

    Virtuoso is filled first: it has files of its own.
    """
    port = free_port()
    if name in (OXIGRAPH, RDFLIB, VIRTUOSO):
        peers.require([name])
    query, health, page = PATHS[name]
    paths = query, health, "/" if with_.data and name.startswith(OURS) else page
    words = [*command(name, with_, port, timeout), *more]
    home = with_.folder / f"virtuoso-{port}" if name == VIRTUOSO else with_.folder
    with started(name, words, port, paths, home, core) as server:
        if name == VIRTUOSO:
            virtuoso.fill(port, with_.ntriples)
        yield server


@contextmanager
def started(
    name: str, words: Sequence[str], port: int, paths: tuple[str, str, str], folder: Path, core: int | None = None
) -> Iterator[Server]:
    """Start a server by its command line and yield it once it answers, on one core alone where `core` is given.

    `paths` are those of queries, of its life, of a page; what it prints goes to a file in `folder`. Raises RuntimeError
    where it does not answer.
    """
    log = folder / f"{name}-{port}.log"
    # A program that is installed has its bytecode: where this is set, each start would compile it anew.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    pinned = [] if core is None else ["taskset", "--cpu-list", str(core)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*pinned, *words],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
        )
    server = Server(name, port, *paths, process, log)
    try:
        _wait(server)
        yield server
    finally:
        server.close()


@contextmanager
def run_all(names: tuple[str, ...], with_: Material, core: int | None = None) -> Iterator[list[Server]]:
    """Yield several servers at once, idle until they are asked; all on one core where `core` is given."""
    with ExitStack() as stack:
        yield [stack.enter_context(running(name, with_, core=core)) for name in names]


def _wait(server: Server) -> None:
    deadline = time.monotonic() + READY
    while time.monotonic() < deadline and not server.died():
        with suppress(OSError, EOFError):
            if server.ask(get(server.health, "*/*"), 5).status < 500:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{server.name} does not answer: {server.log.read_text('utf-8', 'replace')[-2000:]}")
