"""Quads in a sorted file on disk, read again each time they are asked for; and the graph that looks things up in it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, Quad, RdfFormat, parse

from cper_lod.core.sorted_lines import SortedLines
from cper_lod.rdf.graph import Graph, Node, Term
from cper_lod.release.storage.nodes import parsed

_READ: Final = 1 << 20
_MOST: Final = 10_000
"""Quads about one node that are read: what a catalogue speaks of has fewer."""
# The name of a graph is the last word of a line; no IRI and no blank node holds a quote, which the last word of a
# literal does.
_GRAPH: Final = re.compile(rb' (<[^ "<>]*>|_:[^ "]+) \.$')


def graph_of(line: bytes) -> bytes:
    """Return the name of the graph of a canonical N-Quads line, as it is written there; empty for the default graph.

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
class Stored:
    """The quads of a sorted N-Quads file, each once; `holder` is what the file is gone with."""

    path: Path
    holder: object = field(default=None, repr=False, compare=False)

    def __reduce__(self) -> tuple[object, ...]:
        # In another process nothing holds the file: it is there as long as in this one.
        return Stored, (self.path,)

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


class Lookup(Graph):
    """What some quads say and, where it is looked for, what a sorted file says besides."""

    def __init__(self, quads: Iterable[Quad], data: SortedLines) -> None:
        super().__init__(quads)
        self._data = data
        self._looked: set[Term] = set()

    def properties(self, node: Term) -> dict[str, list[Term]]:
        """Return the properties of `node`, each with its values."""
        self._look(node)
        return super().properties(node)

    def name(self, node: Node, lang: str) -> str | None:
        """Return the label that is given to `node`, None where there is none."""
        self._look(node)
        return super().name(node, lang)

    def _look(self, node: Term) -> None:
        if isinstance(node, Literal) or node in self._looked:
            return
        self._looked.add(node)
        known = self._quads.get(node, [])
        more = parsed(islice(self._data.beginning(f"{node} ".encode()), _MOST))
        self._add(each for each in more if each not in known)
