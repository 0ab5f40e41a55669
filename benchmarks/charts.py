"""Horizontal bar charts in SVG: readable aloud (title, desc, each value as text), light and dark, no script."""

import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from benchmarks.harness import number

WIDTH: Final = 760
_LABEL, _BAR, _VALUE = 300, 340, 110
_LINE, _GAP, _TOP = 20, 14, 64
_STYLE: Final = """
text{font:13px system-ui,sans-serif;fill:#1b1b1b}.h{font-weight:600;font-size:16px}.g{font-weight:600}.u{fill:#595959}
.s0{fill:#0b57a4}.s1{fill:#b3541e}.s2{fill:#3d7a3d}.s3{fill:#7a3d7a}.s4{fill:#6b6b00}.s5{fill:#5c5c5c}.b{fill:#fff}
@media (prefers-color-scheme:dark){text{fill:#eee}.u{fill:#b5b5b5}.b{fill:#16181c}
.s0{fill:#6fb1f2}.s1{fill:#f0a070}.s2{fill:#86c986}.s3{fill:#d39bd3}.s4{fill:#cfcf6a}.s5{fill:#a8a8a8}}
"""


class Bar(NamedTuple):
    """A bar: the group that it stands in, what it is of, how long."""

    group: str
    series: str
    value: float


def chart(title: str, unit: str, bars: Sequence[Bar], note: str = "") -> str:
    """Return a chart of the bars, whose length is the logarithm of the value; raises ValueError where there are none.

    Each bar has its value beside it, so that nothing is told by length or colour alone.
    """
    bars = [bar for bar in bars if math.isfinite(bar.value) and bar.value > 0]
    if not bars:
        raise ValueError(f"no figures: {title}")
    groups = list(dict.fromkeys(bar.group for bar in bars))
    series = list(dict.fromkeys(bar.series for bar in bars))
    height = _TOP + len(bars) * _LINE + len(groups) * (_LINE + _GAP) + _GAP
    described = f"{title}. {unit}, logarithmic. {note} " + " ".join(_told(bars))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title><desc id="d">{escape(described)}</desc><style>{_STYLE}</style>',
        f'<rect class="b" width="{WIDTH}" height="{height}"/>',
        f'<text class="h" x="12" y="26">{escape(title)}</text>',
        f'<text class="u" x="12" y="48">{escape(f"{unit}, logarithmic scale. {note}".strip())}</text>',
    ]
    parts += _drawn(bars, groups, series)
    return "\n".join([*parts, "</svg>", ""])


def _drawn(bars: Sequence[Bar], groups: Sequence[str], series: Sequence[str]) -> Iterable[str]:
    least, most = (choose(bar.value for bar in bars) for choose in (min, max))
    begin = math.floor(math.log10(least)) if least < most else math.log10(least) - 1
    scale = _BAR / max(math.log10(most) - begin, 1e-9)
    y = _TOP
    for group in groups:
        yield f'<text class="g" x="12" y="{y + 14}">{escape(group)}</text>'
        y += _LINE
        for bar in (each for each in bars if each.group == group):
            length = max(2.0, (math.log10(bar.value) - begin) * scale)
            colour = f"s{series.index(bar.series) % 6}"
            yield f'<text x="{_LABEL - 8}" y="{y + 14}" text-anchor="end">{escape(bar.series)}</text>'
            yield f'<rect class="{colour}" x="{_LABEL}" y="{y + 3}" width="{length:.1f}" height="14"/>'
            yield f'<text x="{_LABEL + length + 6:.1f}" y="{y + 14}">{number(bar.value)}</text>'
            y += _LINE
        y += _GAP


def _told(bars: Sequence[Bar]) -> Iterable[str]:
    for group in dict.fromkeys(bar.group for bar in bars):
        listed = ", ".join(f"{bar.series} {number(bar.value)}" for bar in bars if bar.group == group)
        yield f"{group}: {listed}."
