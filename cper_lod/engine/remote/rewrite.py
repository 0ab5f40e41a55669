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

    `dataset` are the parameters of the request that make its dataset what it is inside. `reads_named_graphs` says whether the query
    may read graphs by their names: by GRAPH, by FROM, or by a dataset of the request's own.
    """

    text: str
    star: int
    reads_named_graphs: bool
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
        self, stored: StoredGraphs, default: Collection[str], named: Collection[str]
    ) -> tuple[Collection[str], Collection[str]]:
        """Return the default graphs and the named ones: of the request, else of the clauses, else of the release."""
        if default or named:
            return default, named
        if self.default or self.named:
            return self.default, self.named
        return (stored.default,), stored.named

    def feed(self, token: Token, prologue: Prologue) -> bool:
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


def rewrite(
    text: str, stored: StoredGraphs, default: Collection[str] = (), named: Collection[str] = ()
) -> RewrittenQuery:
    r"""Return what is sent of a query that `query_text.check` has passed; raises query-failed for a name of an engine.

    `default` and `named` are the dataset that the request has of its own, before which FROM counts for nothing (SPARQL
    1.1 Protocol, section 2.1.4). Lines stay what they are, so that what the other engine says of a place holds.
    Codepoint escapes are spelled out: read before anything else (SPARQL 1.1, section 19.2), as not all engines do, one
    could end a string.

    >>> sent("SELECT * # all\nFROM <urn:g> { ?s ?p ?o }", Graphs("urn:d", ("urn:g",)))[:3]
    ('SELECT *\n  { ?s ?p ?o }', 7, True)
    """
    prologue, clauses = Prologue(), _DatasetClauses()
    parts: list[str] = []
    length, end, star, previous_word, names_graphs, needs_empty_graph = 0, 0, -1, "", bool(default or named), False
    for token in tokens(text):
        blanks = _whitespace(text[end : token.offset])
        end = token.offset + len(token.text)
        written = _without_escapes(token)
        if prologue.verb is None:
            prologue.feed(token)
        elif clauses.feed(token, prologue):
            written = ""
        iri = prologue.resolve(token) if token.kind in ("iri", "name") else None
        _reject_vendor_name(iri or "")
        if iri and previous_word == "GRAPH" and iri not in clauses.dataset(stored, default, named)[1]:
            # Virtuoso answers true to ASK, and 1 to COUNT, of a graph that is none of the dataset; this one is.
            written, needs_empty_graph = f"<{GRAPH_EMPTY}>", True
        if written == "*" and token.depth == 0 and previous_word in ("SELECT", "DISTINCT", "REDUCED"):
            star = length + len(blanks)
        previous_word = written.upper() if token.kind == "word" else ""
        parts += [blanks, written]
        length += len(blanks) + len(written)
    names_graphs = names_graphs or "graph" in text.lower() or bool(clauses.default or clauses.named)
    parameters = _dataset_parameters(*clauses.dataset(stored, default, named), needs_empty_graph=needs_empty_graph)
    return RewrittenQuery("".join(parts), star, names_graphs, tuple(parameters))


def _without_escapes(token: Token) -> str:
    """Return a token without codepoint escapes, and without a backslash of its text that could begin one."""
    if "\\" not in token.text or token.kind not in ("string", "iri"):
        return token.text
    if token.kind == "iri":
        return ESCAPE.sub(decode_escape, token.text)
    return _ESCAPES.sub(_escape, token.text)


def _escape(match: re.Match[str]) -> str:
    """Return what stands for an escape of a string, read whichever way."""
    escape_text = match[0]
    if escape_text[:2] == "\\\\":
        return escape_text[:2] + (f"\\u{ord(escape_text[2]):04X}" if len(escape_text) > 2 else "")
    if escape_text[1] not in "uU":
        return escape_text
    decoded = decode_escape(match) if match[1] or match[2] else escape_text
    return _ESCAPED_CHARACTERS.get(decoded) or (decoded if decoded.isprintable() else escape_text)


def _whitespace(blanks_text: str) -> str:
    """Return what keeps two tokens apart as `blanks_text` does, without its comments."""
    lines = blanks_text.count("\n") or blanks_text.count("\r")
    return "\n" * lines or (" " if blanks_text else "")


def _reject_vendor_name(iri: str) -> None:
    """Raise query-failed for a name by which an engine is made to do what no SPARQL query does."""
    if iri.lower().startswith(_VENDOR_SCHEMES):
        raise Problem("query-failed", message=f"<{iri[:200]}> is not supported.")


def _dataset_parameters(
    default: Collection[str], named: Collection[str], *, needs_empty_graph: bool
) -> Iterator[tuple[str, str]]:
    """Yield the parameters of a dataset, each part of it named: for what is not, some engines take all they have."""
    yield from (("default-graph-uri", iri) for iri in default or [GRAPH_EMPTY])
    yield from (
        ("named-graph-uri", iri) for iri in [*named, *([GRAPH_EMPTY] if needs_empty_graph or not named else [])]
    )
