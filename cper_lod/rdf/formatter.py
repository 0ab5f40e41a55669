"""The canonical form of Turtle source files and of literals."""

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from cper_lod.core.errors import Problem
from cper_lod.core.files import file_problem, replace_content
from cper_lod.core.formats import TURTLE
from cper_lod.core.namespaces import XSD
from cper_lod.rdf.parse_errors import QUOTED, check_comments
from cper_lod.rdf.reader import parse, read_bytes
from cper_lod.rdf.serialize import write

Object = NamedNode | BlankNode | Literal | Triple
_OBJECT_NODE: Final = "urn:x-cper-lod:object:"
# Most literals; the others are compared with what the store returns, which takes ten times as long.
_CANONICAL: Final = re.compile(
    rb'"(?:(?:0|-?[1-9][0-9]{0,15})"\^\^<XSD(?:integer|decimal)|-?(?:0|[1-9][0-9]{0,15})\.[0-9]{0,8}[1-9]"\^\^<XSDdecimal'
    rb'|[0-9]{4}-[0-9]{2}-[0-9]{2}"\^\^<XSDdate|(?:true|false)"\^\^<XSDboolean)>'.replace(b"XSD", XSD.encode())
)
_TOKEN: Final = re.compile(
    rf"""(?:{QUOTED})(?P<type>\s*\^\^\s*(?:<[^>]*>|[^\s<>"'();,\[\]]+))?|\#[^\r\n]*"""
    r"""|(?P<word>(?:[^\s<>"'\#\[\]();,\\]|\\.)+)""",
    re.DOTALL,
)
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_PREFIX: Final = re.compile(r"@?\bprefix\s+([^\s:]*:)\s*(<[^>]*>)", re.IGNORECASE)
_HOLDS: Final = NamedNode("urn:x-cper-lod:holds")
_STRING: Final = NamedNode(XSD + "string")


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
        raise file_problem(error, path) from error
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
    quads = parse(data, path=path, scope=None)  # first, so that comments are searched in well-formed UTF-8
    check_comments(data, path)
    return write(canonical_literals(quads), TURTLE)


def canonical_literals(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield `quads` with each literal as a query returns it: see `canonical_forms`."""
    listed = list(quads)
    forms = canonical_forms(listed)
    for quad in listed:
        yield Quad(quad.subject, quad.predicate, forms.get(quad.object, quad.object), quad.graph_name)


def canonical_nquads(nquads: bytes) -> bytes:
    """Return canonical N-Quads with each literal as a query returns it: see `canonical_forms`."""
    lines = nquads.split(b"\n")
    doubtful = [number for number, line in enumerate(lines) if _is_doubtful(line)]
    if not doubtful:
        return nquads
    quads = canonical_literals(_quads(b"\n".join(lines[number] for number in doubtful)))
    written = (serialize(quads, format=RdfFormat.N_QUADS) or b"").split(b"\n")[:-1]
    for number, line in zip(doubtful, written, strict=True):
        lines[number] = line
    return b"\n".join(lines)


def forms_of_nquads(nquads: bytes) -> dict[Object, Object]:
    """Return the `canonical_forms` of canonical N-Quads."""
    return canonical_forms(_quads(b"\n".join(line for line in nquads.split(b"\n") if _is_doubtful(line))))


def _is_doubtful(line: bytes) -> bool:
    return b'"^^<' in line and not _CANONICAL.search(line)


def _quads(nquads: bytes) -> list[Quad]:
    return [quad for quad in pyoxigraph.parse(nquads, format=RdfFormat.N_QUADS) if isinstance(quad, Quad)]


def canonical_forms(quads: Iterable[Quad]) -> dict[Object, Object]:
    """Return the objects of `quads` that a query returns in another form, with that form.

    Oxigraph stores the value of a number, boolean, date, time or duration, not its text: `19.0` becomes `19`, and
    `"1"^^xsd:nonNegativeInteger` becomes an xsd:integer. Unchanged are invalid literals and those that are more precise
    than its values.
    """
    objects = [each for each in dict.fromkeys(quad.object for quad in quads) if _has_value(each)]
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


def _has_value(term: Object) -> bool:
    """Return whether a term may be stored by its value: a triple term, or a literal of another type than text."""
    if isinstance(term, Literal):
        return term.language is None and term.datatype != _STRING
    return isinstance(term, Triple)


def literal_lines(data: bytes, wanted: Collection[object]) -> Iterator[tuple[int, object]]:
    """Yield the line, from 1, of each typed literal of a well-formed file that is in `wanted`, with the literal.

    The parser tells no positions, so that the file is searched for the tokens that mean literals.
    """
    text = data.decode("utf-8-sig")
    prefixes = "".join(f"PREFIX {name} {iri}\n" for name, iri in _PREFIX.findall(text))
    literals: dict[str, object] = {}
    line, before = 1, 0
    for token in _TOKEN.finditer(text):
        if not (token["type"] or (token["word"] and _NUMBER.match(token["word"]))):
            continue
        written = token[0].rstrip(".")
        if written not in literals:
            literals[written] = _parse(written, prefixes)
        if literals[written] in wanted:
            line += text.count("\n", before, token.start())
            before = token.start()
            yield line, literals[written]


def _parse(written: str, prefixes: str) -> object:
    """Return the literal that a token means; None if the token is none."""
    try:
        (quad,) = pyoxigraph.parse(f"{prefixes}<urn:s> <urn:p> {written} .", format=RdfFormat.TURTLE)
    except (SyntaxError, ValueError):
        return None
    return quad.object if isinstance(quad, Quad) else None
