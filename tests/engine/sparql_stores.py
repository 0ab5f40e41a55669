"""Real SPARQL stores that the tests start: Oxigraph's own server and Virtuoso 7, each filled as `push` fills one."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from cper_lod.push.graph_store import GraphStore
from cper_lod.push.push import StoreState, write_state
from tests.support.processes import eventually
from tests.support.server import answers, free_port

OXIGRAPH = Path(sys.executable).parent / "oxigraph"
VIRTUOSO = Path(shutil.which("virtuoso-t") or "/usr/bin/virtuoso-t")
START = 240
"""Seconds that a store may take to answer; Virtuoso makes its database first."""
INI = """[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
ErrorLogLevel = 3
FileExtend = 200
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = temp.db
TransactionFile = temp.trx
[Parameters]
ServerPort = 127.0.0.1:{own}
DisableUnixSocket = 1
CheckpointInterval = 0
NumberOfBuffers = 4000
MaxDirtyBuffers = 2000
CaseMode = 2
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = .
ServerThreads = 10
MaxKeepAlives = 10
KeepAliveTimeout = 10
[SPARQL]
ResultSetMaxRows = {rows}
MaxConstructTriples = 2000000
DeferInferenceRulesInit = 1
"""


class RunningStore(NamedTuple):
    """A store that runs: its name, where it is asked, where it is written to, and as whom."""

    name: str
    query: str
    store: str
    login: str = ""


@contextlib.contextmanager
def _process(command: list[str], folder: Path, probe: str) -> Iterator[None]:
    """Run a store until the end, once it answers."""
    log = folder / "out.log"
    with log.open("wb") as out, subprocess.Popen(command, cwd=folder, stdout=out, stderr=out) as process:
        try:
            assert eventually(lambda: process.poll() is not None or answers(probe), START), log.read_text()
            assert process.poll() is None, log.read_text()
            yield
        finally:
            process.kill()  # what it holds is for the tests alone


ASK = "?query=ASK%7B%7D&format=application%2Fsparql-results%2Bjson"


@contextlib.contextmanager
def oxigraph(folder: Path) -> Iterator[RunningStore]:
    """Run `oxigraph serve` in memory."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with _process([str(OXIGRAPH), "serve", "--bind", f"127.0.0.1:{port}"], folder, f"{url}/query?query=ASK%7B%7D"):
        yield RunningStore("oxigraph", f"{url}/query", f"{url}/store")


@contextlib.contextmanager
def virtuoso(folder: Path, rows: int = 2_000_000) -> Iterator[RunningStore]:
    """Run Virtuoso 7, its database in memory where the system has a folder for that: it writes through to a disk."""
    memory = Path("/dev/shm")  # noqa: S108
    home = Path(memory if os.access(memory, os.W_OK) else folder) / f"cper-lod-virtuoso-{os.getpid()}-{free_port()}"
    home.mkdir()
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    (home / "virtuoso.ini").write_text(INI.format(own=free_port(), port=port, rows=rows))
    try:
        command = [str(VIRTUOSO), "+configfile", "virtuoso.ini", "+foreground"]
        with _process(command, home, f"{url}/sparql{ASK}"):
            yield RunningStore("virtuoso", f"{url}/sparql", f"{url}/sparql-graph-crud-auth", "dba:dba")
    finally:
        shutil.rmtree(home)


STORES = {"oxigraph": oxigraph, "virtuoso": virtuoso}


def fill(running: RunningStore, graphs: Mapping[str, bytes], marker: StoreState) -> None:
    """Put graphs, given as N-Triples, into a store, and mark what it holds."""
    with GraphStore(running.store, running.login) as store:
        for name, body in graphs.items():
            store.put(name, [body], len(body))
        write_state(store, marker)
