"""Partitions the statements of the sources: everything published, and the triples of each dataset, as sorted files."""

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
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

BYTES_PER_PROCESS: Final = 256 << 20
"""Bytes of statements from which a process of its own is worth starting."""
_COPIED: Final = 1 << 24


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
