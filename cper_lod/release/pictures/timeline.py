"""Where things stand: the period of a contract, its signing, its amendments, and the day of the data."""

import calendar
import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.release.pictures.picture import Picture, phrase
from cper_lod.release.pictures.svg import SMALL, TEXT, Drawing, fitted, text_width, wrapped
from cper_lod.release.plan.contract import Amendment, ContractSummary
from cper_lod.release.plan.observations import Hyperlink

NAME: Final = "calendrier"
MAX_YEARS: Final = 40
"""Years that a drawing spans; with more there is none."""
MAX_EVENTS: Final = 8
THICK: Final = 22
"""Units from the top to the bottom of the bar."""
_YEAR: Final = re.compile(r"[0-9]{4}")
_MONTH: Final = re.compile(r"([0-9]{4})-([0-9]{2})")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Event:
    """Something with a date: its name, what is said of it, its beginning and end in years, and where its label stands."""

    name: str
    note: str
    start: float
    end: float
    above: bool
    cls: str
    href: str = ""


def span(day: str) -> tuple[float, float] | None:
    """Return the beginning and the end of a day, a month or a year, in years; None for another text.

    >>> span("2023"), span("le 9 janvier")
    ((2023.0, 2024.0), None)
    """
    if _YEAR.fullmatch(day):
        return float(day), float(day) + 1
    if (found := _MONTH.fullmatch(day)) and 1 <= int(found[2]) <= 12:
        start = int(found[1]) + (int(found[2]) - 1) / 12
        return start, start + 1 / 12
    try:
        date = datetime.date.fromisoformat(day) if _DAY.fullmatch(day) else None
    except ValueError:
        date = None
    if date is None:
        return None
    days = 366 if calendar.isleap(date.year) else 365
    start = date.year + (date.timetuple().tm_yday - 1) / days
    return start, start + 1 / days


