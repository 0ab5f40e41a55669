"""The page of a file of subsidies: where it comes from, what was kept and refused of it and why, who attached its rows."""

from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import BASE, CPER, DCAT, DCT, PREFIXES, PROV, SCHEMA
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.components.subsidies import SubsidySection, subsidy_section
from cper_lod.web.http import urls
from cper_lod.web.thing_pages.page import KindPage, PageSubject

_MEASUREMENTS: Final = PREFIXES["dqv"] + "hasQualityMeasurement"
_METRIC: Final = PREFIXES["dqv"] + "isMeasurementOf"
_NUMBER: Final = PREFIXES["dqv"] + "value"
_CODES: Final = BASE + "id/code/compte/"
OUTCOMES: Final = ("lues", "gardees", "refusees", "personnes", "sans-regle", "repetees")
"""What becomes of rows, in the order of the table."""
SHOWN: Final = frozenset(
    {DCT + name for name in ("identifier", "date", "temporal")}
    | {CPER + "contrat", SCHEMA + "contentUrl", _MEASUREMENTS}
)
MAX_RULES: Final = 50
"""Attachment rules that the page shows; the others are in the data."""


class CountedRows(NamedTuple):
    """How many rows: what is counted in words, and the number."""

    words: str
    number: str


class SubsidyFilePage(NamedTuple):
    """A file: its contract, date, address and digest, the first and last date of its agreements; rows by outcome and by reason."""

    contract: Hyperlink | None
    day: str
    addresses: tuple[str, ...]
    digest: str
    start: str
    end: str
    outcomes: tuple[CountedRows, ...]
    reasons: tuple[CountedRows, ...]
    remarks: tuple[CountedRows, ...]
    subsidies: SubsidySection | None


def subsidy_file_page(subject: PageSubject) -> KindPage:
    """Return the page of a file of subsidies."""
    reader, node = subject.reader, subject.node
    period = reader.one(node, DCT + "temporal")
    start, end = (reader.value(period, DCAT + name) if period is not None else "" for name in ("startDate", "endDate"))
    counts = _counts(subject)
    address = urls.external_link(reader.value(node, SCHEMA + "contentUrl"))
    content = SubsidyFilePage(
        contract=subject.observations.link(reader.one(node, CPER + "contrat")),
        day=reader.value(node, DCT + "date"),
        addresses=(address,) if address else (),
        digest=reader.value(node, DCT + "identifier").removeprefix("sha256:"),
        start=start,
        end=end,
        outcomes=tuple(each for outcome in OUTCOMES for each in counts.get(outcome, ())),
        reasons=tuple(counts.get("motif-de-refus", ())),
        remarks=tuple(counts.get("remarque", ())),
        subsidies=subsidy_section(
            subject.release, subject.observations, node, "axes", "grantors", "years", rules=MAX_RULES
        ),
    )
    return KindPage("thing_pages/subsidy_file.html", content, SHOWN, frozenset({PROV + "wasDerivedFrom"}), parts=True)


def _counts(subject: PageSubject) -> dict[str, list[CountedRows]]:
    """Return the counts by the code of what they count, the largest first."""
    reader, found = subject.reader, dict[str, list[CountedRows]]()
    for each in reader.all(subject.node, _MEASUREMENTS):
        metric = reader.one(each, _METRIC) if isinstance(each, NamedNode) else None
        if metric is not None and metric.value.startswith(_CODES):
            row = CountedRows(reader.label(each, subject.lang), reader.value(each, _NUMBER))
            found.setdefault(metric.value.removeprefix(_CODES), []).append(row)
    return {
        code: sorted(rows, key=lambda row: (-int(row.number) if row.number.isdigit() else 0, row.words))
        for code, rows in found.items()
    }
