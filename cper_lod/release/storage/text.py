"""Words as a reader looks for them: without case, accents, ligatures and plural, and where they stand in a text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cper_lod.core.text import folded

_WORD: Final = re.compile(r"[^\W_]+")
_PLURAL: Final = re.compile("(?<=[^\\W_]{2}[^\\W_sx])[sx]$")
"""The mark of the plural in French and English, but for what ends in two of them (`process`)."""
_WRITTEN: Final = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
"""A word as it stands in a text; its accents may be characters of their own."""
_BEFORE: Final = 60
_ABOUT: Final = 220
"""Characters of a snippet before its first word that was looked for, and in all."""


def words(text: str) -> list[str]:
    """Return the words of a text, folded, in its order; all but letters and digits separates them.

    A final `s` or `x` of a word of four letters or more is left out: who looks for one thing finds several, and the
    other way round.

    >>> words("57,3% des crédits")
    ['57', '3', 'des', 'credit']
    """
    return [_PLURAL.sub("", word) for word in _WORD.findall(folded(text))]


@dataclass(frozen=True)
class Wanted:
    """What is looked for: words, all of them; the last may be the beginning of one where it has two letters or more."""

    words: tuple[str, ...]

    @property
    def beginning(self) -> str:
        """The beginning of a word that is looked for, empty where there is none."""
        return self.words[-1] if self.words and len(self.words[-1]) > 1 else ""

    def found(self, text: str) -> list[tuple[int, int, str]]:
        """Return where words that are looked for stand in a text: start, end, and which of the words it is."""
        places = []
        for match in _WRITTEN.finditer(text):
            for word in words(match[0]):
                if word in self.words or (self.beginning and word.startswith(self.beginning)):
                    places.append((match.start(), match.end(), word if word in self.words else self.beginning))
                    break
        return places

    def share(self, text: str) -> int:
        """Return how many of the words stand in a text."""
        every = set(words(text))
        count = sum(word in every for word in self.words)
        if self.beginning and self.beginning not in every:
            count += any(word.startswith(self.beginning) for word in every)
        return count


@dataclass(frozen=True)
class Snippet:
    """A piece of a text, and the places in it of the words that were looked for (start and end)."""

    text: str
    marks: tuple[tuple[int, int], ...]

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The piece cut at its marks, each with whether it is marked."""
        pieces, at = [], 0
        for start, end in self.marks:
            pieces += [(self.text[at:start], False), (self.text[start:end], True)]
            at = end
        return [piece for piece in (*pieces, (self.text[at:], False)) if piece[0]]


def whole(text: str, wanted: Wanted) -> Snippet:
    """Return a text, all of it, with the words that are looked for marked."""
    return Snippet(text, tuple((start, end) for start, end, _ in wanted.found(text)))


def snippet(text: str, wanted: Wanted) -> Snippet:
    """Return the piece of a text about the first word that is looked for, cut between words, `…` where it was cut."""
    text = " ".join(text.split())
    places = wanted.found(text)
    start = _cut(text, places[0][0] - _BEFORE) if places and places[0][1] > _ABOUT - _BEFORE else 0
    end = _cut(text, start + _ABOUT) if len(text) > start + _ABOUT else len(text)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    kept: Iterable[tuple[int, int]] = ((a + shift, b + shift) for a, b, _ in places if start <= a and b <= end)
    return Snippet(before + text[start:end].strip() + after, tuple(kept))


def _cut(text: str, near: int) -> int:
    """Return the place after the space that is next before `near`, `near` itself where there is none for long."""
    space = text.rfind(" ", max(near - 40, 0), max(near, 0))
    return max(near, 0) if space < 0 else space + 1
