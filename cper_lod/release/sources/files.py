"""The files that a release is made from: RDF files, the JSON-LD context, questions; and their fingerprint."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from cper_lod.core.config import default_sources
from cper_lod.core.errors import Problem
from cper_lod.core.files import file_problem
from cper_lod.core.text import slug
from cper_lod.rdf.reader import FORMATS, open_source
from cper_lod.release.catalog.datasets import EXAMPLES

IGNORED = {".md", ".csv"}
"""Suffixes of files that may lie beside data without being read: documentation, and expected rows."""
TEXTS = "sources"
"""The folder below data/, or its folder of examples, with the texts of documents, each named after its document."""
WITHDRAWALS = "data/withdrawals.ttl"
"""The file with a prov:Activity for each withdrawal, below the folder of sources."""
FOLDERS = ("ontology", "shapes", "data")
"""The folders of sources. The first two may be missing: see `source_folder`."""
_TEXT_FORMATS = (".md", ".txt")


def uses_program(sources: Path, name: str) -> bool:
    """Return whether sources have no ontology or no shapes: those of the program then hold, as its next version brings them."""
    return name != "data" and sources.is_dir() and not os.path.lexists(sources / name)


def source_folder(sources: Path, name: str) -> Path:
    """Return a folder of `FOLDERS`: the one below `sources`, else the program's own (`uses_program`); raises `source-missing`."""
    folder = (default_sources() if uses_program(sources, name) else sources) / name
    if not folder.is_dir():
        raise Problem("source-missing", path=folder)
    return folder


def rdf_files(folder: Path, deep: bool = True, *, others_allowed: bool = False) -> list[Path]:
    """Return the RDF files in `folder` and, if `deep`, below it, sorted; hidden files (`.name`) are left out.

    Raises `source-format` for a file with an unknown suffix unless such files are allowed, `source-missing` for a broken
    link (say, to a disk that is not mounted), `source-name` for a name that is not UTF-8, as some archives bring, and
    `permission` for a folder that cannot be read.
    """
    files = sorted(_walk(folder, deep))
    if not others_allowed:
        for path in filter(_is_other, files):
            if path.parent.name == TEXTS:
                raise Problem("text-format", path=path, folder=path.parent)
            raise Problem("source-format", path=path, offers=[*FORMATS])
    files = [path for path in files if path.suffix.lower() in FORMATS]
    for path in files:
        name = str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        if name != str(path):
            raise Problem("source-name", path=name)
    return files


def skipped_files(files: Iterable[Path]) -> list[Path]:
    """Return the files of folders served as given that are not read: those that are neither RDF nor documentation."""
    found = (path for folder in files if folder.is_dir() for path in sorted(_walk(folder, deep=True)))
    return list(filter(_is_other, found))


def _is_other(path: Path) -> bool:
    return path.suffix.lower() not in FORMATS.keys() | IGNORED and not _is_text(path)


def _is_text(path: Path) -> bool:
    return path.suffix.lower() in _TEXT_FORMATS and path.parent.name == TEXTS and path.stem != "README"


