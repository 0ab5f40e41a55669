"""The messages sent to a query process and the meaning of its replies, independent of I/O (a generator)."""

from collections.abc import Callable, Collection, Generator
from typing import Any, Final, NoReturn

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.formats import GRAPH_FORMATS, SOLUTION_FORMATS
from cper_lod.core.i18n import translate
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query
from cper_lod.engine.process.worker_process import WorkerReply
from cper_lod.engine.syntax.checks import check
from cper_lod.engine.syntax.errors import as_sentence, parser_chunks, problem_from_message, syntax_problem
from cper_lod.engine.syntax.prologue import decode_escapes
from cper_lod.engine.worker.messages import encode_request

_RESULTS = "http://www.w3.org/2005/sparql-results#"
MAX_LOCATED: Final = 50_000
"""Characters of a query in which a syntax error is located exactly, which takes some fifteen parses."""
Details = Callable[[Query, str], dict[str, Any] | None]
"""Returns what a process must know about a query besides its (decoded) text and formats, or None."""


class QueryExchange:
    """The dialogue of one query: send `message` to a process and feed the reply, until there is an `answer`."""

    def __init__(
        self, query: Query, settings: Settings, graphs: Collection[str], details: Details | None = None
    ) -> None:
        """Do not start yet; `details` defaults to the dataset of the query."""
        self._steps = _steps(query, settings, graphs, details or _dataset)
        self.message = b""
        self.answer: Answer | None = None

    def start(self) -> None:
        """Check the query and set the first `message`; raises the problems that are visible in its text."""
        self.message = next(self._steps)

    def receive(self, reply: WorkerReply) -> None:
        """Continue with a reply; raises the problem that it reports."""
        try:
            self.message = self._steps.send(reply)
        except StopIteration as end:
            self.answer = end.value

    def fail(self, problem: Problem) -> None:
        """Continue without a reply (no slot was free or a limit was reached); raises `problem` if that ends the query."""
        try:
            self.message = self._steps.throw(problem)
        except StopIteration as end:
            self.answer = end.value


def _steps(
    query: Query, settings: Settings, graphs: Collection[str], details: Details
) -> Generator[bytes, WorkerReply, Answer]:
    """Yield messages for a process, receive its replies, and return the answer; raises the problems of `Engine.query`.

    A problem of the transport (no slot, a limit reached) is thrown in.
    """
    check(query.text, graphs, query.default_graphs, query.named_graphs, settings.endpoint)
    text = decode_escapes(query.text)
    solutions, graph = query.solutions.name if query.solutions else "", query.graph.name if query.graph else ""
    reply = yield encode_request(text, solutions, graph, details(query, text))
    kind = reply.kind
    if not kind:
        reply_json = reply.details
        if reply_json["error"] == "query-syntax":
            raise (yield from _locate_syntax_error(text, reply_json["message"], settings.endpoint))
        _raise_problem(reply_json, settings)
    format_ = query.graph if kind == "graph" else query.solutions
    if format_ is None:
        offers = GRAPH_FORMATS if kind == "graph" else SOLUTION_FORMATS
        raise Problem("not-acceptable", accept=query.accept, offers=[offer.media_type for offer in offers])
    return Answer(reply.body, format_, kind, has_blank_nodes=reply.has_blank_nodes)


def _locate_syntax_error(text: str, message: str, base: str) -> Generator[bytes, WorkerReply, Problem]:
    """Return the problem of a query that the parser rejected with `message`, after asking a process where the error is."""
    if len(text) > MAX_LOCATED:
        return problem_from_message(message)
    chunks = parser_chunks(text)
    try:
        reply_json = (yield encode_request(text, details={"chunks": [len(piece) for piece in chunks]})).details
    except Problem:  # no slot is free, or the parser takes too long: use the first message
        return problem_from_message(message)
    return (
        syntax_problem(text, chunks, reply_json["valid"], message, base)
        if "valid" in reply_json
        else problem_from_message(message)
    )


def _raise_problem(reply_json: dict[str, Any], settings: Settings) -> NoReturn:
    """Raise the problem that a process reports."""
    error = reply_json["error"]
    if error == "impossible":
        if reply_json["iri"].startswith(_RESULTS):
            raise Problem("resultsxml-impossible")
        raise Problem("rdfxml-impossible", iri=reply_json["iri"])
    if "reason" in reply_json:
        reason, what, own = reply_json["reason"], reply_json["what"], "own" in reply_json
        raise Problem(
            error, message=Phrase(translate(reason, "en", what=what), fr=translate(reason, "fr", what=what)), own=own
        )
    limits = {
        "query-result": settings.query_bytes,
        "query-rows": settings.query_rows,
        "query-memory": settings.query_memory,
    }
    params: dict[str, object] = {"limit": limits[error]} if error in limits else {}
    if "message" in reply_json:
        params["message"] = as_sentence(reply_json["message"])
    raise Problem(error, **params)


def _dataset(query: Query, _: str) -> dict[str, Any] | None:
    """Return the dataset of the query, for a process that has the data."""
    if query.default_graphs or query.named_graphs:
        return {"default_graph": query.default_graphs, "named_graphs": query.named_graphs}
    return None
