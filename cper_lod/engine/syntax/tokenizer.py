"""A linear tokenizer of SPARQL text: each word, name, string and bracket with its place, and how deep it stands."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple


class Token(NamedTuple):
    """A piece of a query: what it is, its characters, the offset of the first of them, and how many brackets are open.

    `kind` is one of iri, string, variable, language, blank, number, name (prefixed), word, sign; `unclosed` is a quote
    that no other closes, after which nothing more is told.
    """

    kind: str
    text: str
    offset: int
    depth: int


# Any character beyond ASCII counts as part of a name: where the grammar says otherwise the engine refuses the query.
# Classes say what is not in them: a range of all characters takes milliseconds to compile, at every start.
_N: Final = r"[^\x00-,./:-@\[-^`{-\x7F]"
_LETTER: Final = r"[^\x00-@\[-`{-\x7F]"
_L: Final = rf"(?:{_N}|:|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])"
_WORD: Final = rf"{_LETTER}{_N}*+(?:\.++{_N}++)*+"
_ESCAPE: Final = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
# Possessive quantifiers (`++`, `*+`) never give back what they took: no text makes this go over the same ground often.
_TOKEN: Final = re.compile(
    rf"""
      (?P<string> \"\"\"(?:[^"\\]++|\\.|"(?!""))*+\"\"\" | '''(?:[^'\\]++|\\.|'(?!''))*+''' )
    | (?P<unclosed> \"\"\" | ''' )
    | (?P<short> "(?:[^"\\\r\n]++|\\[^\r\n])*+" | '(?:[^'\\\r\n]++|\\[^\r\n])*+' )
    | (?P<opened> ["'] )
    | (?P<iri> <(?:[^<>"{{}}|^`\\\x00-\x20]++|{_ESCAPE})*+> )
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
    """The brackets that stand open, and for each whether an expression is in it; there `<` can mean "less than"."""

    def __init__(self) -> None:
        # For each the sign; whether an expression is in it, and a clause of expressions (SELECT, ORDER BY…) was begun.
        self.open: list[tuple[str, bool, bool]] = [("", False, False)]
        self._last: tuple[str, str] = ("sign", "")
        self._previous_text: str = ""

    @property
    def less_than(self) -> bool:
        """Whether a `<` that comes now is an operator: an operand of an expression stands before it."""
        kind, text = self._last
        operand = kind in _OPERANDS or text == ")" or text.upper() in _TRUTH
        return operand and self.open[-1][1]

    def _opens_expression(self) -> bool:
        """Whether a parenthesis that opens now holds an expression, rather than a list, a path or rows of values."""
        _, inside, clause = self.open[-1]
        kind, text = self._last
        is_call = kind in ("iri", "name") and self._previous_text.upper() == "FILTER"  # FILTER ex:function(…)
        return inside or clause or len(self.open) == 1 or is_call or (kind == "word" and text != "a")

    def feed(self, kind: str, text: str) -> None:
        """Note that a token was met."""
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
    """Yield the tokens of `text`, whatever it is; blanks and comments are left out.

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
