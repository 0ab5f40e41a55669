"""The shares of the axes: one bar of the published shares, grouped by priority; or a bar for each axis."""

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

NAME: Final = "parts"
MAX_BOXES: Final = 4
"""Axes without a share that a drawing shows with their reason; further ones are counted."""
HALF: Final = Decimal(50)


class _Shares:
    """The axes with a published share, and their bars; the axes without; whether the shares can be added up."""

    def __init__(self, contract: ContractSummary, lang: Language) -> None:
        self.contract, self.lang, axes = contract, lang, contract.axes
        self.published = [line for line in axes if line.published_share is not None]
        self.absent = [line for line in axes if line.published_share is None]
        self.bars = [_bar(contract, line, lang) for line in self.published]
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

    return Picture(NAME, _title(contract, lang), _caption(found), draw) if found.published else None


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


def _bar(contract: ContractSummary, line: SummaryLine, lang: Language) -> Bar:
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


def _caption(found: _Shares) -> str:
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
