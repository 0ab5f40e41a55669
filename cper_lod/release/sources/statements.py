"""An index of the statements in the source files, sorted on disk, and its partition: all that is published, each dataset."""

import os
import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import IO, Final
from typing import Literal as OneOf

from pyoxigraph import Quad

from cper_lod.core.external_sort import Sorter
from cper_lod.core.files import temporary_folder
from cper_lod.core.namespaces import GRAPH_CATALOGUE
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.release.catalog.datasets import CatalogueDataset
from cper_lod.release.jobs.parallel import MAX_PROCESSES, Task, run_parallel
from cper_lod.release.jobs.progress import Progress
from cper_lod.release.storage.dumps import GraphDump
from cper_lod.release.storage.quad_file import QuadFile, graph_of, parse_quads

Role = OneOf["ontology", "data", "unpublished", "shapes", "questions"]
"""What a source file is for. Shapes and `unpublished` files are not published."""
PUBLISHED: Final = ("ontology", "data", "questions")
CATALOGUE_SUFFIX: Final = f" <{GRAPH_CATALOGUE}> .".encode()
"""How a line in the catalogue graph ends."""
_READ: Final = 1 << 20
_COPIED: Final = 1 << 24
BYTES_PER_PROCESS: Final = 256 << 20
"""Bytes of statements from which a process of its own is worth starting."""
ByteRange = tuple[int, int]
"""Start and end of a range of bytes in a file."""


