"""Codepoint escapes of SPARQL text (SPARQL 1.1, section 19.2), which engines read at different moments."""

import re
from typing import Final

from cper_lod.engine.syntax.tokenizer import tokens

ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def character(escape: re.Match[str]) -> str:
    """Return the character that an escape stands for, the escape itself where it stands for none."""
    code = int(escape[1] or escape[2], 16)
    return escape[0] if code > 0x10FFFF or 0xD800 <= code < 0xE000 else chr(code)


def spelled_out(text: str) -> str:
    r"""Return `text` with its codepoint escapes decoded where the engine does not do it: outside of strings and IRIs.

    >>> spelled_out(r"\u0041SK { ?s ?p '\u0041' }")
    "ASK { ?s ?p '\\u0041' }"
    """
    if "\\" not in text or not ESCAPE.search(text):
        return text
    parts, end = [], 0
    for token in tokens(text):
        if token.kind in ("string", "iri"):
            parts += [ESCAPE.sub(character, text[end : token.at]), token.text]
            end = token.at + len(token.text)
    return "".join([*parts, ESCAPE.sub(character, text[end:])])
