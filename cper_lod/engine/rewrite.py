"""Rewrites a query for another endpoint: standard SPARQL without comments, with its dataset as request parameters."""

from collections.abc import Collection
from typing import Final, NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import GRAPH_EMPTY, PREFIXES
from cper_lod.engine.syntax import tokens

_VENDOR_SCHEMES: Final = ("bif:", "sql:", "java:", "jdbc:")
"""Schemes of names that call vendor extensions: database functions, classes of a program."""


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
    r"""Return what to send for a query that `syntax.check` has accepted; raises query-failed for a vendor name.

    `stored_graph` is the graph of the other store that has the default graph of the release, `stored` are its named graphs.
    `default` and `named` are the dataset of the request, which replaces FROM (SPARQL 1.1 Protocol, section 2.1.4). What
    is known here without declaration is declared, with `base` as the base IRI. Line numbers do not change, so that positions in error messages of the endpoint are correct. No codepoint escape is left that could end a
    string or a comment where the endpoint decodes them first (SPARQL 1.1, section 19.2).

    >>> rewrite("SELECT ?s # all\nFROM <urn:g> { ?s ?p ?o }", "urn:d", ["urn:g"])[:2]
    ('SELECT ?s\n  { ?s ?p ?o }', True)
    """
    declared = [f"PREFIX {name}: <{iri}> " for name, iri in PREFIXES.items() if f"{name}:" in text]
    parts, end, previous_word = [f"BASE <{base}> " if base else "", *declared], 0, ""
    clauses: dict[str, list[str]] = {"FROM": [], "NAMED": []}  # outside all brackets, after the verb
    clause, needs_empty_graph = "", False

    def dataset() -> tuple[Collection[str], Collection[str]]:
        """Return the default and the named graphs: of the request, else of the FROM clauses, else of the release."""
        if default or named:
            return default, named
        return (clauses["FROM"], clauses["NAMED"]) if any(clauses.values()) else ((stored_graph,), stored)

    for token in tokens(text, base):
        between = text[end : token.offset]  # blanks and comments, of which the line breaks stay
        blanks = "\n" * (between.count("\n") or between.count("\r")) or (" " if between else "")
        end = token.offset + len(token.text)
        written, word, iri = token.text, token.word, token.iri
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
    # An escaped backslash before a `u` is no escape, but looks like one.
    sent = "".join(parts).replace(r"\\u", r"\\\u0075").replace(r"\\U", r"\\\u0055")
    return RewrittenQuery(sent, names_graphs, parameters)
