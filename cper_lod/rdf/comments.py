"""Finds the comments of a Turtle or TriG text, which an RDF parser ignores."""

import re
from dataclasses import dataclass
from typing import Final

# Strings, IRIs and escapes are single tokens: a hash inside them does not start a comment (Turtle, section 6.2).
QUOTED: Final = (
    r'"""[^"\\]*(?:(?:\\.|""?(?!"))[^"\\]*)*"""'
    r"|'''[^'\\]*(?:(?:\\.|''?(?!'))[^'\\]*)*'''"
    r'|"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"'
    r"|'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'"
    r'|<[^\x00-\x20<>"{}|^`]*>'
    r"|\\."
)
"""A pattern (with re.DOTALL) for strings, IRIs and escaped characters of Turtle."""

_LEXEMES: Final = re.compile(QUOTED + r"|(?P<comment>#[^\r\n]*)", re.DOTALL)


@dataclass(frozen=True)
class Comment:
    """A comment: line and column from 1, and its text from the hash to the end of the line."""

    line: int
    column: int
    text: str


def comments(text: str) -> list[Comment]:
    r"""Return the comments of a well-formed Turtle or TriG text in order.

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
