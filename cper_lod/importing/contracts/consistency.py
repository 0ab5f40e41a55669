"""Checks across cells: duplicates, references to missing items, quotations that do not contain what they support."""

from collections.abc import Iterable, Iterator
from datetime import date

from cper_lod.core.french import days, days_without_year
from cper_lod.core.text import slug
from cper_lod.importing.contracts.actors import is_named_in_quotation
from cper_lod.importing.contracts.figures import BOUND_CODES
from cper_lod.importing.contracts.model import CellFinding, CellLocation, Record, WorkbookRecords, normalized_name
from cper_lod.importing.contracts.parse_cells import QuotedNumber, day_in_words
from cper_lod.importing.contracts.to_rdf import names_axis
from cper_lod.release.check.quotations import without_qualifier


def find_inconsistencies(records: WorkbookRecords) -> Iterator[CellFinding]:
    """Yield inconsistencies between cells. Columns that could not be read are skipped: they have a finding already."""
    for record in records["contrat"]:
        yield from _contract(record, len(records["signataires"]), len(records["priorites"]))
    yield from _duplicates(records["sources"], "numero")
    yield from _statements(records)
    for record in records["source"]:
        yield from _date_in_quotation(record, "date")
    yield from _signatories(records["signataires"])
    for key in ("priorites", "axes"):
        yield from _duplicates(records[key], "numero")
        yield from (
            CellFinding(record.location_of("citation"), "title-not-quoted", {"title": record.text("intitule")})
            for record in records[key]
            if not _title_is_quoted(record, "intitule")
        )
    priorities = {record.number("numero") for record in records["priorites"]}
    for record in records["axes"]:
        yield from _axis(record, priorities)
        yield from _unquoted_links(record, records["priorites"])
    yield from _amounts(records["montants"])
    axes = {record.number("numero") for record in records["axes"]}
    for record in records["avenants"]:
        yield from _unknown_references(record, "axes", axes, "Axes")
    for key, name in (("avenants", "intitule"), ("schemas", "nom"), ("financements", "nom")):
        yield from _duplicates(records[key], name)
        yield from _unusable_names(records[key], name)


def _title_is_quoted(record: Record, key: str) -> bool:
    quotation = record.text("citation")
    return not quotation or normalized_name(without_qualifier(record.text(key))) in normalized_name(quotation)


def _statements(records: WorkbookRecords) -> Iterator[CellFinding]:
    """Yield a finding for each unknown source, and each named statement whose words, place or source differ."""
    sources = {1, *(record.number("numero") for record in records["sources"])}
    first: dict[str, tuple[object, CellLocation]] = {}
    for record in (record for found in records.values() for record in found):
        for key, value in record.values.items():
            if (key == "source" or key.endswith(":source")) and value not in sources:
                yield CellFinding(
                    record.location_of(key), "reference-unknown", {"number": value, "sheet": "Autres sources"}
                )
            if not key.endswith(":statement") or not isinstance(value, tuple):
                continue
            base = key.removesuffix(":statement")
            words = record.get(f"{base}:citation", str) or record.values.get(base)
            words = words if isinstance(words, tuple) else (words,)
            places = record.get(f"{base}:place", tuple) or (None,)
            source = record.values.get(f"{base}:source") or record.values.get("source")
            for index, name in enumerate(value):
                said = words[min(index, len(words) - 1)], places[min(index, len(places) - 1)], source
                before, location = first.setdefault(name, (said, record.location_of(key)))
                if before != said:
                    values = {"name": name, "row": location.row, "sheet": location.sheet}
                    yield CellFinding(record.location_of(key), "statement-differs", values)


def _contract(form: Record, signatories: int, priorities: int) -> Iterator[CellFinding]:
    yield from _date_in_quotation(form, "signe_le")
    yield from _unusable_names([form], "region")
    yield from _unusable_names([form], "lieu")
    years, quotation = form.numbers("periode"), form.text("periode:citation")
    if quotation and any(str(year) not in quotation for year in years):
        yield CellFinding(
            form.location_of("periode:citation"), "period-not-quoted", {"years": "-".join(map(str, years))}
        )
    for key, finding, found in (
        ("nombre_signataires", "signatories-differ", signatories),
        ("nombre_priorites", "priorities-differ", priorities),
    ):
        if (told := form.number(key)) and told != found:
            yield CellFinding(form.location_of(key), finding, {"told": told, "found": found})


def _date_in_quotation(record: Record, key: str) -> Iterator[CellFinding]:
    """Yield a finding if the quotation does not contain the date, in figures or in words."""
    day, quotation = record.get(key, date), record.text(f"{key}:citation")
    if day is None or not quotation:
        return
    if day not in days(quotation) and (day.month, day.day) not in days_without_year(quotation):
        yield CellFinding(record.location_of(f"{key}:citation"), "date-not-quoted", {"date": day_in_words(day)[0]})


