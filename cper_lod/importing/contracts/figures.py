"""The figures of a workbook: what each printed value is, and whether its cells agree with its words."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from cper_lod.core.namespaces import CPER
from cper_lod.core.text import folded
from cper_lod.importing.contracts.graph import CODE, UNITS
from cper_lod.importing.contracts.model import CellFinding, Record
from cper_lod.importing.contracts.parse_cells import UnreadableCell
from cper_lod.importing.contracts.parse_sheets import SheetParser
from cper_lod.importing.contracts.printed import EQUAL, PERCENT, Printed, read_printed, refusal

AMOUNT, SHARE, OTHER = "Montant", "Part", "Chiffre"
NATURE: Final = f"{CODE}nature-de-la-valeur/"
_KIND: Final = f"{CODE}type-de-chiffre/"
_CHOSEN: Final = (f"{NATURE}exact", f"{NATURE}arrondi")
"""The natures that words do not tell."""
MAX_SHARE: Final = 100


def read_figures(records: list[Record], parser: SheetParser) -> Iterator[CellFinding]:
    """Add to each row its class (`classe`), its kind (`type`), unit, nature and step, read from what is printed.

    Yield what is wrong with the row by itself.
    """
    for record in records:
        kind, value = record.text("sorte"), record.text("valeur")
        chosen = "" if not kind else kind.removeprefix(CPER) if kind.startswith(CPER) else OTHER
        record.values["classe"], record.values["type"] = chosen, kind if chosen == OTHER else ""
        if {"valeur", "motif"} & record.unreadable:
            continue
        if value and "motif" in record.values:
            yield record.finding("motif", "figure-and-reason")
        elif not value and "motif" not in record.values:
            yield record.finding("valeur", "figure-without-reason")
        elif not value:
            if read_printed(record.text("motif")):
                yield record.finding("motif", "reason-is-figure")
            elif not chosen:
                yield record.finding("sorte", "missing-of-what")
        elif printed := read_printed(value):
            record.values["imprime"] = printed
            yield from _read(record, printed, chosen, parser)
        else:
            yield record.finding("valeur", *refusal(value))
        if record.values["classe"] in (AMOUNT, OTHER) and "part_de" in record.values:
            yield record.finding("part_de", "share-only")


def _read(record: Record, printed: Printed, chosen: str, parser: SheetParser) -> Iterator[CellFinding]:
    told = {"montant": AMOUNT, "part": SHARE}.get(printed.kind, OTHER)
    record.values["classe"] = chosen or told
    if told == OTHER and not chosen:
        record.values["type"] = _KIND + printed.kind
    if chosen in (AMOUNT, SHARE) and chosen != told:
        yield record.finding("sorte", "figure-kind", {"words": record.text("valeur")})
    if printed.kind == "nombre":
        try:
            record.values["unite"] = unit(printed.unit, parser, record)
        except UnreadableCell as error:
            yield record.finding("valeur", error.key, error.values)
    else:
        record.values["unite"] = UNITS.get(printed.unit, f"{CODE}unite/{printed.unit}")
    yield from _nature(record, printed)
    step = record.get("pas", Decimal) or printed.step
    if step is not None:
        record.values["pas"] = step
    if printed.value is not None and printed.unit == PERCENT and printed.value > MAX_SHARE:
        yield record.finding("valeur", "share-above")
    if printed.value == 0:
        yield record.finding("valeur", "figure-zero", severity="warning")
    if printed.nature == EQUAL and "financeur" not in record.values and "financeur" not in record.unreadable:
        yield record.finding("financeur", "equal-without-funder")
    quotations, printed_value = record.items("citation"), "".join(folded(record.text("valeur")).split())
    if quotations and not any(printed_value in "".join(folded(words).split()) for words in quotations):
        yield record.finding("valeur", "figure-not-quoted", {"words": " | ".join(quotations)})


def _nature(record: Record, printed: Printed) -> Iterator[CellFinding]:
    nature = record.text("nature")
    record.values["lue"] = f"{NATURE}{printed.nature}"
    if printed.told and nature and nature != record.values["lue"]:
        yield record.finding("nature", "nature-contradicts", {"words": record.text("valeur")})
    elif nature and not printed.told:
        if nature not in _CHOSEN:
            yield record.finding("nature", "nature-not-told", {"words": record.text("valeur")})
        record.values["lue"] = nature


def unit(noun: str, parser: SheetParser, record: Record) -> str:
    """Return the IRI of the unit that a noun is: a subdivision or a body where the noun is a word for one."""
    one = " ".join(word[:-1] if word[-1] in "sx" and len(word) > 3 else word for word in noun.split())
    for text in (noun, one):
        if code := parser.book.find(["unite"], text):
            return code.iri
        for lists, notation in ((["type-de-subdivision"], "subdivision"), (["type-d-organisme"], "organisme")):
            if parser.book.find(lists, text):
                return f"{CODE}unite/{notation}"
    return parser.new_word(["unite"], one, record.location_of("valeur")).iri
