"""Reads RDF files as quads; errors are problems with a line number.

Nothing is fetched, file paths do not get into the data, and the same bytes give the same quads in the same order.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.files import file_problem
from cper_lod.core.formats import GRAPH_FORMATS
from cper_lod.core.names import SiteNames
from cper_lod.rdf import parse_errors
from cper_lod.rdf.statements import whole_names

FORMATS: Final[Mapping[str, RdfFormat]] = {
    **{f".{each.suffix}": known for each in GRAPH_FORMATS if (known := RdfFormat.from_media_type(each.media_type))},
    ".xml": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".json": RdfFormat.JSON_LD,
}
"""Format of each file suffix (case-insensitive)."""
TURTLE_LIKE: Final = tuple(f".{each.suffix}" for each in GRAPH_FORMATS if each.syntax in ("turtle", "lines"))
"""Suffixes of Turtle and of the formats with its tokens."""
MAX_FILE_MIB: Final = 512
"""The largest file that is read as a whole."""
_MAX_TERM_MIB: Final = 16
"""The longest name or text that the parser reads; it says so in an error of its own."""
CHUNK_SIZE: Final = 1 << 20
"""Bytes of a file of lines that are read at once."""
_BATCH_SIZE: Final = 20_000
"""Quads serialized at once."""
MAX_LINE_BYTES: Final = 64 << 20
"""The longest line of a file that is read line by line."""


def read(path: Path, *, scope: str = "", names: SiteNames | None = None) -> list[Quad]:
    """Return the quads of a file in file order, without duplicates; see `parse` for names, blank nodes and problems.

    Also raises what `read_bytes` raises.
    """
    return parse(read_bytes(path), path=path, scope=scope, names=names)


def read_bytes(path: Path) -> bytes:
    """Return the content of a file; raises what `open_source` raises, and `source-too-large`."""
    with open_source(path) as file:
        if os.fstat(file.fileno()).st_size > MAX_FILE_MIB << 20:
            raise Problem("source-too-large", path=path, what=Phrase("the file", "le fichier"), limit=MAX_FILE_MIB)
        return file.read()


@contextmanager
def open_source(path: Path) -> Iterator[BufferedReader]:
    """Open a file for reading; raises `source-missing`, `source-endless`, or `permission` for any other error."""
    try:
        # A named pipe must not wait for somebody who writes into it. A Path takes no opener.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Problem("source-endless", path=path)
            yield file
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Problem("source-missing", path=path) from error
    except OSError as error:
        raise file_problem(error, path) from error


def parse(data: bytes, *, path: Path, scope: str | None = "", names: SiteNames | None = None) -> list[Quad]:
    """Return the quads in `data`, the content of `path`, whose suffix determines the format.

    Blank nodes are named `scope` + "b" + number in order of occurrence, so files read with different scopes never share
    one; with None, they keep the labels that they have in the file. With `names`, a Turtle or TriG file may name things of
    the site relatively (`<id/contrat/x>`, see `core.names.PARTS`); any other relative IRI is an error unless the file declares
    a base. JSON-LD keys that the context does not define are ignored (JSON-LD 1.1). An empty file has no quads.
    Raises `source-format`, `source-relative`, `source-encoding`, `source-syntax`, `source-too-large` and `source-context` (a remote JSON-LD
    context).
    """
    format_ = FORMATS.get(path.suffix.lower())
    if format_ is None:
        raise Problem("source-format", path=path, offers=[*FORMATS])
    data = parse_errors.check_utf8(data, path)
    if not data.strip():
        return []
    parse_errors.check_before_parsing(data, format_, path)
    if format_ in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS):
        data = whole_names(data, names)
    base = parse_errors.base_of(data, format_, path, names)
    try:
        found = pyoxigraph.parse(data, format=format_, base_iri=base)
        named = found if scope is None else rename_blank_nodes(found, BlankNodeNames(scope))
        quads = [quad for quad in dict.fromkeys(named) if isinstance(quad, Quad)]
    except SyntaxError as error:
        raise parse_errors.problem_of(error, data, format_, path, base) from error
    except MemoryError as error:
        if "buffer maximal size" not in str(error):
            raise
        term = Phrase("a name or a text in it", "un nom ou un texte du fichier")
        raise Problem("source-too-large", path=path, what=term, limit=_MAX_TERM_MIB) from error
    if format_ == RdfFormat.JSON_LD:
        parse_errors.check_relative_iris(quads, data, path)
    return quads


class BlankNodeNames:
    """New names of blank nodes, numbered from 1."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.known: dict[BlankNode, BlankNode] = {}

    def rename(self, term: Any) -> Any:  # noqa: ANN401  # a term of the same type
        """Return a term, or the name of a graph, with new names of blank nodes."""
        if isinstance(term, Triple):
            return Triple(self.rename(term.subject), term.predicate, self.rename(term.object))
        if not isinstance(term, BlankNode):
            return term
        if term not in self.known:
            self.known[term] = BlankNode(f"{self.scope}b{len(self.known) + 1}")
        return self.known[term]


