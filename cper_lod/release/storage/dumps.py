"""Dumps: the published graph and each dataset as files in several formats, with reproducible bytes."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cper_lod.core.formats import TURTLE
from cper_lod.rdf import jsonld
from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.serialize import write
from cper_lod.release.storage.quad_file import QuadFile, parse_quads

MAX_TURTLE_TRIPLES: Final = 500_000
"""Largest graph, in triples, that is dumped as Turtle and JSON-LD too: their writers hold it in memory."""
_GZIP: Final = 31
"""Has zlib write a gzip header without a time, so that the same release has the same bytes."""
_BLOCK_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class GraphDump:
    """A graph to dump: the name of its files, the quads whose default graph it is, and the number of triples."""

    name: str
    quads: QuadFile
    triples: int

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The suffixes of its files."""
        return ("nt.gz", "ttl", "jsonld") if self.triples <= MAX_TURTLE_TRIPLES else ("nt.gz",)

    def write(self, folder: Path, context: bytes | None) -> None:
        """Write the files to a folder: N-Triples, Turtle and JSON-LD, with `context` inside; raises OSError.

        Without a context, N-Triples only.
        """
        write_gzip(self.quads.default(), folder / f"{self.name}.nt.gz")
        if context is None or self.triples > MAX_TURTLE_TRIPLES:
            return
        quads = parse_quads(self.quads.default())
        (folder / f"{self.name}.ttl").write_bytes(write(quads, TURTLE))
        compiled = Context.parse(context)
        (folder / f"{self.name}.jsonld").write_bytes(jsonld.write(quads, None, compiled, address=None))


def write_gzip(lines: Iterable[bytes], path: Path) -> tuple[str, int]:
    """Write lines to a gzip file; return SHA-256 and number of the bytes before compression; raises OSError."""
    digest, size = hashlib.sha256(), 0
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    with path.open("wb") as file:
        for text in _joined(lines):
            digest.update(text)
            size += len(text)
            file.write(packer.compress(text))
        file.write(packer.flush())
    return digest.hexdigest(), size


def _joined(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines, with line feeds, in blocks."""
    held, size = list[bytes](), 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size > _BLOCK_BYTES:
            yield b"\n".join([*held, b""])
            held, size = [], 0
    yield b"\n".join([*held, b""])
