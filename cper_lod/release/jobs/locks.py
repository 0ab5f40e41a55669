"""Where a release is made: by one builder at a time, in a hidden folder beside the sealed ones that is swept away."""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Problem

LOCK: Final = ".lock"
"""The file in the folder of releases that is locked by whoever builds or publishes."""
_PREFIX: Final = ".building-"


@contextmanager
def exclusive_lock(releases: Path, waits: Callable[[], object] = lambda: None) -> Iterator[None]:
    """Hold the folder of releases: nobody else builds or publishes meanwhile; `waits` is called where another does.

    The lock is the kernel's, gone with the process that holds it. Not to be nested. Raises `permission`.
    """
    try:
        releases.mkdir(parents=True, exist_ok=True)
        lock = os.open(releases / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise Problem("permission", path=error.filename or releases, message=error.strerror or error) from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waits()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def fsync_tree(*folders: Path) -> None:
    """Have the disk hold folders and the files in them: what is named afterwards is whole even after a power cut.

    Raises OSError.
    """
    for folder in folders:
        for path in (*(each for each in folder.iterdir() if each.is_file()), folder):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def shared_lock(folder: Path) -> Callable[[], None]:
    """Have nobody discard a sealed folder as long as it is served; return what ends that.

    The lock is the kernel's, shared by all who hold the folder. Raises OSError where the folder is no longer there.
    """
    held = ExitStack()
    with held:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        held.callback(os.close, lock)
        with suppress(OSError):  # a file system without locks, where nobody can discard it either
            fcntl.flock(lock, fcntl.LOCK_SH)
        if os.path.samestat(os.fstat(lock), folder.stat()):
            return held.pop_all().close
    # It was discarded while the lock was waited for.
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))


def discard(folder: Path) -> None:
    """Remove a sealed folder: in one step for whoever looks for it, since a half of it would look damaged.

    Raises OSError where somebody holds it (`shared_lock`), and where it cannot be moved; what is left of it then is swept by
    the next build.
    """
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        temp_dir = folder.rename(folder.with_name(f"{_PREFIX}{folder.name}"))
        shutil.rmtree(temp_dir, ignore_errors=True)
    finally:
        os.close(lock)


@contextmanager
def build_directory(releases: Path) -> Iterator[Path]:
    """Make a folder to build in, and remove what is left of it in the end; first sweep what killed builds left.

    The lock on the folder is the kernel's (flock): it is gone with the process, however that ended, so that a folder
    without one is nobody's. Raises OSError.
    """
    releases.mkdir(parents=True, exist_ok=True)
    sweep(releases)
    temp_dir, lock = _locked_folder(releases)
    try:
        yield temp_dir
    finally:
        shutil.rmtree(temp_dir, ignore_errors=True)
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
        temp_dir = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=releases))
        try:
            lock = os.open(temp_dir, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:  # swept by another build before it could be locked
            continue
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if temp_dir.exists():
                return temp_dir, lock
        os.close(lock)
