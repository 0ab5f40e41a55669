"""Starts the servers that are compared, with the same data on a free port of loopback, and ends them."""

import grp
import gzip
import os
import pwd
import random
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

from pyoxigraph import RdfFormat, Store

from benchmarks import peers
from benchmarks.client import Connection, Reply, asking, get
from benchmarks.harness import ROOT
from benchmarks.processes import cpu_seconds

OURS: Final = "cper-lod"
OXIGRAPH: Final = "oxigraph"
RDFLIB: Final = "rdflib-endpoint"
NGINX: Final = "nginx"
NAMES: Final = (OURS, OXIGRAPH, RDFLIB)
CONTRACT: Final = "contrat/hauts-de-france-2021-2027"
PUBLIC_URL: Final = "http://127.0.0.1:8000"
READY_SECONDS: Final = 120.0
"""How long a server may take to answer for the first time (rdflib-endpoint reads the data anew each time)."""


@dataclass(frozen=True)
class Material:
    """The same data in each form that a server needs: sources, built releases, an Oxigraph index, N-Triples."""

    folder: Path
    sources: Path = ROOT

    @property
    def releases(self) -> Path:
        """The folder of releases."""
        return self.folder / "releases"

    @property
    def index(self) -> Path:
        """An Oxigraph index of the triples of the release."""
        return self.folder / "index"

    @property
    def ntriples(self) -> Path:
        """The triples of the release."""
        return self.folder / "tout.nt"


def environment() -> dict[str, str]:
    """Return the environment of a program that is measured: an installed one has its bytecode."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


def cper_lod(*words: object) -> list[str]:
    """Return the command line of cper-lod with these arguments."""
    return [sys.executable, "-m", "cper_lod", *map(str, words)]


def build(folder: Path, sources: Path) -> Material:
    """Build a release of sources as anybody does, unless it is there; raises subprocess.CalledProcessError."""
    data = Material(folder, sources)
    words = cper_lod("build", "--sources", sources, "--releases", data.releases)
    subprocess.run(words, check=True, capture_output=True, env=environment())
    return data


@contextmanager
def material(sources: Path = ROOT, keep: Path | None = None, kept_as: str = "own") -> Iterator[Material]:
    """Yield a release of sources, its index and its triples, in a folder that is removed afterwards.

    With `keep`, the release itself is one that stays, in the folder `kept_as` of that one.
    """
    with tempfile.TemporaryDirectory(prefix="cper-lod-benchmark-") as name:
        if keep:
            (keep / kept_as / "releases").mkdir(parents=True, exist_ok=True)
            Path(name, "releases").symlink_to((keep / kept_as / "releases").resolve())
        data = build(Path(name), sources)
        (dump,) = data.releases.rglob("tout.nt.gz")
        with gzip.open(dump) as packed, data.ntriples.open("wb") as out:
            shutil.copyfileobj(packed, out)
        store = Store(str(data.index))
        store.bulk_load(path=str(data.ntriples), format=RdfFormat.N_TRIPLES)
        store.optimize()
        store.flush()
        del store  # closes it
        yield data


@dataclass
class Server:
    """A running server: where it answers queries, says that it lives, shows a page; and the root of its processes."""

    name: str
    port: int
    query: str = "/sparql"
    health: str = "/health"
    page: str = f"/doc/{CONTRACT}.html"
    process: "subprocess.Popen[bytes] | None" = None
    log: Path = Path(os.devnull)

    @property
    def pid(self) -> int:
        """Return the root of the server's process tree, 0 for a server that was not started here."""
        return self.process.pid if self.process else 0

    def died(self) -> bool:
        """Return whether the server has ended by itself."""
        return self.process is not None and self.process.poll() is not None

    def ask(self, request: bytes, timeout: float = 30) -> Reply:
        """Return the answer to one request on a connection of its own; raises OSError, EOFError."""
        with Connection(self.port, timeout) as connection:
            return connection.ask(request)

    def select(self, text: str) -> list[str]:
        """Return the first column of the answer to a SELECT."""
        lines = self.ask(asking(self.query, text, "text/csv"), 120).body.decode().splitlines()
        return [line.partition(",")[0] for line in lines[1:]]

    def kill(self) -> None:
        """End every process of the server at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the server, by SIGTERM first if it is ours, and wait until it has ended."""
        if self.process is None:
            return
        if self.name == OURS and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
        self.kill()
        self.process.wait()

    def wait_until_idle(self) -> None:
        """Wait until the server has done what it does before anybody asks; raises RuntimeError after two minutes."""
        spent = cpu_seconds(self.pid)
        for _ in range(600):
            time.sleep(0.2)
            before, spent = spent, cpu_seconds(self.pid)
            if spent - before < 0.005:
                return
        raise RuntimeError("the server does not come to rest")


