"""What a release is made from: the folders ontology/, shapes/ and data/, or the RDF files given with --data."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, serialize

from cper_lod.core.errors import Problem
from cper_lod.core.external_sort import insert_lines
from cper_lod.core.namespaces import CPER, GRAPH_CATALOGUE, ONTOLOGY_VERSION
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.parse_errors import utf8
from cper_lod.rdf.reader import load, read
from cper_lod.rdf.streaming import pieces
from cper_lod.release.catalog.datasets import CatalogueDataset, catalogue_datasets, is_catalogue_file
from cper_lod.release.catalog.dcat import complete_catalogue
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.sources.files import (
    context_file,
    context_files,
    display_path,
    expand_folders,
    rdf_files,
    source_files,
    version_files,
)
from cper_lod.release.sources.partition import partition
from cper_lod.release.sources.questions import CompetencyQuestion, describe_questions, load_questions
from cper_lod.release.sources.statements import Role, SourceFile, StatementIndex, StatementIndexWriter, TempDir
from cper_lod.release.storage.dumps import GraphDump
from cper_lod.release.storage.quad_file import LookupGraph, QuadFile

REFUSED_LINKS: Final = Path("data", "links", "refus.ttl")
"""The links that a person refused: checked as all data are, and never published."""
_CATALOGUE: Final = NamedNode(GRAPH_CATALOGUE)


@dataclass(frozen=True)
class Sources:
    """The sources, read once, in files that are sorted: what is published, and what each source file states.

    `whole` is all that is published, `datasets` the datasets of the catalogue of which something is there, each with its
    triples; `described` are those that the catalogue tells of. `ontology`, `shapes` and what is only checked,
    `kept_back`, are held in memory, as are `versions`, earlier ontologies, each in a graph of its own, and `contexts`,
    earlier contexts by their versions.
    """

    folder: Path | None
    stated: StatementIndex
    whole: GraphDump
    datasets: Mapping[CatalogueDataset, GraphDump]
    context: bytes
    context_version: str
    files: tuple[Path, ...]
    questions: tuple[CompetencyQuestion, ...] = ()
    described: tuple[CatalogueDataset, ...] = ()
    ontology: tuple[Quad, ...] = ()
    shapes: tuple[Quad, ...] = ()
    kept_back: tuple[Quad, ...] = ()
    versions: tuple[Quad, ...] = ()
    contexts: Mapping[str, str] = field(default_factory=dict)

    @property
    def published(self) -> QuadFile:
        """Every quad that is published, but for what a release says of itself."""
        return self.whole.quads


class _SourceReader:
    """Reads one file after the other; the quads of those that are small by their nature are kept in memory too."""

    def __init__(self, stating: StatementIndexWriter, folder: Path | None, progress: Progress) -> None:
        self._stating, self._folder, self._progress = stating, folder, progress

    def read(self, files: Iterable[Path], role: Role, scope: str) -> bool:
        """Read files of any size; return whether they state anything. What catalogue files say gets its graph."""
        found = False
        for place, path in enumerate(files):
            name = display_path(path, self._folder)
            graph = _CATALOGUE if self._folder and is_catalogue_file(name) else None
            file = SourceFile(name, role)
            found = self._stating.add(file, self._told(pieces(path, scope=f"{scope}{place}", graph=graph))) or found
        return found

    def _told(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            yield piece
            self._progress.advance("read", len(piece))

    def keep(self, files: Sequence[Path], role: Role, scope: str) -> tuple[Quad, ...]:
        """Read files and return what they state."""
        kept: list[Quad] = []
        for place, path in enumerate(files):
            quads = read(path, scope=f"{scope}{place}")
            self.add(SourceFile(display_path(path, self._folder), role), quads)
            kept += quads
        return tuple(kept)

    def add(self, file: SourceFile, quads: Sequence[Quad]) -> None:
        """Take what a file states."""
        self._stating.add(file, [serialize(quads, format=RdfFormat.N_QUADS) or b""])


def read_sources(
    folder: Path, more: tuple[Path, ...] = (), *, within: Path | None = None, progress: Progress = SILENT
) -> Sources:
    """Read ontology/, shapes/ and data/ below `folder`, and describe the competency questions in RDF.

    `more` are data files, or folders of them, read as if they were in data/ (each once). What is read is sorted in a
    folder that is made in `within`, and gone with the sources. `progress` is told how far it is.

    Raises the problems of `rdf.reading`, `source-missing`, and `source-empty` where one of the three holds no triple:
    without an ontology nothing means anything, and without shapes everything would conform. OSError where the disk
    fails that it is sorted on, `build-process` where a process that divides it was killed.
    """
    if not folder.is_dir():
        raise Problem("source-missing", path=folder)
    every = source_files(folder)
    inside = rdf_files(folder / "data")
    known = {path.resolve() for path in every}
    data_files = [*inside, *(path for path in expand_folders(more) if path.resolve() not in known)]
    held = [path for path in inside if path == folder / REFUSED_LINKS]
    questions = tuple(load_questions(folder / "ontology" / "questions"))
    progress.begin("read", _size(data_files))
    with StatementIndexWriter(TempDir(within)) as stating:
        reading = _SourceReader(stating, folder, progress)
        ontology = reading.keep(rdf_files(folder / "ontology", deep=False), "ontology", "o")
        published = reading.read([path for path in data_files if path not in held], "data", "f")
        kept_back = reading.keep(held, "kept back", "k")
        shapes = reading.keep(rdf_files(folder / "shapes"), "shapes", "f")
        for name, found in (("ontology", ontology), ("shapes", shapes), ("data", published)):
            if not found:
                raise Problem("source-empty", path=folder / name)
        terms = {quad.subject.value for quad in ontology if isinstance(quad.subject, NamedNode)}
        described = describe_questions(questions, {term for term in terms if term.startswith(CPER)})
        reading.add(SourceFile("", "questions"), described)
    progress.end("read")
    whole, divided, told = _divided(stating.stated, progress)
    read_files = (*every, *data_files[len(inside) :])
    return Sources(
        folder,
        stating.stated,
        whole,
        divided,
        *read_context(folder),
        read_files,
        questions,
        told,
        ontology,
        shapes,
        kept_back,
        read_versions(folder),
        earlier_contexts(folder),
    )


def _size(files: Iterable[Path]) -> int:
    return sum(file.stat().st_size for file in files if file.is_file())


def _divided(
    stated: StatementIndex, progress: Progress
) -> tuple[GraphDump, dict[CatalogueDataset, GraphDump], tuple[CatalogueDataset, ...]]:
    """Return all that is published, the datasets that something is there of, and those that the catalogue describes."""
    told = catalogue_datasets(stated.catalogue)
    base, divided = partition(stated, told, progress)
    with SortedLines(base.quads.path) as lines:
        catalogue = complete_catalogue(stated.catalogue, divided, LookupGraph(stated.catalogue, lines))
    published = stated.scratch.folder / "published.nq"
    insert_lines(base.quads.path, (serialize(catalogue, format=RdfFormat.N_QUADS) or b"").splitlines(), published)
    base.quads.path.unlink()
    whole = GraphDump(base.name, QuadFile(published, stated.scratch), base.triples)
    return whole, {part: held for part, held in divided.items() if held.triples}, tuple(told)


def published_data(folder: Path) -> list[Quad]:
    """Return what the files in data/ publish, without ontology and shapes: enough to look a thing up.

    Raises `source-missing`, and the problems of `rdf.reading`.
    """
    if not (folder / "data").is_dir():
        raise Problem("source-missing", path=folder / "data")
    files = (path for path in rdf_files(folder / "data") if path != folder / REFUSED_LINKS)
    quads = []
    for place, path in enumerate(files):
        of_catalogue = is_catalogue_file(display_path(path, folder))
        for each in read(path, scope=f"f{place}"):
            graph = _CATALOGUE if of_catalogue and isinstance(each.graph_name, DefaultGraph) else each.graph_name
            quads.append(Quad(each.subject, each.predicate, each.object, graph))
    return quads


def read_data(files: Iterable[Path], own: Path, *, within: Path | None = None, progress: Progress = SILENT) -> Sources:
    """Read RDF files exactly as given: default graph and named graphs, nothing added, nothing to validate against.

    `own` is the program's own folder of sources: its JSON-LD context writes the documents. Raises the problems of
    `rdf.reading`, and `source-empty` where no file holds a triple; OSError where the disk fails that it is sorted on.
    """
    those = list(expand_folders(files))
    progress.begin("read", _size(those))
    with StatementIndexWriter(TempDir(within)) as stating:
        if not _SourceReader(stating, None, progress).read(those, "data", "f"):
            raise Problem("source-empty", path=", ".join(str(path) for path in those))
    progress.end("read")
    whole, _ = partition(stating.stated, (), progress)
    published = stating.stated.scratch.folder / "published.nq"
    catalogue = serialize(stating.stated.catalogue, format=RdfFormat.N_QUADS) or b""
    insert_lines(whole.quads.path, catalogue.splitlines(), published)
    whole = GraphDump(whole.name, QuadFile(published, stating.stated.scratch), whole.triples)
    return Sources(None, stating.stated, whole, {}, *read_context(own), tuple(those))


def earlier_contexts(folder: Path) -> dict[str, str]:
    """Return the contexts before the newest by their versions: documents of then name them."""
    return {path.stem: utf8(load(path), path).decode() for path in context_files(folder)[:-1]}


def read_context(folder: Path) -> tuple[bytes, str]:
    """Return the newest JSON-LD context and its version; raises `source-syntax` for one that cannot be compiled."""
    path = context_file(folder)
    data = utf8(load(path), path)
    try:
        Context.parse(data)
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise Problem("source-syntax", path=path, line=line, column=column, message=error) from error
    return data, path.stem


def read_versions(folder: Path) -> tuple[Quad, ...]:
    """Return what the files of versions say, each in a graph that its name makes; raises the problems of reading."""
    found = []
    for place, path in enumerate(version_files(folder)):
        graph = NamedNode(ONTOLOGY_VERSION + quote(path.stem, safe=""))
        found += [Quad(each.subject, each.predicate, each.object, graph) for each in read(path, scope=f"v{place}")]
    return tuple(dict.fromkeys(found))
