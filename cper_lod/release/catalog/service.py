"""The SPARQL 1.1 Service Description of a release."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.formats import GRAPH_FORMATS
from cper_lod.core.namespaces import CPER, DCT, ONTOLOGY, PREFIXES, RDF, RDFS, SD, SH, VOID, XSD
from cper_lod.core.settings import Settings
from cper_lod.rdf.graph import IriTriple, to_quads, translated
from cper_lod.release.release import Release

SIMPLE: Final = "http://www.w3.org/ns/entailment/Simple"


def describe_service(release: Release, settings: Settings) -> list[Quad]:
    """Return the description of the SPARQL endpoint that serves `release`, sorted.

    Features do not apply and are not stated: the endpoint refuses SERVICE (sd:BasicFederatedQuery), does not
    dereference IRIs (sd:DereferencesURIs), queries need no FROM (sd:RequiresDataset), the default graph is not the
    union of the named graphs (sd:UnionDefaultGraph), and empty graphs are not recorded (sd:EmptyGraphs). Graphs named
    by a blank node are left out, since a query cannot name them. Nodes get IRIs below the endpoint, such as
    `…#service`, so that the output is deterministic.

    The prefixes that are known without declaration are those of sh:prefixes, a property of queries in general; sh:declare
    is for ontologies only, so it stands at the ontology, as in the data.

    Source: SPARQL 1.1 Service Description, section 3; SHACL, section 5.2.1.
    """
    triples = [*_service(release, settings), *_graphs(release, settings.endpoint), *_prefixes()]
    return sorted(to_quads(triples), key=str)


def _service(release: Release, settings: Settings) -> Iterator[IriTriple]:
    """Yield the description of the service: address, languages, result formats that have an IRI."""
    endpoint = settings.endpoint
    service = endpoint + "#service"
    yield service, RDF + "type", NamedNode(SD + "Service")
    yield service, SD + "endpoint", NamedNode(endpoint)
    yield service, SD + "supportedLanguage", NamedNode(SD + "SPARQL11Query")
    yield service, SD + "defaultEntailmentRegime", NamedNode(SIMPLE)
    for form in (*settings.table_formats, *GRAPH_FORMATS):
        if form.iri:
            yield service, SD + "resultFormat", NamedNode(form.iri)
    yield service, SH + "prefixes", NamedNode(ONTOLOGY)
    yield service, SD + "defaultDataset", NamedNode(endpoint + "#dataset")
    yield service, SD + "availableGraphs", NamedNode(endpoint + "#graphs")
    yield from translated(service, RDFS + "label", "service-title")
    yield from translated(service, DCT + "description", "service-description")
    if licence := release.rights.licence:
        yield service, DCT + "license", NamedNode(licence)


def _graphs(release: Release, endpoint: str) -> Iterator[IriTriple]:
    """Yield the description of the default dataset, and of the graphs that FROM may name."""
    dataset, available, default = (f"{endpoint}#{name}" for name in ("dataset", "graphs", "default-graph"))
    yield dataset, RDF + "type", NamedNode(SD + "Dataset")
    yield dataset, SD + "defaultGraph", NamedNode(default)
    yield available, RDF + "type", NamedNode(SD + "GraphCollection")
    yield from _counted(default, int(release.manifest["triples"]))
    yield from translated(default, RDFS + "label", "graph-default")
    names = release.names
    labels = {
        names.catalogue_graph: "graph-catalogue",
        names.documentation_graph: "graph-documentation",
        names.report_graph: "graph-report",
        names.void_graph: "graph-void",
    }
    for name, count in sorted(release.graphs.items()):
        if not release.triples.mentioned(name):  # named by a blank node
            continue
        named, graph = (f"{endpoint}#{kind}={quote(name, safe='')}" for kind in ("named-graph", "graph"))
        yield dataset, SD + "namedGraph", NamedNode(named)
        yield available, SD + "namedGraph", NamedNode(named)
        yield named, RDF + "type", NamedNode(SD + "NamedGraph")
        yield named, SD + "name", NamedNode(name)
        yield named, SD + "graph", NamedNode(graph)
        yield from _counted(graph, count)
        if name in labels:
            yield from translated(named, RDFS + "label", labels[name])


def _prefixes() -> Iterator[IriTriple]:
    """Yield the declarations of our prefixes, as in the data."""
    for prefix, namespace in PREFIXES.items():
        declaration = f"{CPER}prefixe-{prefix}"
        yield ONTOLOGY, SH + "declare", NamedNode(declaration)
        yield declaration, RDF + "type", NamedNode(SH + "PrefixDeclaration")
        yield declaration, SH + "prefix", Literal(prefix)
        yield declaration, SH + "namespace", Literal(namespace, datatype=NamedNode(XSD + "anyURI"))


def _counted(graph: str, triples: int) -> Iterator[IriTriple]:
    yield graph, RDF + "type", NamedNode(SD + "Graph")
    yield graph, VOID + "triples", Literal(triples)
