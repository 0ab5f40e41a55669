"""Limits of a query process: rows counted as they are written, bytes, the file of a large answer, CPU time."""

import csv
import errno
import gc
import io
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyoxigraph import Literal, QuerySolutions, Store

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
from cper_lod.core.namespaces import PREFIXES, XSD
from cper_lod.engine.base import QueryLimits, Spool
from cper_lod.engine.embedded import EmbeddedEngine
from cper_lod.engine.worker import output as output_module
from cper_lod.engine.worker import worker
from cper_lod.engine.worker.output import MEMORY_LIMIT, BoundedOutput, ReplyError, RowCounter, unnamed_file
from cper_lod.engine.worker.worker import SOLUTIONS_FORMATS
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


@pytest.mark.parametrize("name", SOLUTIONS_FORMATS)
@given(rows=st.lists(st.tuples(AWKWARD, AWKWARD), max_size=12), seed=st.integers(0, 1000))
@example(rows=[(text, text) for text in ("},{", "a},{", '},{"', "},{\\", '"}},{', "},{,", "}},{")], seed=1)
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


@pytest.fixture(scope="module")
def engine(index: Path) -> Iterator[EmbeddedEngine]:
    """An engine that allows two thousand rows."""
    with EmbeddedEngine(index, limits(query_workers=1), [], limits=QueryLimits(rows=2000)) as made:
        yield made


@pytest.mark.parametrize("form", [*SOLUTION_FORMATS, TURTLE, N_TRIPLES])
def test_exactly_as_many_rows_or_triples_as_the_limit(engine: EmbeddedEngine, form: Format) -> None:
    solutions, graph = (form, None) if form in SOLUTION_FORMATS else (None, form)
    text = f"{'SELECT ?s ?t' if solutions else 'CONSTRUCT { ?s <urn:p> ?t }'} {{ ?s ?p ?o . ?t ?q ?r }} LIMIT "
    assert ask(engine, text + "2000", solutions, graph).size > 0
    problem = refusal(engine, text + "2001", solutions, graph)
    assert (problem.kind.code, problem.params["limit"]) == ("query-rows", 2000)


def test_a_file_is_closed_if_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "no space")

    before, writing = open_files(), BoundedOutput(WORKER_LIMITS | {"spool": str(tmp_path)})
    writing.write(b"x" * (MEMORY_LIMIT + 1))
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(ReplyError, match="query-spool"):
        writing.finish()
    assert open_files() == before


FORMS = {form.name: form for form in (*SOLUTION_FORMATS, *GRAPH_FORMATS)}


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
    engine: EmbeddedEngine,
    solutions: Format | None,
    graph: Format | None,
    text: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Compared with the same answer of this process, kept in memory."""
    answer = ask(engine, text, solutions, graph)
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


# Numbers of TSV: the abbreviated syntax wherever it has the same datatype and value, and nothing else changed

CELLS = {
    '"994000000"^^xsd:decimal': "994000000.0",
    '"-5"^^xsd:decimal': "-5.0",
    "57.3": "57.3",
    "1e6": "1000000E0",
    '"INF"^^xsd:double': f'"INF"^^<{XSD}double>',
    '"2023-01-09"^^xsd:date': f'"2023-01-09"^^<{XSD}date>',
    '"a\\"5"^^xsd:decimal': f'"a\\"5"^^<{XSD}decimal>',
    f"'\"5\"^^<{XSD}decimal>'": f'"\\"5\\"^^<{XSD}decimal>"',
    "UNDEF": "",
}


@pytest.mark.parametrize(("written", "cell"), CELLS.items())
def test_every_kind_of_value(written: str, cell: str) -> None:
    text = f"PREFIX xsd: <{XSD}> SELECT ?a ?x ?z {{ VALUES (?a ?x ?z) {{ (1.0 {written} 1.0) }} }}"
    found = worker.Worker(Store(), WORKER_LIMITS).answer({"text": text, "solutions": "tsv"})
    assert bytes(getattr(found, "body", b"")).decode() == f"?a\t?x\t?z\n1.0\t{cell}\t1.0\n"


# A large answer in a file: read in chunks, closed with its last reference

BODY = bytes(range(256)) * 1000


def spool_in(folder: Path) -> Spool:
    file = unnamed_file(str(folder))
    os.write(file, BODY)
    return Spool(file, len(BODY))


def test_reading(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    assert (len(spool), spool.read(), b"".join(spool.chunks())) == (len(BODY), BODY, BODY)


def test_it_is_closed_once_and_with_its_last_reference(tmp_path: Path) -> None:
    before, spool = open_files(), spool_in(tmp_path)
    spool.close()
    assert open_files() == before
    other = os.open("/dev/null", os.O_RDONLY)  # it reuses the file descriptor
    spool.close()
    os.fstat(other)
    os.close(other)
    spool = spool_in(tmp_path)
    assert open_files() == before + 1
    del spool
    gc.collect()
    assert open_files() == before


@pytest.mark.parametrize("without", [False, True])
def test_a_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: bool) -> None:
    if without:  # a system without O_TMPFILE
        monkeypatch.delattr(os, "O_TMPFILE")
    file = unnamed_file(str(tmp_path))
    assert list(tmp_path.iterdir()) == []
    assert (os.fstat(file).st_nlink, os.get_inheritable(file)) == (0, False)
    os.close(file)
