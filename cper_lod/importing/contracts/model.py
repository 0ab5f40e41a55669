"""The table of the workbook of a contract: its sheets and columns, which its writer and its reader both go by."""

import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from cper_lod.core.errors import Language

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
        Sheet(row["key"], {"fr": row["fr"], "en": row["en"]}, row.get("form", False), row.get("optional", False),
              tuple(map(_column, row["column"])))
        for row in rows
    )  # fmt: skip


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
