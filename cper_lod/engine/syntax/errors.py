"""Position and message of a syntax error.

pyoxigraph's parser names the furthest character that it looked at. It looks ahead by the length of each keyword it tries, so that
the mistake is there or up to fourteen characters before; what it expected is often not what is missing. What our tokenizer
can tell exactly is said instead: a string that is not closed, a prefix that is not declared.
"""

import re
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.engine.syntax.checks import UNCLOSED, line_and_column
from cper_lod.engine.syntax.prologue import Prologue
from cper_lod.engine.syntax.tokenizer import tokens

_POSITION: Final = re.compile(r"error at (\d+):(\d+): (?:expected (?:one of )?)?(.*)", re.DOTALL)
_NEAR: Final = 24
"""Characters before the place that the message quotes: the mistake is among them."""
_REWORDED: Final = {
    "The SELECT contains a variable that is unbound": Phrase(
        "SELECT names a variable that is neither in GROUP BY nor within an aggregate.",
        fr="SELECT nomme une variable qui n'est ni dans GROUP BY ni dans un agrégat.",
    ),
    "Duplicated variable name in SELECT": Phrase(
        "a variable stands twice in SELECT.", fr="une variable figure deux fois dans SELECT."
    ),
    "IRI parsing failed": Phrase(
        "an IRI here or shortly before is relative, and no BASE is declared, or it is no IRI.",
        fr="un IRI, ici ou juste avant, est relatif sans BASE déclaré, ou n'est pas un IRI.",
    ),
}
"""Messages of the parser, and ours instead."""
_PHRASE: Final = re.compile(r"\b[A-Z][A-Za-z]*(?: [A-Za-z]+)+")


def syntax_problem(text: str, message: str) -> Problem:
    """Return the query-syntax problem of a query that the parser rejected with `message`."""
    prologue = Prologue()
    for token in tokens(text):
        if token.kind == "unclosed":
            return Problem("query-syntax", message=UNCLOSED, **line_and_column(text, token.offset))
        prefix = token.text.partition(":")[0]
        if prologue.verb and token.kind == "name" and prefix not in prologue.prefixes:
            undeclared = Phrase(f"the prefix {prefix}: is not declared.", fr=f"le préfixe {prefix}: n'est pas déclaré.")
            return Problem("query-syntax", message=undeclared, **line_and_column(text, token.offset))
        if prologue.verb is None:
            prologue.feed(token)
    position = _POSITION.match(message)
    if not position:
        return Problem("query-syntax", line=1, column=1, message=as_sentence(message))
    line, column = int(position[1]), int(position[2])
    before = text.split("\n")[:line]
    near = " ".join("\n".join([*before[:-1], before[-1][:column]]).split())[-_NEAR:].strip()
    words: str = Phrase(
        f"unexpected or missing text, here or shortly before: “{near}”.",
        fr=f"texte inattendu ou manquant, ici ou juste avant : « {near} ».",
    )
    if phrase := _PHRASE.search(position[3]):
        words = _REWORDED.get(phrase[0]) or as_sentence(phrase[0])
    return Problem("query-syntax", line=line, column=column, message=words)


def as_sentence(text: str) -> str:
    r"""Return `text` on one line, with a full stop.

    >>> as_sentence("no such\nthing")
    'no such thing.'
    """
    return " ".join(text.split()).rstrip(".") + "."
