"""JSON-LD 1.1 writer: a graph as a nested document.

May import core and rdf.statements.
"""

import json
from collections.abc import Iterable

from pyoxigraph import Quad, Triple

from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.jsonld.documents import NestedDocument
from cper_lod.rdf.jsonld.graph import JsonLdGraph

__all__ = ["Context", "write"]


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

    Raises ValueError for a triple term (RDF 1.2), which JSON-LD 1.1 cannot represent.
    """
    document = NestedDocument(JsonLdGraph(quads), context, root).document(address)
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