def timeline_picture(contract: ContractSummary, lang: Language) -> Picture | None:
    """Return the figure of the period, None if the data state no period that can be drawn."""
    first, last = span(contract.start), span(contract.end)
    if first is None or last is None or last[1] <= first[0]:
        return None
    start, end = first[0], last[1]
    events = _events(contract, lang)
    left = min([start, *(each.start for each in events)]) // 1
    right = -(-max([end, *(each.end for each in events)]) // 1)
    if right - left > MAX_YEARS:
        return None
    today = day[0] if (day := span(contract.day)) else None
    period = phrase(lang, "fig-times-period", start=contract.start, end=contract.end)
    drawn = {each.href for each in events}
    others = [each for each in contract.amendments if each.href not in drawn]  # without a date
    dates = [(Hyperlink(each.name, each.href), each.note) for each in events]
    dates += [(Hyperlink(each.title, each.href), amendment_note(each, lang)) for each in others]

    def draw(drawing: Drawing) -> list[str]:
        _draw(drawing, events, (left, right), (start, end), today)
        return [period, *(f"{phrase(lang, 'fig-axis-said', axis=each.name, share=each.note)}." for each in events)]

    caption = _caption(contract, start, end, today, lang) or period
    return Picture(NAME, phrase(lang, "fig-times-title"), caption, draw, dates=tuple(dates))


def _events(contract: ContractSummary, lang: Language) -> list[Event]:
    """Return the signing, the amendments that have a date, and the day of the data."""
    found = []
    if at := span(contract.date):
        found.append(Event(phrase(lang, "fig-times-signed"), _short(contract.date, lang), *at, above=True, cls="mark"))
    for each in contract.amendments[: MAX_EVENTS - 2]:
        if at := span(each.day):
            name, note, cls = each.title, amendment_note(each, lang), "mark" if each.signed else "unknown"
            found.append(Event(formatting.typeset(name, lang), note, *at, above=True, cls=cls, href=each.href))
    if at := span(contract.day):
        found.append(Event(phrase(lang, "fig-times-data"), _short(contract.day, lang), *at, above=False, cls="data"))
    return found


def _short(day: str, lang: Language) -> str:
    return formatting.typeset(formatting.short_date(day, lang), lang)


def amendment_note(amendment: Amendment, lang: Language) -> str:
    """Return what is known of an amendment: signed, or planned with an unknown outcome."""
    day = _short(amendment.day, lang)
    if amendment.signed:
        return phrase(lang, "fig-times-done", day=day) if day else amendment.status
    if not day:
        return phrase(lang, "fig-times-announced")
    return phrase(lang, "fig-times-planned-on" if _DAY.fullmatch(amendment.day) else "fig-times-planned", day=day)


def _caption(contract: ContractSummary, start: float, end: float, today: float | None, lang: Language) -> str:
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


def _draw(
    drawing: Drawing,
    events: list[Event],
    years: tuple[float, float],
    period: tuple[float, float],
    today: float | None,
) -> None:
    """Draw the years as cells, what has passed of the period filled, and a line from each label to its date."""
    left, right = years
    scale = (drawing.width - 2) / (right - left)

    def at(year: float) -> float:
        return 1 + (year - left) * scale

    above = _label_places(drawing, [each for each in events if each.above], at)
    places = above | _label_places(drawing, [each for each in events if not each.above], at)
    lane = TEXT.line + 6 + SMALL.line * max((len(note) for _, _, note in places.values()), default=1)
    top = (max((number for _, number, _ in above.values()), default=-1) + 1) * lane + 6
    start, end = period
    drawing.line(at(left), top + THICK, at(right), top + THICK, "tick")
    drawing.rect(at(start), top, at(end) - at(start), THICK, "span")
    if today is not None and today > start:
        drawing.rect(at(start), top, at(min(today, end)) - at(start), THICK, "passed")
    ticks = max(1, round(34 / scale))
    for year in range(int(left), int(right)):
        if year > left:
            drawing.line(at(year), top, at(year), top + THICK, "tick")
        if (year - int(left)) % ticks == 0 and at(year) + text_width(str(year), SMALL) <= drawing.width:
            middle = at(year) + min(scale, 400) / 2
            drawing.text(middle, top + THICK + 15, str(year), SMALL, anchor="middle")
    bottom = top + THICK + 22
    labels = []
    for each in events:
        middle = at((each.start + each.end) / 2)
        begins, number, note = places[each]
        lasts = each.end - each.start > 0.01  # a month or a year
        if lasts:
            drawing.rect(at(each.start), top - 1, at(each.end) - at(each.start), THICK + 2, f"during {each.cls}")
        y = top - (number + 1) * lane if each.above else bottom + 4 + number * lane
        below = y + TEXT.line + 4 + (len(note) - 1) * SMALL.line  # the line begins under the last words of the label
        from_y, to_y = (below, top + (0 if lasts else THICK)) if each.above else (top, y)
        drawing.line(middle, from_y, middle, to_y, f"stem {each.cls}")
        labels.append((begins, y, each, note))
    for begins, y, each, note in labels:
        drawing.text(begins, y + TEXT.size, fitted(each.name, drawing.width - begins + 0.1), TEXT, "halo")
        drawing.lines(begins, y + TEXT.line, note, SMALL, "halo absent" if each.cls == "unknown" else "halo")


def _label_places(
    drawing: Drawing, events: Sequence[Event], at: Callable[[float], float]
) -> dict[Event, tuple[float, int, list[str]]]:
    """Return left, lane (counted from the bar) and note in lines of each label.

    Labels of a lane do not touch; a label stands left of the line of the next one, if it still touches its own line.
    """
    placed: dict[Event, tuple[float, int, list[str]]] = {}
    taken: list[float] = []
    following = float(drawing.width)
    for event in sorted(events, key=lambda each: -(each.start + each.end)):
        middle = at((event.start + event.end) / 2)
        note = wrapped(event.note, max(drawing.width * 0.4, 120), 2, SMALL)
        width = max(text_width(event.name), *(text_width(each, SMALL) for each in note))
        left = min(middle - 16, drawing.width - width)
        shifted = following - 6 - width
        if placed and 0 <= shifted < left and shifted + width >= middle:
            left = shifted
        left = max(left, 0.0)
        lane = next((number for number, limit in enumerate(taken) if left + width + 12 < limit), len(taken))
        taken[lane:] = [left]
        placed[event] = left, lane, note
        following = middle
    return placed
