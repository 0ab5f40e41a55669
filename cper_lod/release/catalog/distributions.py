"""The catalogue as it is served: with the URLs of pages, files and the SPARQL endpoint."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import DCAT, DCT, FOAF, PROV, RDF, SH, VOID, XSD, expand, shorten
from cper_lod.rdf.graph import Graph, IriTriple, copied, to_quads
from cper_lod.release.catalog.datasets import CatalogueDataset, catalogue_datasets
from cper_lod.release.catalog.dcat import (
    DISTRIBUTION_FORMATS,
    DistributionFormat,
    describe_distribution,
    distribution_iri,
)
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import DUMP, Release
from cper_lod.release.tables.metadata import table_file, table_name

_SPDX, _VCARD, _DQV = expand("spdx: vcard: dqv:")
_NEIGHBOURS: Final = {
    DCT + "publisher": expand("rdf:type foaf:name dct:type dct:description"),
    DCT + "spatial": expand("skos:prefLabel skos:exactMatch dcat:bbox"),
    DCT + "conformsTo": expand("dct:title"),
}
"""What of the default graph the catalogue takes, so that it is self-contained, by the property that leads there."""


def served_catalogue(release: Release, public_url: str, contact: str) -> list[Quad]:
    """Return the whole catalogue, with URLs below `public_url`.

    `contact` is an e-mail or https address; if it is empty, the contact is the IRI of the publisher, whose page tells who that
    is. Raises `catalogue-absent` if the data have no catalogue.
    """
    names = release.names
    stated = release.triples.mentions(names.catalogue_graph)
    graph = Graph(stated)
    if NamedNode(names.catalogue) not in set(graph.subjects()):
        raise Problem("catalogue-absent")
    datasets = catalogue_datasets(stated, names)
    tables = table_distributions(release, datasets)
    added = [*_addresses(names, public_url), *_quality(graph, names)]
    for dataset in datasets:
        added += _files(release, dataset, public_url)
    for table in tables:
        added += _file(release, distribution_iri(table.dataset, table.suffix), table.file, public_url)
    added += _contact(release, graph, contact)
    neighbours = [*_neighbours(release, graph), *_describe_tables(release, graph, tables)]
    return [*_reachable([*stated, *to_quads(neighbours)], names), *to_quads(added)]


def _reachable(quads: list[Quad], names: SiteNames) -> Iterator[Quad]:
    """Yield the quads that can be reached from the catalogue.

    DCAT-AP reserves dct:source for datasets, while our sources are documents; PROV-O states them instead.
    """
    by_subject: dict[object, list[Quad]] = {}
    for quad in quads:
        by_subject.setdefault(quad.subject, []).append(quad)
    todo: list[object] = [NamedNode(names.catalogue)]
    while todo:
        for quad in by_subject.pop(todo.pop(), ()):
            todo.append(quad.object)
            name = PROV + "hadPrimarySource" if quad.predicate.value == DCT + "source" else quad.predicate.value
            yield Quad(quad.subject, NamedNode(name), quad.object)


def _neighbours(release: Release, graph: Graph) -> Iterator[IriTriple]:
    """Yield what the default graph states about publishers, territories and the ontology."""
    reader = ReleaseGraph(release)
    for predicate, properties in _NEIGHBOURS.items():
        nodes = dict.fromkeys(value for node in graph.subjects() for value in graph.all(node, predicate))
        for node in nodes:
            if isinstance(node, NamedNode):
                yield from copied(node.value, reader, node, properties)


def _addresses(names: SiteNames, public_url: str) -> Iterator[IriTriple]:
    """Yield the URLs of the catalogue and of the SPARQL endpoint."""
    home, endpoint, page = f"{public_url}/", f"{public_url}/sparql", f"{public_url}/catalog"
    yield names.catalogue, FOAF + "homepage", NamedNode(home)
    yield home, RDF + "type", NamedNode(FOAF + "Document")
    yield names.service, DCAT + "endpointURL", NamedNode(endpoint)
    yield names.service, DCAT + "endpointDescription", NamedNode(f"{endpoint}.ttl")
    yield names.service, DCAT + "landingPage", NamedNode(page)
    yield page, RDF + "type", NamedNode(FOAF + "Document")


def _quality(graph: Graph, names: SiteNames) -> Iterator[IriTriple]:
    """Yield that each dataset was validated, with the report: only conforming sources are released."""
    for node in graph.subjects():
        if isinstance(node, NamedNode) and DCAT + "Dataset" in graph.types(node):
            yield node.value, _DQV + "hasQualityMetadata", NamedNode(names.report_graph)
    yield names.report_graph, RDF + "type", NamedNode(_DQV + "QualityMetadata")
    yield names.report_graph, SH + "conforms", Literal(True)


def _files(release: Release, dataset: CatalogueDataset, public_url: str) -> Iterator[IriTriple]:
    """Yield the page of a dataset, the URL of the SPARQL endpoint, and the URL, size and checksum of each file."""
    page = f"{public_url}/catalog#{dataset.slug}"
    yield dataset.iri, DCAT + "landingPage", NamedNode(page)
    yield page, RDF + "type", NamedNode(FOAF + "Document")
    yield distribution_iri(dataset.iri, "sparql"), DCAT + "accessURL", NamedNode(f"{public_url}/sparql")
    for suffix in DISTRIBUTION_FORMATS:
        yield from _file(release, distribution_iri(dataset.iri, suffix), f"{dataset.slug}.{suffix}", public_url)


def _file(release: Release, iri: str, name: str, public_url: str) -> Iterator[IriTriple]:
    entry = release.manifest["files"].get(f"{DUMP}/{name}")
    if entry is None:
        return
    address, checksum = NamedNode(f"{public_url}/{DUMP}/{name}"), f"{iri}#sha512"
    yield iri, DCAT + "accessURL", address
    yield iri, DCAT + "downloadURL", address
    yield iri, DCAT + "byteSize", Literal(str(entry["bytes"]), datatype=NamedNode(XSD + "nonNegativeInteger"))
    yield iri, _SPDX + "checksum", NamedNode(checksum)
    yield checksum, RDF + "type", NamedNode(_SPDX + "Checksum")
    yield checksum, _SPDX + "algorithm", NamedNode(_SPDX + "checksumAlgorithm_sha512")
    yield checksum, _SPDX + "checksumValue", Literal(entry["sha512"], datatype=NamedNode(XSD + "hexBinary"))
    yield _SPDX + "checksumAlgorithm_sha512", RDF + "type", NamedNode(_SPDX + "ChecksumAlgorithm")


def _contact(release: Release, graph: Graph, contact: str) -> Iterator[IriTriple]:
    """Yield the contact point of the endpoint, and of each dataset that states none: the publisher, at `contact` or its IRI."""
    iri = f"{release.names.catalogue}#contact"
    publisher = graph.one(NamedNode(release.names.catalogue), DCT + "publisher")
    if not isinstance(publisher, NamedNode):
        return
    for kind in ("Kind", "Organization"):
        yield iri, RDF + "type", NamedNode(_VCARD + kind)
    yield iri, _VCARD + "fn", Literal(ReleaseGraph(release).label(publisher, "fr") or "contact")
    is_page = not contact or "://" in contact
    address = ("hasURL", contact or publisher.value) if is_page else ("hasEmail", f"mailto:{contact}")
    yield iri, _VCARD + address[0], NamedNode(address[1])
    for node in graph.subjects():
        described = {DCAT + "Dataset", DCAT + "DataService"} & set(graph.types(node))
        if isinstance(node, NamedNode) and described and not graph.all(node, DCAT + "contactPoint"):
            yield node.value, DCAT + "contactPoint", NamedNode(iri)


_CSV: Final = DistributionFormat("CSV", "text/csv", "CSV", "use-table")
_CSV_GZ: Final = DistributionFormat("CSV", "text/csv", "CSV, gzip", "use-table", "application/gzip")


class TableDistribution(NamedTuple):
    """A table that is a distribution of a dataset: the IRIs of the dataset and of the class, the slug of the class, its file."""

    dataset: str
    cls: str
    slug: str
    file: str

    @property
    def suffix(self) -> str:
        """The suffix of its distribution IRI."""
        return f"table-{self.slug}"


def table_distributions(release: Release, datasets: Iterable[CatalogueDataset]) -> list[TableDistribution]:
    """Return the tables of these datasets of a release, by name.

    The things of a contract with derived datasets have tables of their own. The table of all other things of a class
    belongs to a dataset only if that has all of them.
    """
    graph = Graph(release.triples.mentions(release.names.void_graph))
    totals = _instance_counts(graph, NamedNode(release.names.dataset))
    held = {each: _instance_counts(graph, NamedNode(each.iri)) for each in datasets}
    shares = defaultdict[str, Counter[str]](Counter)
    for dataset, counts in held.items():
        if dataset.is_derived:
            shares[dataset.contract].update(counts)
    found = []
    for cls in sorted(release.listing.classes, key=lambda cls: cls.slug):
        rest = totals.get(cls.iri, 0) - sum(share[cls.iri] for share in shares.values())
        for dataset, counts in held.items():
            contract = dataset.contract if dataset.is_derived else ""
            file = table_file(release, table_name(cls.slug, contract)) if cls.slug else ""
            if file and counts.get(cls.iri, 0) == (shares[contract][cls.iri] if contract else rest) > 0:
                found.append(TableDistribution(dataset.iri, cls.iri, cls.slug, file))
    return found


def _instance_counts(graph: Graph, dataset: NamedNode) -> dict[str, int]:
    """Return the number of instances of each class of a dataset, from its class partitions."""
    partitions = graph.all(dataset, VOID + "classPartition")
    return {graph.value(each, VOID + "class"): int(graph.value(each, VOID + "entities")) for each in partitions}


def _describe_tables(release: Release, graph: Graph, tables: Iterable[TableDistribution]) -> Iterator[IriTriple]:
    """Yield the descriptions of the tables as distributions."""
    reader = ReleaseGraph(release)
    for table in tables:
        names = {lang: reader.name(NamedNode(table.cls), lang) or shorten(table.cls) for lang in LANGUAGES}
        form = _CSV if table.file.endswith(".csv") else _CSV_GZ
        yield from describe_distribution(graph, table.dataset, table.suffix, form, names)
