"""The port to a SPARQL engine: a query goes in, a complete answer or a problem comes out."""

from dataclasses import dataclass
from typing import Literal, Protocol

from cper_lod.terms.formats import GRAPH_ANSWER, SOLUTIONS_ANSWER, Format

Form = Literal["select", "ask", "graph"]


@dataclass(frozen=True)
class Query:
    """A SPARQL query, and the form in which its answer is wanted.

    `solutions` is the form of a SELECT or ASK answer, `graph` that of a CONSTRUCT or DESCRIBE answer; None says that
    the client accepts no form of that kind. Only the engine's parser knows which of the two applies.
    `default_graphs` and `named_graphs` are the protocol's parameters: where either is given, they are the dataset of
    the query, whatever its FROM says (SPARQL 1.1 Protocol, section 2.1.4). `accept` is the client's header, for the
    words of `not-acceptable` only.
    """

    text: str
    solutions: Format | None
    graph: Format | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    accept: str = ""

    def __post_init__(self) -> None:
        if self.solutions not in (None, *SOLUTIONS_ANSWER):
            raise ValueError(f"{self.solutions} is no form of solutions")
        if self.graph not in (None, *GRAPH_ANSWER):
            raise ValueError(f"{self.graph} is no form of a graph")


@dataclass(frozen=True)
class Answer:
    """A complete answer: its bytes, their form, and what kind of query was asked."""

    body: bytes
    format: Format
    form: Form


class Engine(Protocol):
    """What answers queries; every error is a `Problem` of the table, never a part of an answer."""

    def ask(self, query: Query) -> Answer:
        """Return the whole answer to `query`; may be called by many threads at once.

        Raises query-syntax, query-update, query-service, query-graph, query-depth, body-encoding, not-acceptable,
        rdfxml-impossible, resultsxml-impossible, query-result, query-failed (asking again cannot help);
        query-timeout, query-memory, query-queue, query-crash (a limit was met, or the process died).
        """
        ...

    def close(self) -> None:
        """End everything that was started; a second call does nothing."""
        ...
