"""Static files: style sheet, logo and scripts of the pages, with the same validators on every host."""

from functools import cache
from pathlib import Path
from typing import Final

from flask import Response
from werkzeug.exceptions import NotFound

from cper_lod.core.formats import Format
from cper_lod.web.http import flask_responses

FOLDER: Final = Path(__file__).parents[1] / "static"
TYPES: Final = {
    ".css": Format("css", "css", "text/css", "CSS", frozenset()),
    ".js": Format("javascript", "js", "text/javascript", "JavaScript", frozenset()),
    ".svg": Format("svg", "svg", "image/svg+xml", "SVG", frozenset(), charset=False),
}


@cache
def files() -> dict[str, tuple[bytes, Format]]:
    """Return the bytes and the format of each file, by name."""
    found = (path for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES)
    return {path.name: (path.read_bytes(), TYPES[path.suffix]) for path in found}


def static_file(filename: str) -> Response:
    """Style sheet and logo of the pages."""
    if filename not in files():
        raise NotFound
    return flask_responses.representation(*files()[filename])
