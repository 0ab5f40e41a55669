"""The catalogue of the datasets (DCAT) and the counts of the data (VoID), for harvesters and for people."""

from collections.abc import Iterable
from typing import Final

from flask import Blueprint, Response
from pyoxigraph import Quad

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format, by_suffix
from cper_lod.core.namespaces import DCAT, VOID
from cper_lod.rdf import jsonld
from cper_lod.rdf.serialize import write
from cper_lod.release.catalog import distributions as addressed
from cper_lod.release.catalog.dcat import CATALOGUE
from cper_lod.web.catalog import page
from cper_lod.web.http import responses, urls
from cper_lod.web.http.links import Signposts, header
from cper_lod.web.site import site

blueprint = Blueprint("catalog", __name__)
VOID_FORMS: Final = (TURTLE, JSON_LD, N_TRIPLES, RDF_XML, TRIG)
FORMS: Final = (TURTLE, HTML, *VOID_FORMS[1:])
"""The forms of the catalogue; the first is what a harvester gets, which accepts anything."""


@blueprint.get("/catalog", defaults={"suffix": ""})
@blueprint.get("/catalog.<suffix>")
def catalogue(suffix: str) -> Response:
    """The catalogue (DCAT-AP 3.0.1): datasets, files, endpoint. Never a redirect, since data.gouv.fr follows none.

    With `--data`: 404 `catalogue-absent`.
    """
    form = _form(suffix, FORMS)
    settings = site().settings
    quads = addressed.served_catalogue(site().release, settings.public_url, settings.contact)
    links = _links("/catalog", FORMS, form, CATALOGUE, DCAT + "Catalog")
    if form is HTML:
        return _placed(page.page(quads, urls.forms("/catalog", {}, FORMS), links), "/catalog", suffix, form)
    return _document(quads, CATALOGUE, "/catalog", form, suffix, links)


@blueprint.get("/.well-known/void")
def well_known() -> Response:
    """The VoID description at its well-known address (RFC 8615), without a redirect."""
    return void("")


@blueprint.get("/void", defaults={"suffix": ""})
@blueprint.get("/void.<suffix>")
def void(suffix: str) -> Response:
    """Counts (VoID), in RDF: the whole, its parts, each class and property, the links to other data."""
    form = _form(suffix, VOID_FORMS)
    name, quads = addressed.served_void(site().release, site().settings.public_url)
    links = _links("/void", VOID_FORMS, form, "", VOID + "Dataset")
    return _document(quads, name, "/void", form, suffix, links)


def _form(suffix: str, forms: tuple[Format, ...]) -> Format:
    """Return the form that the suffix or the client names; raises `format-unknown` and `not-acceptable`."""
    form = by_suffix(suffix, forms) if suffix else responses.negotiate_format(forms)
    if form is None:
        offers = ", ".join("." + each.suffix for each in forms)
        raise Problem("format-unknown", suffix="." + suffix[:40], offers=offers)
    return form


def _document(quads: Iterable[Quad], root: str, path: str, form: Format, suffix: str, links: list[str]) -> Response:
    """Return a description in an RDF form; JSON-LD holds its context, since harvesters fetch none."""
    if form is JSON_LD:
        body = jsonld.write(quads, root, site().release.context, address=None)
    else:
        body = write(quads, form, root=root, order=site().release.order)
    location = None if suffix else urls.form(form, path, {})
    vary = () if suffix else ("Accept",)
    return responses.representation(body, form, vary=vary, location=location, links=links)


def _placed(response: Response, path: str, suffix: str, form: Format) -> Response:
    """Say which address has this form alone, where the client chose it."""
    if not suffix:
        response.vary.add("Accept")
        response.headers["Content-Location"] = urls.form(form, path, urls.language_asked())
    return response


def _links(path: str, forms: tuple[Format, ...], form: Format, iri: str, kind: str) -> list[str]:
    """Return the typed links of a description: its other forms, its licence and publisher, the files of all data."""
    rights = site().rights
    own = [(each, urls.public(urls.form(each, path, {}))) for each in forms]
    landing = urls.public(urls.whole(path, {}))
    posts = Signposts(
        landing=landing,
        forms=own,
        linkset="",
        context="",
        iri=iri,
        types=(kind,),
        licence=rights.licence,
        publisher=rights.publisher,
        canonical=urls.canonical_url(landing),
    )
    return header(posts.of(form))
