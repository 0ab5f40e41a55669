"""The OpenAPI 3.1 description of the API, made from the operations of a site, for programs (/openapi.json) and people (/api)."""

import json
import re
from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from urllib.parse import quote

from flask import Blueprint, Response, request

from cper_lod.core.errors import Language
from cper_lod.core.formats import JSON
from cper_lod.core.i18n import translate
from cper_lod.web.api import parameters
from cper_lod.web.api.operations import TAGS, Operation, operations
from cper_lod.web.api.parameters import CONDITIONS, FIELDS, LANG, Parameter
from cper_lod.web.api.resources import json_bytes
from cper_lod.web.api.schemas import SELF, SHAPES, VERSION, Member, component, components, schema_path
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.headers import PROBLEM_JSON
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import site

Json = dict[str, Any]
blueprint = Blueprint("api", __name__)
DESCRIPTION: Final = "/openapi.json"
_NAME: Final = {"type": "string", "pattern": "^[^/]+$"}


def served_operations() -> list[Operation]:
    """Return the operations of the site of this request; kept, since reading the data for them takes 19 ms."""
    return site().memoize(operations)


def _encoded(lang: Language) -> bytes:
    return json_bytes(document(lang))


def document(lang: Language) -> Json:
    """Return the description of the site of this request, in a language."""
    served = site()
    paths: Json = {each.path: {"get": _operation(each, lang)} for each in served_operations()}
    error = {PROBLEM_JSON.media_type: {"schema": component("Probleme")}}
    shared: Json = {
        # Its values have a name, of which generators make one class.
        "parameters": {"lang": _query_parameter(LANG, lang) | {"schema": component("Langue")}},
        "responses": {"error": {"description": translate("api-error", lang), "content": error}},
    }
    licence, contact = served.rights.licence, served.settings.contact
    return {
        "openapi": "3.1.0",
        "info": {
            "title": served.title(lang),
            "description": translate("api-description", lang),
            "version": VERSION,
            **({"license": {"name": served.licence_name(lang), "url": licence}} if licence else {}),
            **({"contact": {"url" if "://" in contact else "email": contact}} if contact else {}),
        },
        "servers": [{"url": served.settings.public_url}],
        "security": [],
        "tags": [{"name": name, "description": words[lang]} for name, words in TAGS.items()],
        "paths": paths,
        "components": {"schemas": components(shared | paths, lang), **shared},
    }


def _operation(each: Operation, lang: Language) -> Json:
    """Return one operation."""
    example = {"externalValue": site().settings.public_url + address(each)}
    answer = {JSON.media_type: {"schema": each.answer, "examples": {each.id: example}}}
    responses: Json = {"200": {"description": translate("api-answer", lang), "content": answer}}
    responses |= {status: {"description": translate(f"api-{status}", lang)} for status in ("304", "414", "431")}
    responses |= {key: {"$ref": "#/components/responses/error"} for key in ("4XX", "5XX")}
    in_all: Json = {"$ref": "#/components/parameters/lang"}
    return {
        "operationId": each.id,
        "tags": [each.tag],
        "summary": each.summary[lang],
        "parameters": [in_all if one["name"] == LANG.name else one for one in parameters_of(each, lang)],
        "responses": responses,
    }


def parameters_of(each: Operation, lang: Language) -> list[Json]:
    """Return the parameters of an operation, those in its path first."""
    in_path: Json = {"in": "path", "required": True, "description": translate("api-part", lang), "schema": _NAME}
    made = [{"name": name, **in_path, "example": each.values[name]} for name in each.path_parameters]
    return made + [_query_parameter(one, lang, each.values.get(one.name)) for one in _query_parameters(each)]


def _query_parameters(each: Operation) -> list[Parameter]:
    """Return the query parameters of an operation, as far as OpenAPI can tell them: those that mean something in JSON.

    It cannot say that one needs another, or makes the items others. The conditions of a list are one parameter: an object
    with a member for each, which is a parameter of its own.
    """
    known = parameters.parameters_of(each.endpoint)
    found = [one for one in known if not (one.media_type or one.needs or one is FIELDS)]
    return [*found, CONDITIONS] if each.endpoint == "lists.named" else found


def _query_parameter(parameter: Parameter, lang: Language, example: str | None = None) -> Json:
    made: Json = {"name": parameter.name, "in": "query", "description": parameter.meaning[lang]}
    if parameter.required:
        made["required"] = True
    made["schema"] = parameter.schema
    if example is not None:
        made["example"] = int(example) if parameter.schema.get("type") == "integer" else example
    return made


def address(each: Operation) -> str:
    """Return the path and the query of the example of an operation."""
    path, query = each.path, dict(each.values)
    for name in each.path_parameters:
        path = path.replace(f"{{{name}}}", quote(query.pop(name), safe=""))
    return urls.with_query(path, query)


@blueprint.get(DESCRIPTION)
def description() -> Response:
    """The description of the API (OpenAPI 3.1): things, lists and search in JSON, with schemas and examples."""
    return flask_responses.representation(
        site().memoize(_encoded, flask_responses.lang()), JSON, vary=("Accept-Language",)
    )


@blueprint.get("/api")
def page() -> Response:
    """The API on a page: what can be asked in JSON, each with its parameters and an example. A client of JSON is led to OpenAPI."""
    if flask_responses.negotiate_page(JSON) is JSON:
        return flask_responses.see_other(urls.link(DESCRIPTION))
    lang = flask_responses.lang()
    groups = [
        (name, TAGS[name][lang], [_described(each, lang) for each in found])
        for name, found in groupby(served_operations(), key=attrgetter("tag"))
    ]
    return flask_responses.page(
        "api.html",
        groups=groups,
        curl=curl_command(DESCRIPTION, {}, JSON.media_type),
        root=request.script_root,
        shapes=[_shape(name, rows, lang) for name, rows in SHAPES.items() if len(rows) > 1],
    )


def _shape(
    name: str, rows: Mapping[str, Member], lang: Language
) -> tuple[str, str, str, list[tuple[str, Member, str]]]:
    """Return a shape: its name, the address of its schema, what it is, and its members with what they mean."""
    members = [(key, member, _meaning(member, lang)) for key, member in rows.items() if key != SELF]
    return name, urls.link(schema_path(name)), _meaning(rows[SELF], lang), members


def _meaning(member: Member, lang: Language) -> str:
    """Return what a member means, by itself or by the shape that it refers to."""
    named = SHAPES.get(member.type.partition("|")[0], {}).get(SELF, member)
    return (member.words or named.words).get(lang, "")


def _described(each: Operation, lang: Language) -> tuple[Operation, list[Json], dict[str, str], str]:
    """Return an operation, its parameters, the addresses of the schemas of its answer by name, and an example's address."""
    names = re.findall(r"#/components/schemas/(\w+)", json.dumps(each.answer))
    schemas = {name: urls.link(schema_path(name)) for name in names}
    return each, parameters_of(each, lang), schemas, address(each)
