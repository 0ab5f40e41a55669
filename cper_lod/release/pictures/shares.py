"""The shares of the axes: one bar of the published shares, grouped by priority; or a bar for each axis."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.text import lowered
from cper_lod.release.pictures.picture import (
    FULL,
    ROUNDING,
    Bar,
    Picture,
    Table,
    TableCell,
    bars_in_words,
    boxes,
    colour,
    described,
    fits_one_bar,
    head,
    named,
    one_bar,
    phrase,
    rows_of_bars,
    status_text,
    value_cell,
    with_bounds,
    words_cell,
)
from cper_lod.release.pictures.svg import SMALL, TEXT, WIDE, Drawing, wrapped
from cper_lod.release.plan.contract import ContractSummary, SummaryLine
from cper_lod.release.plan.finding import are_alike, axes_of, largest_share, share_of
from cper_lod.release.plan.observations import written

NAME: Final = "parts"
MAX_BOXES: Final = 4
"""Axes without a share that a drawing shows with their reason; further ones are counted."""
HALF: Final = Decimal(50)


@dataclass(frozen=True)
class _Shares:
    """The axes with a share, and their bars; whether their shares are of one whole, and can be added up."""

    published: tuple[SummaryLine, ...]
    bars: tuple[Bar, ...]
    absent: int
    total: Decimal
    alike: bool
    single: bool

    @property
    def summed(self) -> bool:
        """Whether the sum of the shares means something."""
        return self.alike and self.single and self.total <= FULL + ROUNDING


def _read(contract: ContractSummary, lang: Language) -> _Shares | None:
    """Return the shares of a contract, None if it publishes none."""
    axes = axes_of(contract)
    shares = [(line, share) for line in axes if (share := share_of(line)) is not None]
    if not shares:
        return None
    return _Shares(
        published=tuple(line for line, _ in shares),
        bars=tuple(_bar(contract, line, lang) for line, _ in shares),
        absent=len(axes) - len(shares),
        total=sum((share for _, share in shares), Decimal(0)),
        alike=are_alike(contract, [line for line, _ in shares]),
        single=all(len(line.serves) <= 1 for line in axes),
    )


def shares_picture(contract: ContractSummary, lang: Language) -> Picture | None:
    """Return the figure of the shares of the axes, None if no share is published."""
    found = _read(contract, lang)
    if found is None:
        return None
    title, caption = _title(contract, lang), _caption(found, lang)
    axes = axes_of(contract)

    def draw(drawing: Drawing) -> Drawing:
        if drawing.width == WIDE:
            columns, bottom = 2, _one_or_many(drawing, contract, found, lang)
        else:
            columns, bottom = 1, rows_of_bars(drawing, _by_length(found.bars), lang)
        if absent := _absent(axes, lang):
            y = drawing.lines(0, bottom, [phrase(lang, "fig-outside")], SMALL, "absent")
            boxes(drawing, absent, y + 2, columns)
        return described(drawing, title, [*bars_in_words(found.bars, lang), *_absent_words(axes, lang)])

    return Picture(NAME, title, caption, draw, partial(_table, contract, lang))


def shares_poster(contract: ContractSummary, lang: Language, width: int) -> Drawing | None:
    """Return the shares as a drawing for a picture of its own, without reasons; None if no share is published."""
    found = _read(contract, lang)
    if found is None:
        return None
    drawing = Drawing(width)
    y = _one_or_many(drawing, contract, found, lang)
    if found.absent:
        key = "fig-absent-one" if found.absent == 1 else "fig-absent-many"
        words = phrase(lang, key, count=formatting.capital(formatting.cardinal(found.absent, lang)))
        drawing.lines(0, y, [words], TEXT, "absent")
    return drawing


def _by_length(bars: Iterable[Bar]) -> list[Bar]:
    return sorted(bars, key=lambda bar: -(bar.share or 0))


def _one_or_many(drawing: Drawing, contract: ContractSummary, found: _Shares, lang: Language) -> float:
    """Draw one bar if the shares can be added up and their labels have room, else a bar for each; return the bottom."""
    if not (found.summed and fits_one_bar(found.bars, drawing.width)):
        return rows_of_bars(drawing, _by_length(found.bars), lang)
    y = _priorities(drawing, contract, found, lang)
    one_bar(drawing, [each._replace(notes=each.notes[:1]) for each in found.bars], y)
    return drawing.height + 12


def _bar(contract: ContractSummary, line: SummaryLine, lang: Language) -> Bar:
    """Return the bar of an axis: its share, its computed amount, and the priorities that it serves."""
    notes = []
    if line.derived and line.derived.value:
        notes.append(phrase(lang, "fig-computed", amount=written(line.derived, lang)))
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
    found = [line for line in axes if share_of(line) is None]
    said = [
        phrase(lang, "fig-outside-one", axis=named(line.number, line.title), reason=line.figure.reason).strip()
        for line in found[:MAX_BOXES]
    ]
    return [*said, phrase(lang, "fig-more", count=len(found) - MAX_BOXES)] if len(found) > MAX_BOXES else said


def _title(contract: ContractSummary, lang: Language) -> str:
    """Return what the figure shows: the axis with the largest share, if there is one."""
    largest = largest_share(contract)
    if largest is None:
        return phrase(lang, "fig-shares-title")
    key = "fig-shares-half" if (share_of(largest) or 0) > HALF else "fig-shares-largest"
    return phrase(lang, key, axis=formatting.typeset(largest.title, lang))


def _caption(found: _Shares, lang: Language) -> str:
    """Return of what the shares are, their sum if they can be added, and what is computed."""
    whole = found.published[0].figure.whole
    if found.alike and whole:
        said = [phrase(lang, "fig-shares-of", whole=lowered(whole.text))]
    else:
        said = [phrase(lang, "fig-shares-plain")]
    if found.summed and len(found.published) > 1:
        count = formatting.cardinal(len(found.published), lang)
        said.append(phrase(lang, "fig-shares-sum", count=count, sum=formatting.percent(str(found.total), lang)))
    elif not found.single:
        said.append(phrase(lang, "fig-shares-apart"))
    elif not found.alike:
        said.append(phrase(lang, "fig-shares-unlike"))
    if any(line.derived and line.derived.value for line in found.published):
        said.append(phrase(lang, "fig-shares-computed"))
    return " ".join(said)


def _priorities(drawing: Drawing, contract: ContractSummary, found: _Shares, lang: Language) -> float:
    """Write the names of the priorities above their parts of the bar; return the bottom."""
    scale = drawing.width / max(FULL, float(found.total))
    names: list[tuple[float, list[str]]] = []
    x = 0.0
    for group in contract.groups:
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
