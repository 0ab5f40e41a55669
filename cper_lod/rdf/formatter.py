"""The canonical form of a Turtle source file, and which literals a query would see other than written."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Store

from cper_lod.core.errors import Problem
from cper_lod.core.files import replace_content
from cper_lod.core.formats import TURTLE
from cper_lod.rdf.comments import comments
from cper_lod.rdf.reader import parse, read_bytes
from cper_lod.rdf.serialize import write

_LITERAL_NODE: Final = "urn:x-cper-lod:literal:"
_HOLDS: Final = NamedNode("urn:x-cper-lod:holds")


def canonical(path: Path) -> bytes:
    """Return the canonical Turtle of a Turtle file: the same triples, written as `rdf.writing` writes them.

    Three things about the file are not kept: its prefixes (only those of `terms.namespaces` are written; names with
    another prefix become whole IRIs), the case of language tags (RDF 1.1 Concepts, section 3.3: no difference of
    value), and forms of numbers, booleans and dates other than the canonical one (`01`, `1000.00`, `+00:00`), as
    `canonical_literals` says. Formatting what is formatted changes nothing.
    Raises `source-comments` for the first comment, which is never thrown away; `source-format` for another format than
    Turtle; and what `rdf.reading.read` raises.
    """
    return _canonical_bytes(read_bytes(path), path)


def is_canonical(path: Path) -> bool:
    """Return whether the file holds its canonical form already; raises what `canonical` raises."""
    data = read_bytes(path)
    return _canonical_bytes(data, path) == data


def rewrite(path: Path) -> bool:
    """Put a Turtle file into its canonical form and return whether that changed it.

    The file is replaced in one step and keeps its mode; a symbolic link stays one, the file it names is rewritten.
    Raises what `canonical` raises, and `permission` where the folder cannot be written; the file is then untouched.
    """
    data = read_bytes(path)
    formatted = _canonical_bytes(data, path)
    if formatted == data:
        return False
    try:
        replace_content(path.resolve(), formatted)
    except OSError as error:
        raise Problem("permission", path=path, message=error.strerror or str(error)) from error
    return True


def _canonical_bytes(data: bytes, path: Path) -> bytes:
    if path.suffix.lower() != f".{TURTLE.suffix}":
        raise Problem("source-format", path=path, offers=f".{TURTLE.suffix}")
    quads = parse(data, path=path)  # first: comments are told from text that is known to be UTF-8 and well-formed
    found = comments(data.decode("utf-8-sig"))
    if found:
        raise Problem("source-comments", path=path, line=found[0].line, comment=found[0].text)
    return write(canonical_literals(quads), TURTLE)


def canonical_literals(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield `quads` with the canonical form of every number, boolean, date, time and duration.

    The form is the one that Oxigraph's Store gives, the datatype always the one written: `"01"^^xsd:nonNegativeInteger`
    becomes `"1"^^xsd:nonNegativeInteger`, though the Store makes it an xsd:integer. What is no value of its datatype,
    or more exact than the Store can hold, stays as it is.
    """
    listed = list(quads)
    seen_as = _store_forms(listed)
    for quad in listed:
        literal = quad.object
        seen = seen_as.get(literal) if isinstance(literal, Literal) else None
        if seen is None or not isinstance(literal, Literal) or seen.value == literal.value:
            yield quad
        else:
            form = Literal(seen.value, datatype=literal.datatype)
            yield Quad(quad.subject, quad.predicate, form, quad.graph_name)


def rewritten_literals(quads: Iterable[Quad]) -> list[tuple[Quad, Literal]]:
    """Return every quad whose literal a query would see otherwise, with what it would see, in the order of `quads`.

    That is what Oxigraph's in-memory Store gives back with another form or datatype; language tags it leaves as they
    are read. All literals go through one Store in one pass.
    """
    listed = list(quads)
    seen_as = _store_forms(listed)
    return [
        (quad, seen_as[quad.object]) for quad in listed if isinstance(quad.object, Literal) and quad.object in seen_as
    ]


def _store_forms(quads: Iterable[Quad]) -> dict[Literal, Literal]:
    """Return the literals that a Store changes, with what it makes of them."""
    objects = (quad.object for quad in quads)
    literals = list(dict.fromkeys(each for each in objects if isinstance(each, Literal)))
    store = Store()
    store.bulk_extend(Quad(NamedNode(f"{_LITERAL_NODE}{number}"), _HOLDS, literal) for number, literal in enumerate(literals))
    changed = {}
    for quad in store:
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
            literal = literals[int(quad.subject.value.removeprefix(_LITERAL_NODE))]
            if literal != quad.object:
                changed[literal] = quad.object
    return changed
