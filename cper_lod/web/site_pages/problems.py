"""The error types: what each means and what to do, at the address that an error gives as its type (RFC 9457)."""

import json
import string
from typing import Any

from flask import Blueprint, Response, request

from cper_lod.core.errors import Problem, ProblemKind, table
from cper_lod.core.formats import HTML, JSON
from cper_lod.core.namespaces import VOCABULARY
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.representation import select

blueprint = Blueprint("kinds", __name__)
FORMS = (HTML, JSON)


def template_parts(template: str) -> list[tuple[str, str]]:
    """Return a sentence of the error table in parts: text, and the name of the parameter after it, empty for none.

    >>> template_parts("{path} is not there.")
    [('', 'path'), (' is not there.', '')]
    """
    return [(text, param or "") for text, param, _, _ in string.Formatter().parse(template)]


@blueprint.get("/problem", defaults={"suffix": ""})
@blueprint.get("/problem.<suffix>")
def kinds(suffix: str) -> Response:
    """All kinds of errors, by code."""
    rows = sorted(table().values(), key=lambda kind: kind.code)
    selected = select("/problem", suffix, FORMS, localized=())
    if selected.format is JSON:
        return selected.respond(_as_json([_kind(kind) for kind in rows]))
    lang = flask_responses.lang()
    listed = [(kind, kind.words[lang].title, urls.link(f"/problem/{kind.code}")) for kind in rows]
    return selected.respond(flask_responses.page("problems.html", dated=False, kinds=listed))


@blueprint.get("/problem/<name>")
def kind(name: str) -> Response:
    """One kind of error: what it means, what to do. This address is the `type` of the error."""
    code, _, suffix = name.partition(".")
    found = table().get(code)
    if found is None:
        raise Problem("problem-unknown", name=code[:80], list=f"{request.script_root}/problem")
    selected = select(f"/problem/{code}", suffix, FORMS, localized=())
    if selected.format is JSON:
        return selected.respond(_as_json(_kind(found)))
    message = found.words[flask_responses.lang()]
    page = flask_responses.page(
        "problem_kind.html",
        dated=False,
        kind=found,
        title=message.title,
        detail=template_parts(message.detail),
        remedy=template_parts(message.remedy),
        type=_kind(found)["type"],
        example=urls.link(f"/problem/{code}.json"),
    )
    return selected.respond(page)


def _as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def _kind(kind: ProblemKind) -> dict[str, Any]:
    """Return an error type as JSON; `{…}` marks what an error fills in."""
    texts = {
        part: {lang: _plain(getattr(each, part)) for lang, each in kind.words.items()}
        for part in ("title", "detail", "remedy")
    }
    return {"type": f"{VOCABULARY}problem/{kind.code}", "status": kind.status, "exit": kind.exit_code, **texts}


def _plain(template: str) -> str:
    """Return a sentence of the error table for a reader: literal braces are doubled in the table."""
    return "".join(text + (f"{{{param}}}" if param else "") for text, param in template_parts(template))
