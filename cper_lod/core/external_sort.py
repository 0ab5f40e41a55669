"""Lines sorted as bytes, each once, in a file: few are sorted in memory, many by sort(1), which takes little of it."""

import errno
import os
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from cper_lod.core.processes import command
from cper_lod.core.sorted_lines import SortedLines

FEW: Final = 64 << 20
"""Bytes of lines that are sorted here; more are given to sort(1)."""
_MEMORY: Final = "300M"
_COPIED: Final = 1 << 24


class Sorter:
    """Takes lines in any order; on its end they are in the file `to`, sorted as bytes, each once.

    Where what uses it fails, nothing is written. Raises OSError where the disk, or sort, fails.
    """

    def __init__(self, to: Path) -> None:
        self._to = to
        self._held: list[bytes] = []
        self._size = 0
        self._sort: subprocess.Popen[bytes] | None = None

    def write(self, lines: bytes) -> None:
        """Take whole lines, each with its line feed."""
        if self._sort:
            self._give(lines)
            return
        self._held.append(lines)
        self._size += len(lines)
        if self._size > FEW:
            self._start()

    def _start(self) -> None:
        """Have sort do it, beginning with what is held."""
        self._sort = subprocess.Popen(  # noqa: S603 - our own interpreter and program
            command("sort", "-u", "-S", _MEMORY, "-T", str(self._to.parent), "-o", str(self._to), "-"),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C"},
        )
        self._give(b"".join(self._held))
        self._held.clear()

    def _give(self, lines: bytes) -> None:
        try:
            self._pipe.write(lines)
        except BrokenPipeError:  # why sort has ended, it says itself
            self._end()
            raise

    @property
    def _pipe(self) -> IO[bytes]:
        assert self._sort is not None  # noqa: S101
        assert self._sort.stdin is not None  # noqa: S101
        return self._sort.stdin

    def _end(self) -> None:
        """Wait for sort, once; raises OSError with its words where it failed."""
        with suppress(BrokenPipeError):
            self._pipe.close()
        sort, self._sort = self._sort, None
        assert sort is not None  # noqa: S101
        assert sort.stderr is not None  # noqa: S101
        with sort.stderr as said:
            words = said.read().decode(errors="replace").strip().rpartition("\n")[2]
        if sort.wait():
            raise OSError(errno.EIO, words or "sort", str(self._to))

    def __enter__(self) -> "Sorter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._sort and error:
            self._sort.kill()
            with suppress(OSError):
                self._end()
        elif self._sort:
            self._end()
        elif not error:
            lines = set(b"".join(self._held).split(b"\n")) - {b""}
            self._to.write_bytes(b"".join(line + b"\n" for line in sorted(lines)))


def splice(lines: Path, more: Iterable[bytes], to: Path) -> None:
    """Write to the file `to` the sorted lines of a file and, each in its place, a few more; raises OSError.

    What stands between two of them is copied as it is.
    """
    with SortedLines(lines) as known, lines.open("rb") as source, to.open("wb") as out:
        for line in sorted(set(more)):
            _copy(source, out, known.place(line) - source.tell())
            if line not in known:
                out.write(line + b"\n")
        _copy(source, out, lines.stat().st_size - source.tell())


def _copy(source: IO[bytes], to: IO[bytes], size: int) -> None:
    while size:
        block = source.read(min(size, _COPIED))
        to.write(block)
        size -= len(block)
