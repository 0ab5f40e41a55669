"""Locks on the folder of releases and on sealed releases, and the hidden directory in which a release is built.

Locks are the kernel's (flock): they end with the process that holds them, however it ends.
"""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Final

from cper_lod.core.files import disk_errors, flush, make_folder

LOCK: Final = ".lock"
"""The file in the folder of releases that is locked during a build or a publication."""
_PREFIX: Final = ".building-"


@contextmanager
def exclusive_lock(releases: Path, on_wait: Callable[[], object]) -> Iterator[None]:
    """Lock the folder of releases: no other process builds or publishes meanwhile.

    `on_wait` is called if another process holds the lock. Must not be nested. Raises `permission`.
    """
    with disk_errors(releases):
        make_folder(releases)
        lock = os.open(releases / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def fsync_tree(*folders: Path) -> None:
    """Flush folders and the files in them to the disk, so that they are whole even after a power cut; raises OSError."""
    for folder in folders:
        for path in (*(each for each in folder.iterdir() if each.is_file()), folder):
            flush(path)


def shared_lock(folder: Path) -> Callable[[], None]:
    """Lock a sealed folder, so that no process discards it while it is served; return a function that unlocks it.

    Several processes can hold the lock. Raises OSError if the folder no longer exists.
    """
    held = ExitStack()
    with held:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        held.callback(os.close, lock)
        with suppress(OSError):  # a file system without locks, on which no process can discard it either
            fcntl.flock(lock, fcntl.LOCK_SH)
        if os.path.samestat(os.fstat(lock), folder.stat()):
            return held.pop_all().close
    # It was discarded during the wait for the lock.
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold a lock on a folder that no other process holds; raises OSError if one does."""
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(lock)


def discard(folder: Path, *, force: bool = False) -> None:
    """Remove a sealed folder: it is renamed first, since a half-removed release would look damaged.

    Raises OSError if a process holds it (`shared_lock`), unless `force` is set: that process keeps what it has open; or if
    it cannot be renamed. The next build sweeps what is left.
    """
    with nullcontext() if force else _locked(folder):
        shutil.rmtree(folder.rename(folder.with_name(f"{_PREFIX}{folder.name}")), ignore_errors=True)


@contextmanager
def build_directory(releases: Path) -> Iterator[Path]:
    """Make a locked directory to build in and remove it at the end; first sweep those of killed builds.

    A build directory that is not locked belongs to no process. Raises OSError.
    """
    make_folder(releases)
    sweep(releases)
    with ExitStack() as held:
        while True:
            temp_dir = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=releases))
            # Another build may sweep it before it is locked.
            with suppress(FileNotFoundError, BlockingIOError):
                held.enter_context(_locked(temp_dir))
                if temp_dir.exists():
                    break
        held.callback(shutil.rmtree, temp_dir, ignore_errors=True)
        yield temp_dir


def sweep_all(releases: Path) -> None:
    """Remove all build directories, and what is left of discarded releases; the caller holds the lock. Raises OSError."""
    for folder in releases.rglob(f"{_PREFIX}*"):
        shutil.rmtree(folder)


def sweep(releases: Path) -> None:
    """Remove the build directories of killed builds; those that are locked or cannot be removed stay."""
    for folder in releases.glob(f"{_PREFIX}*"):
        with suppress(OSError), _locked(folder):
            shutil.rmtree(folder, ignore_errors=True)
