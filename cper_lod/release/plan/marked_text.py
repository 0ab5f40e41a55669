"""The text of a document as it reads, with passages marked: paragraphs of pieces, without the marks of Markdown.

Marks are nested as passages are. A passage that begins inside another and ends outside of it has several marks, as one
that spans paragraphs does; its first one carries its fragment.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final, NamedTuple
from typing import Literal as OneOf

from cper_lod.core.quoted_text import MARK_OF_LINE, Place

_SPACES: Final = re.compile(r"[ \t]*+")
_INLINE: Final = re.compile(
    r"(?P<pair>\*\*|__|\*)|(?P<escape>\\)(?=[!-/:-@\[-`{-~])"
    r"|!?\[(?P<label>[^\[\]\n]*+)\]\([^()\s]*+\)|<(?P<address>(?:https?://|mailto:)[^<>\s]++)>"
)
_STYLES: Final = {"**": "strong", "__": "strong", "*": "emphasis"}
Kind = OneOf["text", "heading", "item"]


def fragment(place: Place) -> str:
    """Return the fragment of a passage in the page of its document, that of RFC 5147: it serves the plain text too."""
    return f"char={place.start},{place.end}"


class Mark(NamedTuple):
    """The beginning of a mark: the fragment of its passage, whether it is its first, and the note that begins here, else 0."""

    fragment: str
    is_first: bool
    note: int


class Piece(NamedTuple):
    """Characters of the text: the marks that begin before them, and how many end after them."""

    text: str
    strong: bool
    emphasis: bool
    opened: tuple[Mark, ...]
    closed: int


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, a heading or an item of a list, with the numbers of the notes beside it."""

    kind: Kind
    pieces: tuple[Piece, ...]
    notes: tuple[int, ...]

    @property
    def is_marked(self) -> bool:
        """Whether a passage stands in it."""
        return any(piece.opened for piece in self.pieces)


@dataclass(frozen=True)
class MarkedText:
    """The paragraphs, and the passages of each note: note 1 has those of `notes[0]`."""

    paragraphs: tuple[Paragraph, ...]
    notes: tuple[tuple[Place, ...], ...]

    @property
    def groups(self) -> list[list[Paragraph]]:
        """The paragraphs with passages one by one, those without any that follow each other together."""
        runs = groupby(self.paragraphs, key=lambda each: each.is_marked)
        return [group for marked, run in runs for group in ([[each] for each in run] if marked else [list(run)])]


def marked_text(raw: str, places: Iterable[Place]) -> MarkedText:
    """Return a text with the passages at some places marked. Passages that begin at the same word share a note."""
    ordered = sorted(
        {each for each in places if 0 <= each.start < each.end <= len(raw)}, key=lambda place: (place.start, -place.end)
    )
    marker = _Marker(raw, ordered)
    paragraphs = tuple(marker.paragraph(kind, lines) for kind, lines in _blocks(raw))
    return MarkedText(paragraphs, tuple(map(tuple, marker.notes)))


def _blocks(raw: str) -> list[tuple[Kind, list[Place]]]:
    """Return the paragraphs, which blank lines, headings and items of lists divide: the lines of each without the marks before them."""
    blocks, goes_on, place = list[tuple[Kind, list[Place]]](), False, 0
    for line in raw.splitlines(keepends=True):
        begin, place = place, place + len(line)
        start, marks = _after_marks(raw, begin)
        words = raw[start:place].rstrip()
        kind: Kind = "heading" if "#" in marks else "item" if marks.strip(">") else "text"
        if words and goes_on and kind == "text":
            lines = blocks[-1][1]
            lines[-1] = Place(lines[-1].start, begin)
            lines.append(Place(start, start + len(words)))
        elif words:
            blocks.append((kind, [Place(start, start + len(words))]))
        goes_on = bool(words) and (kind != "heading")
    return blocks


def _after_marks(raw: str, start: int) -> tuple[int, str]:
    """Return where the words of a line begin, and the marks of Markdown and of lists before them."""
    marks, begin = "", _SPACES.match(raw, start).end()  # type: ignore[union-attr]
    while match := MARK_OF_LINE.match(raw, begin):
        marks += match[0]
        begin = _SPACES.match(raw, match.end()).end()  # type: ignore[union-attr]
    return begin, marks


