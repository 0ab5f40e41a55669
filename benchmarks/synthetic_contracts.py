"""Synthetic plan contracts: random workbooks, converted to RDF by the importer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import Literal, Quad

from benchmarks.synthetic_answers import Answers, answers
from benchmarks.synthetic_catalogue import dataset_quads, region_quads
from benchmarks.synthetic_names import SIZES, YEARS, siret
from cper_lod.core.formats import TURTLE
from cper_lod.core.namespaces import CPER
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.consistency import find_inconsistencies
from cper_lod.importing.contracts.graph import ContractGraph
from cper_lod.importing.contracts.importer import PATHS, whole_graph
from cper_lod.importing.contracts.model import (
    FORM_HEADINGS,
    MARK_HEADING,
    CellKind,
    Code,
    RawCell,
    RawSheet,
    WorkbookRecords,
    sheets,
)
from cper_lod.importing.contracts.parse_sheets import SheetParser
from cper_lod.importing.contracts.shapes import profile_shapes
from cper_lod.importing.subsidies.attachment import Contract
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.serialize import write

_CATALOGUE: Final = "data/catalog/{}.ttl"


@dataclass
class Funder:
    """A body that signs and grants: its name, its SIRET."""

    name: str
    siret: str


@dataclass
class SyntheticContract:
    """A synthetic contract: its files by path, the subjects of its axes, and who grants subsidies under it."""

    slug: str
    years: tuple[int, int]
    region: int
    contract: Contract
    quads: dict[str, list[Quad]]
    funders: list[Funder]
    bodies: dict[str, str] = field(default_factory=dict)

    @property
    def weight(self) -> float:
        """How many of all subsidies it has: as its region is large, and the newer the more."""
        return SIZES[self.region] * (1, 0.6, 0.4, 0.2)[YEARS.index(self.years)]

    def files(self) -> dict[str, bytes]:
        """Return its files as they are written."""
        return {path: write(canonical_literals(quads), TURTLE) for path, quads in self.quads.items() if quads}


def grids(given: Answers) -> list[RawSheet]:
    """Return answers as the reader of workbooks gives them, without a file in between."""
    found = []
    for sheet in sheets():
        grid = RawSheet(sheet.names["fr"])
        columns = [column.headings["fr"] for column in sheet.columns]
        headings = [names[0] for names in FORM_HEADINGS.values()] if sheet.form else [MARK_HEADING, *columns]
        grid.rows[1] = {at: RawCell(heading, "text") for at, heading in enumerate(headings, 1)}
        for at, answer in enumerate(given.get(sheet.key, ())):
            for place, column in enumerate(sheet.columns, 2):
                if sheet.form:
                    grid.rows[place] = {1: RawCell(column.headings["fr"], "text")}
                row, at_ = (place, 3) if sheet.form else (5 + at, place)
                _put(grid, row, at_, answer.get(column.key))
                _put(grid, row, 4, answer.get(f"{column.key}:citation") if sheet.form else None)
        found.append(grid)
    return found


def _put(grid: RawSheet, row: int, column: int, value: Any) -> None:  # noqa: ANN401 - what a cell may hold
    if value is not None and value != "":
        kind: CellKind = "text" if isinstance(value, str) else "number" if isinstance(value, int) else "date"
        grid.rows.setdefault(row, {})[column] = RawCell(value, kind)


def make(
    region: int, years: tuple[int, int], seed: int, existing: ExistingEntities, codes: Mapping[str, tuple[Code, ...]]
) -> SyntheticContract:
    """Return a synthetic contract; raises ValueError where its workbook would be refused."""
    parser = SheetParser(codes)
    book: WorkbookRecords = parser.parse(grids(answers(region, years, seed)))
    if found := [*parser.findings, *find_inconsistencies(book)]:
        raise ValueError(found[0].describe("en"))
    graph = whole_graph(book, [], existing, codes)
    quads = {path.format(graph.slug): graph.files.get(part, []) for part, path in PATHS.items()}
    quads[PATHS["profile"].format(graph.slug)] = profile_shapes(graph, book, codes)
    quads[PATHS["territories"].format(graph.slug)] += region_quads(graph, region)
    quads[_CATALOGUE.format(graph.slug)] = dataset_quads(graph, years, [path for path in quads if quads[path]])
    axes = {str(number): f"{graph.contract}/axe/{number}" for number in range(1, len(book["axes"]) + 1)}
    funders = [
        Funder(record.text("nom") + " (fictif)", siret(record.text("siren")))
        for record in book["signataires"]
        if record.text("siren")
    ]
    return SyntheticContract(
        graph.slug, years, region, Contract(graph.contract, axes), quads, funders, _bodies(graph, existing)
    )


def _bodies(graph: ContractGraph, existing: ExistingEntities) -> dict[str, str]:
    """Return the bodies whose SIREN the data say, by it: those of this contract and of the earlier ones."""
    found = {number: iri for iri, number in existing.siren_of.items()}
    for quad in graph.files.get("bodies", ()):
        if quad.predicate.value == CPER + "siren" and isinstance(quad.object, Literal):
            found[quad.object.value] = str(quad.subject)[1:-1]
    return found
