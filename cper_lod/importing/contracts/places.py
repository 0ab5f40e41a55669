"""What was read out of a workbook before it means anything: cells with their places, and what is found wrong there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from cper_lod.core.errors import Language, Phrase
from cper_lod.core.i18n import say
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
        return say(key, lang, **vars(self))


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
        values = {name: value.fr if isinstance(value, Phrase) and lang == "fr" else value
                  for name, value in self.values.items()}  # fmt: skip
        told = say(
            "workbook-finding",
            lang,
            severity=say(_SEVERITIES[self.severity], lang).upper(),
            place=self.place.told(lang) + (f" : « {_shorter(self.shown)} »" if self.shown else ""),
            finding=say(f"finding-{key}", lang, **values),
            remedy=say(f"remedy-{key}", lang, **values),
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
