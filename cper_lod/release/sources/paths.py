"""Every file that a release depends on, what it is called, and one digest over them all."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from cper_lod.core.errors import Problem
from cper_lod.rdf.reader import opened
from cper_lod.release.jobs.digests import Memory
from cper_lod.release.sources.contexts import context_file, context_files
from cper_lod.release.sources.files import rdf_files
from cper_lod.release.sources.versions import version_files


def shown(path: Path, folder: Path | None) -> str:
    """Return `path` as findings name it: below the folder of sources where it lies there, with forward slashes."""
    if folder and path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return path.as_posix()


def paths(folder: Path) -> list[Path]:
    """Return every file that a release of these sources depends on, sorted; raises `source-missing`."""
    for name in ("ontology", "shapes", "data"):
        if not (folder / name).is_dir():
            raise Problem("source-missing", path=folder / name)
    rdf = [*rdf_files(folder / "ontology", deep=False), *rdf_files(folder / "shapes"), *rdf_files(folder / "data")]
    questions = sorted((folder / "ontology" / "questions").glob("*.rq"))
    return [*rdf, *version_files(folder), *context_files(folder), *questions]


def data_paths(files: Iterable[Path], own: Path) -> list[Path]:
    """Return every file that a release of these files, served as given, depends on; see `read_data`."""
    return [*given(files), context_file(own)]


def given(files: Iterable[Path]) -> Iterator[Path]:
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


def fingerprint(files: Iterable[Path], folder: Path | None = None, known: Memory | None = None) -> str:
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
