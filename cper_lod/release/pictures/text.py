"""Texts in pictures: how wide they are, how they are broken into lines, and what XML lets stand in them."""

import re
import unicodedata
from functools import lru_cache
from html import escape
from typing import Final, NamedTuple

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import sentence

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


def fitted(text: str, width: float, font: Font) -> str:
    """Return a text that fits into a width: shortened, with an ellipsis, if it must be.

    >>> fitted("Conforter les infrastructures", 100, TEXT)
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


def phrase(lang: Language, key: str, **values: object) -> str:
    """Return a sentence as a printer sets it; what it is filled with is not typeset."""
    return formatting.typeset(sentence(key, lang), lang).format_map(values)
