"""Reads the sources of a release: the folders ontology/, shapes/ and data/, or the RDF files given with --data."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, serialize

from cper_lod.core.errors import Problem
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import PUBLICATION_SHAPES, RDFS, SKOS, STANDARD_TERMS, VOCABULARIES
from cper_lod.core.sorting import merge_files
from cper_lod.rdf.formatter import canonical_literals, canonical_nquads
from cper_lod.rdf.graph import Graph, in_graph
from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.parse_errors import check_utf8
from cper_lod.rdf.reader import FORMATS, iter_nquads, read, read_bytes
from cper_lod.release.catalog.contracts import describe_datasets
from cper_lod.release.catalog.datasets import (
    KINDS,
    CatalogueDataset,
    catalogue_datasets,
    contract_datasets,
    is_catalogue_file,
)
from cper_lod.release.catalog.dcat import complete_catalogue, has_catalogue
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.sources.address import names_of_dump, patterns_of_site, site_names
from cper_lod.release.sources.dataset_links import THING_LINE, dataset_links
from cper_lod.release.sources.files import (
    context_file,
    display_path,
    expand_folders,
    rdf_files,
    shape_files,
    source_files,
    source_folder,
    text_files,
)
from cper_lod.release.sources.matches import territory_matches
from cper_lod.release.sources.questions import CompetencyQuestion, describe_questions, load_questions
from cper_lod.release.sources.rules import CONTRACT_LINE, computed, describe_rules, load_rules
from cper_lod.release.sources.statements import (
    Role,
    SourceFile,
    StatementIndex,
    StatementIndexWriter,
    TempDir,
    partition,
)
from cper_lod.release.sources.writing import settle
from cper_lod.release.storage.dumps import GraphDump
from cper_lod.release.storage.quad_file import LookupGraph, QuadFile, parse_lines

FOREIGN_LABELS: Final = "ontology/labels.ttl"
"""The names of the terms of other vocabularies, for pages and tables: published in a graph of their own."""
_PUBLICATION: Final = "shapes/publication/"
"""The shapes about what is published beside the data, in a graph of their own."""


@dataclass(frozen=True)
class Sources:
    """The sources after reading, in sorted files: what is published, and the statements of each source file.

    `whole_dump` is everything published, `datasets` has the triples of each catalogue dataset that is not empty,
    `declared_datasets` are all datasets of the catalogue. `ontology` and `shapes` are kept in
    memory.
    """

    folder: Path | None
    names: SiteNames
    statements: StatementIndex
    whole_dump: GraphDump
    datasets: Mapping[CatalogueDataset, GraphDump]
    context: bytes
    context_version: str
    files: tuple[Path, ...]
    questions: tuple[CompetencyQuestion, ...] = ()
    declared_datasets: tuple[CatalogueDataset, ...] = ()
    ontology: tuple[Quad, ...] = ()
    shapes: tuple[Quad, ...] = ()
    texts: Mapping[str, Path] = field(default_factory=dict)
    """The texts of documents, by the name of the document."""

    @property
    def published(self) -> QuadFile:
        """Every quad that is published, except what the release states about itself."""
        return self.whole_dump.quads


class Entailment:
    """Adds to N-Quads what follows from the quads of an ontology, so that plain SPARQL answers standard terms.

    A property of the ontology with a superproperty in `STANDARD_TERMS` (`rdfs:subPropertyOf`) has its triples written with that term
    too, and each `skos:prefLabel` is an `rdfs:label` too (SKOS, S10). Other superproperties are only declared, since nobody is expected
    to ask for them.
    """

    def __init__(self, ontology: Iterable[Quad]) -> None:
        self._terms: dict[bytes, list[bytes]] = defaultdict(list)
        self._terms[f"<{SKOS}prefLabel>".encode()].append(f"<{RDFS}label>".encode())
        for quad in ontology:
            property_, term = quad.subject, quad.object
            is_ours = isinstance(property_, NamedNode) and property_.value.startswith(VOCABULARIES)
            is_standard = isinstance(term, NamedNode) and term.value in STANDARD_TERMS
            if is_ours and is_standard and quad.predicate.value == RDFS + "subPropertyOf":
                self._terms[str(property_).encode()].append(str(term).encode())
        properties = b"|".join(map(re.escape, sorted(self._terms)))
        self._line = re.compile(rb"^(\S+) (%s) (.+)\n" % properties, re.MULTILINE)

    def complete(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield each piece of whole lines, followed by the lines that follow from it."""
        for piece in pieces:
            yield piece
            if more := b"".join(self._entailed(piece)):
                yield more

    def _entailed(self, piece: bytes) -> Iterator[bytes]:
        for subject, property_, rest in self._line.findall(piece):
            for term in self._terms[property_]:
                yield b"%s %s %s\n" % (subject, term, rest)


