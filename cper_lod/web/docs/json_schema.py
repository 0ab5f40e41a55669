"""The JSON Schemas of the documents, one per kind of resource: /schema/<version>/<class>.json."""

from typing import Final

from flask import Blueprint, Response, current_app, request

from cper_lod.core.errors import Problem
from cper_lod.core.formats import Format
from cper_lod.release.docs.json_schema import Schemas
from cper_lod.web.http import flask_responses
from cper_lod.web.site import site

blueprint = Blueprint("schemas", __name__)
JSON_SCHEMA: Final = Format("json-schema", "json", "application/schema+json", "JSON Schema", frozenset(), charset=False)
_KEY: Final = "cper_lod.schemas"


def schemas() -> Schemas:
    """Return the schemas of the release that is served, kept in the application."""
    known: Schemas | None = current_app.extensions.get(_KEY)
    if known is None or known.release is not site().release:
        known = current_app.extensions[_KEY] = Schemas(site().release, site().settings.public_url)
    return known


@blueprint.get("/schema/<version>/<name>.json")
def class_schema(version: str, name: str) -> Response:
    """The JSON Schema of a class (`Axe`), of any resource (`noeud`) or of every key (`cles`); all of them in `index`."""
    known = version == site().release.manifest["context"]
    body = schemas().file(f"{name}.json") if known else None
    if body is None:
        raise Problem("page-not-found", path=request.path[:200])
    return flask_responses.representation(body, JSON_SCHEMA)
