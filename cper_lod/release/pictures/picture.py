"""A picture of a plan: a drawing for a screen and one for a phone; and parts of drawings."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import sentence
from cper_lod.release.pictures.svg import NARROW, SMALL, STRONG, TEXT, WIDE, Drawing, fitted, text_width, wrapped
from cper_lod.release.plan.observations import Hyperlink

FULL: Final = 100
"""The sum of shares of one whole, in percent."""
ROUNDING: Final = 1
"""Percent that shares may exceed their whole by, for rounding; with more they are not shares of one whole."""
MAX_ROWS: Final = 12
"""Bars of a drawing; further ones are counted, and stand in the table."""
COLOURS: Final = 5
"""Colours of groups in the style sheet (`k0`…), used again after the last."""
GAP: Final = 8
_LABEL: Final = 92
"""Least width of a label below a bar."""


@dataclass(frozen=True)
class Picture:
    """A figure of a contract. `name` is that in addresses; `title` says what it shows, `caption` of what and when.

    Drawings are made when they are asked for, since few pages show them all: `draw` fills an empty drawing and returns
    what it says in words. `dates` are the names and dates of a table that no page could make from the contract.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[Drawing], Iterable[str]]
    dates: tuple[tuple[Hyperlink, str], ...] = ()

    @cached_property
    def wide(self) -> Drawing:
        """The drawing for a screen."""
        return self._drawn(WIDE, "on-wide")

    @cached_property
    def narrow(self) -> Drawing:
        """The drawing for a phone."""
        return self._drawn(NARROW, "on-narrow")

    def _drawn(self, width: int, cls: str) -> Drawing:
        drawing = Drawing(width, title=self.title, cls=cls)
        drawing.description = " ".join(filter(None, self.draw(drawing)))
        return drawing


class Bar(NamedTuple):
    """A bar with its label: name, the value in short, and notes below it. `share` is its length, 0 to 100."""

    name: str
    value: str
    notes: tuple[str, ...]
    share: float | None
    colour: str


def phrase(lang: Language, key: str, **values: object) -> str:
    """Return a sentence as a printer sets it; what it is filled with is not typeset."""
    return formatting.typeset(sentence(key, lang), lang).format_map(values)


def colour(position: int) -> str:
    """Return the class of the colour of a group."""
    return f"k{position % COLOURS}"


def fits_one_bar(bars: Sequence[Bar], width: float) -> bool:
    """Return whether shares can be drawn as one bar: not over their whole, and with room for each label."""
    shares = [each.share for each in bars]
    return 0 < len(bars) * _LABEL <= width and all(shares) and sum(each for each in shares if each) <= FULL + ROUNDING


def one_bar(drawing: Drawing, bars: Sequence[Bar], top: float, thick: float = 56) -> None:
    """Draw shares of one whole as one bar, each as long as its share, with labels below."""
    scale = drawing.width / max(FULL, sum(each.share or 0 for each in bars))
    starts, x = [], 0.0
    for each in bars:
        length = (each.share or 0) * scale
        drawing.rect(x, top, length, thick, f"seg {each.colour}")
        if text_width(each.value, STRONG) + 2 * GAP <= length:
            drawing.text(x + 10, top + thick / 2 + 6, each.value, STRONG, f"on {each.colour}")
        starts.append(x)
        x += length
    for edge in starts[1:]:
        drawing.line(edge, top, edge, top + thick, "cut")
    places = label_places([each.share * scale for each in bars if each.share], drawing.width)
    for each, start, (left, right) in zip(bars, starts, places, strict=True):
        length = (each.share or 0) * scale
        y = top + thick + 4
        if not start - 1 <= left < start + max(length - GAP, 1):  # a line leads from a label to its part of the bar
            drawing.line(start + length / 2, top + thick, left + 2, y + 6, "lead")
            y += 6
        if text_width(each.value, STRONG) + 2 * GAP > length:
            y = drawing.lines(left, y, [fitted(each.value, right - left, STRONG)], STRONG)
        y = drawing.lines(left, y, wrapped(each.name, right - left, 4))
        for note in each.notes:
            y = drawing.lines(left, y, wrapped(note, right - left, 3, SMALL), SMALL)


