"""The ontology, its versions and the shapes as pages and as RDF, and the JSON Schemas of the documents."""

import re
from typing import Final

from flask import Blueprint, Response, request

from cper_lod.core.errors import Problem
from cper_lod.core.formats import VOCABULARY_FORMATS, Format
from cper_lod.core.namespaces import ONTOLOGY, SHAPES
from cper_lod.release.docs.versions import current_version, version_document
from cper_lod.release.documents import document, shapes_document
from cper_lod.web.api import schemas
from cper_lod.web.docs import ontology as ontology_page
from cper_lod.web.docs import shapes as shapes_page
from cper_lod.web.documents import things
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.links import Link
from cper_lod.web.http.plain_json import VERSION
from cper_lod.web.site import site

blueprint = Blueprint("ontology", __name__)
JSON_SCHEMA: Final = Format("json-schema", "json", "application/schema+json", "JSON Schema", charset=False)
_VERSIONED: Final = re.compile(r"([0-9.]*[0-9])(?:\.([A-Za-z][A-Za-z0-9]*))?")


@blueprint.get("/ontology", defaults={"suffix": ""})
@blueprint.get("/ontology.<suffix>")
def ontology(suffix: str) -> Response:
    """The ontology: as documentation (what it is for, diagram, all terms with the pages that describe them), or as RDF."""
    selected = things.select_document("/ontology", suffix, offers=VOCABULARY_FORMATS)
    return things.respond(document(site().release, ONTOLOGY), selected, page=ontology_page.cover)


@blueprint.get("/ontology/<name>")
def version(name: str) -> Response:
    """One version of the ontology (`/ontology/1.0.0`), negotiated or by suffix; an earlier version never changes."""
    match = _VERSIONED.fullmatch(name)
    number, suffix = match.groups("") if match else (name, "")
    about = version_document(site().release, number)
    selected = things.select_document(f"/ontology/{number}", suffix, offers=VOCABULARY_FORMATS)
    past = number != current_version(site().release) and suffix and selected.format in things.FIXED
    latest = Link(urls.public_url(urls.address("/ontology", {})), "latest-version")
    cache = flask_responses.IMMUTABLE if past else flask_responses.FRESH
    return things.respond(about, selected, page=ontology_page.cover, links=[latest], cache=cache)


@blueprint.get("/ontology/term/<path:name>", defaults={"number": ""})
@blueprint.get("/ontology/<number>/term/<path:name>")
def term(number: str, name: str) -> Response:
    """The page of a class of the ontology, or of one of its versions: definition, example, properties, data, shapes.

    The name of a property leads to the page that describes it (303).
    """
    flask_responses.require_html()
    ontology, iri = site().documentation.ontology(number), f"{ONTOLOGY}#{name}"
    if ontology.defines(iri) and not ontology.is_class(iri):
        start = f"/ontology/{number}" if number else "/ontology"
        return flask_responses.see_other(urls.link(f"{start}/{ontology.path(iri)}"))
    return ontology_page.class_page(number, name)


@blueprint.get("/ontology/properties", defaults={"number": ""})
@blueprint.get("/ontology/<number>/properties")
def properties(number: str) -> Response:
    """The page of the properties of the ontology, or of one of its versions, that several classes have."""
    flask_responses.require_html()
    return ontology_page.page("ontology_properties.html", number, lambda book: book.shared.text)


@blueprint.get("/ontology/codes")
def codes() -> Response:
    """The page of the code lists of the ontology."""
    flask_responses.require_html()
    return ontology_page.page("ontology_codes.html", "", lambda book: book.codes.text)


@blueprint.get("/shapes/<name>")
def subject(name: str) -> Response:
    """The page of the shapes of one subject: a class of the ontology, another vocabulary, or a contract."""
    flask_responses.require_html()
    return shapes_page.page(name)


@blueprint.get("/shapes", defaults={"suffix": ""})
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str) -> Response:
    """The SHACL shapes that every release conforms to: their number and their subjects with a page each, or as RDF."""
    selected = things.select_document("/shapes", suffix, offers=VOCABULARY_FORMATS)
    return things.respond(shapes_document(site().release, SHAPES.rstrip("#")), selected, page=shapes_page.cover)


@blueprint.get("/schema/<version>/<name>.json")
def schema(version: str, name: str) -> Response:
    """The JSON Schema of a document in plain JSON: of a thing by its `type` (`Axe`), of a list (`Liste`), of a search.

    `DocumentJsonLd` is that of every document in JSON-LD.
    """
    document = schemas.document(name, flask_responses.lang()) if version == VERSION else None
    if document is None:
        raise Problem("page-not-found", path=request.path[:200])
    return flask_responses.representation(document, JSON_SCHEMA, vary=("Accept-Language",))
