"""Where one funder stands among the amounts of a contract: its piece of the bar is lit, and is a place, if several share it."""

from decimal import Decimal
from typing import Final

from cper_lod.core.errors import Language
from cper_lod.release.pictures.bars import money
from cper_lod.release.pictures.figures import PAYERS_OF, clean, phrase, text_width
from cper_lod.release.plan.contract import ContractSummary
from cper_lod.release.plan.observations import written

MAX_NOTCHES: Final = 12
"""Notches in the bar of several bodies together; more would be a pattern."""
_WIDE, _NARROW = 540, 280
_THICK: Final = 42
_COLON: Final = {"fr": "\u00a0: ", "en": ": "}


def place_svg(contract: ContractSummary, payer: str, lang: Language) -> str:
    """Return the bar of the amounts of the funders of a contract, that of the funder with the address `payer` lit.

    Where it is several bodies together, notches say so without measuring anything, and a dotted line that one of them is
    somewhere here. Empty if the funder has no amount in the bar.
    """
    amounts = [
        (each, amount) for each in contract.funders if each.amount in contract.summed and (amount := money(each.amount))
    ]
    whole, start, drawn, said, shared = sum((amount for _, amount in amounts), Decimal(0)), Decimal(0), "", [], False
    if payer not in {line.href for line, _ in amounts}:
        return ""
    for line, amount in amounts:
        length, cls = amount * 100 / whole, PAYERS_OF.get(line.kind, "others")
        shown = written(line.amount, lang) if line.amount else ""
        said.append(f"{line.title} {shown}")
        lit, count = line.href == payer, len(line.members)
        drawn += f'<rect class="{cls}{"" if lit else " dim"}" x="{start:.2f}%" y="1" width="{length:.2f}%" height="{_THICK}"/>'
        names = dict.fromkeys((line.title, phrase(lang, f"payer-{cls}"), ""))
        drawn += _labels([f"{name} {shown}".strip() for name in names], start, length, f"on {cls}" if lit else "")
        if lit and count > 1:
            shared = True
            drawn += _shared(start, length, min(count, MAX_NOTCHES), phrase(lang, "body-somewhere"))
        start += length
    label = clean(f"{contract.title}{_COLON[lang]}{', '.join(said)}").replace('"', "&quot;")
    height = _THICK + (36 if shared else 2)
    return f'<svg class="bars" height="{height}" role="img" aria-label="{label}">{drawn}</svg>'


def _labels(labels: list[str], start: Decimal, length: Decimal, cls: str) -> str:
    """Return the longest label that a piece has room for, in a wide and in a narrow window."""
    drawn = ""
    for width, name in ((_WIDE, "wide"), (_NARROW, "narrow")):
        label = next((each for each in labels if (text_width(each) + 18) * 100 <= float(length) * width), "")
        if label:
            drawn += f'<text class="{cls} {name}" x="{start:.2f}%" dx="9" y="20">{clean(label)}</text>'
    return drawn


def _shared(start: Decimal, length: Decimal, count: int, words: str) -> str:
    """Return the notches of a piece that several share, and the dotted line below it with its words."""
    ends = [start + length * number / count for number in range(count + 1)]
    notches = "".join(
        f'<line class="notch" x1="{at:.2f}%" x2="{at:.2f}%" y1="{_THICK - 8}" y2="{_THICK}"/>' for at in ends[1:-1]
    )
    x, anchor = (ends[-1], ' text-anchor="end"') if start > 50 else (start, "")
    line = f'<line class="dotted" x1="{start:.2f}%" x2="{ends[-1]:.2f}%" y1="{_THICK + 10}" y2="{_THICK + 10}"/>'
    return f'{notches}{line}<text class="miss" x="{x:.2f}%" y="{_THICK + 30}"{anchor}>{clean(words)}</text>'
