"""The figures of a contract as RDF: shares, commitments, the envelope, and values derived from them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import mul
from typing import Final

from pyoxigraph import Literal

from cper_lod.core.formatting import cardinal
from cper_lod.core.namespaces import XSD
from cper_lod.core.text import folded, lowered
from cper_lod.importing.contracts.graph import (
    EURO,
    ID,
    ContractGraph,
    Labels,
    decimal_literal,
    fr,
    literals,
    node,
    words,
)
from cper_lod.importing.contracts.model import Record, WorkbookRecords
from cper_lod.importing.contracts.parse_cells import QuotedNumber

BOUND_CODES: Final = f"{ID}code/nature-de-la-valeur/"
_PERCENT: Final = "http://qudt.org/vocab/unit/PERCENT"


def add_share(graph: ContractGraph, axis: str, key: str, record: Record, named: bool) -> None:
    """Describe the share of an axis, or state that it is missing and why; `named`: the quotation names the axis."""
    share, labels = f"{graph.contract}/part/{key}", words("share-of-axis", axis=record.number("numero"))
    graph.describe_part("contracts", share, record.location_of("part"), "cper:Part qb:Observation", labels)
    graph.add(share, "cper:axeConcerne", axis)
    graph.add(axis, "cper:part", share)
    attests = "cper:axeConcerne " if named else ""
    if found := record.get("part", QuotedNumber):
        _share(graph, share, found, "parts-par-axe", "credits")
        attests += "cper:pourcentage cper:valeurPubliee"
        if "credits" in folded(record.text("citation_part")):
            attests += " cper:partDe"
    else:
        french, english = words("reason", reason=record.text("motif"))
        graph.add(share, "cper:motif", *literals((french, record.text("motif_en") or english)))
        graph.add(share, "qb:dataSet", f"{ID}cube/{graph.slug}-parts-par-axe")
        graph.add(share, "sdmx-attribute:obsStatus", "sdmx-code:obsStatus-M")
        attests = "cper:axeConcerne cper:motif"
    graph.quote(record, "citation_part", f"part-{key}", share, attests)


def _share(graph: ContractGraph, share: str, share_value: QuotedNumber, dataset: str, whole: str) -> None:
    """Add the properties of a published share of a whole (the code of a denominator), rounded to its last written digit."""
    graph.add(share, "cper:natureDeLaValeur", f"{BOUND_CODES}arrondi")
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
    return words("scope", scope=(french, english))


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
    more = scope_words(graph.codes, scope) if suffix else ("", "")
    french, english = (name + after for name, after in zip(funder_names(graph.codes, record), more, strict=True))
    iri, labels = f"{graph.contract}/engagement/{key}", words("commitment", funder=(french, english))
    graph.describe_part("contracts", iri, record.location, "cper:Engagement qb:Observation", labels)
    found = _amount(graph, iri, record, f"engagements{suffix}")
    graph.add(graph.contract, "cper:engagement", iri)
    graph.add(iri, "cper:financeur", funder)
    graph.add(iri, "obeu-measure:amount", decimal_literal(found.value))
    if record.text("nature") == f"{BOUND_CODES}arrondi":
        graph.add(iri, "cper:precision", decimal_literal(rounding_step(record, found)))
    attests = "cper:financeur cper:valeurPubliee obeu-measure:amount"
    attests += graph.add_texts(iri, "dct:description", record, "description")
    graph.quote(record, "citation", f"engagement-{key}", iri, attests)
    if share := record.get("part", QuotedNumber):
        part, labels = f"{graph.contract}/part/{key}", words("share", funder=(french, english))
        graph.describe_part("contracts", part, record.location_of("part"), "cper:Part qb:Observation", labels)
        graph.add(part, "cper:financeur", funder)
        graph.add(part, "cper:perimetre", scope)
        graph.add(iri, "cper:part", part)
        _share(graph, part, share, f"parts-par-financeur{suffix}", "engagements")
        graph.quote(
            record, "citation", f"part-{key}", part, "cper:financeur cper:pourcentage cper:valeurPubliee", index=1
        )


def _envelope(graph: ContractGraph, record: Record) -> None:
    iri, attests = f"{graph.contract}/enveloppe", "cper:minimum cper:valeurPubliee"
    labels = words("envelope", scope=_left_out(graph.codes, record.text("perimetre")))
    graph.describe_part("contracts", iri, record.location, "cper:Enveloppe qb:Observation", labels)
    amount = _amount(graph, iri, record, "enveloppe")
    graph.add(iri, "cper:minimum", decimal_literal(amount.value))
    # Words say « plus de » and « hors mobilités »; that an amount is rounded, or counts everything, they do not say.
    if amount.is_lower_bound:
        attests += " cper:natureDeLaValeur"
    if not record.text("perimetre").endswith("/total"):
        attests += " cper:perimetre"
    graph.add(graph.contract, "cper:enveloppe", iri)
    attests += graph.add_texts(iri, "dct:description", record, "description")
    if years := record.number("duree"):
        graph.add(iri, "schema:duration", Literal(f"P{years}Y", datatype=node(XSD + "duration")))
        attests += " schema:duration"
    graph.quote(record, "citation", "enveloppe", iri, attests)


def _left_out(codes: Mapping[str, Labels], scope: str) -> Labels:
    """Return what a scope leaves out, in words."""
    return ("", "") if scope.endswith("/total") else scope_words(codes, scope)


def rounding_step(record: Record, amount: QuotedNumber) -> Decimal:
    """Return the rounding step of an amount: the one given in the row, else that of its last written digit."""
    return record.get("pas", Decimal) or amount.step


_Interval = tuple[Decimal, Decimal, Decimal]
"""A number between the bounds that rounding leaves to it: the lower one may be reached, the upper one may not."""


def _interval(value: Decimal, step: Decimal) -> _Interval:
    """Return a number that was rounded to a step (0 if it is exact)."""
    return value - step / 2, value, value + step / 2


def add_dataset(graph: ContractGraph, file: str, key: str, title: str, suffix: str = "") -> None:
    """Describe the dataset of one kind of figures; `suffix` is what its IRI ends with: a scope (`_scope_suffix`)."""
    iri = f"{ID}cube/{graph.slug}-{key}{suffix}"
    scope = scope_words(graph.codes, f"{ID}code/perimetre/{suffix[1:]}") if suffix else ""
    labels = words("dataset", name=words(key), scope=scope, title=title)
    graph.describe_part(file, iri, graph.locations[graph.contract], "qb:DataSet", labels)
    graph.add(iri, "qb:structure", f"{ID}structure/{key}")


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


def _value(graph: ContractGraph, key: str, dataset: str, calculation: str, labels: Labels, amount: _Interval) -> str:
    """Describe a derived value with its bounds; return its IRI."""
    iri = f"{graph.contract}/derive/{key}"
    location = graph.locations[graph.contract]
    graph.describe_part("derived", iri, location, "cper:ValeurDerivee qb:Observation", labels)
    least, value, most = map(decimal_literal, amount)
    graph.add(iri, "cper:borneInferieure", least)
    graph.add(iri, "cper:borneSuperieure", most)
    graph.add(iri, "cper:montantDerive", value)
    graph.add(iri, "obeu-attribute:currency", EURO)
    graph.add(iri, "prov:wasGeneratedBy", f"{graph.contract}/calcul/{calculation}")
    graph.add(iri, "qb:dataSet", f"{ID}cube/{graph.slug}-{dataset}")
    return iri


def _calculation(graph: ContractGraph, key: str, labels: Labels, descriptions: Labels, used: Sequence[str]) -> None:
    iri = f"{graph.contract}/calcul/{key}"
    graph.describe("derived", iri, graph.locations[graph.contract], "prov:Activity", labels)
    graph.add(iri, "dct:description", *literals(descriptions))
    graph.add(iri, "prov:used", *used)


def _count(rows: Sequence[object]) -> Labels:
    """Return how many there are in words, in figures if there are many."""
    return cardinal(len(rows), "fr"), cardinal(len(rows), "en")


def _number(value: Decimal) -> Labels:
    """Return a number in French and in English.

    >>> _number(Decimal("2755.5"))
    ('2 755,5', '2,755.5')
    """
    english = f"{value.normalize():,f}"
    return english.replace(",", " ").replace(".", ","), english


def _money(value: Decimal, million: str = "m") -> Labels:
    """Return an amount in millions of euros if it is one, else in euros.

    >>> _money(Decimal(2755500000)), _money(Decimal(1234), "million")
    (('2 755,5 M€', 'EUR 2,755.5 m'), ('1 234 euros', 'EUR 1,234'))
    """
    if value % 100_000:
        return words("euros", number=_number(value))
    return words("millions", number=_number(value / 10**6), million=million)


def _total(graph: ContractGraph, rows: Sequence[tuple[Record, QuotedNumber]], title: str, scope: Labels) -> _Interval:
    """Add the sum of commitments that have one scope, and return it; `scope` tells it from other sums, in words."""
    steps = [
        rounding_step(record, found) if record.text("nature") == f"{BOUND_CODES}arrondi" else Decimal()
        for record, found in rows
    ]
    amounts = [_interval(found.value, step) for (_, found), step in zip(rows, steps, strict=True)]
    least, value, most = (sum(each, Decimal()) for each in zip(*amounts, strict=True))
    total = least, value, most
    count = _count(rows)
    iri = _value(graph, "total", "total-derive", "total", words("total", count=count, scope=scope), total)
    scopes = [rows[0][0].text("perimetre")]
    graph.add(iri, "cper:perimetre", scopes[0])
    rounded = "rounded-to-millions" if set(steps) == {Decimal(10**6)} else "rounded-to-digits"
    graph.add(iri, "cper:hypothese", *literals(words(rounded, count=count)))
    sources = [f"{graph.contract}/engagement/{commitment_key(record, scopes)}" for record, _ in rows]
    graph.add(iri, "prov:wasDerivedFrom", *sources)
    graph.add(graph.contract, "cper:valeurDerivee", iri)
    bounds = words("bounds-alike" if len(set(steps)) == 1 else "bounds-by-step", half=_money(steps[0] / 2))
    terms = tuple(map(" + ".join, zip(*(_money(found.value) for _, found in rows), strict=True)))
    done = words("addition-done", terms=terms, result=_money(value), bounds=bounds)
    _calculation(graph, "total", words("addition"), done, sources)
    add_dataset(graph, "derived", "total-derive", title)
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
    french, english = _left_out(graph.codes, rows[0][0].text("perimetre"))
    sum_ = {"count": _count(rows), "whole": _money(total[1], "million"), "scope": (french.replace(",", ""), english)}
    found = [each for record in axes if (each := record.get("part", QuotedNumber))]
    for record, share in zip(axes, found, strict=True):
        name = record.number("numero")
        least, value, most = map(mul, _interval(share.value / 100, share.step / 100), total)
        labels = words("amount-of-axis", axis=name)
        iri = _value(graph, f"axe-{name}", "montants-derives-par-axe", "montants-par-axe", labels, (least, value, most))
        graph.add(iri, "cper:axeConcerne", f"{graph.contract}/axe/{name}")
        quoted = "des credits" in folded(record.text("citation_part"))
        read_as = words("read-as", sum=words("of-the-funds" if quoted else "of-a-sum"), **sum_)
        graph.add(iri, "cper:hypothese", *literals(read_as))
        used.append(f"{graph.contract}/part/axe-{name}")
        graph.add(iri, "prov:wasDerivedFrom", used[0], used[-1])
        graph.add(f"{graph.contract}/axe/{name}", "cper:valeurDerivee", iri)
    bottom, first, top = _interval(found[0].value, found[0].step)
    done = words(
        "shares-applied-done",
        share=_number(first),
        bottom=_number(bottom),
        top=_number(top),
        result=_money(total[1]),
        least=_money(total[0]),
        most=_money(total[2]),
    )
    _calculation(graph, "montants-par-axe", words("shares-applied"), done, used)
    add_dataset(graph, "derived", "montants-derives-par-axe", title)
