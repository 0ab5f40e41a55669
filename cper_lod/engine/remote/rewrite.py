"""Rewrites a query for another endpoint: standard SPARQL without comments, with its dataset as request parameters."""

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import GRAPH_EMPTY
from cper_lod.engine.syntax.prologue import ESCAPE, Prologue, decode_escape, implied_declarations
from cper_lod.engine.syntax.tokenizer import Token, tokens

_VENDOR_SCHEMES: Final = ("bif:", "sql:", "java:", "jdbc:")
"""Schemes of names that call vendor extensions: database functions, classes of a program."""
_ESCAPES: Final = re.compile(rf"{ESCAPE.pattern}|\\\\(?:[uU])?|\\.", re.DOTALL)
_ESCAPED_CHARACTERS: Final = {'"': '\\"', "'": "\\'", "\\": "\\\\", "\n": "\\n", "\r": "\\r"}


class RewrittenQuery(NamedTuple):
    """The text to send, the offset of the `*` in it that stands for variables (-1: none), and the dataset.

    `dataset` contains the request parameters that define the same dataset as here. `reads_named_graphs` is true if the
    query can read graphs by name: by GRAPH, by FROM, or by a dataset in the request.
    """

    text: str
    star: int
    reads_named_graphs: bool
    dataset: tuple[tuple[str, str], ...]


class StoredGraphs(NamedTuple):
    """The graphs of a release in another store: the graph that holds its default graph, and its named graphs."""

    default: str
    named: tuple[str, ...]


class _DatasetClauses:
    """The FROM clauses of a query, which are outside all brackets, after its verb."""

    def __init__(self) -> None:
        self.default: list[str] = []
        self.named: list[str] = []
        self._pending: list[str] = []

    def dataset(
        self, stored: StoredGraphs, default: Collection[str], named: Collection[str]
    ) -> tuple[Collection[str], Collection[str]]:
        """Return the default and the named graphs: of the request, else of the FROM clauses, else of the release."""
        if default or named:
            return default, named
        if self.default or self.named:
            return self.default, self.named
        return (stored.default,), stored.named

    def feed(self, token: Token, prologue: Prologue) -> bool:
        """Return whether a token belongs to a FROM clause."""
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
    text: str, stored: StoredGraphs, default: Collection[str] = (), named: Collection[str] = (), base: str = ""
) -> RewrittenQuery:
    r"""Return what to send for a query that `syntax.checks.check` has accepted; raises query-failed for a vendor name.

    `default` and `named` are the dataset of the request, which replaces FROM (SPARQL 1.1 Protocol, section 2.1.4). What
    is known here without declaration is declared, with `base` as the base IRI. Line numbers do not change, so that positions in error messages of the endpoint are correct. Codepoint escapes are decoded:
    an endpoint that decodes them first (SPARQL 1.1, section 19.2) could otherwise end a string there.

    >>> rewrite("SELECT * # all\nFROM <urn:g> { ?s ?p ?o }", StoredGraphs("urn:d", ("urn:g",)))[:3]
    ('SELECT *\n  { ?s ?p ?o }', 7, True)
    """
    prologue, clauses = Prologue(base), _DatasetClauses()
    parts = [implied_declarations(text, base)]
    length, end, star, previous_word, names_graphs, needs_empty_graph = (
        len(parts[0]),
        0,
        -1,
        "",
        bool(default or named),
        False,
    )
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
            # For a graph outside the dataset, Virtuoso answers true to ASK and 1 to COUNT; the empty graph is inside.
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
    """Return the text of a token without codepoint escapes, and without backslashes that could start one."""
    if "\\" not in token.text or token.kind not in ("string", "iri"):
        return token.text
    if token.kind == "iri":
        return ESCAPE.sub(decode_escape, token.text)
    return _ESCAPES.sub(_escape, token.text)


def _escape(match: re.Match[str]) -> str:
    """Return the replacement of an escape in a string, the same for all ways to read it."""
    escape_text = match[0]
    if escape_text[:2] == "\\\\":
        return escape_text[:2] + (f"\\u{ord(escape_text[2]):04X}" if len(escape_text) > 2 else "")
    if escape_text[1] not in "uU":
        return escape_text
    decoded = decode_escape(match) if match[1] or match[2] else escape_text
    return _ESCAPED_CHARACTERS.get(decoded) or (decoded if decoded.isprintable() else escape_text)


def _whitespace(blanks_text: str) -> str:
    """Return white space that separates two tokens like `blanks_text`, without its comments."""
    lines = blanks_text.count("\n") or blanks_text.count("\r")
    return "\n" * lines or (" " if blanks_text else "")


def _reject_vendor_name(iri: str) -> None:
    """Raise query-failed for a vendor name."""
    if iri.lower().startswith(_VENDOR_SCHEMES):
        raise Problem("query-failed", message=f"<{iri[:200]}> is not supported.")


def _dataset_parameters(
    default: Collection[str], named: Collection[str], *, needs_empty_graph: bool
) -> Iterator[tuple[str, str]]:
    """Yield the request parameters of a dataset. No part is left out, because some engines would take all their data."""
    yield from (("default-graph-uri", iri) for iri in default or [GRAPH_EMPTY])
    yield from (
        ("named-graph-uri", iri) for iri in [*named, *([GRAPH_EMPTY] if needs_empty_graph or not named else [])]
    )
