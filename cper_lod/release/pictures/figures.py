"""The figures of a contract, by the name that they have in addresses: `parts`, `financeurs`, `calendrier`.

Each is rows of a label, a bar or a mark, and a value, drawn as SVG as wide as a phone; larger screens show the same.
Classes name what the style sheet colours.
"""

import datetime
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.text import lowered
from cper_lod.release.pictures.bars import (
    FULL,
    HALF,
    ROUNDING,
    SCREENS,
    DrawnBar,
    Segment,
    amounts_bar,
    drawn_line,
    drawn_text,
    laid,
    largest_amount,
    payer_shares,
    pieces,
    shares_bar,
    shown_on,
)
from cper_lod.release.pictures.text import SMALL, STRONG, TEXT, Font, clean, fitted, phrase, text_width, wrapped
from cper_lod.release.plan.contract import Breakdown, ContractSummary, Step, SummaryLine, are_alike, largest_share
from cper_lod.release.plan.finding import step_said
from cper_lod.release.plan.observations import Observation, Source, included, written

WIDTH: Final = 328
"""Units across a drawing: pixels, on a phone."""
MAX_ROWS: Final = 12
"""Rows of a drawing; further ones are counted, and stand in the table."""
MAX_YEARS: Final = 40
"""Years that the figure of the dates spans; with more there is none."""
THICK: Final = 12
"""Units from the top to the bottom of a bar of a row,"""
GAP: Final = 8
_BAR: Final = 46
"""and of one that holds all."""
COLOURS: Final = 4
"""Colours of priorities; further ones have that of nothing."""
_HEDGED: Final = ("plus-de", "moins-de")
"""Natures of a total that lies on one side of its mark."""
_PERCENT: Final = re.compile('="([0-9.]+)%"')
_LINK: Final = re.compile("</?a[^>]*>")
_DATE: Final = re.compile("([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_YEAR: Final = re.compile("[0-9]{4}")


class FigureRow(NamedTuple):
    """A row of a figure: its label with the address of its page, its value in short, and notes below.

    It has a bar of its own, of a `length` in percent of the width and of the class `cls`, or `dot` is the class of its piece
    of the bar that holds all. `absent` says that what the row is about is not known. `scope` is that note which says what
    the value counts.
    """

    label: str
    value: str = ""
    notes: tuple[str, ...] = ()
    length: Decimal | None = None
    cls: str = "seg"
    href: str = ""
    absent: bool = False
    dot: str = ""
    scope: str = ""


@dataclass
class Drawing:
    """An SVG drawing in units from the top left; `height` grows with what is drawn."""

    width: float
    height: float = 0
    content: str = ""

    def rect(self, x: float, y: float, width: float, height: float, cls: str) -> None:
        """Draw a rectangle."""
        self.content += f'<rect class="{cls}" x="{x:.6g}" y="{y:.6g}" width="{width:.6g}" height="{height:.6g}"/>'
        self.height = max(self.height, y + height)

    def text(self, x: float, y: float, text: str, font: Font = TEXT, cls: str = "", *, end: bool = False) -> None:
        """Write a line of text; `y` is its baseline, `x` its beginning or its end."""
        names = f"{font.cls} {cls}".strip()
        attributes = (f' class="{names}"' if names else "") + (' text-anchor="end"' if end else "")
        self.content += f'<text x="{x:.6g}" y="{y:.6g}"{attributes}>{clean(text)}</text>'
        self.height = max(self.height, y + font.size * 0.3)

    def lines(self, x: float, y: float, lines: Iterable[str], font: Font = TEXT, cls: str = "") -> float:
        """Write lines of text below `y`; return where the next line would begin."""
        for each in lines:
            self.text(x, y + font.size, each, font, cls)
            y += font.line
        return y

    def row(self, row: FigureRow, y: float) -> float:
        """Draw a row below `y`: label and value, its bars, its notes; return the bottom."""
        value = fitted(row.value, self.width * 0.7, STRONG)
        room = self.width
        if value:
            self.text(self.width, y + TEXT.size, value, STRONG, end=True)
            room -= text_width(value, STRONG) + 2 * GAP
        left = 22 if row.dot else 0
        if row.dot:
            self.rect(1, y + 2, 13, 13, row.dot)
        y = max(self.lines(left, y, wrapped(row.label, room - left, 4)), y + STRONG.line) + 2
        if row.length is not None:
            self.rect(0, y, self.width, THICK, "track")
            self.rect(0, y, float(row.length) * self.width / 100, THICK, row.cls)
            y += THICK + 2
        together = " · ".join(row.notes)
        for note in (together,) if text_width(together, SMALL) <= self.width else row.notes:
            y = self.lines(left, y, wrapped(note, self.width - left, 4, SMALL), SMALL, "absent" if row.absent else "")
        return y


@dataclass(frozen=True)
class Picture:
    """A figure of a contract. `name` is that in addresses; `title` says what it shows, `caption` of what and when.

    `absent` are rows without a published value, after the others. `bar` holds all rows in one; without it, each has its own.
    `sources` are the documents that its published figures and steps come from.
    """

    name: str
    title: str
    caption: str
    lang: Language
    rows: tuple[FigureRow, ...]
    absent: tuple[FigureRow, ...] = ()
    bar: DrawnBar | None = None
    sources: tuple[Source, ...] = ()

    @property
    def lengths(self) -> dict[str, str]:
        """How long the bar of each row is that has one of its own, in percent, by the address of the row."""
        return {each.href: f"{each.length:.2f}" for each in self.rows if each.length is not None and each.href}

    def shown(self, limit: int = MAX_ROWS) -> list[FigureRow]:
        """Return the rows that are drawn, and one that counts the others."""
        rows = [*self.rows, *self.absent]
        more = len(rows) - limit
        return [*rows[:limit], FigureRow(phrase(self.lang, "fig-more", count=more))] if more > 0 else rows

    @property
    def description(self) -> str:
        """What the figure shows in words, a sentence for each row."""
        return " ".join(_in_words(each, self.lang) for each in self.shown())

    def drawing(self, width: float = WIDTH, limit: int = MAX_ROWS) -> Drawing:
        """Return the drawing of the bar and the rows, as an image of its own has it."""
        drawing, y = Drawing(width), 0.0
        if self.bar:
            drawing.content, drawing.height = _measured(self.bar.content, width), self.bar.height
            y = drawing.height + GAP
        for row in self.shown(limit):
            y = drawing.row(row, y) + (4 if self.bar else 10)
        return drawing

    def __html__(self) -> str:
        """Return the drawing for a page, as templates write it; there are no ids, so that it may stand there twice.

        Of a bar that holds all, the rows stand beside it, in a table or a list.
        """
        if self.bar:
            return self.bar.svg()
        drawing = self.drawing()
        box = f"0 0 {WIDTH} {math.ceil(drawing.height)}"
        words = f"<title>{clean(self.title)}</title><desc>{clean(self.description)}</desc>"
        return f'<svg viewBox="{box}" role="img">{words}{drawing.content}</svg>'


def _measured(content: str, width: float) -> str:
    """Return a drawing whose places are in percent in units, for an image that leads nowhere."""
    placed = _PERCENT.sub(lambda each: f'="{float(each[1]) * width / 100:.6g}"', content)
    return _LINK.sub("", placed)


def _in_words(row: FigureRow, lang: Language) -> str:
    said = ", ".join(filter(None, (row.value, *row.notes)))
    return phrase(lang, "fig-axis-said", axis=row.label, share=said.rstrip(".")) + "." if said else f"{row.label}."


def shares_picture(
    contract: ContractSummary, lang: Language, lit: Collection[str] = (), *, computed: bool = True
) -> Picture | None:
    """Return the figure of what goes to what: the shares of subdivisions in one bar, if they are shares of one whole.

    Else a bar for each, shares or amounts, the longest first. None if none is published. `lit` are the addresses of those
    that the others are pale beside, `computed` says whether the computed amounts are drawn.
    """
    shown = contract.shared
    lines = [each for each in shown.lines if each.figure and each.figure.said] if shown else []
    if shown is None or not lines:
        return None
    shares = [each for each in lines if each.published_share is not None]
    lengths = [each.published_share for each in lines] if shares else _relative(lines)
    total = sum((each.published_share or Decimal(0) for each in shares), Decimal(0))
    single = all(len(each.above) <= 1 for each in shown.lines)
    stacked = single and are_alike(shown, shares) and len(shares) == len(lines) and total <= FULL + ROUNDING
    colours = priority_colours(shown)
    if stacked:
        rows = [_line_row(each, lang)._replace(dot=colours[each.href] + _pale(each, lit)) for each in lines]
    else:
        order = sorted(zip(lines, lengths, strict=True), key=lambda each: -(each[1] if each[1] is not None else -1))
        rows = [_line_row(each, lang)._replace(length=at, cls=f"seg {colours[each.href]}") for each, at in order]
    return Picture(
        SHARES,
        _shares_title(shown, lang),
        _shares_caption(shown, shares, lang, computed=computed and not (stacked and lit), drawn=any(lengths)),
        lang,
        tuple(rows),
        # A subdivision whose amount is a part of another one is not unpublished: « Dont » tells it.
        tuple(_absent_row(each, lang) for each in shown.lines if each not in lines and not each.part),
        _shares_bar(shares, colours, lang, lit, computed=computed) if stacked else None,
        tuple(
            dict.fromkeys(
                each.source
                for line in lines
                for each in (line.share, line.amount)
                if each and each.said and each.source
            )
        ),
    )


def priority_colours(breakdown: Breakdown) -> dict[str, str]:
    """Return the class that colours each subdivision, by its address: that of what it lies under, in the order of the table."""
    groups, found = [each for each in breakdown.groups if each.lines or each.head], dict[str, str]()
    nested = any(each.head and each.lines for each in groups)
    for number, group in enumerate(groups, 1):
        cls = f"p{number if nested else 1}" if number <= COLOURS or not nested else "whole"
        for line in (*((group.head,) if group.head else ()), *group.lines):
            found.setdefault(line.href, cls)
    return found


def _pale(line: SummaryLine, lit: Collection[str]) -> str:
    return " dim" if lit and line.href not in lit else ""


def _shares_bar(
    shares: list[SummaryLine], colours: dict[str, str], lang: Language, lit: Collection[str], *, computed: bool
) -> DrawnBar:
    """Return the bar of published shares, and below it the amounts that are computed from them, dashed."""
    segments = laid(
        Segment(
            start=Decimal(0),
            length=line.published_share or Decimal(0),
            cls=colours[line.href] + _pale(line, lit),
            labels=tuple(filter(None, (written(line.share, lang) if line.share else "", line.number))),
            href=line.href,
        )
        for line in shares
    )
    drawn, height = pieces(segments, 1, _BAR, linked=True), _BAR + 2
    for each in segments:
        if each.href in lit:
            drawn += drawn_line("tick", each.start, height + 4, height + 4, each.start + each.length)
    if lit or not computed:
        return DrawnBar(drawn, height + 8 if lit else height)
    amounts = [
        each._replace(cls="dashed", labels=(written(line.derived, lang),), length=each.length)
        for line, each in zip(shares, segments, strict=True)
        if line.derived and line.derived.value
    ]
    if amounts:
        drawn += pieces(amounts, height + 4, 26, linked=True)
        height += 32
    return DrawnBar(drawn, height)


def _line_row(line: SummaryLine, lang: Language) -> FigureRow:
    """Return the row of a subdivision: its figure, its computed amount, and what it lies under."""
    said = []
    if line.share and line.share.said and line.amount and line.amount.said:
        said.append(written(line.amount, lang))
    elif line.derived and line.derived.value:
        said.append(phrase(lang, "fig-computed", amount=written(line.derived, lang)))
    said += [formatting.typeset(each, lang) for each in line.above]
    figure = line.figure
    scope = formatting.typeset(lowered(figure.scope.text), lang) if figure and figure.scope else ""
    value, notes = written(figure, lang) if figure else "", tuple(filter(None, (*said, scope)))
    return FigureRow(formatting.typeset(line.name, lang), value, notes, href=line.href, scope=scope)


def _absent_row(line: SummaryLine, lang: Language) -> FigureRow:
    """Return the row of a subdivision that has no published figure: that, and the reason if the source has one."""
    reason = formatting.typeset(line.figure.reason, lang) if line.figure else ""
    notes = phrase(lang, "fig-unpublished"), reason
    name = formatting.typeset(line.name, lang)
    return FigureRow(name, "", tuple(filter(None, notes)), href=line.href, absent=True, dot="dotted")


def _shares_title(shown: Breakdown, lang: Language) -> str:
    """Return what the figure shows: the subdivision with the largest share, if there is one."""
    largest = largest_share(shown)
    if largest is None:
        return phrase(lang, "fig-shares-title", name=lowered(shown.title))
    key = "fig-shares-half" if (largest.published_share or 0) > HALF else "fig-shares-largest"
    return phrase(lang, key, name=formatting.typeset(largest.title, lang))


def _shares_caption(shown: Breakdown, shares: list[SummaryLine], lang: Language, *, computed: bool, drawn: bool) -> str:
    """Return of what the shares are, their sum if they can be added, and what is computed."""
    if not shares:
        return phrase(lang, "fig-payers-amounts" if drawn else "fig-payers-plain")
    whole = shares[0].share.whole if shares[0].share else None
    total = sum((each.published_share or Decimal(0) for each in shares), Decimal(0))
    alike, single = are_alike(shown, shares), all(len(each.above) <= 1 for each in shown.lines)
    of = phrase(lang, "fig-shares-of", whole=lowered(whole.text)) if alike and whole else ""
    said = [of or phrase(lang, "fig-shares-plain")]
    if alike and single and total <= FULL + ROUNDING:
        if len(shares) > 1:
            count, percent = formatting.cardinal(len(shares), lang), formatting.percent(str(total), lang)
            bounds = included({each.share.nature for each in shares if each.share}, lang)
            said.append(
                phrase(lang, "fig-shares-sum", count=count, sum=percent, includes=f" ({bounds})" if bounds else "")
            )
    elif not single:
        said.append(phrase(lang, "fig-shares-apart"))
    elif not alike:
        said.append(phrase(lang, "fig-shares-unlike"))
    if computed and any(each.derived and each.derived.value for each in shares):
        said.append(phrase(lang, "fig-shares-computed"))
    return " ".join(said)


def interval_bar(figure: Observation, lang: Language) -> DrawnBar | None:
    """Return a computed amount as the interval between its bounds, on a scale around it; None without both bounds."""
    low, high = formatting.exact(figure.low), formatting.exact(figure.high)
    if low is None or high is None or not 0 <= low < high:
        return None
    unit = Decimal(1).scaleb((high - low).adjusted())
    step = next(unit * each for each in (1, 2, 5, 10) if (high - low) / (unit * each) <= 2)
    start, ticks = (low // step - 1) * step, 5
    start = max(start, Decimal(0))
    while start + step * (ticks - 1) < high + step:
        ticks += 1
    across = step * (ticks - 1)
    drawn = drawn_line("thin", Decimal(0), 46, 46, FULL)
    marks = formatting.short_amounts([start + step * number for number in range(ticks)], figure.currency, lang)
    for number, said in enumerate(marks):
        at = Decimal(number * 100) / (ticks - 1)
        anchor = "start" if number == 0 else "end" if number == ticks - 1 else "middle"
        screens = "" if number in (0, ticks - 1) else " at-xl at-wide"
        drawn += drawn_line("thin", at, 42, 50) + drawn_text(f"s{screens}", at, 68, said, anchor)
    left, right = ((each - start) * 100 / across for each in (low, high))
    drawn += f'<rect class="dashed" x="{left:.2f}%" y="20" width="{right - left:.2f}%" height="22"/>'
    said = formatting.amount_range(figure.low, figure.high, figure.currency, lang)
    return DrawnBar(drawn + drawn_text("calc", (left + right) / 2, 13, said, "middle"), 74)


def payers_picture(contract: ContractSummary, lang: Language) -> Picture | None:
    """Return the figure of the funders: bars of their shares, or of their amounts relative to the largest.

    None if no funder has a share or an amount.
    """
    lines = [each for each in contract.funders if each.figure and each.figure.said]
    if not lines:
        return None
    bar = amounts_bar(contract, largest_amount((contract,)), lang, _BAR, linked=True) or shares_bar(
        contract, lang, _BAR, linked=True
    )
    shares = payer_shares(contract)
    lengths, by_share = [share for _, share in shares] or _relative(lines), bool(shares)
    if bar and contract.summed:
        key = "fig-payers-plain"
    elif by_share:
        key = "fig-payers-shares" if any(each.amount for each in lines) else "fig-shares-plain"
    else:
        key = "fig-payers-amounts" if any(lengths) else "fig-payers-plain"
    said = [phrase(lang, key)]
    if bar and by_share and not contract.summed and contract.total and contract.total.value:
        said.append(phrase(lang, "fig-payers-split"))
    if bar and contract.total and contract.total.value:
        key = "fig-payers-arrow" if contract.total.nature in _HEDGED else "fig-payers-line"
        said.append(phrase(lang, key, amount=written(contract.total, lang)))
    if contract.sum and contract.sum.value:
        said.append(phrase(lang, "fig-payers-total", amount=written(contract.sum, lang)))
    if bar and any(len(each.members) > 1 for each in lines):
        said.append(phrase(lang, "fig-payers-notches"))
    scopes = {each.amount.scope for each in lines if each.amount and each.amount.value}
    if len(scopes) == 1 and (scope := scopes.pop()):
        said.append(phrase(lang, "fig-scope", scope=lowered(scope.text)))
    rows = []
    for line, length in zip(lines, lengths, strict=True):
        row = _funder_row(line, lang, by_share=by_share)
        rows.append(row._replace(dot=line.colour) if bar else row._replace(length=length, cls=f"seg {line.colour}"))
    title, sources = phrase(lang, "fig-payers-title"), tuple(contract.leading_sources)
    return Picture(PAYERS, title, " ".join(said), lang, tuple(rows), bar=bar, sources=sources)


def _relative(lines: list[SummaryLine]) -> list[Decimal | None]:
    """Return the lengths of bars relative to the largest amount, in percent; none if amounts cannot be compared."""
    known = [each.amount for each in lines if each.amount and each.amount.value]
    largest = max((amount for each in lines if (amount := each.published_amount) is not None), default=Decimal(0))
    like = {(each.currency, each.scope, each.nature in ("exact", "arrondi", "")) for each in known}
    if len(known) <= 1 or len(like) != 1 or not next(iter(like))[2] or largest <= 0:
        return [None] * len(lines)
    return [each * 100 / largest if (each := line.published_amount) is not None else None for line in lines]


def _funder_row(line: SummaryLine, lang: Language, *, by_share: bool) -> FigureRow:
    """Return the row of a funder: share and amount, and that the split of a group is not published."""
    amount = written(line.amount, lang) if line.amount and line.amount.said else phrase(lang, "fig-amount-unpublished")
    share = written(line.share, lang) if line.share and line.share.said else ""
    group = ""
    if len(line.members) > 1:
        group = formatting.capital(phrase(lang, "fig-group", count=formatting.cardinal(len(line.members), lang)))
    alone = by_share or not (line.amount and line.amount.said)
    value, note = (share, amount) if alone else (amount, share)
    return FigureRow(line.title, value, tuple(filter(None, (note, group))), href=line.href)


def calendar_picture(contract: ContractSummary, lang: Language) -> Picture | None:
    """Return the figure of the period, the signing, the amendments and the day of the data, in the order of time.

    None if the data state no period that can be drawn.
    """
    first, last = _span(contract.start), _span(contract.end)
    if first is None or last is None or sum(last) <= first[0]:
        return None
    start, end = first[0], sum(last)
    events = [(each.day, each.code == "prevu", _step_row(each, each.status, lang)) for each in contract.steps]
    for amendment in contract.amendments:
        events += [(each.day, each.code == "prevu", _step_row(each, amendment.title, lang)) for each in amendment.steps]
    if contract.day:
        events.append((contract.day, False, FigureRow(phrase(lang, "fig-times-data"), _short(contract.day, lang))))
    events.sort(key=lambda each: sum(_span(each[0]) or (math.inf,)))
    marks = [_Mark(*span, row.label, planned) for day, planned, row in events if (span := _span(day))]
    left = math.floor(min([start, *(each.start for each in marks)]))
    right = math.ceil(max([end, *(each.start + each.length for each in marks)]))
    if right - left > MAX_YEARS:
        return None
    now = _span(contract.day)
    today = now[0] if now else None
    bar = _timeline(left, right, (start, end), marks, today)
    stated = contract.start if contract.start == contract.end else f"{contract.start}-{contract.end}"
    rows = [FigureRow(phrase(lang, "fig-period"), stated), *(row for _, _, row in events)]
    caption = _calendar_caption(contract, start, end, today, lang)
    caption = caption or phrase(lang, "fig-times-period", start=contract.start, end=contract.end)
    steps = (*contract.steps, *(step for each in contract.amendments for step in each.steps))
    sources = tuple(dict.fromkeys(source for step in steps for source in step.sources))
    return Picture(CALENDAR, phrase(lang, "fig-times-title"), caption, lang, tuple(rows), bar=bar, sources=sources)


class _Mark(NamedTuple):
    """A step on the line of time: when it begins and how long it is, in years, its name, and whether it is only planned."""

    start: float
    length: float
    label: str
    planned: bool


def _timeline(left: int, right: int, period: tuple[float, float], marks: list[_Mark], today: float | None) -> DrawnBar:
    """Return the years as a bar, those of the period filled as far as the day of the data, with the steps as marks on it."""
    long, drawn = right - left, ""
    for year in range(left, right):
        inside = period[0] <= year < period[1]
        cls = "unlit" if not inside or (today is not None and year > today) else "track"
        at = (year - left) * 100 / long
        drawn += f'<rect class="{cls}" x="{at:.2f}%" y="22" width="{100 / long - 0.3:.2f}%" height="22"/>'
    for each in marks:
        at = (each.start - left) * 100 / long
        if each.planned:
            drawn += f'<rect class="dotted" x="{at:.2f}%" y="22" width="{each.length * 100 / long:.2f}%" height="22"/>'
        else:
            drawn += drawn_line("tick", Decimal(at), 16, 48)
    years = [_Mark(year, 0, str(year), planned=False) for year in range(left, right)]
    for named, y in ((marks, 11), (years, 60)):
        fitting = {screen: _labelled(named, left, long, width) for screen, width in SCREENS.items()}
        for number, each in enumerate(named):
            for text, size in shown_on({screen: each.label for screen, fits in fitting.items() if number in fits}):
                at, cls = (each.start - left) * 100 / long, "miss" if each.planned else "s"
                anchor = "end" if at > 60 and not each.label.isdigit() else ""
                drawn += drawn_text(f"{cls}{size}", Decimal(at), y, text, anchor)
    return DrawnBar(drawn, 66)


def _labelled(marks: list[_Mark], left: int, long: int, width: int) -> set[int]:
    """Return which marks have room for their name above a line so many pixels wide, the first ones first."""
    found, taken = set[int](), list[tuple[float, float]]()
    for number, each in enumerate(marks):
        at, need = (each.start - left) * width / long, text_width(each.label)
        begin = at - need if at > 0.6 * width and not each.label.isdigit() else at
        if begin >= 0 and begin + need <= width and all(begin + need < low or begin > high for low, high in taken):
            found.add(number)
            taken.append((begin - GAP, begin + need + GAP))
    return found


def _span(day: str) -> tuple[float, float] | None:
    """Return the beginning of a day, a month or a year, and how long it is, in years; None for another text."""
    found = _DATE.fullmatch(day)
    try:
        date = datetime.date(int(found[1]), int(found[2] or 1), int(found[3] or 1)) if found else None
    except ValueError:
        return None
    if found is None or date is None:
        return None
    start = date.year + (date.timetuple().tm_yday - 1) / 366
    return start, 1 / 367 if found[3] else 1 / 12 if found[2] else 1  # 31 December ends before the year does


def _short(day: str, lang: Language) -> str:
    return formatting.typeset(formatting.short_date(day, lang), lang)


def _step_row(step: Step, title: str, lang: Language) -> FigureRow:
    """Return the row of a step: its day, or what is planned with an unknown outcome."""
    label = formatting.typeset(title, lang)
    planned = step.code == "prevu"
    if title == step.status and not planned:
        return FigureRow(label, _short(step.day, lang), href=step.href)
    said = formatting.typeset(lowered(step_said(step, lang)), lang)
    note = phrase(lang, "fig-times-planned", said=said) if planned else said
    return FigureRow(label, notes=(note,), href=step.href, absent=planned, dot="dotted" if planned else "")


def _calendar_caption(contract: ContractSummary, start: float, end: float, today: float | None, lang: Language) -> str:
    """Return where the day of the data stands in the period; empty if that is unknown, or no number of years."""
    if today is None:
        return ""
    if today < start or today >= end:
        return phrase(lang, "fig-times-before" if today < start else "fig-times-after")
    if not (_YEAR.fullmatch(contract.start) and _YEAR.fullmatch(contract.end)):
        return ""
    position = formatting.ordinal(int(today - start) + 1, lang)
    words = phrase(lang, "fig-times-year", position=position, count=formatting.cardinal(int(end - start), lang))
    return words[:1].upper() + words[1:]


SHARES: Final = "parts"
PAYERS: Final = "financeurs"
CALENDAR: Final = "calendrier"
FIGURES: Final[Mapping[str, Callable[[ContractSummary, Language], Picture | None]]] = {
    SHARES: shares_picture,
    PAYERS: payers_picture,
    CALENDAR: calendar_picture,
}


def pictures(contract: ContractSummary, lang: Language) -> dict[str, Picture]:
    """Return the pictures of a contract by name; one that cannot be drawn is not there."""
    drawn = ((name, draw(contract, lang)) for name, draw in FIGURES.items())
    return {name: picture for name, picture in drawn if picture}
