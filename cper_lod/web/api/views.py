"""The description of the API for programs (/openapi.json) and for people (/api)."""

import json
import re
from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from flask import Blueprint, Response, request

from cper_lod.core.errors import Language, table
from cper_lod.core.formats import JSON
from cper_lod.web.api import openapi, schemas
from cper_lod.web.api.operations import TAGS, Operation, by_status
from cper_lod.web.api.schemas import Member
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.plain_json import schema_path
from cper_lod.web.http.urls import curl_command

blueprint = Blueprint("api", __name__)
DESCRIPTION: Final = "/openapi.json"


@blueprint.get(DESCRIPTION)
def description() -> Response:
    """The description of the API (OpenAPI 3.1): every address that answers in JSON, with schemas and examples."""
    return flask_responses.representation(
        openapi.document_bytes(flask_responses.lang()), JSON, vary=("Accept-Language",)
    )


@blueprint.get("/api")
def page() -> Response:
    """The API on a page: what can be asked in JSON, each with its parameters and an example. A client of JSON is led to OpenAPI."""
    if flask_responses.negotiate_page() is JSON:
        return flask_responses.see_other(urls.link(DESCRIPTION))
    lang = flask_responses.lang()
    groups = [
        (name, TAGS[name][lang], [_described(each, lang) for each in found])
        for name, found in groupby(openapi.served_operations(), key=attrgetter("tag"))
    ]
    curl = curl_command(DESCRIPTION, {}, JSON.media_type)
    root = request.script_root
    return flask_responses.page(
        "api.html",
        groups=groups,
        own_errors=by_status,
        kinds=table(),
        curl=curl,
        root=root,
        shapes=[_shape(name, rows, lang) for name, rows in schemas.SHAPES.items() if len(rows) > 1],
    )


def _shape(
    name: str, rows: Mapping[str, Member], lang: Language
) -> tuple[str, str, str, list[tuple[str, Member, str]]]:
    """Return a shape: its name, the address of its schema, what it is, and its members with what they mean."""
    members = [(key, member, _meaning(member, lang)) for key, member in rows.items() if key != schemas.SELF]
    return name, urls.link(schema_path(name)), _meaning(rows[schemas.SELF], lang), members


def _meaning(member: Member, lang: Language) -> str:
    """Return what a member means, by itself or by the shape that it refers to."""
    named = schemas.SHAPES.get(member.type.partition("|")[0], {}).get(schemas.SELF, member)
    return (member.words or named.words).get(lang, "")


def _described(each: Operation, lang: Language) -> tuple[Operation, list[dict[str, Any]], dict[str, str], str]:
    """Return an operation, its parameters, the addresses of the schemas of its answers by name, and an example's address."""
    example = openapi.address(each, each.values) if each.method == "get" else ""
    return each, openapi.parameters_of(each, lang), _schemas(each), example


def _schemas(each: Operation) -> dict[str, str]:
    """Return the schemas of the answers of an operation: their addresses by name."""
    names = re.findall(r"#/components/schemas/(\w+)", json.dumps(list(each.answers.values())))
    return {name: urls.link(schema_path(name)) for name in names}
