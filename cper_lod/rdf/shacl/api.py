"""Validation with SHACL shapes.

No inference, and nothing is fetched or imported; `sh:targetClass` includes subclasses by `rdfs:subClassOf` in the data.
"""

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import Quad

from cper_lod.core.errors import Problem
from cper_lod.rdf.report import Finding, Report, short_name
from cper_lod.rdf.shacl.prefilter.graphs import literals_as_written
from cper_lod.rdf.shacl.prefilter.rules import DataChange, InvalidShapeError
from cper_lod.rdf.shacl.prefilter.triples import ReversePatterns
from cper_lod.rdf.shacl.sorted_file import merge_files
from cper_lod.rdf.shacl.well_formed import shape_findings
from cper_lod.rdf.shacl.worker_pool import OBJECTS, REST, SUBJECTS, Task, TaskFindings, Work, WorkerPool

Files = Callable[[str], Collection[Path]]
"""Returns the files that describe a subject, given by its IRI."""


class Since(NamedTuple):
    """An earlier report by the same shapes, and the lines of N-Quads added or removed since, including those of `more`."""

    report: Report
    changes: Iterable[str]


SINGLE_PROCESS_SIZE: Final = 8 << 20
"""A file of at most this many bytes is checked in one process."""
_PART_SIZE: Final = 32 << 20
"""Size in bytes of a part of a larger file, of which a process holds what goes into the index."""


@contextmanager
def _shape_problems() -> Iterator[None]:
    """Raise a shape that is invalid as `shapes-invalid`."""
    try:
        yield
    except InvalidShapeError as error:
        shape = short_name(error.shape) if error.shape else "shapes/"
        raise Problem("shapes-invalid", shape=shape, message=error.reason) from error


@_shape_problems()
def validate_file(
    path: Path,
    shapes: Iterable[Quad],
    *,
    more: Iterable[Quad] = (),
    files: Files = lambda _: (),
    since: Since | None = None,
    processes: int = 1,
    progress: Callable[[float], object] = lambda _: None,
) -> Report:
    """Return the report on a sorted file of N-Quads and `more` quads (the union of their graphs).

    If a shape is not well-formed (`well_formed`), the report is about the shapes alone. The file contains lines as pyoxigraph writes them, sorted as bytes; it is read by `processes` processes and never
    loaded as a whole. With `since`, results that cannot have changed are taken from the earlier report: the report is the
    same, but sooner. `files` is called for nodes with findings; `progress` is called with the fraction done. An index
    for lookups by object is written beside the file meanwhile. Raises OSError, and `shapes-invalid` for a shape that is
    invalid for another reason, or whose query cannot be run.
    """
    shapes = tuple(shapes)
    if faults := list(shape_findings(shapes)):
        return _report(faults, 0, 0, files)
    single_process = path.stat().st_size <= SINGLE_PROCESS_SIZE
    workers = WorkerPool(1 if single_process else processes, path, _lines(shapes), _lines(more))
    temp_dir = tempfile.TemporaryDirectory(prefix="shacl-", dir=path.parent)
    with literals_as_written(), temp_dir as folder, workers as pool:
        parts = pool.one(
            "triples.parts", max(1, path.stat().st_size // _PART_SIZE, 1 if single_process else 4 * processes)
        )
        patterns: ReversePatterns = pool.one("prefilter.reverse_patterns")
        change = DataChange.of(since.changes) if since else None
        unchanged = _unchanged(since.report, change, pool.one("affected_shapes", change)) if since and change else []
        runs = [(part, patterns, Path(folder) / str(number)) for number, part in enumerate(parts)]
        index = Path(folder) / "index"
        merge_files(pool.each("triples.write_run", runs), index)
        # The parts of the file take most of the time and are started first.
        tasks = [(SUBJECTS, *part) for part in parts] + [(OBJECTS, part, processes) for part in range(processes)]
        work = Work(index, patterns, change=change)
        result = _run_tasks(pool, work, [*tasks, (REST, 0, 0)], progress)
        findings, rules = pool.one("findings_for_unreached", result.reached)
    return _report([*unchanged, *(finding for _, finding in result.results), *findings], rules, result.nodes, files)


def _unchanged(report: Report, change: DataChange, affected: Collection[str]) -> list[Finding]:
    """Return the results of an earlier report that the change cannot affect."""
    return [
        replace(finding, files=())
        for finding in report.findings
        if finding.component and finding.shape not in affected and finding.node not in change.nodes
    ]


def _run_tasks(pool: WorkerPool, work: Work, tasks: list[Task], progress: Callable[[float], object]) -> TaskFindings:
    """Return the result of all tasks; rules that missed a result are checked again, by pyshacl alone."""
    result, recheck = TaskFindings(), TaskFindings()
    for number, found in enumerate(pool.each("examine", [(work, task) for task in tasks]), 1):
        result.add(found)
        progress(number / len(tasks))
    if result.missed:
        work = work._replace(rules_to_recheck=frozenset(result.missed))
        for found in pool.each("examine", [(work, task) for task in tasks]):
            recheck.add(found)
        result.results = [each for each in result.results if each[0] not in result.missed] + recheck.results
    return result


def _lines(quads: Iterable[Quad]) -> list[str]:
    return [f"{quad} ." for quad in quads]


def _report(findings: Iterable[Finding], rules: int, nodes: int, files: Files) -> Report:
    """Return the report on findings, each with the files that describe its node."""
    found = []
    for each in findings:
        paths = tuple(sorted(path.as_posix() for path in files(each.node)))
        found.append(replace(each, files=paths) if paths else each)
    return Report(tuple(found), rules, nodes)