class _Marker:
    """Marks passages in the paragraphs of a text, one paragraph after the other."""

    def __init__(self, raw: str, places: Sequence[Place]) -> None:
        self.notes: list[list[Place]] = []
        self._raw = raw
        self._places = places
        self._note_at: dict[int, int] = {}
        self._seen: set[Place] = set()
        self._longest = max((each.end - each.start for each in places), default=0)

    def within(self, place: Place) -> list[Place]:
        """Return the passages of which a part stands at a place."""
        first = bisect_left(self._places, place.start - self._longest, key=lambda each: each.start)
        last = bisect_left(self._places, place.end, key=lambda each: each.start)
        return [each for each in self._places[first:last] if each.end > place.start]

    def paragraph(self, kind: Kind, lines: Sequence[Place]) -> Paragraph:
        """Return a paragraph with its passages marked."""
        within = self.within(Place(lines[0].start, lines[-1].end))
        cuts = sorted({cut for each in within for cut in each})
        pieces, notes, before = list[Piece](), list[int](), list[Place]()
        for start, end, strong, emphasis in _slices(self._raw, lines):
            inside = cuts[bisect_left(cuts, start + 1) : bisect_left(cuts, end)]
            for a, b in pairwise((start, *inside, end)):
                covering = [each for each in within if each.start <= a and each.end >= b]
                kept = next((n for n, (x, y) in enumerate(zip(before, covering, strict=False)) if x != y), None)
                kept = min(len(before), len(covering)) if kept is None else kept
                if pieces and len(before) > kept:
                    pieces[-1] = pieces[-1]._replace(closed=len(before) - kept)
                opened = tuple(map(self._open, covering[kept:]))
                notes += [each.note for each in opened if each.note]
                pieces.append(Piece(self._raw[a:b], strong, emphasis, opened, 0))
                before = covering
        if pieces and before:
            pieces[-1] = pieces[-1]._replace(closed=len(before))
        return Paragraph(kind, tuple(pieces), tuple(notes))

    def _open(self, place: Place) -> Mark:
        """Return the mark of a passage: with its fragment, and with a new note, the first time."""
        if place in self._seen:
            return Mark(fragment(place), False, 0)
        self._seen.add(place)
        word = next((at for at in range(place.start, place.end) if self._raw[at].isalnum()), place.start)
        number = self._note_at.get(word, 0)
        if number:
            self.notes[number - 1].append(place)
            return Mark(fragment(place), True, 0)
        self.notes.append([place])
        self._note_at[word] = len(self.notes)
        return Mark(fragment(place), True, len(self.notes))


def _slices(raw: str, lines: Sequence[Place]) -> Iterator[tuple[int, int, bool, bool]]:
    """Yield the parts of a paragraph that are read, without marks, and whether they are strong and emphasised."""
    changes: dict[int, Counter[str]] = {}
    for name, start, end in (*(("line", *line) for line in lines), *_of_marks(raw, lines)):
        changes.setdefault(start, Counter())[name] += 1
        changes.setdefault(end, Counter())[name] -= 1
    state = Counter[str]()
    for start, end in pairwise(sorted(changes)):
        state.update(changes[start])
        if state["line"] and not state["hidden"]:
            yield start, end, state["strong"] > 0, state["emphasis"] > 0


def _of_marks(raw: str, lines: Sequence[Place]) -> Iterator[tuple[str, int, int]]:
    """Yield the marks in the lines of a paragraph, which are hidden, and what is strong and emphasised by them."""
    pending: dict[str, tuple[int, int]] = {}
    for start, end in lines:
        place, address = start, (end, end)
        while match := _INLINE.search(raw, place, end):
            begin, place = match.span()
            if address[0] <= begin < address[1]:
                place = address[1]
            elif match["label"] is not None:
                yield "hidden", begin, match.start("label")
                address = match.end("label"), place
                yield ("hidden", *address)
                place = match.start("label")
            elif match["address"]:
                yield "hidden", begin, begin + 1
                yield "hidden", place - 1, place
            elif match["escape"]:
                yield "hidden", begin, place
                place += 1
            elif (mark := match["pair"]) in pending and not raw[begin - 1].isspace() and _ends_word(raw, mark, place):
                opening = pending.pop(mark)
                yield ("hidden", *opening)
                yield "hidden", begin, place
                yield _STYLES[mark], opening[1], begin
            elif raw[place : place + 1].strip() and _begins_word(raw, mark, begin):
                pending[mark] = begin, place


def _begins_word(raw: str, mark: str, begin: int) -> bool:
    """Return whether a mark may begin what it marks: underscores within a word are none."""
    return mark != "__" or begin == 0 or not raw[begin - 1].isalnum()


def _ends_word(raw: str, mark: str, end: int) -> bool:
    return mark != "__" or not raw[end : end + 1].isalnum()
