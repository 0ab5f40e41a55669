"""Who pays: the shares of the funders as one bar, or their amounts relative to the largest."""

from decimal import Decimal
from typing import Final

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.text import lowered
from cper_lod.release.pictures.picture import (
    FULL,
    ROUNDING,
    Bar,
    Picture,
    bars_in_words,
    colour,
    fits_one_bar,
    one_bar,
    phrase,
    rows_of_bars,
)
from cper_lod.release.pictures.svg import WIDE, Drawing
from cper_lod.release.plan.contract import ContractSummary, SummaryLine
from cper_lod.release.plan.observations import written

NAME: Final = "financeurs"


def payers_picture(contract: ContractSummary, lang: Language) -> Picture | None:
    """Return the figure of the funders, None if none has a share or an amount."""
    lines = [each for each in contract.funders if each.figure.value or (each.share and each.share.value)]
    if not lines:
        return None
    shares = [formatting.exact(each.share.value) if each.share and each.share.value else None for each in lines]
    wholes = {each.share.whole for each in lines if each.share}
    known = [each for each in shares if each is not None]
    complete = contract.whole and len(known) == len(contract.funders) and min(known) >= 0
    by_share = complete and len(wholes) == 1 and None not in wholes and sum(known) <= FULL + ROUNDING
    lengths = [float(each) if each is not None else None for each in shares] if by_share else _relative(lines)
    bars = [
        _bar(line, position, length, lang, by_share=by_share)
        for position, (line, length) in enumerate(zip(lines, lengths, strict=True))
    ]
    caption = _caption(contract, lines, lang, by_share=by_share, drawn=any(each is not None for each in lengths))

    def draw(drawing: Drawing) -> list[str]:
        if by_share and drawing.width == WIDE and fits_one_bar(bars, drawing.width):
            one_bar(drawing, bars, 0)
        else:
            rows_of_bars(drawing, bars, lang)
        return bars_in_words(bars, lang)

    return Picture(NAME, phrase(lang, "fig-payers-title"), caption, draw)


def _relative(lines: list[SummaryLine]) -> list[float | None]:
    """Return the lengths of bars relative to the largest amount; none if amounts cannot be compared."""
    amounts = [formatting.exact(each.figure.value) if each.figure.kind == "amount" else None for each in lines]
    largest = max((each for each in amounts if each is not None), default=Decimal(0))
    alike = len({each.figure.currency for each in lines}) == 1 and not any(each.figure.least for each in lines)
    if not alike or largest <= 0:
        return [None] * len(lines)
    return [float(max(each, Decimal(0)) * 100 / largest) if each is not None else None for each in amounts]


def _bar(line: SummaryLine, position: int, length: float | None, lang: Language, *, by_share: bool) -> Bar:
    """Return the bar of a funder: share and amount, and that the split of a group is not published."""
    amount = written(line.figure, lang) if line.figure.value else phrase(lang, "fig-amount-unpublished")
    share = formatting.percent(line.share.value, lang) if line.share and line.share.value else ""
    notes = [amount if by_share else share]
    is_group = line.members > 1
    if is_group:
        group = phrase(lang, "fig-group", count=formatting.cardinal(line.members, lang))
        notes.append(formatting.capital(group))
    value = share if by_share else amount
    return Bar(line.title, value, tuple(filter(None, notes)), length, "group" if is_group else colour(position + 1))


def _caption(
    contract: ContractSummary, lines: list[SummaryLine], lang: Language, *, by_share: bool, drawn: bool
) -> str:
    """Return what the bars show, the computed sum, and the scope if all amounts have the same."""
    key = "fig-payers-shares" if by_share else "fig-payers-amounts" if drawn else "fig-payers-plain"
    said = [phrase(lang, key)]
    if contract.total and contract.total.value:
        said.append(phrase(lang, "fig-payers-total", amount=written(contract.total, lang)))
    scopes = {each.figure.scope for each in lines if each.figure.value}
    scope = scopes.pop() if len(scopes) == 1 else None
    if scope:
        said.append(phrase(lang, "fig-scope", scope=lowered(scope.text)))
    return " ".join(said)
