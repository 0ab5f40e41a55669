"""Reports to compare: those of pyshacl alone and of the program, as sets of results."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import pyshacl
from pyoxigraph import Quad, RdfFormat, parse
from rdflib import RDF, SH, Graph
from rdflib.plugins.sparql.processor import prepareQuery
from rdflib.query import Result

from cper_lod.rdf.shacl.api import Validation
from cper_lod.rdf.shacl.store import graph_of, literals_as_written

PREFIXES = """
@prefix ex: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
Results = set[tuple[str | None, ...]]


def quads(turtle: str) -> list[Quad]:
    """Return Turtle as quads."""
    found = parse((PREFIXES + turtle).encode(), format=RdfFormat.TURTLE)
    return [each for each in found if isinstance(each, Quad)]


prepared = lru_cache(maxsize=1024)(prepareQuery)


class CachingGraph(Graph):
    """A graph that parses a query text only once: pyshacl alone is slow enough."""

    def query(self, query_object: Any, *given: Any, **more: Any) -> Result:  # noqa: ANN401
        """Return the result of a query."""
        return super().query(prepared(query_object), *given, **more)


def pyshacl_results(data: Iterable[Quad], shapes: Iterable[Quad]) -> Results:
    """Return the results of pyshacl alone."""
    graph = CachingGraph(bind_namespaces="none")
    with literals_as_written():
        for triple in graph_of(data):
            graph.add(triple)
        _, found, _ = pyshacl.validate(graph, shacl_graph=graph_of(shapes), inplace=True)
    names = "focusNode resultPath value sourceConstraintComponent resultSeverity sourceShape"
    properties = [SH[name] for name in names.split()]
    detailed = set(found.objects(None, SH.detail))
    return {
        tuple(_text(found.value(each, one), one) for one in properties)
        for each in found.subjects(RDF.type, SH.ValidationResult)
        if each not in detailed
    }


def _text(term: object, name: object) -> str | None:
    if term is None:
        return None
    return "a path" if name == SH.resultPath and type(term).__name__ == "BNode" else str(term)


def validated(data: Iterable[Quad], shapes: Iterable[Quad]) -> Results:
    """Return the results of the program, without the findings that pyshacl does not make (rules without focus nodes).

    Before they are a report, which has two of the same words only once.
    """
    severities = {"violation": SH.Violation, "warning": SH.Warning, "info": SH.Info}
    with literals_as_written():
        findings = list(Validation(data, shapes).findings(lambda _: None))
    return {
        (
            each.node.removeprefix("_:"),
            each.path if each.path is None or each.path.startswith("http") else "a path",
            each.value and each.value.removeprefix("_:"),
            each.component,
            str(severities[each.severity]),
            each.shape,
        )
        for each in findings
        if each.component
    }
