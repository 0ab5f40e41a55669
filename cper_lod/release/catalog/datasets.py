"""The datasets of the catalogue, and the source files each one is made from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Quad

from cper_lod.core.namespaces import BASE, DCAT, GRAPH_CATALOGUE, PROV, RDF

SOURCE_IRI: Final = BASE + "source/"
"""What the IRI of a source file begins with; its path below the folder of sources follows: `…/source/data/x.ttl`."""
_CATALOGUE: Final = NamedNode(GRAPH_CATALOGUE)
_TYPE: Final = NamedNode(RDF + "type")
_DATASET: Final = NamedNode(DCAT + "Dataset")
_WAS_DERIVED_FROM: Final = NamedNode(PROV + "wasDerivedFrom")


@dataclass(frozen=True)
class CatalogueDataset:
    """A dataset of the catalogue: its IRI, and the paths of its source files (`…/` for a folder)."""

    iri: str
    paths: tuple[str, ...]

    @property
    def slug(self) -> str:
        """The last segment of its IRI; its files are named after it."""
        return self.iri.rstrip("/").rpartition("/")[2]

    def includes(self, path: str) -> bool:
        """Return whether the source file at `path` belongs to this dataset."""
        return any(path == each or (each.endswith("/") and path.startswith(each)) for each in self.paths)


def catalogue_datasets(quads: Iterable[Quad]) -> list[CatalogueDataset]:
    """Return the datasets that the catalogue describes, sorted, each with its source files.

    A file is named as `prov:wasDerivedFrom <https://w3id.org/cper-lod/source/data/contracts/x.ttl>`; a folder, with
    all files below it, ends with a slash. Two datasets may share a file.
    """
    datasets: set[str] = set()
    paths: dict[str, list[str]] = {}
    for quad in quads:
        if quad.graph_name != _CATALOGUE or not isinstance(quad.subject, NamedNode):
            continue
        if quad.predicate == _TYPE and quad.object == _DATASET:
            datasets.add(quad.subject.value)
        elif (
            quad.predicate == _WAS_DERIVED_FROM
            and isinstance(quad.object, NamedNode)
            and quad.object.value.startswith(SOURCE_IRI)
        ):
            paths.setdefault(quad.subject.value, []).append(quad.object.value.removeprefix(SOURCE_IRI))
    return [CatalogueDataset(iri, tuple(sorted(paths.get(iri, ())))) for iri in sorted(datasets)]


def is_catalogue_file(path: str) -> bool:
    """Return whether a source file describes the catalogue: `data/catalog.ttl`, or a file in `data/catalog/`."""
    return path == "data/catalog.ttl" or path.startswith("data/catalog/")
