"""The interface of a SPARQL engine: takes a query, returns a complete answer or raises a `Problem`."""

from asyncio import Future
from collections.abc import Coroutine
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from cper_lod.core.formats import Format
from cper_lod.engine.spool import Spool

T = TypeVar("T")
Form = Literal["select", "ask", "graph"]


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
    """A complete answer: its bytes or the file that contains them, their format, and the query form.

    `has_blank_nodes` is true if the answer may contain a blank node, whose label can differ each time.
    """

    body: bytes | Spool
    format: Format
    form: Form
    has_blank_nodes: bool = False

    @property
    def size(self) -> int:
        """The size in bytes."""
        return len(self.body)

    def read(self) -> bytes:
        """Return all bytes."""
        return self.body if isinstance(self.body, bytes) else self.body.read()


class CancelToken:
    """Cancellation token for an awaited query: cancelling it makes the waiting coroutine raise CancelledError.

    `queue` is set by the engine to the queue in which the query ran last, `short` or `long`; "" if it never ran.
    """

    def __init__(self) -> None:
        self.queue = ""
        self._future: Future[Any] | None = None
        self._cancelled = False

    def cancel(self) -> None:
        """Cancel the query: what it waits for now, and anything it waits for later."""
        self._cancelled = True
        if self._future:
            self._future.cancel()

    def watch(self, future: Future[T]) -> Future[T]:
        """Return `future`, which is cancelled together with the query."""
        self._future = future
        if self._cancelled:
            future.cancel()
        return future


def run_blocking(work: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns whose every `await` completes at once: what it calls blocks instead of waiting."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    raise RuntimeError("the coroutine waits")


class EngineStatus(NamedTuple):
    """What an engine is doing: queries running and waiting, live processes, and processes that have ended.

    `remote` is true if another endpoint holds the data. `fault` is the code of the last problem that was the engine's own
    fault, or "" if it works.
    """

    running: int = 0
    waiting_short: int = 0
    waiting_long: int = 0
    processes: int = 0
    ended: int = 0
    remote: bool = False
    fault: str = ""


class Engine(Protocol):
    """Answers queries. Every error is a `Problem`, never part of an answer."""

    def query(self, query: Query) -> Answer:
        """Return the complete answer to `query`. Can be called by many threads at once.

        Raises query-syntax, query-update, query-service, query-graph, query-depth, query-operators, body-encoding, not-acceptable,
        rdfxml-impossible, resultsxml-impossible, query-result, query-rows, query-crash, query-failed (repeating the query
        does not help); query-timeout, query-cpu, query-memory, query-spool, query-queue (a limit was reached); what
        `federation.federate` raises; and, for a remote engine, engine-unreachable, engine-answer, engine-release.
        """
        ...

    def query_async(self, query: Query, cancel: CancelToken | None = None) -> Coroutine[Any, Any, Answer]:
        """Do the same as `query` without blocking a thread. Cancelling the coroutine or `cancel` ends the query."""
        ...

    def status(self) -> EngineStatus:
        """Return what the engine is doing."""
        ...

    def close(self) -> None:
        """End all processes and threads; a second call does nothing."""
        ...
