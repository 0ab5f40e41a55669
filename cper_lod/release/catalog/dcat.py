"""Completes the catalogue (DCAT-AP): adds distributions, the SPARQL service and territories to what the sources
state.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.identifiers import TERRITORIES, by_code
from cper_lod.core.identifiers.outlines import bounding_box, outline, rings_of
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import DCAT, DCT, PREFIXES, RDF
from cper_lod.rdf.graph import Graph, IriTriple, copied, translated
from cper_lod.release.catalog.datasets import CatalogueDataset
from cper_lod.release.storage.dumps import GraphDump

PROTOCOL: Final = "https://www.w3.org/TR/sparql11-protocol/"
FILE_TYPES: Final = "http://publications.europa.eu/resource/authority/file-type/"
MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_NAMELESS: Final[Mapping[Language, str]] = MappingProxyType({})
_STABLE: Final = NamedNode("http://publications.europa.eu/resource/authority/planned-availability/STABLE")
_COPIED: Final = tuple(DCT + name for name in ("license", "rights", "language", "issued", "modified"))
_GEO: Final = PREFIXES["geo"]
_CODE: Final = PREFIXES["igeo"] + "codeINSEE"


class DistributionFormat(NamedTuple):
    """A format of distributions: EU file type, IANA media types of the content and of its compression.

    `label` names the format in titles, `use` is the key of the sentence that says what it is good for.
    """

    file_type: str
    media_type: str
    label: str
    use: str
    compression: str = ""


DISTRIBUTION_FORMATS: Final = {
    "nt.gz": DistributionFormat(
        "RDF_N_TRIPLES", "application/n-triples", "N-Triples, gzip", "use-ntriples", "application/gzip"
    ),
    "ttl": DistributionFormat("RDF_TURTLE", "text/turtle", "Turtle", "use-turtle"),
    "jsonld": DistributionFormat("JSON_LD", "application/ld+json", "JSON-LD", "use-jsonld"),
}
"""The formats of the files that hold a whole dataset, by file suffix."""
_SPARQL: Final = DistributionFormat("SPARQLQ", "application/sparql-query", "SPARQL", "use-sparql")


def complete_catalogue(
    catalogue: Sequence[Quad], dumps: Mapping[CatalogueDataset, GraphDump], graph: Graph, names: SiteNames
) -> list[Quad]:
    """Return the catalogue of the sources with the additions of the build; datasets without triples are left out.

    `catalogue` are the quads of the sources, `dumps` the datasets they describe, `graph` is used to look up the rest.
    A dataset may be described before its files exist; it is published once they do. Sizes, checksums and URLs are not
    added here, since they depend on the files of one build and on the address of the server.
    """
    stated = _without_datasets(catalogue, {dataset.iri for dataset, dump in dumps.items() if not dump.triples})
    added: list[IriTriple] = []
    published = [dataset for dataset, dump in dumps.items() if dump.triples]
    for dataset in published:
        for suffix in dumps[dataset].suffixes:
            added += describe_distribution(graph, dataset.iri, suffix, DISTRIBUTION_FORMATS[suffix])
        added += describe_distribution(graph, dataset.iri, "sparql", _SPARQL)
    if published and graph.properties(NamedNode(names.catalogue)):
        added += _service(graph, [dataset.iri for dataset in published], names)
    added += _territories(graph, published)
    name = NamedNode(names.catalogue_graph)
    return [*stated, *(Quad(NamedNode(s), NamedNode(p), o, name) for s, p, o in added)]


def has_catalogue(quads: Iterable[Quad], names: SiteNames) -> bool:
    """Return whether these quads describe the catalogue, without which no dataset follows from a contract."""
    return any(quad.subject == NamedNode(names.catalogue) for quad in quads)


def _without_datasets(quads: Sequence[Quad], datasets: set[str]) -> list[Quad]:
    """Return the quads without these datasets, their periods, and the links to them."""
    removed: set[object] = {NamedNode(iri) for iri in datasets}
    removed |= {q.object for q in quads if q.subject in removed and q.predicate.value == DCT + "temporal"}
    return [q for q in quads if q.subject not in removed and q.object not in removed]


def distribution_iri(dataset: str, suffix: str) -> str:
    """Return the IRI of a distribution of a dataset; dots in the suffix become hyphens."""
    return f"{dataset}/distribution/{suffix.replace('.', '-')}"


def describe_distribution(
    graph: Graph, dataset_iri: str, suffix: str, format: DistributionFormat, names: Mapping[Language, str] = _NAMELESS
) -> Iterator[IriTriple]:
    """Yield the description of a distribution: its format, and the rights and dates of its dataset.

    `names` say what it contains if that is not the whole dataset.
    """
    dataset, iri = NamedNode(dataset_iri), distribution_iri(dataset_iri, suffix)
    yield dataset_iri, DCAT + "distribution", NamedNode(iri)
    yield iri, RDF + "type", NamedNode(DCAT + "Distribution")
    for lang in LANGUAGES:
        title = graph.text(dataset, DCT + "title", lang)[0]
        content = ", ".join(filter(None, (names.get(lang), format.label)))
        yield iri, DCT + "title", Literal(f"{title} ({content})", language=lang)
        yield iri, DCT + "description", Literal(translate(format.use, lang, name=names.get(lang, "")), language=lang)
    yield iri, DCT + "format", NamedNode(FILE_TYPES + format.file_type)
    types = [(DCAT + "mediaType", format.media_type), (DCAT + "compressFormat", format.compression)]
    for predicate, name in types:
        if name:
            yield iri, predicate, NamedNode(MEDIA_TYPES + name)
            yield MEDIA_TYPES + name, RDF + "type", NamedNode(DCT + "MediaType")
    yield iri, PREFIXES["dcatap"] + "availability", _STABLE
    yield from copied(iri, graph, dataset, _COPIED)


def _service(graph: Graph, datasets: list[str], names: SiteNames) -> Iterator[IriTriple]:
    """Yield the description of the SPARQL endpoint as a service for these datasets."""
    service, catalogue = names.service, names.catalogue
    yield catalogue, DCAT + "service", NamedNode(service)
    yield service, RDF + "type", NamedNode(DCAT + "DataService")
    yield service, DCT + "identifier", Literal(service)
    yield service, DCT + "conformsTo", NamedNode(PROTOCOL)
    yield PROTOCOL, RDF + "type", NamedNode(DCT + "Standard")
    yield PROTOCOL, DCT + "title", Literal("Protocole SPARQL 1.1", language="fr")
    yield PROTOCOL, DCT + "title", Literal("SPARQL 1.1 Protocol", language="en")
    yield service, DCT + "format", NamedNode(FILE_TYPES + _SPARQL.file_type)
    yield from translated(service, DCT + "title", "service-title")
    yield from translated(service, DCT + "description", "service-description")
    yield from ((service, DCAT + "keyword", Literal("SPARQL", language=lang)) for lang in LANGUAGES)
    yield from copied(service, graph, NamedNode(catalogue), (DCT + "license", DCT + "publisher", DCT + "language"))
    for iri in datasets:
        yield service, DCAT + "servesDataset", NamedNode(iri)
        yield from copied(service, graph, NamedNode(iri), (DCAT + "theme", DCT + "accessRights"))


def _territories(graph: Graph, datasets: Iterable[CatalogueDataset]) -> Iterator[IriTriple]:
    """Yield the bounding boxes and centroids of the territories of the datasets.

    They are computed from the published outline, else from that in the table of the program; without any there are none. The
    centroid is the middle of the box: enough to place a region.
    """
    territories = [each for dataset in datasets for each in graph.all(NamedNode(dataset.iri), DCT + "spatial")]
    for node in dict.fromkeys(territories):
        if not isinstance(node, NamedNode):
            continue
        yield node.value, RDF + "type", NamedNode(DCT + "Location")
        outlines = [graph.value(each, _GEO + "asWKT") for each in graph.all(node, _GEO + "hasGeometry")]
        box = bounding_box(point for each in outlines for ring in rings_of(each) for point in ring) or _known_box(
            graph, node
        )
        if box:
            yield node.value, DCAT + "bbox", Literal(box, datatype=NamedNode(_GEO + "wktLiteral"))
            yield node.value, DCAT + "centroid", Literal(_middle(box), datatype=NamedNode(_GEO + "gmlLiteral"))


_POINT: Final = (
    '<gml:Point xmlns:gml="http://www.opengis.net/gml/3.2" srsName="http://www.opengis.net/def/crs/OGC/1.3/CRS84">'
    "<gml:pos>{:.4f} {:.4f}</gml:pos></gml:Point>"
)


def _known_box(graph: Graph, territory: NamedNode) -> str:
    """Return the bounding box of a region or a department of France, "" for any other territory."""
    kinds = (TERRITORIES[each] for each in graph.types(territory) if each in TERRITORIES)
    known = next((body for kind in kinds if (body := by_code(kind, graph.value(territory, _CODE)))), None)
    found = outline(known) if known else None
    return bounding_box(point for edge in found.edges for point in edge) if found else ""


def _middle(box: str) -> str:
    """Return the middle of a bounding box in longitude and latitude, as GML."""
    ((west, south), _, (east, north), *_), *_ = rings_of(box)
    return _POINT.format((west + east) / 2, (south + north) / 2)
