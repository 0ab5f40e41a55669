"""One IRI for each association, whether a row gives its SIRET, its RNA number or both, in this file or in another one."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Final

from cper_lod.core.namespaces import BASE, CPER
from cper_lod.importing.subsidies.csv_file import CsvFile, read_rows
from cper_lod.importing.subsidies.parse_cells import InvalidCell, parse_rna, parse_siret
from cper_lod.importing.subsidies.to_rdf import Origin, body_iri

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
