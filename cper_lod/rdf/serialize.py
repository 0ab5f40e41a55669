"""Canonical serialization of RDF in every format but JSON-LD: the same quads always give the same bytes."""

from collections.abc import Iterable, Mapping

from pyoxigraph import Quad, RdfFormat

from cper_lod.core.formats import Format
from cper_lod.rdf import rdfxml, turtle
from cper_lod.rdf.statements import statements


def write(
    quads: Iterable[Quad], format: Format, *, root: str | None = None, order: Mapping[str, int] | None = None
) -> bytes:
    """Return the document of `quads` in `format`; duplicates and their order do not matter.

    TriG and N-Quads keep named graphs; Turtle, N-Triples and RDF/XML contain the union of the graphs. Turtle, TriG and
    RDF/XML begin with the resource `root` and what is below it (`<root>/…`), with numbers in names sorted by value. In
    Turtle and TriG, predicates are in the order given by `order`, and blank nodes are nested where possible. N-Triples and
    N-Quads are canonical (RDF 1.2 N-Triples, section 4) and sorted as bytes. Blank nodes that are not nested keep their
    labels.
    Raises `rdfxml-impossible` for what RDF/XML cannot represent; ValueError for any other format.
    """
    known = RdfFormat.from_media_type(format.media_type)
    found = statements(quads, union=not (known and known.supports_datasets))
    match format.syntax:
        case "turtle":
            text = turtle.write(found, root, order or {})
        case "rdfxml":
            return rdfxml.write(found, root)
        case "lines":
            text = "".join(sorted(" ".join(filter(None, each)) + " .\n" for each in found))
        case _:
            raise ValueError(f"no writer for {format.name} here")
    return text.encode("utf-8")
