"""What is computed from the figures of a contract, kept apart: their sum, and what each axis has of it."""

from collections.abc import Sequence
from decimal import Decimal

from cper_lod.importing.contracts.figures import BOUND, step
from cper_lod.importing.contracts.quoted import Figure
from cper_lod.importing.contracts.records import Book, Record
from cper_lod.importing.contracts.triples import EURO, ID, Facts, en, fr, number


def derive(facts: Facts, book: Book) -> None:
    """Add the sum of the commitments, where there are several of one scope, and what each axis has of it.

    The amounts of the axes only where the workbook says that their shares are those of this sum.
    """
    rows = [(record, found) for record in book["montants"]
            if record.text("objet") == "Engagement" and (found := record.get("montant", Figure))]  # fmt: skip
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
    iri = _value(facts, "total", "total-derive", "total",
                 (f"Somme des {count} engagements publiés", f"Sum of the {count} published commitments"),
                 rows[0][0].text("perimetre"))  # fmt: skip
    off = sum((step(record, found) / 2 for record, found in rows if record.text("nature") == f"{BOUND}arrondi"),
              Decimal())  # fmt: skip
    _bounds(facts, iri, total - off, total, total + off)
    facts.add(iri, "cper:hypothese",
              fr("Un montant arrondi l'est au pas de son écriture, ou au pas dit."),
              en("A rounded amount is so to the step of its writing, or to the step said."))  # fmt: skip
    sources = [f"{facts.contract}/engagement/{record.text('financeur').rpartition('/')[2]}" for record, _ in rows]
    facts.add(iri, "prov:wasDerivedFrom", *sources)
    facts.add(facts.contract, "cper:valeurDerivee", iri)
    terms = " + ".join(f"{found.value:f}" for _, found in rows)
    _calculation(facts, "total", ("Addition des engagements publiés", "Addition of the published commitments"),
                 (f"{terms} = {total:f} euros ; bornes : plus ou moins la moitié du pas de chaque montant arrondi.",
                  f"{terms} = {total:f} euros; bounds: plus or minus half the step of each rounded amount."),
                 sources)  # fmt: skip
    _dataset(facts, "total-derive", ("Total dérivé", "Derived total"))


def _by_axis(facts: Facts, axes: Sequence[Record], total: Decimal, scope: str) -> None:
    used = [f"{facts.contract}/derive/total"]
    for record in axes:
        found, name = record.get("part", Figure), record.whole("numero")
        if found is None:
            continue
        iri = _value(facts, f"axe-{name}", "montants-derives-par-axe", "montants-par-axe",
                     (f"Montant dérivé pour l'axe {name}", f"Derived amount for axis {name}"), scope)  # fmt: skip
        _bounds(
            facts, iri, *((found.value + off) * total / 100 for off in (-found.step / 2, Decimal(), found.step / 2))
        )
        facts.add(iri, "cper:axeConcerne", f"{facts.contract}/axe/{name}")
        facts.add(iri, "cper:hypothese",
                  fr(f"La part est lue comme celle de la somme des engagements publiés, {total:f} euros ;"
                     " les bornes viennent de l'arrondi de la part seule."),
                  en(f"The share is read as that of the sum of the published commitments, {total:f} euros;"
                     " the bounds come from the rounding of the share alone."))  # fmt: skip
        used.append(f"{facts.contract}/part/axe-{name}")
        facts.add(iri, "prov:wasDerivedFrom", used[0], used[-1])
        facts.add(f"{facts.contract}/axe/{name}", "cper:valeurDerivee", iri)
    _calculation(facts, "montants-par-axe",
                 ("Part de chaque axe appliquée au total dérivé", "Share of each axis applied to the derived total"),
                 (f"Montant = part × {total:f} euros.", f"Amount = share × {total:f} euros."), used)  # fmt: skip
    _dataset(facts, "montants-derives-par-axe", ("Montants dérivés par axe", "Derived amounts by axis"))
