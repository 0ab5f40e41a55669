"""Imports a file of subsidies: parses and checks each row, sorts the result, and replaces the output file atomically.

Memory does not grow with the file: findings are counted, rows and bodies are sorted on disk.
"""

import heapq
import tempfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, BinaryIO, Final

from cper_lod.core.config import default_spool
from cper_lod.core.errors import Problem
from cper_lod.core.files import AtomicFile
from cper_lod.importing.subsidies.associations import association_numbers, with_associations
from cper_lod.importing.subsidies.attachment import first_match
from cper_lod.importing.subsidies.csv_file import CsvFile, Progress, read_rows
from cper_lod.importing.subsidies.parse_rows import Subsidy, match_columns, parse_row
from cper_lod.importing.subsidies.report import Findings, ImportResult
from cper_lod.importing.subsidies.to_rdf import Origin, body_lines, origin_lines, subsidy_key, subsidy_lines

CHUNK_BYTES: Final = 4 << 20
"""Bytes of lines that are sorted in memory."""

_WEIGHT: Final = 64
"""Memory that a line takes besides its characters, in bytes."""


class SortedOnDisk:
    """An external sort of lines without line breaks. Add all lines, then iterate."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._weight = 0
        self._runs: list[IO[str]] = []

    def add(self, line: str) -> None:
        """Add a line."""
        self._lines.append(line + "\n")
        self._weight += len(line) + _WEIGHT
        if self._weight > CHUNK_BYTES:
            self._spill()

    def _spill(self) -> None:
        run = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", dir=default_spool())  # noqa: SIM115 - closed by `close`
        self._runs.append(run)
        run.writelines(sorted(self._lines))
        self._lines, self._weight = [], 0

    def __iter__(self) -> Iterator[str]:
        """Yield every line in order, each time from the first."""
        self._lines.sort()
        for run in self._runs:
            run.seek(0)
        for line in heapq.merge(*self._runs, self._lines):
            yield line[:-1]

    def close(self) -> None:
        """Remove the temporary files."""
        for run in self._runs:
            run.close()


_SEPARATOR: Final = "\x1f"
"""Separates the parts of a sorted line; no valid cell contains it."""

MAX_RECENT: Final = 20_000
"""Lines about bodies that are remembered, so that a body is not sorted again for each of its rows."""


def import_file(file: CsvFile, origin: Origin, output: Path | None, strict: bool, progress: Progress) -> ImportResult:
    """Read the file and write its subsidies to `output`, replacing it; None writes nothing.

    Nothing is written either if no row is kept, or if `strict` is set and a row has an error.
    Raises the problems of reading, and `permission`.
    """
    result = ImportResult()
    with closing(SortedOnDisk()) as numbers:
        for line in association_numbers(file, match_columns(file, Findings())):
            numbers.add(line)
        origin = with_associations(origin, numbers, output)
    with closing(SortedOnDisk()) as subsidies, closing(SortedOnDisk()) as bodies:
        try:
            _read(file, origin, result, subsidies, progress)
            _count_kept(origin, result, subsidies, bodies)
            if output is None or not result.kept or (strict and result.error_count):
                return result
            output.parent.mkdir(parents=True, exist_ok=True)
            with AtomicFile(output, mode=0o644, sync=True) as new:
                _write(new.file, origin, result, subsidies, bodies)
                new.commit()
                result.written = output
        except OSError as error:
            raise Problem("permission", path=error.filename or output, message=error.strerror or error) from error
    return result


def _read(
    file: CsvFile,
    origin: Origin,
    result: ImportResult,
    subsidies: SortedOnDisk,
    progress: Progress,
) -> None:
    """Sort the rows without errors."""
    columns = match_columns(file, result.findings)
    for line, row in read_rows(file, progress):
        result.rows += 1
        subsidy = parse_row(row, line, columns, result.findings, origin.date)
        if subsidy is None:
            continue
        rule_index = first_match(origin.rules, subsidy)
        if rule_index is None:
            result.not_attached += 1
            continue
        subsidies.add(_SEPARATOR.join((subsidy_key(subsidy), f"{line:010}", str(rule_index), *subsidy)))


def _write(file: BinaryIO, origin: Origin, result: ImportResult, subsidies: SortedOnDisk, bodies: SortedOnDisk) -> None:
    """Write all lines in order: the file, the bodies, the subsidies. Of two rows for one subsidy the first is kept."""
    file.writelines(f"{line}\n".encode() for line in origin_lines(origin, result))
    last = ""
    for line in bodies:
        if line != last:
            file.write(f"{line}\n".encode())
        last = line
    for row, rule_index, key, subsidy in _without_duplicates(subsidies):
        file.writelines(f"{line}\n".encode() for line in subsidy_lines(key, row, rule_index, subsidy, origin))


def _count_kept(origin: Origin, result: ImportResult, subsidies: SortedOnDisk, bodies: SortedOnDisk) -> None:
    """Count the subsidies that are kept, their dates, those outside the period of the contract; sort their bodies."""
    contract = origin.contract
    recent = OrderedDict[str, None]()
    for row, _, _, subsidy in _without_duplicates(subsidies, result.findings):
        result.kept += 1
        result.first = min(result.first or subsidy.date, subsidy.date)
        result.last = max(result.last, subsidy.date)
        if subsidy.date < contract.start:
            result.findings.add("warning", row, "dateConvention", "date-before-contract", subsidy.date)
        elif contract.end and subsidy.date > contract.end:
            result.findings.add("warning", row, "dateConvention", "date-after-contract", subsidy.date)
        for each in body_lines(subsidy, origin):
            if each not in recent:
                bodies.add(each)
                recent[each] = None
                if len(recent) > MAX_RECENT:
                    recent.popitem(last=False)


def _without_duplicates(
    subsidies: SortedOnDisk, findings: Findings | None = None
) -> Iterator[tuple[int, int, str, Subsidy]]:
    """Yield each subsidy once with its row and its rule; rows that repeat it become findings."""
    last: tuple[str, list[str], int] = ("", [], 0)
    for sorted_line in subsidies:
        key, row, rule_index, *parts = sorted_line.split(_SEPARATOR)
        line = int(row)
        if key == last[0]:
            same = parts == last[1]
            code = "row-again" if same else "row-contradicts"
            if findings is not None:
                findings.add("warning" if same else "error", line, "", code, str(last[2]))
            continue
        last = (key, parts, line)
        yield line, int(rule_index), key, Subsidy(*parts)