def rename_blank_nodes(quads: Iterable[Quad | Triple], names: BlankNodeNames) -> Iterator[Quad]:
    """Yield the quads with blank nodes renamed; quads without blank nodes are passed on unchanged."""
    for quad in quads:
        assert isinstance(quad, Quad)  # noqa: S101 - pyoxigraph.parse yields quads only, its stub says otherwise
        subject, object_, graph = quad.subject, quad.object, quad.graph_name
        if not isinstance(object_, NamedNode | Literal) or BlankNode in (type(subject), type(graph)):
            yield Quad(names.rename(subject), quad.predicate, names.rename(object_), names.rename(graph))
        else:
            yield quad


def iter_nquads(
    path: Path, *, scope: str = "", graph: NamedNode | None = None, names: SiteNames | None = None
) -> Iterator[bytes]:
    """Yield the quads of a file of any size as canonical N-Quads, some at a time, in file order, with possible duplicates.

    N-Triples and N-Quads are read some lines at a time. Files in other formats are read as a whole, because their end can
    only be parsed together with their beginning. Blank nodes are named as by `parse`. Quads in the default graph are moved
    to `graph` if it is given. Raises what `read` raises, possibly only at a later chunk.
    """
    format_ = FORMATS.get(path.suffix.lower())
    if format_ in (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS):
        yield from _iter_lines(path, format_, BlankNodeNames(scope), graph, names)
        return
    rest = iter(read(path, scope=scope, names=names))
    while some := list(islice(rest, _BATCH_SIZE)):
        yield _to_nquads(some, graph)


def _iter_lines(
    path: Path, format_: RdfFormat, blank: BlankNodeNames, graph: NamedNode | None, names: SiteNames | None
) -> Iterator[bytes]:
    """Yield the content of a file of lines; quads in chunks without blank nodes are not renamed one by one."""
    before = 0
    for data in iter_chunks(path):
        if len(data) > MAX_LINE_BYTES and data.find(b"\n", 0, MAX_LINE_BYTES) < 0:
            line = Phrase(f"line {before + 1}", f"la ligne {before + 1}")
            raise Problem("source-too-large", path=path, what=line, limit=MAX_LINE_BYTES >> 20)
        try:
            # Only the beginning of a file may have a byte order mark, or tell that it is UTF-16.
            text = parse_errors.check_utf8((b"\n" * 4 if before else b"") + data, path)
            parse_errors.check_before_parsing(text, format_, path)
            text = whole_names(text, names)
            quads = pyoxigraph.parse(text, format=format_)
            nquads = _to_nquads(rename_blank_nodes(quads, blank) if b"_:" in text else quads, graph)
        except (SyntaxError, MemoryError, Problem):
            parse(b"\n" * before + data, path=path, names=names)  # raises the same, with the line in the file
            raise
        yield nquads
        before += data.count(b"\n")


def iter_chunks(path: Path) -> Iterator[bytes]:
    """Yield the content of a file in chunks of whole lines, and a line that is too long so far as it is read by then.

    Raises what `open_source` raises.
    """
    with open_source(path) as file:
        rest = b""
        while block := file.read(CHUNK_SIZE):
            whole = block.rfind(b"\n") + 1
            if whole or len(rest) > MAX_LINE_BYTES:
                yield rest + block[:whole]
                rest = block[whole:]
            else:
                rest += block
        yield rest


def _to_nquads(quads: Iterable[Quad | Triple], graph: NamedNode | None) -> bytes:
    if graph is not None:
        quads = (
            Quad(each.subject, each.predicate, each.object, graph)
            if isinstance(each, Quad) and isinstance(each.graph_name, DefaultGraph)
            else each
            for each in quads
        )
    return pyoxigraph.serialize(quads, format=RdfFormat.N_QUADS) or b""  # type: ignore[arg-type]  # parsed: all quads
