"""The text of a document, and where a quotation stands in it.

A quotation and a text are compared folded, and each folded character remembers its place in the text:

1. Letters are composed (NFC). Case, accents, punctuation and quotation marks count.
2. White space of any kind (no-break, narrow, line ends, between paragraphs) is one space.
3. The apostrophes ’ ʼ ' are alike; so are the hyphens ‐ ‑ -, and the dashes ‒ – — ―. A hyphen is not a dash.
4. Soft hyphens, zero-width characters and marks of direction are dropped.
5. Marks of Markdown are dropped: `*`, `__`, the backslash before punctuation, `[text](address)` is its text and
   `<address>` the address.
6. The marks - – + > # • ▪ ◦ ‣ ⇒ count, except alone at the beginning of a line (or of the quotation), where they are
   those of lists, headings and block quotations, and a hyphen at the end of a line, within a word: there the other
   side may have the mark or not. So « dévelop-⏎pement » is « développement », « Saint-⏎Denis » « Saint-Denis »,
   and « - 5 % » within a line is not « 5 % ».
7. A quotation begins and ends with whole words and numbers: « 94 M€ » is not in « 994 M€ », nor « 7 Md€ » in « 2,7 Md€ ».

All is done in one pass, without a regular expression that goes back.
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from pathlib import Path
from typing import Final, NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.core.files import file_problem

MAX_TEXT_MIB: Final = 4
"""Size of the text of a document: 40 times a whole contract."""
MAX_PLACES: Final = 1_000
"""Places of one quotation that are looked for; a phrase that stands so often is none."""


class Place(NamedTuple):
    """Where words stand in a text: `text[start:end]`, in code points."""

    start: int
    end: int


class Nearest(NamedTuple):
    """The passage most like a quotation: its place, its words, and the words in which the two differ first.

    `words_there` are those of the text, `words_here` those of the quotation; one of them is empty where the other has
    words more. Both are empty where the quotation stands there as it is.
    """

    place: Place
    words: str
    words_there: str
    words_here: str


_ALIKE: Final = {"’": "'", "ʼ": "'", "‐": "-", "‑": "-", "‒": "–", "—": "–", "―": "–"}
_MARKS: Final = r"\-–+>#•▪◦‣⇒"
_DROPPED: Final = "*\u00ad\u200b-\u200f\u2060\ufeff"
MARK_OF_LINE: Final = re.compile(r"[•▪◦‣⇒]++|[-–+>#*]++(?=\s|\Z)")
"""Marks of lists, headings and block quotations at the beginning of a line."""
_LINE_END: Final = re.compile(r"[\n\r\f\v\x85\u2028\u2029]")
_WORD: Final = rf"[^\s{_DROPPED}{_MARKS}_\\\[\]<{{combined}}]"
_TOKEN: Final = rf"""
    (?P<plain>{{word}}++(?:[ ]{{word}}++)*+)
  | (?P<space>\s++)
  | (?P<join>(?<=\w)[-\u00ad][ \t]*+(?:\r\n?|\n)[ \t]*+(?=\w))
  | [{_DROPPED}]++ | __ | \\(?=[!-/:-@\[-`{{{{-~])
  | (?P<mark>[{_MARKS}])
  | (?P<link>\[(?P<label>[^\[\]]*+)\]\([^()\s]*+\))
  | (?P<address><(?:https?://|mailto:)[^<>\s]++>)
  | (?P<other>.)
"""
"""What a text is made of; what has no name is dropped. A plain token has single spaces, and nothing that is folded."""
_MAX_COMBINING: Final = 30
"""Combining marks that are composed together: stream-safe text (Unicode, annex 15) has no more, and sorting takes long."""


def _pattern(text: str) -> re.Pattern[str]:
    """Return the pattern of the tokens of a text, with the characters of this text that are composed."""
    follow = alone = ""
    if not unicodedata.is_normalized("NFC", text):
        chars = sorted(set(text))
        follow = re.escape("".join(each for each in chars if _is_combining(each)))
        alone = re.escape("".join(each for each in chars if not unicodedata.is_normalized("NFC", each + "a")))
    word, composed = _WORD.format(combined=follow + alone), []
    if follow:
        word = f"(?:{word}(?![{follow}]))"
        composed.append(rf"[^\s{_DROPPED}{follow}]?[{follow}]{{1,{_MAX_COMBINING}}}+")
    if alone:
        composed.append(rf"(?!\s)[{alone}]")
    first = f"(?P<composed>{'|'.join(composed)})|" if composed else ""
    return re.compile(first + _TOKEN.format(word=word), re.VERBOSE | re.DOTALL)


def _is_combining(char: str) -> bool:
    """Return whether a character may be composed with the one before it: marks, and Korean letters within a syllable."""
    return unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff"


_NO_MARKS: Final = ("", "")
_STEP: Final = 64
"""Characters whose marks are compared at once."""
_CELL_END: Final = re.compile(r"[\n\r\f\v\t\x85\u2028\u2029]")
"""What stands between two cells of a table, and not within a number."""
_WITHIN_NUMBERS: Final = [
    (re.compile(r"[0-9][.,]?$"), re.compile(r"[.,]?[0-9]")),
    (re.compile(r"(?<![0-9])[0-9]{1,3} $"), re.compile(r"[0-9]{3}(?![0-9])")),
    (re.compile(r"[0-9]$"), re.compile(r" [0-9]{3}(?![0-9])")),
]
"""What stands before and after a place within a number: « 2,7 », « 1 500 »."""
CONTROL: Final = re.compile(r"[\0-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")
"""Control characters; tabs, line ends and page breaks are none."""
_TOKENS: Final = re.compile(r"\w+|[^\w\s]")
_MIN_LIKENESS: Final = 50
"""Of 100 characters, those that a passage and a quotation have in common in their order, for one to be like the other."""
_MAX_ALIGNED: Final = 1_000
"""Characters of a quotation for which a passage is looked for: comparing takes the product of both lengths."""


class _Folded:
    """A text as it is compared: its characters, where each begins and ends, and the marks that stand between them.

    The marks are in columns: before which character, the marks, whether the other side may be without, and where.
    """

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self._parts: list[str] = []
        self._last = " "
        self.starts, self.ends = array("L"), array("L")
        self.marked, self.marks, self.optional, self.mark_starts = array("L"), list[str](), bytearray(), array("L")
        self._read()
        if self.starts and self._last == " ":
            self._parts.pop(), self.starts.pop(), self.ends.pop()
        self._place_marks()
        self.chars = "".join(self._parts)
        del self._parts

    def _read(self) -> None:
        text = self.raw
        for one, other in _ALIKE.items():
            text = text.replace(one, other)
        token = _pattern(text)
        place, closings = self._read_line_marks(text, 0), dict[int, int]()
        while match := token.match(text, place):
            start, place = match.span()
            if start in closings:
                place = closings[start]
                continue
            match match.lastgroup:
                case "space":
                    self._add_space(start, place)
                    if _LINE_END.search(text, start, place):
                        place = self._read_line_marks(text, place)
                case "join":
                    if match[0][0] == "-":
                        self._add_mark("-", start, optional=True)
                case "mark":
                    self._add_mark(match[0], start, optional=False)
                case "link":
                    place = match.start("label")
                    closings[match.end("label")] = match.end()
                case "address":
                    closings[place - 1] = place
                    place = start + 1
                case "composed":
                    for char in unicodedata.normalize("NFC", match[0]):
                        self._add(char, range(start, start + 1), place)
                case "plain" | "other":
                    self._add(match[0], range(start, place))

    def _read_line_marks(self, text: str, place: int) -> int:
        """Read the marks at the beginning of a line; return where its words begin."""
        while match := MARK_OF_LINE.match(text, place):
            self._add_mark(match[0].replace("*", ""), place, optional=True)
            place = match.end()
            while text[place : place + 1] in ("\t", " ", "\xa0"):
                place += 1
            self._add_space(match.end(), place)
        return place

    def _add_mark(self, mark: str, start: int, *, optional: bool) -> None:
        self.marks.append(mark)
        self.optional.append(optional)
        self.mark_starts.append(start)

    def _add_space(self, start: int, end: int) -> None:
        if self._last != " " and start < end:
            self._parts.append(" ")
            self.starts.append(start)
            self.ends.append(end)
            self._last = " "

    def _add(self, chars: str, places: range, end: int = 0) -> None:
        self._place_marks()
        self._parts.append(chars)
        self.starts.extend(places)
        self.ends.extend((end,) if end else range(places.start + 1, places.stop + 1))
        self._last = chars[-1]

    def _place_marks(self) -> None:
        """Place the marks that were read before the next character: the one after the space, if there is a space."""
        self.marked.extend([len(self.starts)] * (len(self.marks) - len(self.marked)))

    def marks_between(self, start: int, end: int) -> range:
        """Return the rows of the marks that stand before the characters from `start` to `end`, not included."""
        return range(bisect_left(self.marked, start), bisect_left(self.marked, end))

    def marks_by_place(self, start: int, end: int) -> dict[int, tuple[str, str]]:
        """Return the marks before each character from `start`, counted from there: those that count, and all."""
        found: dict[int, tuple[str, str]] = {}
        for row in self.marks_between(start, end):
            counting, every = found.get(self.marked[row] - start, ("", ""))
            mark = self.marks[row]
            found[self.marked[row] - start] = (counting if self.optional[row] else counting + mark, every + mark)
        return found

    def words(self, place: Place) -> str:
        """Return the words at a place with the marks that count, as a quotation has them."""
        start, end = bisect_left(self.starts, place.start), bisect_left(self.starts, place.end)
        parts, last = list[str](), start
        for row in self.marks_between(start, end + 2):
            index, at = self.marked[row], self.mark_starts[row]
            if not place.start <= at < place.end:
                continue
            parts.append(self.chars[last:index])
            last = index
            within = index > 0 and self.chars[index - 1] != " "
            # A hyphen at the end of a line divides a word, or it is that of a compound name: « Saint-Denis ».
            if not self.optional[row] or (within and self.chars[index : index + 1].isupper()):
                before, after = self.raw[at - 1 : at].isspace(), self.raw[at + 1 : at + 2].isspace()
                parts.append(" " * (within and before) + self.marks[row] + " " * (not within and after))
        return "".join((*parts, self.chars[last:end])).strip()


class QuotableText:
    """A text in which quotations are looked for, folded once."""

    def __init__(self, raw: str) -> None:
        self._text = _Folded(raw)

    def find(self, words: str) -> list[Place]:
        """Return where these words stand in the text, in its order: the first `MAX_PLACES` places, of which none overlap."""
        quoted, chars, found = _Folded(words), self._text.chars, list[Place]()
        step = len(quoted.chars)
        index = chars.find(quoted.chars) if step else -1
        for _ in range(MAX_PLACES):
            if index < 0:
                break
            if place := self._match(index, quoted):
                found.append(place)
            index = chars.find(quoted.chars, index + (step if place else 1))
        return found

    def at(self, start: int, words: str) -> Place | None:
        """Return the place of these words that begins at `start`; None if they do not stand there."""
        text, quoted = self._text, _Folded(words)
        index = bisect_left(text.starts, start)
        if text.chars[index : index + 1] == " ":
            index += 1
        if not quoted.chars or not text.chars.startswith(quoted.chars, index):
            return None
        place = self._match(index, quoted)
        return place if place and place.start == start else None

    def words(self, place: Place) -> str:
        """Return the words at a place as a quotation has them: single spaces, none of the marks that are dropped."""
        return self._text.words(place)

    def nearest(self, words: str) -> Nearest | None:
        """Return the passage that is most like these words; None if none is."""
        # Imported here: only a quotation that does not stand in its document needs it.
        from rapidfuzz import fuzz  # noqa: PLC0415

        text, quoted = self._text, _Folded(words)
        if not text.chars or not quoted.chars:
            return None
        head = quoted.chars[:_MAX_ALIGNED]
        found = fuzz.partial_ratio_alignment(head, text.chars, score_cutoff=_MIN_LIKENESS)
        if not found:
            return None
        end = found.dest_start + len(quoted.chars) if len(quoted.chars) > len(head) else found.dest_end
        return self._compare(quoted, found.dest_start, min(end, len(text.chars)))

    def _match(self, index: int, quoted: _Folded) -> Place | None:
        """Return the place of a quotation whose characters begin at `index`, if the marks are the same there."""
        text, length = self._text, len(quoted.chars)
        end = index + length
        if self._is_within(index) or self._is_within(end):
            return None
        for begin in range(1, length, _STEP):  # by steps, since places without the marks of a quotation may be many
            stop = min(begin + _STEP, length)
            here, there = quoted.marks_by_place(begin, stop), text.marks_by_place(index + begin, index + stop)
            for place in here.keys() | there.keys():
                (counting, every), (counting_there, every_there) = (
                    here.get(place, _NO_MARKS),
                    there.get(place, _NO_MARKS),
                )
                if set(counting) - set(every_there) or set(counting_there) - set(every):
                    return None
        before, after = (quoted.marks_by_place(at, at + 1).get(0, _NO_MARKS)[0] for at in (0, length))
        first = self._mark_starts(index, before)
        last = self._mark_starts(end + (text.chars[end : end + 1] == " "), after)
        if first is None or last is None:
            return None
        return Place(
            min([text.starts[index], *first[-len(before) :]]),
            max([text.ends[end - 1], *(start + 1 for start in last[: len(after)])]),
        )

    def _mark_starts(self, index: int, marks: str) -> list[int] | None:
        """Return where these marks stand before the character at `index`, if they count there; None if one does not stand."""
        text = self._text
        rows = [row for row in text.marks_between(index, index + 1) if set(marks) & set(text.marks[row])]
        found = "".join(text.marks[row] for row in rows)
        return None if set(marks) - set(found) else [text.mark_starts[row] for row in rows if not text.optional[row]]

    def _is_within(self, index: int) -> bool:
        """Return whether the character at `index` goes on with a word or a number."""
        text = self._text
        if not 0 < index < len(text.chars) or text.marks_between(index, index + 1):
            return False
        before, after = text.chars[max(0, index - 5) : index], text.chars[index : index + 5]
        if before[-1].isalnum() and after[0].isalnum():
            return True
        space = index - 1 if before[-1] == " " else index
        if _CELL_END.search(text.raw, text.starts[space], text.ends[space]):
            return False
        return any(left.search(before) and right.match(after) for left, right in _WITHIN_NUMBERS)

    def _whole_words(self, start: int, end: int, more: int = 0) -> tuple[int, int]:
        """Return a passage with its first and last word whole, and so many words more on each side."""
        chars = self._text.chars
        start, end = start + (chars[start] == " "), end - (chars[end - 1] == " ")
        for step in range(1 + more):
            start = chars.rfind(" ", 0, max(0, start - min(step, 1))) + 1
            following = chars.find(" ", end + min(step, 1))
            end = len(chars) if following < 0 else following
        return start, end

    def _compare(self, quoted: _Folded, start: int, end: int) -> Nearest:
        """Return the passage about from one character to another that has the words of a quotation or is in their place."""
        from rapidfuzz.distance import Levenshtein  # noqa: PLC0415

        text = self._text
        tokens = [*_TOKENS.finditer(text.chars, *self._whole_words(start, end, 2))]
        quoted_tokens, tokens_there = _TOKENS.findall(quoted.chars), [token[0] for token in tokens]
        if alike := [step for step in Levenshtein.opcodes(quoted_tokens, tokens_there) if step.tag == "equal"]:
            before = max(0, alike[0].dest_start - alike[0].src_start)
            last = min(len(tokens), alike[-1].dest_end + len(quoted_tokens) - alike[-1].src_end)
            start, end = tokens[before].start(), tokens[last - 1].end()
        else:
            start, end = self._whole_words(start, end)
        if self._is_within(start):
            start = text.chars.rfind(" ", 0, start - 1) + 1
        if self._is_within(end):
            end = len(text.chars) if (following := text.chars.find(" ", end + 1)) < 0 else following
        place = Place(text.starts[start], text.ends[end - 1])
        if any(index == 0 and not optional for index, optional in zip(quoted.marked, quoted.optional, strict=True)):
            signs = [text.mark_starts[row] for row in text.marks_between(start, start + 1)]
            place = Place(min([place.start, *signs]), place.end)
        words, quotation = text.words(place), quoted.words(Place(0, len(quoted.raw)))
        here, there = quotation.split(" "), words.split(" ")
        step = next((step for step in Levenshtein.opcodes(here, there) if step.tag != "equal"), None)
        return Nearest(
            place,
            words,
            " ".join(there[step.dest_start : step.dest_end]) if step else "",
            " ".join(here[step.src_start : step.src_end]) if step else "",
        )


def read_text(path: Path) -> str:
    """Return the text of a file in UTF-8, as it is: with its line ends, without a byte order mark.

    Raises `text-large`, `text-encoding`, `text-control`, `text-empty`, and `source-missing`, `source-endless` or `permission`.
    """
    if path.exists() and not path.is_file():
        raise Problem("source-endless", path=path)
    try:
        with path.open("rb") as file:
            data = file.read((MAX_TEXT_MIB << 20) + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Problem("source-missing", path=path) from error
    except OSError as error:
        raise file_problem(error, path) from error
    return decode_text(data, path)


def decode_text(data: bytes, path: Path) -> str:
    """Return the text that these bytes are, those of `path`; raises the problems of `read_text` about a text."""
    if len(data) > MAX_TEXT_MIB << 20:
        raise Problem("text-large", path=path, limit=MAX_TEXT_MIB)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Problem("text-encoding", path=path, line=line, byte=f"0x{data[error.start]:02X}") from error
    if control := CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise Problem("text-control", path=path, line=line, char=f"U+{ord(control[0]):04X}")
    if not text.strip():
        raise Problem("text-empty", path=path)
    return text
