"""Which sealed tables are files of which dataset, and what the catalogue says of them."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import VOID, shorten
from cper_lod.rdf.graph import Graph, label
from cper_lod.release.catalog.dcat import Kind, Said, described
from cper_lod.release.catalog.void import DATASET
from cper_lod.release.documents import labels
from cper_lod.release.release import COUNTS, DUMP, Release

_KIND: Final = Kind("CSV", "text/csv", "CSV", "use-table")


class TableFile(NamedTuple):
    """A table that is a file of a dataset: the IRIs of the dataset and of the class, and the slug of that."""

    part: str
    iri: str
    slug: str

    @property
    def suffix(self) -> str:
        """What the name of its distribution ends with."""
        return f"table-{self.slug}"


def tables(release: Release) -> list[TableFile]:
    """Return the tables that belong to a dataset, in the order of their names.

    A table holds every thing of its class, so that it is of a dataset only where all these things are: of the contracts
    of two regions, the table of all axes is a file of neither.
    """
    text = (release.folder / COUNTS).read_bytes()
    graph = Graph(quad for quad in parse(text, RdfFormat.N_QUADS) if isinstance(quad, Quad))
    whole = _things(graph, NamedNode(DATASET))
    parts = [node for node in graph.all(NamedNode(DATASET), VOID + "subset") if isinstance(node, NamedNode)]
    held = {part.value: _things(graph, part) for part in parts}
    classes = sorted(release.listing.classes, key=lambda cls: cls.slug)
    sealed = [each for each in classes if each.slug and f"{DUMP}/{each.slug}.csv" in release.manifest["files"]]
    return [
        TableFile(part, each.iri, each.slug)
        for each in sealed
        for part, things in held.items()
        if each.iri in whole and things.get(each.iri) == whole[each.iri]
    ]


def _things(graph: Graph, dataset: NamedNode) -> dict[str, str]:
    """Return how many things of each class a dataset has, as its partitions say it."""
    partitions = graph.all(dataset, VOID + "classPartition")
    return {graph.value(each, VOID + "class"): graph.value(each, VOID + "entities") for each in partitions}


def describe(release: Release, graph: Graph, found: Iterable[TableFile]) -> Iterator[Said]:
    """Yield what the catalogue says of tables: whose file each is, its form, its rights and dates."""
    for each in found:
        told = labels(release, each.iri)
        names = {lang: label(told, lang) or shorten(each.iri) for lang in LANGUAGES}
        yield from described(graph, each.part, each.suffix, _KIND, names)
