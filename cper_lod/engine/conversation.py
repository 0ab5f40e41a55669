"""What is said to a query process and what its replies mean, whoever carries the messages (a generator, no I/O)."""

import json
from collections.abc import Callable, Collection, Generator
from typing import Any, NoReturn

from cper_lod.engine.child import Reply
from cper_lod.engine.engine import Answer, Query
from cper_lod.engine.query_text import check, spelled_out
from cper_lod.engine.syntax import fault, fault_as_told, pieces, sentence
from cper_lod.engine.worker import LENGTHS
from cper_lod.terms.formats import GRAPH_ANSWER, SOLUTIONS_ANSWER
from cper_lod.terms.problems import Problem
from cper_lod.terms.settings import Settings

_RESULTS = "http://www.w3.org/2005/sparql-results#"
_SOUGHT = 50_000
"""Characters of a text in which the exact place of a fault is sought: it is parsed some fifteen times for it."""


class Conversation:
    """A query's way to its answer: `message` is to be carried to a process next, until there is an `answer`."""

    def __init__(self, query: Query, settings: Settings, graphs: Collection[str]) -> None:
        self._steps = _steps(query, settings, graphs)
        self.message = b""
        self.answer: Answer | None = None

    def begin(self) -> None:
        """Read the query; raises the problems that can be seen in its text."""
        self._go(lambda: next(self._steps))

    def take(self, reply: Reply) -> None:
        """Go on with a reply; raises the problem that it tells of."""
        self._go(lambda: self._steps.send(reply))

    def fail(self, problem: Problem) -> None:
        """Go on without a reply: no place was free, or a limit was met; raises `problem` where it ends the matter."""
        self._go(lambda: self._steps.throw(problem))

    def _go(self, step: Callable[[], bytes]) -> None:
        try:
            self.message = step()
        except StopIteration as end:
            self.answer = end.value


def _steps(query: Query, settings: Settings, graphs: Collection[str]) -> Generator[bytes, Reply, Answer]:
    """Yield messages for a process, take its replies, and return the answer; raises the problems that the port names.

    A problem of the carrier (no place, a limit met) is thrown in.
    """
    check(query.text, graphs, query.default_graphs, query.named_graphs)
    text = spelled_out(query.text)
    header, body = yield _message(_header(query), text)
    if error := header.get("error"):
        if error == "query-syntax":
            raise (yield from _syntax(text, header["message"]))
        _raise(error, header, settings)
    form = header["form"]
    format_ = query.graph if form == "graph" else query.solutions
    if format_ is None:
        offers = GRAPH_ANSWER if form == "graph" else SOLUTIONS_ANSWER
        raise Problem("not-acceptable", accept=query.accept, offers=", ".join(offer.media_type for offer in offers))
    return Answer(body, format_, form, nameless=header["nameless"])


def _syntax(text: str, message: str) -> Generator[bytes, Reply, Problem]:
    """Return the problem of a query that the parser refused with `message`, after asking it once more where."""
    if len(text) > _SOUGHT:
        return fault_as_told(message)
    cuts = pieces(text)
    try:
        reply, _ = yield _message({"pieces": [len(piece) for piece in cuts]}, text)
    except Problem:  # no place is free, or the parser takes too long: the first message has to do
        return fault_as_told(message)
    return fault(text, cuts, reply["good"], message) if "good" in reply else fault_as_told(message)


def _raise(error: str, header: dict[str, Any], settings: Settings) -> NoReturn:
    """Raise the problem that a child tells of."""
    if error == "impossible":
        if header["iri"].startswith(_RESULTS):
            raise Problem("resultsxml-impossible")
        raise Problem("rdfxml-impossible", iri=header["iri"])
    limits = {
        "query-result": settings.query_bytes,
        "query-rows": settings.query_rows,
        "query-memory": settings.query_memory,
    }
    where: dict[str, object] = {"limit": limits[error]} if error in limits else {}
    if "message" in header:
        where["message"] = sentence(header["message"])
    raise Problem(error, **where)


def _header(query: Query) -> dict[str, Any]:
    """Return what a child must know of a query beside its text."""
    header: dict[str, Any] = {
        "solutions": query.solutions and query.solutions.name,
        "graph": query.graph and query.graph.name,
    }
    if query.default_graphs or query.named_graphs:
        header |= {"default_graph": query.default_graphs, "named_graphs": query.named_graphs}
    return header


def _message(header: dict[str, Any], text: str) -> bytes:
    """Return the request to a child: a header, and the text of a query."""
    head, body = json.dumps(header).encode(), text.encode()
    return b"".join((LENGTHS.pack(len(head), len(body)), head, body))
