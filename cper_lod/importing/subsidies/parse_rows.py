"""A row of a file of subsidies: its columns, and how its cells become a subsidy or findings.

Source: the schema SCDL subventions 2.1.1 (décret 2017-779, arrêté of 17 November 2017), and its older forms.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.importing.subsidies import parse_cells as cells
from cper_lod.importing.subsidies.csv_file import Inspected
from cper_lod.importing.subsidies.parse_cells import Fault, Reader, folded
from cper_lod.importing.subsidies.report import Findings


@dataclass(frozen=True)
class SchemaColumn:
    """A column: how a cell is read, whether every row has one, and how long it may be."""

    read: Reader
    required: bool = True
    longest: int = 1000


COLUMNS: Final[Mapping[str, SchemaColumn]] = {
    "nomAttribuant": SchemaColumn(cells.plain),
    "idAttribuant": SchemaColumn(cells.siret),
    "dateConvention": SchemaColumn(cells.day),
    "referenceDecision": SchemaColumn(cells.plain, required=False),
    "nomBeneficiaire": SchemaColumn(cells.plain),
    "idBeneficiaire": SchemaColumn(cells.siret, required=False),
    "rnaBeneficiaire": SchemaColumn(cells.rna, required=False),
    "objet": SchemaColumn(cells.plain, longest=256),
    "montant": SchemaColumn(cells.amount),
    "nature": SchemaColumn(cells.nature),
    "conditionsVersement": SchemaColumn(cells.plain, longest=256),
    "datesPeriodeVersement": SchemaColumn(cells.period),
    "idRAE": SchemaColumn(cells.plain, required=False, longest=5),
    "notificationUE": SchemaColumn(cells.yes_or_no),
    "pourcentageSubvention": SchemaColumn(cells.share),
    "dispositifAide": SchemaColumn(cells.plain, required=False),
}
NEEDED: Final = (*(name for name, column in COLUMNS.items() if column.required), "idBeneficiaire")
"""The columns without which a file is no file of subsidies."""

_UNSAFE: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd-\uffff\ud800-\udfff]"
)
"""Characters that RDF/XML cannot write, that reorder a line, or that stand for what could not be decoded."""

_TITLES: Final = (
    *("M.", "MM.", "Mr", "Mr.", "Mme", "Mme.", "MME", "Mmes", "Mlle", "Mlle.", "MLLE", "Mlles"),
    *("Monsieur", "MONSIEUR", "Madame", "MADAME", "Mademoiselle", "MADEMOISELLE"),
)
_CIVIL: Final = re.compile(rf"(?:^|[\s(,;/-])(?:{'|'.join(map(re.escape, _TITLES))}|M(?=\s+[A-ZÀ-Ý]{{2}}))\s+[A-ZÀ-Ý]")
"""A title before a name that begins with a capital."""
_SOLE: Final = re.compile(
    r"(?:^|\W)(?:e\.?i\.?|entrepreneure? individuel(?:le)?|entreprise individuelle"
    r"|(?:auto|micro)[- ]?entrep\w+|personne physique)(?:\W|$)"
)
"""The legal forms of one person."""


class Subsidy(NamedTuple):
    """A row that can be published: what each cell says, in our form (empty: nothing)."""

    funder_name: str
    funder_siret: str
    date: str
    reference: str
    name: str
    siret: str
    rna: str
    purpose: str
    amount: str
    nature: str
    conditions: str
    period: str
    rae: str
    notified: str
    share: str
    scheme: str


def places(file: Inspected, findings: Findings) -> list[str]:
    """Return the name in the schema of each column of the file, empty for one that it does not have.

    What is written otherwise than in the schema, left out or added is a finding. Raises `import-columns` where the
    file lacks a column that every row needs, or has one twice.
    """
    known = {_folded_name(name): name for name in COLUMNS}
    found = [known.get(_folded_name(name), "") for name in file.header]
    twice = sorted({name for name in found if name and found.count(name) > 1})
    missing = [name for name in NEEDED if name not in found]
    if twice or missing:
        columns = ", ".join(missing or twice)
        raise Problem("import-columns", path=file.path, columns=columns, read=", ".join(file.header)[:300])
    for name, written in zip(found, file.header, strict=True):
        if not name:
            findings.add("warning", 1, written[:40], "header-unknown", written)
        elif name != written:
            findings.add("warning", 1, name, "header-spelling", written)
    for name in COLUMNS:
        if name not in found:
            findings.add("warning", 1, name, "header-missing")
    if [name for name in found if name] != [name for name in COLUMNS if name in found]:
        findings.add("warning", 1, "", "header-order")
    return found


def _folded_name(name: str) -> str:
    """Return the name of a column without case, accents, blanks and signs."""
    return re.sub("[^a-z0-9]", "", folded(name))


def read_row(row: Sequence[str], line: int, found: Sequence[str], findings: Findings) -> Subsidy | None:
    """Return the subsidy of a row, None where it has a fault, or names a person; the findings say why."""
    if len(row) != len(found):
        findings.add("error", line, "", "row-length", f"{len(row)} ≠ {len(found)}")
        return None
    written = dict(zip(found, row, strict=True))
    values, whole = [], True
    for name, column in COLUMNS.items():
        try:
            value, tolerated = _cell(written.get(name, ""), column)
        except Fault as fault:
            findings.add("error", line, name, fault.code, written.get(name, ""))
            value, whole = "", False
        else:
            if tolerated:
                findings.add("warning", line, name, tolerated, written[name])
        values.append(value)
    subsidy = Subsidy(*values)
    if not written.get("idBeneficiaire", "").strip() and not written.get("rnaBeneficiaire", "").strip():
        findings.add("error", line, "idBeneficiaire", "beneficiary-unidentified")
        return None
    return subsidy if whole and not _names_a_person(subsidy, line, findings) else None


def _cell(text: str, column: SchemaColumn) -> tuple[str, str]:
    """Return what a cell says; blanks and line breaks count as one space. Raises `Fault`."""
    if _UNSAFE.search(text):
        raise Fault("value-characters")
    text = " ".join(text.split())
    if not text:
        if column.required:
            raise Fault("value-missing")
        return "", ""
    if len(text) > column.longest:
        raise Fault("value-too-long")
    return column.read(text)


def _names_a_person(subsidy: Subsidy, line: int, findings: Findings) -> bool:
    """Return whether the words of the row are those for a person; an association with an RNA number is none."""
    named = not subsidy.rna and (_CIVIL.search(subsidy.name) or _SOLE.search(folded(subsidy.name)))
    for column, is_person in (("nomBeneficiaire", named), ("objet", _CIVIL.search(subsidy.purpose))):
        if is_person:
            findings.add("person", line, column, "person-named")
            return True
    return False
