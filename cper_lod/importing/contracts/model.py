"""The table of the workbook of a contract: its sheets and columns, which its writer and its reader both go by."""

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode

from cper_lod.core.errors import Language, Phrase
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, SKOS
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Severity

Kind = Literal["text", "number", "date", "truth", "formula", "error"]
SHOWN: Final = 80
"""How many characters of a value a finding shows."""


_SEVERITIES: Final[Mapping[str, str]] = {
    "violation": "severity-violation",
    "warning": "severity-warning",
    "info": "severity-info",
}


@dataclass(frozen=True)
class Place:
    """Where something stands: a sheet, a row, a column (its letter and its heading), as far as is known."""

    sheet: str
    row: int = 0
    letter: str = ""
    heading: str = ""

    def told(self, lang: Language) -> str:
        """Return the place in words."""
        if self.row:
            key = "place-cell" if self.letter else "place-row"
        else:
            key = "place-column" if self.letter else "place-line" if self.heading else "place-sheet"
        return translate(key, lang, **vars(self))


@dataclass(frozen=True)
class RawCell:
    """A cell that is not empty: what it holds, of which kind, in which number format."""

    value: str | int | float | date
    kind: Kind
    format: str = "General"


@dataclass
class Grid:
    """A sheet as it was read: its name, and its cells by row and column, both from 1."""

    name: str
    rows: dict[int, dict[int, RawCell]] = field(default_factory=dict)


@dataclass(frozen=True)
class CellFinding:
    """One thing found wrong with a workbook: where, and which sentences say it (`finding-<key>`, `remedy-<key>`)."""

    place: Place
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    severity: Severity = "violation"
    shown: str = ""

    def told(self, lang: Language) -> str:
        """Return the finding in a few lines: where and what stood there, what is wrong, what to do."""
        key = self.key
        values = {
            name: value.fr if isinstance(value, Phrase) and lang == "fr" else value
            for name, value in self.values.items()
        }
        told = translate(
            "workbook-finding",
            lang,
            severity=translate(_SEVERITIES[self.severity], lang).upper(),
            place=self.place.told(lang) + (f" : « {_shorter(self.shown)} »" if self.shown else ""),
            finding=translate(f"finding-{key}", lang, **values),
            remedy=translate(f"remedy-{key}", lang, **values),
        )
        return f"{told}\n"


