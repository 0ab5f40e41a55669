"""Words of a search: without case, accents, ligatures and plural; their places in a text; snippets."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from cper_lod.core.text import folded

WORD: Final = re.compile(r"[^\W_]+")
_PLURAL: Final = re.compile("(?<=[^\\W_]{2}[^\\W_sx])[sx]$")
"""The plural ending in French and English, except a doubled one (`process`)."""
_WRITTEN: Final = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
"""A word in a text; its accents may be combining characters."""
_BEFORE: Final = 60
_ABOUT: Final = 220
"""Characters of a snippet before its first hit, and in all."""


def words(text: str) -> list[str]:
    """Return the folded words of a text, in order; anything but letters and digits separates words.

    A final `s` or `x` of a word of four letters or more is removed, so that singular and plural find each other.

    >>> words("57,3% des crédits")
    ['57', '3', 'des', 'credit']
    """
    return [_PLURAL.sub("", word) for word in WORD.findall(folded(text))]


@dataclass(frozen=True)
class SearchWords:
    """The words of a query, all required; the last one may be a prefix if it has two letters or more and no alternatives.

    `alternatives` may stand for a word, each all its words: a search for « train » also finds « mobilités ».
    """

    words: tuple[str, ...]
    alternatives: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def marked(self) -> frozenset[str]:
        """The words that count as found in a text: those of the query and of the alternatives."""
        others = (word for found in self.alternatives.values() for each in found for word in each if len(word) > 2)
        return frozenset((*self.words, *others))

    @property
    def beginning(self) -> str:
        """The last word if it may be a prefix, else an empty string.

        A word with alternatives is a whole word: « TER » does not begin « territoires », nor « train » “training”.
        """
        last = self.words[-1] if self.words else ""
        return last if len(last) > 1 and last not in self.alternatives else ""

    def found(self, text: str) -> list[tuple[int, int, str]]:
        """Return the hits in a text: start, end, and the word of the query."""
        places = []
        for match in _WRITTEN.finditer(text):
            for word in words(match[0]):
                if word in self.marked or (self.beginning and word.startswith(self.beginning)):
                    places.append((match.start(), match.end(), word if word in self.marked else self.beginning))
                    break
        return places

    def share(self, text: str) -> int:
        """Return how many of the words, or an alternative of them, are in a text."""
        every = set(words(text))
        count = 0
        for word in self.words:
            begins = word == self.beginning and any(each.startswith(word) for each in every)
            count += word in every or begins or any(every.issuperset(each) for each in self.alternatives.get(word, ()))
        return count


@dataclass(frozen=True)
class Snippet:
    """A piece of a text, and the hits in it (start and end)."""

    text: str
    marks: tuple[tuple[int, int], ...]

    @property
    def pieces(self) -> list[tuple[str, bool]]:
        """The parts of the piece, each with whether it is a hit."""
        pieces, at = [], 0
        for start, end in self.marks:
            pieces += [(self.text[at:start], False), (self.text[start:end], True)]
            at = end
        return [piece for piece in (*pieces, (self.text[at:], False)) if piece[0]]


def highlight(text: str, wanted: SearchWords) -> Snippet:
    """Return a whole text with its hits."""
    return Snippet(text, tuple((start, end) for start, end, _ in wanted.found(text)))


def snippet(text: str, wanted: SearchWords) -> Snippet:
    """Return the piece of a text around its first hit, cut between words, with `…` at the cuts."""
    text = " ".join(text.split())
    places = wanted.found(text)
    start = _cut(text, places[0][0] - _BEFORE) if places and places[0][1] > _ABOUT - _BEFORE else 0
    end = _cut(text, start + _ABOUT) if len(text) > start + _ABOUT else len(text)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    shift = len(before) - start
    kept: Iterable[tuple[int, int]] = ((a + shift, b + shift) for a, b, _ in places if start <= a and b <= end)
    return Snippet(before + text[start:end].strip() + after, tuple(kept))


def _cut(text: str, near: int) -> int:
    """Return the place after the last space before `near`, or `near` if no space is close."""
    space = text.rfind(" ", max(near - 40, 0), max(near, 0))
    return max(near, 0) if space < 0 else space + 1
