"""The JSON-LD writer: a graph in, one document out, in each form of JSON-LD 1.1: nested, flattened, expanded."""

from collections.abc import Iterable
from typing import Final

from pyoxigraph import Quad, Triple

from cper_lod.rdf.jsonld import flattened as jsonld_flat
from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.jsonld.graph import JsonLdGraph
from cper_lod.rdf.jsonld.json_text import format_json
from cper_lod.rdf.jsonld.nested import NestedDocument

__all__ = ["Context", "expanded", "flattened", "for_script", "write"]

_SCRIPT: Final = {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def write(quads: Iterable[Quad | Triple], root: str | None, context: Context, *, address: str | None) -> bytes:
    """Return the document of `root` as UTF-8 JSON: compacted with `context` and nested (JSON-LD 1.1, sections 4 and 5).

    One object is `root`; each node that the triples describe stands once, nested at its place nearest to the root
    (`nesting.place`), and is referred to by its IRI elsewhere. A property whose term says `"@type": "@id"` or
    `"@vocab"` never nests. What the root does not reach stands, sorted, under `@included` (section 4.7); where `root`
    is None or not described, everything stands under `@graph`. Named graphs are merged. Whole numbers below 2^53 are
    JSON numbers where reading gives the same literal back; other numbers keep their digits as strings.

    `address` is the URL written as `@context`; None writes the context itself. Where an IRI of the data would be read
    as a compact one (`dct:title` as an absolute IRI), that prefix is switched off in the document. The same triples
    give the same bytes; blank node labels do not matter, save among nodes that nothing but their label tells apart.

    Raises ValueError for a triple term (RDF 1.2), which JSON-LD 1.1 cannot say; so do the other two forms.
    """
    return _bytes(NestedDocument(JsonLdGraph.of(quads), context, root).text(address))


def flattened(quads: Iterable[Quad | Triple], context: Context, *, address: str | None) -> bytes:
    """Return the flattened document: every node once, in one sorted array under `@graph` (JSON-LD 1.1 API, 5.3).

    Keys, numbers and `address` are as in `write`; each node has its `@id`, blank ones `_:b0`, `_:b1`… in the order of
    the document, and whatever refers to a node does so by that.
    """
    return _bytes(jsonld_flat.flattened(JsonLdGraph.of(quads), context, address))


def expanded(quads: Iterable[Quad | Triple]) -> bytes:
    """Return the expanded document: an array of node objects without a context (JSON-LD 1.1 API, 5.1).

    Every IRI is whole, every value stands in an array, every literal is a value object whose digits are a string.
    """
    return _bytes(format_json(jsonld_flat.expanded(JsonLdGraph.of(quads))))


def _bytes(document: str) -> bytes:
    return f"{document}\n".encode()


def for_script(document: bytes) -> str:
    """Return `document` for an HTML `<script>` element: the same JSON, in which no character can end the element.

    `<`, `>`, `&`, U+2028 and U+2029 occur in strings only, so escapes say the same (JSON-LD 1.1, section 7.2).
    """
    format_json = document.decode()
    for char, escape in _SCRIPT.items():  # five searches cost a tenth of one translation
        format_json = format_json.replace(char, escape)
    return format_json
