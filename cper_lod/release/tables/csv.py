"""The CSV tables of a release: which classes have one, and a profile of each column."""

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
from cper_lod.rdf.statements import natural_sort_key
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
"""Classes of other vocabularies that have a table as ours do: organisations and territories."""
MOST_TRACKED: Final = 10_000
"""Most resources of a table that are kept in memory.

A longer table keeps the order of the data, and no foreign key to it is looked for.
"""

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
    """A column of a CSV table: its heading, and what its values have in common.

    `multivalued` means that a cell may hold several values, `truncated` that one leaves some out, `complete` that
    none is empty, `has_separator` that a value contains the separator. `datatypes` are those of the literals that are
    kept as text. `targets` are the IRIs in the column, None if there are too many.
    """

    heading: Heading
    kind: Kind | None = None
    multivalued: bool = False
    truncated: bool = False
    complete: bool = True
    has_separator: bool = False
    datatypes: set[str] = field(default_factory=set)
    targets: set[str] | None = field(default_factory=set)

    def add(self, value: Value) -> None:
        """Take a cell into account."""
        if not value:
            self.complete = False
        elif isinstance(value, tuple):
            self.multivalued = self.multivalued or len(value) > 1
            for each in value:
                self._widen(kind := _kind(each))
                if kind == "string":
                    self.datatypes.add(each.datatype.value)
                self.has_separator = self.has_separator or SEPARATOR in each.value
        elif self.heading.content in ("iri", "target"):
            self._add_targets(value.split(SEPARATOR))
        else:
            self.multivalued = self.multivalued or (self.heading.content == "target-name" and SEPARATOR in value)
            self.kind = "string"

    def _add_targets(self, targets: Sequence[str]) -> None:
        self.multivalued = self.multivalued or len(targets) > 1
        self.truncated = self.truncated or MORE in targets
        self._widen("uri" if all(each.isascii() and each != MORE for each in targets) else "string")
        if self.targets is not None:
            self.targets.update(targets)
            if len(self.targets) > MOST_TRACKED:
                self.targets = None

    def _widen(self, kind: Kind) -> None:
        """Widen the kind of the column to include `kind`."""
        if self.kind in (None, kind):
            self.kind = kind
        elif self.kind in _WIDER and kind in _WIDER:
            self.kind = max(self.kind, kind, key=_WIDER.index)
        else:
            self.kind = "string"


def _kind(literal: Literal) -> Kind:
    """Return the kind of a literal; numbers and dates only if their lexical form is valid."""
    kind = _KINDS.get(literal.datatype.value, "string")
    return kind if kind == "boolean" or cell(literal).kind in ("number", "date") else "string"


@dataclass(frozen=True)
class CsvTable:
    """A CSV table: its class, file, number of rows and bytes, SHA-256, and columns."""

    cls: Class
    path: Path
    rows: int
    size: int
    sha256: str
    columns: tuple[ColumnProfile, ...]

    @property
    def name(self) -> str:
        """The file name without suffix."""
        return self.path.stem

    @property
    def resources(self) -> set[str]:
        """The IRIs of its rows, empty if there are too many to keep."""
        return self.columns[0].targets or set()


def table_classes(release: Release) -> list[Class]:
    """Return the classes that have a table: ours and `OTHER_CLASSES`, if they have instances; by name."""
    candidates = [each for each in release.listing.classes if each.iri.startswith(CPER) or each.iri in OTHER_CLASSES]
    return sorted((each for each in candidates if each.count and each.slug), key=lambda each: each.slug)


def write_tables(release: Release, folder: Path) -> list[CsvTable]:
    """Write the CSV of every table to a folder; return the tables."""
    return [_write(release, cls, folder / f"{cls.slug}.csv") for cls in table_classes(release)]


def _write(release: Release, cls: Class, path: Path) -> CsvTable:
    columns = [ColumnProfile(heading) for heading in column_headings(cls)]
    iris = release.listing.things(cls.iri)
    ordered = sorted(iris, key=natural_sort_key) if cls.count <= MOST_TRACKED else iris
    digest = hashlib.sha256()
    count, size = -1, 0
    with path.open("wb") as file:
        heads = [each.heading.name for each in columns]
        for line in csv_lines(
            chain([heads], _profiled(table_rows(release, cls, ordered, NameCache(release)), columns))
        ):
            file.write(line)
            digest.update(line)
            count, size = count + 1, size + len(line)
    return CsvTable(cls, path, count, size, digest.hexdigest(), tuple(columns))


def _profiled(rows: Iterator[list[Value]], columns: Sequence[ColumnProfile]) -> Iterator[list[str]]:
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            column.add(value)
        yield [cell_text(value) for value in row]
