"""Answers kept on disk for some hours, so that asking again asks nobody: bounded in age and in size."""

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from cper_lod.core.files import atomic_write

KEPT_FOR: Final = 24 * 3600
"""Seconds for which an answer is used again."""
LARGEST: Final = 64 * 1024 * 1024
"""Bytes that all answers take together; beyond, the oldest go."""
_ENDING: Final = ".answer"


def own_folder() -> Path:
    """Return where answers are kept by default: the user's cache, as the XDG Base Directory specification says."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(named) if Path(named).is_absolute() else Path.home() / ".cache"
    return base / "cper-lod" / "link"


class Cache:
    """A folder of answers by the address that they came from; what cannot be read or written is as if it were not."""

    def __init__(self, folder: Path, kept_for: float = KEPT_FOR, largest: int = LARGEST) -> None:
        self.folder = folder
        self._kept_for = kept_for
        self._largest = largest

    def get(self, url: str) -> bytes | None:
        """Return the answer kept for an address, None where there is none or it is too old."""
        path = self._path(url)
        with suppress(OSError):
            if 0 <= time.time() - path.stat().st_mtime < self._kept_for:
                first, _, answer = path.read_bytes().partition(b"\n")
                return answer if first == url.encode() else None
        return None

    def put(self, url: str, answer: bytes) -> None:
        """Keep an answer, written aside and moved to its place, and let the oldest go where all take too much."""
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            atomic_write(self._path(url), url.encode() + b"\n" + answer, mode=0o600)
            self._trim()

    def _path(self, url: str) -> Path:
        return self.folder / (hashlib.sha256(url.encode()).hexdigest() + _ENDING)

    def _trim(self) -> None:
        """Remove what is too old, and then the oldest until the rest fits."""
        kept = sorted(
            ((path.stat(), path) for path in self.folder.glob(f"*{_ENDING}*")), key=lambda each: each[0].st_mtime
        )
        total = sum(stat.st_size for stat, _ in kept)
        for stat, path in kept:
            if total > self._largest or time.time() - stat.st_mtime >= self._kept_for:
                path.unlink(missing_ok=True)
                total -= stat.st_size
