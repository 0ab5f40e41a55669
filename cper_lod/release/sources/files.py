"""The files that a release is made from: RDF files, the JSON-LD context, questions; and their fingerprint."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from cper_lod.core.errors import Problem
from cper_lod.core.files import file_problem
from cper_lod.core.text import slug
from cper_lod.rdf.reader import FORMATS, open_source
from cper_lod.release.jobs.digests import DigestCache

IGNORED = {".md", ".csv"}
"""Suffixes of files that may lie beside data without being read: documentation, and expected rows."""
TEXTS = "sources"
"""The folder below data/ with the texts of documents, each named after its document."""
_TEXT_FORMATS = (".md", ".txt")


def rdf_files(folder: Path, deep: bool = True, *, others_allowed: bool = False) -> list[Path]:
    """Return the RDF files in `folder` and, if `deep`, below it, sorted; hidden files (`.name`) are left out.

    Raises `source-format` for a file with an unknown suffix unless such files are allowed, `source-missing` for a broken
    link (say, to a disk that is not mounted), and `permission` for a folder that cannot be read.
    """
    files = sorted(_walk(folder, deep))
    if not others_allowed:
        for path in filter(_is_other, files):
            if path.parent.name == TEXTS:
                raise Problem("text-format", path=path, folder=path.parent)
            raise Problem("source-format", path=path, offers=" ".join(sorted(FORMATS)))
    return [path for path in files if path.suffix.lower() in FORMATS]


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
    for path in sorted(path for folder in folders for path in (folder / TEXTS).glob("*") if _is_text(path)):
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
    """Return `path` as findings show it: relative to the folder of sources if it is below it, with slashes."""
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
    rules = sorted((folder / "ontology" / "rules").glob("*.rq"))
    texts = text_files([folder / "data"]).values()
    return [*rdf, context_file(folder), *questions, *rules, *texts]


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
            raise Problem("source-empty", path=path)
        for file in expanded:
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def fingerprint(files: Iterable[Path], folder: Path | None = None, known: DigestCache | None = None) -> str:
    """Return one digest of the names and contents of `files`, with names relative to `folder` if it is given.

    Digests of large files come from the cache where possible. Raises `source-missing` and `permission`.
    """
    total = hashlib.sha256()
    for path in files:
        name = path.relative_to(folder).as_posix() if folder else path.name
        with open_source(path) as file:
            digest = known.digest(file) if known else hashlib.file_digest(file, "sha256").hexdigest()
            total.update(f"{name}\0{digest}\n".encode())
    return total.hexdigest()


def context_file(folder: Path) -> Path:
    """Return the JSON-LD context of the sources; raises `source-missing` and, if there are several, `source-contexts`."""
    contexts = sorted((folder / "ontology" / "context").glob("*.jsonld"))
    if not contexts:
        raise Problem("source-missing", path=folder / "ontology" / "context" / "1.0.0.jsonld")
    if len(contexts) > 1:
        raise Problem("source-contexts", path=contexts[0].parent, offers=[each.name for each in contexts])
    return contexts[0]
