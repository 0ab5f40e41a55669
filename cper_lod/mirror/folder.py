"""The folder of a mirror: checks that it is ours, locks it, and writes files atomically."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.files import AtomicFile, make_folder
from cper_lod.release.release import file_digest

STATUS_FILE: Final = "mirror.json"
"""The summary of the mirror; written last."""
MANIFEST_FILE: Final = ".mirror.sqlite"
"""The manifest, for the next export."""
SITE: Final = "site"
RULES: Final = "rules"
TEMP_FOLDER: Final = ".aside"
_LOCK: Final = ".lock"
_OURS: Final = frozenset(
    {STATUS_FILE, MANIFEST_FILE, SITE, RULES, TEMP_FOLDER, _LOCK, f"{MANIFEST_FILE}-journal", "LISEZMOI.txt"}
)

_NO_FOLDER: Final = Phrase("it is not a folder", fr="ce n'est pas un dossier")


class Folder:
    """A folder that an export writes. It never writes through symbolic links."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._checked_folders = set[Path]()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Create the folder if needed, and lock it.

        Raises `export-folder` if it contains files that no export wrote, `export-link` if it is or contains a symbolic
        link, `export-busy` if another export is running, `export-write` if it cannot be written.
        """
        with report_errors(self.root):
            self._refuse_foreign_folder()
            make_folder(self.root)
            lock = os.open(self.root / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            with report_errors(self.root):
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    raise Problem("export-busy", path=self.root) from None
                shutil.rmtree(self.root / TEMP_FOLDER, ignore_errors=True)
                self.make_folder(self.root / SITE)
                self.make_folder(self.root / TEMP_FOLDER)
            yield
            shutil.rmtree(self.root / TEMP_FOLDER, ignore_errors=True)
        finally:
            os.close(lock)

    def _refuse_foreign_folder(self) -> None:
        if link := self.root if self.root.is_symlink() else next(_links(self.root), None):
            raise Problem("export-link", path=link)
        if self.root.exists() and not self.root.is_dir():
            raise _folder_problem(self.root, _NO_FOLDER)
        found = {each.name for each in self.root.iterdir()} if self.root.is_dir() else set()
        others = sorted(found - _OURS)
        if others or (found and _LOCK not in found):
            name = (others or sorted(found))[0][:80]
            raise _folder_problem(self.root, Phrase(f"it contains {name}", fr=f"il contient {name}"))

    def make_folder(self, path: Path) -> None:
        """Create a folder below the root if needed; raises `export-folder` if its path is that of a file or a link."""
        if path in self._checked_folders or path == self.root:
            return
        self.make_folder(path.parent)
        with suppress(FileExistsError):
            path.mkdir()
            path.chmod(0o755)
        if path.is_symlink() or not path.is_dir():
            raise _folder_problem(path, _NO_FOLDER)
        self._checked_folders.add(path)

    def write_if_changed(self, file: str, content: bytes | Path, modified: int) -> bool:
        """Write a file atomically if its content differs; return whether it was written.

        The content may be in another file, which may be larger than memory.
        """
        path = self.root / file
        with report_errors(path):
            self.make_folder(path.parent)
            if self.has_content(file, content):
                if int(path.stat().st_mtime) != modified:
                    os.utime(path, (modified, modified))
                return False
            with AtomicFile(path, temp_dir=self.root / TEMP_FOLDER) as new:
                if isinstance(content, bytes):
                    new.file.write(content)
                else:
                    shutil.copyfile(content, new.temp_path)
                new.commit(modified)
        return True

    def has_content(self, file: str, content: bytes | Path) -> bool:
        """Whether a file exists with exactly these bytes, or those of another file.

        Size and time are not enough: a digit may change, and reproducible builds set the time.
        """
        path = self.root / file
        if path.is_symlink() or not path.is_file():
            return False
        if isinstance(content, bytes):
            return path.stat().st_size == len(content) and path.read_bytes() == content
        # Unlike `filecmp`, without a cache.
        return path.stat().st_size == content.stat().st_size and file_digest(path) == file_digest(content)

    def write_text_if_changed(self, file: str, pieces: Iterable[str]) -> bool:
        """Like `write_if_changed`, for a text that may be larger than memory."""
        path = self.root / file
        with report_errors(path):
            self.make_folder(path.parent)
            with AtomicFile(path, temp_dir=self.root / TEMP_FOLDER) as new:
                new.file.writelines(piece.encode("utf-8", "surrogateescape") for piece in pieces)
                new.close()
                if self.has_content(file, new.temp_path):
                    return False
                new.commit()
        return True

    def remove(self, file: str) -> bool:
        """Remove a file and the folders that become empty; return whether it existed."""
        path = self.root / file
        with report_errors(path):
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


def _links(folder: Path) -> Iterator[Path]:
    """Yield the symbolic links below a folder."""
    for place, folders, files in os.walk(folder):
        yield from filter(Path.is_symlink, (Path(place, name) for name in sorted(folders + files)))


def _folder_problem(path: Path, reason: Phrase) -> Problem:
    return Problem("export-folder", path=path, reason=reason)


@contextmanager
def report_errors(path: Path) -> Iterator[None]:
    """Raise OSErrors as `export-write`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise Problem("export-write", path=error.filename or path, message=reason) from error
