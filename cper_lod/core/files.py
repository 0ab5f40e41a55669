"""Atomic writes, explicit modes, and errors of access told with the owner and the mode of the file."""

import ctypes
import errno
import fcntl
import os
import pwd
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.i18n import phrase

DENIED: Final = (errno.EACCES, errno.EPERM)
"""The errors of a lack of rights."""
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_LACKS: Final = {
    errno.EMFILE: "lacks-files",
    errno.ENFILE: "lacks-files",
    errno.ENOMEM: "lacks-memory",
    errno.EAGAIN: "lacks-processes",
}
"""The errors of a lack of room, and of something else that the machine should have, with the sentence that says what."""


def _quoted_error(message: str) -> int:
    """Return the number of the error of the system that a message of a library quotes, 0 if it quotes none of those known here."""
    if "file descriptors" in message:  # so Oxigraph, before it opens any
        return errno.EMFILE
    return next((number for number in (*_FULL, *_LACKS, *DENIED) if os.strerror(number) in message), 0)


def lack(reason: str) -> str:
    """Return the sentence for what the machine lacks, given a message of the system, or of a library that quotes it."""
    name = _LACKS.get(_quoted_error(reason))
    return phrase(name) if name else reason


def index_problem(message: str, path: object) -> Problem:
    """Return the problem of an index that Oxigraph cannot read: `resources`, `permission`, else `release-damaged`."""
    number = _quoted_error(message)
    code = "resources" if number in _LACKS else "permission" if number in DENIED else "release-damaged"
    return Problem(code, path=path, message=lack(message))


def machine_problem(error: Exception) -> Problem | None:
    """Return what this machine lacks if that explains an error, else None: `resources`, `disk-full`, `permission`."""
    if isinstance(error, MemoryError):
        return Problem("resources", message=phrase("lacks-memory"))
    if isinstance(error, OSError) and error.errno in (*DENIED, *_FULL, *_LACKS):
        return file_problem(error, Path(error.filename or ""))
    return None


def file_problem(error: OSError, path: Path) -> Problem:
    """Return an OSError as a problem, with the path that the system names, else `path`.

    `resources` if files, memory or processes are lacking, `disk-full` if room is, else `permission`. If access was denied,
    that also says who owns the file and its mode; those of the folder if the file cannot be seen.
    """
    named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, (str, bytes, Path)) else path
    reason = error.strerror or str(error)
    number = _quoted_error(reason) if error.errno is None else error.errno
    if number in _LACKS:
        return Problem("resources", message=phrase(_LACKS[number]))
    if number in _FULL:
        return Problem("disk-full", path=named)
    if number not in DENIED:
        return Problem("permission", path=named, message=reason)
    for found in (named, *named.absolute().parents):
        with suppress(OSError):
            stat = found.stat()
            owner, user, mode = _user(stat.st_uid), _user(os.geteuid()), f"{stat.st_mode & 0o7777:04o}"
            en, fr = ("", "") if found == named else (f"folder {found.name}/: ", f"dossier {found.name}/ : ")
            en = f"{reason} ({en}owner {owner}, mode {mode}; this process runs as {user})"
            fr = f"{reason} ({fr}propriétaire {owner}, mode {mode} ; ce processus est lancé par {user})"
            return Problem("permission", path=named, message=Phrase(en, fr))
    return Problem("permission", path=named, message=reason)


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Raise OSErrors as `permission` (see `file_problem`)."""
    try:
        yield
    except OSError as error:
        raise file_problem(error, path) from error


def make_folder(path: Path) -> None:
    """Create a folder, with mode 0755 whatever the umask, and those above it, unless it exists; raises OSError."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o755)


def set_modes(folder: Path) -> None:
    """Give a folder and all folders in it the mode 0755, and all files 0644, whatever the umask; raises OSError."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def flush(path: Path) -> None:
    """Write what the system has cached of a file or a folder to the disk; raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def exchange(first: Path, second: Path) -> None:
    """Exchange two files or folders, in one step where the system can (Linux); raises OSError."""
    here, flag = -100, 2  # AT_FDCWD, RENAME_EXCHANGE of renameat2(2)
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None or rename(here, os.fsencode(first), here, os.fsencode(second), flag):
        spare = temporary_path(first)
        second.rename(spare)
        first.rename(second)
        spare.rename(first)


def temporary_path(path: Path) -> Path:
    """Return the name under which a file is written before it takes its place: hidden, without a suffix that programs look for."""
    return path.with_name(f".{path.name}.new")


class AtomicFile:
    """A binary file that is written under a temporary name and takes its place on `commit`.

    Without a `commit`, nothing changes and the temporary file is removed. All methods raise OSError.

    The temporary file is locked: another process that writes the same file waits, and takes over what a killed one left.
    """

    def __init__(self, path: Path, *, mode: int = 0o644, sync: bool = False) -> None:
        """Prepare to write `path`.

        `mode` is the mode of the new file, whatever the umask. With `sync`, its bytes are on the disk before
        it takes its place.
        """
        self.path = path
        self._mode = mode
        self._sync = sync
        self.temp_path = temporary_path(path)
        self.file: BinaryIO
        self._committed = False

    def __enter__(self) -> Self:
        while True:
            descriptor = os.open(self.temp_path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            self.file = open(descriptor, "wb")  # noqa: PTH123 - a descriptor, closed by `__exit__`
            with suppress(OSError):  # a file system without locks
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):  # it took its place, or was removed, during the wait
                if os.path.samestat(os.fstat(descriptor), self.temp_path.stat()):
                    self.file.truncate()
                    return self
            self.file.close()

    def commit(self) -> None:
        """Move the file to its place."""
        self.file.flush()
        os.fchmod(self.file.fileno(), self._mode)
        if self._sync:
            os.fsync(self.file.fileno())
        self.temp_path.replace(self.path)
        self._committed = True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(OSError):
            if not self._committed:
                self.temp_path.unlink(missing_ok=True)
        with suppress(OSError):  # bytes that are thrown away cannot be flushed to a full disk
            self.file.close()


def atomic_write(path: Path, data: bytes, *, mode: int = 0o644, sync: bool = False) -> None:
    """Write a file atomically (the parameters are those of `AtomicFile`); raises OSError."""
    with AtomicFile(path, mode=mode, sync=sync) as new:
        new.file.write(data)
        new.commit()


def replace_content(path: Path, data: bytes) -> None:
    """Write a file atomically and durably; it keeps its mode, a new one gets 0644. Raises OSError."""
    atomic_write(path, data, mode=path.stat().st_mode & 0o7777 if path.exists() else 0o644, sync=True)


def temporary_folder() -> Path:
    """Return the folder for temporary files: that of `TMPDIR`, else `/var/tmp`, since `/tmp` is in memory on many systems."""
    on_disk = Path("/var/tmp")  # noqa: S108  # its files have no name
    return on_disk if not os.environ.get("TMPDIR") and os.access(on_disk, os.W_OK) else Path(tempfile.gettempdir())
