"""The shares of the axes, as one bar grouped by priority or a bar for each axis; and who pays.

The funders are one bar of their shares, or bars of their amounts relative to the largest.
"""

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
    boxes,
    colour,
    first_of,
    fits_one_bar,
    named,
    one_bar,
    phrase,
    rows_of_bars,
)
from cper_lod.release.pictures.svg import SMALL, TEXT, WIDE, Drawing, wrapped
from cper_lod.release.plan.contract import ContractSummary, SummaryLine
from cper_lod.release.plan.finding import are_alike, largest_share
from cper_lod.release.plan.observations import written

SHARES: Final = "parts"
PAYERS: Final = "financeurs"
MAX_BOXES: Final = 4
"""Axes without a share that a drawing shows with their reason; further ones are counted."""
HALF: Final = Decimal(50)


class _Shares:
    """The axes with a published share, and their bars; the axes without; whether the shares can be added up."""

    def __init__(self, contract: ContractSummary, lang: Language) -> None:
        self.contract, self.lang, axes = contract, lang, contract.axes
        self.published = [line for line in axes if line.published_share is not None]
        self.absent = [line for line in axes if line.published_share is None]
        self.bars = [_axis_bar(contract, line, lang) for line in self.published]
        self.total = sum((line.published_share or Decimal(0) for line in self.published), Decimal(0))
        self.alike = are_alike(contract, self.published)
        self.single = all(len(line.serves) <= 1 for line in axes)
        self.summed = self.alike and self.single and self.total <= FULL + ROUNDING

    def draw(self, drawing: Drawing) -> float:
        """Draw one bar if the shares can be added up and their labels have room, else a bar for each; return the bottom."""
        if not (self.summed and fits_one_bar(self.bars, drawing.width)):
            return self.draw_rows(drawing)
        y = _priorities(drawing, self)
        one_bar(drawing, [each._replace(notes=each.notes[:1]) for each in self.bars], y)
        return drawing.height + 12

    def draw_rows(self, drawing: Drawing) -> float:
        """Draw a bar for each axis, the longest first; return the bottom."""
        return rows_of_bars(drawing, sorted(self.bars, key=lambda bar: -(bar.share or 0)), self.lang)


def shares_picture(contract: ContractSummary, lang: Language) -> Picture | None:
    """Return the figure of the shares of the axes, None if no share is published."""
    found = _Shares(contract, lang)

    def draw(drawing: Drawing) -> list[str]:
        columns, draw_bars = (2, found.draw) if drawing.width == WIDE else (1, found.draw_rows)
        bottom = draw_bars(drawing)
        if found.absent:
            y = drawing.lines(0, bottom, [phrase(lang, "fig-outside")], SMALL, "absent")
            boxes(drawing, _absent(found), y + 2, columns)
        return [*bars_in_words(found.bars, lang), *_absent_words(found)]

    return Picture(SHARES, _title(contract, lang), _shares_caption(found), draw) if found.published else None


def shares_poster(contract: ContractSummary, lang: Language, width: int) -> Drawing | None:
    """Return the shares as a drawing for a picture of its own, without reasons; None if no share is published."""
    found, drawing = _Shares(contract, lang), Drawing(width)
    if not found.published:
        return None
    y = found.draw(drawing)
    if absent := len(found.absent):
        key = "fig-absent-one" if absent == 1 else "fig-absent-many"
        words = phrase(lang, key, count=formatting.capital(formatting.cardinal(absent, lang)))
        drawing.lines(0, y, [words], TEXT, "absent")
    return drawing


def _axis_bar(contract: ContractSummary, line: SummaryLine, lang: Language) -> Bar:
    """Return the bar of an axis: its share, its computed amount, and the priorities that it serves."""
    notes = []
    if line.derived and line.derived.value:
        notes.append(phrase(lang, "fig-computed", amount=written(line.derived, lang)))
    numbers = [each for each in line.serves if each]
    if numbers:
        key = "fig-priorities" if len(numbers) > 1 else "fig-priority-short"
        notes.append(phrase(lang, key, numbers=", ".join(numbers)))
    groups = [position for position, group in enumerate(contract.groups) if line in group.lines]
    return Bar(
        formatting.typeset(named(line.number, line.title), lang),
        formatting.percent(line.figure.value, lang),
        tuple(notes),
        float(min(max(line.published_share or Decimal(0), Decimal(0)), Decimal(FULL))),
        colour(groups[0]) if len(groups) == 1 else "several",
    )


