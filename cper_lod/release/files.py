"""The files of a release, compared with its manifest when they are read: what is damaged is never taken for the whole."""

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.files import file_problem

_LOST: Final = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EIO, errno.ESTALE)
"""The errors of a file that is missing or cannot be read any more; others are a lack of rights or resources."""


@contextmanager
def reading(path: Path, damaged: str = "release-damaged") -> Iterator[None]:
    """Raise an OSError as the problem with the code `damaged` if the file is lost, else as `permission`, `resources`."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.errno in _LOST:  # one of gzip has no number
            raise Problem(damaged, path=path, message=error.strerror or error) from error
        raise file_problem(error, path) from error


@contextmanager
def reading_history(path: Path) -> Iterator[None]:
    """Raise `history-damaged` if a file of the history is lost or cannot be understood, `permission` if it may not be read."""
    try:
        with reading(path, "history-damaged"):
            yield
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Problem("history-damaged", path=path, message=f"{type(error).__name__} {error}") from error


def compare_size(path: Path, found: int, expected: int) -> None:
    """Raise `release-damaged` unless a file has as many bytes as the manifest states."""
    if found != expected:
        message = Phrase(f"{found} bytes instead of {expected}", f"{found} octets au lieu de {expected}")
        raise Problem("release-damaged", path=path, message=message)


class WholeFile(io.BufferedReader):
    """A file open for reading, whose reads raise `release-damaged` where it ends before its size, at any time."""

    def __init__(self, path: Path, size: int) -> None:
        """Open a file of `size` bytes; raises `release-damaged`, `permission`, and OSError for a lack of resources."""
        self._path, self._size = path, size
        with reading(path):
            super().__init__(io.FileIO(path))
        try:
            compare_size(path, os.fstat(self.fileno()).st_size, size)
        except Problem:
            self.close()
            raise

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next `size` bytes, up to the size that the file had when it was written."""
        at = self.tell()
        rest = max(self._size - at, 0)
        wanted = rest if size is None or size < 0 else min(size, rest)
        with reading(self._path):
            data = super().read(wanted)
        if len(data) < wanted:
            compare_size(self._path, at + len(data), self._size)
        return data