class _SourceReader:
    """Reads files one after the other into a statement index."""

    def __init__(
        self, writer: StatementIndexWriter, folder: Path | None, names: SiteNames, progress: Progress, size: int
    ) -> None:
        """Read `size` bytes of data files into `writer`, below `folder` if it is a folder of sources."""
        self._writer, self._folder, self._names, self._progress = writer, folder, names, progress
        self._size, self._done = size, 0
        self.entailment = Entailment(())
        self.contract_lines: list[bytes] = []
        """The lines about things of contracts in the data files read so far, for the rules."""
        self.thing_lines: list[bytes] = []
        """The lines about bodies, territories, joins and outside datasets in the data files read so far, without those of subsidies."""

    def read(self, files: Iterable[Path], role: Role, scope: str) -> bool:
        """Read files of any size; return whether they contain triples. Catalogue files go to the catalogue graph.

        Literals get their canonical form, so that documents, dumps and queries have the same.
        """
        found = False
        for number, path in enumerate(files):
            name = display_path(path, self._folder)
            graph = NamedNode(self._names.catalogue_graph) if self._folder and is_catalogue_file(name) else None
            is_subsidies = name.startswith(KINDS["subventions"])
            pieces = self._read(
                iter_nquads(path, scope=f"{scope}{number}", graph=graph, names=self._names if self._folder else None),
                is_subsidies=is_subsidies,
            )
            completed = self.entailment.complete(pieces) if self._folder else pieces
            before = len(self.thing_lines)
            found = self._writer.add(SourceFile(name, role), completed) or found
            things = b"".join(self.thing_lines[before:]).splitlines()
            if matches := territory_matches(Graph(parse_lines(things))) if things else []:
                self.add(SourceFile(name, role), matches)
        return found

    def _read(self, nquads: Iterable[bytes], *, is_subsidies: bool) -> Iterator[bytes]:
        for raw in nquads:
            self._done += len(raw)
            self._progress.set_share("read", self._done / max(self._size, 1))
            piece = canonical_nquads(raw)
            if self._folder:
                self.contract_lines += (each[0] for each in CONTRACT_LINE.finditer(piece))
                self.thing_lines += () if is_subsidies else THING_LINE.findall(piece)
            yield piece

    def read_quads(self, files: Sequence[Path], role: Role, scope: str) -> tuple[Quad, ...]:
        """Read small files and return their quads."""
        found: list[Quad] = []
        for number, path in enumerate(files):
            quads = [
                *canonical_literals(
                    patterns_of_site(read(path, scope=f"{scope}{number}", names=self._names), self._names)
                )
            ]
            name = display_path(path, self._folder)
            if name == FOREIGN_LABELS:
                quads = in_graph(quads, self._names.documentation_graph)
            if name.startswith(_PUBLICATION):
                quads = in_graph(quads, PUBLICATION_SHAPES)
            self.add(SourceFile(name, role), quads)
            found += quads
        return tuple(found)

    def add(self, file: SourceFile, quads: Sequence[Quad]) -> None:
        """Add quads to the index, with what follows from them."""
        self._writer.add(file, self.entailment.complete([serialize(quads, format=RdfFormat.N_QUADS) or b""]))


