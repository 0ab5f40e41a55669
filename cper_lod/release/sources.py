"""What a release is made from: the folders ontology/, shapes/ and data/, or the RDF files given with --data."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pyoxigraph import DefaultGraph, NamedNode, Quad

from cper_lod.rdf.reading import read
from cper_lod.release.catalog import complete
from cper_lod.release.contexts import context_file, context_files, earlier_contexts, read_context
from cper_lod.release.parts import Stated, in_catalogue
from cper_lod.release.questions import Question, describe
from cper_lod.release.questions import load as load_questions
from cper_lod.release.source_files import rdf_files
from cper_lod.release.versions import read_versions, version_files
from cper_lod.terms.namespaces import CPER, GRAPH_CATALOGUE
from cper_lod.terms.problems import Problem

KEPT_BACK: Final = Path("data", "links", "refus.ttl")
"""The links that a person refused: checked as all data are, and never published."""


@dataclass(frozen=True)
class Sources:
    """The sources, read once: what is published, the shapes it must fit, which file speaks of which subject.

    `stated` is what each file of the ontology and of the data states, by its path as findings name it; `kept_back` is
    what is only checked; `versions` are earlier ontologies, each in a graph of its own, `contexts` earlier
    contexts by their versions.
    """

    folder: Path | None
    published: tuple[Quad, ...]
    shapes: tuple[Quad, ...]
    questions: tuple[Question, ...]
    context: bytes
    context_version: str
    files: dict[str, set[Path]]
    stated: Stated
    paths: tuple[Path, ...]
    kept_back: tuple[Quad, ...] = ()
    versions: tuple[Quad, ...] = ()
    contexts: Mapping[str, str] = field(default_factory=dict)


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
    return [*_given(files), context_file(own)]


def fingerprint(files: Iterable[Path], folder: Path | None = None) -> str:
    """Return one digest over the names and the bytes of `files` (names below `folder` where it is given).

    Raises `source-missing` and `permission`.
    """
    total = hashlib.sha256()
    for path in files:
        name = path.relative_to(folder).as_posix() if folder else path.name
        try:
            total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        except FileNotFoundError as error:
            raise Problem("source-missing", path=path) from error
        except OSError as error:
            raise Problem("permission", path=path, message=error.strerror or error) from error
    return total.hexdigest()


def _read(
    files: Iterable[Path], speaks: dict[str, set[Path]], folder: Path | None, stated: dict[str, list[Quad]]
) -> list[Quad]:
    """Read files; note which speaks of which subject, and what each states. What catalogue files say has a graph."""
    quads = []
    for place, path in enumerate(files):
        name = shown(path, folder)
        own = stated.setdefault(name, [])
        for quad in read(path, scope=f"f{place}"):
            graph = quad.graph_name
            if folder and in_catalogue(name) and isinstance(graph, DefaultGraph):
                graph = NamedNode(GRAPH_CATALOGUE)
            own.append(Quad(quad.subject, quad.predicate, quad.object, graph))
            speaks.setdefault(str(getattr(quad.subject, "value", quad.subject)), set()).add(Path(name))
        quads += own
    return quads


def read_sources(folder: Path, more: tuple[Path, ...] = ()) -> Sources:
    """Read ontology/, shapes/ and data/ below `folder`, and describe the competency questions in RDF.

    `more` are data files, or folders of them, read as if they were in data/ (each once).

    Raises the problems of `rdf.reading`, `source-missing`, and `source-empty` where one of the three holds no triple:
    without an ontology nothing means anything, and without shapes everything would conform.
    """
    if not folder.is_dir():
        raise Problem("source-missing", path=folder)
    every = paths(folder)
    speaks: dict[str, set[Path]] = {}
    stated: dict[str, list[Quad]] = {}
    inside = rdf_files(folder / "data")
    known = {path.resolve() for path in every}
    data_files = [*inside, *(path for path in _given(more) if path.resolve() not in known)]
    ontology = _read(rdf_files(folder / "ontology", deep=False), speaks, folder, stated)
    held = [path for path in inside if path == folder / KEPT_BACK]
    data = _read([path for path in data_files if path not in held], speaks, folder, stated)
    kept_back = tuple(_read(held, speaks, folder, {}))
    shapes = _read(rdf_files(folder / "shapes"), speaks, folder, {})
    for name, quads in (("ontology", ontology), ("shapes", shapes), ("data", data)):
        if not quads:
            raise Problem("source-empty", path=folder / name)
    questions = tuple(load_questions(folder / "ontology" / "questions"))
    terms = {quad.subject.value for quad in ontology if isinstance(quad.subject, NamedNode)}
    described = describe(questions, {term for term in terms if term.startswith(CPER)})
    published = dict.fromkeys(complete([*ontology, *data, *described], stated))
    read_files = (*every, *data_files[len(inside) :])
    context, version = read_context(folder)
    return Sources(
        folder,
        tuple(published),
        tuple(shapes),
        questions,
        context,
        version,
        speaks,
        stated,
        read_files,
        kept_back,
        read_versions(folder),
        earlier_contexts(folder),
    )


def published_data(folder: Path) -> list[Quad]:
    """Return what the files in data/ publish, without ontology and shapes: enough to look a thing up.

    Raises `source-missing`, and the problems of `rdf.reading`.
    """
    if not (folder / "data").is_dir():
        raise Problem("source-missing", path=folder / "data")
    files = (path for path in rdf_files(folder / "data") if path != folder / KEPT_BACK)
    return _read(files, {}, folder, {})


def read_data(files: Iterable[Path], own: Path) -> Sources:
    """Read RDF files exactly as given: default graph and named graphs, nothing added, nothing to validate against.

    `own` is the program's own folder of sources: its JSON-LD context writes the documents. Raises the problems of
    `rdf.reading`, and `source-empty` where no file holds a triple.
    """
    given = list(_given(files))
    speaks: dict[str, set[Path]] = {}
    quads = _read(given, speaks, None, {})
    if not quads:
        raise Problem("source-empty", path=", ".join(str(path) for path in given))
    return Sources(None, tuple(dict.fromkeys(quads)), (), (), *read_context(own), speaks, {}, tuple(given))


def _given(files: Iterable[Path]) -> Iterator[Path]:
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
