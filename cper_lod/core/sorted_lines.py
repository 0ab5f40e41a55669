"""Look up lines by prefix in a sorted file of a build, by bisection: at the same cost at any size."""

import mmap
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType


class SortedLines:
    """The lines of a file that is sorted as bytes; each line ends with a line feed.

    The file is mapped into memory: if another program shortens it, this process ends. So only files that a build writes and
    removes are read in this way.
    """

    def __init__(self, path: Path) -> None:
        """Map the file at `path`."""
        with path.open("rb") as file:
            # An empty file cannot be mapped.
            self.bytes: mmap.mmap | bytes = (
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
            )

    def place(self, key: bytes) -> int:
        """Return the offset of the first line not before `key`."""
        low, high = 0, len(self.bytes)
        while low < high:
            middle = self.bytes.rfind(b"\n", low, (low + high) // 2) + 1 or low
            if self.bytes[middle : middle + len(key)] < key:
                low = self.bytes.find(b"\n", middle) + 1
            else:
                high = middle
        return low

    def beginning(self, key: bytes) -> Iterator[bytes]:
        """Yield the lines that start with `key`, without their line feeds, in file order."""
        start, data, length = self.place(key), self.bytes, len(key)
        while start < len(data) and data[start : start + length] == key:
            end = data.find(b"\n", start)
            yield data[start:end]
            start = end + 1

    def __contains__(self, key: bytes) -> bool:
        return next(self.beginning(key), None) is not None

    def close(self) -> None:
        """Unmap the file."""
        if isinstance(self.bytes, mmap.mmap):
            self.bytes.close()

    def __enter__(self) -> "SortedLines":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