def _signatories(records: list[Record]) -> Iterator[CellFinding]:
    yield from _duplicates(records, "nom")
    yield from _unusable_names(records, "nom")
    yield from _duplicates(records, "siren")
    single = [record for record in records if record.text("type").rpartition("/")[2] in ("etat", "region")]
    yield from _duplicates(single, "type")
    for record in records:
        region = record.text("type").endswith("/region")
        if record.text("citation") and not (region or record.text("note") or is_named_in_quotation(record)):
            yield CellFinding(record.location_of("citation"), "name-not-quoted", {"name": record.text("nom")})


def _duplicates(records: Iterable[Record], key: str, beside: str = "") -> Iterator[CellFinding]:
    """Yield a finding for each row that repeats the value of an earlier row with the same value `beside` it."""
    first: dict[object, int] = {}
    for record in records:
        value = record.values.get(key)
        compared = (slug(value) or value if isinstance(value, str) else value), record.values.get(beside)
        if value is None:
            continue
        if compared in first:
            yield CellFinding(record.location_of(key), "row-double", {"row": first[compared]})
        first.setdefault(compared, record.location_of(key).row)


def _unusable_names(records: Iterable[Record], key: str) -> Iterator[CellFinding]:
    """Yield a finding for each name without a letter or digit that an IRI could use."""
    for record in records:
        if record.text(key) and not slug(record.text(key)):
            yield CellFinding(record.location_of(key), "name-unusable", excerpt=record.text(key))


def _unknown_references(record: Record, key: str, numbers: set[int], sheet: str) -> Iterator[CellFinding]:
    for number in record.numbers(key):
        if number not in numbers:
            yield CellFinding(record.location_of(key), "reference-unknown", {"number": number, "sheet": sheet})


def _axis(record: Record, priorities: set[int]) -> Iterator[CellFinding]:
    yield from _unknown_references(record, "priorites", priorities, "Priorités")
    served, quotations = record.numbers("priorites"), record.get("citation_lien", tuple) or ()
    if served and quotations and len(quotations) not in (1, len(served)):
        values = {"quotations": len(quotations), "priorities": len(served)}
        yield CellFinding(record.location_of("citation_lien"), "quotations-differ", values)
    # A share that could not be read is not missing: it has a finding already.
    has_share = "part" in record.unreadable or "part" in record.values
    if not has_share and not record.text("motif"):
        yield CellFinding(record.location_of("motif"), "share-without-reason")
    if has_share and record.text("motif"):
        yield CellFinding(record.location_of("motif"), "share-and-reason")


def _unquoted_links(axis: Record, priorities: list[Record]) -> Iterator[CellFinding]:
    """Yield a finding if neither the axis nor its priority quotes words that link them."""
    if "citation_lien" in axis.unreadable or "citation_lien" in axis.values:
        return
    for priority in priorities:
        number = priority.number("numero")
        if number in axis.numbers("priorites") and not names_axis(priority.text("citation"), axis):
            yield CellFinding(axis.location_of("citation_lien"), "link-not-quoted", {"number": number})


def _amounts(records: list[Record]) -> Iterator[CellFinding]:
    envelopes = [record for record in records if record.text("objet") == "Enveloppe"]
    for record in envelopes[1:]:
        yield CellFinding(record.location_of("objet"), "envelope-double")
    commitments = [record for record in records if record.text("objet") == "Engagement"]
    yield from _duplicates(commitments, "financeur", "perimetre")
    for record in records:
        yield from _amount(record, record.text("objet") == "Enveloppe")


def _amount(record: Record, envelope: bool) -> Iterator[CellFinding]:
    """Yield contradictions in a row of amounts: only an envelope is a lower bound (« plus de »)."""
    if envelope:
        for key in ("financeur", "part", "pas"):
            if key in record.values:
                yield CellFinding(record.location_of(key), "envelope-alone")
    elif record.text("objet") and not record.text("financeur"):
        yield CellFinding(record.location_of("financeur"), "commitment-without-funder")
    if not envelope and "duree" in record.values:
        yield CellFinding(record.location_of("duree"), "commitment-duration")
    nature, amount = record.text("nature"), record.get("montant", QuotedNumber)
    if nature and record.text("objet") and (nature == f"{BOUND_CODES}minimum") != envelope:
        yield CellFinding(record.location_of("nature"), "envelope-nature" if envelope else "commitment-nature")
    elif amount and amount.is_lower_bound != envelope:
        yield CellFinding(record.location_of("montant"), "figure-not-bound" if envelope else "figure-bound")
    elif amount and nature == f"{BOUND_CODES}arrondi" and amount.in_single_euros and "pas" not in record.values:
        yield CellFinding(record.location_of("pas"), "step-missing")
