"""The text of a query: its tokens with the IRIs that they denote, what is refused before it runs, and where an error is.

The engine's parser shows no tokens, and other engines read some texts otherwise; so all that could hide a SERVICE is read here.
"""

import re
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple, NoReturn
from urllib.parse import urljoin

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.namespaces import PREFIXES
from cper_lod.engine.base import LIMITS

# Tokens

_LONG_TEXT: Final = 4096
"""Characters of a text that is read within some ten milliseconds; the longest one takes half a second."""
_ONE_TEXT: Final = threading.RLock()


@contextmanager
def one_at_a_time(text: str) -> Iterator[None]:
    """Let one thread at a time read the tokens of long texts: several at once would slow down all pages.

    Raises query-queue if others take too long.
    """
    if len(text) <= _LONG_TEXT:
        yield
    elif _ONE_TEXT.acquire(timeout=LIMITS.wait):
        try:
            yield
        finally:
            _ONE_TEXT.release()
    else:
        raise Problem("query-queue")


class Token(NamedTuple):
    """A token: its kind, its text, the offset of its first character, and the number of open brackets.

    `kind` is one of iri, string, variable, language, blank, number, name (prefixed), word, sign; or `unclosed`, a quote
    that is never closed, which is the last token. `iri` is what an iri or a name denotes; None for a prefix that is not declared.
    """

    kind: str
    text: str
    offset: int
    depth: int
    iri: str | None
    in_prologue: bool

    @property
    def word(self) -> str:
        """The keyword in upper case, "" for another token."""
        return self.text.upper() if self.kind == "word" else ""


