"""The model of a workbook: its sheets and columns (from `workbook.toml`), code lists, cells, records and findings."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal, TypeVar

from pyoxigraph import Literal as RdfLiteral

from cper_lod.core.errors import Language, Phrase
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DEFINITIONS, SKOS
from cper_lod.core.text import folded, slug
from cper_lod.importing.findings import FindingRow
from cper_lod.rdf.graph import Graph, Node
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Severity
from cper_lod.release.sources.address import site_names
from cper_lod.release.sources.files import source_folder

CellKind = Literal["text", "number", "date", "truth", "formula", "error"]
MAX_EXCERPT: Final = 80
"""Characters of a cell that a finding shows."""


@dataclass(frozen=True)
class CellLocation:
    """A sheet, a row and a column (letters and heading), as far as they are known."""

    sheet: str
    row: int = 0
    letter: str = ""
    heading: str = ""

    def describe(self, lang: Language) -> str:
        """Return the location in words."""
        if self.row:
            key = "place-cell" if self.letter else "place-row"
        else:
            key = "place-column" if self.letter else "place-sheet"
        return translate(key, lang, titled=f" ({self.heading})" if self.heading else "", **vars(self))


@dataclass(frozen=True)
class RawCell:
    """A cell that is not empty: its value, the kind of the value, its number format."""

    value: str | int | float | date
    kind: CellKind
    format: str = "General"

    @property
    def is_percentage(self) -> bool:
        """Whether the cell shows a fraction as a percentage: a sign that is only shown beside the number multiplies nothing."""
        return self.kind == "number" and "%" in re.sub(r'"[^"]*"|\\.', "", self.format)

    @property
    def typed(self) -> str:
        """The value as a French spreadsheet shows it.

        >>> RawCell(0.573, "number", "0.0%").typed, RawCell(610000000.0, "number").typed
        ('57,3 %', '610000000')
        >>> RawCell(date(2030, 2, 1), "date").typed, RawCell("610 M€", "text").typed
        ('01/02/2030', '610 M€')
        """
        if isinstance(self.value, date):
            return f"{self.value:%d/%m/%Y}"
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            return {"True": "VRAI", "False": "FAUX"}.get(str(self.value), str(self.value))
        number = displayed_decimal(self.value) * (100 if self.is_percentage else 1)
        return f"{number.normalize():f}".replace(".", ",") + (" %" if self.is_percentage else "")


def displayed_decimal(value: float) -> Decimal:
    """Return the number that a spreadsheet displays: fifteen digits, without the noise of binary fractions.

    >>> displayed_decimal(57.3), displayed_decimal(0.573 * 100), displayed_decimal(994000000)
    (Decimal('57.3'), Decimal('57.3'), Decimal('994000000'))
    """
    return Decimal(format(value, ".15g") if isinstance(value, float) else value)


@dataclass
class RawSheet:
    """A sheet as it was read: its name, and its cells by row and column, both counted from 1."""

    name: str
    rows: dict[int, dict[int, RawCell]] = field(default_factory=dict)


@dataclass(frozen=True)
class CellFinding:
    """A finding about a workbook: where it is, and the key of its sentences (`finding-<key>`, `remedy-<key>`)."""

    location: CellLocation
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    severity: Severity = "violation"
    excerpt: str = ""

    def describe(self, lang: Language) -> str:
        """Return the finding in a few lines: location, content of the cell, what is wrong, what to do."""
        finding, remedy = self.words(lang)
        severity = translate(f"severity-{self.severity}", lang).upper()
        place = self.location.describe(lang) + (f" : « {shorter(self.excerpt)} »" if self.excerpt else "")
        sentences = {"severity": severity, "place": place, "finding": finding, "remedy": remedy}
        return translate("workbook-finding", lang, **sentences) + "\n"

    def words(self, lang: Language) -> tuple[str, str]:
        """Return what is wrong and what to do."""
        values = {
            name: value.fr if isinstance(value, Phrase) and lang == "fr" else value
            for name, value in self.values.items()
        }
        finding = translate(f"finding-{self.key}", lang, **values).rstrip()  # it may end with an empty value
        return finding, translate(f"remedy-{self.key}", lang, **values)

    def row(self, file: str, lang: Language) -> FindingRow:
        """Return the finding as a row of a file of findings, with the whole content of the cell."""
        place = self.location
        column = (
            f"{place.letter} ({place.heading})" if place.letter and place.heading else place.letter or place.heading
        )
        severity = translate(f"severity-{self.severity}", lang).upper()
        return FindingRow(
            severity, self.key, file, place.sheet, str(place.row or ""), column, self.excerpt, *self.words(lang)
        )


def shorter(text: str, limit: int = MAX_EXCERPT) -> str:
    """Return a text cut to so many characters."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def column_letters(column: int) -> str:
    """Return the letters of a column, counted from 1.

    >>> column_letters(1), column_letters(26), column_letters(28)
    ('A', 'Z', 'AB')
    """
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


