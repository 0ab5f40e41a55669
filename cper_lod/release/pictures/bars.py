"""Contracts on one scale: a bar of the amounts of each, and one of the shares of its funders, as SVG that follows its column.

Places are in percent of the width, and there is no view box: texts keep their size.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.text import lowered
from cper_lod.release.pictures.text import TEXT, clean, phrase, text_width
from cper_lod.release.plan.contract import Amendment, ContractSummary, SummaryLine
from cper_lod.release.plan.observations import Observation, written

CURRENCY: Final = "EUR"
"""The currency of the scale; amounts in another have no bar."""
MAX_PARTS: Final = 3
"""Parts of a total that are marked below its bar."""
WIDE: Final = 540
"""Pixels across a bar in an image, and at least on a screen that is neither large nor a phone."""
SCREENS: Final = {"at-xl": 780, "at-wide": WIDE, "at-narrow": 280}
"""Pixels across a bar at least, by the class that shows a text on such a screen: texts that need more are only beside the bar."""
_GAP, _LEAST_GAP = Decimal(30), Decimal(4)
"""Percent of the width that what is not published takes, and needs."""
FULL: Final = Decimal(100)
"""The sum of shares of one whole, in percent."""
HALF: Final = FULL / 2
"""Where the words about a piece are written to its left instead of to its right."""
ROUNDING: Final = Decimal(1)
"""Percent that shares may exceed their whole by, for rounding; with more they are not shares of one whole."""
_TOP: Final = 10
_THICK: Final = 30
_PLACED: Final = 44
_STEP: Final = 26
_ARROWS: Final = {"plus-de": "M0 5h15m-5 -4l5 4l-5 4", "moins-de": "M0 5h-15m5 -4l-5 4l5 4"}
"""What the mark of a total has by its nature: an arrow says on which side of it the amount lies."""


class Segment(NamedTuple):
    """A piece of a bar, in percent of its width: its class says what it is of, the longest label with room in it is shown.

    `members` are those who share it, nobody said how: notches say so. `href` is the page or the receipt that it leads to.
    """

    start: Decimal
    length: Decimal
    cls: str
    labels: tuple[str, ...] = ()
    members: int = 0
    href: str = ""


class DrawnBar(NamedTuple):
    """The content of an SVG whose places are in percent of its width, and its height in pixels."""

    content: str
    height: int

    def svg(self, words: str = "") -> str:
        """Return the element, with the words that it shows; without any, what stands beside it says the same."""
        label = clean(words).replace('"', "&quot;")
        role = f'role="img" aria-label="{label}"' if words else 'aria-hidden="true"'
        return f'<svg class="bars" height="{self.height}" {role}>{self.content}</svg>'


def money(figure: Observation | None) -> Decimal | None:
    """Return a published amount in the currency of the scale, None for anything else."""
    fits = figure and figure.kind == "amount" and figure.currency == CURRENCY and figure.value
    return formatting.exact(figure.value) if figure and fits else None


def largest_amount(contracts: Iterable[ContractSummary]) -> Decimal:
    """Return the amount at the end of the scale for some contracts, 0 if they have none."""
    return max((each for contract in contracts for each in _ends(contract)), default=Decimal(0))


def _ends(contract: ContractSummary) -> Iterator[Decimal]:
    yield sum((money(each) or Decimal(0) for each in contract.summed), Decimal(0))
    yield from (amount for each in (contract.total, *contract.rivals) if (amount := money(each)) is not None)


def scale_svg(most: Decimal, lang: Language) -> str:
    """Return the scale up to an amount, with at most five marks after 0; empty if there is none."""
    drawn = ""
    for amount in _marks(most):
        at = amount * 100 / most
        anchor = "" if amount == 0 else "end" if at > 95 else "middle"
        said = formatting.short_amount(format(amount, "f"), CURRENCY, lang) if amount else "0"
        drawn += drawn_text("s", at, 15, said, anchor)
    return DrawnBar(drawn, 22).svg() if drawn else ""


def _marks(most: Decimal) -> list[Decimal]:
    """Return the amounts that are marked on the scale, 0 among them."""
    if most <= 0:
        return []
    unit = Decimal(1).scaleb(most.adjusted() - 1)
    step = next(unit * each for each in (1, 2, 5, 10, 20, 50, 100) if most / (unit * each) <= 5)
    return [step * number for number in range(int(most / step) + 1)]


def drawn_line(cls: str, at: Decimal, top: int, bottom: int, to: Decimal | None = None) -> str:
    """Return a line from one place to another in percent of the width, an upright one without the other."""
    return f'<line class="{cls}" x1="{at:.2f}%" x2="{at if to is None else to:.2f}%" y1="{top}" y2="{bottom}"/>'


def drawn_text(cls: str, at: Decimal, y: int, text: str, anchor: str = "", dx: int = 0) -> str:
    """Return a text whose beginning, or what `anchor` says, is at a place in percent of the width, or `dx` pixels behind it."""
    more = (f' dx="{dx}"' if dx else "") + (f' text-anchor="{anchor}"' if anchor else "")
    return f'<text class="{cls}" x="{at:.2f}%" y="{y}"{more}>{clean(text)}</text>'


def amounts_svg(contract: ContractSummary, most: Decimal, lang: Language) -> str:
    """Return the bar of the amounts of a contract on the scale up to `most`; empty without an amount."""
    drawn = amounts_bar(contract, most, lang)
    if drawn is None:
        return ""
    grid = "".join(drawn_line("grid", amount * 100 / most, 0, drawn.height) for amount in _marks(most))
    gap = _gap(contract, most, lang)
    return drawn._replace(content=grid + drawn.content + gap).svg(_in_words(contract, lang))


def amounts_bar(
    contract: ContractSummary, most: Decimal, lang: Language, thick: int = _THICK, *, linked: bool = False
) -> DrawnBar | None:
    """Return the bar of the amounts of a contract: its funders, its total with the sources that disagree, what is part of it.

    Where shares are published without amounts, a broken line divides the total. None without an amount. `linked` where the
    bar is no image of its own: a piece leads to its funder.
    """
    segments, total = _amount_segments(contract, most, lang), money(contract.total)
    if not segments:
        return None
    parts, bottom = _parts(contract)[:MAX_PARTS], _TOP + thick
    drawn, split = pieces(segments, _TOP, thick, linked=linked), not contract.summed
    if split:
        drawn += "".join(drawn_line("split", each.start, _TOP, bottom) for each in segments[1:])
    for each in contract.rivals:
        if (amount := money(each)) is not None:
            drawn += drawn_line("rival", amount * 100 / most, 2, bottom + 6)
    if total is not None and contract.total:
        path = f"M0 0v{thick + 14}{_ARROWS.get(contract.total.nature, '')}"
        place = f'x="{total * 100 / most:.2f}%" y="2" width="22" height="{thick + 14}"'
        drawn += f'<svg class="over" {place}><path class="tick" d="{path}"/></svg>'
    for number, each in enumerate(parts):
        y, long = bottom + 10 + _STEP * number, (money(each) or Decimal(0)) * 100 / most
        drawn += drawn_line("thin", Decimal(0), y, y, long) + drawn_line("thin", long, y - 5, y + 1)
        drawn += drawn_text("s", Decimal(0), y + 15, part_said(each, lang))
    return DrawnBar(drawn, bottom + 6 + _STEP * len(parts))


def _without_amount(contract: ContractSummary) -> list[Amendment]:
    """Return the amendments of which no amount is known: what they add to the total was not published."""
    known = {each.amendment.href for each in contract.figures if each.amendment and each.said}
    return [each for each in contract.amendments if each.href not in known]


def _gap(contract: ContractSummary, most: Decimal, lang: Language) -> str:
    """Return what a total leaves out, as a dotted box without an end, since nobody said how long it is; "" without room."""
    missing, segments = _without_amount(contract), _amount_segments(contract, most, lang)
    ends = (sum(each.length for each in segments), (money(contract.total) or 0) * 100 / most)
    start = max(ends) + Decimal("1.2")
    if not missing or start > FULL - _LEAST_GAP:
        return ""
    top, bottom, end = _TOP + 1, _TOP + _THICK - 1, min(start + _GAP, FULL)
    drawn = "".join(
        drawn_line("left-out", start, *places) for places in ((top, top, end), (top, bottom), (bottom, bottom, end))
    )
    what = lowered(missing[0].title) if len(missing) == 1 else str(len(missing))
    labels = (phrase(lang, "bar-gap", what=what), f"+ {phrase(lang, 'plan-missing')}", "+ ?")
    fitting = {
        screen: next((each for each in labels if text_width(each, TEXT) + 9 <= float(FULL - start) * width / 100), "")
        for screen, width in SCREENS.items()
    }
    return drawn + "".join(drawn_text(f"miss{cls}", start, _TOP + 20, text, dx=9) for text, cls in shown_on(fitting))


def _amount_segments(contract: ContractSummary, most: Decimal, lang: Language) -> list[Segment]:
    """Return the pieces of a bar: published amounts, else a total by published shares, else the total alone."""
    total = money(contract.total)
    if most <= 0:
        return []
    if payers := [
        (each, amount) for each in contract.funders if each.amount in contract.summed and (amount := money(each.amount))
    ]:
        return laid(_of_payer(line, amount * 100 / most, line.amount, lang) for line, amount in payers)
    if not total:
        return []
    found = [_of_payer(line, share * total / most, line.share, lang) for line, share in payer_shares(contract)]
    return laid(found or [Segment(Decimal(0), total * 100 / most, "whole")])


def _of_payer(line: SummaryLine, length: Decimal, figure: Observation | None, lang: Language) -> Segment:
    said = written(figure, lang) if figure else ""
    return Segment(Decimal(0), length, line.colour, (f"{line.title} · {said}", said), len(line.members), line.href)


def laid(segments: Iterable[Segment]) -> list[Segment]:
    """Return segments beside each other."""
    found, start = list[Segment](), Decimal(0)
    for each in segments:
        found.append(each._replace(start=start))
        start += each.length
    return found


def payer_shares(contract: ContractSummary) -> list[tuple[SummaryLine, Decimal]]:
    """Return all funders with a figure and their published shares, in percent; nothing if they are not shares of one whole."""
    lines = [each for each in contract.funders if each.figure and each.figure.said]
    known = [(each, share) for each in lines if (share := each.published_share) is not None]
    one = contract.whole and len(known) == len(lines) and len({each.share.whole for each in lines if each.share}) == 1
    fits = one and min(share for _, share in known) >= 0 and sum(share for _, share in known) <= FULL + ROUNDING
    return known if fits else []


def shares_svg(contract: ContractSummary, lang: Language) -> str:
    """Return the bar of the published shares of the funders of a contract; empty if they are not shares of one whole."""
    drawn = shares_bar(contract, lang)
    lines = [each for each in contract.funders if each.share and each.share.value]
    words = ", ".join(f"{each.title} {written(each.share, lang)}" for each in lines if each.share)
    return drawn.svg(f"{contract.title}{_colon(lang)}{words}") if drawn else ""


def shares_bar(
    contract: ContractSummary, lang: Language, thick: int = _THICK, *, linked: bool = False
) -> DrawnBar | None:
    """Return the bar of the published shares of the funders of a contract; None if they are not shares of one whole."""
    found = laid(_of_payer(line, share, line.share, lang) for line, share in payer_shares(contract))
    frame = f'<rect class="track" width="100%" y="2" height="{thick}"/>'
    return DrawnBar(frame + pieces(found, 2, thick, linked=linked), thick + 4) if found else None


def place_svg(contract: ContractSummary, payer: str, lang: Language) -> str:
    """Return the bar of the amounts of the funders of a contract, that of the funder with the address `payer` lit.

    Where it is several bodies together, a dotted line says that one of them is somewhere here. Empty if the funder has no
    amount in the bar.
    """
    whole = sum((money(each) or Decimal(0) for each in contract.summed), Decimal(0))
    segments = _amount_segments(contract, whole, lang) if contract.summed else []
    mine = next((each for each in segments if each.href == payer), None)
    if mine is None:
        return ""
    lit = [each if each is mine else each._replace(cls=f"{each.cls} dim") for each in segments]
    drawn, bottom, end = pieces(lit, 2, _PLACED, linked=False), 2 + _PLACED, mine.start + mine.length
    if mine.members < 2:
        return DrawnBar(drawn, bottom + 2).svg(_in_words(contract, lang))
    words, side = phrase(lang, "body-somewhere"), mine.start > 50
    x, anchor = (end, "end") if side else (mine.start, "")
    drawn += drawn_line("dotted", mine.start, bottom + 8, bottom + 8, end) + drawn_text(
        "miss", x, bottom + 27, words, anchor
    )
    return DrawnBar(drawn, bottom + 34).svg(f"{_in_words(contract, lang)} {words}.")


def pieces(segments: Sequence[Segment], top: int, thick: int, *, linked: bool) -> str:
    """Return the rectangles of a bar, with their labels where there is room for them.

    A smaller screen may have room for a shorter one: the style sheet shows one of the two.
    """
    drawn = ""
    for each in segments:
        place = f'x="{each.start:.2f}%" y="{top}" width="{each.length:.2f}%" height="{thick}"'
        piece = f'<rect class="{each.cls}" {place}/>'
        for number in range(1, each.members):
            at = each.start + each.length * number / each.members
            piece += drawn_line("notch", at, top + thick - 7, top + thick - 1)
        for text, cls in shown_on({screen: _fitting(each, width) for screen, width in SCREENS.items()}):
            piece += drawn_text(f"on {each.cls}{cls}", each.start, top + thick // 2 + 4, text, dx=9)
        link = clean(each.href).replace('"', "&quot;")
        drawn += f'<a href="{link}" tabindex="-1">{piece}</a>' if link and linked else piece
    for each in segments[1:] if all(each.cls != "dashed" for each in segments) else ():
        drawn += drawn_line("between", each.start, top, top + thick)
    return drawn


def shown_on(fitting: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each text for which a screen has room, with the classes of the screens that show it, each after a space; "" for all."""
    for text in dict.fromkeys(filter(None, fitting.values())):
        screens = [screen for screen in SCREENS if fitting.get(screen) == text]
        yield text, "" if len(screens) == len(SCREENS) else "".join(f" {each}" for each in screens)


