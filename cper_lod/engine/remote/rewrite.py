"""A query as another endpoint is asked it: standard SPARQL without comments, whose dataset is that of the request."""

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import GRAPH_EMPTY
from cper_lod.engine.syntax.checks import ESCAPE, Prologue, decode_escape
from cper_lod.engine.syntax.tokenizer import Token, tokens

_VENDOR_SCHEMES: Final = ("bif:", "sql:", "java:", "jdbc:")
"""Schemes of names by which engines call what is no SPARQL: functions of a database, classes of a program."""
_ESCAPES: Final = re.compile(rf"{ESCAPE.pattern}|\\\\(?:[uU])?|\\.", re.DOTALL)
_ESCAPED_CHARACTERS: Final = {'"': '\\"', "'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r"}


class RewrittenQuery(NamedTuple):
    """The text that is sent, the place of the `*` in it that stands for variables (-1: none), and the dataset.

    `dataset` are the parameters of the request that make its dataset what it is inside. `graphs` says whether the query
    may read graphs by their names: by GRAPH, by FROM, or by a dataset of the request's own.
    """

    text: str
    star: int
    graphs: bool
    dataset: tuple[tuple[str, str], ...]


class StoredGraphs(NamedTuple):
    """The graphs of a release in another store: where its default graph is, and its named graphs."""

    default: str
    named: tuple[str, ...]


class _DatasetClauses:
    """The FROM clauses of a query: they stand outside of all brackets, after its verb."""

    def __init__(self) -> None:
        self.default: list[str] = []
        self.named: list[str] = []
        self._pending: list[str] = []

    def dataset(
        self, graphs: StoredGraphs, default: Collection[str], named: Collection[str]
    ) -> tuple[Collection[str], Collection[str]]:
        """Return the default graphs and the named ones: of the request, else of the clauses, else of the release."""
        if default or named:
            return default, named
        if self.default or self.named:
            return self.default, self.named
        return (graphs.default,), graphs.named

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


def rewrite(text: str, graphs: StoredGraphs, default: Collection[str] = (), named: Collection[str] = ()) -> RewrittenQuery:
    r"""Return what is sent of a query that `query_text.check` has passed; raises query-failed for a name of an engine.

    `default` and `named` are the dataset that the request has of its own, before which FROM counts for nothing (SPARQL
    1.1 Protocol, section 2.1.4). Lines stay what they are, so that what the other engine says of a place holds.
    Codepoint escapes are spelled out: read before anything else (SPARQL 1.1, section 19.2), as not all engines do, one
    could end a string.

    >>> sent("SELECT * # all\nFROM <urn:g> { ?s ?p ?o }", Graphs("urn:d", ("urn:g",)))[:3]
    ('SELECT *\n  { ?s ?p ?o }', 7, True)
    """
    prologue, clause = Prologue(), _DatasetClauses()
    parts: list[str] = []
    length, end, star, before, by_name, absent = 0, 0, -1, "", bool(default or named), False
    for token in tokens(text):
        gap = _whitespace(text[end : token.at])
        end = token.at + len(token.text)
        shown = _without_escapes(token)
        if prologue.verb is None:
            prologue.take(token)
        elif clause.take(token, prologue):
            shown = ""
        iri = prologue.resolve(token) if token.kind in ("iri", "name") else None
        _reject_vendor_name(iri or "")
        if iri and before == "GRAPH" and iri not in clause.dataset(graphs, default, named)[1]:
            # Virtuoso answers true to ASK, and 1 to COUNT, of a graph that is none of the dataset; this one is.
            shown, absent = f"<{GRAPH_EMPTY}>", True
        if shown == "*" and token.depth == 0 and before in ("SELECT", "DISTINCT", "REDUCED"):
            star = length + len(gap)
        before = shown.upper() if token.kind == "word" else ""
        parts += [gap, shown]
        length += len(gap) + len(shown)
    by_name = by_name or "graph" in text.lower() or bool(clause.default or clause.named)
    parameters = _dataset_parameters(*clause.dataset(graphs, default, named), absent=absent)
    return RewrittenQuery("".join(parts), star, by_name, tuple(parameters))


def _without_escapes(token: Token) -> str:
    """Return a token without codepoint escapes, and without a backslash of its text that could begin one."""
    if "\\" not in token.text or token.kind not in ("string", "iri"):
        return token.text
    if token.kind == "iri":
        return ESCAPE.sub(decode_escape, token.text)
    return _ESCAPES.sub(_escape, token.text)


def _escape(found: re.Match[str]) -> str:
    """Return what stands for an escape of a string, read whichever way."""
    piece = found[0]
    if piece[:2] == "\\\\":
        return piece[:2] + (f"\\u{ord(piece[2]):04X}" if len(piece) > 2 else "")
    if piece[1] not in "uU":
        return piece
    meant = decode_escape(found) if found[1] or found[2] else piece
    return _ESCAPED_CHARACTERS.get(meant) or (meant if meant.isprintable() else piece)


def _whitespace(between: str) -> str:
    """Return what keeps two tokens apart as `between` does, without its comments."""
    lines = between.count("\n") or between.count("\r")
    return "\n" * lines or (" " if between else "")


def _reject_vendor_name(iri: str) -> None:
    """Raise query-failed for a name by which an engine is made to do what no SPARQL query does."""
    if iri.lower().startswith(_VENDOR_SCHEMES):
        raise Problem("query-failed", message=f"<{iri[:200]}> is not supported.")


def _dataset_parameters(default: Collection[str], named: Collection[str], *, absent: bool) -> Iterator[tuple[str, str]]:
    """Yield the parameters of a dataset, each part of it named: for what is not, some engines take all they have."""
    yield from (("default-graph-uri", iri) for iri in default or [GRAPH_EMPTY])
    yield from (("named-graph-uri", iri) for iri in [*named, *([GRAPH_EMPTY] if absent or not named else [])])
