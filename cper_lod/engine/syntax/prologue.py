"""The prologue of a SPARQL query, and the IRIs in its text; the base IRI and our prefixes are known without declaration."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from cper_lod.core.namespaces import PREFIXES
from cper_lod.engine.syntax.tokenizer import Token, tokens

_ESCAPE: Final = re.compile(r"\\\\|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
"""A codepoint escape; a backslash that is itself escaped begins none."""


def decode_escapes(text: str) -> str:
    r"""Return `text` with codepoint escapes decoded, before it is read (SPARQL 1.1, section 19.2); what is no character stays.

    A backslash becomes an escaped one, so that it begins no other escape.

    >>> decode_escapes(r"\u0041SK { ?s ?p '\U00000041\\u0041\uD800' }")
    "ASK { ?s ?p 'A\\\\u0041\\uD800' }"
    """

    def decoded(escape: re.Match[str]) -> str:
        code = int(escape[1] or escape[2] or "D800", 16)
        return escape[0] if code > 0x10FFFF or 0xD800 <= code < 0xE000 else chr(code).replace("\\", "\\\\")

    return _ESCAPE.sub(decoded, text) if "\\" in text else text


_LOCAL_ESCAPE: Final = re.compile(r"\\(.)")
MAX_BASE: Final = 512
"""Characters of the longest base IRI against which others are resolved: each takes linear time, and there may be many."""
_SCHEME: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")


class Prologue:
    """The BASE and PREFIX declarations of a query, and the first word after them.

    `base` is the base IRI before any declaration, "" for none. `prefixes` begin as ours; a declaration replaces one.
    """

    def __init__(self, base: str = "") -> None:
        self.base = base
        self.prefixes = PREFIXES.copy()
        self.verb: Token | None = None
        self._pending: list[str] = []

    def feed(self, token: Token) -> bool:
        """Process a token of the prologue or the one after it; return whether that is the verb of the query."""
        if token.kind == "word":
            self._pending = [token.text.upper()]
            if self._pending[0] not in ("BASE", "PREFIX", "VERSION"):
                self.verb = token
        elif token.kind == "name":
            self._pending.append(token.text)
        elif token.kind == "iri":
            match self._pending:
                case ["BASE"]:
                    self.base = self.resolve(token) or ""
                case ["PREFIX", name]:
                    self.prefixes[name.rstrip(":")] = self.resolve(token) or ""
        return self.verb is not None

    def resolve(self, token: Token) -> str | None:
        """Return the IRI that a token denotes; None for an undeclared prefix or another kind of token."""
        if token.kind == "iri":
            iri = token.text[1:-1]
            return iri if _SCHEME.match(token.text) or not self.base else _resolved(iri, self.base)
        prefix, _, local = token.text.partition(":")
        if token.kind != "name" or prefix not in self.prefixes:
            return None
        return self.prefixes[prefix] + _LOCAL_ESCAPE.sub(r"\1", local)


def _resolved(iri: str, base: str) -> str:
    """Return a relative IRI resolved against `base`, unchanged if `base` is too long or no IRI.

    Keeps an empty fragment, which urljoin drops.
    """
    if len(base) > MAX_BASE:
        return iri
    try:
        resolved = urljoin(base, iri)
    except ValueError:  # brackets that are not an IPv6 address
        return iri
    return resolved + "#" if iri.endswith("#") and not resolved.endswith("#") else resolved


def iris(text: str, base: str = "") -> Iterator[str]:
    """Yield the IRIs that a query uses, prefixed names expanded; not those of its prologue, strings and comments.

    >>> sorted(iris('PREFIX c: <http://c/#> SELECT * { ?x c:a <http://c/b> ; c:d "c:e" } # c:f'))
    ['http://c/#a', 'http://c/#d', 'http://c/b']
    """
    prologue = Prologue(base)
    for token in tokens(decode_escapes(text)):
        if prologue.verb is None:
            prologue.feed(token)
        elif token.kind in ("iri", "name") and (iri := prologue.resolve(token)):
            yield iri
