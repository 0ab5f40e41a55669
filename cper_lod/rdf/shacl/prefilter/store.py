"""The triples that suspects are looked for in, as a store of rdflib: pyshacl reads the same, and nothing is copied."""

from collections.abc import Iterator
from typing import Any

from rdflib import Graph
from rdflib.query import Result
from rdflib.store import Store
from rdflib.term import Node

from cper_lod.rdf.shacl.prefilter.query_cache import RememberingProcessor
from cper_lod.rdf.shacl.prefilter.tokens import term_of, token_of
from cper_lod.rdf.shacl.prefilter.triples import Triples

_Found = tuple[tuple[Node, Node, Node], Iterator[Any]]


class AskedStore(Store):
    """A store of rdflib that can only be read."""

    def __init__(self, triples: Triples) -> None:
        super().__init__()
        self._triples = triples

    def triples(self, triple_pattern: Any, context: Any = None) -> Iterator[_Found]:  # noqa: ANN401
        """Yield the triples that fit the pattern; all of them are read where neither subject nor predicate is known."""
        subject, predicate, value = triple_pattern
        for found in self._matches(*(None if each is None else token_of(each) for each in triple_pattern)):
            terms = zip((subject, predicate, value), found, strict=True)
            yield tuple(known if known is not None else term_of(token) for known, token in terms), iter(())  # type: ignore[misc]

    def _matches(self, subject: str | None, predicate: str | None, value: str | None) -> Iterator[tuple[str, str, str]]:
        if subject is not None or predicate is None:
            everybody = self._triples.all() if subject is None else [(subject, self._triples.of(subject))]
            for who, said in everybody:
                for each in said if predicate is None else (predicate,):
                    values = said.get(each, {})
                    for one in values if value is None else (value,) if value in values else ():
                        yield who, each, one
        elif value is not None:
            for each in self._triples.subjects(predicate, value):
                yield each, predicate, value
        else:
            for each, one in self._triples.pairs(predicate):
                yield each, predicate, one

    def __len__(self, context: Any = None) -> int:  # noqa: ANN401
        raise NotImplementedError("Counting would read the whole graph.")


class AskedGraph(Graph):
    """The data as a graph of rdflib, which parses each query once."""

    def __init__(self, triples: Triples) -> None:
        super().__init__(AskedStore(triples), bind_namespaces="none")

    def query(self, query_object: Any, *_: Any, **settings: Any) -> Result:  # noqa: ANN401
        """Return the answer to a query; raises `QueryError`."""
        return super().query(query_object, RememberingProcessor(self), **settings)  # type: ignore[no-untyped-call]

    def __bool__(self) -> bool:
        """Return true: whether there is anything would be asked by counting everything."""
        return True