def text_files(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the texts of documents in folders of data, by the name of the document; raises `text-twice`."""
    found: dict[str, Path] = {}
    places = [place / TEXTS for folder in folders for place in (folder, folder / EXAMPLES)]
    for path in sorted(path for place in places for path in place.glob("*") if _is_text(path)):
        if path.is_symlink() and not path.exists():
            raise Problem("source-missing", path=path)
        if not path.is_file():
            continue
        if path.stem != slug(path.stem):
            raise Problem("text-name", path=path, expected=slug(path.stem))
        if found.setdefault(path.stem, path).resolve() != path.resolve():
            raise Problem("text-twice", path=path, other=found[path.stem])
    return found


def _walk(folder: Path, deep: bool) -> Iterator[Path]:
    """Yield the files in `folder`, following symbolic links, each folder once; raises as `rdf_files`."""

    def fail(error: OSError) -> None:
        raise file_problem(error, Path(error.filename)) from error

    seen: set[Path] = set()
    for root, folders, names in os.walk(folder, onerror=fail, followlinks=True):
        here = Path(root)
        folders[:] = [name for name in folders if deep and not name.startswith(".") and here.resolve() not in seen]
        if here.resolve() not in seen:
            yield from (here / name for name in names if not name.startswith(".") and _is_file(here / name))
        seen.add(here.resolve())


def _is_file(path: Path) -> bool:
    """Return whether `path` is a file; a broken link is an error, since its triples would be withdrawn silently."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        if path.suffix.lower() in IGNORED:
            return False
        if error.errno not in (errno.ENOENT, errno.ELOOP):
            raise file_problem(error, path) from error
        if path.is_symlink():
            raise Problem("source-missing", path=path) from error
        return False  # removed meanwhile


def display_path(path: Path, folder: Path | None) -> str:
    """Return `path` as findings show it, with slashes: relative to the folder of sources if it is below it.

    The program's own ontology and shapes have the same names as those of a folder of sources.
    """
    if folder and not path.is_relative_to(folder):
        program = default_sources()
        folder = program if any(path.is_relative_to(program / name) for name in FOLDERS[:2]) else None
    return path.relative_to(folder).as_posix() if folder else path.as_posix()


def source_files(folder: Path) -> list[Path]:
    """Return every file that a release of these sources depends on, sorted; raises `source-missing`."""
    ontology, data = (source_folder(folder, name) for name in ("ontology", "data"))
    rdf = [*rdf_files(ontology, deep=False), *shape_files(folder), *rdf_files(data)]
    questions = sorted((ontology / "questions").glob("*.rq"))
    rules = sorted((ontology / "rules").glob("*.rq"))
    texts = text_files([data]).values()
    return [*rdf, context_file(folder), *questions, *rules, *texts]


def shape_files(folder: Path) -> list[Path]:
    """Return the files of the shapes of sources; those about one contract (profiles) only if they are the sources' own.

    Raises `source-missing`.
    """
    shapes = source_folder(folder, "shapes")
    others = uses_program(folder, "shapes")
    return [path for path in rdf_files(shapes) if not (others and path.is_relative_to(shapes / "profiles"))]


def data_files(files: Iterable[Path], sources: Path) -> list[Path]:
    """Return every file that a release of these files, served as given, depends on; see `read_data`."""
    return [*expand_folders(files, others_allowed=True), context_file(sources)]


def expand_folders(files: Iterable[Path], *, others_allowed: bool = False) -> Iterator[Path]:
    """Yield the files, with folders replaced by the RDF files below them, each once.

    A folder that is served as given may hold other files, as any clone does (a licence, a picture): see `skipped_files`.
    A file that is read twice would get its blank nodes twice.
    """
    seen: set[Path] = set()
    for path in files:
        if not path.exists():
            raise Problem("source-missing", path=path)
        expanded = rdf_files(path, others_allowed=others_allowed) if path.is_dir() else [path]
        if not expanded:
            raise Problem("source-empty", path=path, offers=[*FORMATS])
        for file in expanded:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def fingerprint(files: Iterable[Path], folder: Path | None = None) -> str:
    """Return one digest of the names and contents of `files`, with names relative to `folder` if it is given.

    Raises `source-missing` and `permission`.
    """
    total = hashlib.sha256()
    for path in files:
        name = display_path(path, folder) if folder else path.name
        with open_source(path) as file:
            total.update(f"{name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return total.hexdigest()


def context_file(folder: Path) -> Path:
    """Return the JSON-LD context of the sources; raises `source-missing` and, if there are several, `source-contexts`."""
    contexts = sorted((source_folder(folder, "ontology") / "context").glob("*.jsonld"))
    if not contexts:
        raise Problem("source-missing", path=folder / "ontology" / "context" / "1.0.0.jsonld")
    if len(contexts) > 1:
        raise Problem("source-contexts", path=contexts[0].parent, offers=[each.name for each in contexts])
    return contexts[0]
