"""Parses the rows of a file of subsidies: matches columns, and turns each row into a subsidy or findings.

Source: the schema SCDL subventions 2.1.1 (décret 2017-779, arrêté of 17 November 2017), and its older versions.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from cper_lod.core.config import today
from cper_lod.core.errors import Problem
from cper_lod.core.text import folded
from cper_lod.importing.csv_file import CsvFile
from cper_lod.importing.subsidies import parse_cells as cells
from cper_lod.importing.subsidies.parse_cells import CellParser, InvalidCell
from cper_lod.importing.subsidies.report import Findings


@dataclass(frozen=True)
class SchemaColumn:
    """A column of the schema: its cell parser, whether it is required, and its longest text."""

    parse: CellParser
    required: bool = True
    max_length: int = 1000


COLUMNS: Final[Mapping[str, SchemaColumn]] = {
    "nomAttribuant": SchemaColumn(cells.any_text),
    "idAttribuant": SchemaColumn(cells.parse_siret),
    "dateConvention": SchemaColumn(cells.parse_date),
    "referenceDecision": SchemaColumn(cells.any_text, required=False),
    "nomBeneficiaire": SchemaColumn(cells.any_text),
    "idBeneficiaire": SchemaColumn(cells.parse_siret, required=False),
    "rnaBeneficiaire": SchemaColumn(cells.parse_rna, required=False),
    "objet": SchemaColumn(cells.any_text, max_length=256),
    "montant": SchemaColumn(cells.parse_amount),
    "nature": SchemaColumn(cells.parse_nature),
    "conditionsVersement": SchemaColumn(cells.any_text, max_length=256),
    "datesPeriodeVersement": SchemaColumn(cells.parse_period),
    "idRAE": SchemaColumn(cells.any_text, required=False, max_length=5),
    "notificationUE": SchemaColumn(cells.parse_yes_no),
    "pourcentageSubvention": SchemaColumn(cells.parse_share),
    "dispositifAide": SchemaColumn(cells.any_text, required=False),
}
REQUIRED_COLUMNS: Final = (*(name for name, column in COLUMNS.items() if column.required), "idBeneficiaire")
"""Columns that every file must have."""

_UNSAFE: Final = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd-\uffff\ud800-\udfff]"
)
"""Characters that RDF/XML cannot contain, that reorder text (bidi), or that mark decoding errors."""

_TOTAL: Final = re.compile(r"\s*(?:sous[- ]?)?tota(?:l|ux)\b", re.IGNORECASE)


class Subsidy(NamedTuple):
    """A row that can be published: its normalized cells ("" for none)."""

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


def match_columns(file: CsvFile, findings: Findings) -> list[str]:
    """Return the schema name of each column of the file, "" for unknown columns.

    Unknown columns are warnings. Raises `import-columns` if a required column is missing or a column occurs twice.
    """
    known = {_folded_name(name): name for name in COLUMNS}
    columns = [known.get(_folded_name(name), "") for name in file.header]
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    missing = [name for name in REQUIRED_COLUMNS if name not in columns]
    if twice or missing:
        faulty = ", ".join(missing or twice)
        raise Problem("import-columns", path=file.path, columns=faulty, read=", ".join(file.header)[:300])
    for name, written in zip(columns, file.header, strict=True):
        if not name:
            findings.add("warning", 1, written[:40], "header-unknown", written)
    return columns


def _folded_name(name: str) -> str:
    """Return the name of a column in lower case, ASCII letters and digits only."""
    return re.sub("[^a-z0-9]", "", folded(name))


def parse_row(
    row: Sequence[str], line: int, columns: Sequence[str], findings: Findings, file_date: str = ""
) -> Subsidy | None:
    """Return the subsidy of a row, or None if it has an error; the findings say why.

    No agreement is of a day to come, nor of a day after that of its file ("" if it is not known).
    """
    if len(row) != len(columns):
        findings.add("error", line, "", "row-length", f"{len(row)} ≠ {len(columns)}")
        return None
    cells_by_column = dict(zip(columns, row, strict=True))
    if not cells_by_column["dateConvention"].strip() and any(map(_TOTAL.match, row)):
        findings.add("error", line, "", "row-total")
        return None
    values, valid = [], True
    for name, column in COLUMNS.items():
        try:
            value = _cell(cells_by_column.get(name, ""), column)
        except InvalidCell as error:
            findings.add("error", line, name, error.code, cells_by_column.get(name, ""))
            value, valid = "", False
        values.append(value)
    subsidy = Subsidy(*values)
    if subsidy.amount == "0":
        findings.add("warning", line, "montant", "amount-zero", cells_by_column["montant"])
    late = "date-future" if subsidy.date > today() else "date-after-file" if "" < file_date < subsidy.date else ""
    if late:
        findings.add("error", line, "dateConvention", late, subsidy.date)
        valid = False
    if not cells_by_column.get("idBeneficiaire", "").strip() and not cells_by_column.get("rnaBeneficiaire", "").strip():
        findings.add("error", line, "idBeneficiaire", "beneficiary-unidentified")
        return None
    return subsidy if valid else None


def _cell(text: str, column: SchemaColumn) -> str:
    """Return the value of a cell, with white space collapsed; raises `InvalidCell`."""
    if _UNSAFE.search(text):
        raise InvalidCell("value-characters")
    text = " ".join(text.split())
    if not text:
        if column.required:
            raise InvalidCell("value-missing")
        return ""
    if len(text) > column.max_length:
        raise InvalidCell("value-too-long")
    return column.parse(text)
