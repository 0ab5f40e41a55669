"""Reading RDF files of any size: a file becomes pieces of canonical N-Quads, never all of it at once where it is lines.

N-Triples and N-Quads are read some lines at a time. Any other format is read whole, since only a parser that has seen
the beginning of such a file knows what its end means: large data come as lines.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple

from cper_lod.core.errors import Problem
from cper_lod.rdf import parse_errors
from cper_lod.rdf.reader import FORMATS, BlankNodeNames, open_source, parse, read_bytes, rename_blank_nodes

CHUNK_SIZE: Final = 1 << 20
"""Bytes that are read at once."""
_BATCH_SIZE: Final = 20_000
"""Quads that are written at once."""
_LINE_FORMATS: Final = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
_BLANK: Final = b"_:"


def iter_nquads(path: Path, *, scope: str = "", graph: NamedNode | None = None) -> Iterator[bytes]:
    """Yield the quads of a file as canonical N-Quads, some whole lines at a time, in file order; some may come twice.

    Blank nodes are named as `rdf.reading.parse` names them. What is in the default graph comes in `graph` where that is
    given. Raises what `rdf.reading.read` raises, some at the first piece that has the fault.
    """
    if FORMATS.get(path.suffix.lower()) in _LINE_FORMATS:
        yield from _iter_lines(path, scope, graph)
        return
    rest = iter(parse(read_bytes(path), path=path, scope=scope))
    while some := list(islice(rest, _BATCH_SIZE)):
        yield _to_nquads(_in_graph(some, graph))


def _iter_lines(path: Path, scope: str, graph: NamedNode | None) -> Iterator[bytes]:
    """Yield what a file of lines says; most have no blank node, and are written as they are parsed."""
    format_, names = FORMATS[path.suffix.lower()], BlankNodeNames(scope)
    before = 0
    for data in _iter_chunks(path):
        text = data
        try:
            checked = parse_errors.check_utf8(data, path)
            # A byte order mark stands at the beginning of a file, nowhere else.
            text = data if before else checked
            parse_errors.check_before_parsing(text, format_, path)
            quads = pyoxigraph.parse(text, format=format_)
            yield _to_nquads(_in_graph(rename_blank_nodes(quads, names) if _BLANK in text else quads, graph))
        except SyntaxError as error:
            raise _with_line_offset(parse_errors.problem_of(error, text, format_, path, None), before) from error
        except Problem as problem:
            raise _with_line_offset(problem, before) from problem
        before += data.count(b"\n")


def _iter_chunks(path: Path) -> Iterator[bytes]:
    """Yield the content of a file in pieces of whole lines; raises `source-missing`, `permission`."""
    with open_source(path) as file:
        rest = b""
        while block := file.read(CHUNK_SIZE):
            whole = block.rfind(b"\n") + 1
            if whole:
                yield rest + block[:whole]
                rest = block[whole:]
            else:
                rest += block
        if rest:
            yield rest


def _with_line_offset(problem: Problem, lines: int) -> Problem:
    """Return a problem of a piece of a file as one of the file, before which so many lines stand."""
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
