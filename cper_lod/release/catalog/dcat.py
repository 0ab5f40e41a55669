"""The catalogue completed: its source files say what a dataset is; here come its files, its place, the endpoint."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, DCAT, DCT, GRAPH_CATALOGUE, PREFIXES, RDF
from cper_lod.rdf.graph import Graph, Term
from cper_lod.release.catalog.datasets import CatalogueDataset
from cper_lod.release.storage.dumps import GraphDump

CATALOGUE: Final = BASE + "catalogue"
SERVICE: Final = BASE + "id/service/sparql"
PROTOCOL: Final = "https://www.w3.org/TR/sparql11-protocol/"
FILE_TYPES: Final = "http://publications.europa.eu/resource/authority/file-type/"
MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_GRAPH: Final = NamedNode(GRAPH_CATALOGUE)
IriTriple = tuple[str, str, Term]
"""A triple in the making: subject, property, value."""
_NAMELESS: Final[Mapping[Language, str]] = MappingProxyType({})
_STABLE: Final = NamedNode("http://publications.europa.eu/resource/authority/planned-availability/STABLE")
_DATED: Final = (DCT + "issued", DCT + "modified")
_RULED: Final = (DCT + "license", DCT + "rights", DCT + "language")
_GEO: Final = PREFIXES["geo"]
_BBOX: Final = DCAT + "bbox"


class DistributionFormat(NamedTuple):
    """A kind of distribution as catalogues name it: EU file type, IANA media types of the form and of the compression.

    `label` says the form in a title, `use` is the sentence that says what it is good for.
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
"""The kinds of the files that hold a whole dataset, by their endings."""
_SPARQL: Final = DistributionFormat("SPARQLQ", "application/sparql-query", "SPARQL", "use-sparql")


def complete_catalogue(
    catalogue: Sequence[Quad], found: Mapping[CatalogueDataset, GraphDump], graph: Graph
) -> list[Quad]:
    """Return what the catalogue says, with what it says beyond its source files; empty datasets are left out.

    `catalogue` is what these say, `found` are the datasets that it describes, `graph` is where more is looked up. A
    dataset whose folder holds no file yet can be described in advance: it is published once there is one. Sizes,
    checksums and addresses are not said here: they are those of the files of one build, at one address.
    """
    kept = _without_datasets(catalogue, {part.iri for part, held in found.items() if not held.triples})
    made: list[IriTriple] = []
    there = [part for part, held in found.items() if held.triples]
    for part in there:
        made += _distributions(graph, part, found[part])
    if graph.properties(NamedNode(CATALOGUE)):
        made += _service(graph, [part.iri for part in there])
    made += _territories(graph, there)
    return [*kept, *(Quad(NamedNode(s), NamedNode(p), o, _GRAPH) for s, p, o in made)]


def _without_datasets(quads: Sequence[Quad], datasets: set[str]) -> list[Quad]:
    """Return what is not said of these datasets, nor of what they alone lead to, nor that they are in the catalogue."""
    gone: set[object] = {NamedNode(iri) for iri in datasets}
    gone |= {q.object for q in quads if q.subject in gone and q.predicate.value == DCT + "temporal"}
    return [q for q in quads if q.subject not in gone and q.object not in gone]


def distribution_iri(part: str, suffix: str) -> str:
    """Return the name of a distribution of a dataset: its own place under that of the dataset, without a dot."""
    return f"{part}/distribution/{suffix.replace('.', '-')}"


def _distributions(graph: Graph, part: CatalogueDataset, held: GraphDump) -> Iterator[IriTriple]:
    """Yield what is said of the files that there are of a dataset, and of asking for it by SPARQL."""
    for suffix in held.suffixes:
        yield from describe_distribution(graph, part.iri, suffix, DISTRIBUTION_FORMATS[suffix])
    yield from describe_distribution(graph, part.iri, "sparql", _SPARQL)


def describe_distribution(
    graph: Graph, part: str, suffix: str, kind: DistributionFormat, names: Mapping[Language, str] = _NAMELESS
) -> Iterator[IriTriple]:
    """Yield what is said of one distribution: its form, and the rights and dates of its dataset.

    `names` say what it holds where that is not all of the dataset.
    """
    dataset, own = NamedNode(part), distribution_iri(part, suffix)
    yield part, DCAT + "distribution", NamedNode(own)
    yield own, RDF + "type", NamedNode(DCAT + "Distribution")
    for lang in LANGUAGES:
        title = graph.text(dataset, DCT + "title", lang)[0]
        form = ", ".join(filter(None, (names.get(lang), kind.label)))
        yield own, DCT + "title", Literal(f"{title} ({form})", language=lang)
        yield own, DCT + "description", Literal(translate(kind.use, lang, name=names.get(lang, "")), language=lang)
    yield own, DCT + "format", NamedNode(FILE_TYPES + kind.file_type)
    yield own, DCAT + "mediaType", NamedNode(MEDIA_TYPES + kind.media_type)
    yield from _media(kind.media_type)
    if kind.compression:
        yield own, DCAT + "compressFormat", NamedNode(MEDIA_TYPES + kind.compression)
        yield from _media(kind.compression)
    yield own, PREFIXES["dcatap"] + "availability", _STABLE
    for predicate in (*_RULED, *_DATED):
        for value in graph.all(dataset, predicate):
            yield own, predicate, value


