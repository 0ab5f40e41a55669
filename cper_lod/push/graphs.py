"""The graphs of a release as another store is given them: N-Triples, streamed, their sizes and digests told first."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pyoxigraph import RdfFormat, parse

from cper_lod.release.release import DATA, Release

PIECE: Final = 256 * 1024
"""Bytes of a body that are handed over at once."""
_TERM: Final = rb'(?:<[^>]*>|_:\S+|"(?:[^"\\]++|\\.)*+"(?:\^\^<[^>]*>|@[\w-]+)?)'
_QUAD: Final = re.compile(rb"((?:<[^>]*>|_:\S+) <[^>]*> " + _TERM + rb" )(?:<([^>]*)> )?\.\n")


def split(line: bytes) -> tuple[bytes, str]:
    r"""Return a line of canonical N-Quads as one of N-Triples, and the name of its graph; "" is the default graph.

    >>> split(b'<a:s> <a:p> "o <a:x> ." <a:g> .\n'), split(b'<a:s> <a:p> <a:o> .\n')
    ((b'<a:s> <a:p> "o <a:x> ." .\n', 'a:g'), (b'<a:s> <a:p> <a:o> .\n', ''))
    """
    if found := _QUAD.fullmatch(line):
        return found[1] + b".\n", (found[2] or b"").decode()
    (quad,) = parse(line, RdfFormat.N_QUADS)  # a triple term, or whatever else the expression does not know
    graph: Any = quad.graph_name
    return f"{quad.triple} .\n".encode(), getattr(graph, "value", "")


@dataclass
class StoredGraph:
    """A named graph of a release, or its default graph (""): how many triples and bytes, and their digest."""

    name: str
    triples: int = 0
    size: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)

    @property
    def digest(self) -> str:
        """The SHA-256 of its N-Triples, in hexadecimal."""
        return str(self.sha256.hexdigest())


def graphs(release: Release) -> dict[str, StoredGraph]:
    """Return the graphs of a release by their names, the default graph among them; one pass over its data."""
    found = {"": StoredGraph("")}
    with (release.folder / DATA).open("rb") as file:
        for line in file:
            triple, name = split(line)
            graph = found.setdefault(name, StoredGraph(name))
            graph.triples += 1
            graph.size += len(triple)
            graph.sha256.update(triple)
    return found


class Triples:
    """The N-Triples of one graph: an iterable of bytes that can be gone over again, as HTTP may have to."""

    def __init__(self, data: Path, name: str) -> None:
        self._data, self._name = data, name

    def __iter__(self) -> Iterator[bytes]:
        piece = bytearray()
        with self._data.open("rb") as file:
            for line in file:
                triple, name = split(line)
                if name == self._name:
                    piece += triple
                    if len(piece) >= PIECE:
                        yield bytes(piece)
                        piece.clear()
        if piece:
            yield bytes(piece)
