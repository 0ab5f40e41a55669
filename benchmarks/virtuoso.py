"""Virtuoso 7 as a peer: its configuration, and how the data are loaded (Graph Store protocol)."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import httpx

GRAPH: Final = "urn:x-cper-lod:benchmark"
"""The graph that the data are in, and that queries see."""
_CHUNK: Final = 20_000
"""Lines that are sent at once: Virtuoso takes no body of more than 10 MB."""
_INI: Final = """[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
ErrorLogLevel = 3
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = temp.db
TransactionFile = temp.trx
[Parameters]
ServerPort = 127.0.0.1:{own}
DisableUnixSocket = 1
CheckpointInterval = 0
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
CaseMode = 2
DirsAllowed = .
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = .
ServerThreads = 10
MaxKeepAlives = 10
KeepAliveTimeout = 100
[SPARQL]
ResultSetMaxRows = 1000000
DefaultGraph = {graph}
"""


def configure(home: Path, port: int, own: int) -> list[str]:
    """Write the configuration to `home`; return the words behind the name of the program, which is run there.

    Its buffers are those that its documentation gives for 2 GB of memory.
    """
    home.mkdir(parents=True, exist_ok=True)
    (home / "virtuoso.ini").write_text(_INI.format(own=own, port=port, graph=GRAPH))
    return ["+configfile", str(home / "virtuoso.ini"), "+foreground"]


def fill(port: int, ntriples: Path) -> None:
    """Put a file of N-Triples into the graph, some lines at a time; raises httpx.HTTPError."""
    url = f"http://127.0.0.1:{port}/sparql-graph-crud-auth"
    with httpx.Client(auth=httpx.DigestAuth("dba", "dba"), timeout=300, trust_env=False) as client:
        for part in _parts(ntriples):
            answer = client.post(
                url, params={"graph-uri": GRAPH}, content=part, headers={"Content-Type": "application/n-triples"}
            )
            answer.raise_for_status()


def _parts(ntriples: Path) -> Iterator[bytes]:
    with ntriples.open("rb") as lines:
        while part := b"".join(islice(lines, _CHUNK)):
            yield part
