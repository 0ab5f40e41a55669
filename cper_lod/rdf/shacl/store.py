"""The data as an Oxigraph store, and the store as a graph of rdflib that pyshacl reads."""

import re
import threading
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox
import rdflib
import rdflib.plugins.sparql
from rdflib.paths import Path
from rdflib.plugins.sparql.processor import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.term import Node

from cper_lod.core.namespaces import XSD

_COMPARABLE: Final = re.compile(
    r"anyURI .*|boolean (?:true|false)|integer (?:0|-?[1-9][0-9]{0,17})"
    r"|decimal (?:0|-?[1-9][0-9]{0,15}|-?(?:0|[1-9][0-9]{0,15})[.][0-9]{0,15}[1-9])"
    r"|gYear [0-9]{4}|gYearMonth [0-9]{4}-(?:0[1-9]|1[0-2])|date [0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"|dateTime [0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3])(?::[0-5][0-9]){2}Z?",
    re.DOTALL,
)
"""Literals of XML Schema that Oxigraph and rdflib both take for the same value, and Oxigraph does not rewrite."""
StoredTerm = ox.NamedNode | ox.BlankNode | ox.Literal


class Data(rdflib.Graph):
    """Quads as one graph, in an Oxigraph store (`index`), and read-only for rdflib.

    It parses each query once, which takes rdflib longer than to evaluate ours. The same for pyshacl itself:
    docs/contributing/pyshacl-parse-once.patch.
    `doubtful` are the predicates with values that Oxigraph and rdflib may compare in another way: `"x"^^xsd:integer`,
    a day with a time zone, any xsd:duration.
    """

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        super().__init__(bind_namespaces="none")
        self.index = ox.Store()
        self.doubtful: set[str] = set()
        noted = map(self._noted, quads)
        while some := list(islice(noted, 10_000)):  # at once, they would take twice the memory for a while
            self.index.extend(some)

    def _noted(self, quad: ox.Quad) -> ox.Quad:
        """Return a quad in the default graph, after noting whether its value is doubtful."""
        value = quad.object
        if isinstance(value, ox.Literal) and not is_comparable(value):
            self.doubtful.add(quad.predicate.value)
        return ox.Quad(quad.subject, quad.predicate, value)

    def nodes(self, query: str, step: int = 1) -> list[StoredTerm]:
        """Return the values of the only variable of a query; with a `step`, the first and each one of that number.

        It runs in another thread, which ends with the process: only in that way can this one be interrupted meanwhile.
        """
        found: Future[list[StoredTerm]] = Future()

        def run() -> None:
            try:
                values = (solution[0] for solution in self.index.query(query))  # type: ignore[union-attr]
                found.set_result([*islice(values, 1), *islice(values, max(step - 2, 0), None, step)])
            except BaseException as error:
                found.set_exception(error)

        threading.Thread(target=run, name="check", daemon=True).start()
        return found.result()

    def triples(self, triple: Any) -> Generator[Any, None, None]:  # noqa: ANN401
        """Yield the triples that match a pattern, with its terms as they are; triples about triples (RDF 1.2) are not among them."""
        if isinstance(triple[1], Path):
            yield from ((s, triple[1], o) for s, o in triple[1].eval(self, triple[0], triple[2]))
            return
        subject, predicate, value = (None if each is None else stored_term(each) for each in triple)
        if isinstance(subject, ox.Literal) or not isinstance(predicate, ox.NamedNode | None):
            return  # SPARQL may ask for such triples: there are none
        for quad in self.index.quads_for_pattern(subject, predicate, value, ox.DefaultGraph()):
            if not isinstance(quad.object, ox.Triple):
                found = map(rdflib_term, (quad.subject, quad.predicate, quad.object))
                yield tuple(term if each is None else each for each, term in zip(triple, found, strict=True))

    def query(self, query_object: Any, *_: Any, **settings: Any) -> Result:  # noqa: ANN401
        """Return the result of a query; raises SyntaxError."""
        return super().query(_parsed_query(query_object), **settings)

    def __bool__(self) -> bool:
        """Return true: a graph without triples of its own would be false."""
        return True


@lru_cache(maxsize=1024)
def _parsed_query(text: str) -> Query:
    try:
        return prepareQuery(text)
    except Exception as error:  # of pyparsing, of rdflib, or a plain Exception: the text is invalid
        raise SyntaxError(str(error)) from error


def is_comparable(literal: ox.Literal) -> bool:
    """Return whether Oxigraph and rdflib see the same in a literal, and Oxigraph does not rewrite it."""
    datatype = literal.datatype.value
    if not datatype.startswith(XSD) or datatype == XSD + "string":
        return True
    name = datatype[len(XSD) :]
    form = _COMPARABLE.fullmatch(f"{name} {literal.value}")
    is_date = name not in ("anyURI", "boolean", "decimal", "integer")  # and may be the 30th of February
    return form is not None and not (is_date and rdflib_term(literal).ill_typed)  # type: ignore[attr-defined]


@lru_cache(maxsize=8192)
def rdflib_term(term: StoredTerm) -> Node:
    """Return a term as rdflib has it, with the same lexical form."""
    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    plain = term.language or term.datatype.value == XSD + "string"
    datatype = None if plain else rdflib.URIRef(term.datatype.value)
    return rdflib.Literal(term.value, lang=term.language, datatype=datatype, normalize=False)


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
    rdflib.NORMALIZE_LITERALS = rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS, rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = before
