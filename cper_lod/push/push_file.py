"""A release as one file that the bulk loader of another store takes, as a push would leave it there."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import GRAPH_STORED
from cper_lod.push.graphs import Triples
from cper_lod.push.push import Marker, Tell, Told, plan
from cper_lod.release.release import DATA, Release


def write_file(release: Release, path: Path, tell: Tell) -> int:
    """Write a release as one file, whole or not at all; return its quads.

    N-Quads, compressed where the name ends so (`.gz`). Raises permission, push-graph.
    """
    work = plan(release, Marker({}))
    aside, done, count = path.with_name(f".{path.name}.part"), 0, 0
    try:
        with aside.open("wb") as raw, _opened(path, raw) as file:
            for step in work.steps:
                end = f" <{step.graph}> .\n".encode()
                for piece in Told(Triples(release.folder / DATA, step.source or ""), done, work.size, tell):
                    count += piece.count(b"\n")
                    file.write(piece.replace(b" .\n", end))
                done += step.size
            mark = work.marker.write()
            count += mark.count(b"\n")
            file.write(mark.replace(b" .\n", f" <{GRAPH_STORED}> .\n".encode()))
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise Problem("permission", path=path, message=error.strerror or error) from error
    return count


@contextmanager
def _opened(path: Path, raw: BinaryIO) -> Iterator[BinaryIO]:
    """Give the file by which bytes get into `raw`, compressed where its name says so, the same bytes each time."""
    if path.suffix != ".gz":
        yield raw
        return
    with gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
        yield cast(BinaryIO, packed)
