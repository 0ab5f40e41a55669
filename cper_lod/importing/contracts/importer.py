"""Imports a workbook: parses it, builds the RDF files, and checks them together with the sources in a temporary copy."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, Quad

from cper_lod.core.formats import TURTLE
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.cell_findings import CellFindings
from cper_lod.importing.contracts.consistency import find_inconsistencies
from cper_lod.importing.contracts.figures import add_derived_values
from cper_lod.importing.contracts.graph import ContractGraph, node
from cper_lod.importing.contracts.model import (
    CellLocation,
    Code,
    Record,
    WorkbookRecords,
    code_labels,
    read_codes,
    sheets,
)
from cper_lod.importing.contracts.other_facts import (
    OtherFact,
    Vocabulary,
    add_quotations,
    apply_facts,
    read_facts,
)
from cper_lod.importing.contracts.parse_sheets import SheetParser
from cper_lod.importing.contracts.read_csv import read_folder
from cper_lod.importing.contracts.read_xlsx import read_xlsx
from cper_lod.importing.contracts.shapes import counts, profile_shapes
from cper_lod.importing.contracts.to_rdf import build_graph, slug_of
from cper_lod.importing.files import import_dates
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Finding
from cper_lod.rdf.serialize import write
from cper_lod.release.catalog.datasets import CatalogueDataset, contract_datasets
from cper_lod.release.catalog.dcat import CATALOGUE, has_catalogue
from cper_lod.release.check.check import check
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.sources.files import source_files
from cper_lod.release.sources.read import read_sources

PATHS: Final = {
    "contracts": "data/contracts/{}.ttl",
    "statements": "data/statements/{}.ttl",
    "bodies": "data/bodies-{}.ttl",
    "territories": "data/territories-{}.ttl",
    "derived": "data/derived/{}.ttl",
    "profile": "shapes/profiles/{}.ttl",
    "catalogue": "data/catalog/{}.ttl",
}
"""The file of each part of a contract, below the folder of sources."""


class Workbook:
    """A workbook, parsed once: first checked by itself, then together with the sources.

    It becomes files by path, or findings about cells and about the sources.
    """

    def __init__(self, path: Path, sources: Path) -> None:
        self.sources = sources
        self.codes = read_codes(sources)
        raw_sheets, found = (read_folder(path), []) if path.is_dir() else read_xlsx(path)
        parser = SheetParser(self.codes)
        self.records: WorkbookRecords = parser.parse(raw_sheets)
        self.facts, wrong = (
            read_facts(self.records["faits"], Vocabulary(sources)) if self.records["faits"] else ([], [])
        )
        self.cell_findings = [*found, *wrong, *parser.findings, *find_inconsistencies(self.records)]
        self.source_findings: list[Finding] = []
        self.files: dict[str, bytes] = {}
        self.statements = 0
        self.slug = "" if self.has_violations else slug_of(self.records["contrat"][0])

    @property
    def has_violations(self) -> bool:
        """Whether a finding prevents the contract from being written."""
        severities = {each.severity for each in self.cell_findings} | {each.severity for each in self.source_findings}
        return "violation" in severities

    def paths(self) -> list[str]:
        """Return every path that a contract with this slug may have."""
        return [path.format(self.slug) for path in PATHS.values()]

    def check(self, progress: Progress = SILENT, timeout: int = 0) -> None:
        """Make the files of the contract, or the findings of the check, each at the cell that it comes from.

        Earlier files of the same contract are left out, since the new files replace them. Raises `check-timeout`.
        """
        with tempfile.TemporaryDirectory(prefix="cper-lod-import-") as folder:
            copy, before = Path(folder), self.cell_findings
            link_sources(self.sources, copy, self.paths())
            sources = read_sources(copy)
            existing = ExistingEntities(sources.published)
            graph = whole_graph(self.records, self.facts, existing, self.codes)
            self.cell_findings = [*before, *graph.findings]
            if self.has_violations:
                return
            self._serialize(graph)
            if has_catalogue(sources.statements.catalogue):
                self._add_catalogue(graph, contract_datasets(self.files, sources.declared_datasets))
            for path, data in self.files.items():
                (copy / path).parent.mkdir(parents=True, exist_ok=True)
                (copy / path).write_bytes(data)
            sources = read_sources(copy, progress=progress)
            names = {iri: each[0] for iri, each in existing.names.items()}
            words = CellFindings(graph, self.records, names, sources.shapes)
            found, self.source_findings = words.sort(check(sources, progress, timeout).findings)
            self.cell_findings = [*before, *found]
        self.statements = len(graph.statements)

    def _serialize(self, graph: ContractGraph) -> None:
        """Write each file in canonical form. A profile that has the same counts already stays as it is."""
        for part, path in PATHS.items():
            if quads := graph.files.get(part):
                self.files[path.format(graph.slug)] = write(canonical_literals(quads), TURTLE)
        path, profile = PATHS["profile"].format(graph.slug), profile_shapes(graph, self.records, self.codes)
        former = self.sources / path
        is_same = former.exists() and counts(read(former)) == counts(profile)
        self.files[path] = former.read_bytes() if is_same else write(profile, TURTLE)

    def _add_catalogue(self, graph: ContractGraph, datasets: Sequence[CatalogueDataset]) -> None:
        """Add the file about the datasets of the contract, unless the sources describe all of them."""
        names, path = [each.iri for each in datasets], PATHS["catalogue"].format(graph.slug)
        (record,) = self.records["catalogue"] or [_no_catalogue()]
        graph.locations |= dict.fromkeys(names, record.location_of("cadre"))
        before = ((self.sources / each, data) for each, data in self.files.items())
        changed = any(not file.is_file() or file.read_bytes() != data for file, data in before)
        quads = [*import_dates(self.sources / path, names, changed=changed), *_publication(graph, record, names)]
        if names:
            self.files[path] = write(canonical_literals(quads), TURTLE)


def _no_catalogue() -> Record:
    """Return the record of a workbook without the sheet about the catalogue: where the bounding box would stand."""
    (sheet,) = (each for each in sheets() if each.key == "catalogue")
    (heading,) = (column.headings["fr"] for column in sheet.columns if column.key == "cadre")
    return Record(CellLocation(sheet.names["fr"], heading=heading))


def _publication(graph: ContractGraph, record: Record, datasets: Sequence[str]) -> Iterator[Quad]:
    """Yield who publishes datasets, and whom to ask about them; what is empty follows from the catalogue."""
    contact = f"{CATALOGUE}#contact-{graph.slug}"
    address = record.text("contact")
    stated = [(iri, "dct:publisher", graph.publisher) for iri in datasets if graph.publisher]
    if address:
        stated += [(iri, "dcat:contactPoint", contact) for iri in datasets]
        stated += [(contact, "rdf:type", kind) for kind in ("vcard:Kind", "vcard:Organization")]
        stated.append((contact, "vcard:hasEmail" if address.startswith("mailto:") else "vcard:hasURL", address))
        yield Quad(node(contact), node("vcard:fn"), Literal(record.text("editeur") or "contact"))
    yield from (Quad(node(subject), node(predicate), node(value)) for subject, predicate, value in stated)


def whole_graph(
    records: WorkbookRecords,
    facts: list[OtherFact],
    existing: ExistingEntities,
    codes: Mapping[str, tuple[Code, ...]],
) -> ContractGraph:
    """Return the triples of a workbook without findings, with the values derived from them."""
    graph = build_graph(records, existing, code_labels(codes))
    add_derived_values(graph, records)
    add_quotations(graph, facts)
    graph.write_statements()
    apply_facts(graph, facts)
    return graph


def link_sources(sources: Path, copy: Path, without: list[str]) -> None:
    """Create a folder of sources with symbolic links to the existing files, except those of `without`."""
    (copy / "ontology").symlink_to((sources / "ontology").resolve(), target_is_directory=True)
    for name in ("shapes", "data"):
        (copy / name).mkdir()
    for path in source_files(sources):
        relative = path.relative_to(sources)
        if relative.parts[0] != "ontology" and relative.as_posix() not in without:
            (copy / relative).parent.mkdir(parents=True, exist_ok=True)
            (copy / relative).symlink_to(path.resolve())
