"""The metadata quality score of data.europa.eu (MQA): its indicators, their published weights, what is lost.

Source: https://data.europa.eu/mqa/methodology, 405 points. A distribution is a file here: of the SPARQL endpoint, which
is offered as a distribution too, only its access address is asked for. Two indicators need the world or the official
shapes: addresses are asked by `answers`, and DCAT-AP compliance is `compliant`.
"""

from collections.abc import Callable
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import DCAT, DCT
from cper_lod.rdf.graph import Graph

EU: Final = "http://publications.europa.eu/resource/authority/"
IANA: Final = "https://www.iana.org/assignments/media-types/"
OPEN: Final = {"RDF_TURTLE", "RDF_N_TRIPLES", "JSON_LD", "CSV"}
"""Of the formats that the tables of data.europa.eu call machine-readable and non-proprietary, those that we offer."""


def score(
    graph: Graph, dataset: NamedNode, answers: Callable[[str], bool], *, compliant: bool
) -> dict[str, tuple[int, bool]]:
    """Return each indicator of a dataset with its weight and whether it is fulfilled."""
    every = [each for each in graph.all(dataset, DCAT + "distribution") if isinstance(each, NamedNode)]
    files = [each for each in every if graph.all(each, DCAT + "downloadURL")]

    def has(*names: str) -> bool:
        return all(graph.all(dataset, name) for name in names)

    def each_has(name: str, test: Callable[[str], bool] = bool) -> bool:
        return bool(files) and all(test(graph.value(file, name)) for file in files)

    def known(value: str) -> bool:
        return value.startswith(EU + "file-type/")

    opened = each_has(DCT + "format", lambda value: value.rpartition("/")[2] in OPEN)
    licence = graph.value(dataset, DCT + "license")
    access = graph.value(dataset, DCT + "accessRights")
    return {
        "dcat:keyword": (30, has(DCAT + "keyword")),
        "dcat:theme": (30, has(DCAT + "theme")),
        "dct:spatial": (20, has(DCT + "spatial")),
        "dct:temporal": (20, has(DCT + "temporal")),
        "access URL answers": (50, all(answers(graph.value(each, DCAT + "accessURL")) for each in every)),
        "download URL": (20, each_has(DCAT + "downloadURL")),
        "download URL answers": (30, each_has(DCAT + "downloadURL", answers)),
        "dct:format": (20, each_has(DCT + "format")),
        "dcat:mediaType": (10, each_has(DCAT + "mediaType")),
        "format and media type known": (
            10,
            each_has(DCT + "format", known) and each_has(DCAT + "mediaType", lambda value: value.startswith(IANA)),
        ),
        "non-proprietary": (20, opened),
        "machine-readable": (20, opened),
        "DCAT-AP": (30, compliant),
        "dct:license": (20, bool(licence) and each_has(DCT + "license")),
        "licence known": (10, licence.startswith(EU + "licence/")),
        "dct:accessRights": (10, bool(access)),
        "access rights known": (5, access.startswith(EU + "access-right/")),
        "dcat:contactPoint": (20, has(DCAT + "contactPoint")),
        "dct:publisher": (10, has(DCT + "publisher")),
        "dct:rights": (5, each_has(DCT + "rights")),
        "dcat:byteSize": (5, each_has(DCAT + "byteSize")),
        "dct:issued": (5, has(DCT + "issued") and each_has(DCT + "issued")),
        "dct:modified": (5, has(DCT + "modified") and each_has(DCT + "modified")),
    }
