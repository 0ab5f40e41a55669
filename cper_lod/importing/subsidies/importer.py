"""Imports a file of subsidies: parses and checks each row, sorts the result, and replaces the output file atomically.

Memory does not grow with the file: findings are counted, rows and bodies are sorted on disk.
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from cper_lod.core.files import file_problem, temporary_folder
from cper_lod.core.identifiers import is_named, with_siren
from cper_lod.core.namespaces import BASE, CPER
from cper_lod.core.sorting import Sorter
from cper_lod.importing.csv_file import CsvFile, read_rows
from cper_lod.importing.subsidies.attachment import Origin, first_match
from cper_lod.importing.subsidies.parse_cells import InvalidCell, parse_rna, parse_siret
from cper_lod.importing.subsidies.parse_rows import Subsidy, match_columns, parse_row
from cper_lod.importing.subsidies.persons import PersonList, named_persons
from cper_lod.importing.subsidies.report import Findings, ImportResult, RowFinding
from cper_lod.importing.subsidies.to_rdf import body_iri, origin_lines, shared_lines, subsidy_key, subsidy_lines
from cper_lod.release.sources.writing import staged
from cper_lod.release.storage.text import words

Progress = Callable[[float], object]
"""Called from time to time with the share that is done."""
_STEP: Final = 1000
SORTED_BYTES: Final = 16 << 20
"""Bytes of lines that are sorted in memory."""
_SEPARATOR: Final = "\x1f"
"""Separates the parts of a sorted line; no valid cell contains it."""
MAX_RECENT: Final = 20_000
"""Lines about bodies and periods that are remembered, so that one is not sorted again for each of its rows."""


class Choices(NamedTuple):
    """What the person who imports decided: what is written, whose rows are kept, and where findings are told."""

    persons: PersonList
    other_grantors: bool = False
    """Whether rows of local authorities outside the territory of the contract are kept."""
    write: Callable[[RowFinding], object] = lambda _: None


def import_file(
    file: CsvFile, origin: Origin, output: Path | None, choices: Choices, progress: Progress
) -> ImportResult:
    """Read the file and write its subsidies to `output`, `staged`; None writes nothing.

    Nothing is written either if no row is kept. `progress` is told the share that is done: a third when all rows are read, two
    when they are compared.
    Raises the problems of reading, and `permission`.
    """
    result = ImportResult(findings=Findings(choices.write))
    try:
        with tempfile.TemporaryDirectory(prefix="cper-lod-import-", dir=temporary_folder()) as folder:
            numbers, subsidies, bodies = (Path(folder, name) for name in ("numbers", "subsidies", "bodies"))
            with Sorter(numbers, SORTED_BYTES) as sorter:
                for line in association_numbers(file, match_columns(file, Findings())):
                    sorter.write(f"{line}\n".encode())
            with numbers.open(encoding="utf-8") as lines:
                origin = with_associations(origin, map(str.rstrip, lines), output)
            with Sorter(subsidies, SORTED_BYTES) as sorter:
                _read(file, origin, result, choices, sorter, lambda done: progress(done / file.size / 3))
            with Sorter(bodies, SORTED_BYTES) as body_sorter, Sorter(numbers, SORTED_BYTES) as name_sorter:
                _count_kept(origin, result, subsidies, body_sorter, name_sorter, lambda done: progress((1 + done) / 3))
            _compare_names(numbers, result.findings)
            if output is None or not result.kept:
                return result
            with staged(output).open("wb") as new:
                _write(new, origin, result, subsidies, bodies, lambda done: progress((2 + done) / 3))
            result.written = output
    except OSError as error:
        raise file_problem(error, output or temporary_folder()) from error
    return result


def _read(
    file: CsvFile, origin: Origin, result: ImportResult, choices: Choices, subsidies: Sorter, progress: Progress
) -> None:
    """Sort the rows without errors that are attached and name no person."""
    findings = result.findings
    columns = match_columns(file, findings)
    is_elsewhere = lru_cache(origin.contract.grantor_is_elsewhere)
    for line, row in read_rows(file, progress):
        result.rows += 1
        subsidy = parse_row(row, line, columns, findings, origin.date)
        if subsidy is None:
            continue
        if is_elsewhere(subsidy.funder_siret[:9]):
            grantor = f"{subsidy.funder_name} ({subsidy.funder_siret[:9]})"
            severity = "warning" if choices.other_grantors else "error"
            findings.add(severity, line, "idAttribuant", "grantor-elsewhere", grantor)
            if not choices.other_grantors:
                continue
        rule_index = first_match(origin.rules, subsidy)
        if rule_index is None:
            result.not_attached += 1
            continue
        named = named_persons(subsidy)
        reviewed = [choices.persons.add(origin.name, line, column, subsidy) for column, _ in named]
        if not all(reviewed):
            findings.add("person", line, *named[reviewed.index(False)])
            continue
        for column, _ in named:
            findings.add("warning", line, column, "person-reviewed")
        parts = _SEPARATOR.join((subsidy_key(subsidy), f"{line:010}", str(rule_index), *subsidy))
        subsidies.write(f"{parts}\n".encode())


def _write(
    file: BinaryIO, origin: Origin, result: ImportResult, subsidies: Path, bodies: Path, progress: Progress
) -> None:
    """Write all lines in order: the file, periods and bodies, the subsidies. Of two rows for one subsidy the first is kept."""
    with bodies.open("rb") as lines:
        file.writelines(merge((f"{line}\n".encode() for line in origin_lines(origin, result)), lines))
    for row, rule_index, key, subsidy in _without_duplicates(subsidies, progress):
        file.writelines(f"{line}\n".encode() for line in subsidy_lines(key, row, rule_index, subsidy, origin))


def _count_kept(
    origin: Origin, result: ImportResult, subsidies: Path, bodies: Sorter, names: Sorter, progress: Progress
) -> None:
    """Count the subsidies that are kept, their dates, those outside the period of the contract; sort what they share, and names."""
    contract = origin.contract
    recent = set[str]()
    for row, _, _, subsidy in _without_duplicates(subsidies, progress, result.findings):
        result.kept += 1
        result.first = min(result.first or subsidy.date, subsidy.date)
        result.last = max(result.last, subsidy.date)
        if subsidy.date < contract.start:
            result.findings.add("warning", row, "dateConvention", "date-before-contract", subsidy.date)
        elif contract.end and subsidy.date > contract.end:
            result.findings.add("warning", row, "dateConvention", "date-after-contract", subsidy.date)
        if len(recent) > MAX_RECENT:
            recent.clear()
        for each in shared_lines(subsidy, origin):
            if each not in recent:
                bodies.write(f"{each}\n".encode())
                recent.add(each)
        for column, number, name in (
            ("nomAttribuant", subsidy.funder_siret[:9], subsidy.funder_name),
            ("nomBeneficiaire", subsidy.siret[:9] or subsidy.rna, subsidy.name),
        ):
            if (each := _SEPARATOR.join((number, name))) not in recent:
                names.write(f"{each}{_SEPARATOR}{row:010}{_SEPARATOR}{column}\n".encode())
                recent.add(each)


def _compare_names(names: Path, findings: Findings) -> None:
    """Tell where one number has several names, and where the tables know that a SIREN is another body's."""
    with names.open(encoding="utf-8", newline="\n") as lines:
        rows = (line[:-1].split(_SEPARATOR) for line in lines)
        for number, of_number in groupby(rows, itemgetter(0)):
            holders = list(with_siren(number))
            first = ""
            for name, of_name in groupby(of_number, itemgetter(1)):
                _, _, row, column = next(of_name)
                if holders and not any(is_named(name, each.kind, each.name) for each in holders):
                    findings.add("warning", int(row), column, "siren-of", f"{number} : {name} ≠ {holders[0].name}")
                if first:
                    code = "two-spellings" if words(name) == words(first) else "two-names"
                    findings.add("warning", int(row), column, code, f"{number} : {first} ≠ {name}")
                first = first or name