def _fitting(segment: Segment, width: int) -> str:
    """Return the longest label that fits into a segment of a bar so many pixels wide, "" if none does."""
    room = float(segment.length) * width / 100 - 18
    return next((each for each in segment.labels if text_width(each, TEXT) <= room), "")


def _parts(contract: ContractSummary) -> list[Observation]:
    """Return the amounts that are a part of the total."""
    return [
        each
        for each in contract.parts
        if money(each) is not None and contract.total and each.part_of and each.part_of.href == contract.total.href
    ]


def part_said(figure: Observation, lang: Language) -> str:
    """Return that an amount is a part of another, of what, and in which years."""
    what = lowered(figure.scope.text) if figure.scope else figure.title
    years = f", {figure.years}" if figure.years else ""
    return phrase(lang, "bar-part", amount=written(figure, lang), what=what + years)


def _colon(lang: Language) -> str:
    return "\u00a0: " if lang == "fr" else ": "


def _in_words(contract: ContractSummary, lang: Language) -> str:
    """Return what the bar shows in words."""
    said = [
        f"{each.title} {written(figure, lang)}" for each in contract.funders if (figure := each.figure) and figure.said
    ]
    if contract.total and contract.total.value:
        scope = f" ({lowered(contract.total.scope.text)})" if contract.total.scope else ""
        said.insert(0, phrase(lang, "bar-total", amount=written(contract.total, lang)) + scope)
    said += [part_said(each, lang) for each in _parts(contract)]
    said += [phrase(lang, "bar-gap", what=lowered(each.title)) for each in _without_amount(contract)]
    return f"{contract.title}{_colon(lang)}{', '.join(said)}."
