"""The ontology, its terms and the shapes as pages and as RDF, and the JSON Schemas of the documents."""

from functools import partial
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.formats import VOCABULARY_FORMATS, Format
from cper_lod.core.namespaces import ONTOLOGY, ONTOLOGY_VERSION, OWL, PUBLICATION_SHAPES, SHAPES
from cper_lod.release.documents import document, rules_document
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.api import schemas
from cper_lod.web.docs import shapes as shape_pages
from cper_lod.web.documents import thing_page, things
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.plain_json import VERSION
from cper_lod.web.site import site

blueprint = Blueprint("ontology", __name__)
JSON_SCHEMA: Final = Format("json-schema", "json", "application/schema+json", "JSON Schema", charset=False)


@blueprint.get("/ontology", defaults={"suffix": ""})
@blueprint.get("/ontology.<suffix>")
def ontology(suffix: str) -> Response:
    """The ontology: as a page (how to use it, all terms with their meaning), or as RDF."""
    selected = things.select_document("/ontology", suffix, offers=VOCABULARY_FORMATS)
    page = partial(thing_page.page, vocabulary="/ontology")
    return things.respond(document(site().release, ONTOLOGY), selected, page=page)


@blueprint.get("/ontology/<number>")
def version(number: str) -> Response:
    """The version of the ontology that there is, by its number (`/ontology/1.0.0`, `.ttl`…): 303 to `/ontology`."""
    for stated in ReleaseGraph(site().release).all(NamedNode(ONTOLOGY), OWL + "versionIRI"):
        current = stated.value.removeprefix(ONTOLOGY_VERSION)
        suffix = number.removeprefix(current)
        if number.startswith(current) and suffix[:1] in ("", "."):
            return flask_responses.see_other(urls.link(f"/ontology{suffix}"))
    raise Problem("page-not-found", path=request.path[:200])


@blueprint.get("/ontology/term/<path:name>")
def term(name: str) -> Response:
    """The page of a class or a property of the ontology: definition, example, uses, properties, questions, rules."""
    flask_responses.require_html()
    about = document(site().release, f"{ONTOLOGY}#{name}")
    return thing_page.page(about, f"/ontology/term/{name}", {}, vocabulary="/ontology")


@blueprint.get("/shapes", defaults={"suffix": ""})
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str) -> Response:
    """The SHACL shapes that every release conforms to: as a page with all of them; as RDF, those about the data."""
    selected = things.select_document("/shapes", suffix, offers=VOCABULARY_FORMATS)
    return things.respond(rules_document(site().release, SHAPES.rstrip("#")), selected, page=shape_pages.index)


@blueprint.get("/shapes/publication", defaults={"suffix": ""})
@blueprint.get("/shapes/publication.<suffix>")
def publication_shapes(suffix: str) -> Response:
    """The SHACL shapes about ontology, prefixes, questions and catalogue as RDF; the page is that of all shapes."""
    selected = things.select_document("/shapes/publication", suffix, offers=VOCABULARY_FORMATS)
    return things.respond(rules_document(site().release, PUBLICATION_SHAPES), selected, page=shape_pages.index)


@blueprint.get("/shapes/<path:name>")
def shape(name: str) -> Response:
    """The page of a shape, or of a SPARQL constraint: what to do, its message, targets and parameters, its queries."""
    flask_responses.require_html()
    return shape_pages.shape(name)


@blueprint.get("/schema/<version>/<name>.json")
def schema(version: str, name: str) -> Response:
    """The JSON Schema of a document in plain JSON: of a thing by its `type` (`Contrat`), of a list (`Liste`), of a search.

    `DocumentJsonLd` is that of every document in JSON-LD.
    """
    document = schemas.document(name, flask_responses.lang()) if version == VERSION else None
    if document is None:
        raise Problem("page-not-found", path=request.path[:200])
    return flask_responses.representation(document, JSON_SCHEMA, vary=("Accept-Language",))