def _without_duplicates(
    subsidies: Path, progress: Progress, findings: Findings | None = None
) -> Iterator[tuple[int, int, str, Subsidy]]:
    """Yield each subsidy once with its row and its rule; rows that repeat it become findings."""
    last: tuple[str, list[str], int] = ("", [], 0)
    size, done = subsidies.stat().st_size, 0
    with subsidies.open(encoding="utf-8", newline="\n") as lines:
        for number, sorted_line in enumerate(lines):
            done += len(sorted_line)
            if number % _STEP == 0:
                progress(done / size)
            key, row, rule_index, *parts = sorted_line[:-1].split(_SEPARATOR)
            line, same = int(row), parts == last[1]
            if key != last[0]:
                last = (key, parts, line)
                yield line, int(rule_index), key, Subsidy(*parts)
            elif findings is not None:
                code = "row-again" if same else "row-contradicts"
                findings.add("warning" if same else "error", line, "", code, str(last[2]))


# One IRI for each association, whether a row gives its SIRET, its RNA number or both, in this file or in another one.

_NUMBER: Final = re.compile(rf'<([^>]+)> <{re.escape(CPER)}(?:siren|rna)> "(\w+)" \.'.encode())
_SUBSIDY: Final = f"<{BASE}id/subvention/".encode()


