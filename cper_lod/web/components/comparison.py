"""Several contracts on one scale, each by what it states: the real ones first, then those that were made up for a test."""

from collections.abc import Iterable
from itertools import chain
from operator import itemgetter
from types import SimpleNamespace
from typing import Final, NamedTuple

from markupsafe import Markup

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.text import folded
from cper_lod.release.pictures.bars import amounts_svg, largest_amount, money, scale_svg, shares_svg
from cper_lod.release.plan.contract import ContractSummary, SummaryLine, contract_summary
from cper_lod.release.plan.finding import amount_said
from cper_lod.release.plan.observations import ObservationReader

MAX_LINES: Final = 3
"""Subdivisions with a figure that a contract is shown with."""


class ComparedContract(NamedTuple):
    """A contract among others: its bars, and the first lines of what its money is for, with the number of the others."""

    contract: ContractSummary
    name: str
    amounts: Markup
    shares: Markup
    goes: list[SummaryLine]
    more: int
    first_fictitious: bool


def comparison(observations: ObservationReader, iris: Iterable[str]) -> SimpleNamespace:
    """Return contracts as `plan.html` compares them: their rows, the scale of their amounts, and those without a figure."""
    summaries = [summary for iri in iris if (summary := contract_summary(observations, iri))]
    summaries.sort(key=lambda each: (each.fictitious, folded(each.territory.text if each.territory else each.title)))
    found = [each for each in summaries if each.figures] or summaries
    lang, most = observations.lang, largest_amount(found)
    places = [each.territory.text if each.territory else "" for each in found]
    rows = []
    for index, each in enumerate(found):
        lines = [line for line in (each.shared.lines if each.shared else ()) if line.figure and line.figure.said]
        lines.sort(key=lambda line: -(line.published_share or line.published_amount or 0))
        rows.append(
            ComparedContract(
                contract=each,
                name=places[index] if places.count(places[index]) == 1 and not each.fictitious else each.title,
                amounts=Markup(amounts_svg(each, most, lang)),  # noqa: S704  # its texts are escaped there
                shares=Markup(shares_svg(each, lang)),  # noqa: S704
                goes=lines[:MAX_LINES],
                more=max(len(lines) - MAX_LINES, 0),
                first_fictitious=each.fictitious and index > 0 and not found[index - 1].fictitious,
            )
        )
    silent = [each for each in summaries if each not in found]
    return SimpleNamespace(rows=rows, scale=Markup(scale_svg(most, lang)), silent=silent)  # noqa: S704


def range_said(compared: SimpleNamespace, lang: Language) -> str:
    """Return between which amounts the totals of the real contracts lie, in a sentence; else how many contracts there are.

    Where sources disagree all that they say counts. An amount keeps the word of its source (« plus de »), and a contract
    without one leaves the range unsaid.
    """
    contracts = [each.contract for each in compared.rows]
    contracts = [each for each in contracts if not each.fictitious] or contracts
    # Of equal amounts « plus de » says the more.
    amounts = [[each for each in contract.announced if money(each) is not None] for contract in contracts]
    said = [
        (amount, each.nature == "plus-de", each) for each in chain.from_iterable(amounts) if (amount := money(each))
    ]
    totals = sorted(said, key=itemgetter(0, 1))
    count = formatting.cardinal(len(contracts), lang)
    if not all(amounts) or len({amount for amount, *_ in totals}) < 2:
        return formatting.capital(translate("home-contracts", lang, count=count))
    low, high = (amount_said(figure._replace(scope=None), lang) for figure in (totals[0][2], totals[-1][2]))
    return formatting.capital(translate("home-range", lang, count=count, low=low, high=high))
