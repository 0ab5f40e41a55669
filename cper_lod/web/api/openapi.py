"""The OpenAPI 3.1 description of the API, made from the operations of a site; its examples are what the site answers."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, urlencode

from flask import Response, current_app, request

from cper_lod.core.errors import Language, Problem, table
from cper_lod.core.i18n import translate
from cper_lod.release.tables.class_table import ClassTable, class_table
from cper_lod.web.api import parameters
from cper_lod.web.api.documents import json_bytes
from cper_lod.web.api.operations import BARE, COMMON, TAGS, THING, WORDS, Operation, by_status, operations
from cper_lod.web.api.parameters import CONDITIONS, FIELDS, OTHERS, Parameter
from cper_lod.web.api.schemas import component, components
from cper_lod.web.http.headers import PROBLEM_JSON
from cper_lod.web.http.plain_json import VERSION
from cper_lod.web.site import SITE, site

Json = dict[str, Any]
_VALUES: Final[Mapping[str, Json]] = {
    "text": {"type": "string", "pattern": r"\S"},
    "date": {"type": "string", "format": "date"},
    **{each: {"type": each} for each in ("boolean", "integer", "number")},
}
"""The schemas of what a column is compared with, by the kind of its values."""
MAX_EXAMPLE: Final = 32_000
MAX_OTHER_EXAMPLE: Final = 8_000
"""Bytes of the longest example: of a thing, of another answer. Of a longer one the address is given."""


def served_operations() -> list[Operation]:
    """Return the operations of the site of this request; kept, since reading the data for them takes 19 ms."""
    return site().memoize(operations)


def document_bytes(lang: Language) -> bytes:
    """Return the description as JSON; kept for each language, since it takes 200 ms."""
    return site().memoize(_encoded, lang)


def _encoded(lang: Language) -> bytes:
    return json_bytes(document(lang))


def document(lang: Language) -> Json:
    """Return the description of the site of this request, in a language."""
    served, found = site(), served_operations()
    paths: dict[str, Json] = {}
    for each in found:
        paths.setdefault(each.path, {})[each.method] = _operation(each, lang)
    shared: Json = {"parameters": {"lang": _shared_lang(lang)}, "responses": _shared_responses(lang)}
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
        "tags": [
            {"name": name, "description": words[lang]}
            for name, words in TAGS.items()
            if any(each.tag == name for each in found)
        ],
        "paths": paths,
        "components": {"schemas": components(shared | paths, lang), **shared},
    }


def _operation(each: Operation, lang: Language) -> Json:
    """Return one operation."""
    responses: Json = {"200": {"description": WORDS["answer"][lang], "content": _answers(each, lang)}}
    shared = {tuple(codes): _response(name) for name, codes in _shared_codes().items()}
    for status, codes in by_status((*each.errors, *COMMON)).items():
        responses[str(status)] = shared.get(tuple(codes)) or _error(codes, lang)
    responses |= {status: _response(status) for status in BARE if status != "304" or each.method == "get"}
    made: Json = {"operationId": each.id, "tags": [each.tag], "summary": each.summary[lang]}
    of_all = _query_parameter(parameters.LANG, lang), {"$ref": "#/components/parameters/lang"}
    made["parameters"] = [of_all[1] if one == of_all[0] else one for one in parameters_of(each, lang)]
    if each.body:
        content: Json = {media_type: {"schema": schema} for media_type, schema in each.body.items()}
        made["requestBody"] = {"required": True, "content": content}
    return made | {"responses": responses}


def parameters_of(each: Operation, lang: Language) -> list[Json]:
    """Return the parameters of an operation, those in its path first."""
    made: list[Json] = []
    for name, schema in each.path_parameters:
        made.append({"name": name, "in": "path", "required": True, "description": WORDS["part"][lang]})
        made[-1] |= {"schema": schema} | ({"example": each.values[name]} if each.values.get(name) else {})
    return made + [_query_parameter(one, lang, each.values.get(one.name)) for one in _query_parameters(each)]


def _query_parameters(each: Operation) -> list[Parameter]:
    """Return the query parameters of an operation, as far as OpenAPI can tell them: those that mean something in JSON.

    It cannot say that one needs another, takes its place, or makes the items others.
    """
    known = parameters.parameters_of(each.endpoint) if each.method == "get" else (parameters.LANG,)
    if "lang" in dict(each.path_parameters):
        known = known[:-1]
    alone = (
        one
        for one in known
        if one.media_type in ("", *each.answers) and not (one.needs or one.instead_of or one is FIELDS)
    )
    listed = _table_of(each)
    found = [one for one in alone if listed or one is not parameters.SORT]
    if listed:
        found = [_order_of(listed) if one is parameters.SORT else one for one in found] + [_conditions_of(listed)]
    if each.endpoint not in parameters.OPEN:
        return found
    # A value that is not known is ignored there, too.
    return [*(replace(one, schema={"type": "string"}) if one is parameters.LANG else one for one in found), OTHERS]


def _table_of(each: Operation) -> ClassTable | None:
    """Return the table of a list, None of an operation that is none, has one order only, or stands for many lists."""
    release, name = site().release, each.path.removeprefix("/doc/").removesuffix(".json")
    cls = release.listing.called(name) if each.endpoint == "lists.named" else None
    found = class_table(release, cls.iri) if cls else None
    return found if found and found.stored else None


def _order_of(listed: ClassTable) -> Parameter:
    """Return the parameter that orders a list, with the orders of that list."""
    values = [sign + name for name in listed.sortable for sign in ("", "-")]
    return replace(parameters.SORT, schema={"type": "string", "enum": values})


def _conditions_of(listed: ClassTable) -> Parameter:
    """Return the conditions of a list as one parameter: an object with a member for each, which is a parameter of its own."""
    members: Json = {}
    for column in map(listed.known, listed.sortable):
        ends = ("", "__gt", "__lt") if column.numeric or column.kind == "date" else ("",)
        members |= {column.name + end: _VALUES.get(column.kind, _VALUES["text"]) for end in ends}
        members[f"{column.name}__null"] = {"type": "boolean"}
    return replace(CONDITIONS, schema={"type": "object", "properties": members, "additionalProperties": False})


def _query_parameter(parameter: Parameter, lang: Language, example: str | None = None) -> Json:
    made: Json = {"name": parameter.name, "in": "query", "description": parameter.meaning[lang]}
    if parameter.required:
        made["required"] = True
    made["schema"] = parameter.schema
    if parameter.name in (OTHERS.name, CONDITIONS.name):
        made |= {"style": "form", "explode": True}
    if example is not None:
        made["example"] = int(example) if parameter.schema.get("type") == "integer" else example
    return made


def address(each: Operation, values: Mapping[str, str]) -> str:
    """Return the path and the query of an operation with values; an empty value is left out.

    Raises `parameter-missing` for a name in the path without a value.
    """
    path, query = each.path, {name: value for name, value in values.items() if value}
    for name, _ in each.path_parameters:
        if name not in query:
            raise Problem("parameter-missing", name=name)
        path = path.replace(f"{{{name}}}", quote(query.pop(name), safe=""))
    return path + (f"?{urlencode(query)}" if query else "")


def _answers(each: Operation, lang: Language) -> Json:
    """Return the answers by media type, the first with the answer of this site as its example."""
    content: dict[str, Json] = {media_type: {"schema": schema} for media_type, schema in each.answers.items()}
    if each.method != "get" or each.endpoint == "api.description":
        return content
    where = address(each, each.values)
    value = answer(where, lang) if each.inline and each.endpoint != "sparql.sparql" else None
    most = MAX_EXAMPLE if each.tag == "things" else MAX_OTHER_EXAMPLE
    if value is not None and value.status_code == 200 and len(value.data) <= most:
        example: Json = {"value": json.loads(value.data)}
    else:
        example = {"externalValue": site().settings.public_url + where}
    content[next(iter(content))]["examples"] = {each.id: example}
    return content


def answer(where: str, lang: Language) -> Response:
    """Return what this site answers at an address, in a language."""
    own = {name: request.environ[name] for name in ("SCRIPT_NAME", "REMOTE_ADDR", SITE) if name in request.environ}
    headers = {"Accept-Language": lang}
    # An application context of its own: what this request keeps in `g` is about another address.
    with current_app.app_context(), current_app.test_request_context(where, headers=headers, environ_overrides=own):
        response = current_app.full_dispatch_request()
        response.direct_passthrough = False
        response.get_data()
        response.close()  # of the file that it was read from
        return response


def _shared_lang(lang: Language) -> Json:
    """Return the parameter that operations share; its values have a name, of which generators make one class."""
    return {**_query_parameter(parameters.LANG, lang), "schema": component("Langue")}


def _response(name: str) -> Json:
    """Return a reference to a response that operations share."""
    return {"$ref": f"#/components/responses/{name}"}


def _shared_codes() -> dict[str, list[str]]:
    """Return the codes of the errors that operations share, by the name of their response: a status, `404-thing`."""
    common = by_status(COMMON)
    things = {status: codes for status, codes in by_status((*THING, *COMMON)).items() if codes != common.get(status)}
    found = {str(status): codes for status, codes in common.items()}
    found |= {f"{status}-thing": codes for status, codes in things.items()}
    return {name: codes for name, codes in found.items() if name not in BARE}


def _shared_responses(lang: Language) -> Json:
    """Return the responses that operations share; that of a wrong parameter has an example."""
    made: Json = {name: _error(codes, lang) for name, codes in _shared_codes().items()}
    made |= {status: {"description": words[lang]} for status, words in BARE.items()}
    content = made["400"]["content"][PROBLEM_JSON.media_type]
    content["examples"] = {"parameter-unknown": {"value": json.loads(answer("/doc.json?limit=5", lang).data)}}
    return made


def _error(codes: Iterable[str], lang: Language) -> Json:
    lines = [f"`{code}`: {table()[code].words[lang].title}" for code in codes]
    content = {PROBLEM_JSON.media_type: {"schema": component("Probleme")}}
    return {"description": "\n\n".join(lines), "content": content}
