"""The figures of a contract, by the name that they have in addresses: `parts`, `financeurs`, `calendrier`.

Each is rows of a label, a bar or a mark, and a value, drawn as SVG as wide as a phone; larger screens show the same.
Classes name what the style sheet colours.
"""

import datetime
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import Final, NamedTuple

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import sentence
from cper_lod.core.text import lowered
from cper_lod.release.plan.contract import Breakdown, ContractSummary, Step, SummaryLine, are_alike, largest_share
from cper_lod.release.plan.finding import step_said
from cper_lod.release.plan.observations import written

WIDTH: Final = 328
"""Units across a drawing: pixels, on a phone."""
MAX_ROWS: Final = 12
"""Rows of a drawing; further ones are counted, and stand in the table."""
MAX_YEARS: Final = 40
"""Years that the figure of the dates spans; with more there is none."""
FULL: Final = Decimal(100)
"""The sum of shares of one whole, in percent."""
ROUNDING: Final = Decimal(1)
"""Percent that shares may exceed their whole by, for rounding; with more they are not shares of one whole."""
HALF: Final = Decimal(50)
PAYERS_OF: Final = {"etat": "state", "region": "region"}
"""The classes of funders that have a colour of their own in every contract; the others are `others`."""
THICK: Final = 12
"""Units from the top to the bottom of a bar."""
GAP: Final = 8
_ADVANCES: Final = {
    character: width
    for width, characters in (
        (0.37, "\u202f 'ijlIJf.,:;\\/|·’-\u2011\u00a0"),
        (0.46, "()[]tr!"),
        (0.64, 'abcdeghknopqsuvxyzEFLPSTY0123456789$€_?–“”«»"*°`'),
        (0.76, "ABCHKNRUVXZ"),
        (0.88, "wDGMOQ&#+<=>^~≈÷"),
        (1.0, "%mW"),
    )
    for character in characters
}
"""The widths of characters in parts of the size: those of DejaVu Sans, which is wider than the fonts of most systems."""
_WIDEST: Final = 1.1
_BOLD: Final = 1.12
"""How much wider bold letters are."""
_NO_XML: Final = re.compile("[\x00-\x1f\ufffe\uffff]")
_DATE: Final = re.compile("([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_YEAR: Final = re.compile("[0-9]{4}")


class Font(NamedTuple):
    """A size of text in units, and its class in the style sheet, which sets the same size; without one it is the usual size."""

    cls: str
    size: float
    bold: bool = False

    @property
    def line(self) -> int:
        """The distance of lines."""
        return round(self.size * 1.3)


TEXT: Final = Font("", 14)
SMALL: Final = Font("s", 12)
STRONG: Final = Font("b", 16, bold=True)


class Bar(NamedTuple):
    """A bar or a mark of a row: where it begins and how long it is, in percent of the width, and its class."""

    start: float
    length: float
    cls: str


class FigureRow(NamedTuple):
    """A row of a figure: its label with the address of its page, its value in short, notes below, and its bars.

    `absent` says that what the row is about is not known.
    """

    label: str
    value: str = ""
    notes: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = ()
    href: str = ""
    absent: bool = False


@lru_cache(maxsize=4096)
def _advance(character: str) -> float:
    """Return the width of a character in parts of the size; a letter with an accent is as wide as without."""
    plain = unicodedata.normalize("NFD", character)[0]
    return 0.0 if unicodedata.combining(plain) else _ADVANCES.get(plain, _WIDEST)


def text_width(text: str, font: Font = TEXT) -> float:
    """Return the width of a text in units; at least what common sans serif fonts need.

    >>> round(text_width("57,3 %"), 1), round(text_width("57,3 %", STRONG), 1)
    (51.2, 65.6)
    """
    return font.size * (_BOLD if font.bold else 1) * sum(map(_advance, text))


def fitted(text: str, width: float, font: Font = TEXT) -> str:
    """Return a text that fits into a width: shortened, with an ellipsis, if it must be.

    >>> fitted("Conforter les infrastructures", 100)
    'Conforter…'
    """
    if text_width(text, font) <= width:
        return text
    kept = text[: int(width)]
    while kept and text_width(f"{kept}…", font) > width:
        kept = kept[:-1]
    if " " in kept and text[len(kept)] != " ":
        kept = kept.rpartition(" ")[0]  # words stay whole, unless there is but one
    return kept.rstrip(" ,;:.\u00a0") + "…" if kept else ""


def wrapped(text: str, width: float, lines: int, font: Font = TEXT) -> list[str]:
    """Return a text in lines that fit into a width; what exceeds the number of lines becomes an ellipsis.

    >>> wrapped("Lutter contre les exclusions", 90, 3)
    ['Lutter', 'contre les', 'exclusions']
    """
    found: list[str] = []
    space, used = text_width(" ", font), width
    for word in text.split(" "):
        long = text_width(word, font)
        if found and (
            used + space + long <= width or len(found) == lines
        ):  # too long: what is cut shows that there is more
            found[-1] += f" {word}"
            used += space + long
        else:
            found.append(word)
            used = long
    return [line for each in found if (line := fitted(each, width, font))]


def clean(text: str) -> str:
    """Return a text as the content of an element of XML; characters that XML forbids are left out."""
    return escape(_NO_XML.sub("", text), quote=False)


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
        y = max(self.lines(0, y, wrapped(row.label, room, 4)), y + STRONG.line) + 2
        for each in row.bars:
            self.rect(each.start * self.width / 100, y, each.length * self.width / 100, THICK, each.cls)
        y += THICK + 2 if row.bars else 0
        together = " · ".join(row.notes)
        for note in (together,) if text_width(together, SMALL) <= self.width else row.notes:
            y = self.lines(0, y, wrapped(note, self.width, 4, SMALL), SMALL, "absent" if row.absent else "")
        return y


@dataclass(frozen=True)
class Picture:
    """A figure of a contract. `name` is that in addresses; `title` says what it shows, `caption` of what and when.

    `absent` are rows without a published value, after the others. `axis` are names below the bars, with their places in
    percent of the width.
    """

    name: str
    title: str
    caption: str
    lang: Language
    rows: tuple[FigureRow, ...]
    absent: tuple[FigureRow, ...] = ()
    axis: tuple[tuple[float, str], ...] = ()

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
        """Return the drawing of the rows."""
        drawing, y = Drawing(width), 0.0
        for row in self.shown(limit):
            y = drawing.row(row, y) + 10
        free = 0.0
        for at, name in self.axis:
            x = at * width / 100
            end = x + text_width(name, SMALL)
            if free <= x and end <= width:
                drawing.text(x, y + SMALL.size, name, SMALL)
                free = end + GAP
        return drawing

    def __html__(self) -> str:
        """Return the drawing for a page, as templates write it; there are no ids, so that it may stand there twice."""
        drawing = self.drawing()
        box = f"0 0 {WIDTH} {math.ceil(drawing.height)}"
        words = f"<title>{clean(self.title)}</title><desc>{clean(self.description)}</desc>"
        return f'<svg viewBox="{box}" role="img">{words}{drawing.content}</svg>'


def phrase(lang: Language, key: str, **values: object) -> str:
    """Return a sentence as a printer sets it; what it is filled with is not typeset."""
    return formatting.typeset(sentence(key, lang), lang).format_map(values)


def _in_words(row: FigureRow, lang: Language) -> str:
    said = ", ".join(filter(None, (row.value, *row.notes)))
    return phrase(lang, "fig-axis-said", axis=row.label, share=said.rstrip(".")) + "." if said else f"{row.label}."


def bars_of(length: Decimal | None, cls: str = "seg") -> tuple[Bar, ...]:
    """Return a bar on its track, none without a length."""
    return () if length is None else (Bar(0, 100, "track"), Bar(0, float(min(max(length, Decimal(0)), FULL)), cls))


def shares_picture(contract: ContractSummary, lang: Language) -> Picture | None:
    """Return the figure of what goes to what: the shares of subdivisions, else their amounts, the longest first.

    None if none is published.
    """
    shown = contract.shared
    lines = [each for each in shown.lines if each.figure and each.figure.said] if shown else []
    shares = [each.published_share for each in lines]
    by_share = any(each is not None for each in shares)
    lengths = shares if by_share else _relative(lines)
    if shown is None or not lines:
        return None
    drawn = sorted(
        zip(lines, lengths, strict=True), key=lambda each: -(each[1] if each[1] is not None else Decimal(-1))
    )
    return Picture(
        SHARES,
        _shares_title(shown, lang),
        _shares_caption(shown, [each for each in lines if each.published_share is not None], lang),
        lang,
        tuple(_line_row(line, length, lang) for line, length in drawn),
        # A subdivision whose amount is a part of another one is not unpublished: « Dont » tells it.
        tuple(_absent_row(each, lang) for each in shown.lines if each not in lines and not each.part),
    )


def _line_row(line: SummaryLine, length: Decimal | None, lang: Language) -> FigureRow:
    """Return the row of a subdivision: its figure, its computed amount, and what it lies under."""
    said = []
    if line.share and line.share.said and line.amount and line.amount.said:
        said.append(written(line.amount, lang))
    elif line.derived and line.derived.value:
        said.append(phrase(lang, "fig-computed", amount=written(line.derived, lang)))
    said += [formatting.typeset(each, lang) for each in line.above]
    figure = line.figure
    said += [formatting.typeset(lowered(figure.scope.text), lang)] if figure and figure.scope else []
    value = written(figure, lang) if figure else ""
    return FigureRow(formatting.typeset(line.name, lang), value, tuple(said), bars_of(length), line.href)


def _absent_row(line: SummaryLine, lang: Language) -> FigureRow:
    """Return the row of a subdivision that has no published figure: that, and the reason if the source has one."""
    reason = formatting.typeset(line.figure.reason, lang) if line.figure else ""
    notes = phrase(lang, "fig-unpublished"), reason
    name = formatting.typeset(line.name, lang)
    return FigureRow(name, "", tuple(filter(None, notes)), (Bar(0, 100, "hole"),), line.href, absent=True)


def _shares_title(shown: Breakdown, lang: Language) -> str:
    """Return what the figure shows: the subdivision with the largest share, if there is one."""
    largest = largest_share(shown)
    if largest is None:
        return phrase(lang, "fig-shares-title", name=lowered(shown.title))
    key = "fig-shares-half" if (largest.published_share or 0) > HALF else "fig-shares-largest"
    return phrase(lang, key, name=formatting.typeset(largest.title, lang))


def _shares_caption(shown: Breakdown, shares: list[SummaryLine], lang: Language) -> str:
    """Return of what the shares are, their sum if they can be added, and what is computed."""
    if not shares:
        return phrase(lang, "fig-payers-amounts")
    whole = shares[0].share.whole if shares[0].share else None
    total = sum((each.published_share or Decimal(0) for each in shares), Decimal(0))
    alike, single = are_alike(shown, shares), all(len(each.above) <= 1 for each in shown.lines)
    of = phrase(lang, "fig-shares-of", whole=lowered(whole.text)) if alike and whole else ""
    said = [of or phrase(lang, "fig-shares-plain")]
    if alike and single and total <= FULL + ROUNDING:
        if len(shares) > 1:
            count, percent = formatting.cardinal(len(shares), lang), formatting.percent(str(total), lang)
            said.append(phrase(lang, "fig-shares-sum", count=count, sum=percent))
    elif not single:
        said.append(phrase(lang, "fig-shares-apart"))
    elif not alike:
        said.append(phrase(lang, "fig-shares-unlike"))
    if any(each.derived and each.derived.value for each in shares):
        said.append(phrase(lang, "fig-shares-computed"))
    return " ".join(said)


def payers_picture(contract: ContractSummary, lang: Language) -> Picture | None:
    """Return the figure of the funders: bars of their shares, or of their amounts relative to the largest.

    None if no funder has a share or an amount.
    """
    lines = [each for each in contract.funders if each.figure and each.figure.said]
    if not lines:
        return None
    lengths, by_share = payer_shares(contract), True
    if not lengths:
        lengths, by_share = _relative(lines), False
    if by_share:
        key = "fig-payers-shares" if any(each.amount for each in lines) else "fig-shares-plain"
    else:
        key = "fig-payers-amounts" if any(lengths) else "fig-payers-plain"
    said = [phrase(lang, key)]
    if contract.sum and contract.sum.value:
        said.append(phrase(lang, "fig-payers-total", amount=written(contract.sum, lang)))
    scopes = {each.amount.scope for each in lines if each.amount and each.amount.value}
    if len(scopes) == 1 and (scope := scopes.pop()):
        said.append(phrase(lang, "fig-scope", scope=lowered(scope.text)))
    rows = (_funder_row(line, length, lang, by_share=by_share) for line, length in zip(lines, lengths, strict=True))
    return Picture(PAYERS, phrase(lang, "fig-payers-title"), " ".join(said), lang, tuple(rows))


def payer_shares(contract: ContractSummary) -> list[Decimal | None]:
    """Return the published shares of all funders, in percent; nothing if they are not shares of one whole."""
    lines = [each for each in contract.funders if each.figure and each.figure.said]
    known = [(each.share, share) for each in lines if (share := each.published_share) is not None]
    one = contract.whole and len(known) == len(lines) and len({each.whole for each, _ in known if each}) == 1
    fits = one and min(share for _, share in known) >= 0 and sum(share for _, share in known) <= FULL + ROUNDING
    return [share for _, share in known] if fits else []


def _relative(lines: list[SummaryLine]) -> list[Decimal | None]:
    """Return the lengths of bars relative to the largest amount, in percent; none if amounts cannot be compared."""
    known = [each.amount for each in lines if each.amount and each.amount.value]
    largest = max((amount for each in lines if (amount := each.published_amount) is not None), default=Decimal(0))
    like = {(each.currency, each.scope, each.nature in ("exact", "arrondi", "")) for each in known}
    if len(like) != 1 or not next(iter(like))[2] or largest <= 0:
        return [None] * len(lines)
    return [each * 100 / largest if (each := line.published_amount) is not None else None for line in lines]


def _funder_row(line: SummaryLine, length: Decimal | None, lang: Language, *, by_share: bool) -> FigureRow:
    """Return the row of a funder: share and amount, and that the split of a group is not published."""
    amount = written(line.amount, lang) if line.amount and line.amount.said else phrase(lang, "fig-amount-unpublished")
    share = written(line.share, lang) if line.share and line.share.said else ""
    group = ""
    if len(line.members) > 1:
        group = formatting.capital(phrase(lang, "fig-group", count=formatting.cardinal(len(line.members), lang)))
    alone = by_share or not (line.amount and line.amount.said)
    value, note = (share, amount) if alone else (amount, share)
    bars = bars_of(length, f"seg {PAYERS_OF.get(line.kind, 'others')}")
    return FigureRow(line.title, value, tuple(filter(None, (note, group))), bars, line.href)


def calendar_picture(contract: ContractSummary, lang: Language) -> Picture | None:
    """Return the figure of the period, the signing, the amendments and the day of the data, in the order of time.

    None if the data state no period that can be drawn.
    """
    first, last = _span(contract.start), _span(contract.end)
    if first is None or last is None or sum(last) <= first[0]:
        return None
    start, end = first[0], sum(last)
    events = [(each.day, _mark(each), _step_row(each, each.status, lang)) for each in contract.steps]
    for amendment in contract.amendments:
        events += [(each.day, _mark(each), _step_row(each, amendment.title, lang)) for each in amendment.steps]
    if contract.day:
        events.append((contract.day, "now", FigureRow(phrase(lang, "fig-times-data"), _short(contract.day, lang))))
    spans = [span for day, _, _ in events if (span := _span(day))]
    left, right = math.floor(min([start, *(each[0] for each in spans)])), math.ceil(max([end, *map(sum, spans)]))
    if right - left > MAX_YEARS:
        return None

    def bar(begin: float, length: float, cls: str) -> Bar:
        long = max(length * 100 / (right - left), 1)  # a day is seen
        return Bar(min((begin - left) * 100 / (right - left), 100 - long), long, cls)

    axis = tuple(((year - left) * 100 / (right - left), str(year)) for year in range(left, right))
    years = (Bar(0, 100, "years"), *(Bar(at, 0.3, "tick") for at, _ in axis[1:]))
    period = [bar(start, end - start, "span")]
    now = _span(contract.day)
    today = now[0] if now else None
    if today is not None and today > start:
        period.append(bar(start, min(today, end) - start, "passed"))
    stated = contract.start if contract.start == contract.end else f"{contract.start}-{contract.end}"
    rows = [FigureRow(phrase(lang, "fig-period"), stated, bars=(years[0], *period, *years[1:]))]
    for day, cls, row in sorted(events, key=lambda each: sum(_span(each[0]) or (math.inf,))):
        span = _span(day)
        rows.append(row._replace(bars=(*years, bar(*span, cls))) if span else row)
    caption = _calendar_caption(contract, start, end, today, lang)
    caption = caption or phrase(lang, "fig-times-period", start=contract.start, end=contract.end)
    return Picture(CALENDAR, phrase(lang, "fig-times-title"), caption, lang, tuple(rows), axis=axis)


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


def _mark(step: Step) -> str:
    """Return the class of the mark of a step: a plan is no event."""
    return "hole" if step.code == "prevu" else "mark"


def _step_row(step: Step, title: str, lang: Language) -> FigureRow:
    """Return the row of a step: its day, or what is planned with an unknown outcome."""
    label = formatting.typeset(title, lang)
    planned = step.code == "prevu"
    if title == step.status and not planned:
        return FigureRow(label, _short(step.day, lang), href=step.href)
    said = formatting.typeset(lowered(step_said(step, lang)), lang)
    note = phrase(lang, "fig-times-planned", said=said) if planned else said
    return FigureRow(label, notes=(note,), href=step.href, absent=planned)


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
