"""Several contracts on one scale, each by what it states: the real ones first, then those that were made up for a test."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from operator import itemgetter
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from markupsafe import Markup

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.text import folded
from cper_lod.release.pictures.bars import amounts_svg, largest_amount, money, scale_svg, shares_svg
from cper_lod.release.plan.contract import ContractSummary, SummaryLine, contract_summary, contracts_of
from cper_lod.release.plan.finding import amount_said
from cper_lod.release.plan.observations import Observation
from cper_lod.web.components.described import observations_in
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.templating import environment
from cper_lod.web.site import site

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


def summaries() -> tuple[ContractSummary, ...]:
    """Return the summaries of the contracts of the site, with links as this request has them; those made up for a test last."""
    found = site().memoize(_summaries, flask_responses.lang(), urls.link(""))
    return tuple(sorted(found, key=lambda each: each.fictitious))


def _summaries(lang: Language, _link: str) -> tuple[ContractSummary, ...]:
    """Return the summaries; they depend on what all links depend on, which one of them stands for."""
    observations = observations_in(lang)
    found = (contract_summary(observations, iri) for iri in contracts_of(site().release))
    return tuple(filter(None, found))


def summary_of(iri: str) -> ContractSummary | None:
    """Return the summary of a contract; of more contracts than are kept, it is read again."""
    known = next((each for each in summaries() if each.iri == iri), None)
    return known or contract_summary(observations_in(flask_responses.lang()), iri)


def comparison() -> SimpleNamespace:
    """Return what `_comparison` does, once for a site, a language and what its links depend on."""
    return site().memoize(_comparison, flask_responses.lang(), urls.link(""))


def _comparison(lang: Language, _link: str) -> SimpleNamespace:
    """Return contracts as `plan.html` compares them: their rows, the scale of their amounts, those without a figure, and
    in which points they compare; and the three tables of the macros `compared`, `compared_shares`, `points`.

    Keeping what the macros write saves 2 of 3 ms of the page that compares.
    """
    every = [*summaries()]
    every.sort(key=lambda each: (each.fictitious, folded(each.territory.text if each.territory else each.title)))
    found = [each for each in every if each.figures] or every
    most = largest_amount(found)
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
    silent = [each for each in every if each not in found]
    real = [each for each in found if not each.fictitious] or found
    compared = SimpleNamespace(rows=rows, scale=Markup(scale_svg(most, lang)), silent=silent, verdicts=_verdicts(real))  # noqa: S704
    macros: Any = environment(lang).get_template("plan.html").module
    for name in ("compared", "compared_shares", "points"):
        setattr(compared, name, getattr(macros, name)(compared))
    return compared


def _verdicts(contracts: Sequence[ContractSummary]) -> dict[str, str]:
    """Return whether the contracts compare in each point, as keys of sentences that give the reason."""

    def alike(value: Callable[[ContractSummary], object]) -> bool:
        return len({value(each) for each in contracts}) < 2

    same_scope = alike(lambda each: each.total and (each.total.scope, each.total.years)) and not any(
        each.parts or each.amendments for each in contracts
    )
    total = (
        "compare-no-total"
        if not all(each.announced for each in contracts)
        else "compare-no-rivals"
        if any(each.rivals for each in contracts)
        else "compare-no-nature"
        if not alike(lambda each: each.total and each.total.nature == "plus-de")
        else "compare-yes"
        if same_scope
        else "compare-no-scope"
    )
    return {
        "contract-total": total,
        "plan-of-what": "compare-yes" if same_scope else "compare-no-scope",
        "compare-named": "compare-yes"
        if alike(lambda each: tuple((it.title, len(it.lines)) for it in each.breakdowns))
        else "compare-no-breakdown",
        "status": "compare-yes"
        if all(each.signing and each.signing.day for each in contracts)
        else "compare-care-steps",
        "plan-signatories": "compare-yes"
        if alike(lambda each: tuple(sorted(it.code for it in each.signatories)))
        else "compare-care-payers",
    }


def range_said(compared: SimpleNamespace, lang: Language) -> str:
    """Return between which amounts the totals of the real contracts lie, in a sentence; else how many contracts there are.

    Where sources disagree all that they say counts, but for amounts that a « plus de » of another source includes. A
    contract without an amount leaves the range unsaid.
    """
    contracts = [each.contract for each in compared.rows]
    contracts = [each for each in contracts if not each.fictitious] or contracts
    said = list[tuple[Decimal, bool, Observation]]()
    for contract in contracts:
        totals = [(amount, each.nature == "plus-de", each) for each in contract.announced if (amount := money(each))]
        least = next((place for place, (_, is_least, _) in enumerate(totals) if is_least), len(totals))
        said += totals[: least + 1]
    said.sort(key=itemgetter(0, 1))  # of equal amounts « plus de » says the more
    count = formatting.cardinal(len(contracts), lang)
    if len({amount for amount, *_ in said}) < 2 or not all(money(each.total) for each in contracts):
        return formatting.capital(translate("home-contracts", lang, count=count))
    low, high = (amount_said(figure._replace(scope=None), lang) for figure in (said[0][2], said[-1][2]))
    return formatting.capital(translate("home-range", lang, count=count, low=low, high=high))