class TempDir:
    """A temporary directory in `parent`, removed with the last object that refers to it."""

    def __init__(self, parent: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cper-lod-sources-", dir=parent or temporary_folder()))
        self.remove = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


@dataclass(frozen=True)
class SourceFile:
    """A source file: its path as findings name it, and its role. The path is empty for generated statements."""

    name: str
    role: Role


class StatementIndexWriter:
    """Collects the statements of the source files, one file after the other. Raises OSError if the disk fails."""

    def __init__(self, temp_dir: TempDir) -> None:
        self._temp_dir = temp_dir
        self._path = temp_dir.folder / "stated"
        self._sorter = Sorter(self._path)
        self._files: list[SourceFile] = []
        self._catalogue: set[bytes] = set()

    def __enter__(self) -> "StatementIndexWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._sorter.__exit__(kind, error, at)

    def add(self, file: SourceFile, pieces: Iterable[bytes]) -> bool:
        """Add the N-Quads of a file, given as pieces of whole lines; return whether there were any."""
        end, found = f"\t{len(self._files)}\n".encode(), False
        self._files.append(file)
        for piece in pieces:
            found = found or bool(piece)
            self._sorter.write(piece.replace(b"\n", end))  # lines contain no tab: literals escape it
            if file.role in PUBLISHED and CATALOGUE_SUFFIX in piece:
                self._catalogue.update(line for line in piece.split(b"\n") if line.endswith(CATALOGUE_SUFFIX))
        return found

    @property
    def index(self) -> "StatementIndex":
        """The index of all files."""
        return StatementIndex(
            self._temp_dir, self._path, tuple(self._files), tuple(parse_quads(sorted(self._catalogue)))
        )


@dataclass(frozen=True)
class StatementIndex:
    """The statements of the source files: a sorted file with a line for each statement and file number,
    tab-separated.

    `catalogue` are the published quads of the catalogue graph, which are few and kept in memory.
    """

    temp_dir: TempDir
    path: Path
    files: tuple[SourceFile, ...]
    catalogue: tuple[Quad, ...]

    def file_names(self) -> list[str]:
        """Return the names of the published files."""
        return [each.name for each in self.files if each.role in PUBLISHED and each.name]

    def statements(self) -> Iterator[tuple[bytes, tuple[int, ...]]]:
        """Yield each statement once, as a line of N-Quads without line feed, with the numbers of its files."""
        return read_statements(self.path, len(self.files), (0, self.path.stat().st_size))

    def ranges(self, count: int) -> list[ByteRange]:
        """Split the file into at most `count` ranges of about the same size.

        All lines of one statement are in the same range.
        """
        size = self.path.stat().st_size
        starts = {0} | ({_statement_after(self.path, size * number // count) for number in range(1, count)} - {size})
        return list(pairwise([*sorted(starts), size]))

    def files_about(self, iri: str) -> list[Path]:
        """Return the files that have `iri` as a subject, sorted."""
        ends = {int(row.rpartition(b"\t")[2]) for row in self._rows.beginning(f"<{iri}> ".encode())}
        return sorted(Path(self.files[end].name) for end in ends if self.files[end].name)

    @cached_property
    def _rows(self) -> SortedLines:
        return SortedLines(self.path)

    def count_uses(self, terms_in: Callable[[bytes], Iterable[str]]) -> Counter[tuple[str, str]]:
        """Return how often data files use the terms that `terms_in` finds in a statement, by file and term."""
        counts = Counter[tuple[str, str]]()
        for line, numbers in self.statements():
            for term in terms_in(line):
                counts.update((self.files[each].name, term) for each in numbers if self.files[each].role == "data")
        return counts


def read_statements(path: Path, file_count: int, byte_range: ByteRange) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    """Yield the statements in a range of an index file over `file_count` source files."""
    start, end = byte_range
    with path.open("rb", buffering=_READ) as rows:
        rows.seek(start)
        last, found = b"", tuple[int, ...]()
        numbers = {b"%d\n" % number: (number,) for number in range(file_count)}
        while (left := end - rows.tell()) > 0:
            # readlines reads whole lines until the hint is exceeded; a range ends at the end of a line.
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


def _statement_after(path: Path, offset: int) -> int:
    """Return the offset of the first statement that begins after the one at `offset`, or the end of the file."""
    with path.open("rb") as rows:
        rows.seek(offset)
        rows.readline()
        passed = rows.readline().rpartition(b"\t")[0]
        while True:
            start = rows.tell()
            row = rows.readline()
            if not row or row.rpartition(b"\t")[0] != passed:
                return start


def partition(
    statements: StatementIndex, datasets: Sequence[CatalogueDataset], progress: Progress
) -> tuple[GraphDump, dict[CatalogueDataset, GraphDump]]:
    """Write everything published except the catalogue, and the triples of each dataset; return both.

    A triple belongs to every dataset that includes a file with it. Raises OSError, and what `run_parallel` raises.
    """
    names = ["whole", *map(str, range(len(datasets)))]
    parts = min(os.cpu_count() or 1, MAX_PROCESSES, 1 + statements.path.stat().st_size // BYTES_PER_PROCESS)
    tasks: dict[str, Task] = {}
    written: list[list[Path]] = []
    for number, byte_range in enumerate(statements.ranges(parts)):
        written.append([statements.temp_dir.folder / f"{name}.{number}.nq" for name in names])
        tasks[f"divide {number}"] = partial(
            _partition, statements.path, statements.files, datasets, byte_range, written[-1]
        )
    counted = run_parallel(tasks, progress, parallel=len(tasks) > 1).values()
    dumps = [
        GraphDump(name, QuadFile(_concatenate(paths), statements.temp_dir), sum(triples))
        for name, paths, triples in zip(
            ["tout", *(dataset.slug for dataset in datasets)],
            zip(*written, strict=True),
            zip(*counted, strict=True),
            strict=True,
        )
    ]
    return dumps[0], dict(zip(datasets, dumps[1:], strict=True))


def _partition(
    path: Path,
    files: Sequence[SourceFile],
    datasets: Sequence[CatalogueDataset],
    byte_range: ByteRange,
    output_paths: Sequence[Path],
) -> list[int]:
    """Partition a range of statements; return the number of default-graph triples written to each output."""
    with ExitStack() as stack:
        outs = [stack.enter_context(each.open("wb")) for each in output_paths]
        destinations = dict[tuple[int, ...], _Destination]()
        for line, numbers in read_statements(path, len(files), byte_range):
            destination = destinations.get(numbers) or destinations.setdefault(
                numbers, _destination([files[each] for each in numbers], datasets, outs)
            )
            if not destination.writes:
                continue
            if line.count(b" ") == 3 or not graph_of(line):
                destination.triples += 1
                text = line + b"\n"
                for write in destination.writes:
                    write(text)
            elif not line.endswith(CATALOGUE_SUFFIX):
                outs[0].write(line + b"\n")
    return [
        sum(each.triples for each in destinations.values() if number in each.outputs)
        for number in range(len(output_paths))
    ]


@dataclass
class _Destination:
    """Where the statements of some files are written (by output number), and how many triples there are."""

    outputs: Sequence[int]
    writes: Sequence[Callable[[bytes], int]]
    triples: int = 0


def _destination(
    files: Sequence[SourceFile], datasets: Sequence[CatalogueDataset], outs: Sequence[IO[bytes]]
) -> _Destination:
    names = [each.name for each in files if each.role in PUBLISHED]
    found = (number for number, each in enumerate(datasets, 1) if any(map(each.includes, filter(None, names))))
    outputs = [0, *found] if names else []
    return _Destination(outputs, [outs[number].write for number in outputs])


def _concatenate(paths: Sequence[Path]) -> Path:
    """Append the other files to the first one and remove them; return the first one."""
    with paths[0].open("ab") as out:
        for each in paths[1:]:
            with each.open("rb") as source:
                shutil.copyfileobj(source, out, _COPIED)
            each.unlink()
    return paths[0]