def read_sources(
    folder: Path, more: tuple[Path, ...] = (), *, temp_parent: Path | None = None, progress: Progress = SILENT
) -> Sources:
    """Read ontology/, shapes/ and data/ below `folder`, and describe the competency questions in RDF.

    `more` are additional data files or folders, read once each as if they were in data/. The sorted files are in a
    temporary directory below `temp_parent` that is removed with the sources.

    Raises the problems of `rdf.reader`, `source-missing`, and `source-empty` if one of the three has no triple:
    without shapes, everything would conform. Raises OSError if the disk fails, and `build-process` if a child process
    was killed.
    """
    if not folder.is_dir():
        raise Problem("source-missing", path=folder)
    settle(folder)
    names = site_names(folder)
    files = source_files(folder)
    ontology_folder = source_folder(folder, "ontology")
    own_data_files = rdf_files(folder / "data")
    own = {path.resolve() for path in files}
    data_files = [*own_data_files, *(path for path in expand_folders(more) if path.resolve() not in own)]
    questions = tuple(load_questions(ontology_folder / "questions"))
    with StatementIndexWriter(TempDir(temp_parent), names) as writer:
        reader = _SourceReader(writer, folder, names, progress, _size(data_files))
        ontology = reader.read_quads(rdf_files(ontology_folder, deep=False), "ontology", "o")
        reader.entailment = Entailment(ontology)
        published = reader.read(data_files, "data", "f")
        rules = load_rules(ontology_folder / "rules")
        contracts = b"".join(reader.contract_lines)
        known = Graph([*ontology, *parse_lines([*contracts.splitlines(), *b"".join(reader.thing_lines).splitlines()])])
        for name, quads in (*computed(rules, contracts).items(), *dataset_links(known).items()):
            reader.add(SourceFile(name, "data"), quads)
        reader.add(SourceFile("", "questions"), describe_rules(rules))
        shapes = reader.read_quads(shape_files(folder), "shapes", "f")
        for name, found in (("ontology", ontology), ("shapes", shapes), ("data", published)):
            if not found:
                raise Problem("source-empty", path=source_folder(folder, name), offers=[*FORMATS])
        terms = {quad.subject.value for quad in ontology if isinstance(quad.subject, NamedNode)}
        own_terms = {term for term in terms if term.startswith(VOCABULARIES)}
        reader.add(SourceFile("", "questions"), describe_questions(questions, own_terms, names))
    progress.end("read")
    whole, datasets, declared = _partition_datasets(writer.index, names, progress)
    read_files = (*files, *data_files[len(own_data_files) :])
    return Sources(
        folder,
        names,
        writer.index,
        whole,
        datasets,
        *read_context(folder),
        read_files,
        questions,
        declared,
        ontology,
        shapes,
        text_files([folder / "data", *(each for each in more if each.is_dir())]),
    )


def _size(files: Iterable[Path]) -> int:
    return sum(file.stat().st_size for file in files if file.is_file())


def _partition_datasets(
    statements: StatementIndex, names: SiteNames, progress: Progress
) -> tuple[GraphDump, dict[CatalogueDataset, GraphDump], tuple[CatalogueDataset, ...]]:
    """Return everything published, the datasets that are not empty, and all datasets of the catalogue.

    The datasets of a contract that the catalogue does not state follow from its files.
    """
    stated, paths = catalogue_datasets(statements.catalogue, names), statements.file_names()
    derived = contract_datasets(paths, stated, names) if has_catalogue(statements.catalogue, names) else []
    declared = sorted([*stated, *derived], key=attrgetter("iri"))
    base, datasets = partition(statements, declared, progress)
    described = describe_datasets(LookupGraph(statements.catalogue, base.quads), declared, paths, names)
    catalogue = list(dict.fromkeys([*statements.catalogue, *described]))
    catalogue = complete_catalogue(catalogue, datasets, LookupGraph(catalogue, base.quads), names)
    whole = _published(base, statements.temp_dir, catalogue)
    return whole, {dataset: dump for dataset, dump in datasets.items() if dump.triples}, tuple(declared)


def _published(base: GraphDump, temp_dir: TempDir, catalogue: Iterable[Quad]) -> GraphDump:
    """Return everything published: the quads of `base`, and those of the catalogue."""
    path = temp_dir.folder / "published.nq"
    added = serialize(catalogue, format=RdfFormat.N_QUADS) or b""
    merge_files([base.quads.path], path, added.splitlines())
    base.quads.path.unlink()
    return GraphDump(base.name, QuadFile(path, temp_dir), base.triples)


def read_data(
    files: Iterable[Path], sources: Path, *, temp_parent: Path | None = None, progress: Progress = SILENT
) -> Sources:
    """Read RDF files as given, default graph and named graphs; nothing is added or validated.

    Only literals get their canonical form: the same value as a query returns it.

    `sources` is the program's own folder of sources, whose JSON-LD context is used. Raises the problems of
    `rdf.reader`, `source-empty` if there is no triple, and OSError if the disk fails.
    """
    paths = list(expand_folders(files, others_allowed=True))
    with StatementIndexWriter(TempDir(temp_parent), SiteNames()) as writer:
        if not _SourceReader(writer, None, SiteNames(), progress, _size(paths)).read(paths, "data", "f"):
            raise Problem("source-empty", path=", ".join(map(str, paths)), offers=[*FORMATS])
    progress.end("read")
    base, _ = partition(writer.index, (), progress)
    whole = _published(base, writer.index.temp_dir, writer.index.catalogue)
    return Sources(None, names_of_dump(whole.quads), writer.index, whole, {}, *read_context(sources), tuple(paths))


def read_context(folder: Path) -> tuple[bytes, str]:
    """Return the JSON-LD context and its version; raises `source-syntax` if it cannot be compiled."""
    path = context_file(folder)
    data = check_utf8(read_bytes(path), path)
    try:
        Context.parse(data)
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise Problem("source-syntax", path=path, line=line, column=column, message=error) from error
    return data, path.stem
