"""Lines sorted on disk: any number of them, in the memory of a few thousand."""

import heapq
import tempfile
from collections.abc import Iterator
from typing import IO, Final

from cper_lod.core.config import own_spool

CHUNK: Final = 4 << 20
"""Bytes of lines that are sorted at once."""

_WEIGHT: Final = 64
"""What a line weighs in memory besides its characters."""


class SortedOnDisk:
    """Lines without line breaks; when all are added, they come back in the order of their characters."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._weight = 0
        self._runs: list[IO[str]] = []

    def add(self, line: str) -> None:
        """Add a line."""
        self._lines.append(line + "\n")
        self._weight += len(line) + _WEIGHT
        if self._weight > CHUNK:
            self._spill()

    def _spill(self) -> None:
        run = tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", dir=own_spool())  # noqa: SIM115 - closed by `close`
        self._runs.append(run)
        run.writelines(sorted(self._lines))
        run.seek(0)
        self._lines, self._weight = [], 0

    def __iter__(self) -> Iterator[str]:
        """Yield every line in order."""
        self._lines.sort()
        for line in heapq.merge(*self._runs, self._lines):
            yield line[:-1]

    def close(self) -> None:
        """Remove what is on disk."""
        for run in self._runs:
            run.close()
