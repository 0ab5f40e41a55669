"""Whole tables, sealed with a release: which classes have one, their CSV, and what stands in their columns."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final
from typing import Literal as OneOf

from pyoxigraph import Literal

from cper_lod.core.namespaces import CPER, ORG, PREFIXES, XSD
from cper_lod.rdf.spreadsheets.cells import cell
from cper_lod.rdf.statements import natural
from cper_lod.release.release import Release
from cper_lod.release.storage.class_listing import Class
from cper_lod.release.tables.rows import (
    MORE,
    SEPARATOR,
    Heading,
    NameCache,
    Value,
    cell_text,
    column_headings,
    csv_lines,
    table_rows,
)

OTHER_CLASSES: Final = frozenset({ORG + "FormalOrganization", PREFIXES["geo"] + "Feature"})
"""Classes of other vocabularies that have a table as ours do: bodies and territories."""
MOST_TRACKED: Final = 10_000
"""Things of a table that are known while the tables are made: a longer one is in the order of the data, no key to it
is looked for, and it takes no more memory."""

Kind = OneOf["string", "uri", "integer", "number", "float", "date", "boolean"]
_KINDS: Final[dict[str, Kind]] = {
    XSD + "integer": "integer",
    XSD + "nonNegativeInteger": "integer",
    XSD + "int": "integer",
    XSD + "long": "integer",
    XSD + "decimal": "number",
    XSD + "double": "float",
    XSD + "float": "float",
    XSD + "date": "date",
    XSD + "boolean": "boolean",
}
_WIDER: Final[Sequence[Kind]] = ("integer", "number", "float")


@dataclass
class ColumnProfile:
    """A column of a sealed table: its heading, and what was seen in it, row by row.

    `several` says that a cell may hold more than one value, `more` that one does not hold all, `filled` that none is
    empty, `joined` that a value has the separator of values in it. `datatypes` are those of the texts in it that are
    told as texts. `targets` are the things in it, None where they are too many.
    """

    heading: Heading
    kind: Kind | None = None
    several: bool = False
    more: bool = False
    filled: bool = True
    joined: bool = False
    datatypes: set[str] = field(default_factory=set)
    targets: set[str] | None = field(default_factory=set)

    def see(self, value: Value) -> None:
        """Take in a cell."""
        if not value:
            self.filled = False
        elif isinstance(value, tuple):
            self.several = self.several or len(value) > 1
            for each in value:
                self._widen(kind := _kind(each))
                if kind == "string":
                    self.datatypes.add(each.datatype.value)
                self.joined = self.joined or SEPARATOR in each.value
        elif self.heading.holds in ("iri", "target"):
            self._follow(value.split(SEPARATOR))
        else:
            self.several = self.several or (self.heading.holds == "target-name" and SEPARATOR in value)
            self.kind = "string"

    def _follow(self, targets: Sequence[str]) -> None:
        self.several = self.several or len(targets) > 1
        self.more = self.more or MORE in targets
        self._widen("uri" if all(each.isascii() and each != MORE for each in targets) else "string")
        if self.targets is not None:
            self.targets.update(targets)
            if len(self.targets) > MOST_TRACKED:
                self.targets = None

    def _widen(self, kind: Kind) -> None:
        """Take the narrowest kind that all values so far are of."""
        if self.kind in (None, kind):
            self.kind = kind
        elif self.kind in _WIDER and kind in _WIDER:
            self.kind = max(self.kind, kind, key=_WIDER.index)
        else:
            self.kind = "string"


def _kind(literal: Literal) -> Kind:
    """Return what a literal is: a number or a day only where it is written as one."""
    kind = _KINDS.get(literal.datatype.value, "string")
    return kind if kind == "boolean" or cell(literal).kind in ("number", "date") else "string"


@dataclass(frozen=True)
class CsvTable:
    """A sealed table: its class, its file, how many rows and bytes that has, their SHA-256, and its columns."""

    of: Class
    path: Path
    rows: int
    size: int
    sha256: str
    columns: tuple[ColumnProfile, ...]

    @property
    def name(self) -> str:
        """The name of the table: that of its file without the ending."""
        return self.path.stem

    @property
    def things(self) -> set[str]:
        """The things of the table, none where they are too many to be known."""
        return self.columns[0].targets or set()


def table_classes(release: Release) -> list[Class]:
    """Return the classes that have a table: ours, and those beside, where something is of them, by their names."""
    found = [each for each in release.listing.classes if each.iri.startswith(CPER) or each.iri in OTHER_CLASSES]
    return sorted((each for each in found if each.count and each.slug), key=lambda each: each.slug)


def write_tables(release: Release, folder: Path) -> list[CsvTable]:
    """Write the CSV of every table into a folder; return the tables."""
    return [_write(release, cls, folder / f"{cls.slug}.csv") for cls in table_classes(release)]


def _write(release: Release, cls: Class, path: Path) -> CsvTable:
    columns = [ColumnProfile(heading) for heading in column_headings(cls)]
    iris = release.listing.things(cls.iri)
    ordered = sorted(iris, key=natural) if cls.count <= MOST_TRACKED else iris
    known = hashlib.sha256()
    count, size = -1, 0
    with path.open("wb") as file:
        heads = [each.heading.name for each in columns]
        for line in csv_lines(chain([heads], _seen(table_rows(release, cls, ordered, NameCache(release)), columns))):
            file.write(line)
            known.update(line)
            count, size = count + 1, size + len(line)
    return CsvTable(cls, path, count, size, known.hexdigest(), tuple(columns))


def _seen(found: Iterator[list[Value]], columns: Sequence[ColumnProfile]) -> Iterator[list[str]]:
    for row in found:
        for column, value in zip(columns, row, strict=True):
            column.see(value)
        yield [cell_text(value) for value in row]
