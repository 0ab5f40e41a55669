"""What the catalogue cannot derive from a contract: the days of its import, who publishes its data and answers for them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.namespaces import DCAT, DCT, PREFIXES, RDF
from cper_lod.importing.contracts.graph import ContractGraph
from cper_lod.importing.contracts.model import CellLocation, Record, sheets
from cper_lod.importing.files import import_dates
from cper_lod.release.catalog.dcat import CATALOGUE

_VCARD = PREFIXES["vcard"]


def catalogue_quads(
    graph: ContractGraph, record: Record | None, datasets: Sequence[str], earlier: Path, *, changed: bool
) -> Iterator[Quad]:
    """Yield what a workbook states about its datasets; `earlier` is the file that an earlier import wrote.

    `record` is the sheet about the catalogue, if the workbook has it. What it leaves empty follows from the catalogue.
    """
    yield from import_dates(earlier, datasets, changed=changed)
    address = record.text("contact") if record else ""
    contact = NamedNode(f"{CATALOGUE}#contact-{graph.slug}")
    for iri in map(NamedNode, datasets):
        if graph.publisher:
            yield Quad(iri, NamedNode(DCT + "publisher"), NamedNode(graph.publisher))
        if address:
            yield Quad(iri, NamedNode(DCAT + "contactPoint"), contact)
    if record and address:
        for kind in ("Kind", "Organization"):
            yield Quad(contact, NamedNode(RDF + "type"), NamedNode(_VCARD + kind))
        yield Quad(contact, NamedNode(_VCARD + "fn"), Literal(record.text("editeur") or "contact"))
        name = "hasEmail" if address.startswith("mailto:") else "hasURL"
        yield Quad(contact, NamedNode(_VCARD + name), NamedNode(address))


def missing_box(record: Record | None) -> CellLocation:
    """Return the line of the workbook for the bounding box, which is what a dataset of a contract may lack."""
    if record:
        return record.location_of("cadre")
    sheet = next(each for each in sheets() if each.key == "catalogue")
    (heading,) = (column.headings["fr"] for column in sheet.columns if column.key == "cadre")
    return CellLocation(sheet.names["fr"], heading=heading)