def association_numbers(file: CsvFile, columns: Sequence[str]) -> Iterator[str]:
    """Yield the RNA number and the SIREN ("" for none) of each row that has an RNA number."""
    if not {"idBeneficiaire", "rnaBeneficiaire"} <= set(columns):
        return
    siret, rna = (columns.index(name) for name in ("idBeneficiaire", "rnaBeneficiaire"))
    for _, row in read_rows(file):
        if len(row) == len(columns) and row[rna].strip():
            with suppress(InvalidCell):
                digits = parse_siret(row[siret].strip())[0] if row[siret].strip() else ""
                yield f"{parse_rna(row[rna].strip())[0]} {digits[:9]}"


def with_associations(origin: Origin, numbers: Iterable[str], output: Path | None) -> Origin:
    """Return the origin of a file with the IRI of each number that belongs to a body named after another number.

    `numbers` are those of its rows (`association_numbers`), sorted; the files beside `output` may know them already.
    """
    others = sorted(output.parent.parent.rglob("*.nt")) if output else []
    known = {number: iri for path in others if path != output for number, iri in named_bodies(path)}
    aliases = dict(_aliases(numbers, {**known, **origin.bodies}))
    described = set(origin.bodies.values())
    bodies = {number: iri for number, iri in aliases.items() if iri in described}
    return replace(origin, bodies={**bodies, **origin.bodies}, aliases=aliases)


def named_bodies(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the RNA number of each body in a file of subsidies, and its SIREN if it is not named after it, with its IRI."""
    with path.open("rb") as lines:
        for line in lines:
            if line.startswith(_SUBSIDY):  # the bodies stand before
                return
            if match := _NUMBER.match(line):
                iri, number = match[1].decode(), match[2].decode()
                if not number.isdigit() or iri != body_iri(number, ""):
                    yield number, iri


def _aliases(numbers: Iterable[str], known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each number of a body that is named after another one, or known by another name, with its IRI."""
    for rna, lines in groupby(numbers, lambda line: line.partition(" ")[0]):
        sirens = sorted({line.partition(" ")[2] for line in lines} - {""})
        if len(sirens) > 1:  # which of them an RNA number alone means, nothing says
            continue
        (siren,) = sirens or ("",)
        iri = known.get(siren) or known.get(rna) or body_iri(siren, rna)
        if siren and iri != body_iri(siren, ""):
            yield siren, iri
        if iri != body_iri("", rna):
            yield rna, iri
