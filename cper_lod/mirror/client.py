"""In-process client of the Flask application: requests representations, with their headers and content codings."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from cper_lod.core.errors import Language, Problem
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, CancelToken, EngineStatus, Query
from cper_lod.mirror.paths import ENCODING_SUFFIXES, Representation
from cper_lod.release.history.history import History
from cper_lod.release.release import Release
from cper_lod.web.app import behind_prefix, create_app
from cper_lod.web.http import flask_responses, wsgi
from cper_lod.web.http.compression import IDENTITY, MAX_SIZE, compress, is_worthwhile
from cper_lod.web.http.request import Request
from cper_lod.web.http.response import FileResponse, Response
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


class _NoEngine:
    """An engine that refuses every query."""

    def query(self, query: Query) -> Answer:
        raise Problem("mirror-static")

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        return self.query(query)

    def status(self) -> EngineStatus:
        return EngineStatus()

    def close(self) -> None:
        return


class ApplicationClient:
    """Client of the application of one release."""

    def __init__(self, release: Release, settings: Settings) -> None:
        """Create the application, below the path of the public URL."""
        history = History(settings.releases) if release.mode == "contract" else None
        self._app = create_app(release, _NoEngine(), settings, history=history)
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

    def get(self, representation: Representation, encoding: str = "") -> Response:
        """Return the full response; raises `export-answer` if its status is not 200."""
        headers = {"accept": representation.accept, "accept-language": representation.language}
        headers |= {"accept-encoding": encoding} if encoding else {}
        request = Request.without_client(self.prefix + representation.path, representation.query, headers)
        response = wsgi.call(self._app, wsgi.environment(request, "", b""))
        if response.status != 200:
            address = f"{representation.path}?{representation.query}".rstrip("?")
            raise Problem("export-answer", path=address, status=response.status)
        return response

    def error_response(self, problem: Problem, accept: str, lang: Language) -> Response:
        """Return the response of this application for an error."""
        headers = {"Accept": accept, "Accept-Language": lang}
        with self._app.test_request_context("/", headers=headers, environ_overrides={"SCRIPT_NAME": self.prefix}):
            response = self._app.process_response(flask_responses.problem(problem))
            return Response(response.status_code, dict(response.headers), response.get_data())

    def encodings(self, representation: Representation, response: Response) -> Iterator[tuple[str, bytes]]:
        """Yield the suffix and the bytes of each content coding in which the server sends a response."""
        if isinstance(response, FileResponse) and is_compressed(response):
            response = response.in_memory()
        for encoding, ending in ENCODING_SUFFIXES.items() if is_compressed(response) else ():
            # The script of the editor was compressed at build time; the application sends that file.
            is_editor = representation.path.startswith(_EDITOR)
            compressed = compress(self.get(representation, encoding) if is_editor else response, encoding)
            if compressed.headers.get("Content-Encoding") == encoding and isinstance(compressed.body, bytes):
                yield ending, compressed.body


def is_compressed(response: Response) -> bool:
    """Whether the server compresses a response."""
    return response.size <= MAX_SIZE and is_worthwhile(response.headers.get("Content-Type", ""), response.size)


def file_headers(response: Response, name: str = "") -> FileHeaders:
    """Return the headers of a response. With `name`, the name of the thing in links becomes a placeholder."""
    headers = {key: value for key, value in compress(response, IDENTITY).headers.items() if key not in _OWN_HEADERS}
    if "Link" in headers and name and name.count("/") < _DEPTH:
        headers["Link"] = _with_placeholders(headers["Link"], name)
    return FileHeaders(response.headers.get("ETag", ""), tuple(sorted(headers.items())))


def _with_placeholders(links: str, name: str) -> str:
    links = re.sub(rf"(/doc/|/id/){re.escape(name)}(?=[.>?])", rf"\g<1>{NAME_PLACEHOLDER}", links)
    return re.sub(rf"(%2Fid%2F){re.escape(name.replace('/', '%2F'))}(?=>)", rf"\g<1>{ENCODED_NAME_PLACEHOLDER}", links)


def response_body(response: Response) -> bytes:
    """Return the bytes of a response, also of a file response."""
    if isinstance(response, FileResponse):
        return response.path.read_bytes()
    return response.body if isinstance(response.body, bytes) else response.body.read()
