"""The data as an Oxigraph store, and the store as a graph of rdflib that pyshacl reads."""

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from queue import SimpleQueue
from typing import Any, Final

import pyoxigraph as ox
import rdflib
import rdflib.plugins.sparql
from rdflib.plugins.sparql.processor import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.store import Store
from rdflib.term import Node

from cper_lod.core.namespaces import XSD

_DATE: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_COMPARABLE: Final = {
    XSD + name: re.compile(pattern)
    for name, pattern in {
        "anyURI": r"(?s:.*)",
        "boolean": "true|false",
        "integer": r"0|-?[1-9][0-9]{0,17}",
        "decimal": r"0|-?[1-9][0-9]{0,15}|-?(0|[1-9][0-9]{0,15})[.][0-9]{0,15}[1-9]",
        "date": _DATE,
        "dateTime": f"{_DATE}T([01][0-9]|2[0-3])(:[0-5][0-9]){{2}}Z?",
        "gYear": "[0-9]{4}",
        "gYearMonth": "[0-9]{4}-(0[1-9]|1[0-2])",
    }.items()
}
"""Forms of literals of XML Schema that Oxigraph and rdflib both take for the same value, and Oxigraph does not rewrite."""


StoredTerm = ox.NamedNode | ox.BlankNode | ox.Literal


class QueryError(ValueError):
    """A query cannot be parsed."""


class Data:
    """Quads as one graph: `store`, the same for rdflib as `graph`.

    `doubtful` are the predicates with values that Oxigraph and rdflib may compare in another way: `"x"^^xsd:integer`,
    a day with a time zone, any xsd:duration.
    """

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self.store = ox.Store()
        self.graph = StoreGraph(self.store)
        self.doubtful: set[str] = set()
        self.store.extend(map(self._noted, quads))

    def _noted(self, quad: ox.Quad) -> ox.Quad:
        """Return a quad in the default graph, after noting whether its value is doubtful."""
        value = quad.object
        if isinstance(value, ox.Literal) and not is_comparable(value):
            self.doubtful.add(quad.predicate.value)
        return ox.Quad(quad.subject, quad.predicate, value)

    def nodes(self, query: str) -> list[StoredTerm]:
        """Return the values of the only variable of a query.

        It runs in another thread, which ends with the process: only in that way can this one be interrupted meanwhile.
        """
        found: SimpleQueue[list[StoredTerm] | BaseException] = SimpleQueue()

        def run() -> None:
            try:
                found.put([solution[0] for solution in self.store.query(query)])  # type: ignore[union-attr]
            except BaseException as error:
                found.put(error)

        threading.Thread(target=run, name="check", daemon=True).start()
        nodes = found.get()
        if isinstance(nodes, BaseException):
            raise nodes
        return nodes


def is_comparable(literal: ox.Literal) -> bool:
    """Return whether Oxigraph and rdflib see the same in a literal, and Oxigraph does not rewrite it."""
    datatype = literal.datatype.value
    if not datatype.startswith(XSD) or datatype == XSD + "string":
        return True
    form = _COMPARABLE.get(datatype)
    return form is not None and form.fullmatch(literal.value) is not None and not is_ill_typed(literal)


@lru_cache(maxsize=65536)
def is_ill_typed(literal: ox.Literal) -> bool:
    """Return whether rdflib finds no value in a literal, as in the 30th of February."""
    return bool(rdflib.Literal(literal.value, datatype=rdflib.URIRef(literal.datatype.value)).ill_typed)


@lru_cache(maxsize=65536)
def rdflib_term(term: StoredTerm) -> Node:
    """Return a term as rdflib has it, with the same lexical form."""
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    datatype = term.datatype.value
    return rdflib.Literal(
        term.value,
        lang=term.language,
        datatype=None if term.language or datatype == XSD + "string" else rdflib.URIRef(datatype),
        normalize=False,
    )


def stored_term(term: Node) -> StoredTerm:
    """Return a term of rdflib as the store has it."""
    if isinstance(term, rdflib.URIRef):
        return ox.NamedNode(term)
    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(term, language=term.language)
        return ox.Literal(term, datatype=ox.NamedNode(term.datatype or XSD + "string"))
    return ox.BlankNode(str(term))


def graph_of(quads: Iterable[ox.Quad]) -> rdflib.Graph:
    """Return quads as one graph in memory."""
    graph = rdflib.Graph("SimpleMemory", bind_namespaces="none")
    for quad in quads:
        if not isinstance(quad.object, ox.Triple):
            graph.add((rdflib_term(quad.subject), rdflib_term(quad.predicate), rdflib_term(quad.object)))
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


class _OxigraphStore(Store):
    """A read-only store of rdflib on one of Oxigraph."""

    def __init__(self, store: ox.Store) -> None:
        super().__init__()
        self._store = store

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[Any]:  # noqa: ANN401
        """Yield the triples that match a pattern; triples about triples (RDF 1.2) are not among them."""
        subject, predicate, value = (None if each is None else stored_term(each) for each in triple_pattern)
        if isinstance(subject, ox.Literal) or not isinstance(predicate, ox.NamedNode | None):
            return  # SPARQL may ask for such triples: there are none
        for quad in self._store.quads_for_pattern(subject, predicate, value, ox.DefaultGraph()):
            if not isinstance(quad.object, ox.Triple):
                found = quad.subject, quad.predicate, quad.object
                yield (
                    tuple(
                        rdflib_term(term) if known is None else known
                        for known, term in zip(triple_pattern, found, strict=True)
                    ),
                    iter(()),
                )

    def __len__(self, context: Any = None) -> int:  # noqa: ANN401
        return len(self._store)


class StoreGraph(rdflib.Graph):
    """The data as a graph of rdflib that parses each query once; rdflib takes longer to parse than to evaluate ours.

    The same for pyshacl itself: docs/contributing/pyshacl-parse-once.patch.
    """

    def __init__(self, store: ox.Store) -> None:
        super().__init__(_OxigraphStore(store), bind_namespaces="none")

    def query(self, query_object: Any, *_: Any, **settings: Any) -> Result:  # noqa: ANN401
        """Return the result of a query; raises `QueryError`."""
        return super().query(parsed_query(query_object), **settings)

    def __bool__(self) -> bool:
        """Return true; the default would count all triples."""
        return True


_PREFIX: Final = re.compile(r"PREFIX ([A-Za-z][\w-]*): <[^<>]*>\n")


@lru_cache(maxsize=1024)
def parsed_query(text: str) -> Query:
    """Return a query, parsed; raises `QueryError`.

    Without the prefixes that pyshacl declares and the query does not use: rdflib parses one as slowly as a pattern.
    """
    used = _PREFIX.sub(lambda found: found[0] if f"{found[1]}:" in text.replace(found[0], "") else "", text)
    try:
        return prepareQuery(used)
    except Exception as error:  # of pyparsing, of rdflib, or a plain Exception: the text is invalid
        raise QueryError(str(error)) from error
