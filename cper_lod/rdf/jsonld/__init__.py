"""JSON-LD 1.1 writer: a graph as a nested document, ours, or as a flattened or expanded one by pyoxigraph.

May import core and rdf.statements.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from cper_lod.core.namespaces import RDF
from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.jsonld.documents import NestedDocument
from cper_lod.rdf.jsonld.graph import JsonLdGraph

_TYPE: Final = RDF + "type"

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


def flattened(quads: Iterable[Quad | Triple]) -> bytes:
    """Return the flattened document: the nodes of the expanded one under `@graph`, without terms (JSON-LD 1.1 API, 5.3)."""
    return _bytes({"@context": {}, "@graph": _nodes(quads)})


def expanded(quads: Iterable[Quad | Triple]) -> bytes:
    """Return the expanded document: an array of node objects without a context (JSON-LD 1.1 API, 5.1).

    Every node stands there once, lists as their cells. IRIs are absolute, values are in arrays, and literals are value objects
    with a string.
    """
    return _bytes(_nodes(quads))


def _nodes(quads: Iterable[Quad | Triple]) -> list[dict[str, Any]]:
    """Return the node objects as pyoxigraph writes them, with classes as `@type`; raises ValueError for a triple term."""
    triples = sorted({each.triple if isinstance(each, Quad) else each for each in quads}, key=str)
    try:
        nodes: list[dict[str, Any]] = json.loads(serialize(triples, format=RdfFormat.JSON_LD) or b"[]")
    except OSError as error:
        raise ValueError("a triple term (RDF 1.2) has no form in JSON-LD 1.1") from error
    for node in nodes:
        types = node.get(_TYPE, ())
        if types and all(not each.get("@id", "_:").startswith("_:") for each in types):
            node["@type"] = [each["@id"] for each in node.pop(_TYPE)]
    return nodes


def _bytes(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
