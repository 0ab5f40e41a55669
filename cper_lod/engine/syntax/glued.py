"""FROM and NAMED within a longer word: the parser of the engine, which knows no tokens, sees them there."""

from collections.abc import Collection
from typing import Final

from cper_lod.engine.syntax.tokenizer import Token

_CLAUSE: Final = ("FROM", "NAMED")


def glued(token: Token, before: str, prefixes: Collection[str]) -> bool:
    """Return whether a token, which declares no prefix, could be taken for FROM or NAMED and something else.

    `before` is the word that stands before it, in capitals; `prefixes` are those that are declared.

    >>> glued(Token("word", "ASKFROM", 0, 0), "", ()), glued(Token("name", "NAMEDe:x", 12, 0), "FROM", ("e",))
    (True, True)
    """
    if token.kind not in ("word", "name"):
        return False
    prefix = token.text.partition(":")[0]
    word = prefix.upper()
    if token.kind == "word":
        return word not in _CLAUSE and any(each in word for each in _CLAUSE)
    if prefix not in prefixes:
        return any(each in word for each in _CLAUSE)
    # Both readings have their prefix: outside of all brackets a clause comes first.
    return token.depth == 0 and word.startswith("NAMED" if before == "FROM" else "FROM") and before != "NAMED"
