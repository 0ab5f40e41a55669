"""What only several cells together show: numbers given twice, links to nothing, quotations that do not say it."""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from cper_lod.importing.contracts.actors import is_named
from cper_lod.importing.contracts.figures import BOUND
from cper_lod.importing.contracts.model import Book, CellFinding, Record, folded, slug
from cper_lod.importing.contracts.parse_cells import Figure, day_in_words


def inconsistencies(book: Book) -> Iterator[CellFinding]:
    """Yield what does not hold together; columns that could not be read are passed over, they are found already."""
    for record in book["contrat"]:
        yield from _frame(record, book["signataires"])
    for record in book["source"]:
        yield from _dated(record, "date")
    yield from _signatories(book["signataires"])
    for key in ("priorites", "axes"):
        yield from _doubles(book[key], "numero")
        yield from (
            CellFinding(record.at("citation"), "title-not-quoted", {"title": record.text("intitule")})
            for record in book[key]
            if not _quoted(record, "intitule")
        )
    priorities = {record.whole("numero") for record in book["priorites"]}
    for record in book["axes"]:
        yield from _axis(record, priorities)
    yield from _amounts(book["montants"])
    axes = {record.whole("numero") for record in book["axes"]}
    for record in book["avenants"]:
        yield from _references(record, "axes", axes, "Axes")
    for key, name in (("avenants", "intitule"), ("schemas", "nom"), ("financements", "nom")):
        yield from _doubles(book[key], name)
        yield from _nameless(book[key], name)


def _quoted(record: Record, key: str) -> bool:
    words = record.text("citation")
    return not words or folded(record.text(key)) in folded(words)


def _frame(frame: Record, signatories: list[Record]) -> Iterator[CellFinding]:
    yield from _dated(frame, "signe_le")
    yield from _nameless([frame], "region")
    yield from _nameless([frame], "lieu")
    years, words = frame.wholes("periode"), frame.text("periode:citation")
    if words and any(str(year) not in words for year in years):
        yield CellFinding(frame.at("periode:citation"), "period-not-quoted", {"years": "-".join(map(str, years))})
    told = frame.whole("nombre_signataires")
    if told and told != len(signatories):
        yield CellFinding(
            frame.at("nombre_signataires"), "signatories-differ", {"told": told, "found": len(signatories)}
        )


def _dated(record: Record, key: str) -> Iterator[CellFinding]:
    """Yield a finding where a date does not stand in its quotation, in figures or in words."""
    day, words = record.get(key, date), record.text(f"{key}:citation").lower()
    if day is None or not words:
        return
    written = day_in_words(day)[0]
    forms = (
        re.escape(written.removesuffix(f" {day.year}")),
        rf"0?{day.day}[/.-]0?{day.month}[/.-]{day.year}",
        re.escape(day.isoformat()),
    )
    if not re.search(rf"(?<![0-9])(?:{'|'.join(forms)})(?![0-9])", words):
        yield CellFinding(record.at(f"{key}:citation"), "date-not-quoted", {"date": written})


def _signatories(records: list[Record]) -> Iterator[CellFinding]:
    yield from _doubles(records, "nom")
    yield from _nameless(records, "nom")
    yield from _doubles(records, "siren")
    single = [record for record in records if record.text("qualite").rpartition("/")[2] in ("etat", "region")]
    yield from _doubles(single, "qualite")
    for record in records:
        region = record.text("qualite").endswith("/region")
        if record.text("citation") and not (region or record.text("note") or is_named(record)):
            yield CellFinding(record.at("citation"), "name-not-quoted", {"name": record.text("nom")})


def _doubles(records: Iterable[Record], key: str) -> Iterator[CellFinding]:
    """Yield a finding for each row that says again what an earlier one said."""
    first: dict[object, int] = {}
    for record in records:
        value = record.values.get(key)
        same = slug(value) or value if isinstance(value, str) else value
        if value is None:
            continue
        if same in first:
            yield CellFinding(record.at(key), "row-double", {"row": first[same]})
        first.setdefault(same, record.at(key).row)


def _nameless(records: Iterable[Record], key: str) -> Iterator[CellFinding]:
    """Yield a finding for each name of which no letter and no digit is left for an address."""
    for record in records:
        if record.text(key) and not slug(record.text(key)):
            yield CellFinding(record.at(key), "name-unusable", shown=record.text(key))


def _references(record: Record, key: str, known: set[int], sheet: str) -> Iterator[CellFinding]:
    for number in record.wholes(key):
        if number not in known:
            yield CellFinding(record.at(key), "reference-unknown", {"number": number, "sheet": sheet})


def _axis(record: Record, priorities: set[int]) -> Iterator[CellFinding]:
    yield from _references(record, "priorites", priorities, "Priorités")
    served, quotations = record.wholes("priorites"), record.get("citation_lien", tuple) or ()
    if served and quotations and len(quotations) not in (1, len(served)):
        values = {"quotations": len(quotations), "priorities": len(served)}
        yield CellFinding(record.at("citation_lien"), "quotations-differ", values)
    # A share that could not be read is no missing one: it has a finding of its own.
    given = "part" in record.unread or "part" in record.values
    if not given and not record.text("motif"):
        yield CellFinding(record.at("motif"), "share-without-reason")
    if given and record.text("motif"):
        yield CellFinding(record.at("motif"), "share-and-reason")


def _amounts(records: list[Record]) -> Iterator[CellFinding]:
    envelopes = [record for record in records if record.text("objet") == "Enveloppe"]
    for record in envelopes[1:]:
        yield CellFinding(record.at("objet"), "envelope-double")
    commitments = [record for record in records if record.text("objet") == "Engagement"]
    yield from _doubles(commitments, "financeur")
    for record in records:
        yield from _amount(record, record.text("objet") == "Enveloppe")


def _amount(record: Record, envelope: bool) -> Iterator[CellFinding]:
    """Yield what a row of amounts says and cannot mean: « plus de » is a lower bound, and only an envelope is one."""
    if envelope:
        for key in ("financeur", "part", "pas"):
            if key in record.values:
                yield CellFinding(record.at(key), "envelope-alone")
    elif record.text("objet") and not record.text("financeur"):
        yield CellFinding(record.at("financeur"), "commitment-without-funder")
    if not envelope and "duree" in record.values:
        yield CellFinding(record.at("duree"), "commitment-duration")
    nature, found = record.text("nature"), record.get("montant", Figure)
    if nature and record.text("objet") and (nature == f"{BOUND}minimum") != envelope:
        yield CellFinding(record.at("nature"), "envelope-nature" if envelope else "commitment-nature")
    elif found and found.bound != envelope:
        yield CellFinding(record.at("montant"), "figure-not-bound" if envelope else "figure-bound")
    elif found and nature == f"{BOUND}arrondi" and found.plain and "pas" not in record.values:
        yield CellFinding(record.at("pas"), "step-missing")
