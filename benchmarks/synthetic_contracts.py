"""Synthetic plan contracts: made-up answers of a workbook, told by the importer as those of a person are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad

from benchmarks.synthetic_answers import Answers, answers
from benchmarks.synthetic_catalogue import catalogued, framed
from benchmarks.synthetic_names import SIZES, YEARS, siret
from cper_lod.core.formats import TURTLE
from cper_lod.core.namespaces import CPER, ORG
from cper_lod.importing.contracts.consistency import inconsistencies
from cper_lod.importing.contracts.actors import Known
from cper_lod.importing.contracts.figures import derive
from cper_lod.importing.contracts.importer import PATHS
from cper_lod.importing.contracts.model import FORM, MARK, Book, Code, Grid, Kind, RawCell, sheets
from cper_lod.importing.contracts.parse_sheets import Reading
from cper_lod.importing.contracts.shapes import profile
from cper_lod.importing.contracts.to_rdf import tell
from cper_lod.importing.contracts.graph import Facts
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
class Made:
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


def grids(given: Answers) -> list[Grid]:
    """Return answers as the reader of workbooks gives them, without a file in between."""
    found = []
    for sheet in sheets():
        grid = Grid(sheet.names["fr"])
        columns = [column.headings["fr"] for column in sheet.columns]
        headings = [names[0] for names in FORM.values()] if sheet.form else [MARK, *columns]
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


def _put(grid: Grid, row: int, column: int, value: Any) -> None:  # noqa: ANN401 - what a cell may hold
    if value is not None and value != "":
        kind: Kind = "text" if isinstance(value, str) else "number" if isinstance(value, int) else "date"
        grid.rows.setdefault(row, {})[column] = RawCell(value, kind)


def make(region: int, years: tuple[int, int], seed: int, known: Known, codes: Mapping[str, tuple[Code, ...]]) -> Made:
    """Return a synthetic contract; raises ValueError where its workbook would be refused."""
    reading = Reading(codes)
    book: Book = reading.book(grids(answers(region, years, seed)))
    if found := [*reading.findings, *inconsistencies(book)]:
        raise ValueError(found[0].told("en"))
    facts = tell(book, known)
    derive(facts, book)
    quads = {path.format(facts.slug): facts.files.get(part, []) for part, path in PATHS.items()}
    quads[PATHS["profile"].format(facts.slug)] = profile(facts, book, codes)
    quads[PATHS["territories"].format(facts.slug)] += framed(facts, region)
    quads[_CATALOGUE.format(facts.slug)] = catalogued(facts, years, [path for path in quads if quads[path]])
    axes = {str(number): f"{facts.contract}/axe/{number}" for number in range(1, len(book["axes"]) + 1)}
    funders = [
        Funder(record.text("nom") + " (fictif)", siret(record.text("siren")))
        for record in book["signataires"]
        if record.text("siren")
    ]
    return Made(facts.slug, years, region, Contract(facts.contract, axes), quads, funders, _bodies(facts, known))


def _bodies(facts: Facts, known: Known) -> dict[str, str]:
    """Return the signatories whose SIREN the data say, by it."""
    found = {}
    for quad in facts.files.get("bodies", ()):
        if quad.predicate.value == CPER + "siren" and isinstance(quad.object, Literal):
            found[quad.object.value] = str(quad.subject)[1:-1]
    for quad in facts.files["contracts"]:
        if quad.predicate.value == ORG + "member" and isinstance(quad.object, NamedNode):
            number = known.sirens.get(quad.object.value)
            found |= {number: quad.object.value} if number else {}
    return found
