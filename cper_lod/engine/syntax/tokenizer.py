"""A tokenizer for SPARQL in linear time: tokens with their offset and nesting depth."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple


class Token(NamedTuple):
    """A token: its kind, its text, the offset of its first character, and the number of open brackets.

    `kind` is one of iri, string, variable, language, blank, number, name (prefixed), word, sign; or `unclosed`, a quote
    that is never closed, which is the last token.
    """

    kind: str
    text: str
    offset: int
    depth: int


# Any character beyond ASCII counts as part of a name; where the grammar forbids it, the engine rejects the query.
# Character classes are negated, since a range up to the last character takes milliseconds to compile.
_N: Final = r"[^\x00-,./:-@\[-^`{-\x7F]"
_LETTER: Final = r"[^\x00-@\[-`{-\x7F]"
_L: Final = rf"(?:{_N}|:|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])"
_WORD: Final = rf"{_LETTER}{_N}*+(?:\.++{_N}++)*+"
# Possessive quantifiers (`++`, `*+`) never backtrack, so the time is linear in the length of the text.
_TOKEN: Final = re.compile(
    rf"""
      (?P<string> \"\"\"(?:[^"\\]++|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]++|\\.|'(?!''))*+''' )
    | (?P<unclosed> \"\"\" | ''' )
    | (?P<short> "(?:[^"\\\r\n]++|\\[^\r\n])*+" | '(?:[^'\\\r\n]++|\\[^\r\n])*+' )
    | (?P<opened> ["'] )
    | (?P<iri> <[^<>"{{}}|^`\\\x00-\x20]*+> )
    | (?P<variable> [?$][^\x00-/:-@\[-^`{{-\x7F]++ )
    | (?P<language> @[A-Za-z][A-Za-z0-9\-]*+ )
    | (?P<blank> _:{_N}++(?:\.++{_N}++)*+ )
    | (?P<number> [0-9]++(?:\.[0-9]++)?+(?:[eE][+\-]?[0-9]++)?+ )
    | (?P<name> (?:{_WORD})?+:(?:{_L}++(?:\.++{_L}++)*+)?+ )
    | (?P<word> {_WORD} )
    | (?P<sign> <<\(? | >> | \{{\| | \|\}} | \^\^ | && | \|\| | [!<>]= | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_BLANKS: Final = re.compile(r"(?:[\x09\x0A\x0D\x20]++|#[^\r\n]*+)*+")
_KINDS: Final = {"short": "string", "opened": "unclosed"}
_OPERANDS: Final = frozenset({"iri", "string", "variable", "language", "blank", "number", "name"})
_OPENS: Final = frozenset({"(", "{", "[", "<<", "<<(", "{|"})
_CLOSES: Final = frozenset({")", "}", "]", ">>", "|}"})
_CLAUSES: Final = frozenset({"SELECT", "ORDER", "GROUP", "HAVING"})
_TRUTH: Final = frozenset({"TRUE", "FALSE"})


class _Brackets:
    """The open brackets, and for each whether it contains an expression, where `<` can mean "less than"."""

    def __init__(self) -> None:
        # For each: the sign, whether it contains an expression, whether a clause of expressions (SELECT, ORDER BY…) began.
        self.open: list[tuple[str, bool, bool]] = [("", False, False)]
        self._last: tuple[str, str] = ("sign", "")
        self._previous_text: str = ""

    @property
    def less_than(self) -> bool:
        """Whether a `<` at this point is an operator, because it follows an operand of an expression."""
        kind, text = self._last
        operand = kind in _OPERANDS or text == ")" or text.upper() in _TRUTH
        return operand and self.open[-1][1]

    def _opens_expression(self) -> bool:
        """Return whether a parenthesis at this point contains an expression, not a list, a path or rows of values."""
        _, inside, clause = self.open[-1]
        kind, text = self._last
        is_call = kind in ("iri", "name") and self._previous_text.upper() == "FILTER"  # FILTER ex:function(…)
        return inside or clause or len(self.open) == 1 or is_call or (kind == "word" and text != "a")

    def feed(self, kind: str, text: str) -> None:
        """Process a token."""
        if kind == "sign":
            if text in _OPENS:
                self.open.append((text, text == "(" and self._opens_expression(), False))
            elif text in _CLOSES and len(self.open) > 1 and (text, self.open[-1][0]) != (")", "<<("):  # `)>>` is one
                self.open.pop()
        elif kind == "word" and text.upper() in _CLAUSES:
            self.open[-1] = (*self.open[-1][:2], True)
        self._previous_text = self._last[1]
        self._last = (kind, text)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of any `text`, without white space and comments.

    >>> [token.text for token in tokens("SELECT * { ?service ex:SERVICE 'SERVICE' } # SERVICE")]
    ['SELECT', '*', '{', '?service', 'ex:SERVICE', "'SERVICE'", '}']
    """
    brackets = _Brackets()
    offset = _BLANKS.match(text, 0).end()  # type: ignore[union-attr]  # matches the empty text
    while match := _TOKEN.match(text, offset):
        kind = _KINDS.get(match.lastgroup or "", match.lastgroup or "")
        token_text = match[0]
        if (kind == "iri" or token_text[:2] == "<<") and brackets.less_than:  # `?a<<urn:b>` too
            kind, token_text = "sign", "<=" if text.startswith("<=", offset) else "<"
        brackets.feed(kind, token_text)
        yield Token(kind, token_text, offset, len(brackets.open) - 1)
        if kind == "unclosed":
            return
        offset = _BLANKS.match(text, offset + len(token_text)).end()  # type: ignore[union-attr]
