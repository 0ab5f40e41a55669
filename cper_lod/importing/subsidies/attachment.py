"""What attaches a subsidy to a contract and an axis: a person's decision, for a file or by rules, and recorded."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.namespaces import BASE, CPER, RDF, SKOS
from cper_lod.importing.subsidies.csv_file import inspect, rows
from cper_lod.importing.subsidies.parse_cells import Fault, day, folded
from cper_lod.importing.subsidies.parse_rows import Subsidy
from cper_lod.rdf.reader import read

RULES_LIMIT: Final = 500
_COLUMNS: Final = ("dispositif", "objet", "axe", "date", "raison")


@dataclass(frozen=True)
class Contract:
    """A contract of the data: its IRI, and its axes by their number."""

    iri: str
    axes: Mapping[str, str]


@dataclass(frozen=True)
class Decision:
    """What a person decided: the axis (an IRI, or empty), when and why; for the patterns of a rule, or for any row."""

    axis: str
    scheme: str = "*"
    purpose: str = "*"
    date: str = ""
    reason: str = ""

    def covers(self, subsidy: Subsidy) -> bool:
        """Return whether the scheme of the aid (or its number in the RAE) and the purpose fit the patterns."""
        scheme, purpose = folded(self.scheme), folded(self.purpose)
        return fnmatchcase(folded(subsidy.purpose), purpose) and any(
            fnmatchcase(folded(each), scheme) for each in (subsidy.scheme, subsidy.rae)
        )


def find_contract(files: Sequence[Path], wanted: str) -> Contract:
    """Return the contract named, by its IRI or the end of it; raises `import-contract`, and the problems of reading."""
    said = [(_value(quad.subject), quad.predicate.value, _value(quad.object)) for path in files for quad in read(path)]
    contracts = {
        subject for subject, predicate, value in said if (predicate, value) == (RDF + "type", CPER + "Contrat")
    }
    iri = wanted if "://" in wanted else f"{BASE}id/contrat/{wanted}"
    if iri not in contracts:
        known = ", ".join(sorted(each.rpartition("/")[2] for each in contracts)) or "–"
        raise Problem("import-contract", contract=wanted, known=known)
    ours = {subject for subject, predicate, value in said if (predicate, value) == (CPER + "contrat", iri)}
    ours &= {subject for subject, predicate, value in said if (predicate, value) == (RDF + "type", CPER + "Axe")}
    numbers = {
        value: subject for subject, predicate, value in said if predicate == SKOS + "notation" and subject in ours
    }
    return Contract(iri, numbers)


def find_axis(contract: Contract, number: str) -> str:
    """Return the IRI of an axis of the contract, empty where none is asked for; raises `import-axis`."""
    if number and number not in contract.axes:
        raise Problem("import-axis", axis=number, contract=contract.iri, known=", ".join(sorted(contract.axes)))
    return contract.axes[number] if number else ""


def decide(decisions: Sequence[Decision], subsidy: Subsidy) -> int | None:
    """Return the place of the first decision that covers the subsidy, None where none does."""
    return next((place for place, each in enumerate(decisions) if each.covers(subsidy)), None)


def read_rules(path: Path, contract: Contract) -> list[Decision]:
    """Return the rules of a CSV file (dispositif, objet, axe, date, raison); `*` stands for any text.

    Raises the problems of reading, and `import-rules` for what no rule can be.
    """
    file = inspect(path)
    header = [re.sub("[^a-z]", "", folded(name)) for name in file.header]
    if sorted(header) != sorted(_COLUMNS):
        raise _faulty(path, 1, Phrase("the columns are not these", fr="les colonnes ne sont pas celles-ci"))
    rules = list[Decision]()
    for line, row in rows(file):
        if len(row) != len(header) or len(rules) == RULES_LIMIT:
            raise _faulty(path, line, Phrase("too many cells, or rules", fr="trop de cellules, ou de règles"))
        rules.append(_rule(dict(zip(header, map(str.strip, row), strict=True)), contract, path, line))
    return rules


def _rule(cells: Mapping[str, str], contract: Contract, path: Path, line: int) -> Decision:
    if not cells["raison"] or not cells["raison"].isprintable():
        raise _faulty(path, line, Phrase("no reason is given", fr="aucune raison n'est donnée"))
    try:
        date = day(cells["date"])[0]
    except Fault:
        raise _faulty(path, line, Phrase("the date cannot be read", fr="la date ne se lit pas")) from None
    scheme, purpose = (cells[name] or "*" for name in ("dispositif", "objet"))
    return Decision(find_axis(contract, cells["axe"]), scheme, purpose, date, cells["raison"])


def _faulty(path: Path, line: int, message: Phrase) -> Problem:
    return Problem("import-rules", path=path, line=line, message=message, columns=",".join(_COLUMNS))


def bodies(files: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Yield the SIREN and the IRI of each body that the data already describe."""
    for path in files:
        for quad in read(path):
            if quad.predicate.value == CPER + "siren":
                yield _value(quad.object), _value(quad.subject)


def _value(term: object) -> str:
    """Return the text of an IRI or of a literal."""
    return str(getattr(term, "value", ""))
