"""A large answer in an unnamed file, which is read in chunks and disappears when it is closed."""

import os
import weakref
from typing import Final

CHUNK_SIZE: Final = 64 * 1024
"""Bytes read at once."""


class Spool:
    """The content of a file that a query process has passed to the server; it is never loaded into memory as a whole."""

    def __init__(self, file: int, size: int) -> None:
        self._file = file
        self._size = size
        self._close = weakref.finalize(self, os.close, file)

    def __len__(self) -> int:
        return self._size

    @property
    def path(self) -> str:
        """A path by which other code in this process can open the file as long as it is open here (Linux, macOS)."""
        return f"/proc/self/fd/{self._file}" if os.path.isdir("/proc/self/fd") else f"/dev/fd/{self._file}"  # noqa: PTH112

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        """Return `size` bytes from `offset`, or all bytes after `offset`."""
        return os.pread(self._file, self._size - offset if size is None else min(size, self._size - offset), offset)

    def close(self) -> None:
        """Close the file; later reads fail."""
        self._close()