MAX_BASE: Final = 512
"""Characters of the longest base IRI against which others are resolved: each takes linear time, and there may be many."""
# Any character beyond ASCII counts as part of a name; where the grammar forbids it, the engine rejects the query.
# Character classes are negated, since a range up to the last character takes milliseconds to compile.
_N: Final = r"[^\x00-,./:-@\[-^`{-\x7F]"
_LETTER: Final = r"[^\x00-@\[-`{-\x7F]"
_L: Final = rf"(?:{_N}|:|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])"
_WORD: Final = rf"{_LETTER}{_N}*+(?:\.++{_N}++)*+"
# Possessive quantifiers (`++`, `*+`) never backtrack, so the time is linear in the length of the text.
_TOKEN: Final = re.compile(
    rf"""
      (?P<string> \"\"\"(?:[^"\\]++|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]++|\\.|'(?!''))*+'''
        | (?!\"\"\"|''')(?:"(?:[^"\\\r\n]++|\\[^\r\n])*+" | '(?:[^'\\\r\n]++|\\[^\r\n])*+') )
    | (?P<unclosed> \"\"\" | ''' | ["'] )
    | (?P<iri> <[^<>"{{}}|^`\\\x00-\x20]*+> )
    | (?P<variable> [?$][^\x00-/:-@\[-^`{{-\x7F]++ )
    | (?P<language> @[A-Za-z][A-Za-z0-9\-]*+ )
    | (?P<blank> _:{_N}++(?:\.++{_N}++)*+ )
    | (?P<number> [0-9]++(?:\.[0-9]++)?+(?:[eE][+\-]?[0-9]++)?+ )
    | (?P<name> (?:{_WORD})?+:(?:{_L}++(?:\.++{_L}++)*+)?+ )
    | (?P<word> {_WORD} )
    | (?P<sign> << | >> | \{{\| | \|\}} | \^\^ | && | \|\| | [!<>]= | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_BLANKS: Final = re.compile(r"(?:[\x09\x0A\x0D\x20]++|#[^\r\n]*+)*+")
_OPERANDS: Final = frozenset({"iri", "string", "variable", "language", "blank", "number", "name"})
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LOCAL_ESCAPE: Final = re.compile(r"\\(.)")
_ESCAPE: Final = re.compile(r"\\\\|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
"""A codepoint escape; a backslash that is itself escaped begins none."""


class _Brackets:
    """The open brackets, and for each whether it contains an expression, where `<` can mean "less than"."""

    def __init__(self) -> None:
        # For each: whether it contains an expression, whether a clause of expressions (SELECT, ORDER BY…) began.
        self.open: list[tuple[bool, bool]] = [(False, False)]
        self._kind, self._text, self._previous_text = "sign", "", ""

    @property
    def less_than(self) -> bool:
        """Whether a `<` at this point is an operator, because it follows an operand of an expression."""
        is_operand = self._kind in _OPERANDS or self._text == ")" or self._text.upper() in ("TRUE", "FALSE")
        return is_operand and self.open[-1][0]

    def feed(self, kind: str, text: str) -> None:
        """Process a token."""
        inside, clause = self.open[-1]
        if text in ("{", "[", "<<", "{|"):
            self.open.append((False, False))
        elif text == "(":  # of an expression, or else of a list, a path or rows of values
            is_call = self._kind in ("iri", "name") and self._previous_text.upper() == "FILTER"  # FILTER ex:function(…)
            is_word = self._kind == "word" and self._text != "a"
            self.open.append((inside or clause or len(self.open) == 1 or is_call or is_word, False))
        elif text in (")", "}", "]", ">>", "|}") and len(self.open) > 1:
            self.open.pop()
        elif kind == "word" and text.upper() in ("SELECT", "ORDER", "GROUP", "HAVING"):
            self.open[-1] = (inside, True)
        self._kind, self._text, self._previous_text = kind, text, self._text


class _Prologue:
    """The BASE and PREFIX declarations of a query; our prefixes are known without declaration."""

    def __init__(self, base: str) -> None:
        self.base, self.prefixes = base, PREFIXES.copy()
        self.is_open = True
        self._declaration: list[str] = []

    def feed(self, kind: str, text: str, iri: str | None) -> None:
        """Process a token of the prologue, or the one after it."""
        if kind == "word":
            self._declaration = [text.upper()]
            self.is_open = text.upper() in ("BASE", "PREFIX", "VERSION")
        elif kind == "name":
            self._declaration.append(text)
        elif kind == "iri" and self._declaration == ["BASE"]:
            self.base = iri or ""
        elif kind == "iri" and self._declaration[:1] == ["PREFIX"]:
            self.prefixes[self._declaration[-1].rstrip(":")] = iri or ""

    def resolve(self, kind: str, text: str) -> str | None:
        """Return the IRI that a token denotes; None for an undeclared prefix or another kind of token.

        A relative IRI is resolved against a base that is not too long. It keeps an empty fragment, which urljoin drops.
        """
        if kind == "name":
            prefix, _, local = text.partition(":")
            space = self.prefixes.get(prefix)
            return None if space is None else space + _LOCAL_ESCAPE.sub(r"\1", local)
        if kind != "iri" or _SCHEME.match(text, 1) or not 0 < len(self.base) <= MAX_BASE:
            return text[1:-1] if kind == "iri" else None
        try:
            resolved = urljoin(self.base, text[1:-1])
        except ValueError:  # brackets that are not an IPv6 address
            return text[1:-1]
        return resolved + "#" if text.endswith("#>") and not resolved.endswith("#") else resolved


def tokens(text: str, base: str = "") -> Iterator[Token]:
    """Yield the tokens of any `text`, without white space and comments; relative IRIs are resolved against `base`.

    >>> [token.text for token in tokens("SELECT * { ?service ex:SERVICE 'SERVICE' } # SERVICE")]
    ['SELECT', '*', '{', '?service', 'ex:SERVICE', "'SERVICE'", '}']
    """
    brackets, prologue = _Brackets(), _Prologue(base)
    offset = _BLANKS.match(text, 0).end()  # type: ignore[union-attr]  # matches the empty text
    while match := _TOKEN.match(text, offset):
        kind, written = match.lastgroup or "", match[0]
        if (kind == "iri" or written == "<<") and brackets.less_than:  # `?a<<urn:b>` too
            kind, written = "sign", "<=" if text.startswith("<=", offset) else "<"
        brackets.feed(kind, written)
        iri = prologue.resolve(kind, written)
        if prologue.is_open:
            prologue.feed(kind, written, iri)
        yield Token(kind, written, offset, len(brackets.open) - 1, iri, prologue.is_open)
        if kind == "unclosed":
            return
        offset = _BLANKS.match(text, offset + len(written)).end()  # type: ignore[union-attr]


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


def iris(text: str, base: str = "") -> Iterator[str]:
    """Yield the IRIs that a query uses, prefixed names expanded; not those of its prologue, strings and comments.

    >>> sorted(iris('PREFIX c: <http://c/#> SELECT * { ?x c:a <http://c/b> ; c:d "c:e" } # c:f'))
    ['http://c/#a', 'http://c/#d', 'http://c/b']
    """
    for token in tokens(decode_escapes(text), base):
        if token.iri is not None and not token.in_prologue:
            yield token.iri


# What is refused before it runs

DEPTH: Final = 200
"""Maximum number of open brackets. With the worker's stack, pyoxigraph 0.5.13 supports 3 000 of the worst kind."""
OPERATORS: Final = 1000
"""Maximum number of operators. pyoxigraph 0.5.13 nests each in the one before, in quadratic time or worse: 1 000 `||` take
0.1 s, 5 000 take 3 s, 1 000 OPTIONAL 2 s. VALUES, IN and arguments have no operators, and may be long."""
_SIGNS: Final = "+-*/|&^"
_OPERATOR_WORDS: Final = ("UNION", "OPTIONAL", "MINUS", "FILTER", "BIND")
_OPERATORS: Final = frozenset({*_SIGNS, "||", "&&", *_OPERATOR_WORDS})
_LABEL_SERVICE: Final = re.compile(
    r"SERVICE\s+(?:SILENT\s+)?(?:wikibase:label\b|<http://wikiba\.se/ontology#label>)", re.IGNORECASE
)
"""What queries for Wikidata ask for labels."""


def check(
    text: str,
    graphs: Collection[str],
    default_graphs: Collection[str],
    named_graphs: Collection[str],
    base: str = "",
) -> None:
    """Check that the query may be run on `graphs`; `base` is the base IRI that FROM may need.

    Codepoint escapes in `text` are decoded (`decode_escapes`): the engine's parser would find them in strings and IRIs only,
    and other engines anywhere, so that a SERVICE could hide in one.

    Raises query-depth, query-operators, query-service, query-label-service (with line and column), query-graph for a graph
    not in `graphs`, query-syntax for an unclosed string, body-encoding for half a surrogate pair.
    """
    for iri in (*default_graphs, *named_graphs):
        _check_graph(iri, graphs)
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise Problem("body-encoding")
    lower = text.lower()  # most queries need no more than this, which takes a few microseconds
    is_deep = sum(map(lower.count, ("(", "{", "[", "<<"))) > DEPTH
    is_long = len(lower) > OPERATORS and sum(map(lower.count, (*_SIGNS, *map(str.lower, _OPERATOR_WORDS)))) > OPERATORS
    if is_deep or is_long or "service" in lower or "from" in lower:
        # With a dataset in the request, FROM is ignored (SPARQL 1.1 Protocol, section 2.1.4).
        with one_at_a_time(text):
            _check_tokens(text, None if default_graphs or named_graphs else graphs, base)


def _check_graph(iri: str, graphs: Collection[str]) -> None:
    if iri not in graphs:
        raise Problem("query-graph", iri=iri, offers=sorted(graphs))


def _check_tokens(text: str, graphs: Collection[str] | None, base: str) -> None:
    """Check the tokens of `text`; FROM is not checked if `graphs` is None."""

    def reject(code: str, offset: int, **params: object) -> NoReturn:
        if code == "query-service" and _LABEL_SERVICE.match(text, offset):
            code = "query-label-service"
        raise Problem(code, **_line_and_column(text, offset), **params)

    operators, before, previous = 0, "", None
    for token in tokens(text, base):
        if token.kind == "unclosed":
            raise syntax_problem(text, "")
        if token.depth > DEPTH:
            reject("query-depth", token.offset, limit=DEPTH)
        operators += (token.word or token.text) in _OPERATORS
        if operators > OPERATORS:
            reject("query-operators", token.offset, limit=OPERATORS)
        # The engine's parser has no tokens: it finds SERVICE in `trueSERVICE`, and reads `SERVICE:x {…}` as a call of `:x`.
        if "SERVICE" in token.word:
            reject("query-service", token.offset + token.word.index("SERVICE"))
        if (
            token.text == "{"
            and previous
            and previous.kind == "name"
            and "service" in previous.text.partition(":")[0].lower()
            and before != "GRAPH"
        ):
            reject("query-service", previous.offset)
        word = previous.word if previous else ""
        if graphs is not None and token.iri is not None and (word == "FROM" or (before, word) == ("FROM", "NAMED")):
            _check_graph(token.iri, graphs)
        before, previous = word, token


# Where an error is

_UPDATES: Final = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"})
UNCLOSED: Final = Phrase(
    "the string that begins here is not closed.", fr="la chaîne qui commence ici n'est pas fermée."
)
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
    """Return the problem of a query that the parser rejected with `message`: query-update or query-syntax.

    The parser names the furthest character that it looked at. It looks ahead by the length of each keyword it tries, so that
    the mistake is there or up to fourteen characters before; what it expected is often not what is missing. What the tokens
    can tell exactly is said instead: an update, a string that is not closed, a prefix that is not declared.
    """
    has_begun = False
    with one_at_a_time(text):
        for token in tokens(text):
            prefix, problem = token.text.partition(":")[0], None
            if token.word in _UPDATES and not has_begun:
                problem = Problem("query-update", operation=token.word)
            elif token.kind == "unclosed":
                problem = Problem("query-syntax", message=UNCLOSED)
            elif token.kind == "name" and token.iri is None and not token.in_prologue:
                undeclared = Phrase(
                    f"the prefix {prefix}: is not declared.", fr=f"le préfixe {prefix}: n'est pas déclaré."
                )
                problem = Problem("query-syntax", message=undeclared)
            if problem:
                problem.params |= _line_and_column(text, token.offset)
                return problem
            has_begun = not token.in_prologue
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


def _line_and_column(text: str, offset: int) -> dict[str, int]:
    """Return line and column of an offset, both from 1, as the engine's parser counts them."""
    return {"line": text.count("\n", 0, offset) + 1, "column": offset - text.rfind("\n", 0, offset)}


def as_sentence(text: str) -> str:
    r"""Return `text` on one line, with a full stop.

    >>> as_sentence("no such\nthing")
    'no such thing.'
    """
    return " ".join(text.split()).rstrip(".") + "."
