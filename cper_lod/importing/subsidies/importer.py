"""Imports a file of subsidies: parses and checks each row, sorts the result, and replaces the output file atomically."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from cper_lod.core.files import disk_errors
from cper_lod.core.identifiers import is_named, with_siren
from cper_lod.core.namespaces import BASE, CPER
from cper_lod.importing.csv_file import CsvFile, read_rows
from cper_lod.importing.subsidies.attachment import Contract, Origin, first_match
from cper_lod.importing.subsidies.parse_rows import Subsidy, match_columns, parse_row
from cper_lod.importing.subsidies.persons import PersonList, named_persons
from cper_lod.importing.subsidies.report import Findings, ImportResult, RowFinding
from cper_lod.importing.subsidies.to_rdf import body_iri, origin_lines, shared_lines, subsidy_key, subsidy_lines
from cper_lod.release.sources.writing import staged
from cper_lod.release.storage.text import words

Progress = Callable[[float], object]
"""Called from time to time with the share that is done."""
_STEP: Final = 1000


class Row(NamedTuple):
    """A subsidy, the end of its IRI, the line of its row and the index of the rule that attaches it."""

    key: str
    line: int
    rule_index: int
    subsidy: Subsidy


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

    Nothing is written either if no row is kept. `progress` is told the share that is done: half when all rows are read.
    Raises the problems of reading, and `permission`.
    """
    result = ImportResult(findings=Findings(choices.write))
    read = sorted(_read(file, origin, result, choices, lambda done: progress(done / file.size / 2)))
    rows = list(_without_duplicates(read, result.findings))
    result.kept = len(rows)
    dates = [row.subsidy.date for row in rows]
    result.first, result.last = min(dates, default=""), max(dates, default="")
    _compare_dates(rows, origin.contract, result.findings)
    _compare_names(rows, result.findings)
    if output and rows:
        origin = with_associations(origin, rows, output)
        shared = {line for row in rows for line in shared_lines(row.subsidy, origin)}
        with disk_errors(output), staged(output).open("w", encoding="utf-8", newline="\n") as new:
            new.writelines(f"{line}\n" for line in sorted([*origin_lines(origin, result), *shared]))
            for number, row in enumerate(rows):
                new.writelines(
                    f"{line}\n" for line in subsidy_lines(row.key, row.line, row.rule_index, row.subsidy, origin)
                )
                if number % _STEP == 0:
                    progress((1 + number / len(rows)) / 2)
        result.written = output
    progress(1)
    return result


def _read(file: CsvFile, origin: Origin, result: ImportResult, choices: Choices, progress: Progress) -> Iterator[Row]:
    """Yield the rows without errors that are attached and name no person."""
    findings = result.findings
    columns = match_columns(file, findings)
    is_elsewhere = lru_cache(origin.contract.grantor_is_elsewhere)
    for line, cells in read_rows(file, progress):
        result.rows += 1
        subsidy = parse_row(cells, line, columns, findings, origin.date)
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
        yield Row(subsidy_key(subsidy), line, rule_index, subsidy)


def _without_duplicates(rows: Iterable[Row], findings: Findings) -> Iterator[Row]:
    """Yield each subsidy once; of two rows for one subsidy the first is kept, the other becomes a finding."""
    first = None
    for row in rows:
        if first is None or row.key != first.key:
            yield (first := row)
            continue
        same = row.subsidy == first.subsidy
        code = "row-again" if same else "row-contradicts"
        findings.add("warning" if same else "error", row.line, "", code, str(first.line))


def _compare_dates(rows: Iterable[Row], contract: Contract, findings: Findings) -> None:
    """Tell which subsidies lie outside the period of the contract."""
    for row in rows:
        if row.subsidy.date < contract.start:
            findings.add("warning", row.line, "dateConvention", "date-before-contract", row.subsidy.date)
        elif contract.end and row.subsidy.date > contract.end:
            findings.add("warning", row.line, "dateConvention", "date-after-contract", row.subsidy.date)


def _compare_names(rows: Iterable[Row], findings: Findings) -> None:
    """Tell where one number has several names, and where the tables know that a SIREN is another body's."""
    named: dict[str, dict[str, tuple[int, str]]] = {}
    for row in rows:
        subsidy = row.subsidy
        for column, number, name in (
            ("nomAttribuant", subsidy.funder_siret[:9], subsidy.funder_name),
            ("nomBeneficiaire", subsidy.siret[:9] or subsidy.rna, subsidy.name),
        ):
            named.setdefault(number, {}).setdefault(name, (row.line, column))
    for number, names in sorted(named.items()):
        holders = list(with_siren(number))
        first = min(names)
        for name, (line, column) in sorted(names.items()):
            if holders and not any(is_named(name, each.kind, each.name) for each in holders):
                findings.add("warning", line, column, "siren-of", f"{number} : {name} ≠ {holders[0].name}")
            if name != first:
                code = "two-spellings" if words(name) == words(first) else "two-names"
                findings.add("warning", line, column, code, f"{number} : {first} ≠ {name}")


# One IRI for each association, whether a row gives its SIRET, its RNA number or both, in this file or in another one.

_NUMBER: Final = re.compile(rf'<([^>]+)> <{re.escape(CPER)}(?:siren|rna)> "(\w+)" \.'.encode())
_SUBSIDY: Final = f"<{BASE}id/subvention/".encode()


def with_associations(origin: Origin, rows: Iterable[Row], output: Path) -> Origin:
    """Return the origin of a file with the IRI of each number that belongs to a body named after another number.

    The files beside `output` may know them already.
    """
    others = sorted(output.parent.parent.rglob("*.nt"))
    known = {number: iri for path in others if path != output for number, iri in named_bodies(path)}
    sirens: dict[str, set[str]] = {}
    for row in rows:
        if row.subsidy.rna:
            sirens.setdefault(row.subsidy.rna, set()).update({row.subsidy.siret[:9]} - {""})
    aliases = dict(_aliases(sirens, {**known, **origin.bodies}))
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


def _aliases(sirens: Mapping[str, set[str]], known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each number of a body that is named after another one, or known by another name, with its IRI.

    `sirens` are those that the rows give with each RNA number.
    """
    for rna, found in sirens.items():
        if len(found) > 1:  # which of them an RNA number alone means, nothing says
            continue
        siren = next(iter(found), "")
        iri = known.get(siren) or known.get(rna) or body_iri(siren, rna)
        if siren and iri != body_iri(siren, ""):
            yield siren, iri
        if iri != body_iri("", rna):
            yield rna, iri
