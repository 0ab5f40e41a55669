"""Imports a workbook: parses it, builds the RDF files, and checks them together with the sources in a temporary copy."""

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.config import today
from cper_lod.core.formats import TURTLE
from cper_lod.core.names import PROGRAM, SiteNames
from cper_lod.core.namespaces import DCT, XSD
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.cell_findings import CellFindings
from cper_lod.importing.contracts.consistency import find_inconsistencies
from cper_lod.importing.contracts.figures import read_figures
from cper_lod.importing.contracts.graph import CODE, ContractGraph, literals, node, with_translation, words
from cper_lod.importing.contracts.model import (
    CODES_FILE,
    CellFinding,
    Code,
    Codes,
    RawSheet,
    Record,
    WorkbookRecords,
    code_labels,
    read_codes,
)
from cper_lod.importing.contracts.parse_sheets import LAYOUT, CodeBook, SheetParser
from cper_lod.importing.contracts.read_xlsx import read_xlsx
from cper_lod.importing.contracts.rows import name_rows, resolve, slug_of
from cper_lod.importing.contracts.texts import DocumentText, given_files, read_texts
from cper_lod.importing.contracts.to_rdf import build_graph
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Finding
from cper_lod.rdf.serialize import write
from cper_lod.release.catalog.datasets import CatalogueDataset
from cper_lod.release.catalog.dcat import has_catalogue
from cper_lod.release.check.check import check
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.sources.address import site_names
from cper_lod.release.sources.files import TEXTS, display_path, source_files, text_files, uses_program
from cper_lod.release.sources.read import read_sources

PATHS: Final = {
    "contracts": "data/contracts/{}.ttl",
    "statements": "data/statements/{}.ttl",
    "bodies": "data/bodies-{}.ttl",
    "territories": "data/territories-{}.ttl",
    "codes": CODES_FILE,
    "catalogue": "data/catalog/{}.ttl",
}
"""The file of each part of a contract, below the folder of sources."""


class Parsed:
    """Sheets as records whose rows have their IRIs; the words that they add; what is wrong with them."""

    def __init__(self, raw_sheets: Iterable[RawSheet], codes: Codes, site: SiteNames = PROGRAM) -> None:
        parser = SheetParser(codes, site)
        self.records: WorkbookRecords = parser.parse(raw_sheets)
        self.book: CodeBook = parser.book
        self.findings: list[CellFinding] = []
        self.findings += read_figures(self.records["chiffres"], parser)
        self.slug = slug_of(self.records["contrat"][0]) if self.records["contrat"] else ""
        self.labels = code_labels(self.book.codes)
        self.findings += name_rows(self.records, site.contracts + self.slug, site.documents)
        self.findings += _name_denominators(self.records["chiffres"], self.book)
        self.findings += resolve(self.records, self.labels)
        self.findings += find_inconsistencies(self.records)
        layout = [each for each in parser.findings if each.key in LAYOUT]
        self.findings = layout or [*parser.findings, *self.findings]

    def graph(self, existing: ExistingEntities, texts: Mapping[str, DocumentText]) -> ContractGraph:
        """Return the triples of a workbook without findings; `texts` are those of its documents, by their IRIs."""
        graph = build_graph(self.records, existing, self.labels, self.slug, texts)
        graph.write_statements()
        _add_words(graph, self.book)
        return graph


def _name_denominators(records: Iterable[Record], book: CodeBook) -> Iterator[CellFinding]:
    """Replace what a share is said to be a share of by the code, or the row, of that name."""
    rows = {each.text("nom"): each.iri for each in records}
    for record in records:
        if name := record.text("part_de"):
            code = book.find(["denominateur"], name)
            record.values["part_de"] = code.iri if code else rows.get(name, "")
            if not record.values["part_de"]:
                offers = " | ".join(book.offers(["denominateur"]))
                yield record.finding("part_de", "cell-choice", {"offers": offers})


def _add_words(graph: ContractGraph, book: CodeBook) -> None:
    """Describe the words that the workbook adds, and those that only this contract has added and uses."""
    used = {getattr(quad.object, "value", "") for quads in graph.files.values() for quad in quads}
    path = PATHS["codes"].format(graph.slug)
    for name, code in ((name, code) for name, codes in book.codes.items() for code in codes):
        if code.iri in book.added or (code.file == path and code.iri in used):
            _add_word(graph, name, code)


