"""Where a query stops to be SPARQL, and what to say of it: better than the parser's own message can.

pyoxigraph's parser tells the furthest character that it looked at, and it looks ahead by the length of each keyword
that it tries: the place is often off by up to 14 characters, and what it expected is often not what is missing. So the
query is cut after one token, then another, and the parser asked of each beginning whether it could go on.
"""

import re
from itertools import pairwise
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.engine.syntax.checks import UNCLOSED, Prologue, line_and_column
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
"""What the parser says in words, and what we say."""
_PHRASE: Final = re.compile(r"\b[A-Z][a-z]*(?: [A-Za-z]+)+")


def parser_chunks(text: str) -> list[str]:
    """Return `text` in pieces that end where the parser may be asked whether it could go on.

    An unclosed string is in none of them: the parser could go on for ever.

    >>> pieces("ASK { ?s ?p -1 }")
    ['ASK', ' {', ' ?s', ' ?p', ' -1', ' }']
    """
    chunks, start = [], 0
    for token, following in pairwise([*tokens(text), Token("sign", "", len(text), 0)]):
        end = token.offset + len(token.text)
        # Blanks may not stand everywhere: `-1`, `.5` and `^^<type>` are one to the parser.
        joined = token.text in ("+", "-", ".") and following.kind == "number" and following.offset == end
        if not joined and token.text != "^^" and token.kind != "unclosed":
            chunks.append(text[start:end])
            start = end
    return chunks


def syntax_problem(text: str, chunks: list[str], valid: int, message: str) -> Problem:
    """Return the query-syntax problem of `text`, of whose pieces the first `valid` ones can begin a query.

    `message` is the parser's: where it says something in words ("Duplicated variable name in SELECT"), that is kept.
    """
    if valid >= len(chunks):
        for token in tokens(text):
            if token.kind == "unclosed":
                return _problem(text, token.offset, UNCLOSED)
        # All of it can begin a query: it is not finished, or its parts do not go together.
        phrase = _PHRASE.search(message.partition(": ")[2])
        return _problem(text, len(text.rstrip()), _reworded(phrase[0]) if phrase else _ENDS_EARLY)
    offset = sum(map(len, chunks[:valid]))
    prologue = Prologue()
    for token in tokens(text):
        if token.offset >= offset:
            return _problem(text, token.offset, _describe_token(token, prologue))
        if prologue.verb is None:
            prologue.feed(token)
    return _problem(text, offset, _UNEXPECTED)


def problem_from_message(message: str) -> Problem:
    """Return the query-syntax problem of the parser's message alone."""
    position = _POSITION.match(message)
    if not position:
        return Problem("query-syntax", line=1, column=1, message=as_sentence(message))
    phrase = _PHRASE.search(position[3])
    message = _reworded(phrase[0]) if phrase else _UNEXPECTED
    return Problem("query-syntax", line=int(position[1]), column=int(position[2]), message=message)


def _reworded(phrase: str) -> str:
    """Return what the parser says, in our words where we have some."""
    return _REWORDED.get(phrase) or as_sentence(phrase)


def undeclared(token: Token, prologue: Prologue) -> Phrase | None:
    """Return what is missing for a name or an IRI to be understood, None where nothing is."""
    prefix = token.text.partition(":")[0]
    if token.kind == "name" and prologue.verb and prefix not in prologue.prefixes:
        return Phrase(f"the prefix {prefix}: is not declared.", fr=f"le préfixe {prefix}: n'est pas déclaré.")
    if token.kind == "iri" and ":" not in token.text and not prologue.base:
        return Phrase(
            f"{token.text} is relative, and no BASE is declared.",
            fr=f"{token.text} est relatif, et aucun BASE n'est déclaré.",
        )
    return None


def _describe_token(token: Token, prologue: Prologue) -> Phrase:
    """Return what is wrong with a token that cannot stand where it does."""
    shown = token.text[:40]
    return undeclared(token, prologue) or Phrase(f"unexpected “{shown}”.", fr=f"« {shown} » est inattendu.")


def _problem(text: str, offset: int, phrase: str) -> Problem:
    return Problem("query-syntax", message=phrase, **line_and_column(text, offset))


def as_sentence(text: str) -> str:
    r"""Return `text` on one line, with a full stop.

    >>> sentence("no such\nthing")
    'no such thing.'
    """
    return " ".join(text.split()).rstrip(".") + "."
