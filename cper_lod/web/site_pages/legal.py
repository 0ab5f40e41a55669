"""The legal notice and the accessibility statement: who publishes, how to reuse, how to report an error."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, DCAT, DCT
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.http import formatting, responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("legal", __name__)
CATALOGUE: Final = BASE + "catalogue"
MAX_SOURCES: Final = 50
"""How many source documents the notice names."""
LOGS: Final = {"truncated": "legal-logs-truncated", "full": "legal-logs-full", "none": "legal-logs-none"}
"""The sentence on what the logs keep of an address, by the setting `log_addresses`."""


@dataclass(frozen=True)
class CreditedSource:
    """A document that the data come from: its name and page, who published it, and a line that credits it."""

    title: str
    href: str
    publisher: str
    credit: str


@dataclass(frozen=True)
class Publisher:
    """Who publishes the data: the name and page, and what it says of itself."""

    name: str
    href: str
    description: str


@blueprint.get("/legal")
def legal() -> Response:
    """Legal notice: terms of reuse, how to report an error, what the logs keep."""
    responses.require_html()
    graph = ReleaseGraph(site().release)
    publisher = _publisher(graph)
    sources = tuple(_sources(graph, publisher)) if publisher else ()
    licence = site().rights.licence
    logs = LOGS[site().settings.log_addresses]
    return responses.page(
        "legal.html", publisher=publisher, licence=licence, sources=sources, report=contact(), logs=logs
    )


@blueprint.get("/accessibility")
def accessibility() -> Response:
    """Accessibility statement."""
    responses.require_html()
    return responses.page("accessibility.html", report=contact())


def contact() -> tuple[str, str]:
    """Return the address for reports as it is shown and as a link, both empty where none is set."""
    address = site().settings.contact
    return address, "mailto:" + address if address and "://" not in address else address


def _publisher(graph: ReleaseGraph) -> Publisher | None:
    """Return the publisher that the catalogue names, None where it names none or the files are another's."""
    iri = site().rights.publisher
    if not iri:
        return None
    node, lang = NamedNode(iri), responses.lang()
    description = graph.text(node, DCT + "description", lang)[0]
    return Publisher(graph.label(node, lang), urls.page(iri), description)


def _sources(graph: ReleaseGraph, publisher: Publisher) -> list[CreditedSource]:
    """Return the documents that the datasets of the catalogue come from, each once, by name."""
    lang, catalogue = responses.lang(), NamedNode(CATALOGUE)
    date = formatting.date(graph.value(catalogue, DCT + "modified"), lang)
    datasets = graph.all(catalogue, DCAT + "dataset")
    documents = dict.fromkeys(document for dataset in datasets for document in graph.all(dataset, DCT + "source"))
    found = []
    for document in islice(documents, MAX_SOURCES):
        title = graph.label(document, lang)
        credit = translate("legal-credit", lang, publisher=publisher.name, document=title, date=date)
        page = urls.page(document.value) if isinstance(document, NamedNode) else ""
        issuer = graph.label(graph.one(document, DCT + "publisher"), lang)
        found.append(CreditedSource(title, page, issuer, formatting.spaced(credit, lang)))
    return sorted(found, key=lambda source: (source.title, source.href))
