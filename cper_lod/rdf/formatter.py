"""The canonical form of a Turtle source file, and literals that queries see differently than written."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Store

from cper_lod.core.errors import Problem
from cper_lod.core.files import permission_problem, replace_content
from cper_lod.core.formats import TURTLE
from cper_lod.rdf.parse_errors import check_comments
from cper_lod.rdf.reader import parse, read_bytes
from cper_lod.rdf.serialize import write

_LITERAL_NODE: Final = "urn:x-cper-lod:literal:"
_HOLDS: Final = NamedNode("urn:x-cper-lod:holds")


def is_canonical(path: Path) -> bool:
    """Return whether the file is in canonical form.

    Raises `source-comments` for the first comment, since comments are never dropped; `source-format` for any format but
    Turtle; and what `rdf.reader.read` raises.
    """
    data = read_bytes(path)
    return _canonical(data, path) == data


def rewrite(path: Path) -> bool:
    """Rewrite a Turtle file in canonical form, and return whether that changed it.

    The file is replaced atomically and keeps its mode; the target of a symbolic link is rewritten. Raises what
    `is_canonical` raises, and `permission` if the folder is not writable; the file is then unchanged.
    """
    data = read_bytes(path)
    formatted = _canonical(data, path)
    if formatted == data:
        return False
    try:
        replace_content(path.resolve(), formatted)
    except OSError as error:
        raise permission_problem(error, path) from error
    return True


def _canonical(data: bytes, path: Path) -> bytes:
    """Return a Turtle file in canonical form: the same triples, as `rdf.serialize.write` writes them.

    Not kept are: its prefixes (only those of `core.namespaces` are written; other prefixed names become full IRIs), the
    case of language tags (not significant, RDF 1.1 Concepts, section 3.3), and non-canonical forms of numbers, booleans and
    dates (`01`, `1000.00`, `+00:00`), see `canonical_literals`. Formatting is idempotent.
    """
    if path.suffix.lower() != f".{TURTLE.suffix}":
        raise Problem("source-format", path=path, offers=f".{TURTLE.suffix}")
    quads = parse(data, path=path)  # first, so that comments are searched in well-formed UTF-8
    check_comments(data, path)
    return write(canonical_literals(quads), TURTLE)


def canonical_literals(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield `quads` with numbers, booleans, dates, times and durations in canonical form.

    The lexical form is that of Oxigraph's Store, but the datatype is kept: `"01"^^xsd:nonNegativeInteger` becomes
    `"1"^^xsd:nonNegativeInteger`, although the Store returns an xsd:integer. Invalid literals, and those more precise than
    the Store supports, are unchanged.
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
    """Return each quad whose literal a query sees differently than written, with what it sees, in the order of `quads`.

    A query sees what Oxigraph's in-memory Store returns, possibly with another form or datatype; language tags are
    unchanged. All literals go through one Store.
    """
    listed = list(quads)
    seen_as = _store_forms(listed)
    return [
        (quad, seen_as[quad.object]) for quad in listed if isinstance(quad.object, Literal) and quad.object in seen_as
    ]


def _store_forms(quads: Iterable[Quad]) -> dict[Literal, Literal]:
    """Return the literals that a Store changes, with what it returns."""
    objects = (quad.object for quad in quads)
    literals = list(dict.fromkeys(each for each in objects if isinstance(each, Literal)))
    store = Store()
    store.bulk_extend(
        Quad(NamedNode(f"{_LITERAL_NODE}{number}"), _HOLDS, literal) for number, literal in enumerate(literals)
    )
    changed = {}
    for quad in store:
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal):
            literal = literals[int(quad.subject.value.removeprefix(_LITERAL_NODE))]
            if literal != quad.object:
                changed[literal] = quad.object
    return changed
