"""Digests of large files, remembered with what the system says of each: what has not changed is not read again."""

import hashlib
import json
import os
import time
from contextlib import suppress
from functools import cache
from io import BufferedReader
from pathlib import Path
from typing import Final

from cper_lod.core.files import atomic_write

MEMORY: Final = ".digests.json"
"""The file in the folder of releases that remembers; who may not write there reads every file each time."""
LARGE: Final = 1 << 16
"""Bytes from which a file is remembered: a smaller one is read as fast as looked up."""
_SETTLED: Final = 2_000_000_000
"""Nanoseconds that a file has to have been left alone when it was read: its times tell later changes only then."""
_Said = tuple[int, int, int, int, int]


class Memory:
    """What is remembered beside the releases of one folder."""

    def __init__(self, releases: Path) -> None:
        self._path = releases / MEMORY
        self._known: dict[str, tuple[_Said, str]] = {}
        self._fresh: dict[str, tuple[_Said, str]] = {}
        self._read_at = -1

    def digest(self, file: BufferedReader) -> str:
        """Return the SHA-256, in hexadecimal, of a file that was opened just now by its path; raises OSError.

        A file is known again by its size, its place on the disk and the times of its last change, of which that of
        the system (`st_ctime`) moves whoever writes to it or replaces it. That a disk has lost bits shows only where
        the file is read: remove the memory to have that done.
        """
        said = os.fstat(file.fileno())
        if said.st_size < LARGE:
            return hashlib.sha256(file.read()).hexdigest()
        place = (said.st_size, said.st_mtime_ns, said.st_ctime_ns, said.st_ino, said.st_dev)
        name = str(Path(file.name).absolute())  # which file it is, its place on the disk tells
        self._look()
        found = self._fresh.get(name) or self._known.get(name)
        if found and found[0] == place:
            return found[1]
        settled = time.time_ns() - said.st_ctime_ns > _SETTLED
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        if settled:
            self._fresh[name] = place, digest
        return digest

    def of(self, path: Path) -> str:
        """Return the same of the file at a path."""
        with path.open("rb") as file:
            return self.digest(file)

    def keep(self) -> None:
        """Write down what was read since; a folder that cannot be written to is no fault: it is read again then."""
        if not self._fresh:
            return
        self._look()
        kept = {name: each for name, each in {**self._known, **self._fresh}.items() if Path(name).exists()}
        with suppress(OSError):
            atomic_write(self._path, json.dumps(kept).encode(), mode=0o644)
            self._fresh.clear()

    def _look(self) -> None:
        """Read what is remembered, where another process has written since; what is damaged is forgotten."""
        with suppress(OSError):
            changed = self._path.stat().st_mtime_ns
            if changed == self._read_at:
                return
            self._read_at, self._known = changed, {}
            with suppress(ValueError, TypeError, AttributeError, RecursionError):
                told = json.loads(self._path.read_bytes())
                self._known = {str(name): (tuple(place), str(digest)) for name, (place, digest) in told.items()}


@cache
def memory(releases: Path) -> Memory:
    """Return the memory of a folder of releases, one a process."""
    return Memory(releases)
