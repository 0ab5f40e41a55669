"""A sorted file of lines, read by bisection: finding all lines that begin alike costs the same at any size."""

import mmap
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType


class SortedLines:
    """The lines of a file whose bytes are sorted; each line ends with a line feed."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            # An empty file cannot be mapped.
            self._bytes: mmap.mmap | bytes = (
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
            )

    def _start(self, key: bytes) -> int:
        """Return the offset of the first line that is not before `key`."""
        low, high = 0, len(self._bytes)
        while low < high:
            middle = self._bytes.rfind(b"\n", low, (low + high) // 2) + 1 or low
            if self._bytes[middle : middle + len(key)] < key:
                low = self._bytes.find(b"\n", middle) + 1
            else:
                high = middle
        return low

    def beginning(self, key: bytes) -> Iterator[bytes]:
        """Yield the lines that begin with `key`, without their line feeds, in the order of the file."""
        at = self._start(key)
        while self._bytes[at : at + len(key)] == key and at < len(self._bytes):
            end = self._bytes.find(b"\n", at)
            yield self._bytes[at:end]
            at = end + 1

    def __contains__(self, key: bytes) -> bool:
        return next(self.beginning(key), None) is not None

    def close(self) -> None:
        """Give the mapped memory back."""
        if isinstance(self._bytes, mmap.mmap):
            self._bytes.close()

    def __enter__(self) -> "SortedLines":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