def _absent(found: _Shares) -> list[tuple[str, str]]:
    """Return the axes without a share: name, and that it is not published with the reason; the last counts the others."""
    lang, beyond = found.lang, len(found.absent) - MAX_BOXES
    named_ = [
        (
            formatting.typeset(named(line.number, line.title), lang),
            formatting.typeset(line.figure.reason, lang) or phrase(lang, "fig-unpublished"),
        )
        for line in (found.absent[: MAX_BOXES - 1] if beyond > 0 else found.absent)
    ]
    return [*named_, (phrase(lang, "fig-more", count=beyond + 1), "")] if beyond > 0 else named_


def _absent_words(found: _Shares) -> list[str]:
    named_ = ((named(line.number, line.title), line.figure.reason) for line in found.absent)
    said = [phrase(found.lang, "fig-outside-one", axis=axis, reason=reason).strip() for axis, reason in named_]
    return first_of(said, MAX_BOXES, found.lang)


def _title(contract: ContractSummary, lang: Language) -> str:
    """Return what the figure shows: the axis with the largest share, if there is one."""
    largest = largest_share(contract)
    if largest is None:
        return phrase(lang, "fig-shares-title")
    key = "fig-shares-half" if (largest.published_share or 0) > HALF else "fig-shares-largest"
    return phrase(lang, key, axis=formatting.typeset(largest.title, lang))


def _shares_caption(found: _Shares) -> str:
    """Return of what the shares are, their sum if they can be added, and what is computed."""
    lang, count = found.lang, len(found.published)
    whole = found.published[0].figure.whole
    if found.alike and whole:
        said = [phrase(lang, "fig-shares-of", whole=lowered(whole.text))]
    else:
        said = [phrase(lang, "fig-shares-plain")]
    if found.summed and count > 1:
        total = formatting.percent(str(found.total), lang)
        said.append(phrase(lang, "fig-shares-sum", count=formatting.cardinal(count, lang), sum=total))
    elif not found.single:
        said.append(phrase(lang, "fig-shares-apart"))
    elif not found.alike:
        said.append(phrase(lang, "fig-shares-unlike"))
    if any(line.derived and line.derived.value for line in found.published):
        said.append(phrase(lang, "fig-shares-computed"))
    return " ".join(said)


def _priorities(drawing: Drawing, found: _Shares) -> float:
    """Write the names of the priorities above their parts of the bar; return the bottom."""
    lang, scale = found.lang, drawing.width / max(FULL, float(found.total))
    names: list[tuple[float, list[str]]] = []
    x = 0.0
    for group in found.contract.groups:
        length = sum(
            bar.share or 0 for line, bar in zip(found.published, found.bars, strict=True) if line in group.lines
        )
        if length:
            title = formatting.typeset(group.title, lang)
            text = phrase(lang, "fig-priority", number=group.number, title=title) if group.number else title
            names.append((x, wrapped(text, length * scale - 10, 4, SMALL)))
        x += length * scale
    height = max(len(lines) for _, lines in names) * SMALL.line
    for start, lines in names:
        drawing.lines(start, height - len(lines) * SMALL.line, lines, SMALL)
    return height + 6


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
        _funder_bar(line, position, length, lang, by_share=by_share)
        for position, (line, length) in enumerate(zip(lines, lengths, strict=True))
    ]
    caption = _payers_caption(contract, lines, lang, by_share=by_share, drawn=any(each is not None for each in lengths))

    def draw(drawing: Drawing) -> list[str]:
        if by_share and drawing.width == WIDE and fits_one_bar(bars, drawing.width):
            one_bar(drawing, bars, 0)
        else:
            rows_of_bars(drawing, bars, lang)
        return bars_in_words(bars, lang)

    return Picture(PAYERS, phrase(lang, "fig-payers-title"), caption, draw)


def _relative(lines: list[SummaryLine]) -> list[float | None]:
    """Return the lengths of bars relative to the largest amount; none if amounts cannot be compared."""
    amounts = [formatting.exact(each.figure.value) if each.figure.kind == "amount" else None for each in lines]
    largest = max((each for each in amounts if each is not None), default=Decimal(0))
    alike = len({each.figure.currency for each in lines}) == 1 and not any(each.figure.least for each in lines)
    if not alike or largest <= 0:
        return [None] * len(lines)
    return [float(max(each, Decimal(0)) * 100 / largest) if each is not None else None for each in amounts]


def _funder_bar(line: SummaryLine, position: int, length: float | None, lang: Language, *, by_share: bool) -> Bar:
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


def _payers_caption(
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
