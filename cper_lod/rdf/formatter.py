"""The canonical form of Turtle source files and of literals."""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from cper_lod.core.errors import Problem
from cper_lod.core.files import disk_errors, replace_content
from cper_lod.core.formats import TURTLE
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import XSD
from cper_lod.rdf.parse_errors import Pieces, check_comments, check_utf8
from cper_lod.rdf.reader import FORMATS, parse, read_bytes
from cper_lod.rdf.serialize import write

Object = NamedNode | BlankNode | Literal | Triple
_OBJECT_NODE: Final = "urn:x-cper-lod:object:"
# Most literals; the others are compared with what the store returns, which takes ten times as long.
_CANONICAL: Final = re.compile(
    rb'"(?:(?:0|-?[1-9][0-9]{0,15})"\^\^<XSD(?:integer|decimal)|-?(?:0|[1-9][0-9]{0,15})\.[0-9]{0,8}[1-9]"\^\^<XSDdecimal'
    rb'|[0-9]{4}-[0-9]{2}-[0-9]{2}"\^\^<XSDdate|(?:true|false)"\^\^<XSDboolean)>'.replace(b"XSD", XSD.encode())
)
_HOLDS: Final = NamedNode("urn:x-cper-lod:holds")
_STRING: Final = NamedNode(XSD + "string")
_NAMES: Final = SiteNames("https://site.invalid/")
"""Names that files are read and written with: a relative name stays one, whatever the address of its site."""


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
    with disk_errors(path):
        replace_content(path.resolve(), formatted)
    return True


def _canonical(data: bytes, path: Path) -> bytes:
    """Return a Turtle file in canonical form: the same triples, as `rdf.serialize.write` writes them.

    Not kept are: its prefixes (only those of `core.namespaces` are written; other prefixed names become full IRIs), the
    case of language tags (not significant, RDF 1.1 Concepts, section 3.3), and non-canonical forms of numbers, booleans and
    dates (`01`, `1000.00`, `+00:00`), see `canonical_forms`. Blank nodes that cannot be nested keep their labels.
    Formatting is idempotent.
    """
    if path.suffix.lower() != f".{TURTLE.suffix}":
        raise Problem("source-format", path=path, offers=f".{TURTLE.suffix}")
    quads = parse(
        data, path=path, scope=None, names=_NAMES
    )  # first, so that comments are searched in well-formed UTF-8
    check_comments(data, path)
    return write(canonical_literals(quads), TURTLE, names=_NAMES)


def canonical_literals(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield `quads` with each literal as a query returns it: see `canonical_forms`."""
    listed = list(quads)
    forms = canonical_forms(listed)
    for quad in listed:
        yield Quad(quad.subject, quad.predicate, forms.get(quad.object, quad.object), quad.graph_name)


def canonical_nquads(nquads: bytes) -> bytes:
    """Return canonical N-Quads with each literal as a query returns it: see `canonical_forms`."""
    if not (doubtful := _doubtful(nquads)):
        return nquads
    written = serialize(canonical_literals(_quads(doubtful)), format=RdfFormat.N_QUADS) or b""
    canonical = dict(zip(doubtful, written.splitlines(), strict=True))
    return b"\n".join(canonical.get(line, line) for line in nquads.split(b"\n"))


def forms_of_nquads(nquads: bytes) -> dict[Object, Object]:
    """Return the `canonical_forms` of canonical N-Quads."""
    return canonical_forms(_quads(_doubtful(nquads)))


def _doubtful(nquads: bytes) -> list[bytes]:
    """Return the lines with a literal that may have another form."""
    return [line for line in nquads.split(b"\n") if b'"^^<' in line and not _CANONICAL.search(line)]


def _quads(lines: list[bytes]) -> list[Quad]:
    parsed = pyoxigraph.parse(b"\n".join(lines), format=RdfFormat.N_QUADS)
    return [quad for quad in parsed if isinstance(quad, Quad)]


def canonical_forms(quads: Iterable[Quad]) -> dict[Object, Object]:
    """Return the objects of `quads` that a query returns in another form, with that form.

    Oxigraph stores the value of a number, boolean, date, time or duration, not its text: `19.0` becomes `19`, and
    `"1"^^xsd:nonNegativeInteger` becomes an xsd:integer. Unchanged are invalid literals and those that are more precise
    than its values.
    """
    objects = [
        each
        for each in dict.fromkeys(quad.object for quad in quads)
        if isinstance(each, Triple)
        or (isinstance(each, Literal) and each.language is None and each.datatype != _STRING)  # no text
    ]
    if not objects:
        return {}
    store = Store()
    store.bulk_extend(
        Quad(NamedNode(f"{_OBJECT_NODE}{number}"), _HOLDS, object_) for number, object_ in enumerate(objects)
    )
    forms: dict[Object, Object] = {}
    for quad in store:
        if isinstance(quad.subject, NamedNode):
            written = objects[int(quad.subject.value.removeprefix(_OBJECT_NODE))]
            if written != quad.object:
                forms[written] = quad.object
    return forms


def literal_lines(
    data: bytes, path: Path, wanted: Collection[object], names: SiteNames
) -> Iterator[tuple[int, object]]:
    """Yield the line, from 1, where each literal of a well-formed file that is in `wanted` ends, with the literal.

    For formats like Turtle: the parser tells no positions, but has read no more lines than it needs.
    """
    lines = Pieces(check_utf8(data, path), lines=True)
    for quad in pyoxigraph.parse(lines, format=FORMATS[path.suffix.lower()], base_iri=names.address):
        if quad.object in wanted:
            yield lines.count, quad.object
