"""The identity of territories with those of Insee, NUTS, the EU and Wikidata: it follows from tables, for every contract."""

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.identifiers import TERRITORIES, iris_of
from cper_lod.core.namespaces import PREFIXES, SKOS
from cper_lod.rdf.graph import Graph, IriTriple, to_quads

_COUNTRY = PREFIXES["igeo"] + "Pays"


def territory_matches(graph: Graph) -> list[Quad]:
    """Return a skos:exactMatch for each IRI that the tables have for a territory of `graph`.

    A region, a department and a commune are known by their code (igeo:codeINSEE), a country by its French name. What the
    tables do not have is matched with nothing.
    """
    return list(to_quads(_matches(graph)))


def _matches(graph: Graph) -> Iterator[IriTriple]:
    for node in graph.subjects():
        for cls in graph.types(node):
            kind = TERRITORIES.get(cls, "")
            codes = graph.all(node, PREFIXES["igeo"] + "codeINSEE") if kind else ()
            if cls == _COUNTRY:
                kind, names = "pays", graph.all(node, SKOS + "prefLabel")
                codes = [name for name in names if isinstance(name, Literal) and name.language == "fr"]
            for code in codes:
                yield from (
                    (node.value, SKOS + "exactMatch", NamedNode(iri))
                    for iri in iris_of(kind, getattr(code, "value", ""))
                )
