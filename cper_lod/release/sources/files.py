"""The RDF files in a folder of sources: which are read, which may stand beside them, and which are a fault."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.rdf.reader import FORMATS, opened
from cper_lod.release.jobs.digests import DigestCache

VERSIONS_FOLDER: Final = Path("ontology", "versions")
"""Where sources keep a file for each version that was published before the present one: `1.0.0.ttl`."""

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


def display_path(path: Path, folder: Path | None) -> str:
    """Return `path` as findings name it: below the folder of sources where it lies there, with forward slashes."""
    if folder and path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return path.as_posix()


def source_files(folder: Path) -> list[Path]:
    """Return every file that a release of these sources depends on, sorted; raises `source-missing`."""
    for name in ("ontology", "shapes", "data"):
        if not (folder / name).is_dir():
            raise Problem("source-missing", path=folder / name)
    rdf = [*rdf_files(folder / "ontology", deep=False), *rdf_files(folder / "shapes"), *rdf_files(folder / "data")]
    questions = sorted((folder / "ontology" / "questions").glob("*.rq"))
    return [*rdf, *version_files(folder), *context_files(folder), *questions]


def data_files(files: Iterable[Path], own: Path) -> list[Path]:
    """Return every file that a release of these files, served as given, depends on; see `read_data`."""
    return [*expand_folders(files), context_file(own)]


def expand_folders(files: Iterable[Path]) -> Iterator[Path]:
    """Yield the files named, and those below a folder named, each once: read twice, its blank nodes would double."""
    seen: set[Path] = set()
    for path in files:
        if not path.exists():
            raise Problem("source-missing", path=path)
        below = rdf_files(path) if path.is_dir() else [path]
        if not below:
            raise Problem("source-empty", path=path)
        for file in below:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def fingerprint(files: Iterable[Path], folder: Path | None = None, known: DigestCache | None = None) -> str:
    """Return one digest over the names and the bytes of `files` (names below `folder` where it is given).

    What is `known` of a large file is not read again. Raises `source-missing` and `permission`.
    """
    total = hashlib.sha256()
    for path in files:
        name = path.relative_to(folder).as_posix() if folder else path.name
        with opened(path) as file:
            digest = known.digest(file) if known else hashlib.file_digest(file, "sha256").hexdigest()
            total.update(f"{name}\0{digest}\n".encode())
    return total.hexdigest()


def context_files(folder: Path) -> list[Path]:
    """Return the JSON-LD contexts of the sources, the newest last; raises `source-missing`."""
    contexts = sorted((folder / "ontology" / "context").glob("*.jsonld"), key=_version)
    if not contexts:
        raise Problem("source-missing", path=folder / "ontology" / "context" / "1.0.0.jsonld")
    return contexts


def context_file(folder: Path) -> Path:
    """Return the newest JSON-LD context of the sources; raises `source-missing`."""
    return context_files(folder)[-1]


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in path.stem.split("."))


def version_files(folder: Path) -> list[Path]:
    """Return the files of the versions that sources keep, none where they keep none; raises `source-format`."""
    return rdf_files(folder / VERSIONS_FOLDER, deep=False) if (folder / VERSIONS_FOLDER).is_dir() else []