def _add_word(graph: ContractGraph, name: str, code: Code) -> None:
    graph.file_of[code.iri] = "codes"
    graph.add(code.iri, "rdf:type", "skos:Concept")
    graph.add(code.iri, "skos:prefLabel", *literals(with_translation(code.labels["fr"], code.labels.get("en", ""))))
    graph.add(code.iri, "skos:notation", Literal(code.notation))
    french, english = code.definitions.get("fr", ""), code.definitions.get("en", "")
    meaning = with_translation(french, english) if french else words("added")
    graph.add(code.iri, "skos:definition", *literals(meaning))
    graph.add(code.iri, "skos:inScheme", f"{CODE}{name}")
    graph.file_of[f"{CODE}{name}"] = "codes"
    graph.add(f"{CODE}{name}", "skos:hasTopConcept", code.iri)


class Workbook:
    """A workbook, parsed once: first checked by itself, then together with the sources.

    It becomes files by path, or findings about cells and about the sources.
    """

    def __init__(self, path: Path, sources: Path, given: Iterable[str] = (), folder: Path | None = None) -> None:
        """`given` are the texts of its documents (see `given_files`); others are taken from `folder`, which it is written to.

        Raises the problems of `given_files`, and of reading a workbook and a text.
        """
        self.sources, self.site = sources, site_names(sources)
        self.folder = folder or sources
        raw_sheets, found = read_xlsx(path)
        self.parsed = Parsed(raw_sheets, read_codes(sources), self.site)
        merged = any(each.key == "sheet-merged" for each in found)  # only the first of merged cells has their value
        self.cell_findings = [*found, *(() if merged else self.parsed.findings)]
        self.source_findings: list[Finding] = []
        self.statements = self.found = 0
        """The statements, and those whose words were found in the text of their document."""
        self.slug = "" if self.has_violations else self.parsed.slug
        documents = [] if self.has_violations else self.parsed.records["documents"]
        files, iris = given_files(given, documents) if documents else {}, [each.iri for each in documents]
        self.texts = read_texts(files, iris, (self.folder, sources))
        self.files = {each.path: each.data for each in self.texts.values()}
        self.cell_findings += [
            each.finding("code", "document-uncopied", {"code": each.text("code")}, "info")
            for each in documents
            if each.iri not in self.texts
        ]

    @property
    def has_violations(self) -> bool:
        """Whether a finding prevents the contract from being written."""
        severities = {each.severity for each in self.cell_findings} | {each.severity for each in self.source_findings}
        return "violation" in severities

    def paths(self, folder: Path) -> list[str]:
        """Return every path that the contract may have in a folder of sources, and those there of the texts of its documents."""
        statements = folder / PATHS["statements"].format(self.slug)
        documents = {quad.subject for quad in (read(statements, names=self.site) if statements.is_file() else ())}
        documents |= {node(each.iri) for each in self.parsed.records["documents"]}
        files = text_files([folder / "data"]).items()
        texts = (path for name, path in files if node(self.site.documents + name) in documents)
        return [*(path.format(self.slug) for path in PATHS.values()), *(f"data/{TEXTS}/{each.name}" for each in texts)]

    def check(self, progress: Progress = SILENT) -> None:
        """Make the files of the contract, or the findings of the check, each at the cell that it comes from.

        Earlier files of the same contract are left out, since the new files replace them. Raises `check-timeout`.
        """
        with tempfile.TemporaryDirectory(prefix="cper-lod-import-") as folder:
            copy, before = Path(folder), self.cell_findings
            link_sources(self.sources, copy, self.paths(self.sources))
            sources = read_sources(copy)
            existing = ExistingEntities(sources.published, self.site)
            graph = self.parsed.graph(existing, self.texts)
            self.cell_findings = [*before, *graph.findings]
            if self.has_violations:
                return
            self._keep_shared(graph, sources.published)
            self._serialize(graph)
            self._copy_into(copy)
            sources = read_sources(copy)  # with what the rules of the build add, of which there may be a dataset
            if has_catalogue(sources.statements.catalogue, self.site):
                own = [each for each in sources.declared_datasets if each.is_derived and each.contract == graph.slug]
                self._add_catalogue(graph, own)
                self._copy_into(copy)
                sources = read_sources(copy, progress=progress)
            names = {iri: each[0] for iri, each in existing.names.items()}
            worded = CellFindings(graph, self.parsed.records, names, sources.shapes)
            found, self.source_findings = worded.sort(check(sources, progress).findings)
            self.cell_findings = [*before, *found]
        self.statements = len(graph.statements)
        self.found = sum(each.place is not None for each in graph.statements.values())

    def _copy_into(self, copy: Path) -> None:
        for path, data in self.files.items():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_bytes(data)

    def _keep_shared(self, graph: ContractGraph, others: Iterable[Quad]) -> None:
        """Keep the bodies that the contract described and other sources name, such as its subsidies, with their territories."""
        paths = {part: self.sources / PATHS[part].format(graph.slug) for part in ("bodies", "territories")}
        earlier = {part: read(path, names=self.site) if path.is_file() else [] for part, path in paths.items()}
        left = {quad.subject for quads in earlier.values() for quad in quads} - {*map(node, graph.file_of)}
        needed = {quad.object for quad in others if quad.object in left}
        for part, quads in earlier.items():
            kept = [quad for quad in quads if quad.subject in left & needed]
            graph.files.setdefault(part, []).extend(kept)
            needed |= {quad.object for quad in kept}

    def _serialize(self, graph: ContractGraph) -> None:
        """Write each file in canonical form."""
        for part, path in PATHS.items():
            if quads := graph.files.get(part):
                self.files[path.format(graph.slug)] = write(canonical_literals(quads), TURTLE, names=self.site)

    def _add_catalogue(self, graph: ContractGraph, datasets: Sequence[CatalogueDataset]) -> None:
        """Add the file about the datasets of the contract, unless the sources describe all of them."""
        names, path = [each.iri for each in datasets], PATHS["catalogue"].format(graph.slug)
        (record,) = self.parsed.records["contrat"]
        graph.locations |= dict.fromkeys(names, record.location_of("editeur"))
        before = ((self.sources / each, data) for each, data in self.files.items())
        changed = any(not file.is_file() or file.read_bytes() != data for file, data in before)
        quads = [
            *import_dates(self.sources / path, names, self.site, changed=changed),
            *_publication(graph, record, names),
        ]
        if names:
            self.files[path] = write(canonical_literals(quads), TURTLE, names=self.site)


