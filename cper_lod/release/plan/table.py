"""The tidy table of a contract: a row for each figure, with what it is of, how it is to be read, its words and its source."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import XSD
from cper_lod.rdf.spreadsheets.cells import Cell, Row, cell
from cper_lod.release.plan.contract import ContractSummary
from cper_lod.release.plan.observations import MEASURES, Hyperlink, Observation, Quote, Source

_MEASURES: Final = {
    "montant_total": "total_amount",
    "montant_par_financeur": "amount_by_funder",
    "montant_par_subdivision": "amount_by_subdivision",
    "montant_croise": "amount_by_both",
    "part_par_financeur": "share_by_funder",
    "part_par_subdivision": "share_by_subdivision",
}
"""The columns that may be added up, in the order of the measures."""
_NAMES: Final = {
    "contrat": "contract",
    "chiffre": "figure",
    "financeur": "funder",
    "subdivision": "subdivision",
    "perimetre": "scope",
    "annees": "years",
    "avenant": "amendment",
    "partie_de": "part_of",
    "diverge_de": "diverges_from",
    "compose_de": "composed_of",
    "statut": "status",
    "texte": "text",
    "nature": "nature",
    "valeur": "value",
    "unite": "unit",
    "bas": "low",
    "haut": "high",
    **_MEASURES,
    "motif": "reason",
    "hypothese": "assumption",
    "note": "note",
    "mots": "words",
    "mots_adresse": "words_url",
    "source": "source",
    "source_date": "source_date",
    "source_adresse": "source_url",
    "chiffre_adresse": "figure_url",
    "contrat_adresse": "contract_url",
}
COLUMNS: Final[Mapping[Language, Sequence[str]]] = {"fr": [*_NAMES], "en": [*_NAMES.values()]}
"""The names of the columns, in each language."""
_NO_LINK: Final = Hyperlink("")
_NO_QUOTE: Final = Quote("", "", "", None)


def rows(summary: ContractSummary, lang: Language) -> Iterator[Row]:
    """Yield the heads, then a row for each figure.

    A value is a text, so that a spreadsheet does not add it up; what may be added stands once more as a number, in the
    column that is named after what it is of. Bounds are those of computed values.
    """
    yield [Cell(each) for each in COLUMNS[lang]]
    for figure in summary.figures:
        cells = (each if isinstance(each, Cell) else Cell(each) for each in _values(summary, figure, lang))
        yield [each if each.text else None for each in cells]


def _values(summary: ContractSummary, figure: Observation, lang: Language) -> Iterator[str | Cell]:
    """Yield the values of a row, in the order of the columns."""
    quote = next(iter(figure.quotes), _NO_QUOTE)
    source = quote.source or figure.source or Source(_NO_LINK, "")
    status = "computed-short" if figure.derived else "published" if figure.said else "plan-missing"
    unit = {"percent": "%", "amount": figure.currency, "number": figure.unit}[figure.kind] if figure.value else ""
    yield from (summary.title, figure.title)
    yield from ((each or _NO_LINK).text for each in (figure.funder, figure.subdivision, figure.scope))
    yield from (
        figure.years,
        *((each or _NO_LINK).text for each in (figure.amendment, figure.part_of, figure.diverges_from)),
    )
    yield " | ".join(each.text for each in figure.composed_of)
    yield from (translate(status, lang), figure.published, figure.nature, figure.value, unit, figure.low, figure.high)
    yield from (_typed(figure.value if figure.measure == each else "", "decimal") for each in MEASURES)
    yield from (figure.reason, figure.assumption, figure.note, quote.text, quote.href)
    yield from (source.link.text, _typed(source.day, "date"), source.link.href, figure.href, summary.href)


def _typed(value: str, datatype: str) -> Cell:
    return cell(Literal(value, datatype=NamedNode(XSD + datatype)))