T = TypeVar("T")


@dataclass
class Record:
    """A row of a sheet: the value of each column, and its location."""

    location: CellLocation
    values: dict[str, object] = field(default_factory=dict)
    locations: dict[str, CellLocation] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    """The columns that are filled in but could not be read."""
    typed: dict[str, str] = field(default_factory=dict)
    """The value of each column as its cell shows it; with the identifiers that the import gives."""
    iri: str = ""
    """What the row describes, known once the whole workbook is."""

    def text(self, key: str) -> str:
        """Return a text, or the IRI of a code; "" if there is none."""
        return str(self.values.get(key, ""))

    def get(self, key: str, type_: type[T]) -> T | None:
        """Return a value if it is of that type, else None."""
        value = self.values.get(key)
        return value if isinstance(value, type_) else None

    def items(self, key: str) -> tuple[str, ...]:
        """Return the values of a column that holds several: after `resolve`, IRIs where it names rows."""
        return self.get(key, tuple) or ()

    def location_of(self, key: str) -> CellLocation:
        """Return the location of a column of this record."""
        return self.locations.get(key, self.location)

    def finding(
        self,
        column: str,
        key: str,
        values: Mapping[str, object] = MappingProxyType({}),
        severity: Severity = "violation",
    ) -> CellFinding:
        """Return a finding about a column of this record, which shows what is typed there."""
        return CellFinding(self.location_of(column), key, values, severity, self.typed.get(column, ""))


WorkbookRecords = dict[str, list[Record]]
"""The records of each sheet by its key. The sheet of the contract has one."""


SKIPPED_ROWS: Final = ("English", "Aide / Help", "Exemple / Example")
"""The marks in the first column for rows that are not read."""
QUOTATION_DETAILS: Final = ("occurrence", "statement")
"""What a quotation may have: which occurrence of its words in the document it is, and the end of its IRI."""
MARK_HEADING: Final = "Repère"
"""The heading of the first column."""
INSTRUCTIONS_SHEET: Final = "Mode d'emploi"
VALUES_SHEET: Final = "Valeurs"
YES_NO: Final = ("oui", "non")


@dataclass(frozen=True)
class WorkbookColumn:
    """A column of a sheet; `workbook.toml` says what each attribute means."""

    key: str
    kind: str
    headings: dict[Language, str]
    help: dict[Language, str]
    required: bool = False
    codes: tuple[str, ...] = ()
    refers: str = ""
    property: str = ""
    lang: Language = "fr"
    quoted: tuple[str, ...] = ("citation",)
    label: bool = False
    example: str = ""
    rare: bool = False
    kept: bool = False

    def quotation(self, record: Record) -> str:
        """Return the column of the words that support a value: the first that is filled in, else the last; "" if none does."""
        filled = (each for each in self.quoted if each in record.values)
        return next(filled, self.quoted[-1] if self.quoted else "")


@dataclass(frozen=True)
class WorkbookSheet:
    """A sheet, with a row for each item."""

    key: str
    names: dict[Language, str]
    required: bool
    columns: tuple[WorkbookColumn, ...]

    def shown(self, exported: bool) -> tuple[WorkbookColumn, ...]:
        """Return the columns of a workbook, those that keep what is published only if it is exported; rare ones last."""
        found = (column for column in self.columns if exported or not column.kept)
        return tuple(sorted(found, key=lambda each: each.rare + 2 * each.kept))

    def column(self, key: str) -> WorkbookColumn:
        """Return the column with this key."""
        return next(each for each in self.columns if each.key == key)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "workbook.toml").read_text("utf-8"))


def instructions() -> list[dict[str, str]]:
    """Return the lines of the first sheet in both languages."""
    found: list[dict[str, str]] = _table()["instruction"]
    return found


@cache
def sheets() -> tuple[WorkbookSheet, ...]:
    """Return the sheets in order, read from `workbook.toml` beside this module."""
    return tuple(
        WorkbookSheet(
            row["key"],
            {"fr": row["fr"], "en": row["en"]},
            row.get("required", False),
            tuple(_columns(row)),
        )
        for row in _table()["sheet"]
    )


def sheet(key: str) -> WorkbookSheet:
    """Return the sheet with this key."""
    return next(each for each in sheets() if each.key == key)


def sheet_named(name: str) -> WorkbookSheet | None:
    """Return the sheet with a name in French or English, None if there is none."""
    names = ((each, map(normalized_name, each.names.values())) for each in sheets())
    return next((each for each, known in names if normalized_name(name) in known), None)


