"""The kinds of errors: what each means and what to do, at the address that an error gives as its type (RFC 9457)."""

import json
import string
from typing import Any, NamedTuple

from flask import Blueprint, Response, request

from cper_lod.core.errors import Kind, Problem, table
from cper_lod.core.formats import HTML, JSON, Format, by_suffix
from cper_lod.core.namespaces import BASE
from cper_lod.web.http import responses, urls

blueprint = Blueprint("kinds", __name__)
FORMS = (HTML, JSON)


class Piece(NamedTuple):
    """A piece of a sentence: its words, then the name of what stands after them in an error, empty for nothing."""

    text: str
    place: str


def pieces(template: str) -> list[Piece]:
    """Return a sentence of the table in pieces.

    >>> pieces("{path} is not there.")
    [Piece(text='', place='path'), Piece(text=' is not there.', place='')]
    """
    return [Piece(text, place or "") for text, place, _, _ in string.Formatter().parse(template)]


@blueprint.get("/problem", defaults={"suffix": ""})
@blueprint.get("/problem.<suffix>")
def kinds(suffix: str) -> Response:
    """All kinds of errors, by code."""
    rows = sorted(table().values(), key=lambda kind: kind.code)
    form = _form(suffix)
    if form is JSON:
        return _answer(_written([_told(kind) for kind in rows]), suffix, "/problem")
    lang = responses.lang()
    listed = [(kind, kind.words[lang].title, urls.at(f"/problem/{kind.code}")) for kind in rows]
    return _answer(responses.page("problems.html", dated=False, kinds=listed), suffix, "/problem")


@blueprint.get("/problem/<name>")
def kind(name: str) -> Response:
    """One kind of error: what it means, what to do. This address is the `type` of the error."""
    code, _, suffix = name.partition(".")
    found = table().get(code)
    if found is None:
        raise Problem("problem-unknown", name=code[:80], list=f"{request.script_root}/problem")
    path = f"/problem/{code}"
    if _form(suffix) is JSON:
        return _answer(_written(_told(found)), suffix, path)
    words = found.words[responses.lang()]
    page = responses.page(
        "problem_kind.html",
        dated=False,
        kind=found,
        title=words.title,
        detail=pieces(words.detail),
        remedy=pieces(words.remedy),
        type=_told(found)["type"],
        example=urls.at(f"{path}.json"),
    )
    return _answer(page, suffix, path)


def _form(suffix: str) -> Format:
    """Return the form of a suffix, else the one that the request prefers; raises `format-unknown`."""
    form = by_suffix(suffix, FORMS) if suffix else responses.negotiate_format(FORMS)
    if form is None:
        raise Problem("format-unknown", suffix="." + suffix[:40], offers=".html, .json")
    return form


def _answer(response: Response, suffix: str, path: str) -> Response:
    """Return an answer that says which form was chosen, where it was negotiated."""
    if not suffix:
        response.vary.add("Accept")
        form = HTML if response.mimetype == HTML.media_type else JSON
        response.headers["Content-Location"] = f"{request.script_root}{path}.{form.suffix}"
    return response


def _written(told: object) -> Response:
    body = json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"
    return responses.representation(body, JSON, dated=False)


def _told(kind: Kind) -> dict[str, Any]:
    """Return a kind as JSON tells it; `{…}` stands for what an error fills in."""
    words = {
        part: {lang: _plain(getattr(each, part)) for lang, each in kind.words.items()}
        for part in ("title", "detail", "remedy")
    }
    return {"type": f"{BASE}problem/{kind.code}", "status": kind.status, "exit": kind.exit_code, **words}


def _plain(template: str) -> str:
    """Return a sentence of the table as it is read: a brace of its own is written twice there."""
    return "".join(piece.text + (f"{{{piece.place}}}" if piece.place else "") for piece in pieces(template))