def free_port() -> int:
    """Return a port that was free a moment ago, below those that the system gives to clients meanwhile (Linux: from 32768)."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def running(
    name: str, data: Material, timeout: int | None = None, core: int | None = None, more: Sequence[object] = ()
) -> Iterator[Server]:
    """Yield a server of `NAMES` that answers; `timeout` limits a query in seconds if the server has such a limit.

    Raises as `started`.
    """
    port = free_port()
    server = Server(name, port)
    if name == OXIGRAPH:
        words = [peers.program(name), "serve-read-only", "--location", data.index, "--bind", f"127.0.0.1:{port}"]
        words += ["--timeout-s", timeout] if timeout else []
        server.query, server.health, server.page = "/query", "/", "/"
    elif name == RDFLIB:
        words = [peers.program(name), "serve", "--host", "127.0.0.1", "--port", port, data.ntriples]
        server.query, server.health, server.page = "/", "/docs", "/docs"
    else:
        words = [*cper_lod("serve", "--sources", data.sources, "--releases", data.releases, "--port", port), *more]
        words += ["--query-timeout", timeout] if timeout else []
    with started(server, words, data.folder, core) as answering:
        yield answering


@contextmanager
def started(server: Server, words: Sequence[object], folder: Path, core: int | None = None) -> Iterator[Server]:
    """Start a server by its command line and yield it once it answers, on one core alone if `core` is given.

    What it prints goes to a file in `folder`. Raises RuntimeError if it does not answer.
    """
    server.log = folder / f"{server.name}-{server.port}.log"
    command = [*([] if core is None else ["taskset", "--cpu-list", core]), *words]
    with server.log.open("wb") as out:
        server.process = subprocess.Popen(
            [*map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=folder,
            env=environment(),
            process_group=0,
        )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(server):
            if server.died() or time.monotonic() > deadline:
                raise RuntimeError(f"{server.name} does not answer: {server.log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.01)
        yield server
    finally:
        server.close()


def _answers(server: Server) -> bool:
    with suppress(OSError, EOFError):
        return server.ask(get(server.health, "*/*"), 5).status < 500
    return False


@contextmanager
def run_all(names: Sequence[str], data: Material, core: int | None = None) -> Iterator[list[Server]]:
    """Yield several servers at once, idle until they are asked; all on one core if `core` is given."""
    with ExitStack() as stack:
        yield [stack.enter_context(running(name, data, core=core)) for name in names]


@contextmanager
def nginx(folder: Path, server: str, health: str, upstream: str = "", core: int | None = None) -> Iterator[Server]:
    """Yield nginx with one worker and an access log; `server` stands in its server block, `upstream` before it.

    Raises as `started`.
    """
    folder.mkdir()
    port = free_port()
    user = f"user {pwd.getpwuid(os.getuid()).pw_name} {grp.getgrgid(os.getgid()).gr_name};" if not os.getuid() else ""
    scratch = "".join(f'{each}_temp_path "{folder}";' for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(f"""{user}
worker_processes 1; daemon off; pid "{folder / "nginx.pid"}"; error_log stderr;
events {{ worker_connections 512; }}
http {{
    sendfile on; tcp_nopush on; open_file_cache max=100; keepalive_requests 1000000000; keepalive_timeout 1h;
    access_log "{folder / "access.log"}"; {scratch}
    {upstream}
    server {{ listen 127.0.0.1:{port}; {server} }}
}}
""")
    words = [peers.program(NGINX), "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"]
    with started(Server(NGINX, port, health=health), words, folder, core) as answering:
        yield answering


def pin_client() -> int | None:
    """Keep this process off the first core and return that one for the servers; None if there is one core only.

    On a virtual machine waking another core costs more than a small request: servers have one core, the client another.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return None
    os.sched_setaffinity(0, set(cores[1:]))
    return cores[0]
