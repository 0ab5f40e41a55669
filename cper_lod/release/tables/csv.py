"""The CSV tables of a release: which classes have one, and a profile of each column."""

import hashlib
import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby, islice
from pathlib import Path
from typing import Final
from typing import Literal as OneOf

from pyoxigraph import Literal

from cper_lod.core.namespaces import CPER, NUMBER, ORG, PREFIXES, RDF, XSD
from cper_lod.rdf.spreadsheets.cells import cell
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.release import Release
from cper_lod.release.storage.class_listing import Class
from cper_lod.release.storage.quad_file import lines_of
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

_TYPE: Final = f" <{RDF}type> ".encode()
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

    `multivalued` means that a cell may hold several values, `has_separator` that a value contains the separator.
    `datatypes` are those of the literals that are kept as text, and of numbers that do not add up. `targets` are the IRIs in the column, None if there are
    too many.
    """

    heading: Heading
    kind: Kind | None = None
    multivalued: bool = False
    has_separator: bool = False
    datatypes: set[str] = field(default_factory=set)
    targets: set[str] | None = field(default_factory=set)

    def add(self, value: Value) -> None:
        """Take a cell into account."""
        if isinstance(value, tuple):
            self.multivalued |= len(value) > 1
            for each in value:
                self._widen(kind := _kind(each))
                if kind == "string" or each.datatype.value == NUMBER:
                    self.datatypes.add(each.datatype.value)
                self.has_separator |= SEPARATOR in each.value
        elif value and self.heading.content in ("iri", "target"):
            self._add_targets(value.split(SEPARATOR))
        elif value:
            self.multivalued |= self.heading.content == "target-name" and SEPARATOR in value
            self.kind = "string"

    def _add_targets(self, targets: Sequence[str]) -> None:
        self.multivalued |= len(targets) > 1
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
    if literal.datatype.value == NUMBER:
        return "number"
    kind = _KINDS.get(literal.datatype.value, "string")
    return kind if kind == "boolean" or cell(literal).kind in ("number", "date") else "string"


@dataclass(frozen=True)
class CsvTable:
    """A CSV table: its class, file, number of rows and bytes, SHA-256, and columns.

    `contract` is the slug of the contract whose things it holds, if it does not hold those of all others.
    """

    cls: Class
    contract: str
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


class ContractThings:
    """The named things of a contract by class, read from the sorted triples of its datasets."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = {
            file: {line.split(b" ", 2)[2][:-2] for line in lines_of(file) if _TYPE in line} for file in files
        }

    def of(self, cls: str) -> Iterator[str]:
        """Yield the IRIs of the things of a class, in the order of the files."""
        ending = f" <{RDF}type> <{cls}> .".encode()
        found = (_things(file, ending) for file, classes in self._files.items() if f"<{cls}>".encode() in classes)
        return (thing[1:-1].decode() for thing, _ in groupby(heapq.merge(*found)))


def _things(file: Path, ending: bytes) -> Iterator[bytes]:
    return (line[: -len(ending)] for line in lines_of(file) if line.endswith(ending) and line[:1] == b"<")


def write_tables(release: Release, folder: Path, contracts: Mapping[str, Sequence[Path]]) -> list[CsvTable]:
    """Write the CSV of every table to a folder; return the tables.

    `contracts` are the contracts with derived datasets, by slug, each with the files of their triples. Their things are in
    tables of their own, so that another contract changes no table of the first one.
    """
    parts = {slug: ContractThings(files) for slug, files in sorted(contracts.items())}
    tables = list[CsvTable]()
    for cls in table_classes(release):
        others = {iri for part in parts.values() for iri in part.of(cls.iri)}
        rest = (iri for iri in release.listing.things(cls.iri) if iri not in others)
        iris = {"": rest, **{slug: part.of(cls.iri) for slug, part in parts.items()}}
        written = (_write(release, cls, folder, slug, found, whole=not parts) for slug, found in iris.items())
        tables += filter(None, written)
    return tables


def _write(
    release: Release, cls: Class, folder: Path, contract: str, things: Iterator[str], *, whole: bool
) -> CsvTable | None:
    """Write the table of some things of a class; None if there are none.

    Properties that none of them has are left out, unless they are the `whole` class, or too many to be kept in memory.
    """
    first = list(islice(things, MOST_TRACKED + 1))
    if not first:
        return None
    is_short = len(first) <= MOST_TRACKED
    iris = sorted(first, key=natural_sort_key) if is_short else chain(first, things)
    headings = column_headings(cls)
    rows: Iterable[list[Value]] = table_rows(release, cls, iris, NameCache(release))
    if is_short and not whole:
        headings, rows = _in_use(headings, list(rows))
    columns = [ColumnProfile(heading) for heading in headings]
    path, digest, count, size = folder / f"{table_name(cls.slug, contract)}.csv", hashlib.sha256(), -1, 0
    with path.open("wb") as file:
        heads = [each.heading.name for each in columns]
        for line in csv_lines(chain([heads], _profiled(rows, columns))):
            file.write(line)
            digest.update(line)
            count, size = count + 1, size + len(line)
    return CsvTable(cls, contract, path, count, size, digest.hexdigest(), tuple(columns))


def table_name(slug: str, contract: str) -> str:
    """Return the file name, without suffix, of the table of a class; `contract` is empty or the slug of a contract.

    >>> table_name("axe", ""), table_name("axe", "bretagne-2021-2027")
    ('axe', 'axe-bretagne-2021-2027')
    """
    return f"{slug}-{contract}" if contract else slug


def _in_use(headings: Sequence[Heading], rows: list[list[Value]]) -> tuple[list[Heading], list[list[Value]]]:
    """Return the headings and rows without the properties of which no row has a value."""
    # The values of a property are columns by language; its targets and their names stay or go together.
    keys = [(heading.predicate, heading.language * (heading.content == "value")) for heading in headings]
    holds = [heading.content in ("value", "target") for heading in headings]
    filled = {key for row in rows for key, value, held in zip(keys, row, holds, strict=True) if value and held}
    kept = [number for number, key in enumerate(keys) if not key[0] or key in filled]
    return [headings[each] for each in kept], [[row[each] for each in kept] for row in rows]


def _profiled(rows: Iterable[list[Value]], columns: Sequence[ColumnProfile]) -> Iterator[list[str]]:
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            column.add(value)
        yield [cell_text(value) for value in row]
