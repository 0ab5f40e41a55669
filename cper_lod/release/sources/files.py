"""The RDF files in a folder of sources: which are read, which may stand beside them, and which are a fault."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from cper_lod.core.errors import Problem
from cper_lod.rdf.reader import FORMATS

IGNORED = {".md", ".csv"}
"""Endings of files that may stand beside data without being read: words, and expected rows."""


def rdf_files(folder: Path, deep: bool = True) -> list[Path]:
    """Return the RDF files in `folder`, and below it, sorted; what is hidden (`.name`) is left out.

    A file of unknown ending is a fault, not something to pass over, and so is a link that leads nowhere (a disk that is
    not mounted), and a folder that cannot be read: raises `source-format`, `source-missing`, `permission`.
    """
    found = sorted(_walk(folder, deep))
    for path in found:
        if path.suffix.lower() not in FORMATS and path.suffix.lower() not in IGNORED:
            raise Problem("source-format", path=path, offers=" ".join(sorted(FORMATS)))
    return [path for path in found if path.suffix.lower() in FORMATS]


def _walk(folder: Path, deep: bool) -> Iterator[Path]:
    """Yield the files in `folder`, through symbolic links too, each folder once; raises as `rdf_files`."""

    def refuse(error: OSError) -> None:
        raise Problem("permission", path=error.filename, message=error.strerror or error) from error

    seen: set[Path] = set()
    for root, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        here = Path(root)
        folders[:] = [name for name in folders if deep and not name.startswith(".") and here.resolve() not in seen]
        if here.resolve() not in seen:
            yield from (here / name for name in names if not name.startswith(".") and _is_file(here / name))
        seen.add(here.resolve())


def _is_file(path: Path) -> bool:
    """Whether there is a file; what a link leads to that nobody finds would be withdrawn without a word."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        if path.suffix.lower() in IGNORED:
            return False
        if error.errno not in (errno.ENOENT, errno.ELOOP):
            raise Problem("permission", path=path, message=error.strerror or error) from error
        if path.is_symlink():
            raise Problem("source-missing", path=path) from error
        return False  # removed since the folder was read