def _media(name: str) -> Iterator[IriTriple]:
    yield MEDIA_TYPES + name, RDF + "type", NamedNode(DCT + "MediaType")


def _service(graph: Graph, datasets: list[str]) -> Iterator[IriTriple]:
    """Yield what is said of the SPARQL endpoint as a service that serves all these datasets."""
    catalogue = NamedNode(CATALOGUE)
    yield CATALOGUE, DCAT + "service", NamedNode(SERVICE)
    yield SERVICE, RDF + "type", NamedNode(DCAT + "DataService")
    yield SERVICE, DCT + "identifier", Literal(SERVICE)
    yield SERVICE, DCT + "conformsTo", NamedNode(PROTOCOL)
    yield PROTOCOL, RDF + "type", NamedNode(DCT + "Standard")
    yield PROTOCOL, DCT + "title", Literal("SPARQL 1.1 Protocol", language="en")
    yield SERVICE, DCT + "format", NamedNode(FILE_TYPES + _SPARQL.file_type)
    for lang in LANGUAGES:
        yield SERVICE, DCT + "title", Literal(translate("service-title", lang), language=lang)
        yield SERVICE, DCT + "description", Literal(translate("service-description", lang), language=lang)
        yield SERVICE, DCAT + "keyword", Literal("SPARQL", language=lang)
    for predicate in (DCT + "license", DCT + "publisher", DCT + "language"):
        for value in graph.all(catalogue, predicate):
            yield SERVICE, predicate, value
    for iri in datasets:
        yield SERVICE, DCAT + "servesDataset", NamedNode(iri)
        for predicate in (DCAT + "theme", DCT + "accessRights"):
            for value in graph.all(NamedNode(iri), predicate):
                yield SERVICE, predicate, value


def _territories(graph: Graph, datasets: Iterable[CatalogueDataset]) -> Iterator[IriTriple]:
    """Yield where the territories of the datasets lie: the middle of the outline, else of the bounding box."""
    gml = NamedNode(_GEO + "gmlLiteral")
    found = [each for part in datasets for each in graph.all(NamedNode(part.iri), DCT + "spatial")]
    for node in dict.fromkeys(found):
        if not isinstance(node, NamedNode):
            continue
        yield node.value, RDF + "type", NamedNode(DCT + "Location")
        outlines = [graph.value(each, _GEO + "asWKT") for each in graph.all(node, _GEO + "hasGeometry")]
        for point in filter(None, map(gml_centroid, [*outlines, graph.value(node, _BBOX)][:1])):
            yield node.value, DCAT + "centroid", Literal(point, datatype=gml)


_OUTER: Final = re.compile(r"\(\(([^()]+)")
"""The first ring of each polygon of a WKT text; holes follow after a comma."""
_POINT: Final = (
    '<gml:Point xmlns:gml="http://www.opengis.net/gml/3.2" srsName="http://www.opengis.net/def/crs/OGC/1.3/CRS84">'
    "<gml:pos>{:.4f} {:.4f}</gml:pos></gml:Point>"
)


def gml_centroid(wkt: str) -> str:
    """Return the centroid of a POLYGON or MULTIPOLYGON in longitude and latitude, as GML; empty where it has no area.

    The area is that of the plane of degrees, and holes are not left out: enough to say where a region lies.

    >>> centroid("POLYGON((0 0,2 0,2 2,0 2,0 0))").partition("<gml:pos>")[2]
    '1.0000 1.0000</gml:pos></gml:Point>'
    >>> centroid("POINT(1 1)")
    ''
    """
    area = x = y = 0.0
    for ring in _OUTER.findall(wkt):
        try:
            points = [(float(lon), float(lat)) for lon, lat in (pair.split() for pair in ring.split(","))]
        except ValueError:
            return ""
        own = own_x = own_y = 0.0
        for (x1, y1), (x2, y2) in pairwise(points):
            cross = x1 * y2 - x2 * y1
            own, own_x, own_y = own + cross, own_x + (x1 + x2) * cross, own_y + (y1 + y2) * cross
        sign = -1 if own < 0 else 1  # a ring may turn either way
        area, x, y = area + sign * own, x + sign * own_x, y + sign * own_y
    return _POINT.format(x / (3 * area), y / (3 * area)) if area else ""
