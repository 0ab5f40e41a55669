"""The figures of a contract as triples: shares that are published or missing, commitments, the envelope."""

from decimal import Decimal
from typing import Final

from pyoxigraph import Literal

from cper_lod.core.namespaces import XSD
from cper_lod.importing.contracts.quoted import Figure
from cper_lod.importing.contracts.records import Record
from cper_lod.importing.contracts.triples import EURO, ID, Facts, en, fr, node, number

BOUND: Final = f"{ID}code/borne/"
_NAMES: Final = {
    "etat": ("État", "State"),
    "region": ("Région", "Region"),
    "autres-signataires": ("Autres signataires", "Other signatories"),
}


def add_share(facts: Facts, axis: str, key: str, record: Record) -> None:
    """Describe the share of an axis, or that there is none and why."""
    share, name = f"{facts.contract}/part/{key}", record.whole("numero")
    labels = (f"Part de l'axe {name}", f"Share of axis {name}")
    facts.describe("contracts", share, record.at("part"), "cper:Part qb:Observation", labels)
    facts.add(share, "cper:axeConcerne", axis)
    facts.add(axis, "cper:part", share)
    words, place = record.text("citation_part"), record.at("citation_part")
    if found := record.get("part", Figure):
        _share(facts, share, found, "parts-par-axe")
        facts.state(f"part-{key}", words, (share,), "cper:pourcentage cper:valeurPubliee",
                    (f"part de l'axe {name}", f"share of axis {name}"), place)  # fmt: skip
        return
    reason = record.text("motif")
    english = record.text("motif_en") or f"The source gives no share for axis {name}; reason, in French: {reason}"
    facts.add(share, "cper:contrat", facts.contract)
    facts.add(share, "cper:motif", fr(reason), en(english))
    facts.add(share, "qb:dataSet", f"{ID}jeu/{facts.slug}-parts-par-axe")
    facts.add(share, "sdmx-attribute:obsStatus", "sdmx-code:obsStatus-M")
    facts.state(f"part-{key}", words, (share,), "cper:motif",
                (f"pas de part pour l'axe {name}", f"no share for axis {name}"), place)  # fmt: skip


def _share(facts: Facts, share: str, found: Figure, dataset: str) -> None:
    """Add what a published share says: it is rounded to the last digit that is written."""
    facts.add(share, "cper:borne", f"{BOUND}arrondi")
    facts.add(share, "cper:contrat", facts.contract)
    facts.add(share, "cper:pourcentage", number(found.value))
    facts.add(share, "cper:precision", number(found.step))
    facts.add(share, "cper:valeurPubliee", fr(found.published))
    facts.add(share, "qb:dataSet", f"{ID}jeu/{facts.slug}-{dataset}")
    facts.add(share, "sdmx-attribute:obsStatus", "sdmx-code:obsStatus-A")


def add_amounts(facts: Facts, records: list[Record]) -> None:
    """Describe the commitments, the shares of the funders, and the envelope."""
    for record in records:
        if record.text("objet") == "Enveloppe":
            _envelope(facts, record)
        else:
            _commitment(facts, record)


def _amount(facts: Facts, iri: str, record: Record, dataset: str) -> Figure:
    """Add what a commitment and an envelope have in common; return the figure."""
    found = record.get("montant", Figure)
    assert found is not None  # noqa: S101 - a column that is required, in a workbook without faults
    facts.add(iri, "cper:borne", record.text("nature"))
    facts.add(iri, "cper:contrat", facts.contract)
    facts.add(iri, "cper:perimetre", record.text("perimetre"))
    facts.add(iri, "cper:valeurPubliee", fr(found.published))
    facts.add(iri, "obeu-attribute:currency", EURO)
    facts.add(iri, "qb:dataSet", f"{ID}jeu/{facts.slug}-{dataset}")
    facts.add(iri, "sdmx-attribute:obsStatus", "sdmx-code:obsStatus-A")
    if record.text("note"):
        facts.add(iri, "skos:note", fr(record.text("note")))
    return found


def _commitment(facts: Facts, record: Record) -> None:
    funder = record.text("financeur")
    key = funder.rpartition("/")[2]
    french, english = _NAMES.get(key, (key, key))
    iri = f"{facts.contract}/engagement/{key}"
    facts.describe("contracts", iri, record.place, "cper:Engagement qb:Observation",
                   (f"Engagement : {french}", f"Commitment: {english}"))  # fmt: skip
    found = _amount(facts, iri, record, "engagements")
    facts.add(facts.contract, "cper:engagement", iri)
    facts.add(iri, "cper:financeur", funder)
    facts.add(iri, "obeu-measure:amount", number(found.value))
    if record.text("nature") == f"{BOUND}arrondi":
        facts.add(iri, "cper:precision", number(step(record, found)))
    facts.state(f"engagement-{key}", record.text("citation"), (iri,),
                "cper:financeur cper:valeurPubliee obeu-measure:amount",
                (f"engagement : {french}", f"commitment: {english}"), record.at("citation"))  # fmt: skip
    if share := record.get("part", Figure):
        part = f"{facts.contract}/part/{key}"
        facts.describe("contracts", part, record.at("part"), "cper:Part qb:Observation",
                       (f"Part : {french}", f"Share: {english}"))  # fmt: skip
        facts.add(part, "cper:financeur", funder)
        facts.add(iri, "cper:part", part)
        _share(facts, part, share, "parts-par-financeur")
        facts.state(f"part-{key}", record.text("citation"), (part,), "cper:pourcentage cper:valeurPubliee",
                    (f"part : {french}", f"share: {english}"), record.at("citation"))  # fmt: skip


def _envelope(facts: Facts, record: Record) -> None:
    iri, attests = f"{facts.contract}/enveloppe", "cper:borne cper:minimum cper:perimetre cper:valeurPubliee"
    facts.describe("contracts", iri, record.place, "cper:Enveloppe qb:Observation",
                   ("Enveloppe annoncée", "Announced envelope"))  # fmt: skip
    facts.add(iri, "cper:minimum", number(_amount(facts, iri, record, "enveloppe").value))
    facts.add(facts.contract, "cper:enveloppe", iri)
    if years := record.whole("duree"):
        facts.add(iri, "schema:duration", Literal(f"P{years}Y", datatype=node(XSD + "duration")))
        attests += " schema:duration"
    facts.state("enveloppe", record.text("citation"), (iri,), attests,
                ("enveloppe annoncée", "announced envelope"), record.at("citation"))  # fmt: skip


def step(record: Record, found: Figure) -> Decimal:
    """Return to what a rounded amount is rounded: what the row says, else the step of its writing."""
    return record.get("pas", Decimal) or found.step
