"""JSON-LD 1.1 writer: a graph as a nested, flattened or expanded document.

May import core and rdf.statements.
"""

import json
from collections.abc import Iterable

from pyoxigraph import Quad, Triple

from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.jsonld.documents import FlattenedDocument, NestedDocument
from cper_lod.rdf.jsonld.documents import expanded as expanded_nodes
from cper_lod.rdf.jsonld.graph import JsonLdGraph

__all__ = ["Context", "expanded", "flattened", "write"]


def write(quads: Iterable[Quad | Triple], root: str | None, context: Context, *, address: str | None) -> bytes:
    """Return the document of `root` as UTF-8 JSON: compacted with `context` and nested (JSON-LD 1.1, sections 4 and 5).

    The document is the object of `root`. Each described node is written once, nested at the position nearest to the root
    (`graph.place_nodes`); elsewhere it is referred to by its IRI. Properties whose term has `"@type": "@id"` or `"@vocab"`
    are never nested. Nodes that the root does not reach are sorted under `@included` (section 4.7); if `root` is None or
    not described, all nodes are under `@graph`. Named graphs are merged. Whole numbers below 2^53 are JSON numbers if
    parsing returns the same literal; other numbers are strings.

    `address` is the URL written as `@context`; None writes the context itself. If an IRI of the data would be parsed as a
    compact IRI (`dct:title` as an absolute IRI), that prefix is disabled in the document. The same triples give the same
    bytes; blank nodes are in the order of their labels.

    Raises ValueError for a triple term (RDF 1.2), which JSON-LD 1.1 cannot represent; so do the other two forms.
    """
    return _bytes(NestedDocument(JsonLdGraph(quads), context, root).document(address))


def flattened(quads: Iterable[Quad | Triple], context: Context, *, address: str | None) -> bytes:
    """Return the flattened document: every node once, in a sorted array under `@graph` (JSON-LD 1.1 API, 5.3).

    Keys, numbers and `address` are as in `write`; each node has an `@id`, by which other nodes refer to it; blank nodes are
    `_:b0`, `_:b1`… in document order.
    """
    return _bytes(FlattenedDocument(JsonLdGraph(quads), context).document(address))


def expanded(quads: Iterable[Quad | Triple]) -> bytes:
    """Return the expanded document: an array of node objects without a context (JSON-LD 1.1 API, 5.1).

    IRIs are absolute, values are in arrays, and literals are value objects with a string.
    """
    return _bytes(expanded_nodes(JsonLdGraph(quads)))


def _bytes(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
