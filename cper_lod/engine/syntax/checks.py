"""Checks of a query before it runs: nesting depth, updates, SERVICE, unknown graphs."""

import re
from collections.abc import Collection, Sequence
from typing import Final, NoReturn

from cper_lod.core.errors import Phrase, Problem
from cper_lod.engine.syntax.prologue import ESCAPE, Prologue, decode_escape
from cper_lod.engine.syntax.tokenizer import Token, tokens

_CLAUSE_KEYWORDS: Final = ("FROM", "NAMED")


def joined_keywords(token: Token, previous: str, prefixes: Collection[str]) -> bool:
    """Return whether a parser without tokens could read `token` as FROM or NAMED joined with something else.

    `previous` is the preceding word in upper case; `prefixes` are the declared prefixes. The token must not be a prefix
    declaration.

    >>> joined_keywords(Token("word", "ASKFROM", 0, 0), "", ())
    True
    >>> joined_keywords(Token("name", "NAMEDe:x", 12, 0), "FROM", ("e",))
    True
    """
    if token.kind not in ("word", "name"):
        return False
    prefix = token.text.partition(":")[0]
    word = prefix.upper()
    if token.kind == "word":
        return word not in _CLAUSE_KEYWORDS and any(keyword in word for keyword in _CLAUSE_KEYWORDS)
    if prefix not in prefixes:
        return any(keyword in word for keyword in _CLAUSE_KEYWORDS)
    # The prefix exists in both readings; outside brackets, a FROM clause is expected.
    return token.depth == 0 and word.startswith("NAMED" if previous == "FROM" else "FROM") and previous != "NAMED"


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
_BLANK_MISSING: Final = Phrase(
    "a blank is missing before or after FROM or NAMED.", fr="il manque une espace avant ou après FROM ou NAMED."
)
_SERVICE: Final = re.compile("service", re.IGNORECASE | re.ASCII)
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


def _decode_with_offsets(text: str) -> tuple[str, list[int]]:
    """Return `text` with codepoint escapes decoded (SPARQL 1.1, section 19.2), and the original offset of each character."""
    parts, offsets, end = [], [], 0
    for escape in ESCAPE.finditer(text):
        decoded = decode_escape(escape)
        parts += [text[end : escape.start()], decoded]
        offsets += [*range(end, escape.start()), *range(escape.start(), escape.start() + len(decoded))]
        end = escape.end()
    return "".join([*parts, text[end:]]), [*offsets, *range(end, len(text))]


class _TokenChecks:
    """Checks the tokens of a query in order."""

    def __init__(self, offsets: Sequence[int], graphs: Collection[str] | None, base: str) -> None:
        self._offsets = offsets
        self._graphs = graphs
        self._prologue = Prologue(base)
        self._previous_words = ["", ""]
        self._service_name: Token | None = None
        self._operators = 0

    def _reject(self, code: str, offset: int, **params: object) -> NoReturn:
        raise Problem(code, offset=self._offsets[offset], **params)

    def feed(self, token: Token) -> None:
        """Check one token, given the tokens before it."""
        if token.depth > DEPTH:
            self._reject("query-depth", token.offset, limit=DEPTH)
        if token.text in _OPERATOR_SIGNS or (token.kind == "word" and token.text.upper() in _OPERATOR_WORDS):
            self._operators += 1
            if self._operators > OPERATORS:
                self._reject("query-operators", token.offset, limit=OPERATORS)
        if self._prologue.verb is None:
            is_verb = self._prologue.feed(token)
            if is_verb and token.text.upper() in _UPDATES:
                self._reject("query-update", token.offset, operation=token.text.upper())
        self._service(token)
        prefixes = (
            self._prologue.prefixes if self._prologue.verb else ()
        )  # before the verb, names only occur in declarations
        if self._previous_words[-1] != "PREFIX" and joined_keywords(token, self._previous_words[-1], prefixes):
            self._reject("query-syntax", token.offset, message=_BLANK_MISSING)
        is_graph = self._previous_words[-1] in ("FROM", "NAMED") and "FROM" in self._previous_words
        if self._graphs is not None and is_graph and (iri := self._prologue.resolve(token)) is not None:
            _check_graph(iri, self._graphs)
        self._previous_words = [self._previous_words[-1], token.text.upper() if token.kind == "word" else ""]

    def _service(self, token: Token) -> None:
        """Reject SERVICE, also where the engine's parser, which has no tokens, would find it inside a word or name."""
        if self._service_name and token.text == "{":
            self._reject("query-service", self._service_name.offset)
        self._service_name = None
        if token.kind == "word" and (found := _SERVICE.search(token.text)):
            self._reject("query-service", token.offset + found.start())
        if token.kind == "name" and _SERVICE.search(token.text.partition(":")[0]):
            # The parser reads `SERVICE:x {…}` as a call of `:x` where a pattern cannot begin with the name `SERVICE:x`.
            if self._prologue.verb and token.text.partition(":")[0] not in self._prologue.prefixes:
                self._reject("query-service", token.offset)
            if self._previous_words[-1] not in ("GRAPH", "FROM", "NAMED"):
                self._service_name = token


