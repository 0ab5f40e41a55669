"""The figures of a contract as RDF: shares, commitments, the envelope, and values derived from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from pyoxigraph import Literal

from cper_lod.core.namespaces import XSD
from cper_lod.core.text import folded
from cper_lod.importing.contracts.graph import EURO, ID, ContractGraph, decimal_literal, en, fr, node
from cper_lod.importing.contracts.model import Record, WorkbookRecords
from cper_lod.importing.contracts.parse_cells import QuotedNumber

BOUND_CODES: Final = f"{ID}code/nature-de-la-valeur/"
_PERCENT: Final = "http://qudt.org/vocab/unit/PERCENT"
_NAMES: Final = {
    "etat": ("État", "State"),
    "region": ("Région", "Region"),
    "autres-signataires": ("Autres signataires", "Other signatories"),
}


def add_share(graph: ContractGraph, axis: str, key: str, record: Record) -> None:
    """Describe the share of an axis, or state that it is missing and why."""
    share, name = f"{graph.contract}/part/{key}", record.number("numero")
    labels = (f"Part de l'axe {name}", f"Share of axis {name}")
    graph.describe("contracts", share, record.location_of("part"), "cper:Part qb:Observation", labels)
    graph.add(share, "cper:axeConcerne", axis)
    graph.add(axis, "cper:part", share)
    quotation, location = record.text("citation_part"), record.location_of("citation_part")
    if found := record.get("part", QuotedNumber):
        _share(graph, share, found, "parts-par-axe", "credits")
        graph.add_statement(
            f"part-{key}",
            quotation,
            (share,),
            "cper:pourcentage cper:valeurPubliee" + (" cper:partDe" if "credits" in folded(quotation) else ""),
            location,
        )
        return
    reason = record.text("motif")
    english = record.text("motif_en") or f"The source gives no share; reason, in French: {reason}"
    graph.add(share, "cper:contrat", graph.contract)
    graph.add(share, "cper:motif", fr(reason), en(english))
    graph.add(share, "qb:dataSet", f"{ID}cube/{graph.slug}-parts-par-axe")
    graph.add(share, "sdmx-attribute:obsStatus", "sdmx-code:obsStatus-M")
    graph.add_statement(
        f"part-{key}",
        quotation,
        (share,),
        "cper:axeConcerne cper:motif",
        location,
    )


def _share(graph: ContractGraph, share: str, share_value: QuotedNumber, dataset: str, whole: str) -> None:
    """Add the properties of a published share of a whole (the code of a denominator), rounded to its last written digit."""
    graph.add(share, "cper:natureDeLaValeur", f"{BOUND_CODES}arrondi")
    graph.add(share, "cper:contrat", graph.contract)
    graph.add(share, "cper:partDe", f"{ID}code/denominateur/{whole}")
    graph.add(share, "cper:pourcentage", decimal_literal(share_value.value))
    graph.add(share, "cper:precision", decimal_literal(share_value.step))
    graph.add(share, "cper:valeurPubliee", fr(share_value.published))
    graph.add(share, "qb:dataSet", f"{ID}cube/{graph.slug}-{dataset}")
    graph.add(share, "sdmx-attribute:obsStatus", "sdmx-code:obsStatus-A")
    graph.add(share, "sdmx-attribute:unitMeasure", _PERCENT)


def add_amounts(graph: ContractGraph, records: list[Record]) -> None:
    """Describe the commitments, the shares of the funders, and the envelope."""
    for record in records:
        if record.text("objet") == "Enveloppe":
            _envelope(graph, record)
        else:
            _commitment(graph, record)


def _amount(graph: ContractGraph, iri: str, record: Record, dataset: str) -> QuotedNumber:
    """Add the properties that commitments and envelopes share; return the amount."""
    found = record.get("montant", QuotedNumber)
    assert found is not None  # noqa: S101 - a column that is required, in a workbook without faults
    graph.add(iri, "cper:natureDeLaValeur", record.text("nature"))
    graph.add(iri, "cper:contrat", graph.contract)
    graph.add(iri, "cper:perimetre", record.text("perimetre"))
    graph.add(iri, "cper:valeurPubliee", fr(found.published))
    graph.add(iri, "obeu-attribute:currency", EURO)
    graph.add(iri, "qb:dataSet", f"{ID}cube/{graph.slug}-{dataset}")
    graph.add(iri, "sdmx-attribute:obsStatus", "sdmx-code:obsStatus-A")
    if record.text("note"):
        graph.add(iri, "skos:note", fr(record.text("note")))
    return found


def _commitment(graph: ContractGraph, record: Record) -> None:
    funder = record.text("financeur")
    key = funder.rpartition("/")[2]
    french, english = _NAMES.get(key, (key, key))
    iri = f"{graph.contract}/engagement/{key}"
    graph.describe(
        "contracts",
        iri,
        record.location,
        "cper:Engagement qb:Observation",
        (f"Engagement : {french}", f"Commitment: {english}"),
    )
    found = _amount(graph, iri, record, "engagements")
    graph.add(graph.contract, "cper:engagement", iri)
    graph.add(iri, "cper:financeur", funder)
    graph.add(iri, "obeu-measure:amount", decimal_literal(found.value))
    if record.text("nature") == f"{BOUND_CODES}arrondi":
        graph.add(iri, "cper:precision", decimal_literal(rounding_step(record, found)))
    graph.add_statement(
        f"engagement-{key}",
        record.text("citation"),
        (iri,),
        "cper:financeur cper:valeurPubliee obeu-measure:amount",
        record.location_of("citation"),
    )
    if share := record.get("part", QuotedNumber):
        part = f"{graph.contract}/part/{key}"
        graph.describe(
            "contracts",
            part,
            record.location_of("part"),
            "cper:Part qb:Observation",
            (f"Part : {french}", f"Share: {english}"),
        )
        graph.add(part, "cper:financeur", funder)
        graph.add(part, "cper:perimetre", record.text("perimetre"))
        graph.add(iri, "cper:part", part)
        _share(graph, part, share, "parts-par-financeur", "engagements")
        graph.add_statement(
            f"part-{key}",
            record.text("citation"),
            (part,),
            "cper:pourcentage cper:valeurPubliee",
            record.location_of("citation"),
        )


def _envelope(graph: ContractGraph, record: Record) -> None:
    iri, attests = f"{graph.contract}/enveloppe", "cper:minimum cper:valeurPubliee"
    graph.describe(
        "contracts", iri, record.location, "cper:Enveloppe qb:Observation", ("Enveloppe annoncée", "Announced envelope")
    )
    amount = _amount(graph, iri, record, "enveloppe")
    graph.add(iri, "cper:minimum", decimal_literal(amount.value))
    # Words say « plus de » and « hors mobilités »; that an amount is rounded, or counts everything, they do not say.
    if amount.is_lower_bound:
        attests += " cper:natureDeLaValeur"
    if not record.text("perimetre").endswith("/total"):
        attests += " cper:perimetre"
    graph.add(graph.contract, "cper:enveloppe", iri)
    if years := record.number("duree"):
        graph.add(iri, "schema:duration", Literal(f"P{years}Y", datatype=node(XSD + "duration")))
        attests += " schema:duration"
    graph.add_statement(
        "enveloppe",
        record.text("citation"),
        (iri,),
        attests,
        record.location_of("citation"),
    )


def rounding_step(record: Record, amount: QuotedNumber) -> Decimal:
    """Return the rounding step of an amount: the one given in the row, else that of its last written digit."""
    return record.get("pas", Decimal) or amount.step


@dataclass(frozen=True)
class _Interval:
    """A number and the bounds that rounding leaves to it: the lower one may be reached, the upper one may not."""

    least: Decimal
    value: Decimal
    most: Decimal

    def __add__(self, other: Self) -> Self:
        return type(self)(self.least + other.least, self.value + other.value, self.most + other.most)

    def __mul__(self, other: Self) -> Self:
        return type(self)(self.least * other.least, self.value * other.value, self.most * other.most)


def _interval(value: Decimal, step: Decimal) -> _Interval:
    """Return a number that was rounded to a step (0 if it is exact)."""
    return _Interval(value - step / 2, value, value + step / 2)


def add_derived_values(graph: ContractGraph, records: WorkbookRecords) -> None:
    """Add the sum of the commitments, if there are several with one scope, and the amount of each axis.

    The amounts of the axes are added only if the workbook says that the shares are shares of this sum.
    """
    rows = [
        (record, found)
        for record in records["montants"]
        if record.text("objet") == "Engagement" and (found := record.get("montant", QuotedNumber))
    ]
    if len(rows) < 2 or len({record.text("perimetre") for record, _ in rows}) > 1:
        return
    total = _total(graph, rows)
    axes = [record for record in records["axes"] if record.get("part", QuotedNumber)]
    if axes and records["contrat"][0].text("parts_de_la_somme") == "oui":
        _by_axis(graph, axes, total)


def _value(
    graph: ContractGraph, key: str, dataset: str, calculation: str, labels: tuple[str, str], amount: _Interval
) -> str:
    """Describe a derived value with its bounds; return its IRI."""
    iri = f"{graph.contract}/derive/{key}"
    graph.describe("derived", iri, graph.locations[graph.contract], "cper:ValeurDerivee qb:Observation", labels)
    graph.add(iri, "cper:borneInferieure", decimal_literal(amount.least))
    graph.add(iri, "cper:borneSuperieure", decimal_literal(amount.most))
    graph.add(iri, "cper:contrat", graph.contract)
    graph.add(iri, "cper:montantDerive", decimal_literal(amount.value))
    graph.add(iri, "obeu-attribute:currency", EURO)
    graph.add(iri, "prov:wasGeneratedBy", f"{graph.contract}/calcul/{calculation}")
    graph.add(iri, "qb:dataSet", f"{ID}cube/{graph.slug}-{dataset}")
    return iri


def _calculation(
    graph: ContractGraph, key: str, labels: tuple[str, str], descriptions: tuple[str, str], used: Sequence[str]
) -> None:
    iri = f"{graph.contract}/calcul/{key}"
    graph.describe("derived", iri, graph.locations[graph.contract], "prov:Activity", labels)
    graph.add(iri, "dct:description", fr(descriptions[0]), en(descriptions[1]))
    graph.add(iri, "prov:used", *used)


def _dataset(graph: ContractGraph, key: str, labels: tuple[str, str]) -> None:
    iri = f"{ID}cube/{graph.slug}-{key}"
    graph.describe("derived", iri, graph.locations[graph.contract], "qb:DataSet", labels)
    graph.add(iri, "cper:contrat", graph.contract)
    graph.add(iri, "qb:structure", f"{ID}structure/{key}")


def _total(graph: ContractGraph, rows: Sequence[tuple[Record, QuotedNumber]]) -> _Interval:
    """Add the sum of commitments that have one scope, and return it."""
    total = _interval(Decimal(), Decimal())
    for record, found in rows:
        rounded = record.text("nature") == f"{BOUND_CODES}arrondi"
        total += _interval(found.value, rounding_step(record, found) if rounded else Decimal())
    count = len(rows)
    iri = _value(
        graph,
        "total",
        "total-derive",
        "total",
        (f"Somme des {count} engagements publiés", f"Sum of the {count} published commitments"),
        total,
    )
    graph.add(iri, "cper:perimetre", rows[0][0].text("perimetre"))
    graph.add(
        iri,
        "cper:hypothese",
        fr("Chaque montant arrondi l'est à son dernier chiffre écrit, ou au pas indiqué."),
        en("Each rounded amount is rounded to its last written digit, or to the step given."),
    )
    sources = [f"{graph.contract}/engagement/{record.text('financeur').rpartition('/')[2]}" for record, _ in rows]
    graph.add(iri, "prov:wasDerivedFrom", *sources)
    graph.add(graph.contract, "cper:valeurDerivee", iri)
    terms = " + ".join(f"{found.value:f}" for _, found in rows)
    _calculation(
        graph,
        "total",
        ("Addition des engagements publiés", "Addition of the published commitments"),
        (
            f"{terms} = {total.value:f} euros ; bornes : plus ou moins la moitié du pas de chaque montant arrondi.",
            f"{terms} = {total.value:f} euros; bounds: plus or minus half the step of each rounded amount.",
        ),
        sources,
    )
    _dataset(graph, "total-derive", ("Total dérivé", "Derived total"))
    return total


def _by_axis(graph: ContractGraph, axes: Sequence[Record], total: _Interval) -> None:
    """Add the amount of each axis. No scope is stated: that of the total is part of the assumption."""
    used = [f"{graph.contract}/derive/total"]
    for record in axes:
        found, name = record.get("part", QuotedNumber), record.number("numero")
        if found is None:
            continue
        iri = _value(
            graph,
            f"axe-{name}",
            "montants-derives-par-axe",
            "montants-par-axe",
            (f"Montant dérivé pour l'axe {name}", f"Derived amount for axis {name}"),
            _interval(found.value / 100, found.step / 100) * total,
        )
        graph.add(iri, "cper:axeConcerne", f"{graph.contract}/axe/{name}")
        euros = f"{total.value:,.0f}"
        graph.add(
            iri,
            "cper:hypothese",
            fr(
                f"La part est lue comme une part de la somme des engagements publiés, {euros.replace(',', ' ')} euros."
                " Les bornes tiennent compte de l'arrondi de la part et de celui des montants."
            ),
            en(
                f"The share is read as a share of the sum of the published commitments, {euros} euros."
                " The bounds account for the rounding of the share and for that of the amounts."
            ),
        )
        used.append(f"{graph.contract}/part/axe-{name}")
        graph.add(iri, "prov:wasDerivedFrom", used[0], used[-1])
        graph.add(f"{graph.contract}/axe/{name}", "cper:valeurDerivee", iri)
    _calculation(
        graph,
        "montants-par-axe",
        ("Part de chaque axe appliquée au total dérivé", "Share of each axis applied to the derived total"),
        (
            f"Montant = part × {total.value:f} euros ; bornes : le bas de la part × {total.least:f}, le haut × {total.most:f}.",
            f"Amount = share × {total.value:f} euros; bounds: the bottom of the share × {total.least:f}, its top × {total.most:f}.",
        ),
        used,
    )
    _dataset(graph, "montants-derives-par-axe", ("Montants dérivés par axe", "Derived amounts by axis"))
