"""The catalogue and the counts of a release as they are served: with the addresses at which things are to be had."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.namespaces import (
    DCAT,
    DCT,
    FOAF,
    GRAPH_CATALOGUE,
    GRAPH_REPORT,
    PREFIXES,
    PROV,
    RDF,
    SH,
    SKOS,
    VOID,
    XSD,
    shorten,
)
from cper_lod.rdf.graph import Graph, label
from cper_lod.release.catalog.datasets import CatalogueDataset, catalogue_datasets
from cper_lod.release.catalog.dcat import (
    CATALOGUE,
    DISTRIBUTION_FORMATS,
    SERVICE,
    DistributionFormat,
    IriTriple,
    describe_distribution,
    distribution_iri,
)
from cper_lod.release.catalog.void import ADDRESS_PLACEHOLDER, DATASET
from cper_lod.release.documents import labels, mentions
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import COUNTS, DUMP, Release

_SPDX = PREFIXES["spdx"]
_VCARD = PREFIXES["vcard"]
_DQV = PREFIXES["dqv"]
_OF_AGENTS = (RDF + "type", FOAF + "name", DCT + "type", DCT + "description")
_OF_PLACES = (SKOS + "prefLabel", SKOS + "exactMatch", DCAT + "bbox")
_OF_STANDARDS = (DCT + "title",)


def served_catalogue(release: Release, public_url: str, contact: str) -> list[Quad]:
    """Return the whole catalogue at the address `public_url`: what is sealed, then files, addresses and contact.

    `contact` is a mail or https address, or empty: then no contact is said, since only who serves can have one.
    Raises `catalogue-absent` where the data are served as given: they are another's to describe.
    """
    sealed = mentions(release, GRAPH_CATALOGUE) if release.mode == "contract" else []
    graph = Graph(sealed)
    if NamedNode(CATALOGUE) not in set(graph.subjects()):
        raise Problem("catalogue-absent")
    found = table_distributions(release)
    said = [*_front(public_url), *_quality(graph)]
    for part in catalogue_datasets(sealed):
        said += [*_files(release, part, public_url), *_page(part, public_url)]
    for each in found:
        said += _file(release, distribution_iri(each.part, each.suffix), f"{each.slug}.csv", public_url)
    said += _contact(graph, contact) if contact else ()
    neighbours = [*_neighbours(release, graph), *_describe_tables(release, graph, found)]
    return [*_reached([*sealed, *_triples(neighbours)]), *_triples(said)]


def _triples(said: Iterable[IriTriple]) -> list[Quad]:
    return [Quad(NamedNode(s), NamedNode(p), o) for s, p, o in said]


def _reached(sealed: list[Quad]) -> Iterator[Quad]:
    """Yield what the catalogue leads to: of the tables that name codes, the codes in use.

    A source is a document here; DCAT-AP keeps dct:source for datasets (range of its shapes), so PROV-O says it.
    """
    by_subject: dict[object, list[Quad]] = {}
    for quad in sealed:
        by_subject.setdefault(quad.subject, []).append(quad)
    todo: list[object] = [NamedNode(CATALOGUE)]
    while todo:
        for quad in by_subject.pop(todo.pop(), ()):
            todo.append(quad.object)
            name = PROV + "hadPrimarySource" if quad.predicate.value == DCT + "source" else quad.predicate.value
            yield Quad(quad.subject, NamedNode(name), quad.object)


def _neighbours(release: Release, graph: Graph) -> Iterator[IriTriple]:
    """Yield what the default graph says of publishers, of territories and of the ontology: a catalogue stands alone."""
    reader = ReleaseGraph(release)
    for predicate, wanted in (
        (DCT + "publisher", _OF_AGENTS),
        (DCT + "spatial", _OF_PLACES),
        (DCT + "conformsTo", _OF_STANDARDS),
    ):
        nodes = dict.fromkeys(value for node in graph.subjects() for value in graph.all(node, predicate))
        for node in nodes:
            for name in wanted if isinstance(node, NamedNode) else ():
                yield from ((node.value, name, value) for value in reader.all(node, name))


def _front(public_url: str) -> Iterator[IriTriple]:
    """Yield where the catalogue and the endpoint are."""
    home, endpoint, page = f"{public_url}/", f"{public_url}/sparql", f"{public_url}/catalog"
    yield CATALOGUE, FOAF + "homepage", NamedNode(home)
    yield home, RDF + "type", NamedNode(FOAF + "Document")
    yield SERVICE, DCAT + "endpointURL", NamedNode(endpoint)
    yield SERVICE, DCAT + "endpointDescription", NamedNode(f"{endpoint}.ttl")
    yield SERVICE, DCAT + "landingPage", NamedNode(page)
    yield page, RDF + "type", NamedNode(FOAF + "Document")


def _quality(graph: Graph) -> Iterator[IriTriple]:
    """Yield that each dataset was validated, and where the report is: no release is sealed that does not conform."""
    for node in graph.subjects():
        if isinstance(node, NamedNode) and DCAT + "Dataset" in graph.types(node):
            yield node.value, _DQV + "hasQualityMetadata", NamedNode(GRAPH_REPORT)
    yield GRAPH_REPORT, RDF + "type", NamedNode(_DQV + "QualityMetadata")
    yield GRAPH_REPORT, SH + "conforms", Literal("true", datatype=NamedNode(XSD + "boolean"))


def _page(part: CatalogueDataset, public_url: str) -> Iterator[IriTriple]:
    page = f"{public_url}/catalog#{part.slug}"
    yield part.iri, DCAT + "landingPage", NamedNode(page)
    yield page, RDF + "type", NamedNode(FOAF + "Document")


def _files(release: Release, part: CatalogueDataset, public_url: str) -> Iterator[IriTriple]:
    """Yield the address, the size and the checksum of each file of a dataset, and where to ask for it."""
    yield distribution_iri(part.iri, "sparql"), DCAT + "accessURL", NamedNode(f"{public_url}/sparql")
    for suffix in DISTRIBUTION_FORMATS:
        yield from _file(release, distribution_iri(part.iri, suffix), f"{part.slug}.{suffix}", public_url)


def _file(release: Release, own: str, name: str, public_url: str) -> Iterator[IriTriple]:
    entry = release.manifest["files"].get(f"{DUMP}/{name}")
    if entry is None:
        return
    address, checksum = NamedNode(f"{public_url}/{DUMP}/{name}"), f"{own}#sha512"
    yield own, DCAT + "accessURL", address
    yield own, DCAT + "downloadURL", address
    yield own, DCAT + "byteSize", Literal(str(entry["bytes"]), datatype=NamedNode(XSD + "nonNegativeInteger"))
    yield own, _SPDX + "checksum", NamedNode(checksum)
    yield checksum, RDF + "type", NamedNode(_SPDX + "Checksum")
    yield checksum, _SPDX + "algorithm", NamedNode(_SPDX + "checksumAlgorithm_sha512")
    yield checksum, _SPDX + "checksumValue", Literal(entry["sha512"], datatype=NamedNode(XSD + "hexBinary"))
    yield _SPDX + "checksumAlgorithm_sha512", RDF + "type", NamedNode(_SPDX + "ChecksumAlgorithm")


def _contact(graph: Graph, contact: str) -> Iterator[IriTriple]:
    """Yield whom to write to about each dataset and the endpoint."""
    own = f"{CATALOGUE}#contact"
    publisher = graph.one(NamedNode(CATALOGUE), DCT + "publisher")
    for kind in ("Kind", "Organization"):
        yield own, RDF + "type", NamedNode(_VCARD + kind)
    yield own, _VCARD + "fn", Literal(graph.label(publisher, "fr") or "contact")
    reached = ("hasURL", contact) if "://" in contact else ("hasEmail", f"mailto:{contact}")
    yield own, _VCARD + reached[0], NamedNode(reached[1])
    for node in graph.subjects():
        described = {DCAT + "Dataset", DCAT + "DataService"} & set(graph.types(node))
        if isinstance(node, NamedNode) and described:
            yield node.value, DCAT + "contactPoint", NamedNode(own)


def served_void(release: Release, public_url: str) -> tuple[str, list[Quad]]:
    """Return the name of the dataset that is served, and its VoID description at the address `public_url`.

    Data served as given have no name of ours: they are named by the address of their description.
    """
    address = f"{public_url}/void"
    text = (release.folder / COUNTS).read_bytes().replace(ADDRESS_PLACEHOLDER.encode(), address.encode())
    quads = [quad for quad in parse(text, RdfFormat.N_QUADS) if isinstance(quad, Quad)]
    name = DATASET if release.mode == "contract" else f"{address}#dataset"
    said = [*_places(release, name, "tout", public_url), *_description(name, address)]
    said.append((name, VOID + "sparqlEndpoint", NamedNode(f"{public_url}/sparql")))
    if release.mode == "contract":
        said.append((name, DCAT + "version", Literal(release.id)))
        for part in catalogue_datasets(mentions(release, GRAPH_CATALOGUE)):
            said += _places(release, part.iri, part.slug, public_url)
    return name, [*quads, *_triples(said)]


def _places(release: Release, name: str, slug: str, public_url: str) -> Iterator[IriTriple]:
    """Yield the addresses of the files that hold all triples of a graph; a table is no dump of it."""
    for suffix in ("nt.gz", "ttl", "jsonld"):
        if f"{DUMP}/{slug}.{suffix}" in release.manifest["files"]:
            yield name, VOID + "dataDump", NamedNode(f"{public_url}/{DUMP}/{slug}.{suffix}")


def _description(name: str, address: str) -> Iterator[IriTriple]:
    yield address, RDF + "type", NamedNode(VOID + "DatasetDescription")
    yield address, FOAF + "primaryTopic", NamedNode(name)


_KIND: Final = DistributionFormat("CSV", "text/csv", "CSV", "use-table")


class TableDistribution(NamedTuple):
    """A table that is a file of a dataset: the IRIs of the dataset and of the class, and the slug of that."""

    part: str
    iri: str
    slug: str

    @property
    def suffix(self) -> str:
        """What the name of its distribution ends with."""
        return f"table-{self.slug}"


def table_distributions(release: Release) -> list[TableDistribution]:
    """Return the tables that belong to a dataset, in the order of their names.

    A table holds every thing of its class, so that it is of a dataset only where all these things are: of the contracts
    of two regions, the table of all axes is a file of neither.
    """
    text = (release.folder / COUNTS).read_bytes()
    graph = Graph(quad for quad in parse(text, RdfFormat.N_QUADS) if isinstance(quad, Quad))
    whole = _things(graph, NamedNode(DATASET))
    subsets = [node for node in graph.all(NamedNode(DATASET), VOID + "subset") if isinstance(node, NamedNode)]
    held = {part.value: _things(graph, part) for part in subsets}
    classes = sorted(release.listing.classes, key=lambda cls: cls.slug)
    sealed = [each for each in classes if each.slug and f"{DUMP}/{each.slug}.csv" in release.manifest["files"]]
    return [
        TableDistribution(part, each.iri, each.slug)
        for each in sealed
        for part, things in held.items()
        if each.iri in whole and things.get(each.iri) == whole[each.iri]
    ]


def _things(graph: Graph, dataset: NamedNode) -> dict[str, str]:
    """Return how many things of each class a dataset has, as its partitions say it."""
    partitions = graph.all(dataset, VOID + "classPartition")
    return {graph.value(each, VOID + "class"): graph.value(each, VOID + "entities") for each in partitions}


def _describe_tables(release: Release, graph: Graph, found: Iterable[TableDistribution]) -> Iterator[IriTriple]:
    """Yield what the catalogue says of tables: whose file each is, its form, its rights and dates."""
    for each in found:
        told = labels(release, each.iri)
        names = {lang: label(told, lang) or shorten(each.iri) for lang in LANGUAGES}
        yield from describe_distribution(graph, each.part, each.suffix, _KIND, names)
