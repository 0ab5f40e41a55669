"""The catalogue of the datasets (DCAT) and the statistics of the data (VoID), for harvesters and for people."""

from typing import Final

from flask import Blueprint, Response
from pyoxigraph import Quad

from cper_lod.core.formats import HTML, RDF, VOCABULARY_FORMATS
from cper_lod.core.namespaces import DCAT, VOID
from cper_lod.release.catalog.dcat import CATALOGUE
from cper_lod.release.catalog.distributions import served_catalogue
from cper_lod.release.catalog.void import void_description
from cper_lod.web.catalog import page
from cper_lod.web.http import urls
from cper_lod.web.http.links import Link, Signposts
from cper_lod.web.http.representation import Selection, select, serialize
from cper_lod.web.http.signposting import schema_addresses
from cper_lod.web.site import site

blueprint = Blueprint("catalog", __name__)
VOID_FORMS: Final = RDF
FORMS: Final = VOCABULARY_FORMATS
"""The formats of the catalogue; the first is what a harvester gets, which accepts anything."""


@blueprint.get("/catalog", defaults={"suffix": ""})
@blueprint.get("/catalog.<suffix>")
def catalogue(suffix: str) -> Response:
    """The catalogue (DCAT-AP 3.0.1): datasets, files, endpoint. Never a redirect, since data.gouv.fr follows none.

    With `--data`: 404 `catalogue-absent`.
    """
    selected = select("/catalog", suffix, FORMS)
    quads = site().keep(_served)
    links = _links(selected, CATALOGUE, DCAT + "Catalog")
    if selected.format is HTML:
        return selected.respond(page.page(quads, urls.format_addresses("/catalog", {}, FORMS)), links=links)
    body = serialize(quads, selected.format, CATALOGUE, order=site().release.property_order)
    return selected.respond(body, links=links)


def _served() -> list[Quad]:
    """Return the catalogue as this site serves it."""
    settings = site().settings
    return served_catalogue(site().release, settings.public_url, settings.contact)


@blueprint.get("/.well-known/void")
def well_known() -> Response:
    """The VoID description at its well-known address (RFC 8615), without a redirect."""
    return void("")


@blueprint.get("/void", defaults={"suffix": ""})
@blueprint.get("/void.<suffix>")
def void(suffix: str) -> Response:
    """Counts (VoID), in RDF: the whole, its parts, each class and property, the links to other data."""
    selected = select("/void", suffix, VOID_FORMS)
    iri, quads = void_description(site().release, site().settings.public_url)
    body = serialize(quads, selected.format, iri, order=site().release.property_order)
    return selected.respond(body, links=_links(selected, "", VOID + "Dataset"))


def _links(selected: Selection, iri: str, cls: str) -> list[Link]:
    """Return the typed links of a description: its other formats, its licence and its publisher."""
    rights = site().rights
    landing = urls.public_url(urls.address(selected.path, {}))
    signposts = Signposts(
        landing=landing,
        forms=selected.public_addresses(),
        linkset="",
        iri=iri,
        types=(cls,),
        licence=rights.licence,
        publisher=rights.publisher,
        schemas=schema_addresses(),
        canonical=urls.canonical_url(landing),
    )
    return signposts.of(selected.format)
