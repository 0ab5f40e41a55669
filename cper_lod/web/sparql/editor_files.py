"""The built files of the query editor: found by their manifest, sent compressed, kept for ever by whoever has them."""

import json
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from cper_lod.web.http import compression

blueprint = Blueprint("editor_files", __name__)
FOLDER: Final = Path(__file__).parents[1] / "static" / "editor"
"""Where cper_lod/web/editor/hatch_build.py puts what it builds; not there where there was no npm."""
LICENCES: Final = "THIRD-PARTY.txt"
CODINGS: Final = {"br": ".br", "gzip": ".gz"}
"""The codings that the script was compressed in when it was built."""


@cache
def script() -> str:
    """Return the name of the editor's script, empty where the editor is not built."""
    try:
        name = json.loads((FOLDER / "manifest.json").read_bytes())["script"]
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    return name if isinstance(name, str) and (FOLDER / name).is_file() else ""


@blueprint.get("/static/editor/<name>")
def file(name: str) -> Response:
    """The script under its hashed name, which never gets other bytes, or the licences of what is bundled in it."""
    if name == LICENCES and (FOLDER / name).is_file():
        return Response((FOLDER / name).read_bytes(), content_type="text/plain; charset=utf-8")
    if not name or name != script():
        raise NotFound
    coding = compression.choose(request.headers.get("Accept-Encoding")) or ""
    if coding not in CODINGS or not (FOLDER / (name + CODINGS[coding])).is_file():
        coding = ""  # the gateway may compress it by itself
    body = (FOLDER / (name + CODINGS.get(coding, ""))).read_bytes()
    response = Response(body, content_type="text/javascript; charset=utf-8")
    response.set_etag(f"{name}.{coding}" if coding else name)
    if coding:
        response.headers["Content-Encoding"] = coding
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.make_conditional(request)
    return response
