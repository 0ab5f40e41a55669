"""The datasets of the catalogue, and the source files each one is made from."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode, Quad

from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import DCAT, PROV
from cper_lod.rdf.graph import Graph

KINDS: Final = {
    "contrat": "data/contracts/",
    "enonces": "data/statements/",
    "valeurs-derivees": "data/derived/",
    "subventions": "data/subventions/",
}
"""The kinds of datasets of a contract, and the folder with a file (for subsidies: a folder) of each contract."""
EXAMPLES: Final = "examples"
"""The folder below data/ with contracts that are published, but are in no dataset: they are none of the publisher's."""


@dataclass(frozen=True)
class CatalogueDataset:
    """A dataset of the catalogue: its IRI, and the paths of its source files (`…/` for a folder)."""

    iri: str
    paths: tuple[str, ...]

    @property
    def slug(self) -> str:
        """The last segment of its IRI; its files are named after it."""
        return self.iri.rstrip("/").rpartition("/")[2]

    @property
    def kind(self) -> str:
        """The first of `KINDS` of which it names a file, empty if there is none."""
        return next((kind for kind, folder in KINDS.items() if any(each.startswith(folder) for each in self.paths)), "")

    @property
    def contract(self) -> str:
        """The slug of the contract whose file of that kind it names, empty if there is none."""
        folder = KINDS.get(self.kind, "-")
        return next((source_stem(each.removeprefix(folder)) for each in self.paths if each.startswith(folder)), "")

    @property
    def is_derived(self) -> bool:
        """Whether it follows from the files of a contract: its IRI tells its kind and the contract."""
        return bool(self.contract) and self.iri.endswith(f"/jeu-de-donnees/{self.kind}-{self.contract}")

    def includes(self, path: str) -> bool:
        """Return whether the source file at `path` belongs to this dataset."""
        return any(path == each or (each.endswith("/") and path.startswith(each)) for each in self.paths)


def catalogue_datasets(quads: Iterable[Quad], names: SiteNames) -> list[CatalogueDataset]:
    """Return the datasets that the catalogue describes, sorted, each with its source files.

    A file is named as `prov:wasDerivedFrom <source/data/contracts/x.ttl>`; a folder, with
    all files below it, ends with a slash. Two datasets may share a file.
    """
    of_catalogue = NamedNode(names.catalogue_graph)
    graph = Graph(quad for quad in quads if quad.graph_name == of_catalogue)
    found = []
    for node in graph.subjects():
        if isinstance(node, NamedNode) and DCAT + "Dataset" in graph.types(node):
            files = [each.value for each in graph.all(node, PROV + "wasDerivedFrom") if isinstance(each, NamedNode)]
            paths = sorted(each.removeprefix(names.sources) for each in files if each.startswith(names.sources))
            found.append(CatalogueDataset(node.value, tuple(paths)))
    return sorted(found, key=lambda each: each.iri)


def source_stem(path: str) -> str:
    """Return the first segment of a path, without its suffixes.

    >>> source_stem("bretagne-2021-2027.ttl.gz"), source_stem("bretagne-2021-2027/fichier.nt")
    ('bretagne-2021-2027', 'bretagne-2021-2027')
    """
    return path.partition("/")[0].partition(".")[0]


def contract_datasets(
    paths: Iterable[str], stated: Iterable[CatalogueDataset], names: SiteNames
) -> list[CatalogueDataset]:
    """Return the datasets that follow from the paths of source files, by IRI: one of each kind for each contract.

    Each has the files that are named after its contract and that no dataset of the sources (`stated`) names.
    """
    known = tuple(stated)
    every = set(paths)
    data = [path for path in paths if path.startswith("data/") and not is_catalogue_file(path)]
    data = [path for path in data if not is_example_file(path, every)]
    contracts = [source_stem(path.removeprefix(KINDS["contrat"])) for path in data if path.startswith(KINDS["contrat"])]
    found: dict[str, set[str]] = {}
    for path in data:
        if any(dataset.includes(path) for dataset in known):
            continue
        kind = next((kind for kind, folder in KINDS.items() if path.startswith(folder)), "contrat")
        is_folder = kind == "subventions"
        stem = source_stem(path.removeprefix(KINDS[kind]) if is_folder else path.rpartition("/")[2])
        named = [each for each in contracts if f"-{stem}".endswith(f"-{each}")]
        if named:
            slug = max(named, key=len)
            held = found.setdefault(f"{names.datasets}{kind}-{slug}", set())
            held.add(f"{KINDS[kind]}{slug}/" if is_folder else path)
    taken = {dataset.iri for dataset in known}
    derived = (CatalogueDataset(iri, tuple(sorted(each))) for iri, each in sorted(found.items()))
    return [each for each in derived if each.is_derived and each.iri not in taken]


def is_example_file(path: str, paths: Container[str]) -> bool:
    """Return whether a source file is one of the examples, or computed from one: `paths` are those of all files."""
    folder, _, name = path.rpartition("/")
    computed = f"{folder}/" in (KINDS["contrat"], KINDS["valeurs-derivees"])
    return path.startswith(f"data/{EXAMPLES}/") or (computed and f"data/{EXAMPLES}/contracts/{name}" in paths)


def is_catalogue_file(path: str) -> bool:
    """Return whether a source file describes the catalogue: `data/catalog.ttl`, or a file in `data/catalog/`."""
    return path == "data/catalog.ttl" or path.startswith("data/catalog/")
