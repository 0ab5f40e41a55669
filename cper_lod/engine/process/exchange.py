"""The messages sent to a query process and the meaning of its replies, independent of I/O."""

from collections.abc import Awaitable, Callable, Collection
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
Send = Callable[[bytes], Awaitable[WorkerReply]]
"""Sends a message to a process and returns its reply; raises a problem if no slot is free or a limit is reached."""


def dataset(query: Query, _: str) -> dict[str, Any] | None:
    """Return the dataset of the query, for a process that has the data."""
    if query.default_graphs or query.named_graphs:
        return {"default_graph": query.default_graphs, "named_graphs": query.named_graphs}
    return None


def first_message(query: Query, settings: Settings, graphs: Collection[str], details: Details) -> tuple[str, bytes]:
    """Check a query; return its decoded text and the message for a process. Raises the problems visible in its text."""
    check(query.text, graphs, query.default_graphs, query.named_graphs, settings.endpoint)
    text = decode_escapes(query.text)
    solutions, graph = query.solutions.name if query.solutions else "", query.graph.name if query.graph else ""
    return text, encode_request(text, solutions, graph, details(query, text))


async def answer(query: Query, text: str, message: bytes, send: Send, settings: Settings) -> Answer:
    """Return the answer to a query, given its `first_message`; raises the problems of `Engine.query`."""
    reply = await send(message)
    kind = reply.kind
    if not kind:
        reply_json = reply.details
        if reply_json["error"] == "query-syntax":
            raise await _locate_syntax_error(text, reply_json["message"], send, settings.endpoint)
        _raise_problem(reply_json, settings)
    format_ = query.graph if kind == "graph" else query.solutions
    if format_ is None:
        offers = GRAPH_FORMATS if kind == "graph" else SOLUTION_FORMATS
        raise Problem("not-acceptable", accept=query.accept, offers=[offer.media_type for offer in offers])
    return Answer(reply.body, format_, kind, has_blank_nodes=reply.has_blank_nodes)


async def _locate_syntax_error(text: str, message: str, send: Send, base: str) -> Problem:
    """Return the problem of a query that the parser rejected with `message`, after asking a process where the error is."""
    if len(text) > MAX_LOCATED:
        return problem_from_message(message)
    chunks = parser_chunks(text)
    try:
        reply_json = (await send(encode_request(text, details={"chunks": [len(piece) for piece in chunks]}))).details
    except Problem:  # no slot is free, or the parser takes too long: use the first message
        return problem_from_message(message)
    if "valid" in reply_json:
        return syntax_problem(text, chunks, reply_json["valid"], message, base)
    return problem_from_message(message)


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
