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
from cper_lod.release.plan.observations import Observation, Quote

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
            yield _row(summary, group, line, lang)


def _row(summary: ContractSummary, group: PriorityGroup, line: SummaryLine, lang: Language) -> Row:
    share = line.figure if line.figure.kind == "percent" and line.figure.value else None
    amount, quote = _amount(line), next(iter(line.figure.quotes), _NO_QUOTE)
    values: Sequence[str | Cell] = (
        summary.title,
        _number(group.number),
        group.title,
        _number(line.number),
        line.title,
        _decimal(share.value if share else ""),
        translate(_status(share), lang),
        *(_interval(amount)),
        amount.currency if amount else "",
        translate(_status(amount), lang),
        quote.text,
        quote.href,
        line.figure.reason,
        line.derived.assumption if line.derived else "",
        quote.source.link.text if quote.source else "",
        _day(quote.source.day if quote.source else ""),
        quote.source.link.href if quote.source else "",
        line.href,
        summary.href,
    )
    return [each if isinstance(each, Cell) else Cell(each) if each else None for each in values]


def _amount(line: SummaryLine) -> Observation | None:
    """Return the amount of an axis: published, else computed, None if there is neither."""
    published = line.figure if line.figure.kind == "amount" and line.figure.value else None
    return published or (line.derived if line.derived and line.derived.value else None)


def _interval(amount: Observation | None) -> tuple[Cell, Cell]:
    if amount is None:
        return _decimal(""), _decimal("")
    if amount.derived:
        return _decimal(amount.low), _decimal(amount.high)
    return _decimal(amount.value), _decimal("" if amount.least else amount.value)


def _status(figure: Observation | None) -> str:
    """Return the key of the word for what is published, computed or missing."""
    return "plan-missing" if figure is None else "computed-short" if figure.derived else "published"


def _decimal(value: str) -> Cell:
    return _typed(value, "decimal")


def _number(value: str) -> Cell:
    return _typed(value, "integer" if _WHOLE.fullmatch(value) else "string")


def _day(value: str) -> Cell:
    return _typed(value, "date")


def _typed(value: str, datatype: str) -> Cell:
    return cell(Literal(value, datatype=NamedNode(XSD + datatype)))
