"""Graphs of rdflib: lines of N-Quads with their terms as written, and triples as a store, which pyshacl reads without a copy."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import rdflib
import rdflib.plugins.sparql
from rdflib import Graph
from rdflib.query import Result
from rdflib.store import Store
from rdflib.term import Node

from cper_lod.rdf.shacl.prefilter.query_cache import CachingProcessor
from cper_lod.rdf.shacl.prefilter.triples import Triples, read_line, term_of, token_of


def graph_of(lines: Iterable[str]) -> Graph:
    """Return lines of N-Quads as one rdflib graph, with terms as written."""
    graph = Graph("SimpleMemory", bind_namespaces="none")
    for line in lines:
        if found := read_line(line):
            subject, predicate, value = map(term_of, found)
            graph.add((subject, predicate, value))
    return graph


@contextmanager
def literals_as_written() -> Iterator[None]:
    """Disable, for a while, rdflib's normalization of literals and its loading of graphs that a query names."""
    before = rdflib.NORMALIZE_LITERALS, rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS
    rdflib.NORMALIZE_LITERALS = False
    rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS, rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = before


_Found = tuple[tuple[Node, Node, Node], Iterator[Any]]


class ReadOnlyStore(Store):
    """A read-only rdflib store."""

    def __init__(self, triples: Triples) -> None:
        super().__init__()
        self._triples = triples

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[_Found]:  # noqa: ANN401
        """Yield the triples that match the pattern; without a subject and a predicate, all triples are read."""
        subject, predicate, value = triple_pattern
        for found in self._matches(*(None if each is None else token_of(each) for each in triple_pattern)):
            terms = zip((subject, predicate, value), found, strict=True)
            yield tuple(known if known is not None else term_of(token) for known, token in terms), iter(())  # type: ignore[misc]

    def _matches(self, subject: str | None, predicate: str | None, value: str | None) -> Iterator[tuple[str, str, str]]:
        if subject is not None or predicate is None:
            subjects = self._triples.all() if subject is None else [(subject, self._triples.of(subject))]
            for each_subject, properties in subjects:
                for each in properties if predicate is None else (predicate,):
                    values = properties.get(each, {})
                    for one in values if value is None else (value,) if value in values else ():
                        yield each_subject, each, one
        elif value is not None:
            for each in self._triples.subjects(predicate, value):
                yield each, predicate, value
        else:
            for each, one in self._triples.pairs(predicate):
                yield each, predicate, one

    def __len__(self, context: Any = None) -> int:  # noqa: ANN401
        raise NotImplementedError("Counting would read the whole graph.")


class ReadOnlyGraph(Graph):
    """The data as an rdflib graph that parses each query once."""

    def __init__(self, triples: Triples) -> None:
        super().__init__(ReadOnlyStore(triples), bind_namespaces="none")

    def query(self, query_object: Any, *_: Any, **settings: Any) -> Result:  # noqa: ANN401
        """Return the result of a query; raises `QueryError`."""
        return super().query(query_object, CachingProcessor(self), **settings)  # type: ignore[no-untyped-call]

    def __bool__(self) -> bool:
        """Return true; the default would count all triples."""
        return True
