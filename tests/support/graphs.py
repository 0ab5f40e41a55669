"""Graphs that property tests draw, how two are compared, and the parsers of JSON-LD that are asked beside ours."""

import json
import warnings
from collections.abc import Iterable
from typing import Any, Final

import pyoxigraph
import rdflib
from hypothesis import strategies as st
from pyld import jsonld
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, RdfFormat, Triple

from cper_lod.core.namespaces import RDF
from cper_lod.rdf.shacl.store import literals_as_written

FIRST, REST, TYPE, NIL = (NamedNode(RDF + name) for name in ("first", "rest", "type", "nil"))
Term = NamedNode | BlankNode | Literal


def statements(
    nodes: st.SearchStrategy[NamedNode | BlankNode],
    predicates: st.SearchStrategy[NamedNode],
    literals: st.SearchStrategy[Literal],
) -> st.SearchStrategy[Quad]:
    """Draw triples over few nodes: circles, shared blank nodes and broken lists are common."""
    properties = st.one_of(predicates, predicates, st.sampled_from([FIRST, REST, TYPE]))
    return st.builds(Quad, nodes, properties, st.one_of(nodes, literals, st.just(NIL)))


@st.composite
def graphs(
    draw: st.DrawFn,
    nodes: st.SearchStrategy[NamedNode | BlankNode],
    predicates: st.SearchStrategy[NamedNode],
    literals: st.SearchStrategy[Literal],
) -> list[Quad]:
    """Draw such triples, and lists and blank nodes in one another, some of them shared."""
    found = draw(st.lists(statements(nodes, predicates, literals), max_size=10))
    made: list[BlankNode] = []

    def value(depth: int) -> Term:
        kind = draw(st.integers(0, 5 if depth < 4 else 1))
        if kind < 2:
            return draw(st.one_of(nodes, literals))
        if kind == 2 and made:
            return draw(st.sampled_from(made))
        here = BlankNode(f"n{len(made)}")
        made.append(here)
        if kind == 3:
            found.extend(Quad(here, draw(predicates), value(depth + 1)) for _ in range(draw(st.integers(0, 3))))
            return here
        items = [value(depth + 1) for _ in range(draw(st.integers(1, 4)))]
        cells = [here, *(BlankNode(f"l{len(made)}.{number}") for number in range(1, len(items)))]
        for cell, item, rest in zip(cells, items, [*cells[1:], NIL], strict=True):
            found.extend([Quad(cell, FIRST, item), Quad(cell, REST, rest)])
        return here

    found.extend(Quad(draw(nodes), draw(predicates), value(0)) for _ in range(draw(st.integers(0, 3))))
    return list(dict.fromkeys(found))


def canonical(quads: Iterable[Quad | Triple]) -> list[str]:
    """Return the quads with canonical blank node labels (RDFC-1.0): equal lists are isomorphic."""
    dataset = Dataset(each if isinstance(each, Quad) else Quad(*each) for each in quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


def union(quads: Iterable[Quad]) -> list[Quad]:
    """Return the quads in the default graph."""
    return [Quad(quad.subject, quad.predicate, quad.object) for quad in quads]


def _nothing_is_fetched(url: str, _: object) -> dict[str, Any]:
    raise AssertionError(f"{url} would be fetched")


def by_pyld(tree: Any) -> bytes:  # noqa: ANN401
    """Return the N-Quads that PyLD reads from a document."""
    found = jsonld.to_rdf(tree, {"format": "application/n-quads", "documentLoader": _nothing_is_fetched})
    assert isinstance(found, str)
    return found.replace('"NAN"^^', '"NaN"^^').encode()  # pyld respells every xsd:double, Python's way


def by_rdflib(tree: Any, dataset: rdflib.Dataset | None = None) -> bytes:  # noqa: ANN401
    """Return those that rdflib reads, also into a dataset."""
    dataset = rdflib.Dataset() if dataset is None else dataset
    with literals_as_written(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rdflib warns of its own old names, and of odd booleans
        dataset.parse(data=json.dumps(tree), format="json-ld")
        return dataset.serialize(format="nquads", encoding="utf-8")


def by_oxigraph(tree: Any) -> bytes:  # noqa: ANN401
    """Return those that Oxigraph reads."""
    return pyoxigraph.serialize(pyoxigraph.parse(json.dumps(tree), RdfFormat.JSON_LD), format=RdfFormat.N_QUADS) or b""


READERS: Final = (by_pyld, by_rdflib, by_oxigraph)
