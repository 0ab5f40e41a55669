"""Limits of a query process: rows counted as they are written, bytes, the file of a large answer, CPU time."""

import csv
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, Store

from cper_lod.core.formats import (
    CSV,
    GRAPH_FORMATS,
    JSON_LD,
    N_TRIPLES,
    RDF_XML,
    RESULTS_XML,
    SOLUTION_FORMATS,
    TSV,
    TURTLE,
    Format,
)
from cper_lod.core.namespaces import PREFIXES
from cper_lod.engine.base import QueryLimits, Spool
from cper_lod.engine.embedded import EmbeddedEngine
from cper_lod.engine.worker import output as output_module
from cper_lod.engine.worker import worker
from cper_lod.engine.worker.output import MEMORY_LIMIT, BoundedOutput, RowCounter
from cper_lod.engine.worker.worker import SOLUTIONS_FORMATS
from tests.support.engine import WORKER_LIMITS, ask, processes, refusal
from tests.support.engine import settings as limits
from tests.support.processes import open_files
from tests.support.properties import examples

AWKWARD = st.one_of(
    st.none(),
    st.text(st.sampled_from("\",{}\n\r\\ <>&'é[]:;b\t"), max_size=8),
    st.sampled_from(
        ['},{"', "},{", '},{"', "},{\\", "<result>", '"', "\n\n", '}},{"x', 'a"\nb', "_:b", '"bnode"', "<bnode>"]
    ),
)


def split_randomly(data: bytes, seed: int) -> Iterator[bytes]:
    """Yield the same bytes in chunks of any length, mostly short ones."""
    chance = random.Random(seed)  # noqa: S311
    at = 0
    while at < len(data):
        size = chance.choice([1, 1, 2, 3, 7, 50, 1000])
        yield data[at : at + size]
        at += size


def solutions(rows: list[tuple[str | None, str | None]]) -> QuerySolutions:
    """Return a query result that binds these texts, or nothing."""
    terms = " ".join(f"({_term(a)} {_term(b)})" for a, b in rows)
    found = Store().query(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {terms} }} }}")
    assert isinstance(found, QuerySolutions)
    return found


def _term(text: str | None) -> str:
    return "UNDEF" if text is None else str(Literal(text))


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


@pytest.mark.parametrize("name", SOLUTIONS_FORMATS)
@given(rows=st.lists(st.tuples(AWKWARD, AWKWARD), max_size=12), seed=st.integers(0, 1000))
def test_rows_are_counted(name: str, rows: list[tuple[str | None, str | None]], seed: int) -> None:
    if name == "results-xml":  # an XML parser reads a carriage return as a line feed; no row is lost
        rows = [(a, b) for a, b in rows if "\r" not in f"{a}{b}"]
    body = bytes(solutions(rows).serialize(format=SOLUTIONS_FORMATS[name]) or b"")
    counting = RowCounter(name)
    for piece in split_randomly(body, seed):
        counting.feed(piece)
    assert parsed_rows(name, body) == len(rows)
    if name == "results-json":  # empty solutions are not counted
        assert counting.count == 1 + sum(row != (None, None) for row in rows[1:])
    else:
        assert counting.count == len(rows)


NAMES = "?s ?p ?o FILTER(STRSTARTS(?o, 'name '))"


@pytest.fixture(scope="module")
def fifty(index: Path) -> Iterator[EmbeddedEngine]:
    """An engine that allows fifty rows."""
    with EmbeddedEngine(index, limits(query_workers=1), [], limits=QueryLimits(rows=50)) as engine:
        yield engine


@pytest.mark.parametrize("form", [*SOLUTION_FORMATS, TURTLE, N_TRIPLES])
def test_exactly_as_many_rows_or_triples_as_the_limit(fifty: EmbeddedEngine, form: Format) -> None:
    solutions, graph = (form, None) if form in SOLUTION_FORMATS else (None, form)
    text = f"{'SELECT *' if solutions else 'CONSTRUCT { ?s ?p ?o }'} {{ {NAMES} }} LIMIT "
    assert ask(fifty, text + "50", solutions, graph).size > 0
    problem = refusal(fifty, text + "51", solutions, graph)
    assert (problem.kind.code, problem.params["limit"]) == ("query-rows", 50)


def make_output(folder: Path, form: str = "", **changes: int) -> BoundedOutput:
    return BoundedOutput({"bytes": 10**9, "rows": 10**9, "spool": str(folder), **changes}, "select", form)


