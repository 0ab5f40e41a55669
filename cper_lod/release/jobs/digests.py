"""A cache of the digests of large files: a file that has not changed is not read again."""

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

DIGESTS_FILE: Final = ".digests.json"
"""The file of the cache, in the folder of releases; without write access, every file is read each time."""
MIN_CACHED_BYTES: Final = 1 << 16
"""Smaller files are not cached: reading them is as fast as looking them up."""
STABLE_NANOSECONDS: Final = 2_000_000_000
"""How long a file must have been unchanged to be cached: only then do its times show every later change."""
_FileState = tuple[int, int, int, int, int]


class DigestCache:
    """The cached digests of one folder of releases."""

    def __init__(self, releases: Path) -> None:
        self._path = releases / DIGESTS_FILE
        self._saved: dict[str, tuple[_FileState, str]] = {}
        self._new: dict[str, tuple[_FileState, str]] = {}
        self._read_at = -1

    def digest(self, file: BufferedReader) -> str:
        """Return the SHA-256, in hexadecimal, of a file just opened by its path; raises OSError.

        A file is unchanged if its size, inode, device and times of last change are the same; `st_ctime`, which the
        system sets, changes when the file is written to or replaced. Lost bits on the disk are noticed only when the
        file is read.
        """
        stat = os.fstat(file.fileno())
        if stat.st_size < MIN_CACHED_BYTES:
            return hashlib.sha256(file.read()).hexdigest()
        state = (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev)
        name = str(Path(file.name).absolute())  # links are not resolved: the inode identifies the file
        self._reload()
        cached = self._new.get(name) or self._saved.get(name)
        if cached and cached[0] == state:
            return cached[1]
        is_stable = time.time_ns() - stat.st_ctime_ns > STABLE_NANOSECONDS
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        if is_stable:
            self._new[name] = state, digest
        return digest

    def save(self) -> None:
        """Write the new digests; if the folder cannot be written to, the files are read again next time."""
        if not self._new:
            return
        self._reload()
        existing = {name: each for name, each in {**self._saved, **self._new}.items() if Path(name).exists()}
        with suppress(OSError):
            atomic_write(self._path, json.dumps(existing).encode(), mode=0o644)
            self._new.clear()

    def _reload(self) -> None:
        """Read the file if another process has written it since; a damaged one counts as empty."""
        with suppress(OSError):
            changed = self._path.stat().st_mtime_ns
            if changed == self._read_at:
                return
            self._read_at, self._saved = changed, {}
            with suppress(ValueError, TypeError, AttributeError, RecursionError):
                saved = json.loads(self._path.read_bytes())
                self._saved = {str(name): (tuple(state), str(digest)) for name, (state, digest) in saved.items()}


@cache
def digest_cache(releases: Path) -> DigestCache:
    """Return the cache of a folder of releases, one per process."""
    return DigestCache(releases)
