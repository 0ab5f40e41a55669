"""Response cache on disk for the API of data.gouv.fr, bounded in age and in size."""

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from cper_lod.core.files import atomic_write

MAX_AGE: Final = 24 * 3600
"""Seconds during which a response is reused."""
MAX_BYTES: Final = 64 * 1024 * 1024
"""Size of all responses together; beyond it, the oldest are removed."""
_SUFFIX: Final = ".answer"


def default_folder() -> Path:
    """Return the default folder: the user's cache (XDG Base Directory specification)."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(configured) if Path(configured).is_absolute() else Path.home() / ".cache"
    return base / "cper-lod" / "link"


class CatalogCache:
    """A folder of responses by URL. A response that cannot be read or written is treated as missing."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self.folder = folder
        self._max_bytes = max_bytes

    def get(self, url: str) -> bytes | None:
        """Return the cached response for a URL, None if there is none or it is too old."""
        path = self._path(url)
        with suppress(OSError):
            if 0 <= time.time() - path.stat().st_mtime < MAX_AGE:
                first, _, response = path.read_bytes().partition(b"\n")
                return response if first == url.encode() else None
        return None

    def put(self, url: str, response: bytes) -> None:
        """Store a response atomically, then remove the oldest ones beyond the limit."""
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            atomic_write(self._path(url), url.encode() + b"\n" + response, mode=0o600)
            self._evict()

    def _path(self, url: str) -> Path:
        return self.folder / (hashlib.sha256(url.encode()).hexdigest() + _SUFFIX)

    def _evict(self) -> None:
        """Remove expired responses, then the oldest until the rest fits."""
        files = sorted(
            ((path.stat(), path) for path in self.folder.glob(f"*{_SUFFIX}*")), key=lambda each: each[0].st_mtime
        )
        total = sum(stat.st_size for stat, _ in files)
        for stat, path in files:
            if total > self._max_bytes or time.time() - stat.st_mtime >= MAX_AGE:
                path.unlink(missing_ok=True)
                total -= stat.st_size
