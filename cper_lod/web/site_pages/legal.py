"""The legal notice and the accessibility statement: who publishes, how to reuse, how to report an error."""

from itertools import islice
from typing import Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from cper_lod.core.namespaces import DCAT, DCT
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("legal", __name__)
MAX_SOURCES: Final = 50
"""Source documents that the notice lists."""


@blueprint.get("/legal")
def legal() -> Response:
    """Legal notice: terms of reuse, how to report an error, what the logs keep."""
    flask_responses.negotiate_page()
    graph, iri, lang = ReleaseGraph(site().release), site().rights.publisher, flask_responses.lang()
    name = graph.label(NamedNode(iri), lang) if iri else ""
    return flask_responses.page(
        "legal.html",
        publisher=(name, urls.page_link(iri), graph.text(NamedNode(iri), DCT + "description", lang)[0])
        if iri
        else None,
        licence=site().rights.licence,
        sources=_sources(graph) if iri else [],
        report=contact(),
    )


@blueprint.get("/accessibility")
def accessibility() -> Response:
    """Accessibility statement."""
    flask_responses.negotiate_page()
    return flask_responses.page("accessibility.html", report=contact())


def contact() -> tuple[str, str]:
    """Return the contact address as text and as a link, both empty if none is set."""
    address = site().settings.contact
    return address, "mailto:" + address if address and "://" not in address else address


def _sources(graph: ReleaseGraph) -> list[tuple[str, str, str]]:
    """Return the source documents of the datasets in the catalogue, each once: title, page, publisher."""
    lang, datasets = flask_responses.lang(), graph.all(NamedNode(site().release.names.catalogue), DCAT + "dataset")
    documents = dict.fromkeys(document for dataset in datasets for document in graph.all(dataset, DCT + "source"))
    found = []
    for document in islice(documents, MAX_SOURCES):
        page = urls.page_link(document.value) if isinstance(document, NamedNode) else ""
        issuer = graph.label(graph.one(document, DCT + "publisher"), lang)
        found.append((graph.label(document, lang), page, issuer))
    return sorted(found)
