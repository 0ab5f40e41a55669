"""The figures of a contract as RDF: shares, commitments, the envelope, and values derived from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from pyoxigraph import Literal

from cper_lod.core.formatting import cardinal
from cper_lod.core.namespaces import XSD
from cper_lod.core.text import folded, lowered
from cper_lod.importing.contracts.graph import EURO, ID, ContractGraph, Labels, decimal_literal, en, fr, node
from cper_lod.importing.contracts.model import Record, WorkbookRecords
from cper_lod.importing.contracts.parse_cells import QuotedNumber

BOUND_CODES: Final = f"{ID}code/nature-de-la-valeur/"
_PERCENT: Final = "http://qudt.org/vocab/unit/PERCENT"


def add_share(graph: ContractGraph, axis: str, key: str, record: Record, named: bool) -> None:
    """Describe the share of an axis, or state that it is missing and why; `named`: the quotation names the axis."""
    share, name = f"{graph.contract}/part/{key}", record.number("numero")
    labels = (f"Part de l'axe {name}", f"Share of axis {name}")
    graph.describe("contracts", share, record.location_of("part"), "cper:Part qb:Observation", labels)
    graph.add(share, "cper:axeConcerne", axis)
    graph.add(axis, "cper:part", share)
    attests = "cper:axeConcerne " if named else ""
    if found := record.get("part", QuotedNumber):
        _share(graph, share, found, "parts-par-axe", "credits")
        attests += "cper:pourcentage cper:valeurPubliee"
        if "credits" in folded(record.text("citation_part")):
            attests += " cper:partDe"
    else:
        reason = record.text("motif")
        english = record.text("motif_en") or default_reason(reason)
        graph.add(share, "cper:contrat", graph.contract)
        graph.add(share, "cper:motif", fr(reason), en(english))
        graph.add(share, "qb:dataSet", f"{ID}cube/{graph.slug}-parts-par-axe")
        graph.add(share, "sdmx-attribute:obsStatus", "sdmx-code:obsStatus-M")
        attests = "cper:axeConcerne cper:motif"
    graph.quote(record, "citation_part", f"part-{key}", (share,), attests)


def default_reason(reason: str) -> str:
    """Return the English reason of a missing share that is not translated."""
    return f"The source gives no share; reason, in French: {reason}"


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
    scopes = _scopes(records)
    for record in records:
        if record.text("objet") == "Enveloppe":
            _envelope(graph, record)
        else:
            _commitment(graph, record, scopes)


def _scopes(records: list[Record]) -> list[str]:
    """Return the scopes of the commitments, once each, in order."""
    return list(dict.fromkeys(record.text("perimetre") for record in records if record.text("objet") == "Engagement"))


def scope_words(codes: Mapping[str, Labels], scope: str) -> Labels:
    """Return the name of a scope, after a comma."""
    french, english = map(lowered, _code_names(codes, scope))
    return f", {french}", f", {english}"


def _code_names(codes: Mapping[str, Labels], iri: str) -> Labels:
    """Return the labels of a code, or the end of its IRI if it has none."""
    key = iri.rpartition("/")[2]
    return codes.get(iri, (key, key))


def _scope_suffix(scope: str, scopes: list[str]) -> str:
    """Return what the IRIs of a scope end with: nothing if it is that of the first commitment.

    Two amounts of one funder differ by their scope, which is no dimension: each scope has datasets of its own.
    """
    return "" if scope == scopes[0] else f"-{scope.rpartition('/')[2]}"


def commitment_key(record: Record, scopes: list[str]) -> str:
    """Return the end of the IRI of a commitment: its funder, and its scope unless it is that of the first commitment."""
    key = record.text("financeur").rpartition("/")[2] + _scope_suffix(record.text("perimetre"), scopes)
    return record.text("identifiant") or key


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
    graph.add_texts(iri, "skos:note", record, "note")
    return found


def funder_names(codes: Mapping[str, Labels], record: Record) -> Labels:
    """Return the name of the funder of a row."""
    french, english = _code_names(codes, record.text("financeur"))
    own = record.text("nom_du_financeur")
    return own or french, record.text("nom_du_financeur_en") or own or english


def _commitment(graph: ContractGraph, record: Record, scopes: list[str]) -> None:
    funder, key = record.text("financeur"), commitment_key(record, scopes)
    scope = record.text("perimetre")
    suffix = _scope_suffix(scope, scopes)
    words = scope_words(graph.codes, scope) if suffix else ("", "")
    french, english = (name + more for name, more in zip(funder_names(graph.codes, record), words, strict=True))
    iri = f"{graph.contract}/engagement/{key}"
    graph.describe(
        "contracts",
        iri,
        record.location,
        "cper:Engagement qb:Observation",
        (f"Engagement : {french}", f"Commitment: {english}"),
    )
    found = _amount(graph, iri, record, f"engagements{suffix}")
    graph.add(graph.contract, "cper:engagement", iri)
    graph.add(iri, "cper:financeur", funder)
    graph.add(iri, "obeu-measure:amount", decimal_literal(found.value))
    if record.text("nature") == f"{BOUND_CODES}arrondi":
        graph.add(iri, "cper:precision", decimal_literal(rounding_step(record, found)))
    attests = "cper:financeur cper:valeurPubliee obeu-measure:amount"
    if graph.add_texts(iri, "dct:description", record, "description"):
        attests += " dct:description"
    graph.quote(record, "citation", f"engagement-{key}", (iri,), attests)
    if share := record.get("part", QuotedNumber):
        part = f"{graph.contract}/part/{key}"
        labels = (f"Part : {french}", f"Share: {english}")
        graph.describe("contracts", part, record.location_of("part"), "cper:Part qb:Observation", labels)
        graph.add(part, "cper:financeur", funder)
        graph.add(part, "cper:perimetre", scope)
        graph.add(iri, "cper:part", part)
        _share(graph, part, share, f"parts-par-financeur{suffix}", "engagements")
        graph.quote(
            record, "citation", f"part-{key}", (part,), "cper:financeur cper:pourcentage cper:valeurPubliee", index=1
        )


def _envelope(graph: ContractGraph, record: Record) -> None:
    iri, attests = f"{graph.contract}/enveloppe", "cper:minimum cper:valeurPubliee"
    labels = _envelope_labels(graph.codes, record.text("perimetre"))
    graph.describe("contracts", iri, record.location, "cper:Enveloppe qb:Observation", labels)
    amount = _amount(graph, iri, record, "enveloppe")
    graph.add(iri, "cper:minimum", decimal_literal(amount.value))
    # Words say « plus de » and « hors mobilités »; that an amount is rounded, or counts everything, they do not say.
    if amount.is_lower_bound:
        attests += " cper:natureDeLaValeur"
    if not record.text("perimetre").endswith("/total"):
        attests += " cper:perimetre"
    graph.add(graph.contract, "cper:enveloppe", iri)
    if graph.add_texts(iri, "dct:description", record, "description"):
        attests += " dct:description"
    if years := record.number("duree"):
        graph.add(iri, "schema:duration", Literal(f"P{years}Y", datatype=node(XSD + "duration")))
        attests += " schema:duration"
    graph.quote(record, "citation", "enveloppe", (iri,), attests)


def _envelope_labels(codes: Mapping[str, Labels], scope: str) -> Labels:
    """Return the name of the envelope of a scope."""
    french, english = _left_out(codes, scope)
    return f"Enveloppe annoncée{french}", f"Announced envelope{english}"


def _left_out(codes: Mapping[str, Labels], scope: str) -> Labels:
    """Return what a scope leaves out, in words."""
    return ("", "") if scope.endswith("/total") else scope_words(codes, scope)


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
    """Add the sum of the commitments of the first scope, if there are several, and the amount of each axis.

    The amounts of the axes are added only if the workbook says that the shares are shares of this sum.
    """
    scopes = _scopes(records["montants"])
    rows = [
        (record, found)
        for record in records["montants"]
        if record.text("objet") == "Engagement"
        and record.text("perimetre") == scopes[0]
        and (found := record.get("montant", QuotedNumber))
    ]
    if len(rows) < 2:
        return
    form = records["contrat"][0]
    title = f"CPER {'-'.join(map(str, form.numbers('periode')))} {form.text('region')}"
    total = _total(graph, rows, title, scope_words(graph.codes, scopes[0]) if len(scopes) > 1 else ("", ""))
    axes = [record for record in records["axes"] if record.get("part", QuotedNumber)]
    if axes and form.text("parts_de_la_somme") == "oui":
        _by_axis(graph, axes, total, rows, title)


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


def _dataset(graph: ContractGraph, key: str, labels: tuple[str, str], title: str) -> None:
    iri = f"{ID}cube/{graph.slug}-{key}"
    french, english = labels
    location = graph.locations[graph.contract]
    graph.describe("derived", iri, location, "qb:DataSet", (f"{french}, {title}", f"{english}, {title}"))
    graph.add(iri, "cper:contrat", graph.contract)
    graph.add(iri, "qb:structure", f"{ID}structure/{key}")


def _count(number: int) -> tuple[str, str]:
    """Return a number in words, in figures if it is large, in French and in English."""
    return cardinal(number, "fr"), cardinal(number, "en")


def _number(value: Decimal) -> tuple[str, str]:
    """Return a number in French and in English.

    >>> _number(Decimal("2755.5"))
    ('2 755,5', '2,755.5')
    """
    english = f"{value.normalize():,f}"
    return english.replace(",", " ").replace(".", ","), english


def _money(value: Decimal, million: str = "m") -> tuple[str, str]:
    """Return an amount in millions of euros if it is one, else in euros.

    >>> _money(Decimal(2755500000)), _money(Decimal(1234), "million")
    (('2 755,5 M€', 'EUR 2,755.5 m'), ('1 234 euros', 'EUR 1,234'))
    """
    if value % 100_000:
        french, english = _number(value)
        return f"{french} euros", f"EUR {english}"
    french, english = _number(value / 10**6)
    return f"{french} M€", f"EUR {english} {million}"


def _total(
    graph: ContractGraph, rows: Sequence[tuple[Record, QuotedNumber]], title: str, scope: tuple[str, str]
) -> _Interval:
    """Add the sum of commitments that have one scope, and return it; `scope` tells it from other sums, in words."""
    total = _interval(Decimal(), Decimal())
    steps = [
        rounding_step(record, found) if record.text("nature") == f"{BOUND_CODES}arrondi" else Decimal()
        for record, found in rows
    ]
    for (_, found), step in zip(rows, steps, strict=True):
        total += _interval(found.value, step)
    count = _count(len(rows))
    iri = _value(
        graph,
        "total",
        "total-derive",
        "total",
        (
            f"Somme des {count[0]} engagements publiés{scope[0]}",
            f"Sum of the {count[1]} published commitments{scope[1]}",
        ),
        total,
    )
    scopes = [rows[0][0].text("perimetre")]
    graph.add(iri, "cper:perimetre", scopes[0])
    if set(steps) == {Decimal(10**6)}:
        assumption = (
            f"Les {count[0]} montants, donnés en millions d'euros, sont chacun arrondis au million.",
            f"The {count[1]} amounts, given in millions of euros, are each rounded to the million.",
        )
    else:
        assumption = (
            "Chaque montant arrondi l'est à son dernier chiffre écrit, ou au pas indiqué.",
            "Each rounded amount is rounded to its last written digit, or to the step given.",
        )
    graph.add(iri, "cper:hypothese", fr(assumption[0]), en(assumption[1]))
    sources = [f"{graph.contract}/engagement/{commitment_key(record, scopes)}" for record, _ in rows]
    graph.add(iri, "prov:wasDerivedFrom", *sources)
    graph.add(graph.contract, "cper:valeurDerivee", iri)
    half = _money(steps[0] / 2)
    bounds = (
        (f"plus ou moins {half[0]} par montant", f"plus or minus {half[1]} for each amount")
        if len(set(steps)) == 1
        else ("plus ou moins la moitié du pas de chaque montant", "plus or minus half the step of each amount")
    )
    terms = [_money(found.value) for _, found in rows]
    result = _money(total.value)
    _calculation(
        graph,
        "total",
        ("Addition des engagements publiés", "Addition of the published commitments"),
        (
            f"{' + '.join(term[0] for term in terms)} = {result[0]} ; bornes : {bounds[0]}.",
            f"{' + '.join(term[1] for term in terms)} = {result[1]}; bounds: {bounds[1]}.",
        ),
        sources,
    )
    _dataset(graph, "total-derive", ("Total dérivé", "Derived total"), title)
    return total


def _by_axis(
    graph: ContractGraph,
    axes: Sequence[Record],
    total: _Interval,
    rows: Sequence[tuple[Record, QuotedNumber]],
    title: str,
) -> None:
    """Add the amount of each axis. No scope is stated: that of the total is part of the assumption."""
    used = [f"{graph.contract}/derive/total"]
    count, whole, scope = (
        _count(len(rows)),
        _money(total.value, "million"),
        _left_out(graph.codes, rows[0][0].text("perimetre")),
    )
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
        quoted = "des credits" in folded(record.text("citation_part"))
        read = (
            ("« des crédits » est lu", "“des crédits” (of the funds) is read")
            if quoted
            else ("La part est lue", "The share is read")
        )
        of = ("", "") if quoted else (" une part de", " a share of")
        graph.add(
            iri,
            "cper:hypothese",
            fr(
                f"{read[0]} comme{of[0]} la somme des {count[0]} engagements publiés, {whole[0]}{scope[0].replace(',', '')} : la source ne le"
                " dit pas. Les bornes tiennent compte de l'arrondi de la part et de celui des montants."
            ),
            en(
                f"{read[1]} as{of[1]} the sum of the {count[1]} published commitments, {whole[1]}{scope[1]}: the source does"
                " not say so. The bounds account for the rounding of the share and for that of the amounts."
            ),
        )
        used.append(f"{graph.contract}/part/axe-{name}")
        graph.add(iri, "prov:wasDerivedFrom", used[0], used[-1])
        graph.add(f"{graph.contract}/axe/{name}", "cper:valeurDerivee", iri)
    first = axes[0].get("part", QuotedNumber)
    assert first is not None  # noqa: S101 - only axes with a share are given
    share, bottom, top = (_number(first.value + first.step / 2 * sign) for sign in (0, -1, 1))
    least, most = _money(total.least), _money(total.most)
    result = _money(total.value)
    _calculation(
        graph,
        "montants-par-axe",
        ("Part de chaque axe appliquée au total dérivé", "Share of each axis applied to the derived total"),
        (
            f"Montant = part × {result[0]}. Bornes : le bas de la part (« {share[0]} % » est au moins {bottom[0]} %) ×"
            f" {least[0]}, le haut de la part (moins de {top[0]} %) × {most[0]}.",
            f"Amount = share × {result[1]}. Bounds: the bottom of the share (“{share[1]} %” is at least {bottom[1]} %) ×"
            f" {least[1]}, the top of the share (less than {top[1]} %) × {most[1]}.",
        ),
        used,
    )
    labels = ("Montants dérivés par axe", "Derived amounts by axis")
    _dataset(graph, "montants-derives-par-axe", labels, title)
