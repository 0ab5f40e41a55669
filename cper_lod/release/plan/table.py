"""The tidy table of a contract: a row for each axis under each priority that it serves."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import XSD
from cper_lod.rdf.spreadsheets.cells import Cell, Row, cell
from cper_lod.release.plan.contract import ContractSummary, PriorityGroup, SummaryLine
from cper_lod.release.plan.observations import Hyperlink, Observation, Quote, Source

_NAMES: Final = {
    "contrat": "contract",
    "priorite_numero": "priority_number",
    "priorite": "priority",
    "axe_numero": "axis_number",
    "axe": "axis",
    "part_pourcent": "share_percent",
    "part_statut": "share_status",
    "montant_bas": "amount_low",
    "montant_haut": "amount_high",
    "devise": "currency",
    "montant_statut": "amount_status",
    "mots": "words",
    "mots_adresse": "words_url",
    "motif": "reason",
    "hypothese": "assumption",
    "source": "source",
    "source_date": "source_date",
    "source_adresse": "source_url",
    "axe_adresse": "axis_url",
    "contrat_adresse": "contract_url",
}
COLUMNS: Final[Mapping[Language, Sequence[str]]] = {"fr": [*_NAMES], "en": [*_NAMES.values()]}
"""The names of the columns, in each language."""
_WHOLE: Final = re.compile("0|[1-9][0-9]*")
_NO_QUOTE: Final = Quote("", "", "", None)


def rows(summary: ContractSummary, lang: Language) -> Iterator[Row]:
    """Yield the heads, then the rows; an axis under two priorities has two rows.

    A share has the digits of the source. An amount is an interval: that which rounding leaves to a computed one, the
    stated amount twice for a published one, without an upper end for a published minimum.
    """
    yield [Cell(each) for each in COLUMNS[lang]]
    for group in summary.groups:
        for line in group.lines:
            values = _values(summary, group, line, lang)
            yield [each if isinstance(each, Cell) else Cell(each) if each else None for each in values]


def _values(summary: ContractSummary, group: PriorityGroup, line: SummaryLine, lang: Language) -> Iterator[str | Cell]:
    """Yield the values of a row, in the order of the columns."""
    published = line.figure if line.figure.value else None
    share = published if published and published.kind == "percent" else None
    computed = line.derived if line.derived and line.derived.value else None
    amount = published if published and published.kind == "amount" else computed
    quote = next(iter(line.figure.quotes), _NO_QUOTE)
    source = quote.source or Source(Hyperlink(""), "")
    yield summary.title
    for number, title in ((group.number, group.title), (line.number, line.title)):
        yield _typed(number, "integer" if _WHOLE.fullmatch(number) else "string")
        yield title
    yield _typed(share.value if share else "", "decimal")
    yield translate(_status(share), lang)
    for bound in _interval(amount) if amount else ("", ""):
        yield _typed(bound, "decimal")
    yield amount.currency if amount else ""
    yield translate(_status(amount), lang)
    yield from (quote.text, quote.href, line.figure.reason, line.derived.assumption if line.derived else "")
    yield from (source.link.text, _typed(source.day, "date"), source.link.href, line.href, summary.href)


def _interval(amount: Observation) -> tuple[str, str]:
    if amount.derived:
        return amount.low, amount.high
    return amount.value, "" if amount.least else amount.value


def _status(figure: Observation | None) -> str:
    """Return the key of the word for what is published, computed or missing."""
    return "plan-missing" if figure is None else "computed-short" if figure.derived else "published"


def _typed(value: str, datatype: str) -> Cell:
    return cell(Literal(value, datatype=NamedNode(XSD + datatype)))
