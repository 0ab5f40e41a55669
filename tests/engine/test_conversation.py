"""What is said to a query process and what its replies mean: no process takes part, no byte is read or written."""

import json
from typing import Any

import pytest

from cper_lod.engine.child import Reply
from cper_lod.engine.conversation import _SOUGHT, Conversation
from cper_lod.engine.engine import Answer, Query
from cper_lod.engine.worker import LENGTHS
from cper_lod.terms.formats import CSV, RESULTS_JSON, TURTLE
from cper_lod.terms.problems import Problem
from cper_lod.terms.settings import Settings

SETTINGS = Settings(query_bytes=2048, query_rows=7, query_memory=99)
GRAPH = "http://e.org/graph"


def unpacked(message: bytes) -> tuple[dict[str, Any], str]:
    head, body = LENGTHS.unpack_from(message)
    start = LENGTHS.size + head
    assert len(message) == start + body
    return json.loads(message[LENGTHS.size : start]), message[start:].decode()


def talk(query: Query, *replies: Reply | Problem) -> tuple[Answer | Problem, list[tuple[dict[str, Any], str]]]:
    """Return what a conversation comes to and what was said, its replies being given; all of them are used."""
    said: list[tuple[dict[str, Any], str]] = []
    coming = list(replies)
    talking = Conversation(query, SETTINGS, [GRAPH])
    found: Answer | Problem | None = None
    try:
        talking.begin()
        while talking.answer is None:
            said.append(unpacked(talking.message))
            reply = coming.pop(0)
            if isinstance(reply, Problem):
                talking.fail(reply)
            else:
                talking.take(reply)
        found = talking.answer
    except Problem as problem:
        found = problem
    assert not coming
    assert found is not None
    return found, said


def problem(query: Query, *replies: Reply | Problem) -> Problem:
    found = talk(query, *replies)[0]
    assert isinstance(found, Problem)
    return found


Q = Query("ASK { 'é' ?p ?o }", CSV, TURTLE, accept="image/png")


def test_an_answer() -> None:
    found, said = talk(Q, ({"form": "ask", "nameless": False}, b"true"))
    assert found == Answer(b"true", CSV, "ask")
    assert said == [({"solutions": "csv", "graph": "turtle"}, Q.text)]
    assert talk(Q, ({"form": "graph", "nameless": True}, b"g"))[0] == Answer(b"g", TURTLE, "graph", nameless=True)


def test_the_dataset_is_said_where_there_is_one() -> None:
    asked = Query("ASK {}", RESULTS_JSON, None, (GRAPH,), ())
    assert talk(asked, ({"form": "ask", "nameless": False}, b""))[1] == [
        ({"solutions": "results-json", "graph": None, "default_graph": [GRAPH], "named_graphs": []}, "ASK {}")
    ]


def test_what_is_refused_unasked() -> None:
    found, said = talk(Query("DROP ALL", CSV, TURTLE))
    assert isinstance(found, Problem)
    assert (found.kind.code, said) == ("query-update", [])
    assert problem(Query("ASK {}", CSV, TURTLE, ("http://e.org/other",))).kind.code == "query-graph"
    assert problem(Query("ASK { 'a\ud800' ?p ?o }", CSV, TURTLE)).kind.code == "body-encoding"


@pytest.mark.parametrize(("form", "offer"), [("select", "text/csv"), ("ask", "text/csv"), ("graph", "text/turtle")])
def test_no_form_that_the_client_takes(form: str, offer: str) -> None:
    found = problem(Query("ASK {}", None, None, accept="image/png"), ({"form": form}, b""))
    assert found.kind.code == "not-acceptable"
    assert found.where["accept"] == "image/png"
    assert offer in str(found.where["offers"])


@pytest.mark.parametrize(
    ("header", "code", "where"),
    [
        ({"error": "query-result"}, "query-result", {"limit": 2048}),
        ({"error": "query-rows"}, "query-rows", {"limit": 7}),
        ({"error": "query-memory", "retire": True}, "query-memory", {"limit": 99}),
        ({"error": "query-failed", "message": "no such\nfunction"}, "query-failed", {"message": "no such function."}),
        ({"error": "impossible", "iri": "http://e.org/1"}, "rdfxml-impossible", {"iri": "http://e.org/1"}),
        ({"error": "impossible", "iri": "http://www.w3.org/2005/sparql-results#literal"}, "resultsxml-impossible", {}),
    ],
)
def test_what_a_child_may_tell(header: dict[str, Any], code: str, where: dict[str, object]) -> None:
    found = problem(Q, (header, b""))
    assert found.kind.code == code
    assert where.items() <= found.where.items()
    assert all(str(found.words(lang)) for lang in ("fr", "en"))


def test_a_problem_of_the_carrier_ends_it() -> None:
    assert problem(Q, Problem("query-queue")).kind.code == "query-queue"


TOLD = "error at 1:7: expected one of a, b"


def test_the_place_of_a_fault_is_asked_for() -> None:
    asked = Query("ASK { oops }", CSV, TURTLE)
    found, said = talk(asked, ({"error": "query-syntax", "message": TOLD}, b""), ({"good": 2}, b""))
    assert isinstance(found, Problem)
    assert found.where == {"line": 1, "column": 7, "message": "unexpected “oops”."}
    assert said[1] == ({"pieces": [3, 2, 5, 2]}, asked.text)


@pytest.mark.parametrize("second", [Problem("query-queue"), Problem("query-timeout"), ({"error": "query-memory"}, b"")])
def test_where_it_cannot_be_told_the_parsers_own_has_to_do(second: Reply | Problem) -> None:
    found = problem(Query("ASK { oops }", CSV, TURTLE), ({"error": "query-syntax", "message": TOLD}, b""), second)
    assert found.kind.code == "query-syntax"
    assert (found.where["line"], found.where["column"]) == (1, 7)


def test_in_a_long_text_it_is_not_asked_for() -> None:
    asked = Query("ASK { oops }" + " " * _SOUGHT, CSV, TURTLE)
    found, said = talk(asked, ({"error": "query-syntax", "message": TOLD}, b""))
    assert isinstance(found, Problem)
    assert found.where["column"] == 7
    assert len(said) == 1
