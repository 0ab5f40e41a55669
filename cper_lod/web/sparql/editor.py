"""The query editor: its script, if it has been built, and the prefixes and terms that it proposes, as JSON."""

import json
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from cper_lod.core.formats import JSON
from cper_lod.core.namespaces import PREFIXES, shorten
from cper_lod.release.docs.usage import terms
from cper_lod.release.release import Release, once_per_release
from cper_lod.web.http import compression, flask_responses
from cper_lod.web.site import site

blueprint = Blueprint("editor", __name__)
FOLDER: Final = Path(__file__).parents[1] / "static" / "editor"
"""Where cper_lod/web/editor/hatch_build.py writes the editor; missing if it was built without npm."""
LICENCES: Final = "THIRD-PARTY.txt"
CODINGS: Final = {"br": ".br", "gzip": ".gz"}
"""The content codings in which the script is compressed at build time, and the suffixes of their files."""


@cache
def script() -> str:
    """Return the file name of the editor's script, "" if the editor has not been built."""
    try:
        name = json.loads((FOLDER / "manifest.json").read_bytes())["script"]
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    return name if isinstance(name, str) and (FOLDER / name).is_file() else ""


@cache  # a file of the program
def _read(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@blueprint.get("/static/editor/<name>")
def file(name: str) -> Response:
    """The query editor, if it was built: its script, and the licences of what it contains."""
    if name == LICENCES and (FOLDER / name).is_file():
        return Response((FOLDER / name).read_bytes(), content_type="text/plain; charset=utf-8")
    if not name or name != script():
        raise NotFound
    coding = compression.choose(request.headers.get("Accept-Encoding")) or ""
    if coding not in CODINGS or not (FOLDER / (name + CODINGS[coding])).is_file():
        coding = ""  # it may be compressed like any other response
    response = Response(_read(name + CODINGS.get(coding, "")), content_type="text/javascript; charset=utf-8")
    response.set_etag(f"{name}.{coding}" if coding else name)
    if coding:
        response.headers["Content-Encoding"] = coding
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = flask_responses.IMMUTABLE
    return response


MAX_TERMS: Final = 2000
"""Terms that are proposed, the most used ones."""


@blueprint.get("/sparql/terms.json")
def proposals() -> Response:
    """What the query editor proposes: prefixes, classes and properties with their labels."""
    return flask_responses.representation(_proposals(site().release), JSON)


@once_per_release(1)
def _proposals(release: Release) -> bytes:
    proposed = []
    for term in terms(release)[:MAX_TERMS]:
        name = shorten(term.iri)
        written = f"<{term.iri}>" if name == term.iri else name  # as it stands in a query
        proposed.append({"name": written, "kind": term.kind, "count": term.count, "labels": term.labels})
    return json.dumps({"prefixes": PREFIXES, "terms": proposed}, ensure_ascii=False).encode() + b"\n"
