"""Contracts on one scale: a bar of the amounts of each, and one of the shares of its funders, as SVG that follows its column.

Places are in percent of the width, and there is no view box: texts keep their size.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.text import lowered
from cper_lod.release.pictures.figures import PAYERS_OF, clean, payer_shares, phrase, text_width
from cper_lod.release.plan.contract import Amendment, ContractSummary
from cper_lod.release.plan.observations import Observation, written

CURRENCY: Final = "EUR"
"""The currency of the scale; amounts in another have no bar."""
MAX_PARTS: Final = 3
"""Parts of a total that are marked below its bar."""
_WIDE, _NARROW = 540, 280
"""Pixels across a bar at least, on a larger screen and on a phone: texts that need more are only beside the bar."""
_GAP, _LEAST_GAP = Decimal(30), Decimal(4)
"""Percent of the width that what is not published takes, and needs."""
_TOP: Final = 10
_THICK: Final = 30
_STEP: Final = 26
_MARKS: Final = {"plus-de": "M0 0v44M0 5h15m-5 -4l5 4l-5 4", "moins-de": "M0 0v44M0 5h-15m5 -4l-5 4l5 4"}
"""The mark of a total by its nature: an arrow says on which side of it the amount lies."""


class Segment(NamedTuple):
    """A piece of a bar, in percent of its width: its class says who pays, its label is in it where there is room."""

    start: Decimal
    length: Decimal
    cls: str
    label: str


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
    step, marks = _step(most), ""
    for number in range(int(most / step) + 1 if step else 0):
        at = step * number * 100 / most
        anchor = "" if number == 0 else ' text-anchor="end"' if at > 95 else ' text-anchor="middle"'
        said = formatting.short_amount(format(step * number, "f"), CURRENCY, lang) if number else "0"
        marks += f'<text class="s" x="{at:.2f}%" y="15"{anchor}>{clean(said)}</text>'
    return f'<svg class="bars" height="22" aria-hidden="true">{marks}</svg>' if marks else ""


def _step(most: Decimal) -> Decimal:
    if most <= 0:
        return Decimal(0)
    unit = Decimal(1).scaleb(most.adjusted() - 1)
    return next(unit * each for each in (1, 2, 5, 10, 20, 50, 100) if most / (unit * each) <= 5)


def amounts_svg(contract: ContractSummary, most: Decimal, lang: Language) -> str:
    """Return the bar of the amounts of a contract: its funders, its total with the sources that disagree, what is part of it.

    Where shares are published without amounts, a broken line divides the total. Empty without an amount.
    """
    segments, total = _amount_segments(contract, most, lang), money(contract.total)
    if not segments or most <= 0:
        return ""
    step = _step(most)
    parts, missing = _parts(contract)[:MAX_PARTS], _without_amount(contract)
    height = _TOP + _THICK + 6 + _STEP * len(parts)
    drawn = "".join(
        f'<line class="grid" x1="{at:.2f}%" x2="{at:.2f}%" y1="0" y2="{height}"/>'
        for at in (step * number * 100 / most for number in range(int(most / step) + 1))
    )
    drawn += _pieces(segments, _TOP)
    if not contract.summed and len(segments) > 1:
        bottom = _TOP + _THICK
        drawn += "".join(
            f'<line class="split" x1="{each.start:.2f}%" x2="{each.start:.2f}%" y1="{_TOP}" y2="{bottom}"/>'
            for each in segments[1:]
        )
    for each in contract.rivals:
        if (amount := money(each)) is not None:
            at = amount * 100 / most
            drawn += f'<line class="rival" x1="{at:.2f}%" x2="{at:.2f}%" y1="2" y2="46"/>'
    if total is not None and contract.total:
        path = _MARKS.get(contract.total.nature, "M0 0v44")
        drawn += f'<svg class="over" x="{total * 100 / most:.2f}%" y="2" width="22" height="44"><path class="tick" d="{path}"/></svg>'
    end = max(segments[-1].start + segments[-1].length, total * 100 / most if total else 0) + Decimal("1.2")
    if missing and end <= 100 - _LEAST_GAP:
        drawn += _gap(end, min(_GAP, 100 - end), [each.title for each in missing], lang)
    for number, each in enumerate(parts):
        y, long = _TOP + _THICK + 10 + _STEP * number, (money(each) or Decimal(0)) * 100 / most
        drawn += f'<line class="thin" x1="0" x2="{long:.2f}%" y1="{y}" y2="{y}"/>'
        drawn += f'<line class="thin" x1="{long:.2f}%" x2="{long:.2f}%" y1="{y - 5}" y2="{y + 1}"/>'
        drawn += f'<text class="s" x="0" y="{y + 15}">{clean(part_said(each, lang))}</text>'
    return _drawing(drawn, height, _in_words(contract, lang))


def _without_amount(contract: ContractSummary) -> list[Amendment]:
    """Return the amendments of which no amount is known: what they add to the total was not published."""
    known = {each.amendment.href for each in contract.figures if each.amendment and each.said}
    return [each for each in contract.amendments if each.href not in known]


def _gap(start: Decimal, length: Decimal, titles: Sequence[str], lang: Language) -> str:
    """Return what a total leaves out, as a dotted box without an end: nobody said how long it is."""
    top, bottom, end = _TOP + 1, _TOP + _THICK - 1, start + length
    lines = ((start, end, top, top), (start, start, top, bottom), (start, end, bottom, bottom))
    drawn = "".join(
        f'<line class="gap" x1="{x1:.2f}%" x2="{x2:.2f}%" y1="{y1}" y2="{y2}"/>' for x1, x2, y1, y2 in lines
    )
    whole = phrase(lang, "bar-gap", what=lowered(titles[0]) if len(titles) == 1 else str(len(titles)))
    labels = (whole, f"+ {phrase(lang, 'plan-missing')}", "+ ?")
    label = next(each for each in labels if (text_width(each) + 9) * 100 <= float(100 - start) * _WIDE or each == "+ ?")
    text = f'x="{start:.2f}%" dx="9" y="{_TOP + 20}"'
    return f'{drawn}<text class="miss wide" {text}>{clean(label)}</text><text class="miss narrow" {text}>+ ?</text>'


def _amount_segments(contract: ContractSummary, most: Decimal, lang: Language) -> list[Segment]:
    """Return the pieces of a bar: published amounts, else a total by published shares, else the total alone."""
    total = money(contract.total)
    payers = [
        (each, amount) for each in contract.funders if each.amount in contract.summed and (amount := money(each.amount))
    ]
    if payers and most > 0:
        lengths = [
            (PAYERS_OF.get(line.kind, "others"), amount * 100 / most, written(line.amount, lang) if line.amount else "")
            for line, amount in payers
        ]
    elif total and most > 0:
        lines = [each for each in contract.funders if each.figure and each.figure.said]
        shares = list(zip(lines, payer_shares(contract), strict=False))
        lengths = [
            (PAYERS_OF.get(line.kind, "others"), share * total / most, written(line.share, lang))
            for line, share in shares
            if share is not None and line.share
        ] or [("whole", total * 100 / most, "")]
    else:
        return []
    return _laid(lengths)


def _laid(lengths: Iterable[tuple[str, Decimal, str]]) -> list[Segment]:
    found, start = list[Segment](), Decimal(0)
    for cls, length, label in lengths:
        found.append(Segment(start, length, cls, label))
        start += length
    return found


def shares_svg(contract: ContractSummary, lang: Language) -> str:
    """Return the bar of the published shares of the funders of a contract; empty if they are not shares of one whole."""
    lines = [each for each in contract.funders if each.figure and each.figure.said]
    lengths = [
        (PAYERS_OF.get(line.kind, "others"), share, f"{line.title} {written(line.share, lang)}")
        for line, share in zip(lines, payer_shares(contract), strict=False)
        if share is not None and line.share
    ]
    if not lengths:
        return ""
    words = ", ".join(label for _, _, label in lengths)
    frame = f'<rect class="track" width="100%" y="2" height="{_THICK}"/>'
    return _drawing(frame + _pieces(_laid(lengths), 2), _THICK + 4, f"{contract.title}{_colon(lang)}{words}")


def _pieces(segments: Iterable[Segment], top: int) -> str:
    """Return the rectangles of a bar, with their labels where there is room for them."""
    drawn = ""
    for each in segments:
        drawn += (
            f'<rect class="{each.cls}" x="{each.start:.2f}%" y="{top}" width="{each.length:.2f}%" height="{_THICK}"/>'
        )
        need = text_width(each.label) + 18
        if each.label and need * 100 <= float(each.length) * _WIDE:
            cls = f"on {each.cls}" + ("" if need * 100 <= float(each.length) * _NARROW else " wide")
            drawn += f'<text class="{cls}" x="{each.start:.2f}%" dx="9" y="{top + 20}">{clean(each.label)}</text>'
    return drawn


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


def _drawing(content: str, height: int, words: str) -> str:
    label = clean(words).replace('"', "&quot;")
    return f'<svg class="bars" height="{height}" role="img" aria-label="{label}">{content}</svg>'
