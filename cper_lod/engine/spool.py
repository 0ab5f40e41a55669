"""A large answer in a file without a name: read piece by piece, gone when nobody holds it."""

import os
import weakref
from typing import Final

CHUNK_SIZE: Final = 64 * 1024
"""Bytes that are read at once."""


class Spool:
    """The bytes of a file that a query process has handed over; they are never in memory all at once."""

    def __init__(self, file: int, size: int) -> None:
        self._file = file
        self._size = size
        self._close = weakref.finalize(self, os.close, file)

    def __len__(self) -> int:
        return self._size

    @property
    def path(self) -> str:
        """Where another part of this process can open the file while it is held (Linux, macOS)."""
        return f"/proc/self/fd/{self._file}" if os.path.isdir("/proc/self/fd") else f"/dev/fd/{self._file}"  # noqa: PTH112

    def read(self, offset: int = 0, size: int | None = None) -> bytes:
        """Return `size` bytes from `offset` on, or all that follow it."""
        return os.pread(self._file, self._size - offset if size is None else min(size, self._size - offset), offset)

    def close(self) -> None:
        """Give up the file; reading from it then fails."""
        self._close()
