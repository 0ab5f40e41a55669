"""SVG drawings: shapes, and text that is known to fit; classes name what the style sheet colours.

Widths of text are those of DejaVu Sans, which is wider than the fonts of most systems: what fits here fits there.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from html import escape
from itertools import accumulate
from typing import Final, Literal

_NO_XML: Final = re.compile("[\x00-\x1f\ufffe\uffff]")
WIDE: Final = 1056
"""Units across a drawing for a screen: pixels, in a page of full width."""
NARROW: Final = 328
"""Units across a drawing for a phone."""
_REGULAR: Final = (
    (200, "\u202f"),
    (280, "'ijl"),
    (290, "IJ"),
    (320, " ,.\u00a0·’"),
    (340, "/:;\\|"),
    (360, "f-\u2011"),
    (390, "()[]t"),
    (410, "!r"),
    (500, '"*_`–°'),
    (520, "sz“”"),
    (550, "?c"),
    (580, "FLk"),
    (600, "Pvxy"),
    (620, "TYaoe«»"),
    (640, "ESbdghnpqu$0123456789{}€"),
    (700, "ABCKRVXZ"),
    (750, "HNU"),
    (790, "&DGOQ"),
    (840, "#+<=>^~≈÷w"),
    (860, "M"),
    (990, "%mW"),
)
_BOLD: Final = (
    (200, "\u202f"),
    (350, "'ijl \u00a0"),
    (380, ",.·’/IJ\\|"),
    (420, ":;-\u2011"),
    (490, "f!()[]tr"),
    (530, '_`–°"*'),
    (600, "?zsc"),
    (660, "Lvxy«»“”"),
    (690, "EFTaekEo"),
    (710, "hnu{}$0123456789€"),
    (730, "SYCPZbdgpq"),
    (770, "ABKRVX"),
    (840, "DGU#+<=>HN^~≈÷"),
    (870, "OQ&"),
    (920, "w"),
    (1040, "%Mm"),
    (1100, "W"),
)
_OTHER: Final = 1.1
"""Width of any other character, in parts of the size: the widest letters have about that."""


class _Advances(dict[str, float]):
    """The widths of characters in parts of the size; letters with an accent are as wide as without."""

    def __missing__(self, character: str) -> float:
        plain = unicodedata.normalize("NFD", character)[0]
        width = 0.0 if unicodedata.combining(plain) else self[plain] if plain != character else _OTHER
        if len(self) < 10_000:
            self[character] = width
        return width


_ADVANCES: Final = tuple(
    _Advances((character, width / 1000) for width, characters in table for character in characters)
    for table in (_REGULAR, _BOLD)
)


@dataclass(frozen=True)
class Font:
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


def text_width(text: str, font: Font = TEXT) -> float:
    """Return the width of a text in units; at least what any common sans serif font needs.

    >>> round(text_width("57,3 %"), 1), round(text_width("57,3 %", STRONG), 1)
    (49.7, 62.4)
    """
    return font.size * sum(map(_ADVANCES[font.bold].__getitem__, text))


def fitted(text: str, width: float, font: Font = TEXT) -> str:
    """Return a text that fits into a width: shortened, with an ellipsis, if it must be.

    >>> fitted("Conforter les infrastructures", 100)
    'Conforter…'
    """
    if text_width(text, font) <= width:
        return text
    advances = _ADVANCES[font.bold]
    ends = accumulate(map(advances.__getitem__, text), initial=advances["…"])
    room = sum(font.size * end <= width for end in ends) - 1
    kept = text[: max(room, 0)]
    if " " in kept and text[len(kept)] != " ":
        kept = kept.rpartition(" ")[0]  # words stay whole, unless there is but one
    return kept.rstrip(" ,;:.\u00a0") + "…" if kept else ""


def wrapped(text: str, width: float, lines: int, font: Font = TEXT) -> list[str]:
    """Return a text in lines that fit into a width; what exceeds the number of lines becomes an ellipsis.

    >>> wrapped("Lutter contre les exclusions", 90, 3)
    ['Lutter', 'contre les', 'exclusions']
    """
    found: list[str] = []
    space = text_width(" ", font)
    words = [(word, text_width(word, font)) for word in text.split(" ")]
    first = 0
    while first < len(words) and len(found) < lines:
        end, used = first + 1, words[first][1]
        while end < len(words) and used + space + words[end][1] <= width:
            used += space + words[end][1]
            end += 1
        if len(found) == lines - 1 and end < len(words):
            end += 1  # too long: what is cut shows that there is more
        found.append(fitted(" ".join(word for word, _ in words[first:end]), width, font))
        first = end
    return [each for each in found if each]


def _number(value: float) -> str:
    return f"{value:.6g}"


def clean(text: str) -> str:
    """Return a text as the content of an element of XML; characters that XML forbids are left out."""
    return escape(_NO_XML.sub("", text), quote=False)


@dataclass
class Drawing:
    """An SVG drawing in units from the top left; `height` grows with what is drawn, its text stays inside."""

    width: int = WIDE
    height: float = 0
    title: str = ""
    description: str = ""
    role: str = "img"
    cls: str = ""
    _parts: list[str] = field(default_factory=list)

    def add(self, markup: str, bottom: float = 0) -> None:
        """Add an element, and make room for it."""
        self._parts.append(markup)
        self.height = max(self.height, bottom)

    def rect(self, x: float, y: float, width: float, height: float, cls: str) -> None:
        """Draw a rectangle."""
        size = f'width="{_number(width)}" height="{_number(height)}"'
        self.add(f'<rect class="{cls}" x="{_number(x)}" y="{_number(y)}" {size}/>', y + height)

    def line(self, x1: float, y1: float, x2: float, y2: float, cls: str) -> None:
        """Draw a straight line."""
        path = f"M{_number(x1)} {_number(y1)}L{_number(x2)} {_number(y2)}"
        self.add(f'<path class="{cls}" d="{path}"/>', max(y1, y2))

    def path(self, steps: str, cls: str) -> None:
        """Draw a path."""
        self.add(f'<path class="{cls}" d="{steps}"/>')

    def text(
        self,
        x: float,
        y: float,
        text: str,
        font: Font = TEXT,
        cls: str = "",
        anchor: Literal["", "middle", "end"] = "",
    ) -> None:
        """Write a line of text; `y` is its baseline."""
        names = f"{font.cls} {cls}".strip()
        end = f' text-anchor="{anchor}"' if anchor else ""
        named = f' class="{names}"' if names else ""
        self.add(f'<text{named} x="{_number(x)}" y="{_number(y)}"{end}>{clean(text)}</text>', y + font.size * 0.3)

    def lines(self, x: float, y: float, lines: list[str], font: Font = TEXT, cls: str = "") -> float:
        """Write lines of text below `y`; return where the next line would begin."""
        for each in lines:
            self.text(x, y + font.size, each, font, cls)
            y += font.line
        return y

    @property
    def content(self) -> str:
        """The elements of the drawing."""
        return "".join(self._parts)

    def __html__(self) -> str:
        """Return the drawing for a page, as templates write it; there are no ids, so that it may stand there twice."""
        words = f"<title>{clean(self.title)}</title>"
        if self.description:
            words += f"<desc>{clean(self.description)}</desc>"
        box = f"0 0 {self.width} {_number(-(-self.height // 1))}"
        return f'<svg class="{self.cls}" viewBox="{box}" role="{self.role}">{words}{self.content}</svg>'
