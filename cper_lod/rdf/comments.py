"""The comments of a Turtle or TriG text, found by its lexical rules alone; RDF knows nothing of them."""

import re
from dataclasses import dataclass
from typing import Final

# Strings, IRIs and escapes are passed over whole, so that a hash within them starts no comment (Turtle, section 6.2).
QUOTED: Final = (
    r'"""[^"\\]*(?:(?:\\.|""?(?!"))[^"\\]*)*"""'
    r"|'''[^'\\]*(?:(?:\\.|''?(?!'))[^'\\]*)*'''"
    r'|"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"'
    r"|'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'"
    r'|<[^\x00-\x20<>"{}|^`]*>'
    r"|\\."
)
"""A pattern (with re.DOTALL) for what Turtle reads as one: strings, IRIs, escaped characters."""

_LEXEMES: Final = re.compile(QUOTED + r"|(?P<comment>#[^\r\n]*)", re.DOTALL)


@dataclass(frozen=True)
class Comment:
    """A comment of a Turtle or TriG text: its line and column from 1, and its text from the hash to the line's end."""

    line: int
    column: int
    text: str


def comments(text: str) -> list[Comment]:
    r"""Return the comments of a Turtle or TriG text (which is supposed to be well-formed) in order.

    >>> comments('<http://a#b> <http://c> "#" . # why\n')
    [Comment(line=1, column=31, text='# why')]
    """
    found, line, line_start, seen = [], 1, 0, 0
    for match in _LEXEMES.finditer(text):
        if match["comment"] is not None:
            at = match.start()
            line += text.count("\n", seen, at)
            line_start = text.rfind("\n", 0, at) + 1
            found.append(Comment(line, at - line_start + 1, match["comment"].rstrip()))
            seen = at
    return found
