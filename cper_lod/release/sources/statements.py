"""What the source files state, sorted on disk: each statement with the files that make it, and who speaks of whom."""

import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final
from typing import Literal as OneOf

from pyoxigraph import Quad

from cper_lod.core.config import default_spool
from cper_lod.core.external_sort import Sorter
from cper_lod.core.namespaces import GRAPH_CATALOGUE
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.release.storage.nodes import parse_quads

Role = OneOf["ontology", "data", "kept back", "shapes", "questions"]
"""What a source file is for: what is kept back and the shapes are not published."""
PUBLISHED: Final = ("ontology", "data", "questions")
CATALOGUE_SUFFIX: Final = f" <{GRAPH_CATALOGUE}> .".encode()
"""How a line ends that is in the graph of the catalogue."""
_READ: Final = 1 << 20
ByteRange = tuple[int, int]
"""Where bytes of a file begin and end."""


class TempDir:
    """A folder for what is not kept, in the folder `within`; gone with the last object that holds it."""

    def __init__(self, within: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cper-lod-sources-", dir=within or default_spool()))
        self.remove = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


@dataclass(frozen=True)
class SourceFile:
    """A source file: its path as findings name it, empty for what no file states, and what it is for."""

    name: str
    role: Role


class StatementIndexWriter:
    """Takes what one file after the other states; in the end it is `stated`. Raises OSError where the disk fails."""

    def __init__(self, scratch: TempDir) -> None:
        self._scratch = scratch
        self._path = scratch.folder / "stated"
        self._sorter = Sorter(self._path)
        self._files: list[SourceFile] = []
        self._catalogue: set[bytes] = set()

    def __enter__(self) -> "StatementIndexWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._sorter.__exit__(kind, error, at)

    def add(self, file: SourceFile, pieces: Iterable[bytes]) -> bool:
        """Take the N-Quads of a file, some lines at a time; return whether there were any."""
        end, found = f"\t{len(self._files)}\n".encode(), False
        self._files.append(file)
        for piece in pieces:
            found = found or bool(piece)
            self._sorter.write(piece.replace(b"\n", end))  # no line has a tab: in a literal it is escaped
            if file.role in PUBLISHED and CATALOGUE_SUFFIX in piece:
                self._catalogue.update(line for line in piece.split(b"\n") if line.endswith(CATALOGUE_SUFFIX))
        return found

    @property
    def stated(self) -> "StatementIndex":
        """What all files state."""
        return StatementIndex(
            self._scratch, self._path, tuple(self._files), tuple(parse_quads(sorted(self._catalogue)))
        )


@dataclass(frozen=True)
class StatementIndex:
    """What the source files state: a sorted file of statements, a tab and the number of a file behind each.

    `catalogue` is what is published in the graph of the catalogue: that is small, and held in memory.
    """

    scratch: TempDir
    path: Path
    files: tuple[SourceFile, ...]
    catalogue: tuple[Quad, ...]

    def names(self, start: str = "") -> list[str]:
        """Return the names of the files that are published and begin so."""
        return [
            each.name for each in self.files if each.name.startswith(start) and each.role in PUBLISHED and each.name
        ]

    def statements(self) -> Iterator[tuple[bytes, tuple[int, ...]]]:
        """Yield each statement once, as a line of N-Quads without line feed, with the numbers of its files."""
        return read_statements(self.path, len(self.files), (0, self.path.stat().st_size))

    def ranges(self, most: int) -> list[ByteRange]:
        """Return the file of statements as ranges of about the same size, `most` at most, one at least.

        All that is said of one statement lies in one of them.
        """
        size = self.path.stat().st_size
        starts = {0} | ({_after(self.path, size * number // most) for number in range(1, most)} - {size})
        return list(pairwise([*sorted(starts), size]))

    def speaking_of(self, iri: str) -> list[Path]:
        """Return the files that have `iri` as a subject, sorted."""
        ends = {int(row.rpartition(b"\t")[2]) for row in self._rows.beginning(f"<{iri}> ".encode())}
        return sorted(Path(self.files[end].name) for end in ends if self.files[end].name)

    @cached_property
    def _rows(self) -> SortedLines:
        return SortedLines(self.path)

    def uses(self, terms: Callable[[bytes], Iterable[str]]) -> Counter[tuple[str, str]]:
        """Return how often the files of the data use what `terms` finds in a statement, by file and term."""
        found = Counter[tuple[str, str]]()
        for line, numbers in self.statements():
            for term in terms(line):
                found.update((self.files[each].name, term) for each in numbers if self.files[each].role == "data")
        return found


def read_statements(path: Path, files: int, within: ByteRange) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    """Yield the statements of a range of a file of theirs, which tells of so many source files."""
    start, end = within
    with path.open("rb", buffering=_READ) as rows:
        rows.seek(start)
        last, found = b"", tuple[int, ...]()
        numbers = {b"%d\n" % number: (number,) for number in range(files)}
        while (left := end - rows.tell()) > 0:
            # Lines until they are more than that: a range ends with a line, which is the last that is read.
            for row in rows.readlines(min(left - 1, _READ)):
                line, _, number = row.rpartition(b"\t")
                if line == last:
                    found += numbers[number]
                    continue
                if found:
                    yield last, found
                last, found = line, numbers[number]
        if found:
            yield last, found


def _after(path: Path, place: int) -> int:
    """Return where the statement after one that stands near a place begins, or where the file ends."""
    with path.open("rb") as rows:
        rows.seek(place)
        rows.readline()
        passed = rows.readline().rpartition(b"\t")[0]
        while True:
            start = rows.tell()
            row = rows.readline()
            if not row or row.rpartition(b"\t")[0] != passed:
                return start


class SubjectIndex(Mapping[str, Collection[Path]]):
    """The files that speak of a subject, by its IRI, each looked up when it is asked for: findings ask for few."""

    def __init__(self, stated: StatementIndex) -> None:
        self._stated = stated

    def __getitem__(self, iri: str) -> Collection[Path]:
        if found := self._stated.speaking_of(iri):
            return found
        raise KeyError(iri)

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError
