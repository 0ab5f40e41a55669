"""Canonical serialization of RDF in every format but JSON-LD: the same quads always give the same bytes.

RDF/XML is written by pyoxigraph; data that it cannot represent are an error.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import pyoxigraph
from pyoxigraph import Quad, RdfFormat

from cper_lod.core.errors import Problem
from cper_lod.core.formats import Format
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import PREFIXES, RDF
from cper_lod.rdf import turtle
from cper_lod.rdf.reader import BlankNodeNames, rename_blank_nodes
from cper_lod.rdf.statements import TYPE, Statement, statements

# Letters allowed in names by both the fourth edition of XML 1.0 (expat) and the fifth.
_LETTER: Final = "A-Za-z_À-ÖØ-öø-ıĴ-ľŁ-ňŊ-žΑ-ΡΣ-ώА-я一-龥"
# pyoxigraph takes all letters after the last other character as the name, and writes an element without a name if there
# are none.
_NAMED: Final = re.compile(rf"<.*[^{_LETTER}0-9.\-\x80-\U0010ffff][0-9.-]*[{_LETTER}][{_LETTER}0-9.-]*>")
_RESERVED: Final = ("<http://www.w3.org/2000/xmlns/", "<http://www.w3.org/XML/1998/namespace")  # Namespaces, section 3
# Names with a special meaning as an element (RDF/XML, section 5.1).
_SYNTAX_NAMES: Final = {
    f"<{RDF}{name}>"
    for name in (
        *("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype"),
        *("Description", "aboutEach", "aboutEachPrefix", "bagID", "li"),
    )
}
# Characters that XML does not allow, as in canonical N-Triples; a base direction; a triple term.
_UNWRITABLE: Final = re.compile(r'(?<!\\)(?:\\\\)*\\(?:[bf]|u(?!007F))|"@[A-Za-z0-9-]+--[a-z]+\Z|\A<<')
_ROOT: Final = re.compile(rb"<rdf:RDF ([^>]*)>")


def write(
    quads: Iterable[Quad],
    format: Format,
    *,
    root: str | None = None,
    order: Mapping[str, int] | None = None,
    names: SiteNames | None = None,
) -> bytes:
    """Return the document of `quads` in `format`; duplicates and their order do not matter.

    TriG and N-Quads keep named graphs; Turtle, N-Triples and RDF/XML contain the union of the graphs. Turtle and TriG
    begin with the resource `root` and what is below it (`<root>/…`), with numbers in names sorted by value; predicates are
    in the order given by `order`, and blank nodes are nested where possible. RDF/XML is in the order of names. N-Triples and
    N-Quads are canonical (RDF 1.2 N-Triples, section 4) and sorted as bytes. In Turtle, with `names`, the names of the site
    are relative, so that the document is the same at any address. Blank nodes that are not nested keep their
    labels.
    Raises `rdfxml-impossible` for what RDF/XML cannot represent; ValueError for any other format.
    """
    known = RdfFormat.from_media_type(format.media_type)
    found = statements(quads, union=not (known and known.supports_datasets))
    match format.syntax:
        case "turtle":
            text = turtle.write([*_relative(found, names)] if names else found, root, order or {})
        case "rdfxml":
            return _rdfxml(found)
        case "lines":
            text = "".join(" ".join(filter(None, each)) + " .\n" for each in found)
        case _:
            raise ValueError(f"no writer for {format.name} here")
    return text.encode("utf-8")


def _relative(statements: Iterable[Statement], names: SiteNames) -> Iterator[Statement]:
    """Yield statements with the names of a site as sources write them."""
    start = f"<{names.address}"

    def written(term: str) -> str:
        return f"<{names.relative(term[1:-1])}>" if term.startswith(start) else term

    for each in statements:
        yield Statement(written(each.subject), each.predicate, written(each.object), written(each.graph))


def _rdfxml(statements: Sequence[Statement]) -> bytes:
    """Return the RDF/XML document of `statements`; their graphs are ignored.

    Raises `rdfxml-impossible` with the property or class as `iri`, if it cannot be split into namespace and name (RDF/XML,
    section 2.1.4), or with the property, if a value contains a character that is not allowed in XML, a text direction or a
    triple term.
    """
    names = {each.predicate for each in statements}
    for each in statements:
        if each.predicate == TYPE and each.object[0] == "<":
            names.add(each.object)
        if _UNWRITABLE.search(each.object):
            raise Problem("rdfxml-impossible", iri=each.predicate[1:-1])
    for name in sorted(names):
        if not _NAMED.fullmatch(name) or name.startswith(_RESERVED) or name in _SYNTAX_NAMES:
            raise Problem("rdfxml-impossible", iri=name[1:-1])
    prefixes = {prefix: iri for prefix, iri in PREFIXES.items() if any(name.startswith(f"<{iri}") for name in names)}
    ordered = sorted(statements, key=lambda each: (each.subject, each.predicate != TYPE))  # the class names the element
    lines = "".join(f"{s} {p} {o} .\n" for s, p, o, _ in ordered)
    # The label of a blank node need not be a name of XML.
    renamed = rename_blank_nodes(pyoxigraph.parse(lines, format=RdfFormat.N_TRIPLES), BlankNodeNames(""))
    document = (
        pyoxigraph.serialize((quad.triple for quad in renamed), format=RdfFormat.RDF_XML, prefixes=prefixes) or b""
    )
    # A parser of XML would read a carriage return as a line feed.
    return _ROOT.sub(_sorted_namespaces, document, count=1).replace(b"\r", b"&#13;")


def _sorted_namespaces(root: re.Match[bytes]) -> bytes:
    """Return the root element with its namespaces in order; that of text directions is not used."""
    declared = sorted(each for each in root[1].split(b" ") if not each.startswith(b"xmlns:its="))
    return b"<rdf:RDF " + b" ".join(declared) + b">"