def _publication(graph: ContractGraph, record: Record, datasets: Sequence[str]) -> Iterator[Quad]:
    """Yield who publishes datasets, and whom to ask about them; what is empty follows from the catalogue."""
    contact = f"{graph.site.catalogue}#contact-{graph.slug}"
    address = record.text("contact")
    stated = [(iri, "dct:publisher", graph.publisher) for iri in datasets if graph.publisher]
    if address:
        stated += [(iri, "dcat:contactPoint", contact) for iri in datasets]
        stated += [(contact, "rdf:type", kind) for kind in ("vcard:Kind", "vcard:Organization")]
        stated.append((contact, "vcard:hasEmail" if address.startswith("mailto:") else "vcard:hasURL", address))
        yield Quad(node(contact), node("vcard:fn"), Literal(record.text("editeur") or "contact"))
    yield from (Quad(node(subject), node(predicate), node(value)) for subject, predicate, value in stated)


def import_dates(path: Path, datasets: Iterable[str], site: SiteNames, *, changed: bool) -> Iterator[Quad]:
    """Yield the day on which each dataset was first imported, and that of its last change.

    Both are those of the catalogue file at `path` where it has them, and they are not in the future: an import that
    changes nothing keeps them.
    """
    earlier = Graph(read(path, names=site) if path.exists() else ())
    for iri in datasets:
        for name, known in (("issued", True), ("modified", not changed)):
            day = min((known and earlier.value(NamedNode(iri), DCT + name)) or today(), today())
            yield Quad(NamedNode(iri), NamedNode(DCT + name), Literal(day, datatype=NamedNode(XSD + "date")))


def link_sources(sources: Path, copy: Path, without: list[str]) -> None:
    """Create a folder of sources with symbolic links to the existing files, except those of `without`."""
    for name in ("ontology", "shapes"):
        if not uses_program(sources, name):
            (copy / name).symlink_to((sources / name).resolve(), target_is_directory=True)
    (copy / "data").mkdir()
    for path in source_files(sources):
        name = display_path(path, sources)
        if name.startswith("data/") and name not in without:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).symlink_to(path.resolve())
