"""Graphs as whole files: what is published and each dataset of it, in several forms, the same bytes each time."""

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Quad

from cper_lod.rdf import jsonld
from cper_lod.rdf.context import Context
from cper_lod.rdf.writing import write
from cper_lod.terms.formats import N_TRIPLES, TURTLE


@dataclass(frozen=True)
class Dumped:
    """A graph that is given away as files: what they are called, its triples, and these as sorted N-Triples."""

    name: str
    quads: list[Quad]
    ntriples: bytes

    @classmethod
    def of(cls, name: str, quads: Iterable[Quad]) -> "Dumped":
        """Return the default graph of `quads`, to be called `name`."""
        default = [quad for quad in quads if isinstance(quad.graph_name, DefaultGraph)]
        return cls(name, default, write(default, N_TRIPLES))

    def files(self, context: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield the graph as N-Triples, Turtle and JSON-LD, which holds its context, by file name."""
        yield self.packed()
        yield f"{self.name}.ttl", write(self.quads, TURTLE)
        yield f"{self.name}.jsonld", jsonld.write(self.quads, None, Context.parse(context), address=None)

    def packed(self) -> tuple[str, bytes]:
        """Return the graph as compressed N-Triples, with the name of the file."""
        return f"{self.name}.nt.gz", packed(self.ntriples)


def packed(content: bytes) -> bytes:
    """Return `content` compressed, without the time that gzip would note: the same release has the same bytes."""
    return gzip.compress(content, mtime=0)
