"""Attaches subsidies to a contract and an axis, by rules that a person wrote; the rules are published too."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from cper_lod.core.config import today
from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.namespaces import BASE, CPER, DCAT, DCT, SKOS
from cper_lod.core.text import folded
from cper_lod.importing.subsidies.csv_file import inspect_csv, read_rows
from cper_lod.importing.subsidies.parse_cells import InvalidCell, parse_date
from cper_lod.importing.subsidies.parse_rows import Subsidy
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read

MAX_RULES: Final = 500
_COLUMNS: Final = ("dispositif", "objet", "axe", "date", "raison")


@dataclass(frozen=True)
class Contract:
    """A contract in the data: its IRI, the IRIs of its axes by number, its first and last day ("" if not stated)."""

    iri: str
    axes: Mapping[str, str]
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class AttachmentRule:
    """A rule for rows that match its patterns: the axis (an IRI or ""), when and why a person decided so."""

    axis: str
    scheme: str = "*"
    purpose: str = "*"
    date: str = ""
    reason: str = ""

    def covers(self, subsidy: Subsidy) -> bool:
        """Return whether the purpose matches, and the scheme of the aid or its number in the RAE."""
        scheme, purpose = folded(self.scheme), folded(self.purpose)
        return fnmatchcase(folded(subsidy.purpose), purpose) and any(
            fnmatchcase(folded(text), scheme) for text in (subsidy.scheme, subsidy.rae)
        )


def find_contract(files: Sequence[Path], name: str) -> Contract:
    """Return a contract by its IRI or the end of its IRI; raises `import-contract`, and the problems of reading."""
    graph = Graph(quad for path in files for quad in read(path))
    contracts = {node.value: node for node in graph.subjects() if CPER + "Contrat" in graph.types(node)}
    iri = name if "://" in name else f"{BASE}id/contrat/{name}"
    if iri not in contracts:
        known = ", ".join(sorted(each.rpartition("/")[2] for each in contracts)) or "–"
        raise Problem("import-contract", contract=name, known=known)
    axes = (node for node in graph.subjects() if CPER + "Axe" in graph.types(node))
    numbers = {
        graph.value(axis, SKOS + "notation"): axis.value
        for axis in axes
        if contracts[iri] in graph.all(axis, CPER + "contrat") and graph.all(axis, SKOS + "notation")
    }
    period = graph.one(contracts[iri], DCT + "temporal")
    # A year stands for its first day, and for its last.
    start, end = (
        day and day + rest[len(day) :]
        for name, rest in (("startDate", "0000-01-01"), ("endDate", "0000-12-31"))
        for day in (graph.value(period, DCAT + name) if period else "",)
    )
    return Contract(iri, numbers, start, end)


def find_axis(contract: Contract, number: str) -> str:
    """Return the IRI of an axis of the contract, "" if no number is given; raises `import-axis`."""
    if number and number not in contract.axes:
        raise Problem("import-axis", axis=number, contract=contract.iri, known=", ".join(sorted(contract.axes)))
    return contract.axes[number] if number else ""


def first_match(rules: Sequence[AttachmentRule], subsidy: Subsidy) -> int | None:
    """Return the index of the first rule that covers the subsidy, None if none does."""
    return next((index for index, rule in enumerate(rules) if rule.covers(subsidy)), None)


def read_rules(path: Path, contract: Contract) -> list[AttachmentRule]:
    """Return the rules of a CSV file (dispositif, objet, axe, date, raison); `*` stands for any text.

    Raises the problems of reading, and `import-rules` for invalid rules.
    """
    file = inspect_csv(path)
    header = [re.sub("[^a-z]", "", folded(name)) for name in file.header]
    if sorted(header) != sorted(_COLUMNS):
        raise _invalid_rules(path, 1, Phrase("the columns are not these", fr="les colonnes ne sont pas celles-ci"))
    rules = list[AttachmentRule]()
    for line, row in read_rows(file):
        if len(row) != len(header) or len(rules) == MAX_RULES:
            raise _invalid_rules(path, line, Phrase("too many cells, or rules", fr="trop de cellules, ou de règles"))
        rules.append(_rule(dict(zip(header, map(str.strip, row), strict=True)), contract, path, line))
    return rules


def _rule(cells: Mapping[str, str], contract: Contract, path: Path, line: int) -> AttachmentRule:
    if not cells["raison"] or not cells["raison"].isprintable():
        raise _invalid_rules(path, line, Phrase("no reason is given", fr="aucune raison n'est donnée"))
    try:
        date = parse_date(cells["date"])[0]
    except InvalidCell:
        raise _invalid_rules(path, line, Phrase("the date cannot be read", fr="la date ne se lit pas")) from None
    if date > today():
        raise _invalid_rules(path, line, Phrase("the date is yet to come", fr="la date est à venir"))
    scheme, purpose = (cells[name] or "*" for name in ("dispositif", "objet"))
    return AttachmentRule(find_axis(contract, cells["axe"]), scheme, purpose, date, cells["raison"])


def _invalid_rules(path: Path, line: int, message: Phrase) -> Problem:
    return Problem("import-rules", path=path, line=line, message=message, columns=",".join(_COLUMNS))


def known_bodies(files: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Yield the SIREN, or the RNA number, and the IRI of each body in the data."""
    for path in files:
        for quad in read(path):
            if quad.predicate.value in (CPER + "siren", CPER + "rna"):
                yield _value(quad.object), _value(quad.subject)


def _value(term: object) -> str:
    """Return the text of an IRI or of a literal."""
    return str(getattr(term, "value", ""))
