"""The figures of a contract as triples: shares that are published or missing, commitments, the envelope."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal

from cper_lod.core.namespaces import XSD
from cper_lod.importing.contracts.model import Book, Record
from cper_lod.importing.contracts.graph import EURO, ID, Facts, en, fr, node, number
from cper_lod.importing.contracts.parse_cells import Figure

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
        facts.state(
            f"part-{key}",
            words,
            (share,),
            "cper:pourcentage cper:valeurPubliee",
            (f"part de l'axe {name}", f"share of axis {name}"),
            place,
        )
        return
    reason = record.text("motif")
    english = record.text("motif_en") or f"The source gives no share for axis {name}; reason, in French: {reason}"
    facts.add(share, "cper:contrat", facts.contract)
    facts.add(share, "cper:motif", fr(reason), en(english))
    facts.add(share, "qb:dataSet", f"{ID}jeu/{facts.slug}-parts-par-axe")
    facts.add(share, "sdmx-attribute:obsStatus", "sdmx-code:obsStatus-M")
    facts.state(
        f"part-{key}",
        words,
        (share,),
        "cper:motif",
        (f"pas de part pour l'axe {name}", f"no share for axis {name}"),
        place,
    )


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
    facts.describe(
        "contracts",
        iri,
        record.place,
        "cper:Engagement qb:Observation",
        (f"Engagement : {french}", f"Commitment: {english}"),
    )
    found = _amount(facts, iri, record, "engagements")
    facts.add(facts.contract, "cper:engagement", iri)
    facts.add(iri, "cper:financeur", funder)
    facts.add(iri, "obeu-measure:amount", number(found.value))
    if record.text("nature") == f"{BOUND}arrondi":
        facts.add(iri, "cper:precision", number(step(record, found)))
    facts.state(
        f"engagement-{key}",
        record.text("citation"),
        (iri,),
        "cper:financeur cper:valeurPubliee obeu-measure:amount",
        (f"engagement : {french}", f"commitment: {english}"),
        record.at("citation"),
    )
    if share := record.get("part", Figure):
        part = f"{facts.contract}/part/{key}"
        facts.describe(
            "contracts", part, record.at("part"), "cper:Part qb:Observation", (f"Part : {french}", f"Share: {english}")
        )
        facts.add(part, "cper:financeur", funder)
        facts.add(iri, "cper:part", part)
        _share(facts, part, share, "parts-par-financeur")
        facts.state(
            f"part-{key}",
            record.text("citation"),
            (part,),
            "cper:pourcentage cper:valeurPubliee",
            (f"part : {french}", f"share: {english}"),
            record.at("citation"),
        )


def _envelope(facts: Facts, record: Record) -> None:
    iri, attests = f"{facts.contract}/enveloppe", "cper:borne cper:minimum cper:perimetre cper:valeurPubliee"
    facts.describe(
        "contracts", iri, record.place, "cper:Enveloppe qb:Observation", ("Enveloppe annoncée", "Announced envelope")
    )
    facts.add(iri, "cper:minimum", number(_amount(facts, iri, record, "enveloppe").value))
    facts.add(facts.contract, "cper:enveloppe", iri)
    if years := record.whole("duree"):
        facts.add(iri, "schema:duration", Literal(f"P{years}Y", datatype=node(XSD + "duration")))
        attests += " schema:duration"
    facts.state(
        "enveloppe",
        record.text("citation"),
        (iri,),
        attests,
        ("enveloppe annoncée", "announced envelope"),
        record.at("citation"),
    )


def step(record: Record, found: Figure) -> Decimal:
    """Return to what a rounded amount is rounded: what the row says, else the step of its writing."""
    return record.get("pas", Decimal) or found.step


def derive(facts: Facts, book: Book) -> None:
    """Add the sum of the commitments, where there are several of one scope, and what each axis has of it.

    The amounts of the axes only where the workbook says that their shares are those of this sum.
    """
    rows = [
        (record, found)
        for record in book["montants"]
        if record.text("objet") == "Engagement" and (found := record.get("montant", Figure))
    ]
    if len(rows) < 2 or len({record.text("perimetre") for record, _ in rows}) > 1:
        return
    total = sum((found.value for _, found in rows), Decimal())
    _total(facts, rows, total)
    axes = [record for record in book["axes"] if record.get("part", Figure)]
    if axes and book["contrat"][0].text("parts_de_la_somme") == "oui":
        _by_axis(facts, axes, total, rows[0][0].text("perimetre"))


def _value(facts: Facts, key: str, dataset: str, calculation: str, labels: tuple[str, str], scope: str) -> str:
    """Begin a derived value; return its IRI."""
    iri = f"{facts.contract}/derive/{key}"
    facts.describe("derived", iri, facts.origins[facts.contract], "cper:ValeurDerivee qb:Observation", labels)
    facts.add(iri, "cper:contrat", facts.contract)
    facts.add(iri, "cper:perimetre", scope)
    facts.add(iri, "obeu-attribute:currency", EURO)
    facts.add(iri, "prov:wasGeneratedBy", f"{facts.contract}/calcul/{calculation}")
    facts.add(iri, "qb:dataSet", f"{ID}jeu/{facts.slug}-{dataset}")
    return iri


def _calculation(facts: Facts, key: str, labels: tuple[str, str], how: tuple[str, str], used: Sequence[str]) -> None:
    iri = f"{facts.contract}/calcul/{key}"
    facts.describe("derived", iri, facts.origins[facts.contract], "prov:Activity", labels)
    facts.add(iri, "dct:description", fr(how[0]), en(how[1]))
    facts.add(iri, "prov:used", *used)


def _dataset(facts: Facts, key: str, labels: tuple[str, str]) -> None:
    iri = f"{ID}jeu/{facts.slug}-{key}"
    facts.describe("derived", iri, facts.origins[facts.contract], "qb:DataSet", labels)
    facts.add(iri, "cper:contrat", facts.contract)
    facts.add(iri, "qb:structure", f"{ID}structure/{key}")


def _bounds(facts: Facts, iri: str, least: Decimal, amount: Decimal, most: Decimal) -> None:
    facts.add(iri, "cper:minimum", number(least))
    facts.add(iri, "obeu-measure:amount", number(amount))
    facts.add(iri, "cper:maximum", number(most))


def _total(facts: Facts, rows: Sequence[tuple[Record, Figure]], total: Decimal) -> None:
    count = len(rows)
    iri = _value(
        facts,
        "total",
        "total-derive",
        "total",
        (f"Somme des {count} engagements publiés", f"Sum of the {count} published commitments"),
        rows[0][0].text("perimetre"),
    )
    off = sum(
        (step(record, found) / 2 for record, found in rows if record.text("nature") == f"{BOUND}arrondi"), Decimal()
    )
    _bounds(facts, iri, total - off, total, total + off)
    facts.add(
        iri,
        "cper:hypothese",
        fr("Un montant arrondi l'est au pas de son écriture, ou au pas dit."),
        en("A rounded amount is so to the step of its writing, or to the step said."),
    )
    sources = [f"{facts.contract}/engagement/{record.text('financeur').rpartition('/')[2]}" for record, _ in rows]
    facts.add(iri, "prov:wasDerivedFrom", *sources)
    facts.add(facts.contract, "cper:valeurDerivee", iri)
    terms = " + ".join(f"{found.value:f}" for _, found in rows)
    _calculation(
        facts,
        "total",
        ("Addition des engagements publiés", "Addition of the published commitments"),
        (
            f"{terms} = {total:f} euros ; bornes : plus ou moins la moitié du pas de chaque montant arrondi.",
            f"{terms} = {total:f} euros; bounds: plus or minus half the step of each rounded amount.",
        ),
        sources,
    )
    _dataset(facts, "total-derive", ("Total dérivé", "Derived total"))


def _by_axis(facts: Facts, axes: Sequence[Record], total: Decimal, scope: str) -> None:
    used = [f"{facts.contract}/derive/total"]
    for record in axes:
        found, name = record.get("part", Figure), record.whole("numero")
        if found is None:
            continue
        iri = _value(
            facts,
            f"axe-{name}",
            "montants-derives-par-axe",
            "montants-par-axe",
            (f"Montant dérivé pour l'axe {name}", f"Derived amount for axis {name}"),
            scope,
        )
        _bounds(
            facts, iri, *((found.value + off) * total / 100 for off in (-found.step / 2, Decimal(), found.step / 2))
        )
        facts.add(iri, "cper:axeConcerne", f"{facts.contract}/axe/{name}")
        facts.add(
            iri,
            "cper:hypothese",
            fr(
                f"La part est lue comme celle de la somme des engagements publiés, {total:f} euros ;"
                " les bornes viennent de l'arrondi de la part seule."
            ),
            en(
                f"The share is read as that of the sum of the published commitments, {total:f} euros;"
                " the bounds come from the rounding of the share alone."
            ),
        )
        used.append(f"{facts.contract}/part/axe-{name}")
        facts.add(iri, "prov:wasDerivedFrom", used[0], used[-1])
        facts.add(f"{facts.contract}/axe/{name}", "cper:valeurDerivee", iri)
    _calculation(
        facts,
        "montants-par-axe",
        ("Part de chaque axe appliquée au total dérivé", "Share of each axis applied to the derived total"),
        (f"Montant = part × {total:f} euros.", f"Amount = share × {total:f} euros."),
        used,
    )
    _dataset(facts, "montants-derives-par-axe", ("Montants dérivés par axe", "Derived amounts by axis"))
