"""The manifest and the help page of the reconciliation service, and its preview of a thing."""

from collections.abc import Iterator
from importlib.metadata import version
from itertools import islice
from typing import Any, Final

from flask import Response
from pyoxigraph import Literal, NamedNode

from cper_lod.core import formatting
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCT, ONTOLOGY, OWL, RDF, RDFS, SKOS
from cper_lod.linking.reconciliation.properties import definition
from cper_lod.linking.reconciliation.queries import MAX_QUERIES
from cper_lod.rdf.graph import Graph
from cper_lod.release.documents import has_document, nothing_about
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.components.groups import page_section
from cper_lod.web.components.labels import LabelReader
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

VERSIONS: Final = ("0.2",)
"""The supported versions of the protocol."""
WIDTH: Final = 430
HEIGHT: Final = 320
"""Width and height of the preview, in pixels."""
_FIRST: Final = tuple(CPER + name for name in ("siren", "siret", "pourcentage", "territoire", "sert"))
_MAX_ROWS: Final = 8
"""Properties in the preview,"""
_MAX_VALUES: Final = 6
"""values of each,"""
_MAX_LENGTH: Final = 200
"""and characters of a value."""
_DESCRIPTIVE: Final = (DCT + "description", SKOS + "definition", RDFS + "comment")


def manifest(types: list[dict[str, str]]) -> dict[str, Any]:
    """Return the manifest of the service; its addresses are in the reader's language."""
    lang, base = flask_responses.lang(), site().settings.public_url
    here = f"{base}/reconcile/{lang}"
    choices = {"choices": [{"value": "fr", "name": "français"}, {"value": "en", "name": "English"}]}
    return {
        "versions": list(VERSIONS),
        "name": translate("reconcile-name", lang),
        "identifierSpace": site().settings.base_iri,
        "schemaSpace": ONTOLOGY + "#" if site().documentation.has_ontology else OWL + "Thing",
        "documentation": here,
        "logo": f"{base}/static/logo.svg",
        "serviceVersion": version("cper-lod"),
        "defaultTypes": types,
        "view": {"url": f"{base}/describe?lang={lang}&iri={{{{id}}}}"},
        "preview": {"url": f"{here}/preview?id={{{{id}}}}", "width": WIDTH, "height": HEIGHT},
        "suggest": {
            kind: {"service_url": here, "service_path": f"/suggest/{kind}"} for kind in ("entity", "property", "type")
        },
        "extend": {
            "propose_properties": {"service_url": here, "service_path": "/properties"},
            "property_settings": [
                {
                    "name": name,
                    "type": kind,
                    "label": translate(f"reconcile-{name}", lang),
                    "default": default,
                    "help_text": translate(f"reconcile-{name}-help", lang),
                    **more,
                }
                for name, kind, default, more in (("lang", "select", lang, choices), ("limit", "number", 0, {}))
            ],
        },
        "batchSize": MAX_QUERIES,
    }


def help_page(types: list[dict[str, str]]) -> Response:
    """Return the page that explains how to use the service."""
    address = f"{site().settings.public_url}/reconcile/{flask_responses.lang()}"
    return flask_responses.page("reconcile.html", address=address, types=types)


def preview_page(iri: str) -> Response:
    """Return the preview of a thing; raises `not-found`."""
    if not has_document(site().release, iri):
        raise nothing_about(iri)
    lang = flask_responses.lang()
    names = LabelReader(ReleaseGraph(site().release), Graph(()), lang)
    page = flask_responses.page(
        "reconcile_preview.html",
        iri=iri,
        title=formatting.brief(names.name(iri), _MAX_LENGTH),
        kind=names.class_label(iri),
        href=_page(iri),
        text=definition(names.reader, iri, lang, _DESCRIPTIVE, 2 * _MAX_LENGTH),
        rows=list(islice(_rows(names, iri), _MAX_ROWS)),
    )
    return flask_responses.framed(page)


def _rows(names: LabelReader, iri: str) -> Iterator[tuple[str, list[tuple[str, str, str]]]]:
    """Yield the properties of a thing with their values: codes first, then in the order of the context; no technical ones."""
    properties = names.reader.properties(NamedNode(iri))
    order = {name: number for number, name in enumerate((*_FIRST, *site().release.context.by_property))}
    for name in sorted(properties, key=lambda each: (order.get(each, len(order)), each)):
        if name == RDF + "type" or page_section(name) not in ("fact", "figure", "elsewhere"):
            continue
        if values := list(islice(_values(names, iri, name), _MAX_VALUES)):
            yield names.name(name), values


def _values(names: LabelReader, iri: str, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield the text of each value of a property, its address (empty if it has none) and its language.

    Texts are those in the reader's language if there are any.
    """
    terms = names.reader.all(NamedNode(iri), name)
    languages = {each.language for each in terms if isinstance(each, Literal)}
    for each in terms:
        if isinstance(each, NamedNode):
            yield formatting.brief(names.name(each.value), _MAX_LENGTH), _page(each.value), ""
        elif isinstance(each, Literal) and (each.language in (None, names.lang) or names.lang not in languages):
            yield formatting.brief(each.value, _MAX_LENGTH), "", each.language or ""


def _page(iri: str) -> str:
    path, query = urls.page_address(iri)
    return urls.link(path, **query, lang=flask_responses.lang())
