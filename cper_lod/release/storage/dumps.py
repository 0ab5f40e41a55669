"""Graphs as whole files: what is published and each dataset of it, in several forms, the same bytes each time."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import RdfFormat, parse

from cper_lod.core.formats import TURTLE
from cper_lod.rdf import jsonld
from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.serialize import write
from cper_lod.release.storage.quad_file import Stored

LARGEST: Final = 500_000
"""Triples up to which a graph is given away as Turtle and JSON-LD too: their writers hold all of it in memory. A larger
one is there as N-Triples, compressed faster."""
_GZIP: Final = 31
"""What has zlib write a gzip header: one that notes no time, so that the same release has the same bytes."""
_TOGETHER: Final = 1 << 20


@dataclass(frozen=True)
class Dumped:
    """A graph that is given away as files: what they are called, the quads whose default graph it is, how many."""

    name: str
    quads: Stored
    triples: int

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The endings of the files that there are of it."""
        return ("nt.gz", "ttl", "jsonld") if self.triples <= LARGEST else ("nt.gz",)

    def write(self, folder: Path, context: bytes | None) -> None:
        """Write the files to a folder: N-Triples, Turtle, and JSON-LD, which holds its context; raises OSError.

        Without a context, N-Triples alone.
        """
        pack(self.quads.default(), folder / f"{self.name}.nt.gz", self.triples)
        if context is None or self.triples > LARGEST:
            return
        quads = list(parse(b"\n".join(self.quads.default()), RdfFormat.N_QUADS, lenient=True))
        (folder / f"{self.name}.ttl").write_bytes(write(quads, TURTLE))
        compiled = Context.parse(context)
        (folder / f"{self.name}.jsonld").write_bytes(jsonld.write(quads, None, compiled, address=None))


def pack(lines: Iterable[bytes], path: Path, count: int) -> None:
    """Write lines to a file, compressed: the better, the fewer they are. Raises OSError."""
    packer = zlib.compressobj(9 if count <= LARGEST else 6, zlib.DEFLATED, _GZIP)
    with path.open("wb") as file:
        for text in _joined(lines):
            file.write(packer.compress(text))
        file.write(packer.flush())


def _joined(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines, with line feeds, many at once."""
    held, size = list[bytes](), 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size > _TOGETHER:
            yield b"\n".join([*held, b""])
            held, size = [], 0
    yield b"\n".join([*held, b""])
