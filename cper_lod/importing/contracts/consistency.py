"""Checks across cells: duplicates, references to missing items, cells that contradict each other.

Whether quotations hold what they support is checked together with the sources (`release.check.facts`).
"""

from collections.abc import Iterable, Iterator, Sequence

from cper_lod.core.text import slug
from cper_lod.importing.contracts.figures import BOUND_CODES
from cper_lod.importing.contracts.model import CellFinding, CellLocation, Record, WorkbookRecords
from cper_lod.importing.contracts.parse_cells import QuotedNumber
from cper_lod.importing.contracts.to_rdf import names_axis


def find_inconsistencies(records: WorkbookRecords) -> Iterator[CellFinding]:
    """Yield inconsistencies between cells. Columns that could not be read are skipped: they have a finding already."""
    signatories, axes = records["signataires"], records["axes"]
    yield from _unusable_names(records["contrat"], "region")
    yield from _unusable_names(records["contrat"], "lieu")
    for key, finding, rows in (
        ("nombre_signataires", "signatories-differ", signatories),
        ("nombre_priorites", "priorities-differ", records["priorites"]),
    ):
        for form in records["contrat"]:
            if rows and (stated := form.number(key)) and stated != len(rows):
                yield form.finding(key, finding, {"stated": stated, "found": len(rows)})
    yield from _duplicates(records["sources"], "numero")
    yield from _statements(records)
    yield from _duplicates(signatories, "nom")
    yield from _unusable_names(signatories, "nom")
    yield from _duplicates(signatories, "siren")
    single = [record for record in signatories if record.text("type").rpartition("/")[2] in ("etat", "region")]
    yield from _duplicates(single, "type")
    for key in ("priorites", "axes"):
        yield from _duplicates(records[key], "numero")
    for record in axes:
        yield from _unknown_references(record, "priorites", records["priorites"], "Priorités")
        yield from _axis(record)
        yield from _unquoted_links(record, records["priorites"])
    yield from _amounts(records["montants"])
    for record in records["avenants"]:
        yield from _unknown_references(record, "axes", axes, "Axes")
    for key, name in (("avenants", "intitule"), ("schemas", "nom"), ("financements", "nom")):
        yield from _duplicates(records[key], name)
        yield from _unusable_names(records[key], name)


def _statements(records: WorkbookRecords) -> Iterator[CellFinding]:
    """Yield a finding for each unknown source, and each named statement whose words, place or source differ."""
    sources = {1, *(record.number("numero") for record in records["sources"])}
    first: dict[str, tuple[object, CellLocation]] = {}
    for record in (record for found in records.values() for record in found):
        for key, value in record.values.items():
            if (key == "source" or key.endswith(":source")) and value not in sources:
                yield record.finding(key, "reference-unknown", {"number": value, "sheet": "Autres sources"})
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
                    yield record.finding(key, "statement-differs", values)


def _duplicates(records: Iterable[Record], key: str, beside: str = "") -> Iterator[CellFinding]:
    """Yield a finding for each row that repeats the value of an earlier row with the same value `beside` it."""
    first: dict[object, int] = {}
    for record in records:
        value = record.values.get(key)
        compared = (slug(value) or value if isinstance(value, str) else value), record.values.get(beside)
        if value is None:
            continue
        if compared in first:
            yield record.finding(key, "row-double", {"row": first[compared]})
        first.setdefault(compared, record.location_of(key).row)


def _unusable_names(records: Iterable[Record], key: str) -> Iterator[CellFinding]:
    """Yield a finding for each name without a letter or digit that an IRI could use."""
    for record in records:
        if record.text(key) and not slug(record.text(key)):
            yield record.finding(key, "name-unusable")


def _unknown_references(record: Record, key: str, rows: Sequence[Record], sheet: str) -> Iterator[CellFinding]:
    """Yield a finding for each number that no row has, unless a mistake in these rows may be the reason."""
    numbers = {row.number("numero") for row in rows}
    for number in record.numbers(key) if len(numbers - {0}) == len(rows) > 0 else ():
        if number not in numbers:
            yield record.finding(key, "reference-unknown", {"number": number, "sheet": sheet})


def _axis(record: Record) -> Iterator[CellFinding]:
    served, quotations = record.numbers("priorites"), record.get("citation_lien", tuple) or ()
    if served and quotations and len(quotations) not in (1, len(served)):
        values = {"quotations": len(quotations), "priorities": len(served)}
        yield record.finding("citation_lien", "quotations-differ", values)
    # A share that could not be read is not missing: it has a finding already.
    has_share = "part" in record.unreadable or "part" in record.values
    if not has_share and not record.text("motif"):
        yield record.finding("motif", "share-without-reason")
    if has_share and record.text("motif"):
        yield record.finding("motif", "share-and-reason")


def _unquoted_links(axis: Record, priorities: list[Record]) -> Iterator[CellFinding]:
    """Yield a finding if neither the axis nor its priority quotes words that link them."""
    if "citation_lien" in axis.unreadable or "citation_lien" in axis.values:
        return
    for priority in priorities:
        number = priority.number("numero")
        if number in axis.numbers("priorites") and not names_axis(priority.text("citation"), axis):
            yield axis.finding("citation_lien", "link-missing", {"number": number})


def _amounts(records: list[Record]) -> Iterator[CellFinding]:
    envelopes = [record for record in records if record.text("objet") == "Enveloppe"]
    for record in envelopes[1:]:
        yield record.finding("objet", "envelope-double")
    commitments = [record for record in records if record.text("objet") == "Engagement"]
    yield from _duplicates(commitments, "financeur", "perimetre")
    for record in records:
        yield from _amount(record, record.text("objet") == "Enveloppe")


def _amount(record: Record, envelope: bool) -> Iterator[CellFinding]:
    """Yield contradictions in a row of amounts: only an envelope is a lower bound (« plus de »)."""
    if envelope:
        for key in ("financeur", "part", "pas"):
            if key in record.values:
                yield record.finding(key, "envelope-alone")
    elif record.text("objet") and "financeur" not in record.typed:
        yield record.finding("financeur", "commitment-without-funder")
    if not envelope and "duree" in record.values:
        yield record.finding("duree", "commitment-duration")
    nature, amount = record.text("nature"), record.get("montant", QuotedNumber)
    if nature and record.text("objet") and (nature == f"{BOUND_CODES}minimum") != envelope:
        yield record.finding("nature", "envelope-nature" if envelope else "commitment-nature")
    elif amount and amount.is_lower_bound != envelope:
        yield record.finding("montant", "figure-not-bound" if envelope else "figure-bound")
    elif amount and nature == f"{BOUND_CODES}exact" and amount.step > 1:
        yield record.finding("nature", "commitment-rounded", {"words": amount.published})
    elif amount and nature == f"{BOUND_CODES}arrondi" and amount.in_single_euros and "pas" not in record.values:
        yield record.finding("pas", "step-missing")
