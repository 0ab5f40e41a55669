"""Checks of a whole workbook: rows that contradict each other. Nothing is compared unless the document relates it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Final

from cper_lod.core import french
from cper_lod.importing.contracts.figures import AMOUNT, MAX_SHARE, SHARE
from cper_lod.importing.contracts.model import CellFinding, Record, WorkbookRecords
from cper_lod.importing.contracts.printed import PERCENT, Interval, Printed, added, interval
from cper_lod.importing.contracts.rows import text_kind
from cper_lod.importing.contracts.to_rdf import SIGNED, breakdown

_SUBORDINATE: Final = ("partie_de", "diverge_de", "annees", "avenant")
"""What keeps a figure out of every comparison with the whole contract."""
_LINKS: Final = ("partie_de", "compose_de", "diverge_de", "remplace")


def find_inconsistencies(records: WorkbookRecords) -> Iterator[CellFinding]:
    """Yield what the sheets say against each other; rows have their IRIs, and name others by them."""
    figures = {each.iri: each for each in records["chiffres"]}
    yield from _texts(records)
    yield from _lists(records["subdivisions"])
    for key in ("partie_de", "diverge_de", "remplace"):
        yield from _circles(figures, key)
    yield from _circles({each.iri: each for each in records["subdivisions"]}, "sous")
    replaced = {iri for each in figures.values() for iri in each.items("remplace")}
    for record in figures.values():
        yield from _relations(record, figures)
    main = [each for iri, each in figures.items() if iri not in replaced and not {*_SUBORDINATE} & {*each.values}]
    yield from _same_cell(main)
    exclusive = {each.iri: breakdown("", each) for each in records["subdivisions"] if _is_exclusive(each, records)}
    yield from _shares(main, exclusive)
    yield from _funders(main, exclusive)


def _texts(records: WorkbookRecords) -> Iterator[CellFinding]:
    for record in records["documents"]:
        if not {"titre", "nom"} & {*record.values} | {"titre", "nom"} & record.unreadable:
            yield record.finding("titre", "cell-empty")
    kinds = {each.iri: text_kind(each) for each in records["avenants"]}
    for record in records["etapes"]:
        if any(kinds.get(each) == "cadre" for each in record.items("texte")):
            yield record.finding("texte", "step-of-frame")
    for record in records["chiffres"]:
        if any(kinds.get(each) != "avenant" for each in record.items("avenant")):
            yield record.finding("avenant", "amendment-is-none")
    for record in records["avenants"]:
        if record.items("subdivisions") and kinds[record.iri] != "avenant":
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


def _is_exclusive(subdivision: Record, records: WorkbookRecords) -> bool:
    same = [each for each in records["subdivisions"] if breakdown("", each) == breakdown("", subdivision)]
    return any(each.get("exclusif", bool) for each in same)


def _lists(records: list[Record]) -> Iterator[CellFinding]:
    said: dict[str, Record] = {}
    for record in records:
        if (answer := record.get("exclusif", bool)) is not None:
            first = said.setdefault(breakdown("", record), record)
            if first.get("exclusif", bool) != answer:
                yield record.finding("exclusif", "exclusive-differs", {"row": first.location.row})


def _circles(rows: Mapping[str, Record], key: str) -> Iterator[CellFinding]:
    """Yield a finding at the first row of a circle of rows that name each other in a column, if there is one.

    That a row is composed of others says of each of them that it is a part of the row.
    """
    named = {iri: [*record.items(key)] for iri, record in rows.items()}
    for whole, record in rows.items() if key == "partie_de" else ():
        for part in record.items("compose_de"):
            named[part] = [*named.get(part, ()), whole]
    try:
        TopologicalSorter(named).prepare()
    except CycleError as error:
        circle = error.args[1][::-1]
        first = next(record for iri, record in rows.items() if iri in circle)
        names = " → ".join(rows[each].text("nom") for each in circle)
        yield first.finding(key if key in first.values else "compose_de", "row-circle", {"names": names})


def _interval(record: Record) -> Interval | None:
    """Return what a figure may be, None if it has no number."""
    printed = record.get("imprime", Printed)
    if not printed or printed.value is None:
        return None
    nature = record.text("lue").rpartition("/")[2]
    return interval(printed.value, nature, record.get("pas", Decimal) or Decimal())


def _above(one: Interval | None, other: Interval | None) -> bool:
    """Return whether a figure is greater than another one however both were rounded."""
    return bool(one and other and one[0] > other[1])


def _relations(record: Record, figures: Mapping[str, Record]) -> Iterator[CellFinding]:
    """Yield where a figure does not fit the rows that it names."""
    mine, words = _interval(record), record.text("valeur")
    for key in _LINKS:
        for other in (figures[each] for each in record.items(key) if each in figures):
            if "unite" in record.values and "unite" in other.values and record.text("unite") != other.text("unite"):
                yield record.finding(key, "units-differ", {"words": words, "other": other.text("valeur")})
            elif key == "partie_de" and _above(mine, _interval(other)):
                yield record.finding(
                    key, "part-above", {"words": words, "whole": other.text("valeur"), "name": other.text("nom")}
                )
            elif key == "diverge_de" and words and _same_value(record, other):
                yield record.finding(key, "rival-same", {"words": words, "name": other.text("nom")})
    parts = [_interval(figures[each]) for each in record.items("compose_de") if each in figures]
    if mine and parts and all(parts):
        total = added(each for each in parts if each)
        texts = " + ".join(figures[each].text("valeur") for each in record.items("compose_de"))
        if _above(total, mine):
            yield record.finding("compose_de", "parts-above", {"parts": texts, "whole": words})
        elif _above(mine, total):
            yield record.finding("compose_de", "parts-below", {"parts": texts, "whole": words})


def _same_value(record: Record, other: Record) -> bool:
    one, two = record.get("imprime", Printed), other.get("imprime", Printed)
    return bool(one and two and one.value == two.value and record.text("lue") == other.text("lue"))


def _cell(record: Record) -> tuple[object, ...]:
    keys = ("classe", "type", "unite", "financeur", "subdivision", "perimetre")
    return tuple(record.values.get(each, "") for each in keys)


def _same_cell(figures: Iterable[Record]) -> Iterator[CellFinding]:
    """Yield a finding for each amount or share that another row gives for the same thing, unrelated to it."""
    taken: dict[tuple[object, ...], Record] = {}
    for record in figures:
        if record.text("classe") in (AMOUNT, SHARE) and "nom" not in record.unreadable:  # else told as a row twice
            first = taken.setdefault(_cell(record), record)
            if first is not record:
                yield record.finding(
                    "valeur", "figure-double", {"row": first.location.row, "words": first.text("valeur")}
                )


def _grouped(figures: Iterable[Record], key: Callable[[Record], object]) -> Iterator[list[Record]]:
    groups: dict[object, list[Record]] = defaultdict(list)
    for record in figures:
        if (found := key(record)) is not None:
            groups[found].append(record)
    yield from groups.values()


def _shares(figures: Iterable[Record], exclusive: Mapping[str, str]) -> Iterator[CellFinding]:
    """Yield where the shares of an exclusive breakdown, or those of the funders, are more than the whole."""

    def whole(record: Record) -> object:
        subdivisions, cut = record.items("subdivision"), record.text("financeur")
        if record.text("classe") != SHARE or not _interval(record) or record.text("unite") != PERCENT:
            return None
        rest = (record.text("perimetre"), record.text("part_de"))
        if subdivisions:
            return (exclusive[subdivisions[0]], cut, *rest) if subdivisions[0] in exclusive else None
        return ("", *rest) if cut else None

    for rows in _grouped(figures, whole):
        parts = [each for each in map(_interval, rows) if each]
        if added(parts)[0] > MAX_SHARE and not any(least > MAX_SHARE for least, _ in parts):  # told by itself
            key = "shares-above" if rows[0].items("subdivision") else "funders-above"
            yield rows[-1].finding("valeur", key, {"parts": " + ".join(each.text("valeur") for each in rows)})


def _funders(figures: Iterable[Record], exclusive: Mapping[str, str]) -> Iterator[CellFinding]:
    """Yield where what a funder pays for subdivisions is more than what it pays in all.

    The amounts are added up only for subdivisions that count each euro once.
    """
    amounts = [each for each in figures if each.text("classe") == AMOUNT and "financeur" in each.values]
    totals = {
        (each.text("financeur"), each.text("perimetre")): each for each in amounts if "subdivision" not in each.values
    }

    def funder(record: Record) -> object:
        subdivision = next(iter(record.items("subdivision")), None)
        return subdivision and (
            record.text("financeur"),
            record.text("perimetre"),
            exclusive.get(subdivision, record.iri),
        )

    for rows in _grouped(amounts, funder):
        whole = totals.get((rows[0].text("financeur"), rows[0].text("perimetre")))
        found = [each for each in map(_interval, rows) if each]
        if whole and found and _above(added(found), _interval(whole)):
            texts = " + ".join(each.text("valeur") for each in rows)
            values = {"name": rows[0].text("financeur"), "parts": texts, "whole": whole.text("valeur")}
            yield rows[-1].finding("valeur", "funder-above", values)
