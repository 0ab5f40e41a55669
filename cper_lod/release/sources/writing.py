"""Changes of sources: by one command at a time, and several files together, all of them or none, even after kill -9.

A command that writes sources locks `data/.lock` (flock: the lock ends with its process, however it ends) and writes its
name into it. The files of a change are listed there, then written under temporary names; a last line says that all of
them are. With that line the change counts: whoever comes next completes it. Without it, it is undone.
"""

import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from cper_lod.core.files import disk_errors, flush, make_folder, temporary_path

LOCK: Final = Path("data", ".lock")
"""The file in a folder of sources that is locked; it is there only while a command writes, or after it was killed."""
_WHOLE: Final = b"whole\n"
_held: Final[dict[Path, BinaryIO]] = {}
"""The files that this process has locked."""


class Holder(NamedTuple):
    """The process that writes sources, and its command."""

    pid: int
    command: str


class _Journal(NamedTuple):
    """A file that is locked: who locked it, the files to write and to remove, and whether the change counts."""

    holder: Holder
    write: tuple[str, ...]
    remove: tuple[str, ...]
    counts: bool

    @classmethod
    def read(cls, data: bytes) -> "_Journal":
        lines = data.split(b"\n")[:-1]  # the last line has no end, so it was not written to its end
        holder = Holder(*json.loads(lines[0])) if lines else Holder(0, "")
        write, remove = json.loads(lines[1]) if len(lines) > 1 else ((), ())
        return cls(holder, tuple(write), tuple(remove), counts=len(lines) > 2)


def staged(path: Path) -> Path:
    """Return the temporary name of a source file; a link stays, and the file that it leads to is written."""
    return temporary_path(path.resolve())


@contextmanager
def sources_lock(
    folder: Path, command: str = "", on_wait: Callable[[Holder], object] = lambda _: None
) -> Iterator[None]:
    """Keep other commands from writing the sources in `folder`; first complete or undo the change of a killed one.

    `on_wait` is called if another process holds the lock. Can be nested in one process. Raises `permission`.
    """
    path = folder.resolve() / LOCK
    if path in _held:
        yield
        return
    with ExitStack() as stack:
        with disk_errors(path):
            made = [each for each in (path.parent, folder) if not each.exists()]
            make_folder(path.parent)
            file = stack.enter_context(_locked(path, on_wait))
            _held[path] = file
            stack.callback(_release, path, made)
            _recover(path)
            file.truncate(0)
            _append(file, json.dumps([os.getpid(), command]).encode() + b"\n")
        yield


def _locked(path: Path, on_wait: Callable[[Holder], object]) -> BinaryIO:
    while True:
        with ExitStack() as stack:
            file = stack.enter_context(open(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+b", buffering=0))  # noqa: PTH123
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait(_Journal.read(file.read()).holder)
                fcntl.flock(file, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):  # the one that held it has removed it
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    stack.pop_all()
                    return file


def _release(path: Path, made: Iterable[Path]) -> None:
    """Remove the file while it is locked, unless a change that counts is not complete, and folders that stayed empty."""
    with suppress(OSError):
        _recover(path)
        path.unlink()
        for folder in made:
            folder.rmdir()
    del _held[path]


def _recover(lock: Path) -> None:
    """Complete a change that counts, undo one that does not, and forget it; folders that are empty go. Raises OSError."""
    file = _held[lock]
    file.seek(0)
    data = file.read()
    journal, folder = _Journal.read(data), lock.parent.parent
    for name in journal.write:
        temporary = staged(folder / name)
        if not temporary.exists():  # it was moved before, or not written
            continue
        if journal.counts:
            temporary.replace((folder / name).resolve())
        else:
            temporary.unlink()
    if journal.counts:
        for name in journal.remove:
            (folder / name).unlink(missing_ok=True)
        _flush_folders(folder / name for name in (*journal.write, *journal.remove))
    for name in (*journal.write, *journal.remove):
        with suppress(OSError):  # up to a folder that is not empty
            for above in list(Path(name).parents)[:-2]:
                (folder / above).rmdir()
    file.truncate(data.find(b"\n") + 1)


def _append(file: BinaryIO, line: bytes) -> None:
    file.seek(0, os.SEEK_END)
    if file.write(line) != len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(file.fileno())


def _flush_folders(paths: Iterable[Path]) -> None:
    """Flush the folders of files, and those above, which may be new."""
    for folder in sorted({parent for path in paths for parent in path.resolve().parents[:2] if parent.is_dir()}):
        flush(folder)


def settle(folder: Path) -> None:
    """Have a change that counts be complete before the sources in `folder` are read: wait for the command, or do it.

    Raises `permission` if what a killed command left cannot be completed.
    """
    journal = b""
    with suppress(OSError):
        journal = (folder / LOCK).read_bytes()
    if _Journal.read(journal).counts:
        with sources_lock(folder):
            pass


@contextmanager
def change_files(folder: Path, names: Iterable[str], removed: Iterable[str] = ()) -> Iterator[None]:
    """Write files below `folder` and remove others, or change nothing.

    Within, each of `names` may be written under its temporary name (`staged`); those that were take their places at the
    end, and those `removed` go. Raises `permission`.
    """
    lock, write, remove = folder.resolve() / LOCK, list(names), list(removed)
    with sources_lock(folder), disk_errors(folder):
        file, plan = _held[lock], json.dumps([write, remove]).encode() + b"\n"
        size = file.seek(0, os.SEEK_END) + len(plan)
        try:
            _append(file, plan)
            temporary = [staged(folder / name) for name in write]
            for each in temporary:
                each.parent.mkdir(parents=True, exist_ok=True)
                each.unlink(missing_ok=True)
            yield
            for each in filter(Path.exists, temporary):
                each.chmod(0o644)
                flush(each)
            _flush_folders(folder / name for name in write)
            _append(file, _WHOLE)
        except BaseException:
            file.truncate(size)
            _recover(lock)
            raise
        _recover(lock)


def write_all(folder: Path, files: Mapping[str, bytes], removed: Iterable[str]) -> None:
    """Write `files` below `folder` and remove `removed`, or change nothing; raises `permission`."""
    with change_files(folder, files, removed):
        for name, data in files.items():
            staged(folder / name).write_bytes(data)
