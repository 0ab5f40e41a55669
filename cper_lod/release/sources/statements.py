"""An index of the statements in the source files, sorted on disk, and its partition: all that is published, each dataset."""

import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final
from typing import Literal as OneOf

from pyoxigraph import Quad

from cper_lod.core.files import temporary_folder
from cper_lod.core.names import SiteNames
from cper_lod.core.sorting import Sorter
from cper_lod.release.catalog.datasets import CatalogueDataset
from cper_lod.release.jobs.progress import Progress
from cper_lod.release.storage.dumps import GraphDump
from cper_lod.release.storage.quad_file import QuadFile, graph_of, parse_quads

Role = OneOf["ontology", "data", "shapes", "questions"]
"""What a source file is for. Shapes are not published."""
PUBLISHED: Final = ("ontology", "data", "questions")


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

    def __init__(self, temp_dir: TempDir, names: SiteNames) -> None:
        self._temp_dir, self._catalogue_end = temp_dir, f" <{names.catalogue_graph}> .".encode()
        self._rows = QuadFile(temp_dir.folder / "stated", temp_dir)
        self._sorter = Sorter(self._rows.path)
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
            if file.role in PUBLISHED and self._catalogue_end in piece:
                self._catalogue.update(line for line in piece.split(b"\n") if line.endswith(self._catalogue_end))
        return found

    @property
    def index(self) -> "StatementIndex":
        """The index of all files."""
        catalogue = tuple(parse_quads(sorted(self._catalogue)))
        return StatementIndex(self._temp_dir, self._rows, tuple(self._files), catalogue, self._catalogue_end)


@dataclass(frozen=True)
class StatementIndex:
    """The statements of the source files: a sorted file with a line for each statement and file number,
    tab-separated.

    `catalogue` are the published quads of the catalogue graph, which are few and kept in memory.
    """

    temp_dir: TempDir
    rows: QuadFile
    files: tuple[SourceFile, ...]
    catalogue: tuple[Quad, ...]
    catalogue_end: bytes
    """How a line in the catalogue graph ends."""

    def file_names(self) -> list[str]:
        """Return the names of the published files."""
        return [each.name for each in self.files if each.role in PUBLISHED and each.name]

    def statements(self) -> Iterator[tuple[bytes, tuple[int, ...]]]:
        """Yield each statement once, as a line of N-Quads without line feed, with the numbers of its files."""
        last, found = b"", tuple[int, ...]()
        numbers = {b"%d" % number: (number,) for number in range(len(self.files))}
        for row in self.rows.lines():
            line, _, number = row.rpartition(b"\t")
            if line == last:
                found += numbers[number]
                continue
            if found:
                yield last, found
            last, found = line, numbers[number]
        if found:
            yield last, found

    def files_about(self, iri: str) -> list[Path]:
        """Return the files that have `iri` as a subject, sorted."""
        ends = {int(row.rpartition(b"\t")[2]) for row in self.rows.beginning(f"<{iri}> ".encode())}
        return sorted(Path(self.files[end].name) for end in ends if self.files[end].name)


def partition(
    statements: StatementIndex, datasets: Sequence[CatalogueDataset], progress: Progress
) -> tuple[GraphDump, dict[CatalogueDataset, GraphDump]]:
    """Write everything published except the catalogue, and the triples of each dataset; return both.

    A triple belongs to every dataset that includes a file with it. Raises OSError.
    """
    names = ["tout", *(dataset.slug for dataset in datasets)]
    paths = [statements.temp_dir.folder / f"part-{number}.nq" for number in range(len(names))]
    with ExitStack() as stack:
        outs = [stack.enter_context(each.open("wb")) for each in paths]
        destinations = dict[tuple[int, ...], _Destination]()
        for line, numbers in statements.statements():
            destination = destinations.get(numbers) or destinations.setdefault(
                numbers, _destination([statements.files[each] for each in numbers], datasets, outs)
            )
            if not destination.writes:
                continue
            if line.count(b" ") == 3 or not graph_of(line):
                destination.triples += 1
                text = line + b"\n"
                for write in destination.writes:
                    write(text)
            elif not line.endswith(statements.catalogue_end):
                outs[0].write(line + b"\n")
    dumps = [
        GraphDump(
            name,
            QuadFile(path, statements.temp_dir),
            sum(each.triples for each in destinations.values() if number in each.outputs),
        )
        for number, (name, path) in enumerate(zip(names, paths, strict=True))
    ]
    progress.end("divide")
    return dumps[0], dict(zip(datasets, dumps[1:], strict=True))


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
