"""The port to a SPARQL engine: a query goes in, a complete answer or a problem comes out."""

from asyncio import Future
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from cper_lod.core.formats import GRAPH_ANSWER, SOLUTIONS_ANSWER, Format
from cper_lod.engine.spool import Spool

T = TypeVar("T")
Form = Literal["select", "ask", "graph"]


@dataclass(frozen=True)
class Query:
    """A SPARQL query, and the form in which its answer is wanted.

    `solutions` is the form of a SELECT or ASK answer, `graph` that of a CONSTRUCT or DESCRIBE answer; None says that
    the client accepts no form of that kind. Only the engine's parser knows which of the two applies.
    `default_graphs` and `named_graphs` are the protocol's parameters: where either is given, they are the dataset of
    the query, whatever its FROM says (SPARQL 1.1 Protocol, section 2.1.4). `accept` is the client's header, or the
    suffix of the address, for the words of `not-acceptable` only. `client` tells whose share of the engine the query
    uses: an address, or nothing.
    """

    text: str
    solutions: Format | None
    graph: Format | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    accept: str = ""
    client: str = ""

    def __post_init__(self) -> None:
        if self.solutions not in (None, *SOLUTIONS_ANSWER):
            raise ValueError(f"{self.solutions} is no form of solutions")
        if self.graph not in (None, *GRAPH_ANSWER):
            raise ValueError(f"{self.graph} is no form of a graph")

    @property
    def key(self) -> int:
        """What tells this question from others, whoever asks it and in whatever form, within one process."""
        return hash((self.text, self.default_graphs, self.named_graphs))


@dataclass(frozen=True)
class Answer:
    """A complete answer: its bytes, or the file in which they are, their form, and what kind of query was asked.

    `nameless` says that there may be a blank node in it, whose label is another each time.
    """

    body: bytes | Spool
    format: Format
    form: Form
    nameless: bool = False

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return len(self.body)

    def read(self) -> bytes:
        """Return all bytes."""
        return self.body if isinstance(self.body, bytes) else self.body.read()


class CancelToken:
    """By which somebody else ends a query that a coroutine waits for; that raises CancelledError then.

    `lane` tells afterwards in which lane the query ran last, `short` or `long`; nothing where it never came to run.
    """

    def __init__(self) -> None:
        self.lane = ""
        self._future: Future[Any] | None = None
        self._ended = False

    def end(self) -> None:
        """End the query, now and whatever it waits for next."""
        self._ended = True
        if self._future:
            self._future.cancel()

    def holds(self, future: Future[T]) -> Future[T]:
        """Return the future that is waited for next, cancelled where the query is ended."""
        self._future = future
        if self._ended:
            future.cancel()
        return future


class Load(NamedTuple):
    """What an engine is doing: queries that run and that wait, its processes, and how many of them have ended.

    `elsewhere` says that the data are at another endpoint; `fault` is the code of the problem by which that was seen
    last not to do what it should, nothing where it did.
    """

    running: int = 0
    waiting_short: int = 0
    waiting_long: int = 0
    processes: int = 0
    ended: int = 0
    elsewhere: bool = False
    fault: str = ""


class Engine(Protocol):
    """What answers queries; every error is a `Problem` of the table, never a part of an answer."""

    def ask(self, query: Query) -> Answer:
        """Return the whole answer to `query`; may be called by many threads at once.

        Raises query-syntax, query-update, query-service, query-graph, query-depth, body-encoding, not-acceptable,
        rdfxml-impossible, resultsxml-impossible, query-result, query-rows, query-crash, query-failed (asking again
        cannot help); query-timeout, query-cpu, query-memory, query-spool, query-queue (a limit was met); what
        `federation` raises; where the data are elsewhere engine-unreachable, engine-answer, engine-release.
        """
        ...

    async def answer(self, query: Query, stop: CancelToken | None = None) -> Answer:
        """Return what `ask` does, without holding a thread; cancelling it, or `stop`, ends the query."""
        ...

    def load(self) -> Load:
        """Return what it is doing."""
        ...

    def close(self) -> None:
        """End everything that was started; a second call does nothing."""
        ...
