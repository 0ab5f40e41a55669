"""Validation against SHACL shapes: the front of `rdf.shacl`, with which it alone knows pyshacl and rdflib.

Nothing is inferred, fetched or imported; `sh:targetClass` follows the `rdfs:subClassOf` that stand in the data.
"""

import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from pyoxigraph import Quad

from cper_lod.rdf.report import Finding, Report
from cper_lod.rdf.shacl.prefilter.prefilter import Prefilter, PrefilterResult
from cper_lod.rdf.shacl.prefilter.rules import DataChange
from cper_lod.rdf.shacl.prefilter.sorted_file import merge_files
from cper_lod.rdf.shacl.prefilter.triples import MemoryTriples, ReversePatterns
from cper_lod.rdf.shacl.prefilter.worker_pool import (
    OBJECTS,
    REST,
    SUBJECTS,
    Task,
    Work,
    WorkerPool,
    graph_of,
    literals_as_written,
)

Files = Mapping[str, Collection[Path]]
"""The files that describe a subject, by its IRI."""


class Since(NamedTuple):
    """An earlier report by the same shapes, and the lines of N-Quads that came or went since, those of `more` too."""

    report: Report
    changes: Iterable[str]


_NO_FILES: Final[Files] = MappingProxyType({})
_SINGLE_PROCESS_SIZE: Final = 8 << 20
"""A file of so many bytes is not worth another process."""
_PART_SIZE: Final = 32 << 20
"""Bytes of a part of a larger file."""


def validate(data: Iterable[Quad], shapes: Iterable[Quad], *, files: Files = _NO_FILES) -> Report:
    """Return what the shapes find in the data (the union of its graphs).

    `files` says which files describe a subject, by its IRI. Raises `shapes-invalid` where a shape cannot be read or
    its query cannot be run.
    """
    with literals_as_written():
        held = MemoryTriples(_lines(data))
        examination = Prefilter(held, graph_of(_lines(shapes)))
        found = _check_all(examination, held)
        if found.missed:
            examination.distrust(frozenset(found.missed))
            _replace(found, _check_all(examination, held))
        findings = [*(each for _, each in found.findings), *examination.unreached(found.reached)]
    return _report(findings, len(examination.rules), found.nodes, files)


def _check_all(examination: Prefilter, held: MemoryTriples) -> PrefilterResult:
    examination.subjects(held.all())
    examination.objects()
    examination.named()
    return examination.finish()


def validate_file(
    path: Path,
    shapes: Iterable[Quad],
    *,
    more: Iterable[Quad] = (),
    files: Files = _NO_FILES,
    since: Since | None = None,
    processes: int = 1,
    progress: Callable[[float], object] = lambda _: None,
) -> Report:
    """Return what the shapes find in a sorted file of N-Quads and in `more` quads, as `validate` does of both together.

    The file has the lines that pyoxigraph writes, sorted as bytes; it is read, never held, by so many processes.
    With `since`, what cannot have changed is taken from the earlier report: the report is the same, and made sooner.
    `files` is asked for the nodes of which something was found; `progress` is told which share is done. What
    the shapes look up backwards is written beside the file meanwhile. Raises `shapes-invalid`, OSError.
    """
    alone = path.stat().st_size <= _SINGLE_PROCESS_SIZE
    hands = WorkerPool(1 if alone else processes, path, _lines(shapes), _lines(more))
    with literals_as_written(), closing(hands), tempfile.TemporaryDirectory(prefix="shacl-", dir=path.parent) as folder:
        parts = hands.one("divided", max(1, path.stat().st_size // _PART_SIZE, 1 if alone else 4 * processes))
        wanted: ReversePatterns = hands.one("backwards")
        change = DataChange.of(since.changes) if since else None
        kept = _unchanged(since.report, change, hands.one("touched", change)) if since and change else []
        runs = [(part, wanted, Path(folder) / str(number)) for number, part in enumerate(parts)]
        index = Path(folder) / "index"
        merge_files([run for some in hands.each("extract", runs) for run in some], index)
        # What the parts of the file take is most of it, and is begun first.
        tasks = [(SUBJECTS, *part) for part in parts] + [(OBJECTS, each, processes) for each in range(processes)]
        work = Work(index, wanted, change=change)
        found = _run_tasks(hands, work, [*tasks, (REST, 0, 0)], progress)
        findings, rules = hands.one("unreached", found.reached)
    return _report([*kept, *(each for _, each in found.findings), *findings], rules, found.nodes, files)


def _unchanged(report: Report, change: DataChange, touched: Collection[str]) -> list[Finding]:
    """Return the results of an earlier report that no change can have touched."""
    return [
        replace(each, files=())
        for each in report.findings
        if each.component and each.shape not in touched and each.node not in change.nodes
    ]


def _run_tasks(hands: WorkerPool, work: Work, tasks: list[Task], progress: Callable[[float], object]) -> PrefilterResult:
    """Return what all tasks find; those rules of which something was missed are looked at again, by pyshacl alone."""
    found = PrefilterResult()
    for number, one in enumerate(hands.each("examine", [(work, each) for each in tasks]), 1):
        _add(found, one)
        progress(number / len(tasks))
    if found.missed:
        again = PrefilterResult()
        work = work._replace(distrusted=frozenset(found.missed))
        for one in hands.each("examine", [(work, each) for each in tasks]):
            _add(again, one)
        _replace(found, again)
    return found


def _add(found: PrefilterResult, more: PrefilterResult) -> None:
    found.findings += more.findings
    found.reached |= more.reached
    found.nodes += more.nodes
    found.missed |= more.missed


def _replace(found: PrefilterResult, again: PrefilterResult) -> None:
    """Put what was found by looking again in the place of what was found before."""
    found.findings = [each for each in found.findings if each[0] not in found.missed] + again.findings


def _lines(quads: Iterable[Quad]) -> list[str]:
    return [f"{quad} ." for quad in quads]


def _report(findings: Iterable[Finding], rules: int, nodes: int, files: Files) -> Report:
    return Report(tuple(_with_files(each, files) for each in findings), rules, nodes)


def _with_files(finding: Finding, files: Files) -> Finding:
    """Return the finding with the files that describe its node."""
    found = tuple(sorted(path.as_posix() for path in files.get(finding.node, ())))
    return replace(finding, files=found) if found else finding
