"""Sorted quads in files, read anew on each use, and a graph that looks nodes up in such a file while a release is built."""

import gzip
import io
import mmap
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Final, cast

from pyoxigraph import Literal, Quad, RdfFormat, Triple, parse

from cper_lod.rdf.graph import Graph, Node, Term

_READ: Final = 1 << 20
_BLOCK_LINES: Final = 10_000
_MAX_QUADS: Final = 10_000
"""Quads about one node that are read: nodes that a catalogue mentions have fewer."""
_KEPT_NODES: Final = 20_000
"""Nodes that a graph keeps: some 100 MB."""
# The graph name is the last word of a line. IRIs and blank nodes have no quote; the last word of a literal has one.
_GRAPH: Final = re.compile(rb' (<[^ "<>]*>|_:[^ "]+) \.$')


def graph_of(line: bytes) -> bytes:
    """Return the graph name of a canonical N-Quads line as written; empty for the default graph.

    >>> graph_of(b'<http://a> <http://b> "c <d>" .'), graph_of(b'<http://a> <http://b> "c" <http://g> .')
    (b'', b'<http://g>')
    """
    return b"" if line.count(b" ") == 3 else graph_at_end(line)


def graph_at_end(text: bytes) -> bytes:
    """Return the graph name at the end of a line, or of the part of it that follows the predicate; empty without one."""
    found = _GRAPH.search(text)
    return found[1] if found else b""


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file without their line feeds."""
    with path.open("rb", buffering=_READ) as file:
        for line in file:
            yield line[:-1]


def parse_quads(lines: Iterable[bytes]) -> list[Quad]:
    """Parse N-Quads lines that were written from parsed quads, so without checks."""
    text = b"\n".join(lines)
    return list(parse(text, RdfFormat.N_QUADS, lenient=True)) if text else []


def parse_lines(lines: Iterable[bytes]) -> Iterator[Quad]:
    """Yield the quads of any number of N-Quads lines."""
    rest = iter(lines)
    while some := list(islice(rest, _BLOCK_LINES)):
        yield from parse_quads(some)


def gzip_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a compressed file without their line feeds; raises OSError, EOFError and zlib.error."""
    with gzip.open(path) as file:
        for line in io.BufferedReader(file, _READ):
            yield line[:-1]


def differing(before: Iterator[bytes], after: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield the lines that only one of two sorted streams has, in order, each with whether `after` has it."""
    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if old == new:
            old, new = next(before, None), next(after, None)
        elif new is None or (old is not None and old < new):
            yield cast("bytes", old), False
            old = next(before, None)
        else:
            yield new, True
            new = next(after, None)


@dataclass(frozen=True)
class QuadFile:
    """The quads of a sorted N-Quads file, each once; `holder` is the object with which the file is removed."""

    path: Path
    holder: object = field(default=None, repr=False, compare=False)

    def __reduce__(self) -> tuple[object, ...]:
        # Another process needs no holder: the file exists as long as it does in this process.
        return QuadFile, (self.path,)

    def __iter__(self) -> Iterator[Quad]:
        quads = parse(path=self.path, format=RdfFormat.N_QUADS, lenient=True)
        return (quad for quad in quads if isinstance(quad, Quad))

    def lines(self) -> Iterator[bytes]:
        """Yield the lines without their line feeds."""
        return lines_of(self.path)

    def default(self) -> Iterator[bytes]:
        """Yield the lines of the default graph: sorted N-Triples."""
        return (line for line in self.lines() if not graph_of(line))

    @cached_property
    def mapped(self) -> mmap.mmap | bytes:
        """The file, mapped into memory: a process that maps a file ends if another one shortens it, so only builds do so."""
        with self.path.open("rb") as file:  # an empty file cannot be mapped
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if self.path.stat().st_size else b""

    def beginning(self, start: bytes) -> Iterator[bytes]:
        """Yield the lines that begin with `start`, without their line feeds."""
        data, size = self.mapped, len(start)

        def beginning_at(place: int) -> bytes:
            """Return the beginning of the line that has the byte at a place."""
            line = data.rfind(b"\n", 0, place) + 1
            return data[line : line + size]

        place = bisect_left(range(len(data)), start, key=beginning_at)
        while place < len(data) and data[place : place + size] == start:
            end = data.find(b"\n", place)
            yield data[place:end]
            place = end + 1


class LookupGraph(Graph):
    """A graph of some quads and, for each node that is looked up, the quads of a sorted file; it keeps those read last."""

    def __init__(self, quads: Iterable[Quad], data: QuadFile) -> None:
        super().__init__(quads)
        self._data = data
        # A cached method would form a reference cycle: the file would stay mapped until garbage is collected.
        self._kept = lru_cache(_KEPT_NODES)(partial(_properties, self._by_subject, data))

    def properties(self, node: Term) -> dict[str, list[Term]]:
        """Return the properties of `node`, each with its values."""
        return {} if isinstance(node, Literal) else self._kept(node)

    def beginning(self, iri: str) -> Iterator[Quad]:
        """Yield the quads of the file about the resources whose IRI starts with `iri`."""
        return iter(parse_quads(self._data.beginning(f"<{iri}".encode())))


def _properties(known: Mapping[Node, dict[str, list[Term]]], data: QuadFile, node: Node) -> dict[str, list[Term]]:
    """Return what is known of a node, and what a file states of it."""
    found = {name: [*values] for name, values in known.get(node, {}).items()}
    for quad in parse_quads(islice(data.beginning(f"{node} ".encode()), _MAX_QUADS)):
        value, values = quad.object, found.setdefault(quad.predicate.value, [])
        if not isinstance(value, Triple) and value not in values:  # triple terms are not shown on pages
            values.append(value)
    return found
