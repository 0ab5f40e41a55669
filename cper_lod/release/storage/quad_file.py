"""Quads in a sorted file, read anew on each use, and a graph that looks nodes up in such a file."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, Quad, RdfFormat, parse

from cper_lod.core.sorted_lines import SortedLines
from cper_lod.rdf.graph import Graph, Term
from cper_lod.release.storage.nodes import parse_quads

_READ: Final = 1 << 20
_MAX_QUADS: Final = 10_000
"""Quads about one node that are read: nodes that a catalogue mentions have fewer."""
# The graph name is the last word of a line. IRIs and blank nodes have no quote; the last word of a literal has one.
_GRAPH: Final = re.compile(rb' (<[^ "<>]*>|_:[^ "]+) \.$')


def graph_of(line: bytes) -> bytes:
    """Return the graph name of a canonical N-Quads line as written; empty for the default graph.

    >>> graph_of(b'<http://a> <http://b> "c <d>" .'), graph_of(b'<http://a> <http://b> "c" <http://g> .')
    (b'', b'<http://g>')
    """
    if line.count(b" ") == 3:
        return b""
    found = _GRAPH.search(line)
    return found[1] if found else b""


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file without their line feeds."""
    with path.open("rb", buffering=_READ) as file:
        for line in file:
            yield line[:-1]


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

    def __len__(self) -> int:
        return sum(1 for _ in self.lines())

    def lines(self) -> Iterator[bytes]:
        """Yield the lines without their line feeds."""
        return lines_of(self.path)

    def default(self) -> Iterator[bytes]:
        """Yield the lines of the default graph: sorted N-Triples."""
        return (line for line in self.lines() if not graph_of(line))


class LookupGraph(Graph):
    """A graph of some quads and, for each node that is looked up, the quads of a sorted file."""

    def __init__(self, quads: Iterable[Quad], data: SortedLines) -> None:
        super().__init__(quads)
        self._data = data
        self._loaded: set[Term] = set()

    def properties(self, node: Term) -> dict[str, list[Term]]:
        """Return the properties of `node`, each with its values."""
        self._load(node)
        return super().properties(node)

    def _load(self, node: Term) -> None:
        if isinstance(node, Literal) or node in self._loaded:
            return
        self._loaded.add(node)
        known = super().properties(node)
        more = parse_quads(islice(self._data.beginning(f"{node} ".encode()), _MAX_QUADS))
        self._add([each for each in more if each.object not in known.get(each.predicate.value, ())])
