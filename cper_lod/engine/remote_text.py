"""A query as another endpoint is asked it: standard SPARQL without comments, whose dataset is that of the request."""

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from cper_lod.engine.query_text import ESCAPE, Prologue, character
from cper_lod.engine.tokens import Token, tokens
from cper_lod.terms.problems import Problem

_OWN: Final = ("bif:", "sql:", "java:", "jdbc:")
"""Schemes of names by which engines call what is no SPARQL: functions of a database, classes of a program."""
_ESCAPES: Final = re.compile(rf"{ESCAPE.pattern}|\\\\(?:[uU])?|\\.", re.DOTALL)
_SHORT: Final = {'"': '\\"', "'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r"}


class Sent(NamedTuple):
    """The text that is sent, the place of the `*` in it that stands for variables (-1: none), and the FROM clauses.

    `default_graphs` and `named_graphs` are the FROM clauses as names; both are empty where there is none. `graphs` says
    whether the query reads graphs by their names: by GRAPH, or by FROM.
    """

    text: str
    star: int
    graphs: bool
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


class _Clause:
    """The FROM clauses of a query: they stand outside of all brackets, after its verb."""

    def __init__(self) -> None:
        self.default: list[str] = []
        self.named: list[str] = []
        self._pending: list[str] = []

    def take(self, token: Token, prologue: Prologue) -> bool:
        """Return whether a token belongs to a clause."""
        word = token.text.upper() if token.kind == "word" else ""
        if not self._pending:
            if word == "FROM" and token.depth == 0:
                self._pending = ["FROM"]
            return bool(self._pending)
        if word == "NAMED":
            self._pending.append(word)
            return True
        if token.kind in ("iri", "name") and (iri := prologue.resolve(token)):
            (self.named if "NAMED" in self._pending else self.default).append(iri)
        self._pending = []
        return True


def sent(text: str) -> Sent:
    r"""Return what is sent of a query that `query_text.check` has passed; raises query-failed for a name of an engine.

    Lines stay what they are, so that what the other engine says of a place holds. Codepoint escapes are spelled out:
    read before anything else (SPARQL 1.1, section 19.2), as not all engines do, one could end a string.

    >>> sent("SELECT * # all\nFROM <urn:g> { ?s ?p ?o }")
    Sent(text='SELECT *\n  { ?s ?p ?o }', star=7, graphs=True, default_graphs=('urn:g',), named_graphs=())
    """
    prologue, clause = Prologue(), _Clause()
    parts: list[str] = []
    length, end, star, before, graphs = 0, 0, -1, "", False
    for token in tokens(text):
        gap = _gap(text[end : token.at])
        end = token.at + len(token.text)
        shown = _spelled_out(token)
        if prologue.verb is None:
            prologue.take(token)
        elif clause.take(token, prologue):
            shown = ""
        _foreign(token, prologue)
        if shown == "*" and token.depth == 0 and before in ("SELECT", "DISTINCT", "REDUCED"):
            star = length + len(gap)
        before = shown.upper() if token.kind == "word" else ""
        graphs = graphs or before == "GRAPH"
        parts += [gap, shown]
        length += len(gap) + len(shown)
    graphs = graphs or bool(clause.default or clause.named)
    return Sent("".join(parts), star, graphs, tuple(clause.default), tuple(clause.named))


def _spelled_out(token: Token) -> str:
    """Return a token without codepoint escapes, and without a backslash of its text that could begin one."""
    if "\\" not in token.text or token.kind not in ("string", "iri"):
        return token.text
    if token.kind == "iri":
        return ESCAPE.sub(character, token.text)
    return _ESCAPES.sub(_escape, token.text)


def _escape(found: re.Match[str]) -> str:
    """Return what stands for an escape of a string, read whichever way."""
    piece = found[0]
    if piece[:2] == "\\\\":
        return piece[:2] + (f"\\u{ord(piece[2]):04X}" if len(piece) > 2 else "")
    if piece[1] not in "uU":
        return piece
    meant = character(found) if found[1] or found[2] else piece
    return _SHORT.get(meant) or (meant if meant.isprintable() else piece)


def _gap(between: str) -> str:
    """Return what keeps two tokens apart as `between` does, without its comments."""
    lines = between.count("\n") or between.count("\r")
    return "\n" * lines or (" " if between else "")


def _foreign(token: Token, prologue: Prologue) -> None:
    """Raise query-failed for a name by which an engine is made to do what no SPARQL query does."""
    if token.kind in ("iri", "name") and (iri := prologue.resolve(token)) and iri.lower().startswith(_OWN):
        raise Problem("query-failed", message=f"<{iri[:200]}> is not supported.")


def dataset(
    default: Collection[str], named: Collection[str], stored: str, graphs: Collection[str], empty: str
) -> Iterator[tuple[str, str]]:
    """Yield the parameters of a request that make its dataset what it is inside.

    Without a dataset of its own (`default`, `named`) a query is asked of the graph `stored`, where the default graph of
    the release is, and of its named `graphs`. `empty` is a graph without triples: some engines take all that they have
    for what is not named.
    """
    given = bool(default or named)
    yield from (("default-graph-uri", iri) for iri in (default or [empty] if given else [stored]))
    yield from (("named-graph-uri", iri) for iri in (named if given else graphs) or [empty])
