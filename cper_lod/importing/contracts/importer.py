"""Imports a workbook: parses it, builds the RDF files, and checks them together with the sources in a temporary copy."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cper_lod.core.formats import TURTLE
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.catalogue import catalogue_quads, missing_box
from cper_lod.importing.contracts.cell_findings import CellFindings
from cper_lod.importing.contracts.consistency import find_inconsistencies
from cper_lod.importing.contracts.figures import add_derived_values
from cper_lod.importing.contracts.graph import ContractGraph
from cper_lod.importing.contracts.model import (
    CellFinding,
    Code,
    WorkbookRecords,
    code_labels,
    read_codes,
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
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Finding
from cper_lod.rdf.serialize import write
from cper_lod.release.catalog.datasets import CatalogueDataset, contract_datasets
from cper_lod.release.catalog.dcat import has_catalogue
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


@dataclass
class ImportedContract:
    """The result of an import: files by path, or findings about cells and about the sources."""

    slug: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    statements: int = 0
    cell_findings: list[CellFinding] = field(default_factory=list)
    source_findings: list[Finding] = field(default_factory=list)

    @property
    def has_violations(self) -> bool:
        """Whether a finding prevents the contract from being written."""
        severities = [
            *(found.severity for found in self.cell_findings),
            *(found.severity for found in self.source_findings),
        ]
        return "violation" in severities

    def paths(self) -> list[str]:
        """Return every path that a contract with this slug may have."""
        return [path.format(self.slug) for path in PATHS.values()]


class Workbook:
    """A workbook, parsed once: first checked by itself, then together with the sources."""

    def __init__(self, path: Path, sources: Path) -> None:
        self.sources = sources
        self.codes: dict[str, tuple[Code, ...]] = read_codes(sources)
        raw_sheets, found = (read_folder(path), []) if path.is_dir() else read_xlsx(path)
        parser = SheetParser(self.codes)
        self.records: WorkbookRecords = parser.parse(raw_sheets)
        facts = list(read_facts(self.records["faits"], Vocabulary(sources))) if self.records["faits"] else []
        self.facts = [fact for fact in facts if isinstance(fact, OtherFact)]
        found += (fact for fact in facts if isinstance(fact, CellFinding))
        self.imported = ImportedContract(cell_findings=[*found, *parser.findings, *find_inconsistencies(self.records)])
        if not self.imported.has_violations:
            self.imported.slug = slug_of(self.records["contrat"][0])

    def check(self, progress: Progress = SILENT, timeout: int = 0) -> ImportedContract:
        """Return the files of the contract, or the findings of the check, each at the cell that it comes from.

        Earlier files of the same contract are left out, since the new files replace them. Raises `check-timeout`.
        """
        with tempfile.TemporaryDirectory(prefix="cper-lod-import-") as folder:
            copy = Path(folder)
            link_sources(self.sources, copy, self.imported.paths())
            sources = read_sources(copy)
            existing = ExistingEntities(sources.published)
            graph = whole_graph(self.records, self.facts, existing, self.codes)
            before = self.imported.cell_findings
            self.imported.cell_findings = [*before, *graph.findings]
            if self.imported.has_violations:
                return self.imported
            self.imported.files = _serialize_files(graph, self.records, self.codes, self.sources)
            if has_catalogue(sources.statements.catalogue):
                self._add_catalogue(graph, contract_datasets(self.imported.files, sources.declared_datasets))
            for path, data in self.imported.files.items():
                (copy / path).parent.mkdir(parents=True, exist_ok=True)
                (copy / path).write_bytes(data)
            sources = read_sources(copy, progress=progress)
            names = {iri: each[0] for iri, each in existing.names.items()}
            words = CellFindings(graph, self.records, names, sources.shapes)
            found, self.imported.source_findings = words.sort(check(sources, progress, None, timeout).findings)
            self.imported.cell_findings = [*before, *found]
        self.imported.statements = len(graph.statements)
        return self.imported

    def _add_catalogue(self, graph: ContractGraph, datasets: Sequence[CatalogueDataset]) -> None:
        """Add the file about the datasets of the contract, unless the sources describe all of them."""
        record = next(iter(self.records["catalogue"]), None)
        files, path = self.imported.files, PATHS["catalogue"].format(graph.slug)
        changed = any(_content(self.sources / each) != data for each, data in files.items())
        names = [each.iri for each in datasets]
        graph.locations |= dict.fromkeys(names, missing_box(record))
        quads = list(catalogue_quads(graph, record, names, self.sources / path, changed=changed)) if names else []
        if quads:
            files[path] = write(canonical_literals(quads), TURTLE)


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


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


def _serialize_files(
    graph: ContractGraph, records: WorkbookRecords, codes: Mapping[str, tuple[Code, ...]], sources: Path
) -> dict[str, bytes]:
    """Return each file in canonical form. A profile that has the same counts already stays as it is."""
    profile = profile_shapes(graph, records, codes)
    former = sources / PATHS["profile"].format(graph.slug)
    files = {
        path.format(graph.slug): write(canonical_literals(graph.files[part]), TURTLE)
        for part, path in PATHS.items()
        if graph.files.get(part)
    }
    is_same = former.exists() and counts(read(former)) == counts(profile)
    files[PATHS["profile"].format(graph.slug)] = former.read_bytes() if is_same else write(profile, TURTLE)
    return files


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
