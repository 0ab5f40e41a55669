"""Canonical serialization of RDF in every format but JSON-LD: the same quads always give the same bytes."""

from collections.abc import Iterable, Mapping

from pyoxigraph import Quad

from cper_lod.core.formats import N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format
from cper_lod.rdf import rdfxml, turtle
from cper_lod.rdf.statements import nquads_lines, statements


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
    match format.name:
        case TURTLE.name:
            text = turtle.write(statements(quads, union=True), root, order or {})
        case TRIG.name:
            text = turtle.write(statements(quads, union=False), root, order or {})
        case RDF_XML.name:
            return rdfxml.write(statements(quads, union=True), root)
        case N_QUADS.name:
            text = "".join(f"{line}\n" for line in nquads_lines(quads))
        case N_TRIPLES.name:
            text = "".join(sorted({f"{s} {p} {o} .\n" for s, p, o, _ in statements(quads, union=True)}))
        case _:
            raise ValueError(f"no writer for {format.name} here")
    return text.encode("utf-8")
