"""The interface of a SPARQL engine: takes a query, returns a complete answer or raises a `Problem`."""

import os
from typing import Final, Literal, NamedTuple, Protocol

from cper_lod.core.errors import Problem
from cper_lod.core.formats import Format
from cper_lod.engine.worker import Spool

Form = Literal["select", "ask", "graph"]


class QueryLimits(NamedTuple):
    """What one query may use beyond the settings: no operator has to choose these."""

    wait: float = 5
    """Seconds that it may wait for a process; a browser's reader waits no longer."""
    cpu: int | None = None
    """Seconds of processor time; None: as long as it may take. It is Linux that kills then, should this process hang."""
    size: int = 64 * 1024 * 1024
    """Bytes of its result: more is a dump."""
    rows: int = 1_000_000
    """Solutions or triples of its result: as many as a spreadsheet has rows."""
    spool: str = ""
    """The folder of the files of results above 64 KiB; "": `core.files.temporary_folder`."""


LIMITS: Final = QueryLimits()


class Query(NamedTuple):
    """A SPARQL query and the formats that the client accepts for its result.

    `solutions` is the format for SELECT and ASK, `graph` the format for CONSTRUCT and DESCRIBE; None means that the
    client accepts no format of that kind. Only the engine's parser knows which of the two applies.
    `default_graphs` and `named_graphs` are parameters of the protocol: if either is given, they are the dataset of the
    query and its FROM clauses are ignored (SPARQL 1.1 Protocol, section 2.1.4). `accept` is the client's Accept header or
    the suffix of the URL; it is used only in the message of `not-acceptable`. `client` is the IP address of the client,
    or "", and is used to share the engine fairly.
    """

    text: str
    solutions: Format | None
    graph: Format | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    accept: str = ""
    client: str = ""

    @property
    def key(self) -> int:
        """A hash of the text and dataset, equal for equal queries of any client and format; valid in one process."""
        return hash((self.text, self.default_graphs, self.named_graphs))


class Answer(NamedTuple):
    """A complete answer: its bytes or the file that contains them, their format, and the query form."""

    body: bytes | Spool
    format: Format
    form: Form

    @property
    def size(self) -> int:
        """The size in bytes."""
        return len(self.body) if isinstance(self.body, bytes) else os.fstat(self.body.fileno()).st_size

    def read(self) -> bytes:
        """Return all bytes."""
        if isinstance(self.body, bytes):
            return self.body
        self.body.seek(0)
        return self.body.read()


class EngineStatus(NamedTuple):
    """What an engine is doing: queries running and waiting.

    `remote` is true if another endpoint holds the data. `fault` is the last problem that was the engine's own
    fault, None if it works.
    """

    running: int = 0
    waiting: int = 0
    remote: bool = False
    fault: Problem | None = None


class Engine(Protocol):
    """Answers queries. Every error is a `Problem`, never part of an answer."""

    def query(self, query: Query) -> Answer:
        """Return the complete answer to `query`. Can be called by many threads at once.

        Raises query-syntax, query-update, query-service, query-label-service, query-graph, query-depth, query-operators,
        body-encoding, not-acceptable, rdfxml-impossible, resultsxml-impossible, query-result, query-rows, query-crash, query-failed (repeating the query
        does not help); query-timeout, query-cpu, query-memory, query-spool, query-queue (a limit was reached); release-damaged, resources;
        and, for a remote engine, engine-unreachable, engine-answer, engine-release.
        """
        ...

    def status(self) -> EngineStatus:
        """Return what the engine is doing."""
        ...

    def close(self) -> None:
        """End all processes and threads; a second call does nothing."""
        ...
