"""Position and message of a syntax error, more precise than those of the parser.

pyoxigraph's parser reports the furthest character it looked at, and it looks ahead by the length of each keyword it
tries: the position is often wrong by up to 14 characters, and what it expected is often not what is missing. So the
query is cut after each token, and the parser is asked which of these beginnings can be continued to a query.
"""

import re
from itertools import pairwise
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.engine.syntax.checks import UNCLOSED, line_and_column
from cper_lod.engine.syntax.prologue import Prologue
from cper_lod.engine.syntax.tokenizer import Token, tokens

_POSITION: Final = re.compile(r"error at (\d+):(\d+): (?:expected (?:one of )?)?(.*)", re.DOTALL)
_ENDS_EARLY: Final = Phrase("the query ends too early.", fr="la requête s'arrête trop tôt.")
_UNEXPECTED: Final = Phrase("unexpected text here or shortly before.", fr="texte inattendu, ici ou juste avant.")
_REWORDED: Final = {
    "The SELECT contains a variable that is unbound": Phrase(
        "SELECT names a variable that is neither in GROUP BY nor within an aggregate.",
        fr="SELECT nomme une variable qui n'est ni dans GROUP BY ni dans un agrégat.",
    ),
    "Duplicated variable name in SELECT": Phrase(
        "a variable stands twice in SELECT.", fr="une variable figure deux fois dans SELECT."
    ),
}
"""Messages of the parser, and ours instead."""
_PHRASE: Final = re.compile(r"\b[A-Z][a-z]*(?: [A-Za-z]+)+")


def parser_chunks(text: str) -> list[str]:
    """Split `text` where the parser can be asked whether what precedes can begin a query.

    An unclosed string is in no chunk, because the parser could always go on.

    >>> parser_chunks("ASK { ?s ?p -1 }")
    ['ASK', ' {', ' ?s', ' ?p', ' -1', ' }']
    """
    chunks, start = [], 0
    for token, following in pairwise([*tokens(text), Token("sign", "", len(text), 0)]):
        end = token.offset + len(token.text)
        # No blank is allowed inside `-1`, `.5` and `^^<type>`, which are several tokens here.
        joined = token.text in ("+", "-", ".") and following.kind == "number" and following.offset == end
        if not joined and token.text != "^^" and token.kind != "unclosed":
            chunks.append(text[start:end])
            start = end
    return chunks


def syntax_problem(text: str, chunks: list[str], valid: int, message: str, base: str = "") -> Problem:
    """Return the query-syntax problem of `text`, of whose chunks the first `valid` ones can begin a query.

    `message` is the parser's; if it contains a phrase ("Duplicated variable name in SELECT"), that is used.
    """
    if valid >= len(chunks):
        for token in tokens(text):
            if token.kind == "unclosed":
                return _problem(text, token.offset, UNCLOSED)
        # The whole text can begin a query: it is incomplete, or its parts contradict each other.
        phrase = _PHRASE.search(message.partition(": ")[2])
        return _problem(text, len(text.rstrip()), _reworded(phrase[0]) if phrase else _ENDS_EARLY)
    offset = sum(map(len, chunks[:valid]))
    prologue = Prologue(base)
    for token in tokens(text):
        if token.offset >= offset:
            return _problem(text, token.offset, _describe_token(token, prologue))
        if prologue.verb is None:
            prologue.feed(token)
    return _problem(text, offset, _UNEXPECTED)


def problem_from_message(message: str) -> Problem:
    """Return the query-syntax problem, given only the parser's message."""
    position = _POSITION.match(message)
    if not position:
        return Problem("query-syntax", line=1, column=1, message=as_sentence(message))
    phrase = _PHRASE.search(position[3])
    message = _reworded(phrase[0]) if phrase else _UNEXPECTED
    return Problem("query-syntax", line=int(position[1]), column=int(position[2]), message=message)


def _reworded(phrase: str) -> str:
    """Return our wording of a phrase of the parser, or the phrase as a sentence."""
    return _REWORDED.get(phrase) or as_sentence(phrase)


def _describe_token(token: Token, prologue: Prologue) -> Phrase:
    """Return what is wrong with a token that cannot stand at its position: a declaration may be missing."""
    prefix = token.text.partition(":")[0]
    if token.kind == "name" and prologue.verb and prefix not in prologue.prefixes:
        return Phrase(f"the prefix {prefix}: is not declared.", fr=f"le préfixe {prefix}: n'est pas déclaré.")
    if token.kind == "iri" and ":" not in token.text and not prologue.base:
        return Phrase(
            f"{token.text} is relative, and no BASE is declared.",
            fr=f"{token.text} est relatif, et aucun BASE n'est déclaré.",
        )
    shown = token.text[:40]
    return Phrase(f"unexpected “{shown}”.", fr=f"« {shown} » est inattendu.")


def _problem(text: str, offset: int, phrase: str) -> Problem:
    return Problem("query-syntax", message=phrase, **line_and_column(text, offset))


def as_sentence(text: str) -> str:
    r"""Return `text` on one line, with a full stop.

    >>> as_sentence("no such\nthing")
    'no such thing.'
    """
    return " ".join(text.split()).rstrip(".") + "."