def _columns(row: dict[str, Any]) -> Iterator[WorkbookColumn]:
    """Yield the columns of a sheet; for each quotation, those that say where it is and what it is called."""
    common = _table()["common"]
    for table in (common[each] if isinstance(each, str) else each for each in row["columns"]):
        yield (column := _column(table))
        for detail in (_column(common[each]) for each in QUOTATION_DETAILS if column.kind == "quotations"):
            names: dict[Language, str] = {
                "fr": f"{detail.headings['fr']} : {column.headings['fr']}",
                "en": f"{detail.headings['en']}: {column.headings['en']}",
            }
            # In a workbook to fill in, the occurrence stands beside the words that are filled in most.
            yield replace(detail, key=f"{column.key}:{detail.key}", headings=names, kept=detail.kept or column.rare)


def _column(table: dict[str, Any]) -> WorkbookColumn:
    row = dict(table)
    (fr, help_fr), (en, help_en) = row.pop("fr"), row.pop("en")
    return WorkbookColumn(
        headings={"fr": fr, "en": en},
        help={"fr": help_fr, "en": help_en},
        codes=tuple(row.pop("codes", "").split()),
        quoted=tuple(row.pop("quoted", "citation").split()),
        **row,
    )


@lru_cache(maxsize=4096)
def normalized_name(text: str) -> str:
    """Return `text` for comparing names: no case, no accents, white space collapsed.

    >>> normalized_name(" Priorités  servies "), normalized_name("Œuvre")
    ('priorites servies', 'oeuvre')
    """
    return " ".join(folded(text).replace("’", "'").split())


@dataclass(frozen=True)
class Code:
    """A code: its IRI, its notation, and its labels and definitions by language."""

    iri: str
    notation: str
    labels: dict[str, str]
    definitions: dict[str, str] = field(default_factory=dict)
    others: frozenset[str] = frozenset()
    """Other words for it."""
    file: str = ""
    """The file of the word, below the sources, if a contract has added it."""

    @property
    def display_label(self) -> str:
        """The label that the drop-down lists show."""
        return self.labels.get("fr", self.notation)

    def matches(self, text: str) -> bool:
        """Return whether `text` is one of the labels or the notation, ignoring case and accents."""
        names = {normalized_name(name) for name in (*self.labels.values(), *self.others)}
        return normalized_name(text) in names or slug(text) == self.notation


Codes = dict[str, list[Code]]
"""The codes of each list by its name."""
CLOSED: Final = ("nature-de-la-valeur", "denominateur", "objet-de-lecture", "theme")
"""The lists that no word extends: what each of their codes means is a rule of the program, or all contracts share them."""
_CLASSES: Final = (
    ("type-de-chiffre", "Part", "Part", "Share"),
    ("type-de-chiffre", "Montant", "Montant", "Amount"),
    ("type-de-cadre", "Avenant", "Avenant", "Amendment"),
)
"""The classes that a column offers beside its codes: list, class and labels."""
CODES_FILE: Final = "data/codes-{}.ttl"
"""The words that a contract adds to the lists."""


def read_codes(sources: Path) -> Codes:
    """Return the codes of each list: those of the ontology, those that contracts have added, and some classes.

    Raises the problems of reading the files.
    """
    site = site_names(sources)
    starts, found = (DEFINITIONS + "code/", site.things + "code/"), Codes()
    ontology, added = source_folder(sources, "ontology"), sorted(sources.glob(CODES_FILE.format("*")))
    for path in (ontology / "codes.ttl", *added):
        graph, own = Graph(read(path, names=site)), path.relative_to(sources).as_posix() if path in added else ""
        for code in sorted(graph.subjects(), key=str):
            iri = str(getattr(code, "value", ""))
            start = next(filter(iri.startswith, starts), "")
            name, _, rest = iri[len(start) :].partition("/")
            if start and rest:
                found.setdefault(name, []).append(_code(graph, code, own))
    for name, iri, fr, en in _CLASSES:
        found.setdefault(name, []).insert(0, Code(CPER + iri, fr.lower(), {"fr": fr, "en": en}))
    return found


def code_labels(codes: Mapping[str, Iterable[Code]]) -> dict[str, tuple[str, str]]:
    """Return the labels of each code by its IRI, in French and in English."""
    return {
        code.iri: (code.display_label, code.labels.get("en", code.notation))
        for found in codes.values()
        for code in found
    }


def _code(graph: Graph, code: Node, file: str) -> Code:
    def words(predicate: str) -> dict[str, str]:
        found = graph.all(code, SKOS + predicate)
        return {each.language or "": each.value for each in found if isinstance(each, RdfLiteral)}

    iri = str(getattr(code, "value", ""))
    others = frozenset(each.value for name in ("altLabel", "hiddenLabel") for each in graph.all(code, SKOS + name))
    return Code(iri, words("notation").get("", ""), words("prefLabel"), words("definition"), others, file)
