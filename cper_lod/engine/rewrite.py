"""Rewrites a query for another endpoint: standard SPARQL without comments, with its dataset as request parameters."""

import re
from collections.abc import Collection
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
    """The text to send, and its dataset.

    `dataset` contains the request parameters that define the same dataset as here. `reads_named_graphs` is true if the
    query can read graphs by name: by GRAPH, by FROM, or by a dataset in the request.
    """

    text: str
    reads_named_graphs: bool
    dataset: list[tuple[str, str]]


def rewrite(
    text: str,
    stored_graph: str,
    stored: Collection[str],
    default: Collection[str] = (),
    named: Collection[str] = (),
    base: str = "",
) -> RewrittenQuery:
    r"""Return what to send for a query that `syntax.checks.check` has accepted; raises query-failed for a vendor name.

    `stored_graph` is the graph of the other store that has the default graph of the release, `stored` are its named graphs.
    `default` and `named` are the dataset of the request, which replaces FROM (SPARQL 1.1 Protocol, section 2.1.4). What
    is known here without declaration is declared, with `base` as the base IRI. Line numbers do not change, so that positions in error messages of the endpoint are correct. Codepoint escapes are decoded:
    an endpoint that decodes them first (SPARQL 1.1, section 19.2) could otherwise end a string there.

    >>> rewrite("SELECT ?s # all\nFROM <urn:g> { ?s ?p ?o }", "urn:d", ["urn:g"])[:2]
    ('SELECT ?s\n  { ?s ?p ?o }', True)
    """
    prologue, parts, end, previous_word = Prologue(base), [implied_declarations(text, base)], 0, ""
    clauses: dict[str, list[str]] = {"FROM": [], "NAMED": []}  # outside all brackets, after the verb
    clause, needs_empty_graph = "", False

    def dataset() -> tuple[Collection[str], Collection[str]]:
        """Return the default and the named graphs: of the request, else of the FROM clauses, else of the release."""
        if default or named:
            return default, named
        return (clauses["FROM"], clauses["NAMED"]) if any(clauses.values()) else ((stored_graph,), stored)

    for token in tokens(text):
        between = text[end : token.offset]  # blanks and comments, of which the line breaks stay
        blanks = "\n" * (between.count("\n") or between.count("\r")) or (" " if between else "")
        end = token.offset + len(token.text)
        written, word = _without_escapes(token), token.text.upper() if token.kind == "word" else ""
        if prologue.verb is None:
            prologue.feed(token)
        iri = prologue.resolve(token) if token.kind in ("iri", "name") else None
        if iri and iri.lower().startswith(_VENDOR_SCHEMES):
            raise Problem("query-failed", message=f"<{iri[:200]}> is not supported.")
        if clause or (word == "FROM" and token.depth == 0):
            if iri:
                clauses[clause].append(iri)
            clause = word if word in clauses else ""
            written = word = ""
        elif iri and previous_word == "GRAPH" and iri not in dataset()[1]:
            # For a graph outside the dataset, Virtuoso answers true to ASK and 1 to COUNT; the empty graph is inside.
            written, needs_empty_graph = f"<{GRAPH_EMPTY}>", True
        previous_word = word
        parts += [blanks, written]
    names_graphs = bool(default or named) or "graph" in text.lower() or any(clauses.values())
    default, named = dataset()
    # No part is left out, because some engines would take all their data.
    named = [*named, *([GRAPH_EMPTY] if needs_empty_graph or not named else [])]
    parameters = [("default-graph-uri", iri) for iri in default or [GRAPH_EMPTY]]
    parameters += [("named-graph-uri", iri) for iri in named]
    return RewrittenQuery("".join(parts), names_graphs, parameters)


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
