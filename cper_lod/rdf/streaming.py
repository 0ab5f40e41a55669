"""Reads RDF files of any size as chunks of canonical N-Quads.

N-Triples and N-Quads are read some lines at a time. Files in other formats are read as a whole, because their end can
only be parsed together with their beginning.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple

from cper_lod.core.errors import Phrase, Problem
from cper_lod.rdf import parse_errors
from cper_lod.rdf.reader import (
    FORMATS,
    BlankNodeNames,
    bounded_terms,
    open_source,
    parse,
    read_bytes,
    rename_blank_nodes,
)

CHUNK_SIZE: Final = 1 << 20
"""Bytes read at once."""
_BATCH_SIZE: Final = 20_000
"""Quads serialized at once."""
MAX_LINE_BYTES: Final = 64 << 20
"""The longest line of a file that is read line by line."""
_LINE_FORMATS: Final = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
_BLANK: Final = b"_:"


def iter_nquads(path: Path, *, scope: str = "", graph: NamedNode | None = None) -> Iterator[bytes]:
    """Yield the quads of a file as canonical N-Quads, some lines at a time, in file order, with possible duplicates.

    Blank nodes are named as in `rdf.reader.parse`. Quads in the default graph are moved to `graph` if it is given. Raises
    what `rdf.reader.read` raises, possibly only at a later chunk.
    """
    if FORMATS.get(path.suffix.lower()) in _LINE_FORMATS:
        yield from _iter_lines(path, scope, graph)
        return
    rest = iter(parse(read_bytes(path), path=path, scope=scope))
    while some := list(islice(rest, _BATCH_SIZE)):
        yield _to_nquads(_in_graph(some, graph))


def _iter_lines(path: Path, scope: str, graph: NamedNode | None) -> Iterator[bytes]:
    """Yield the content of a file of lines; chunks without blank nodes are passed on unchanged."""
    format_, names = FORMATS[path.suffix.lower()], BlankNodeNames(scope)
    before = 0
    for data in _iter_chunks(path):
        if len(data) > MAX_LINE_BYTES and data.find(b"\n", 0, MAX_LINE_BYTES) < 0:
            line = Phrase(f"line {before + 1}", f"la ligne {before + 1}")
            raise Problem("source-too-large", path=path, what=line, limit=MAX_LINE_BYTES >> 20)
        text = data
        try:
            checked = parse_errors.check_utf8(data, path)
            # A byte order mark is only allowed at the beginning of a file.
            text = data if before else checked
            parse_errors.check_before_parsing(text, format_, path)
            quads = pyoxigraph.parse(text, format=format_)
            with bounded_terms(path):
                nquads = _to_nquads(_in_graph(rename_blank_nodes(quads, names) if _BLANK in text else quads, graph))
            yield nquads
        except SyntaxError as error:
            raise _with_line_offset(parse_errors.problem_of(error, text, format_, path), before) from error
        except Problem as problem:
            raise _with_line_offset(problem, before) from problem
        before += data.count(b"\n")


def _iter_chunks(path: Path) -> Iterator[bytes]:
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
        if rest:
            yield rest


def _with_line_offset(problem: Problem, lines: int) -> Problem:
    """Return the problem of a chunk as a problem of the file, given the number of lines before the chunk."""
    where = dict(problem.params)
    if isinstance(line := where.get("line"), int):
        where["line"] = line + lines
    return Problem(problem.kind.code, **where)


def _in_graph(quads: Iterable[Quad | Triple], graph: NamedNode | None) -> Iterable[Quad | Triple]:
    if graph is None:
        return quads
    return (
        Quad(each.subject, each.predicate, each.object, graph)
        if isinstance(each, Quad) and isinstance(each.graph_name, DefaultGraph)
        else each
        for each in quads
    )


def _to_nquads(quads: Iterable[Quad | Triple]) -> bytes:
    return pyoxigraph.serialize(quads, format=RdfFormat.N_QUADS) or b""  # type: ignore[arg-type]  # parsed: all quads
