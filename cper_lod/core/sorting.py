"""Sort lines as bytes into a file, each once: in memory as far as they fit, else by merging sorted files."""

from collections.abc import Iterable
from contextlib import ExitStack
from heapq import merge
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Final, Self

MAX_IN_MEMORY: Final = 64 << 20
"""Bytes of lines that are sorted at once: ten million triples make some thirty files."""


class Sorter:
    """A context manager that takes lines in any order and, at its end, writes them to the file `to`, sorted, each once.

    After an exception, nothing is written there. Raises OSError if the disk fails. `memory` are the bytes of lines that are
    held, where the default is too many.
    """

    def __init__(self, to: Path, memory: int = 0) -> None:
        self._to, self._memory = to, memory
        self._lines: list[bytes] = []
        self._size = 0
        self._parts: list[Path] = []

    def write(self, lines: bytes) -> None:
        """Add whole lines, each with its line feed."""
        self._lines.append(lines)
        self._size += len(lines)
        if self._size > (self._memory or MAX_IN_MEMORY):
            self._parts.append(self._to.with_name(f"{self._to.name}.{len(self._parts)}"))
            self._write(self._parts[-1])

    def _write(self, path: Path) -> None:
        """Write the lines in memory to a file."""
        lines = sorted({line + b"\n" for line in b"".join(self._lines).split(b"\n") if line})
        self._lines.clear()
        self._size = 0
        path.write_bytes(b"".join(lines))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if self._parts and not error:
                self._parts.append(self._to.with_name(f"{self._to.name}.last"))
                self._write(self._parts[-1])
                merge_files(self._parts, self._to)
            elif not error:
                self._write(self._to)
        finally:
            for each in self._parts:
                each.unlink(missing_ok=True)


def merge_files(paths: Iterable[Path], to: Path, more: Iterable[bytes] = ()) -> None:
    """Write the lines of sorted files, and `more`, to the file `to`, sorted, each once; raises OSError."""
    with ExitStack() as opened, to.open("wb") as out:
        files = [opened.enter_context(each.open("rb")) for each in paths]
        out.writelines(line for line, _ in groupby(merge(*files, sorted(line + b"\n" for line in more))))