def test_a_file_is_closed_if_writing_fails(tmp_path: Path) -> None:
    before = open_files()
    with pytest.raises(ZeroDivisionError), make_output(tmp_path) as writing:
        writing.write(b"x" * (MEMORY_LIMIT + 1))
        assert open_files() == before + 1
        raise ZeroDivisionError
    assert open_files() == before


FORMS = {form.name: form for form in (*SOLUTION_FORMATS, *GRAPH_FORMATS)}


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=examples(20))
@given(seed=st.integers(0, 10_000))
def test_blank_nodes_are_detected_in_any_chunks(name: str, seed: int) -> None:
    for subject, seen in ((NamedNode("http://e.org/a"), False), (BlankNode(), True)):
        store = Store()
        store.add(Quad(subject, NamedNode("http://e.org/p"), Literal("o")))
        found: Any = store.query(
            "SELECT * { ?s ?p ?o }" if name in SOLUTIONS_FORMATS else "CONSTRUCT WHERE { ?s ?p ?o }"
        )
        body = found.serialize(format=SOLUTIONS_FORMATS.get(name) or worker.GRAPH_FORMATS[name])
        writing = make_output(Path("/nowhere"), name)
        for piece in split_randomly(body, seed):
            writing.write(piece)
        assert writing.has_blank_nodes is seen


@pytest.fixture(scope="module")
def usual(index: Path) -> Iterator[EmbeddedEngine]:
    """An engine with the usual limits."""
    with EmbeddedEngine(index, limits(query_workers=1), []) as engine:
        yield engine


LARGE = "SELECT * { ?s ?p ?o . ?a ?b ?c FILTER(STRSTARTS(?o, 'name') && STRSTARTS(?c, 'name')) } LIMIT 2000"


@pytest.mark.parametrize(
    ("solutions", "graph", "text"),
    [
        *((form, None, LARGE) for form in (TSV, RESULTS_XML)),
        (None, JSON_LD, "CONSTRUCT WHERE { ?s ?p ?o }"),
        (None, RDF_XML, "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o FILTER(STRSTARTS(?o, 'name')) }"),
        (None, TURTLE, "CONSTRUCT { ?s ?p ?o, ?x } { ?s ?p ?o BIND(CONCAT(?o, ?o, ?o, ?o, ?o) AS ?x) }"),
    ],
)
def test_a_large_answer_is_passed_as_a_file(
    index: Path,
    usual: EmbeddedEngine,
    solutions: Format | None,
    graph: Format | None,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Compared with the same answer of this process, kept in memory."""
    answer = ask(usual, text, solutions, graph)
    monkeypatch.setattr(output_module, "MEMORY_LIMIT", 10**9)
    own = worker.Worker(Store.read_only(str(index)), WORKER_LIMITS | {"bytes": 10**9, "prefixes": PREFIXES})
    names = {"solutions": solutions.name if solutions else "", "graph": graph.name if graph else ""}
    written = own.answer({"text": text, **names})
    monkeypatch.undo()
    assert isinstance(written, BoundedOutput)
    assert answer.read() == bytes(written.body)
    assert isinstance(answer.body, Spool) == (answer.size > MEMORY_LIMIT)


def test_no_space_for_a_file(index: Path, tmp_path: Path) -> None:
    """A temporary failure: 503, without the name of the folder; small answers still work."""
    with EmbeddedEngine(index, limits(query_workers=1), [], limits=QueryLimits(spool=str(tmp_path / "gone"))) as engine:
        born = processes(engine)
        for _ in range(3):
            problem = refusal(engine, LARGE, CSV)
            assert problem.kind.status == 503
            assert str(tmp_path) not in f"{problem} {problem.params}"
            assert ask(engine, "ASK {}", CSV).body == b"true"
        assert processes(engine) == born


@pytest.mark.slow
def test_cpu_limit(index: Path) -> None:
    with EmbeddedEngine(index, limits(query_workers=1, query_timeout=100), [], limits=QueryLimits(cpu=1)) as engine:
        problem = refusal(engine, "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")
        assert (problem.kind.code, problem.kind.status, problem.params["limit"]) == ("query-cpu", 503, 1)
        assert ask(engine, "ASK {}", CSV).body == b"true"


def test_cpu_time_is_counted_per_query(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr("resource.setrlimit", lambda _, pair: asked.append(pair))
    own = worker.Worker(Store.read_only(str(index)), WORKER_LIMITS)
    for spent in (0.5, 100.2):
        monkeypatch.setattr("time.process_time", lambda spent=spent: spent)
        own.limit_cpu()
    assert [soft for soft, _ in asked] == [11, 111]
