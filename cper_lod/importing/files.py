"""What is there before an import: files that it would replace, and the days on which datasets were imported."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.config import today
from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import DCT, XSD
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read


def refuse_existing(folder: Path, paths: Iterable[str], files: Mapping[str, bytes]) -> None:
    """Raise `contract-exists` where one of the paths is there already, unless it has the bytes that it has in `files`."""
    for path in paths:
        if (folder / path).exists() and (folder / path).read_bytes() != files.get(path):
            raise Problem("contract-exists", path=folder / path)


def import_dates(path: Path, datasets: Iterable[str], *, changed: bool) -> Iterator[Quad]:
    """Yield the day on which each dataset was first imported, and that of its last change.

    Both are those of the catalogue file at `path` where it has them, and they are not in the future: an import that
    changes nothing keeps them.
    """
    earlier = Graph(read(path) if path.exists() else ())
    for iri in datasets:
        for name, known in (("issued", True), ("modified", not changed)):
            day = min((known and earlier.value(NamedNode(iri), DCT + name)) or today(), today())
            yield Quad(NamedNode(iri), NamedNode(DCT + name), Literal(day, datatype=NamedNode(XSD + "date")))
