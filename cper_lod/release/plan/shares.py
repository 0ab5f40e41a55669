"""The shares of the axes: one bar of the published shares, grouped by priority; or a bar for each axis."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.release.plan.contract import ContractSummary, SummaryLine
from cper_lod.release.plan.picture import (
    Bar,
    Picture,
    Table,
    TableCell,
    amount_text,
    boxes,
    colour,
    described,
    fits_one_bar,
    head,
    lowered,
    named,
    one_bar,
    phrase,
    rows_of_bars,
    status_text,
    value_cell,
    with_bounds,
    words_cell,
)
from cper_lod.release.plan.svg import NARROW, SMALL, WIDE, Drawing, wrapped

NAME: Final = "parts"
MAX_BOXES: Final = 4
"""Axes without a share that a drawing shows with their reason; further ones are counted."""
HALF: Final = Decimal(50)


def axes_of(contract: ContractSummary) -> list[SummaryLine]:
    """Return the axes of a contract, each once."""
    return list({line.href or line.number: line for group in contract.groups for line in group.lines}.values())


def share_of(line: SummaryLine) -> Decimal | None:
    """Return the published share of an axis as a number, None if there is none."""
    return formatting.exact(line.figure.value) if line.figure.kind == "percent" and line.figure.value else None


def shares_picture(contract: ContractSummary, lang: Language) -> Picture | None:
    """Return the figure of the shares of the axes, None if no share is published."""
    axes = axes_of(contract)
    shares = {line.href or line.number: share for line in axes if (share := share_of(line)) is not None}
    published = [line for line in axes if (line.href or line.number) in shares]
    if not published:
        return None
    wholes = {line.figure.whole for line in published}
    alike = len(wholes) == 1 and None not in wholes
    single = all(len(line.serves) <= 1 for line in axes)
    total = sum(shares.values())
    bars = [_bar(contract, line, lang) for line in published]
    summed = alike and single and contract.whole and total <= 101
    absent = _absent(axes, lang)
    title = _title(published, lang, half=alike)
    caption = _caption(published, total, lang, alike=alike, single=single, summed=summed)
    said = [phrase(lang, "fig-axis-said", axis=bar.name, share=", ".join((bar.value, *bar.notes))) for bar in bars]
    words = [caption, *(f"{each}." for each in said), *_absent_words(axes, lang)]

    wide = Drawing(WIDE, cls="on-wide")
    if summed and fits_one_bar(bars):
        y = _priorities(wide, contract, shares, lang)
        one_bar(wide, [each._replace(notes=each.notes[:1]) for each in bars], y)
        y = wide.height + 12
    else:
        y = rows_of_bars(wide, sorted(bars, key=lambda bar: -(bar.share or 0)), 0, lang)
    if absent:
        y = wide.lines(0, y, [translate("fig-outside", lang)], SMALL, "absent") + 2
        boxes(wide, absent, y, 2)
    narrow = Drawing(NARROW, cls="on-narrow")
    y = rows_of_bars(narrow, sorted(bars, key=lambda bar: -(bar.share or 0)), 0, lang)
    if absent:
        boxes(narrow, absent, y, 1)
    return Picture(
        NAME, title, caption, described(wide, title, words), described(narrow, title, words), _table(contract, lang)
    )


def _bar(contract: ContractSummary, line: SummaryLine, lang: Language) -> Bar:
    """Return the bar of an axis: its share, its computed amount, and the priorities that it serves."""
    notes = []
    if line.derived and line.derived.value:
        notes.append(phrase(lang, "fig-computed", amount=amount_text(line.derived, lang)))
    numbers = [each for each in line.serves if each]
    if numbers:
        key = "fig-priorities" if len(numbers) > 1 else "fig-priority-short"
        notes.append(phrase(lang, key, numbers=", ".join(numbers)))
    share = share_of(line)
    groups = [position for position, group in enumerate(contract.groups) if line in group.lines]
    return Bar(
        formatting.typeset(named(line.number, line.title), lang),
        formatting.percent(line.figure.value, lang),
        tuple(notes),
        float(min(max(share or Decimal(0), Decimal(0)), Decimal(100))),
        colour(groups[0]) if len(groups) == 1 else "several",
    )


def _absent(axes: Sequence[SummaryLine], lang: Language) -> list[tuple[str, str]]:
    """Return the axes without a share: name, and that it is not published with the reason."""
    found = [
        (
            formatting.typeset(named(line.number, line.title), lang),
            formatting.typeset(line.figure.reason, lang) or phrase(lang, "fig-unpublished"),
        )
        for line in axes
        if share_of(line) is None
    ]
    if len(found) > MAX_BOXES:
        return [*found[: MAX_BOXES - 1], (phrase(lang, "fig-more", count=len(found) - MAX_BOXES + 1), "")]
    return found


def _absent_words(axes: Iterable[SummaryLine], lang: Language) -> list[str]:
    return [
        phrase(lang, "fig-outside-one", axis=named(line.number, line.title), reason=line.figure.reason).strip()
        for line in axes
        if share_of(line) is None
    ]


def _title(published: Sequence[SummaryLine], lang: Language, *, half: bool) -> str:
    """Return what the figure shows: the axis with the largest share, if there is one."""
    ranked = sorted(published, key=lambda line: -(share_of(line) or 0))
    largest = share_of(ranked[0]) or Decimal(0)
    if len(ranked) < 2 or largest == share_of(ranked[1]):
        return phrase(lang, "fig-shares-title")
    key = "fig-shares-half" if half and largest > HALF else "fig-shares-largest"
    return phrase(lang, key, axis=ranked[0].title)


def _caption(
    published: Sequence[SummaryLine], total: Decimal | int, lang: Language, *, alike: bool, single: bool, summed: bool
) -> str:
    """Return of what the shares are, their sum if they can be added, and what is computed."""
    whole = published[0].figure.whole
    said = [
        phrase(lang, "fig-shares-of", whole=lowered(whole.text))
        if alike and whole
        else phrase(lang, "fig-shares-plain")
    ]
    if summed and len(published) > 1:
        count = formatting.cardinal(len(published), lang)
        said.append(phrase(lang, "fig-shares-sum", count=count, sum=formatting.percent(str(total), lang)))
    elif not single:
        said.append(phrase(lang, "fig-shares-apart"))
    elif not alike:
        said.append(phrase(lang, "fig-shares-unlike"))
    if any(line.derived and line.derived.value for line in published):
        said.append(phrase(lang, "fig-shares-computed"))
    return " ".join(said)


def _priorities(drawing: Drawing, contract: ContractSummary, shares: dict[str, Decimal], lang: Language) -> float:
    """Write the names of the priorities above their parts of the bar; return the bottom."""
    scale = drawing.width / 100
    names: list[tuple[float, list[str]]] = []
    x = 0.0
    for group in contract.groups:
        length = float(sum(shares.get(line.href or line.number, Decimal(0)) for line in group.lines)) * scale
        if length:
            text = phrase(lang, "fig-priority", number=group.number, title=group.title) if group.number else group.title
            names.append((x, wrapped(text, length - 10, 3, SMALL)))
        x += length
    height = max(len(lines) for _, lines in names) * SMALL.line
    for start, lines in names:
        drawing.lines(start, height - len(lines) * SMALL.line, lines, SMALL)
    return height + 6


def _table(contract: ContractSummary, lang: Language) -> Table:
    """Return axis, priorities, share, computed amount with bounds, status, words."""
    columns = ("axis", "priority", "share", "fig-bounds", "fig-status", "fig-words")
    rows = []
    for line in axes_of(contract):
        rows.append(
            (
                TableCell(named(line.number, line.title), line.href),
                TableCell(", ".join(each for each in line.serves if each)),
                value_cell(line.figure, lang, translate("missing", lang)),
                with_bounds(line.derived, lang),
                TableCell(status_text(line.figure, lang)),
                words_cell(line.figure),
            )
        )
    return Table(head(columns, ("share", "fig-bounds"), lang), tuple(rows))
