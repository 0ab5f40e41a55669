"""Dividing what the source files state: what is published, and the triples of each dataset, each in a sorted file."""

import os
import shutil
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import IO, Final

from cper_lod.release.catalog.datasets import CatalogueDataset
from cper_lod.release.jobs.parallel import MAX_PROCESSES, Task, run_parallel
from cper_lod.release.jobs.progress import Progress
from cper_lod.release.sources.statements import (
    CATALOGUE_SUFFIX,
    PUBLISHED,
    ByteRange,
    SourceFile,
    StatementIndex,
    read_statements,
)
from cper_lod.release.storage.dumps import GraphDump
from cper_lod.release.storage.quad_file import QuadFile, graph_of

_BYTES_PER_PROCESS: Final = 256 << 20
"""Bytes of statements that are worth a process of their own."""
_COPIED: Final = 1 << 24


def partition(
    stated: StatementIndex, found: Sequence[CatalogueDataset], progress: Progress
) -> tuple[GraphDump, dict[CatalogueDataset, GraphDump]]:
    """Write what is published but for the catalogue, and the triples of each dataset; return the files of both.

    A triple belongs to every dataset that names a file which states it. Raises OSError, and what `run_parallel` raises.
    """
    names = ["whole", *map(str, range(len(found)))]
    shares = min(os.cpu_count() or 1, MAX_PROCESSES, 1 + stated.path.stat().st_size // _BYTES_PER_PROCESS)
    tasks: dict[str, Task] = {}
    written: list[list[Path]] = []
    for number, within in enumerate(stated.ranges(shares)):
        written.append([stated.scratch.folder / f"{name}.{number}.nq" for name in names])
        tasks[f"divide {number}"] = partial(_partition, stated.path, stated.files, found, within, written[-1])
    counted = run_parallel(tasks, progress, parallel=len(tasks) > 1).values()
    made = [
        GraphDump(name, QuadFile(_joined(paths), stated.scratch), sum(triples))
        for name, paths, triples in zip(
            ["tout", *(part.slug for part in found)],
            zip(*written, strict=True),
            zip(*counted, strict=True),
            strict=True,
        )
    ]
    return made[0], dict(zip(found, made[1:], strict=True))


def _partition(
    stated: Path,
    files: Sequence[SourceFile],
    found: Sequence[CatalogueDataset],
    within: ByteRange,
    paths: Sequence[Path],
) -> list[int]:
    """Divide a range of what is stated; return how many triples of the default graph each of the files has."""
    with ExitStack() as stack:
        outs = [stack.enter_context(path.open("wb")) for path in paths]
        shares = _Destinations(files, found, outs)
        for line, numbers in read_statements(stated, len(files), within):
            share = shares[numbers if len(numbers) > 1 else numbers[0]]
            if not share.writes:
                continue
            if line.count(b" ") == 3 or not graph_of(line):
                share.triples += 1
                text = line + b"\n"
                for write in share.writes:
                    write(text)
            elif not line.endswith(CATALOGUE_SUFFIX):
                outs[0].write(line + b"\n")
    return [shares.triples(place) for place in range(len(paths))]


def _joined(paths: Sequence[Path]) -> Path:
    """Put files together in the first of them, and remove the others; return that."""
    with paths[0].open("ab") as out:
        for each in paths[1:]:
            with each.open("rb") as source:
                shutil.copyfileobj(source, out, _COPIED)
            each.unlink()
    return paths[0]


class _Destination:
    """What some files state: which files it is written to, by their numbers, and how many triples it comes to."""

    def __init__(self, places: Collection[int], outs: Sequence[IO[bytes]]) -> None:
        self.places = places
        self.triples = 0
        self.writes: list[Callable[[bytes], int]] = [outs[place].write for place in places]


class _Destinations(dict[int | tuple[int, ...], _Destination]):
    """What becomes of what one source file states, or some together, by their numbers; made as it is asked for."""

    def __init__(
        self, stated: Sequence[SourceFile], found: Sequence[CatalogueDataset], outs: Sequence[IO[bytes]]
    ) -> None:
        super().__init__()
        self._stated, self._found, self._outs = stated, found, outs

    def __missing__(self, files: int | tuple[int, ...]) -> _Destination:
        those = [self._stated[each] for each in ((files,) if isinstance(files, int) else files)]
        names = [each.name for each in those if each.role in PUBLISHED]
        held = (place for place, part in enumerate(self._found, 1) if any(map(part.includes, filter(None, names))))
        share = self[files] = _Destination((0, *held) if names else (), self._outs)
        return share

    def triples(self, place: int) -> int:
        """Return how many triples of the default graph the file at a place has."""
        return sum(share.triples for share in self.values() if place in share.places)
