"""Sort lines as bytes, without duplicates, into a file: in memory if they are few, else by sort(1)."""

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

MAX_IN_MEMORY: Final = 64 << 20
"""Bytes of lines that are sorted in this process; more are sent to sort(1)."""
_SORT_MEMORY: Final = "300M"
_BLOCK_BYTES: Final = 1 << 24


class Sorter:
    """A context manager that takes lines in any order and, at its end, writes them to the file `to`, sorted, each once.

    After an exception, nothing is written. Raises OSError if the disk or sort fails. `memory` are the bytes of lines that are
    held, here and then by sort(1), where the defaults are too many.
    """

    def __init__(self, to: Path, memory: int = 0) -> None:
        self._to, self._memory = to, memory
        self._lines: list[bytes] = []
        self._size = 0
        self._process: subprocess.Popen[bytes] | None = None

    def write(self, lines: bytes) -> None:
        """Add whole lines, each with its line feed."""
        if self._process:
            self._send(self._process, lines)
            return
        self._lines.append(lines)
        self._size += len(lines)
        if self._size > (self._memory or MAX_IN_MEMORY):
            self._start()

    def _start(self) -> None:
        """Start sort and send it the lines so far."""
        memory = f"{self._memory}b" if self._memory else _SORT_MEMORY
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
            command("sort", "-u", "-S", memory, "-T", str(self._to.parent), "-o", str(self._to), "-"),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C"},
        )
        self._send(self._process, b"".join(self._lines))
        self._lines.clear()

    def _send(self, process: "subprocess.Popen[bytes]", lines: bytes) -> None:
        try:
            process.stdin.write(lines)  # type: ignore[union-attr]  # it is a pipe
        except BrokenPipeError:  # sort has ended; `_end` raises its message
            self._end(process)
            raise

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        """Wait for sort to end; raises OSError with its message if it failed."""
        self._process = None
        _, errors = process.communicate()
        if process.returncode:
            message = errors.decode(errors="replace").strip().rpartition("\n")[2]
            raise OSError(errno.EIO, message or "sort", str(self._to))

    def __enter__(self) -> "Sorter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._process and error:
            self._process.kill()
            with suppress(OSError):
                self._end(self._process)
        elif self._process:
            self._end(self._process)
        elif not error:
            lines = set(b"".join(self._lines).split(b"\n")) - {b""}
            self._to.write_bytes(b"".join(line + b"\n" for line in sorted(lines)))


def insert_lines(lines: Path, more: Iterable[bytes], to: Path) -> None:
    """Write the sorted lines of a file and a few `more`, each in its place, to the file `to`; raises OSError.

    The blocks between these are copied unchanged.
    """
    with SortedLines(lines) as known, lines.open("rb") as source, to.open("wb") as out:
        for line in sorted(set(more)):
            _copy(source, out, known.place(line) - source.tell())
            if line not in known:
                out.write(line + b"\n")
        _copy(source, out, lines.stat().st_size - source.tell())


def _copy(source: IO[bytes], to: IO[bytes], size: int) -> None:
    while size:
        block = source.read(min(size, _BLOCK_BYTES))
        to.write(block)
        size -= len(block)
