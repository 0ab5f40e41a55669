"""The files of a contract out of its workbook: checked together with the sources, in a copy of them."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Phrase
from cper_lod.core.formats import TURTLE
from cper_lod.core.namespaces import SHAPES
from cper_lod.importing.contracts.actors import Known
from cper_lod.importing.contracts.consistency import inconsistencies
from cper_lod.importing.contracts.figures import derive
from cper_lod.importing.contracts.model import Book, CellFinding, Code, Place, code_lists, read_codes
from cper_lod.importing.contracts.parse_sheets import Reading
from cper_lod.importing.contracts.read_csv import read_folder
from cper_lod.importing.contracts.read_xlsx import read_xlsx
from cper_lod.importing.contracts.shapes import profile
from cper_lod.importing.contracts.to_rdf import contract_slug, tell
from cper_lod.importing.contracts.graph import Facts
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.report import Finding, Report
from cper_lod.rdf.serialize import write
from cper_lod.release.check.check import check
from cper_lod.release.sources.paths import paths
from cper_lod.release.sources.read import read_sources

PATHS: Final = {
    "contracts": "data/contracts/{}.ttl",
    "statements": "data/statements/{}.ttl",
    "bodies": "data/bodies-{}.ttl",
    "territories": "data/territories-{}.ttl",
    "derived": "data/derived/{}.ttl",
    "profile": "shapes/profiles/{}.ttl",
}
"""Where the parts of a contract go, below a folder of sources."""

_WITHOUT_SIREN: Final = SHAPES + "organisme-sans-siren"
"""The one rule of the shapes that most workbooks meet: it is said in the words of a workbook."""


@dataclass
class Imported:
    """What became of a workbook: its files by their path, or what was found, at a cell or in the sources."""

    slug: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    statements: int = 0
    cells: list[CellFinding] = field(default_factory=list)
    others: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Return whether something found keeps the contract from being written."""
        severities = [*(found.severity for found in self.cells), *(found.severity for found in self.others)]
        return "violation" in severities

    def paths(self) -> list[str]:
        """Return every path that a contract of this name may have."""
        return [path.format(self.slug) for path in PATHS.values()]


class Workbook:
    """A workbook that is read once: what is found in it by itself, then together with the sources."""

    def __init__(self, path: Path, sources: Path) -> None:
        self.sources = sources
        self.codes: dict[str, tuple[Code, ...]] = read_codes(sources, code_lists())
        grids, found = (read_folder(path), []) if path.is_dir() else read_xlsx(path)
        reading = Reading(self.codes)
        self.book: Book = reading.book(grids)
        self.imported = Imported(cells=[*found, *reading.findings, *inconsistencies(self.book)])
        if not self.imported.refused:
            frame = self.book["contrat"][0]
            first, last = frame.wholes("periode")
            self.imported.slug = contract_slug(frame.text("region"), (first, last), frame.text("essai") == "oui")

    def check(self) -> Imported:
        """Return the files of the contract, or what the shapes find, each finding at the row that it comes from.

        The earlier files of the same contract are left out: these come in their place.
        """
        with tempfile.TemporaryDirectory(prefix="cper-lod-import-") as folder:
            copy = Path(folder)
            _mirror(self.sources, copy, self.imported.paths())
            facts = tell(self.book, Known(read_sources(copy).published))
            derive(facts, self.book)
            for path, data in _written(facts, self.book, self.codes).items():
                self.imported.files[path] = data
                (copy / path).parent.mkdir(parents=True, exist_ok=True)
                (copy / path).write_bytes(data)
            self._found(check(read_sources(copy)), facts.origins)
        self.imported.statements = sum("/enonce/" in iri for iri in facts.home)
        return self.imported

    def _found(self, report: Report, origins: Mapping[str, Place]) -> None:
        """Sort what was found: at a row of the workbook, or elsewhere in the sources (violations only)."""
        for found in report.findings:
            place = _origin(found, origins)
            if place and found.shape == _WITHOUT_SIREN:
                self.imported.cells.append(CellFinding(place, "siren-missing", severity=found.severity))
            elif place:
                values = {
                    "message": Phrase(found.messages["en"], found.messages["fr"]),
                    "remedy": Phrase(found.remedies["en"], found.remedies["fr"]),
                }
                self.imported.cells.append(CellFinding(place, "of-a-shape", values, found.severity))
            elif found.severity == "violation":
                self.imported.others.append(found)


def _origin(found: Finding, origins: Mapping[str, Place]) -> Place | None:
    """Return the place that a finding is about: that of its node, or of what the node's rule looked at."""
    return origins.get(found.node) or (origins.get(found.value) if found.value else None)


def _written(facts: Facts, book: Book, codes: Mapping[str, tuple[Code, ...]]) -> dict[str, bytes]:
    """Return each file in its canonical form."""
    parts = {**facts.files, "profile": profile(facts, book, codes)}
    return {
        path.format(facts.slug): write(canonical_literals(parts[part]), TURTLE)
        for part, path in PATHS.items()
        if parts.get(part)
    }


def _mirror(sources: Path, copy: Path, without: list[str]) -> None:
    """Make a folder of sources out of links to those that are there, some left out."""
    (copy / "ontology").symlink_to((sources / "ontology").resolve(), target_is_directory=True)
    for name in ("shapes", "data"):
        (copy / name).mkdir()
    for path in paths(sources):
        relative = path.relative_to(sources)
        if relative.parts[0] != "ontology" and relative.as_posix() not in without:
            (copy / relative).parent.mkdir(parents=True, exist_ok=True)
            (copy / relative).symlink_to(path.resolve())
