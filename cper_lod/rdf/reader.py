"""Reads RDF files as quads; errors are problems with a line number.

Nothing is fetched, file paths do not get into the data, and the same bytes give the same quads in the same order.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.files import file_problem
from cper_lod.rdf import parse_errors

FORMATS: Final[Mapping[str, RdfFormat]] = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".trig": RdfFormat.TRIG,
    ".rdf": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
    ".json": RdfFormat.JSON_LD,
}
"""Format of each file suffix (case-insensitive)."""
TURTLE_LIKE: Final = (".ttl", ".trig", ".nt", ".nq")
"""Suffixes of Turtle and of the formats with its tokens."""
MAX_FILE_MIB: Final = 512
"""The largest file that is read as a whole."""
_MAX_TERM_MIB: Final = 16
"""The longest name or text that the parser reads; it says so in an error of its own."""


def read(path: Path, *, scope: str = "") -> list[Quad]:
    """Return the quads of a file in file order, without duplicates; see `parse` for blank nodes and problems.

    Also raises what `read_bytes` raises.
    """
    return parse(read_bytes(path), path=path, scope=scope)


def read_bytes(path: Path) -> bytes:
    """Return the content of a file; raises what `open_source` raises, and `source-too-large`."""
    with open_source(path) as file:
        if os.fstat(file.fileno()).st_size > MAX_FILE_MIB << 20:
            raise Problem("source-too-large", path=path, what=Phrase("the file", "le fichier"), limit=MAX_FILE_MIB)
        return file.read()


@contextmanager
def bounded_terms(path: Path) -> Iterator[None]:
    """Raise `source-too-large` where the parser meets a name or a text that is too long."""
    try:
        yield
    except MemoryError as error:
        if "buffer maximal size" not in str(error):
            raise
        term = Phrase("a name or a text in it", "un nom ou un texte du fichier")
        raise Problem("source-too-large", path=path, what=term, limit=_MAX_TERM_MIB) from error


@contextmanager
def open_source(path: Path) -> Iterator[BufferedReader]:
    """Open a file for reading; raises `source-missing`, `source-endless`, or `permission` for any other error."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:  # a Path takes no opener
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Problem("source-endless", path=path)
            yield file
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Problem("source-missing", path=path) from error
    except OSError as error:
        raise file_problem(error, path) from error


def _open_without_waiting(path: str, flags: int) -> int:
    """Open a file; a named pipe does not wait for somebody who writes into it."""
    return os.open(path, flags | os.O_NONBLOCK)


def parse(data: bytes, *, path: Path, scope: str | None = "") -> list[Quad]:
    """Return the quads in `data`, the content of `path`, whose suffix determines the format.

    Blank nodes are named `scope` + "b" + number in order of occurrence, so files read with different scopes never share
    one; with None, they keep the labels that they have in the file. A relative IRI is an error unless the file declares a base. JSON-LD keys that the context does
    not define are ignored (JSON-LD 1.1). An empty file has no quads.
    Raises `source-format`, `source-encoding`, `source-syntax`, `source-too-large` and `source-context` (a remote JSON-LD
    context).
    """
    format_ = FORMATS.get(path.suffix.lower())
    if format_ is None:
        raise Problem("source-format", path=path, offers=", ".join(FORMATS))
    data = parse_errors.check_utf8(data, path)
    if not data.strip():
        return []
    parse_errors.check_before_parsing(data, format_, path)
    try:
        with bounded_terms(path):
            found = pyoxigraph.parse(data, format=format_, base_iri=parse_errors.BASES.get(format_))
            named = found if scope is None else rename_blank_nodes(found, BlankNodeNames(scope))
            quads = [quad for quad in dict.fromkeys(named) if isinstance(quad, Quad)]
    except SyntaxError as error:
        raise parse_errors.problem_of(error, data, format_, path) from error
    if format_ is RdfFormat.JSON_LD:
        parse_errors.check_relative_iris(quads, data, path)
    return quads


class BlankNodeNames:
    """New names of blank nodes, numbered from 1."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.known: dict[str, BlankNode] = {}

    def node(self, term: NamedNode | BlankNode) -> NamedNode | BlankNode:
        """Return the term, with its new name if it is a blank node."""
        if isinstance(term, NamedNode):
            return term
        if term.value not in self.known:
            self.known[term.value] = BlankNode(f"{self.scope}b{len(self.known) + 1}")
        return self.known[term.value]

    def object(self, term: NamedNode | BlankNode | Literal | Triple) -> NamedNode | BlankNode | Literal | Triple:
        """Return the object of a triple, with new names of blank nodes."""
        if isinstance(term, Triple):
            return Triple(self.node(term.subject), term.predicate, self.object(term.object))  # type: ignore[arg-type]
        return term if isinstance(term, Literal) else self.node(term)


def rename_blank_nodes(quads: Iterable[Quad | Triple], names: BlankNodeNames) -> Iterator[Quad]:
    """Yield the quads with blank nodes renamed; quads without blank nodes are passed on unchanged."""
    for quad in quads:
        assert isinstance(quad, Quad)  # noqa: S101 - pyoxigraph.parse yields quads only, its stub says otherwise
        subject, object_, graph = quad.subject, quad.object, quad.graph_name
        if not isinstance(object_, NamedNode | Literal) or BlankNode in (type(subject), type(graph)):
            subject = names.node(subject)  # type: ignore[arg-type]  # RDF 1.2 has no triple as subject
            object_ = names.object(object_)
            yield Quad(
                subject, quad.predicate, object_, graph if isinstance(graph, DefaultGraph) else names.node(graph)
            )
        else:
            yield quad
