"""Writing RDF: quads become bytes, the same in every process for the same quads, in every format but JSON-LD."""

from collections.abc import Iterable, Mapping

from pyoxigraph import Quad

from cper_lod.core.formats import N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format
from cper_lod.rdf import rdfxml, turtle
from cper_lod.rdf.statements import nquads_lines, statements


def write(
    quads: Iterable[Quad], format: Format, *, root: str | None = None, order: Mapping[str, int] | None = None
) -> bytes:
    """Return the document of `quads` in `format`; duplicates and the order they come in make no difference.

    TriG and N-Quads keep named graphs; Turtle, N-Triples and RDF/XML hold the union of the graphs. Turtle, TriG and
    RDF/XML begin with the resource whose IRI is `root`, then what lies under it (`<root>/…`), numbers by their value;
    blank nodes are written in place or named anew from what they say. In Turtle and TriG the predicates of `order` come
    in that order. N-Triples and N-Quads are canonical (RDF 1.2
    N-Triples, section 4), sorted as bytes, and keep the names of blank nodes.
    Raises `rdfxml-impossible` for what RDF/XML cannot say; ValueError for a format that is none of these.
    """
    match format.name:
        case TURTLE.name:
            text = turtle.write(statements(quads, union=True), root, order or {})
        case TRIG.name:
            text = turtle.write(statements(quads, union=False), root, order or {})
        case RDF_XML.name:
            text = rdfxml.write(statements(quads, union=True), root)
        case N_QUADS.name:
            text = "".join(f"{line}\n" for line in nquads_lines(quads))
        case N_TRIPLES.name:
            found = sorted({f"{s} {p} {o} .\n" for s, p, o, _ in statements(quads, union=True)})
            text = "".join(found)
        case _:
            raise ValueError(f"no writer for {format.name} here")
    return text.encode("utf-8")
