"""The description of the API for programs (/openapi.json) and for people (/api), where each operation can be tried."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flask import Blueprint, Response, request

from cper_lod.core.errors import Language, Problem, table
from cper_lod.core.formats import JSON
from cper_lod.web.api import openapi
from cper_lod.web.api.operations import TAGS, Operation
from cper_lod.web.api.parameters import OTHERS
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.plain_json import schema_path
from cper_lod.web.http.urls import curl_command

blueprint = Blueprint("api", __name__)
DESCRIPTION: Final = "/openapi.json"


class Field(NamedTuple):
    """A field of the form with which an operation is tried: its name, what it means, its choices, a value to start with."""

    name: str
    meaning: str
    value: str
    choices: tuple[str, ...]
    required: bool
    document: bool
    """Whether the value is a document, which needs several lines."""


class Entry(NamedTuple):
    """An operation as the page shows it."""

    operation: Operation
    summary: str
    fields: tuple[Field, ...]
    schemas: tuple[tuple[str, str], ...]
    """The schemas of its answers, by name, with their addresses."""
    errors: tuple[tuple[int, list[tuple[str, str]]], ...]
    """Its own errors: the status, the codes, and what they say."""


@blueprint.get(DESCRIPTION)
def description() -> Response:
    """The description of the API (OpenAPI 3.1): every address that answers in JSON, with schemas and examples."""
    return flask_responses.representation(
        openapi.document_bytes(flask_responses.lang()), JSON, vary=("Accept-Language",)
    )


@blueprint.get("/api")
def page() -> Response:
    """The API on a page: what can be asked in JSON, each with a form to try it. A client of JSON is led to OpenAPI."""
    if flask_responses.negotiate_page() is JSON:
        return flask_responses.see_other(urls.link(DESCRIPTION))
    lang = flask_responses.lang()
    entries: dict[str, list[Entry]] = {}
    for each in openapi.served_operations():
        entries.setdefault(each.tag, []).append(_entry(each, lang))
    groups = [(name, openapi.words(TAGS[name], lang), found) for name, found in entries.items()]
    return flask_responses.page("api.html", groups=groups, curl=curl_command(DESCRIPTION, {}, JSON.media_type))


@blueprint.get("/api/<name>")
def run(name: str) -> Response:
    """The address of an operation, filled with the values of its form: 303."""
    found = next((each for each in openapi.served_operations() if each.id == name and each.method == "get"), None)
    if found is None:
        raise Problem("page-not-found", path=request.path[:200])
    values = {field: urls.single_parameter(field) for field in request.args}
    return flask_responses.see_other(request.script_root + openapi.address(found, values), vary="Accept-Encoding")


def _entry(each: Operation, lang: Language) -> Entry:
    values = {**each.values, "lang": lang}
    fields = [
        Field(name, openapi.words(openapi.SLUG, lang), values.get(name, ""), _choices(schema), True, False)
        for name, schema in each.path_parameters
    ]
    for parameter in openapi.query_parameters(each):
        if parameter is OTHERS:
            continue
        fields.append(
            Field(
                parameter.name,
                openapi.words(parameter.meaning, lang),
                "" if "default" in parameter.schema else values.get(parameter.name, ""),
                _choices(parameter.schema),
                parameter.required,
                bool(parameter.media_type_of_value) or parameter.name == "query",
            )
        )
    names = dict.fromkeys(re.findall(r"#/components/schemas/(\w+)", json.dumps(list(each.answers.values()))))
    errors = [
        (status, [(code, table()[code].words[lang].title) for code in codes if code in each.errors])
        for status, codes in each.statuses.items()
    ]
    return Entry(
        each,
        openapi.words(each.summary, lang),
        tuple(fields),
        tuple((name, urls.link(schema_path(name))) for name in names),
        tuple(found for found in errors if found[1]),
    )


def _choices(schema: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(schema.get("enum", ()))
