"""Imports a workbook: parses it, builds the RDF files, and checks them together with the sources in a temporary copy."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Phrase
from cper_lod.core.formats import TURTLE
from cper_lod.core.namespaces import SHAPES
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.catalogue import catalogue_quads, missing_box
from cper_lod.importing.contracts.consistency import find_inconsistencies
from cper_lod.importing.contracts.figures import add_derived_values
from cper_lod.importing.contracts.graph import ContractGraph
from cper_lod.importing.contracts.model import (
    CellFinding,
    CellLocation,
    Code,
    WorkbookRecords,
    code_lists,
    read_codes,
    sheets,
)
from cper_lod.importing.contracts.parse_sheets import SheetParser
from cper_lod.importing.contracts.read_csv import read_folder
from cper_lod.importing.contracts.read_xlsx import read_xlsx
from cper_lod.importing.contracts.shapes import profile_shapes
from cper_lod.importing.contracts.to_rdf import build_graph, contract_slug
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.report import Finding, Report
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

_WORDED: Final = {SHAPES + "organisme-sans-siren": "siren-missing", SHAPES + "jeu-cadre": "box-missing"}
"""The shapes that most workbooks violate; their findings are worded for the workbook."""


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
        self.codes: dict[str, tuple[Code, ...]] = read_codes(sources, code_lists())
        raw_sheets, found = (read_folder(path), []) if path.is_dir() else read_xlsx(path)
        parser = SheetParser(self.codes)
        self.records: WorkbookRecords = parser.parse(raw_sheets)
        self.imported = ImportedContract(cell_findings=[*found, *parser.findings, *find_inconsistencies(self.records)])
        if not self.imported.has_violations:
            form = self.records["contrat"][0]
            first, last = form.numbers("periode")
            self.imported.slug = contract_slug(form.text("region"), (first, last), form.text("essai") == "oui")

    def check(self, progress: Progress = SILENT) -> ImportedContract:
        """Return the files of the contract, or the findings of the shapes, each at the row that it comes from.

        Earlier files of the same contract are left out, since the new files replace them.
        """
        with tempfile.TemporaryDirectory(prefix="cper-lod-import-") as folder:
            copy = Path(folder)
            _link_sources(self.sources, copy, self.imported.paths())
            sources = read_sources(copy)
            graph = build_graph(self.records, ExistingEntities(sources.published))
            add_derived_values(graph, self.records)
            self.imported.files = _serialize_files(graph, self.records, self.codes)
            if has_catalogue(sources.statements.catalogue):
                self._add_catalogue(graph, contract_datasets(self.imported.files, sources.declared_datasets))
            for path, data in self.imported.files.items():
                (copy / path).parent.mkdir(parents=True, exist_ok=True)
                (copy / path).write_bytes(data)
            self._sort_findings(check(read_sources(copy, progress=progress), progress), graph.locations)
        self.imported.statements = sum("/enonce/" in iri for iri in graph.file_of)
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

    def _sort_findings(self, report: Report, locations: Mapping[str, CellLocation]) -> None:
        """Assign each finding to a row of the workbook, or to the sources (violations only)."""
        for finding in report.findings:
            location = _find_location(finding, locations)
            if location:
                key = _WORDED.get(finding.shape or "", "of-a-shape")
                texts = {"message": _with_headings(finding.messages), "remedy": _with_headings(finding.remedies)}
                found = CellFinding(location, key, {} if key != "of-a-shape" else texts, finding.severity)
                if found not in self.imported.cell_findings:  # three datasets may lack the same
                    self.imported.cell_findings.append(found)
            elif finding.severity == "violation":
                self.imported.source_findings.append(finding)


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _with_headings(text: Mapping[str, str]) -> Phrase:
    """Return a text of the shapes, with (French) headings of the workbook in place of the names of properties."""
    french, english = text["fr"], text["en"]
    for column in (column for sheet in sheets() for column in sheet.columns if column.rdf_property):
        name = re.compile(rf"{column.rdf_property}\b")
        french = name.sub(f"« {column.headings['fr']} »", french)
        english = name.sub(f"“{column.headings['fr']}”", english)
    return Phrase(english, french)


def _find_location(finding: Finding, locations: Mapping[str, CellLocation]) -> CellLocation | None:
    """Return the location of the node of a finding, or of its value."""
    return locations.get(finding.node) or (locations.get(finding.value) if finding.value else None)


def _serialize_files(
    graph: ContractGraph, records: WorkbookRecords, codes: Mapping[str, tuple[Code, ...]]
) -> dict[str, bytes]:
    """Return each file in canonical form."""
    parts = {**graph.files, "profile": profile_shapes(graph, records, codes)}
    return {
        path.format(graph.slug): write(canonical_literals(parts[part]), TURTLE)
        for part, path in PATHS.items()
        if parts.get(part)
    }


def _link_sources(sources: Path, copy: Path, without: list[str]) -> None:
    """Create a folder of sources with symbolic links to the existing files, except those of `without`."""
    (copy / "ontology").symlink_to((sources / "ontology").resolve(), target_is_directory=True)
    for name in ("shapes", "data"):
        (copy / name).mkdir()
    for path in source_files(sources):
        relative = path.relative_to(sources)
        if relative.parts[0] != "ontology" and relative.as_posix() not in without:
            (copy / relative).parent.mkdir(parents=True, exist_ok=True)
            (copy / relative).symlink_to(path.resolve())
