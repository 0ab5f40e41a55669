"""Checks of a query before it runs: nesting depth, updates, SERVICE, unknown graphs."""

import re
from collections.abc import Collection
from typing import Final, NoReturn

from cper_lod.core.errors import Phrase, Problem
from cper_lod.engine.syntax.prologue import Prologue
from cper_lod.engine.syntax.tokenizer import Token, tokens

DEPTH: Final = 200
"""Maximum number of open brackets. With the worker's stack, pyoxigraph 0.5.13 supports 3 000 of the worst kind."""

OPERATORS: Final = 1000
"""Maximum number of operators. pyoxigraph 0.5.13 nests each in the one before, in quadratic time or worse: 1 000 `||` take
0.1 s, 5 000 take 3 s, 1 000 OPTIONAL 2 s. VALUES, IN and arguments have no operators, and may be long."""
_SIGNS: Final = "+-*/|&^"
_OPERATOR_SIGNS: Final = frozenset({*_SIGNS, "||", "&&"})
_OPERATOR_WORDS: Final = ("UNION", "OPTIONAL", "MINUS", "FILTER", "BIND")

UNCLOSED: Final = Phrase(
    "the string that begins here is not closed.", fr="la chaîne qui commence ici n'est pas fermée."
)

_UPDATES: Final = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"})
_LABEL_SERVICE: Final = re.compile(
    r"SERVICE\s+(?:SILENT\s+)?(?:wikibase:label\b|<http://wikiba\.se/ontology#label>)", re.IGNORECASE
)
"""What queries for Wikidata ask for labels."""
# A prologue, then the keyword of a query form: not an update.
_BLANKS: Final = r"(?:[\x09\x0A\x0D\x20]++|#[^\r\n]*+)*+"
_READ_QUERY: Final = re.compile(
    rf"{_BLANKS}(?:(?:BASE|PREFIX{_BLANKS}[\w.-]*+:){_BLANKS}<[^<>\s]*+>{_BLANKS})*+(?:SELECT|ASK|CONSTRUCT|DESCRIBE)\b",
    re.IGNORECASE | re.ASCII,
)


def line_and_column(text: str, offset: int) -> dict[str, int]:
    """Return line and column of an offset, both from 1, as the engine's parser counts them."""
    return {"line": text.count("\n", 0, offset) + 1, "column": offset - text.rfind("\n", 0, offset)}


def _check_graph(iri: str, graphs: Collection[str]) -> None:
    if iri not in graphs:
        raise Problem("query-graph", iri=iri, offers=sorted(graphs))


def _check_tokens(text: str, graphs: Collection[str] | None, base: str) -> None:
    """Check the tokens of `text`; FROM is not checked if `graphs` is None."""

    def reject(code: str, offset: int, **params: object) -> NoReturn:
        if code == "query-service" and _LABEL_SERVICE.match(text, offset):
            code = "query-label-service"
        raise Problem(code, **line_and_column(text, offset), **params)

    prologue, words, operators, previous = Prologue(base), ("", ""), 0, Token("sign", "", 0, 0)
    for token in tokens(text):
        if token.kind == "unclosed":
            reject("query-syntax", token.offset, message=UNCLOSED)
        word = token.text.upper() if token.kind == "word" else ""
        if token.depth > DEPTH:
            reject("query-depth", token.offset, limit=DEPTH)
        operators += token.text in _OPERATOR_SIGNS or word in _OPERATOR_WORDS
        if operators > OPERATORS:
            reject("query-operators", token.offset, limit=OPERATORS)
        if prologue.verb is None and prologue.feed(token) and word in _UPDATES:
            reject("query-update", token.offset, operation=word)
        # The engine's parser has no tokens: it finds SERVICE in `trueSERVICE`, and reads `SERVICE:x {…}` as a call of `:x`.
        if "SERVICE" in word:
            reject("query-service", token.offset + word.index("SERVICE"))
        if (
            token.text == "{"
            and "service" in previous.text.partition(":")[0].lower()
            and previous.kind == "name"
            and words[0] != "GRAPH"
        ):
            reject("query-service", previous.offset)
        previous = token
        is_graph = words[-1] in ("FROM", "NAMED") and "FROM" in words
        if graphs is not None and is_graph and (iri := prologue.resolve(token)) is not None:
            _check_graph(iri, graphs)
        words = words[-1], word


def _is_trivially_valid(text: str) -> bool:
    """Return whether `text` needs no further check; takes a few microseconds and is true for most queries."""
    brackets = text.count("(") + text.count("{") + text.count("[") + text.count("<<")
    lower = text.lower()
    suspicious = "service" in lower or "from" in lower or _may_have_many_operators(lower)
    return brackets <= DEPTH and not suspicious and _READ_QUERY.match(text) is not None


def _may_have_many_operators(lower: str) -> bool:
    """Return whether a text in lower case has too many characters and words that may be operators."""
    if len(lower) <= OPERATORS:
        return False
    return sum(map(lower.count, (*_SIGNS, *map(str.lower, _OPERATOR_WORDS)))) > OPERATORS


def check(
    text: str,
    graphs: Collection[str],
    default_graphs: Collection[str],
    named_graphs: Collection[str],
    base: str = "",
) -> None:
    """Check that the query may be run on `graphs`; `base` is the base IRI that FROM may need.

    Codepoint escapes in `text` are decoded (`syntax.prologue.decode_escapes`): the engine's parser would find them in strings and
    IRIs only, and other engines anywhere, so that a SERVICE could hide in one.

    Raises query-depth, query-operators, query-update, query-service, query-label-service (with line and column), query-graph for
    a graph not in `graphs`, query-syntax for an unclosed string, body-encoding for half a surrogate pair.
    """
    for iri in (*default_graphs, *named_graphs):
        _check_graph(iri, graphs)
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise Problem("body-encoding")
    if _is_trivially_valid(text):
        return
    # With a dataset in the request, FROM is ignored (SPARQL 1.1 Protocol, section 2.1.4).
    _check_tokens(text, None if default_graphs or named_graphs else graphs, base)
