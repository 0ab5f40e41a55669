"""Messages to a query process and the meaning of its replies, without a process and without I/O."""

import json
from typing import Any

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV, TURTLE
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query, run_blocking
from cper_lod.engine.process.exchange import MAX_LOCATED, answer, dataset, first_message
from cper_lod.engine.process.worker_process import WorkerReply
from cper_lod.engine.worker.messages import GRAPH_NAMES, REQUEST, SOLUTIONS_NAMES
from tests.support.cases import each_case

SETTINGS = Settings(query_bytes=2048, query_rows=7, query_memory=99)
GRAPH = "http://e.org/graph"


Request = tuple[str, str, dict[str, Any], str]
"""The formats for solutions and for a graph, the details, and the text of a query."""


def decode_request(message: bytes) -> Request:
    solutions, graph, more, size = REQUEST.unpack_from(message)
    start = REQUEST.size + more
    assert len(message) == start + size
    failure_reply = json.loads(message[REQUEST.size : start]) if more else {}
    return SOLUTIONS_NAMES[solutions], GRAPH_NAMES[graph], failure_reply, message[start:].decode()


def failure_reply(**what: object) -> WorkerReply:
    return WorkerReply("", json.dumps(what).encode())


def run_exchange(query: Query, *replies: WorkerReply | Problem) -> tuple[Answer | Problem, list[Request]]:
    """Return the result of an exchange with given replies, and the messages sent; all replies must be used."""
    requests: list[Request] = []
    coming = list(replies)

    async def send(message: bytes) -> WorkerReply:
        requests.append(decode_request(message))
        reply = coming.pop(0)
        if isinstance(reply, Problem):
            raise reply
        return reply

    found: Answer | Problem
    try:
        text, message = first_message(query, SETTINGS, [GRAPH], dataset)
        found = run_blocking(answer(query, text, message, send, SETTINGS))
    except Problem as problem:
        found = problem
    assert not coming
    return found, requests


def problem(query: Query, *replies: WorkerReply | Problem) -> Problem:
    found = run_exchange(query, *replies)[0]
    assert isinstance(found, Problem)
    return found


Q = Query("ASK { 'é' ?p ?o }", CSV, TURTLE, accept="image/png")


def test_an_answer() -> None:
    found, requests = run_exchange(Q, WorkerReply("ask", b"true"))
    assert found == Answer(b"true", CSV, "ask")
    assert requests == [("csv", "turtle", {}, Q.text)]
    assert run_exchange(Q, WorkerReply("graph", b"g", has_blank_nodes=True))[0] == Answer(
        b"g", TURTLE, "graph", has_blank_nodes=True
    )


def test_addresses_rejected_without_a_connection() -> None:
    found, requests = run_exchange(Query("DROP ALL", CSV, TURTLE))
    assert isinstance(found, Problem)
    assert (found.kind.code, requests) == ("query-update", [])
    found, requests = run_exchange(Query(f"ASK {{ FILTER({'+'.join('1' * 20_000)}) }}", CSV, TURTLE))
    assert isinstance(found, Problem)
    assert (found.kind.code, requests) == ("query-operators", [])
    assert problem(Query("ASK {}", CSV, TURTLE, ("http://e.org/other",))).kind.code == "query-graph"
    assert problem(Query("ASK { 'a\ud800' ?p ?o }", CSV, TURTLE)).kind.code == "body-encoding"


@each_case(
    ("what", "code", "where"),
    [
        ({"error": "query-result"}, "query-result", {"limit": 2048}),
        ({"error": "query-rows"}, "query-rows", {"limit": 7}),
        ({"error": "query-memory"}, "query-memory", {"limit": 99}),
        ({"error": "query-failed", "message": "no such\nfunction"}, "query-failed", {"message": "no such function."}),
        ({"error": "impossible", "iri": "http://e.org/1"}, "rdfxml-impossible", {"iri": "http://e.org/1"}),
        ({"error": "impossible", "iri": "http://www.w3.org/2005/sparql-results#literal"}, "resultsxml-impossible", {}),
    ],
)
def test_errors_that_a_worker_reports(what: dict[str, Any], code: str, where: dict[str, object]) -> None:
    found = problem(Q, failure_reply(**what))
    assert found.kind.code == code
    assert where.items() <= found.params.items()
    assert all(str(found.words(lang)) for lang in ("fr", "en"))


TOLD = "error at 1:7: expected one of a, b"


@pytest.mark.parametrize(
    "second", [Problem("query-queue"), Problem("query-timeout"), failure_reply(error="query-memory")]
)
def test_the_message_of_the_parser_is_the_fallback(second: WorkerReply | Problem) -> None:
    found = problem(Query("ASK { oops }", CSV, TURTLE), failure_reply(error="query-syntax", message=TOLD), second)
    assert found.kind.code == "query-syntax"
    assert (found.params["line"], found.params["column"]) == (1, 7)


def test_errors_in_a_long_query_are_not_located() -> None:
    query = Query("ASK { oops }" + " " * MAX_LOCATED, CSV, TURTLE)
    found, requests = run_exchange(query, failure_reply(error="query-syntax", message=TOLD))
    assert isinstance(found, Problem)
    assert found.params["column"] == 7
    assert len(requests) == 1