def _check_graph(iri: str, graphs: Collection[str] | None) -> None:
    if graphs is not None and iri not in graphs:
        raise Problem("query-graph", iri=iri, offers=sorted(graphs))


def _check_tokens(text: str, graphs: Collection[str] | None, base: str) -> None:
    """Check `text` as it is, and with its escapes decoded, because engines decode them at different moments."""
    token_checks = _TokenChecks(range(len(text)), graphs, base)
    for token in tokens(text):
        if token.kind == "unclosed":
            raise Problem("query-syntax", offset=token.offset, message=UNCLOSED)
        token_checks.feed(token)
    if ESCAPE.search(text):
        decoded, offsets = _decode_with_offsets(text)
        token_checks = _TokenChecks(offsets, graphs, base)
        for token in tokens(decoded):
            token_checks.feed(token)


def _is_trivially_valid(text: str) -> bool:
    """Return whether `text` needs no further check; takes a few microseconds and is true for most queries."""
    brackets = text.count("(") + text.count("{") + text.count("[") + text.count("<<")
    lower = text.lower()
    suspicious = "service" in lower or "from" in lower or "\\u" in lower or _may_have_many_operators(lower)
    return brackets <= DEPTH and not suspicious and _READ_QUERY.match(text) is not None


def _may_have_many_operators(lower: str) -> bool:
    """Return whether a text in lower case has too many characters and words that may be operators."""
    if len(lower) <= OPERATORS:
        return False
    return sum(map(lower.count, (*_SIGNS, *map(str.lower, _OPERATOR_WORDS)))) > OPERATORS


def check(
    text: str,
    graphs: Collection[str] | None,
    default_graphs: Collection[str],
    named_graphs: Collection[str],
    base: str = "",
) -> None:
    """Check that the query may be run; `graphs` None allows all graphs, `base` is the base IRI that FROM may need.

    Raises query-depth, query-operators, query-update, query-service, query-label-service (with line and column), query-graph for a graph not in `graphs`,
    query-syntax for an unclosed string, body-encoding for half a surrogate pair.
    """
    for iri in (*default_graphs, *named_graphs):
        _check_graph(iri, graphs)
    if not text.isascii() and any("\ud800" <= decode_escape <= "\udfff" for decode_escape in text):
        raise Problem("body-encoding")
    if _is_trivially_valid(text):
        return
    try:  # if the request names graphs, FROM is ignored (SPARQL 1.1 Protocol, section 2.1.4)
        _check_tokens(text, None if default_graphs or named_graphs else graphs, base)
    except Problem as problem:
        offset = problem.params.pop("offset", None)
        if isinstance(offset, int):
            problem.params.update(line_and_column(text, offset))
            if problem.kind.code == "query-service" and _LABEL_SERVICE.match(text, offset):
                raise Problem("query-label-service", **problem.params) from None
        raise
