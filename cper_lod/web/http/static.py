"""Static files: style sheet, logo and scripts of the pages, with the same validators on every host.

The query editor is among them if it has been built.
"""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final

from flask import Response
from werkzeug.exceptions import NotFound

from cper_lod.core.formats import Format
from cper_lod.web.http import flask_responses, urls

FOLDER: Final = Path(__file__).parents[1] / "static"
TYPES: Final = {
    ".css": Format("css", "css", "text/css", "CSS"),
    ".js": Format("javascript", "js", "text/javascript", "JavaScript"),
    ".txt": Format("text", "txt", "text/plain", "TXT"),
    ".svg": Format("svg", "svg", "image/svg+xml", "SVG", charset=False),
}
_HASHED: Final = re.compile(r"(.+)\.[0-9a-f]{12}(\.[a-z]+)")


@cache  # files of the program
def files() -> dict[str, tuple[bytes, Format]]:
    """Return the bytes and the format of each file, by name."""
    found = (path for path in sorted(FOLDER.rglob("*")) if path.suffix in TYPES)
    return {path.relative_to(FOLDER).as_posix(): (path.read_bytes(), TYPES[path.suffix]) for path in found}


@cache  # of those files
def hashed_name(name: str) -> str:
    """Return the name of a file with a hash of its content before the suffix: style.0123456789ab.css."""
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(files()[name][0]).hexdigest()[:12]}.{suffix}"


def address(name: str) -> str:
    """Return the address of a file, which changes with its content."""
    return urls.address(f"/static/{hashed_name(name)}", {})


def static_file(filename: str) -> Response:
    """Style sheet, logo and scripts of the pages, for good under the name with a hash that the pages use.

    The plain name, and the name with another hash (a page from before an update), get the present file.
    """
    match = _HASHED.fullmatch(filename)
    name = match[1] + match[2] if match else filename
    if name not in files():
        raise NotFound
    cache_control = flask_responses.IMMUTABLE if filename == hashed_name(name) else flask_responses.FRESH
    return flask_responses.representation(*files()[name], cache=cache_control)


def favicon() -> Response:
    """The logo, where browsers look for an icon beside what is no page; they take its media type, not the suffix."""
    return static_file("logo.svg")
