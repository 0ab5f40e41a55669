"""Reports to compare: those of pyshacl and of the prefilter, as multisets of results."""

from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import pyshacl
from pyoxigraph import Quad, RdfFormat, parse
from rdflib import RDF, SH, Graph

from cper_lod.rdf.report import Report
from cper_lod.rdf.shacl.api import Files, validate_file
from cper_lod.rdf.shacl.prefilter.graphs import graph_of, literals_as_written
from cper_lod.rdf.shacl.prefilter.prefilter import Prefilter
from cper_lod.rdf.shacl.prefilter.query_cache import cached_queries
from cper_lod.rdf.shacl.prefilter.triples import MemoryTriples
from cper_lod.rdf.shacl.sorted_file import merge_files
from cper_lod.rdf.shacl.worker_pool import Checker, FileChecker, TaskFindings, Work

PREFIXES = """
@prefix ex: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
Results = Counter[tuple[str | None, ...]]


def quads(turtle: str) -> list[Quad]:
    """Return Turtle as quads."""
    found = parse((PREFIXES + turtle).encode(), format=RdfFormat.TURTLE)
    return [each for each in found if isinstance(each, Quad)]


def lines(turtle: str) -> list[str]:
    """Return Turtle as lines of N-Quads."""
    return [f"{each} ." for each in quads(turtle)]


def pyshacl_results(data: Iterable[str], shapes: Iterable[str], *, forgetful: bool = False) -> Results:
    """Return the results of pyshacl; with `forgetful`, without the cache of parsed queries, which is much slower."""
    graph = Graph(bind_namespaces="none")
    with literals_as_written(), nullcontext() if forgetful else cached_queries():
        for triple in graph_of(data):
            graph.add(triple)
        _, found, _ = pyshacl.validate(graph, shacl_graph=graph_of(shapes), inplace=True)
    properties = (
        SH.focusNode,
        SH.resultPath,
        SH.value,
        SH.sourceConstraintComponent,
        SH.resultSeverity,
        SH.sourceShape,
    )
    detailed = set(found.objects(None, SH.detail))
    return Counter(
        tuple(_text(found.value(each, one), one) for one in properties)
        for each in found.subjects(RDF.type, SH.ValidationResult)
        if each not in detailed
    )


def _text(term: object, name: object) -> str | None:
    if term is None:
        return None
    return "a path" if name == SH.resultPath and type(term).__name__ == "BNode" else str(term)


def sorted_file(folder: Path, data: Iterable[Quad]) -> Path:
    """Write quads to a sorted file in a folder, and return it."""
    path = folder / "data.nq"
    path.write_bytes(b"".join(sorted({f"{each} .\n".encode() for each in data})))
    return path


def validate(data: Iterable[Quad], shapes: Iterable[Quad], *, files: Files = lambda _: ()) -> Report:
    """Return the report of the program on data, half of which are in a sorted file."""
    data = sorted(set(data), key=str)
    with TemporaryDirectory() as folder:
        return validate_file(sorted_file(Path(folder), data[::2]), shapes, more=data[1::2], files=files)


def found_in(found: TaskFindings) -> Results:
    """Return the results in the form of pyshacl, without findings that only the prefilter makes (rules without focus nodes)."""
    severities = {"violation": SH.Violation, "warning": SH.Warning, "info": SH.Info}
    return Counter(
        (
            each.node.removeprefix("_:"),
            each.path if each.path is None or each.path.startswith("http") else "a path",
            each.value and each.value.removeprefix("_:"),
            each.component,
            str(severities[each.severity]),
            each.shape,
        )
        for _, each in found.results
        if each.component
    )


def prefilter_results(data: Iterable[str], shapes: Iterable[str]) -> tuple[Results, Prefilter]:
    """Return the results for data in memory, and the prefilter."""
    checker = Checker(MemoryTriples(data), shapes)
    return found_in(checked(checker)), checker.prefilter


def checked(checker: Checker) -> TaskFindings:
    """Return what a checker finds about all its triples."""
    with literals_as_written():
        checker.prefilter.check_subjects(checker.prefilter.triples.all())
        checker.prefilter.check_objects()
        checker.prefilter.check_named_nodes()
        return checker.finish()


def prefilter_results_of_file(data: Iterable[str], shapes: Iterable[str], folder: Path, *, parts: int = 3) -> Results:
    """Return the results for a sorted file, part by part, with one line in five held in memory."""
    data = sorted(set(data))
    path = folder / "data.nq"
    path.write_bytes(b"".join(sorted(f"{line}\n".encode() for at, line in enumerate(data) if at % 5)))
    total: Results = Counter()
    with literals_as_written():
        done = FileChecker(path, list(shapes), data[::5])
        wanted = done.prefilter.reverse_patterns()
        runs = [
            done.triples.write_run(part, wanted, folder / f"run{at}")
            for at, part in enumerate(done.triples.parts(parts))
        ]
        merge_files(runs, folder / "index")
        tasks = [("subjects", *part) for part in done.triples.parts(parts)]
        for task in [*tasks, *(("objects", at, 2) for at in range(2)), ("rest", 0, 0)]:
            total += found_in(done.examine(Work(folder / "index", wanted), task))
    return total
