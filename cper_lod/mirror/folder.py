"""The folder of a mirror: whether it is ours, one export at a time, and files that are there whole or not at all."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.files import AtomicFile
from cper_lod.release.release import file_digest

MARK: Final = "mirror.json"
"""The file that says what the mirror holds; written last."""
STATE: Final = ".mirror.sqlite"
"""The file by which the next export knows what this one wrote."""
SITE: Final = "site"
RULES: Final = "rules"
ASIDE: Final = ".aside"
_LOCK: Final = ".lock"
_OURS: Final = frozenset({MARK, STATE, SITE, RULES, ASIDE, _LOCK, f"{STATE}-journal", "LISEZMOI.txt"})


class Folder:
    """A folder that an export writes; nothing is written through a symbolic link."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._made = set[Path]()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder, made where it is not there.

        Raises `export-folder` where it holds what no export wrote, `export-busy` where another export writes it,
        `export-write` where it cannot be written.
        """
        with said(self.root):
            self._refuse_others()
            self.root.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            with said(self.root):
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise Problem("export-busy", path=self.root) from None
                shutil.rmtree(self.root / ASIDE, ignore_errors=True)
                self.folder(self.root / SITE)
                self.folder(self.root / ASIDE)
            yield
            shutil.rmtree(self.root / ASIDE, ignore_errors=True)
        finally:
            os.close(lock)

    def _refuse_others(self) -> None:
        if self.root.is_symlink() or (self.root.exists() and not self.root.is_dir()):
            raise _refused(self.root, Phrase("it is no folder", fr="ce n'est pas un dossier"))
        found = {each.name for each in self.root.iterdir()} if self.root.is_dir() else set()
        if (self.root / STATE).is_symlink():  # SQLite would write where it leads
            raise _refused(self.root / STATE, Phrase("it is a link", fr="c'est un lien"))
        others = sorted(found - _OURS)
        if others or (found and _LOCK not in found):
            name = (others or sorted(found))[0][:80]
            raise _refused(self.root, Phrase(f"it holds {name}", fr=f"il contient {name}"))

    def folder(self, path: Path) -> None:
        """Make a folder below the root where it is not there; raises `export-folder` for a link on the way."""
        if path in self._made or path == self.root:
            return
        self.folder(path.parent)
        with suppress(FileExistsError):
            path.mkdir()
        if path.is_symlink() or not path.is_dir():
            raise _refused(path, Phrase("it is a link, or no folder", fr="c'est un lien, ou pas un dossier"))
        self._made.add(path)

    def put(self, file: str, body: bytes, modified: int) -> bool:
        """Write a file where it has other bytes, aside and then in one step; return whether it was written."""
        path = self.root / file
        with said(path):
            self.folder(path.parent)
            if self.holds(file, body):
                if int(path.stat().st_mtime) != modified:
                    os.utime(path, (modified, modified))
                return False
            with AtomicFile(path, temp_dir=self.root / ASIDE) as new:
                new.file.write(body)
                new.commit(modified)
        return True

    def holds(self, file: str, body: bytes) -> bool:
        """Whether a file is there with these very bytes."""
        return not (self.root / file).is_symlink() and _same(self.root / file, body)

    def copy(self, source: Path, file: str, modified: int) -> bool:
        """Do the same with the bytes of a file, which may be larger than memory."""
        path = self.root / file
        with said(path):
            self.folder(path.parent)
            # Its size and moment do not tell: a figure may change, and a build may be told when it was (reproducible).
            if path.is_file() and not path.is_symlink() and _equal(source, path):
                if int(path.stat().st_mtime) != modified:
                    os.utime(path, (modified, modified))
                return False
            with AtomicFile(path, temp_dir=self.root / ASIDE) as new:
                shutil.copyfile(source, new.temp_path)
                new.commit(modified)
        return True

    def stream(self, file: str, pieces: Iterable[str]) -> bool:
        """Write a text that may be longer than memory, where it is another than the one there."""
        path = self.root / file
        with said(path):
            self.folder(path.parent)
            with AtomicFile(path, temp_dir=self.root / ASIDE) as new:
                new.file.writelines(piece.encode("utf-8", "surrogateescape") for piece in pieces)
                new.close()
                if path.is_file() and not path.is_symlink() and _equal(new.temp_path, path):
                    return False
                new.commit()
        return True

    def remove(self, file: str) -> bool:
        """Remove a file that an export wrote, and the folders that it leaves empty; return whether it was there."""
        path = self.root / file
        with said(path):
            if any(each.is_symlink() for each in path.parents if each != self.root and self.root in each.parents):
                return False
            try:
                path.unlink()
            except (FileNotFoundError, NotADirectoryError):
                return False
            with suppress(OSError):
                for each in path.parents:
                    if each == self.root / SITE:
                        break
                    each.rmdir()
        return True


def _same(path: Path, body: bytes) -> bool:
    try:
        return path.stat().st_size == len(body) and path.read_bytes() == body
    except (FileNotFoundError, NotADirectoryError):
        return False


def _equal(one: Path, other: Path) -> bool:
    """Whether two files, which may be larger than memory, have the same bytes (`filecmp` remembers earlier ones)."""
    return one.stat().st_size == other.stat().st_size and file_digest(one) == file_digest(other)


def _refused(path: Path, reason: Phrase) -> Problem:
    return Problem("export-folder", path=path, reason=reason)


@contextmanager
def said(path: Path) -> Iterator[None]:
    """Say a fault of the file system as a problem: `export-write`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise Problem("export-write", path=error.filename or path, message=reason) from error
