"""Where a release is made: a hidden folder beside the sealed ones, locked while its builder lives, then swept away."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_PREFIX: Final = ".building-"


@contextmanager
def workshop(releases: Path) -> Iterator[Path]:
    """Make a folder to build in, and remove what is left of it in the end; first sweep what killed builds left.

    The lock on the folder is the kernel's (flock): it is gone with the process, however that ended, so that a folder
    without one is nobody's. Raises OSError.
    """
    releases.mkdir(parents=True, exist_ok=True)
    sweep(releases)
    aside, lock = _locked_folder(releases)
    try:
        yield aside
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        os.close(lock)


def sweep(releases: Path) -> None:
    """Remove the folders of builds that were killed; those of living ones, and what cannot be removed, stay."""
    for folder in releases.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def _locked_folder(releases: Path) -> tuple[Path, int]:
    """Return a new folder and the descriptor that holds its lock."""
    while True:
        aside = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=releases))
        try:
            lock = os.open(aside, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # swept by another build before it could be locked
            continue
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if aside.exists():
                return aside, lock
        os.close(lock)