def _shorter(text: str) -> str:
    """Return a text short enough to show."""
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def letter(column: int) -> str:
    """Return the letters of a column.

    >>> letter(1), letter(26), letter(28)
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
    """A row of a list, or a form: what each column says, and where that stands."""

    place: Place
    values: dict[str, object] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    """The columns that are filled and could not be read."""

    def text(self, key: str) -> str:
        """Return a text, or the IRI of a code; empty where there is none."""
        return str(self.values.get(key, ""))

    def get(self, key: str, type_: type[T]) -> T | None:
        """Return a value of that type, or None."""
        value = self.values.get(key)
        return value if isinstance(value, type_) else None

    def whole(self, key: str) -> int:
        """Return a number that has to be there."""
        return self.get(key, int) or 0

    def wholes(self, key: str) -> tuple[int, ...]:
        """Return the numbers of a column that holds several."""
        return self.get(key, tuple) or ()

    def at(self, key: str) -> Place:
        """Return where a column of this record stands."""
        return self.places.get(key, self.place)


Book = dict[str, list[Record]]
"""The records of each sheet by its key; a form has one."""


MARKS: Final = ("English", "Aide / Help", "Exemple / Example")
"""What the first column of a list says of the rows that are not read."""
FORM: Final = {
    "label": ("Rubrique", "Field"),
    "english": ("Item", "English"),
    "value": ("Valeur", "Value"),
    "quotation": ("Citation", "Quotation"),
    "help": ("Aide", "Help"),
    "example": ("Exemple", "Example"),
}
"""The columns of a form, in order: a line has its French and English name, its value, the words of the source."""
MARK: Final = "Repère"
"""The heading of the first column of a list."""
INSTRUCTIONS: Final = "Mode d'emploi"
LISTS: Final = "Listes"
YES_NO: Final = ("oui", "non")


@dataclass(frozen=True)
class Column:
    """A column of a list, or a line of a form: what it is called, what it holds, and an example."""

    key: str
    kind: str
    headings: dict[Language, str]
    help: dict[Language, str]
    required: bool = False
    cited: str = ""
    codes: str = ""
    choices: tuple[str, ...] = ()
    quoted_by: str = ""
    example: str = ""
    example_cited: str = ""


@dataclass(frozen=True)
class Sheet:
    """A sheet: a form has one line for each fact, a list one row for each thing."""

    key: str
    names: dict[Language, str]
    form: bool
    optional: bool
    columns: tuple[Column, ...]


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((Path(__file__).parent / "workbook.toml").read_text("utf-8"))


def instructions() -> list[dict[Language, str]]:
    """Return what the first sheet says, line by line, in both languages."""
    return [{"fr": row["fr"], "en": row["en"]} for row in _table()["instruction"]]


@cache
def sheets() -> tuple[Sheet, ...]:
    """Return the sheets in order, read from `workbook.toml` beside this module."""
    rows = _table()["sheet"]
    return tuple(
        Sheet(
            row["key"],
            {"fr": row["fr"], "en": row["en"]},
            row.get("form", False),
            row.get("optional", False),
            tuple(map(_column, row["column"])),
        )
        for row in rows
    )


def _column(given: dict[str, Any]) -> Column:
    row = dict(given)
    headings: dict[Language, str] = {"fr": row.pop("fr"), "en": row.pop("en")}
    help_: dict[Language, str] = {"fr": row.pop("help_fr"), "en": row.pop("help_en")}
    choices = tuple(row.pop("choices", YES_NO if row["kind"] == "yesno" else ()))
    return Column(headings=headings, help=help_, choices=choices, **row)


def code_lists() -> Iterator[str]:
    """Yield the names of the code lists that columns choose from, each once."""
    yield from dict.fromkeys(column.codes for sheet in sheets() for column in sheet.columns if column.codes)


def folded(text: str) -> str:
    """Return `text` as names are compared: no case, no accents, no white space around or doubled.

    >>> folded(" Priorités  servies "), folded("Œuvre")
    ('priorites servies', 'oeuvre')
    """
    plain = unicodedata.normalize("NFKD", text).casefold().replace("œ", "oe").replace("æ", "ae").replace("’", "'")
    plain = unicodedata.normalize("NFKD", plain)
    return " ".join("".join(each for each in plain if not unicodedata.combining(each)).split())


def slug(text: str) -> str:
    """Return `text` as a part of a name: ASCII letters and digits with hyphens; empty where nothing is left.

    >>> slug("Région fictive d'Armorique – Œuvres"), slug("北")
    ('region-fictive-d-armorique-oeuvres', '')
    """
    kept = "".join(each if each.isascii() and each.isalnum() else " " for each in folded(text))
    return "-".join(kept.split())


@dataclass(frozen=True)
class Code:
    """A code: its IRI, its notation, and its words by language."""

    iri: str
    notation: str
    labels: dict[str, str]
    definitions: dict[str, str]

    @property
    def shown(self) -> str:
        """Return what a drop-down shows."""
        return self.labels.get("fr", self.notation)

    def answers_to(self, text: str) -> bool:
        """Return whether `text` names this code: one of its labels or its notation, in any case, accents or not."""
        return folded(text) in {folded(name) for name in (self.notation, *self.labels.values())}


def read_codes(sources: Path, names: Iterable[str]) -> dict[str, tuple[Code, ...]]:
    """Return the codes of each list named, sorted as the ontology's file has them; raises what reading it does."""
    values: dict[str, dict[str, list[RdfLiteral | NamedNode]]] = {}
    for quad in read(sources / "ontology" / "codes.ttl"):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, RdfLiteral | NamedNode):
            values.setdefault(quad.subject.value, {}).setdefault(quad.predicate.value, []).append(quad.object)
    lists: dict[str, tuple[Code, ...]] = {}
    for name in names:
        scheme = f"{BASE}id/code/{name}"
        found = (each.value for each in values.get(scheme, {}).get(SKOS + "hasTopConcept", ()))
        lists[name] = tuple(_code(iri, values.get(iri, {})) for iri in found)
    return lists


def _code(iri: str, values: dict[str, list[RdfLiteral | NamedNode]]) -> Code:
    def words(predicate: str) -> dict[str, str]:
        found = values.get(SKOS + predicate, ())
        return {each.language or "": each.value for each in found if isinstance(each, RdfLiteral)}

    return Code(iri, words("notation").get("", ""), words("prefLabel"), words("definition"))
