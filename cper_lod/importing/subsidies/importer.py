"""Imports a file of subsidies: parses and checks each row, sorts the result, and replaces the output file atomically."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from cper_lod.core.files import disk_errors
from cper_lod.core.identifiers import is_named, with_siren
from cper_lod.importing.csv_file import CsvFile, read_rows
from cper_lod.importing.subsidies.attachment import Contract, Origin, first_match
from cper_lod.importing.subsidies.parse_rows import Subsidy, match_columns, parse_row
from cper_lod.importing.subsidies.persons import PersonList, named_persons
from cper_lod.importing.subsidies.report import Findings, ImportResult, RowFinding
from cper_lod.importing.subsidies.to_rdf import body_iri, origin_lines, shared_lines, subsidy_key, subsidy_lines
from cper_lod.rdf.statements import relative_names
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

    Nothing is written either if no row is kept. `progress` is called with the share that is done: half when all rows are read.
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
        origin = with_associations(origin, rows)
        shared = {line for row in rows for line in shared_lines(row.subsidy, origin)}
        with disk_errors(output), staged(output).open("wb") as new:
            new.write(_written(sorted([*origin_lines(origin, result), *shared]), origin))
            for number, row in enumerate(rows):
                new.write(_written(subsidy_lines(row.key, row.line, row.rule_index, row.subsidy, origin), origin))
                if number % _STEP == 0:
                    progress((1 + number / len(rows)) / 2)
        result.written = output
    progress(1)
    return result


def _written(lines: Iterable[str], origin: Origin) -> bytes:
    return relative_names("".join(f"{line}\n" for line in lines).encode(), origin.contract.names)


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


def with_associations(origin: Origin, rows: Iterable[Row]) -> Origin:
    """Return the origin of a file with one IRI for each association, whether a row gives its SIREN, its RNA number or both."""
    sirens: dict[str, set[str]] = {}
    for row in rows:
        if row.subsidy.rna and row.subsidy.siret:
            sirens.setdefault(row.subsidy.rna, set()).add(row.subsidy.siret[:9])
    aliases: dict[str, str] = {}
    for rna, found in sirens.items():
        if len(found) == 1:  # which of several an RNA number alone means, nothing says
            (siren,) = found
            iri = origin.bodies.get(siren) or origin.bodies.get(rna) or body_iri(siren, rna, origin.contract.names)
            aliases |= {siren: iri, rna: iri}
    described = set(origin.bodies.values())
    bodies = {number: iri for number, iri in aliases.items() if iri in described}
    return replace(origin, bodies={**bodies, **origin.bodies}, aliases=aliases)
