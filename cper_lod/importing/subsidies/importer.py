"""Files of subsidies made RDF: read, checked row by row, sorted, and put in their place in one step.

Memory does not grow with the file: findings are counted, rows and bodies are sorted on disk.
"""

import heapq
import os
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Final

from cper_lod.core.config import own_spool
from cper_lod.core.errors import Problem
from cper_lod.importing.subsidies.attachment import decide
from cper_lod.importing.subsidies.csv_file import Inspected, Progress, rows
from cper_lod.importing.subsidies.parse_rows import Subsidy, places, read_row
from cper_lod.importing.subsidies.report import Findings, Outcome
from cper_lod.importing.subsidies.to_rdf import Origin, body_lines, key, origin_lines, subsidy_lines

CHUNK: Final = 4 << 20
"""Bytes of lines that are sorted at once."""

_WEIGHT: Final = 64
"""What a line weighs in memory besides its characters."""


class SortedOnDisk:
    """Lines without line breaks; when all are added, they come back in the order of their characters."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._weight = 0
        self._runs: list[IO[str]] = []

    def add(self, line: str) -> None:
        """Add a line."""
        self._lines.append(line + "\n")
        self._weight += len(line) + _WEIGHT
        if self._weight > CHUNK:
            self._spill()

    def _spill(self) -> None:
        run = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", dir=own_spool())  # noqa: SIM115 - closed by `close`
        self._runs.append(run)
        run.writelines(sorted(self._lines))
        run.seek(0)
        self._lines, self._weight = [], 0

    def __iter__(self) -> Iterator[str]:
        """Yield every line in order."""
        self._lines.sort()
        for line in heapq.merge(*self._runs, self._lines):
            yield line[:-1]

    def close(self) -> None:
        """Remove what is on disk."""
        for run in self._runs:
            run.close()


_BETWEEN: Final = "\x1f"
"""Stands between the parts of a sorted line; no cell that is read holds it."""

_REMEMBERED: Final = 20_000
"""How many lines about bodies are remembered, so as not to be sorted again for each row."""


def convert(file: Inspected, origin: Origin, place: Path | None, strict: bool, progress: Progress) -> Outcome:
    """Read the file and write its subsidies to `place`, in place of what was there; None writes nothing.

    Nothing is written either where no row is kept, or where it is to be `strict` and a row has a fault: the outcome
    says so. Raises the problems of reading, and `permission`.
    """
    outcome = Outcome()
    with closing(SortedOnDisk()) as subsidies, closing(SortedOnDisk()) as bodies:
        try:
            _read(file, origin, outcome, subsidies, bodies, progress)
            with _aside(place) as aside:
                _write(aside, origin, outcome, subsidies, bodies)
                if place and outcome.kept and not (strict and outcome.faults):
                    aside.flush()
                    os.fsync(aside.fileno())
                    Path(aside.name).chmod(0o644)
                    Path(aside.name).replace(place)
                    outcome.written = place
        except OSError as error:
            raise Problem("permission", path=error.filename or place, message=error.strerror or error) from error
    return outcome


def _read(
    file: Inspected,
    origin: Origin,
    outcome: Outcome,
    subsidies: SortedOnDisk,
    bodies: SortedOnDisk,
    progress: Progress,
) -> None:
    """Sort the rows that have no fault, and the bodies that they name."""
    found = places(file, outcome.findings)
    remembered = OrderedDict[str, None]()
    for line, row in rows(file, progress):
        outcome.rows += 1
        subsidy = read_row(row, line, found, outcome.findings)
        if subsidy is None:
            continue
        decision = decide(origin.decisions, subsidy)
        if decision is None:
            outcome.not_attached += 1
            continue
        subsidies.add(_BETWEEN.join((key(subsidy), f"{line:010}", str(decision), *subsidy)))
        for each in body_lines(subsidy, origin):
            if each not in remembered:
                bodies.add(each)
                remembered[each] = None
                if len(remembered) > _REMEMBERED:
                    remembered.popitem(last=False)


def _write(file: IO[str], origin: Origin, outcome: Outcome, subsidies: SortedOnDisk, bodies: SortedOnDisk) -> None:
    """Write all lines in their order: the file, the bodies, the subsidies; of two rows for one subsidy the first."""
    file.writelines(f"{line}\n" for line in origin_lines(origin))
    last = ""
    for line in bodies:
        if line != last:
            file.write(f"{line}\n")
        last = line
    for row, decision, key_, subsidy in _single(subsidies, outcome.findings):
        outcome.kept += 1
        file.writelines(f"{line}\n" for line in subsidy_lines(key_, row, decision, subsidy, origin))


def _single(subsidies: SortedOnDisk, findings: Findings) -> Iterator[tuple[int, int, str, Subsidy]]:
    """Yield each subsidy once with its row and its decision; the rows that say it again are findings."""
    last: tuple[str, list[str], int] = ("", [], 0)
    for sorted_line in subsidies:
        key_, row, decision, *parts = sorted_line.split(_BETWEEN)
        line = int(row)
        if key_ == last[0]:
            same = parts == last[1]
            code = "row-again" if same else "row-contradicts"
            findings.add("warning" if same else "error", line, "", code, str(last[2]))
            continue
        last = (key_, parts, line)
        yield line, int(decision), key_, Subsidy(*parts)


@contextmanager
def _aside(place: Path | None) -> Iterator[IO[str]]:
    """Give a file beside the place that it is to take, gone at the end where it did not take it."""
    if place is None:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            yield nowhere
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", 1 << 20, "utf-8", "\n", prefix=".", suffix=".part", dir=place.parent, delete=False
    ) as file:
        try:
            yield file
        finally:
            Path(file.name).unlink(missing_ok=True)
