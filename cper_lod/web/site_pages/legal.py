"""The legal notice and the accessibility statement: who publishes, how to reuse, how to report an error."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DCAT, DCT
from cper_lod.release.catalog.dcat import CATALOGUE
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("legal", __name__)
MAX_SOURCES: Final = 50
"""Source documents that the notice lists."""


@dataclass(frozen=True)
class CreditedSource:
    """A source document of the data: its title and page, its publisher, and the credit to copy."""

    title: str
    href: str
    publisher: str
    credit: str


@dataclass(frozen=True)
class Publisher:
    """The publisher of the data: its name, page and description."""

    name: str
    href: str
    description: str


@blueprint.get("/legal")
def legal() -> Response:
    """Legal notice: terms of reuse, how to report an error, what the logs keep."""
    flask_responses.require_html()
    graph = ReleaseGraph(site().release)
    publisher = _publisher(graph)
    sources = tuple(_sources(graph, publisher)) if publisher else ()
    licence = site().rights.licence
    logs = f"legal-logs-{site().settings.log_addresses}"
    return flask_responses.page(
        "legal.html", publisher=publisher, licence=licence, sources=sources, report=contact(), logs=logs
    )


@blueprint.get("/accessibility")
def accessibility() -> Response:
    """Accessibility statement."""
    flask_responses.require_html()
    return flask_responses.page("accessibility.html", report=contact())


def contact() -> tuple[str, str]:
    """Return the contact address as text and as a link, both empty if none is set."""
    address = site().settings.contact
    return address, "mailto:" + address if address and "://" not in address else address


def _publisher(graph: ReleaseGraph) -> Publisher | None:
    """Return the publisher that the catalogue names, None if there is none or the data are served as is."""
    iri = site().rights.publisher
    if not iri:
        return None
    node, lang = NamedNode(iri), flask_responses.lang()
    description = graph.text(node, DCT + "description", lang)[0]
    return Publisher(graph.label(node, lang), urls.page_link(iri), description)


def _sources(graph: ReleaseGraph, publisher: Publisher) -> list[CreditedSource]:
    """Return the source documents of the datasets in the catalogue, each once, by title."""
    lang, catalogue = flask_responses.lang(), NamedNode(CATALOGUE)
    date = formatting.date(graph.value(catalogue, DCT + "modified"), lang)
    datasets = graph.all(catalogue, DCAT + "dataset")
    documents = dict.fromkeys(document for dataset in datasets for document in graph.all(dataset, DCT + "source"))
    found = []
    for document in islice(documents, MAX_SOURCES):
        title = graph.label(document, lang)
        credit = translate("legal-credit", lang, publisher=publisher.name, document=title, date=date)
        page = urls.page_link(document.value) if isinstance(document, NamedNode) else ""
        issuer = graph.label(graph.one(document, DCT + "publisher"), lang)
        found.append(CreditedSource(title, page, issuer, formatting.typeset(credit, lang)))
    return sorted(found, key=lambda source: (source.title, source.href))
