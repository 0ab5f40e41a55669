"""Limits of a query process: rows counted as they are written, bytes, the file of a large answer, CPU time."""

import csv
import gc
import io
import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from resource import RLIMIT_CPU
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal, QueryResultsFormat, QuerySolutions, Store

from cper_lod.core.formats import CSV, N_TRIPLES, RESULTS_JSON, RESULTS_XML, SOLUTION_FORMATS, TSV, TURTLE, Format
from cper_lod.engine import worker
from cper_lod.engine.base import Answer, QueryLimits
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.engine.worker import Spool, count_rows, spooled
from tests.engine.engines import WORKER_LIMITS, ask, processes, refusal
from tests.engine.engines import settings as limits
from tests.support.processes import open_files

AWKWARD = st.one_of(
    st.none(),
    st.text(st.sampled_from("\",{}\n\r\\ <>&'é[]:;b\t"), max_size=8),
    st.sampled_from(
        ['},{"', "},{", '},{"', "},{\\", "<result>", '"', "\n\n", '}},{"x', 'a"\nb', "_:b", '"bnode"', "<bnode>"]
    ),
)


def solutions(rows: list[tuple[str | None, str | None]]) -> QuerySolutions:
    """Return a query result that binds these texts, or nothing."""
    terms = " ".join(f"({' '.join('UNDEF' if each is None else str(Literal(each)) for each in row)})" for row in rows)
    found = Store().query(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {terms} }} }}")
    assert isinstance(found, QuerySolutions)
    return found


def parsed_rows(name: str, body: bytes) -> int:
    """Return the number of solutions that a parser finds."""
    match name:
        case "results-json":
            return len(json.loads(body)["results"]["bindings"])
        case "results-xml":
            return len(ElementTree.fromstring(body).findall(".//{*}result"))  # noqa: S314
        case "csv":
            return len(list(csv.reader(io.StringIO(body.decode(), newline="")))) - 1
        case _:
            return body.count(b"\n") - 1


@pytest.mark.parametrize("form", SOLUTION_FORMATS)
@given(rows=st.lists(st.tuples(AWKWARD, AWKWARD), max_size=12))
@example(rows=[(text, text) for text in ("},{", "a},{", '},{"', "},{\\", '"}},{', "},{,", "}},{")])
def test_rows_are_counted(form: Format, rows: list[tuple[str | None, str | None]]) -> None:
    if form is RESULTS_XML:  # an XML parser reads a carriage return as a line feed; no row is lost
        rows = [(a, b) for a, b in rows if "\r" not in f"{a}{b}"]
    written = QueryResultsFormat.from_media_type(form.media_type)
    assert written
    body = bytes(solutions(rows).serialize(format=written) or b"")
    counted = count_rows(body, written)
    assert parsed_rows(form.name, body) == len(rows)
    if form is RESULTS_JSON:  # empty solutions are not counted
        assert counted == 1 + sum(row != (None, None) for row in rows[1:])
    else:
        assert counted == len(rows)


@pytest.fixture(scope="module")
def engine(index: Path) -> Iterator[ProcessEngine]:
    """An engine that allows two thousand rows."""
    with ProcessEngine(index, limits(query_workers=1), [], limits=QueryLimits(rows=2000)) as made:
        yield made


@pytest.mark.parametrize("form", [*SOLUTION_FORMATS, TURTLE, N_TRIPLES])
def test_exactly_as_many_rows_or_triples_as_the_limit(engine: ProcessEngine, form: Format) -> None:
    solutions, graph = (form, None) if form in SOLUTION_FORMATS else (None, form)
    text = f"{'SELECT ?s ?t' if solutions else 'CONSTRUCT { ?s <urn:p> ?t }'} {{ ?s ?p ?o . ?t ?q ?r }} LIMIT "
    assert ask(engine, text + "2000", solutions, graph).size > 0
    problem = refusal(engine, text + "2001", solutions, graph)
    assert (problem.kind.code, problem.params["limit"]) == ("query-rows", 2000)


LARGE = (
    "SELECT ?s ?p ?o ?a ?b ?c { ?s ?p ?o . ?a ?b ?c FILTER(STRSTARTS(?o, 'name') && STRSTARTS(?c, 'name')) } LIMIT 2000"
)


def test_a_large_answer_is_passed_as_a_file(index: Path, engine: ProcessEngine) -> None:
    results: Any = Store.read_only(str(index)).query(LARGE)
    answer, expected = ask(engine, LARGE, TSV), results.serialize(format=QueryResultsFormat.TSV)
    assert isinstance(answer.body, Spool)
    assert (answer.size, answer.read()) == (len(expected), expected)


def test_no_space_for_a_file(index: Path, tmp_path: Path) -> None:
    """A temporary failure: 503, without the name of the folder; small answers still work."""
    with ProcessEngine(index, limits(query_workers=1), [], limits=QueryLimits(spool=str(tmp_path / "gone"))) as engine:
        born = processes(engine)
        problem = refusal(engine, LARGE, CSV)
        assert problem.kind.status == 503
        assert str(tmp_path) not in f"{problem} {problem.params}"
        assert ask(engine, "ASK {}", CSV).body == b"true"
        assert processes(engine) == born


@pytest.mark.slow
def test_cpu_limit(index: Path) -> None:
    with ProcessEngine(index, limits(query_workers=1, query_timeout=100), [], limits=QueryLimits(cpu=1)) as engine:
        problem = refusal(engine, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
        assert (problem.kind.code, problem.kind.status, problem.params["limit"]) == ("query-cpu", 503, 1)
        assert ask(engine, "ASK {}", CSV).body == b"true"


def test_cpu_time_is_counted_per_query(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()
    spent = iter((0.5, 100.2))
    monkeypatch.setattr(worker, "_lower_limit", lambda kind, soft: asked.append(soft) if kind == RLIMIT_CPU else None)
    monkeypatch.setattr("time.process_time", lambda: next(spent))
    ours, theirs = socket.socketpair()
    with ThreadPoolExecutor() as threads, theirs:
        with ours:
            served = threads.submit(worker.serve, theirs, "", Store(), WORKER_LIMITS)
            assert worker.receive(ours)[1] == b""
            for _ in range(2):
                worker.send(ours, {"text": "ASK {}", "solutions": "text/csv", "graph": ""})
                assert worker.receive(ours)[1] == b"true"
        assert isinstance(served.exception(), EOFError)
    assert asked == [11, 111]


# A message with a file: it has no name, and is closed with the last reference to it

BODY = bytes(range(256)) * 1000


def test_a_file_is_passed_on_and_closed_with_its_last_reference(tmp_path: Path) -> None:
    before = open_files()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        file = spooled(BODY, str(tmp_path))
        assert list(tmp_path.iterdir()) == []
        assert (os.fstat(file).st_nlink, os.get_inheritable(file)) == (0, False)
        worker.send(ours, {"form": "select"}, file=file)
        os.close(file)
        details, body = worker.receive(theirs)
    answer = Answer(body, CSV, "select")
    assert (details, answer.size, answer.read(), answer.read()) == ({"form": "select"}, len(BODY), BODY, BODY)
    assert open_files() == before + 1
    del answer
    del body
    gc.collect()
    assert open_files() == before


@given(size=st.integers(0, 70_000), text=st.text(max_size=20))
def test_a_message_arrives_whole(size: int, text: str) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker.send(ours, {"text": text}, b"\n" * size)
        details, body = worker.receive(theirs)
    assert (details["text"], body) == (text, b"\n" * size)