def label_places(lengths: Sequence[float], width: float) -> list[tuple[float, float]]:
    """Return left and right of the labels below parts of a bar: at their parts, or beside them if these are short."""
    lefts: list[float] = []
    start = 0.0
    for length in lengths:
        lefts.append(max(start, lefts[-1] + _LABEL) if lefts else 0.0)
        start += length
    limit = width
    for position in range(len(lefts) - 1, -1, -1):
        lefts[position] = limit = min(lefts[position], limit - _LABEL)
    rights = [each - GAP for each in lefts[1:]] + [width]
    return list(zip(lefts, rights, strict=True))


def rows_of_bars(drawing: Drawing, bars: Sequence[Bar], lang: Language) -> float:
    """Draw bars one below the other, each with its name, value and notes; return the bottom."""
    y: float = 0
    for each in bars[:MAX_ROWS]:
        room = drawing.width - text_width(each.value, STRONG) - 2 * GAP
        names = wrapped(each.name, room, 2)
        drawing.text(drawing.width, y + STRONG.size, each.value, STRONG, anchor="end")
        y = drawing.lines(0, y, names) + 4
        if each.share is not None:
            drawing.rect(0, y, drawing.width, 14, "track")
            drawing.rect(0, y, each.share * drawing.width / FULL, 14, f"seg {each.colour}")
            y += 16
        together = " · ".join(each.notes)
        for note in (together,) if text_width(together, SMALL) <= drawing.width else each.notes:
            y = drawing.lines(0, y, wrapped(note, drawing.width, 2, SMALL), SMALL)
        y += 12
    if len(bars) > MAX_ROWS:
        more = phrase(lang, "fig-more", count=len(bars) - MAX_ROWS)
        y = drawing.lines(0, y, [fitted(more, drawing.width)], TEXT)
    return y


def bars_in_words(bars: Iterable[Bar], lang: Language) -> list[str]:
    """Return what the bars of a drawing say, a sentence for each."""
    shares = ((bar.name, ", ".join((bar.value, *bar.notes))) for bar in bars)
    return first_of(
        [phrase(lang, "fig-axis-said", axis=name, share=share) + "." for name, share in shares], MAX_ROWS, lang
    )


def first_of(said: Sequence[str], limit: int, lang: Language) -> list[str]:
    """Return the first of some sentences, and how many more there are."""
    more = len(said) - limit
    return [*said[:limit], *([phrase(lang, "fig-more", count=more)] if more > 0 else [])]


def boxes(drawing: Drawing, notes: Sequence[tuple[str, str]], top: float, columns: int) -> float:
    """Draw dotted boxes for what has no published value: a name and the reason; return the bottom."""
    width = (drawing.width - (columns - 1) * 2 * GAP) / columns
    inside = width - 2 * GAP - 4
    for first in range(0, len(notes), columns):
        bottom = top
        row = notes[first : first + columns]
        for position, (name, reason) in enumerate(row):
            x = position * (width + 2 * GAP)
            y = drawing.lines(x + GAP + 2, top + 6, wrapped(name, inside, 2), TEXT, "absent")
            y = drawing.lines(x + GAP + 2, y, wrapped(reason, inside, 4, SMALL), SMALL, "absent")
            bottom = max(bottom, y + 6)
        for position in range(len(row)):
            drawing.rect(position * (width + 2 * GAP) + 1, top + 1, width - 2, bottom - top - 2, "hole")
        top = bottom + GAP
    return top


def named(number: str, title: str) -> str:
    """Return the name of an axis with its number, if it has one, which does not stand alone at the end of a line.

    >>> named("2", "Soutenir les territoires").split(" ")[0].split()
    ['2', '·', 'Soutenir']
    """
    return f"{number}\u00a0·\u00a0{title}" if number else title
