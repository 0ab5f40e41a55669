"""Checks of a whole workbook: rows that contradict each other, beside what the rules of the check tell of any contract."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from cper_lod.core import french
from cper_lod.importing.contracts.figures import AMOUNT, SHARE
from cper_lod.importing.contracts.model import CellFinding, Record, WorkbookRecords
from cper_lod.importing.contracts.printed import Interval, Printed, interval
from cper_lod.importing.contracts.rows import text_kind
from cper_lod.importing.contracts.to_rdf import SIGNED

_SUBORDINATE: Final = ("partie_de", "diverge_de", "annees", "avenant")
"""What keeps a figure out of every comparison with the whole contract."""


def find_inconsistencies(records: WorkbookRecords) -> Iterator[CellFinding]:
    """Yield what the sheets say against each other; rows have their IRIs, and name others by them."""
    figures = {each.iri: each for each in records["chiffres"]}
    yield from _texts(records)
    yield from _units(figures)
    replaced = {iri for each in figures.values() for iri in each.items("remplace")}
    main = [each for iri, each in figures.items() if iri not in replaced and not {*_SUBORDINATE} & {*each.values}]
    yield from _same_cell(main)
    yield from _funders(main)


def _texts(records: WorkbookRecords) -> Iterator[CellFinding]:
    for record in records["avenants"]:
        if record.items("subdivisions") and text_kind(record) != "avenant":
            yield record.finding("subdivisions", "amendment-is-none")
    signed = [each for each in records["etapes"] if each.text("statut") == SIGNED and "texte" not in each.values]
    unread = any("statut" in each.unreadable for each in records["etapes"])
    if records["signataires"] and not signed and not unread:
        yield records["signataires"][0].finding("nom", "signing-missing")
    years = next((each.get("periode", tuple) for each in records["contrat"]), None)
    for record in records["contrat"]:
        if years and (named := french.spans(record.text("nom"))) and years not in named:
            yield record.finding("periode", "period-otherwise", severity="warning")
    for record in records["chiffres"]:
        if years and record.get("annees", tuple) == years:
            yield record.finding("annees", "years-same")


def _units(figures: Mapping[str, Record]) -> Iterator[CellFinding]:
    """Yield where a figure is a part of one in another unit."""
    for record in figures.values():
        for whole in (figures[each] for each in record.items("partie_de") if each in figures):
            if "unite" in record.values and "unite" in whole.values and record.text("unite") != whole.text("unite"):
                values = {"words": record.text("valeur"), "other": whole.text("valeur")}
                yield record.finding("partie_de", "units-differ", values)


def _same_cell(figures: Iterable[Record]) -> Iterator[CellFinding]:
    """Yield a finding for each amount or share that another row gives for the same thing, unrelated to it."""
    taken: dict[tuple[object, ...], Record] = {}
    for record in figures:
        if record.text("classe") in (AMOUNT, SHARE) and "nom" not in record.unreadable:  # else told as a row twice
            keys = ("classe", "type", "unite", "financeur", "subdivision", "perimetre")
            first = taken.setdefault(tuple(record.values.get(each, "") for each in keys), record)
            if first is not record:
                values = {"row": first.location.row, "words": first.text("valeur")}
                yield record.finding("valeur", "figure-double", values)


def _funders(figures: Iterable[Record]) -> Iterator[CellFinding]:
    """Yield where a funder pays more for one subdivision than in all, however both were rounded."""
    amounts = [each for each in figures if each.text("classe") == AMOUNT and "financeur" in each.values]
    totals = {
        (each.text("financeur"), each.text("perimetre")): each for each in amounts if "subdivision" not in each.values
    }
    for record in amounts:
        whole = totals.get((record.text("financeur"), record.text("perimetre")), record)
        part, most = _interval(record), _interval(whole)
        if part and most and part[0] > most[1]:
            yield record.finding("valeur", "funder-above", {"known": whole.text("valeur")})


def _interval(record: Record) -> Interval | None:
    """Return what a figure may be, None if it has no number."""
    printed = record.get("imprime", Printed)
    if not printed or printed.value is None:
        return None
    nature = record.text("lue").rpartition("/")[2]
    return interval(printed.value, nature, record.get("pas", Decimal) or Decimal())
