"""In-process client of the Flask application: requests representations, with their headers and content codings."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wsgi import FileWrapper

from cper_lod.core.errors import Language, Problem
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, EngineStatus, Query
from cper_lod.mirror.paths import ENCODING_SUFFIXES, Representation
from cper_lod.release.history.history import History
from cper_lod.release.release import Release
from cper_lod.web.app import behind_prefix, create_app
from cper_lod.web.http import flask_responses
from cper_lod.web.http.compression import ENCODE, is_worthwhile
from cper_lod.web.http.delivery import WHOLE
from cper_lod.web.http.environ import MIRROR
from cper_lod.web.http.urls import quoted
from cper_lod.web.site import Site

T = TypeVar("T")
NAME_PLACEHOLDER: Final = "\1"
"""Stands for the name of a thing in headers that all things share."""
ENCODED_NAME_PLACEHOLDER: Final = "\2"
"""Stands for the percent-encoded name of a thing in these headers."""
_DEPTH: Final = 8
"""Segments of the longest name that is replaced: server rules have no loops."""
_OWN_HEADERS: Final = ("ETag", "Content-Length")
_EDITOR: Final = "/static/editor/"


class FileHeaders(NamedTuple):
    """The headers of a file: its validator, and the headers that files of its kind share."""

    etag: str
    shared: tuple[tuple[str, str], ...]


class Rendered(NamedTuple):
    """A whole response: its headers, its size, and its body, or the large file that has it."""

    headers: dict[str, str]
    size: int
    body: bytes
    path: Path | None = None


class _NoEngine:
    """An engine that refuses every query."""

    def query(self, query: Query) -> Answer:
        raise Problem("mirror-static")

    def status(self) -> EngineStatus:
        return EngineStatus()

    def close(self) -> None:
        return


class ApplicationClient:
    """Client of the application of one release."""

    def __init__(self, release: Release, settings: Settings) -> None:
        """Create the application, below the path of the public URL."""
        history = History(settings.releases)
        published = history.first_publication(release.id) is not None
        self._app = create_app(release, _NoEngine(), settings, history=history if published else None)
        self.site: Site = self._app.extensions["cper_lod"]
        self.prefix = urlsplit(settings.public_url).path.rstrip("/")
        if self.prefix:
            behind_prefix(self._app, self.prefix)

    def in_app_context(self, iterator: Iterator[T]) -> Iterator[T]:
        """Iterate over a generator of the application that does not depend on a request.

        Each step has its own context, so that requests in between do not share request-specific state.
        """
        while True:
            with self._app.test_request_context("/", environ_overrides={"SCRIPT_NAME": self.prefix}):
                try:
                    found = next(iterator)
                except StopIteration:
                    return
            yield found

    def get(self, representation: Representation, encoding: str = "") -> Rendered:
        """Return the full response; raises `export-answer` if its status is not 200."""
        headers = {"Accept": representation.accept, "Accept-Language": representation.language}
        headers |= {"Accept-Encoding": encoding} if encoding else {}
        # A name may have a percent sign, which an address encodes.
        path = quoted(self.prefix + representation.path)
        builder = EnvironBuilder(path, query_string=representation.query, headers=Headers(headers))
        files: list[Path] = []

        def file_wrapper(file: Any, size: int = 65536) -> FileWrapper:  # noqa: ANN401
            files.append(Path(file.name))
            return FileWrapper(file, size)

        environ = builder.get_environ() | {"wsgi.file_wrapper": file_wrapper, MIRROR: True}
        chunks, status, found = run_wsgi_app(self._app, environ)
        try:
            if not status.startswith("200"):
                address = f"{representation.path}?{representation.query}".rstrip("?")
                raise Problem("export-answer", path=address, status=int(status[:3]))
            size = int(found.pop("Content-Length"))
            file = files[0] if files and size > WHOLE else None
            joined = {name: ", ".join(found.getlist(name)) for name in dict.fromkeys(found.keys())}
            joined.pop("Date", None)
            return Rendered(joined, size, b"" if file else b"".join(chunks), file)
        finally:
            if close := getattr(chunks, "close", None):
                close()

    def error_response(self, problem: Problem, accept: str, lang: Language) -> Rendered:
        """Return the response of this application for an error."""
        headers = {"Accept": accept, "Accept-Language": lang}
        with self._app.test_request_context("/", headers=headers, environ_overrides={"SCRIPT_NAME": self.prefix}):
            response = self._app.process_response(flask_responses.problem(problem))
            body = response.get_data()
            return Rendered(dict(response.headers), len(body), body)

    def encodings(self, representation: Representation, response: Rendered) -> Iterator[tuple[str, bytes]]:
        """Yield the suffix and the bytes of each content coding in which the server sends a response."""
        for encoding, ending in ENCODING_SUFFIXES.items() if is_compressed(response) else ():
            # The script of the editor was compressed at build time; the application sends that file.
            if representation.path.startswith(_EDITOR):
                yield ending, self.get(representation, encoding).body
            else:
                yield ending, ENCODE[encoding](response_body(response))


def is_compressed(response: Rendered) -> bool:
    """Whether the server compresses a response."""
    return is_worthwhile(response.headers.get("Content-Type", ""), response.size)


def response_body(response: Rendered) -> bytes:
    """Return the bytes of a response, also of a large file."""
    return response.path.read_bytes() if response.path else response.body


def file_headers(response: Rendered, name: str = "") -> FileHeaders:
    """Return the headers of a response. With `name`, the name of the thing in links becomes a placeholder."""
    headers = {key: value for key, value in response.headers.items() if key not in _OWN_HEADERS}
    if "Link" in headers and name and name.count("/") < _DEPTH:
        headers["Link"] = _with_placeholders(headers["Link"], name)
    return FileHeaders(response.headers.get("ETag", ""), tuple(sorted(headers.items())))


def _with_placeholders(links: str, name: str) -> str:
    links = re.sub(rf"(/doc/|/id/){re.escape(name)}(?=[.>?])", rf"\g<1>{NAME_PLACEHOLDER}", links)
    return re.sub(rf"(%2Fid%2F){re.escape(name.replace('/', '%2F'))}(?=>)", rf"\g<1>{ENCODED_NAME_PLACEHOLDER}", links)
