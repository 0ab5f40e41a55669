"""Asking the application, as a client of this process: each representation with its headers and in every coding."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from cper_lod.core.errors import Language, Problem
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, CancelToken, EngineStatus, Query
from cper_lod.mirror.paths import CODED, Representation
from cper_lod.release.history.history import History
from cper_lod.release.release import Release
from cper_lod.web.app import behind_prefix, create_app
from cper_lod.web.gateway.response_cache import LARGEST, compress
from cper_lod.web.http import responses, wsgi
from cper_lod.web.http.compression import IDENTITY, pays
from cper_lod.web.http.request import Request
from cper_lod.web.http.response import Response
from cper_lod.web.http.wsgi import FileResponse
from cper_lod.web.site import Site

T = TypeVar("T")
NAME: Final = "\1"
"""What stands for the name of a thing in the headers of all things of its kind."""
ENCODED: Final = "\2"
"""What stands there for its name as a part of a query."""
_DEPTH: Final = 8
"""Segments of the longest name that stands so: rules know no loop."""
_OWN: Final = ("ETag", "Content-Length")
_EDITOR: Final = "/static/editor/"


class Head(NamedTuple):
    """What the headers of a representation say: its own validator, and what all of its kind say."""

    etag: str
    kind: tuple[tuple[str, str], ...]


class _NoEngine:
    """The engine of an application that is asked no query."""

    def query(self, query: Query) -> Answer:
        raise Problem("mirror-static")

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        return self.query(query)

    def status(self) -> EngineStatus:
        return EngineStatus()

    def close(self) -> None:
        return


class _Connection:
    """What a server would tell of a connection, where there is none."""

    http_version, server, client, scheme, method, path, query_string = "1.1", "localhost:80", "", "http", "GET", "/", ""
    headers: Final[dict[str, str]] = {}


class ApplicationClient:
    """The application of a release, and the questions to it."""

    def __init__(self, release: Release, settings: Settings) -> None:
        """Make the application, below the path of the public address."""
        history = History(settings.releases) if release.mode == "contract" else None
        self._app = create_app(release, _NoEngine(), settings, history=history)
        self.site: Site = self._app.extensions["cper_lod"]
        self.prefix = urlsplit(settings.public_url).path.rstrip("/")
        if self.prefix:
            behind_prefix(self._app, self.prefix)

    def within(self, each: Iterator[T]) -> Iterator[T]:
        """Yield what code of the application yields that asks for nothing of a request.

        A context is there for each step only: a request within it would share what is one request's own.
        """
        while True:
            with self._app.test_request_context("/", environ_overrides={"SCRIPT_NAME": self.prefix}):
                try:
                    found = next(each)
                except StopIteration:
                    return
            yield found

    def ask(self, what: Representation, coding: str = "") -> Response:
        """Return the answer, whole and uncompressed; raises what the application refuses it for."""
        headers = {"accept": what.accept, "accept-language": what.language}
        headers |= {"accept-encoding": coding} if coding else {}
        request = Request("GET", self.prefix + what.path, what.query, headers, _Connection())
        reply = wsgi.call(self._app, wsgi.environment(request, "", b""))
        if reply.status != 200:
            raise Problem("export-answer", path=f"{what.path}?{what.query}".rstrip("?"), status=reply.status)
        return reply

    def error(self, problem: Problem, accept: str, lang: Language) -> Response:
        """Return an error as this application says it."""
        headers = {"Accept": accept, "Accept-Language": lang}
        with self._app.test_request_context("/", headers=headers, environ_overrides={"SCRIPT_NAME": self.prefix}):
            response = self._app.process_response(responses.problem(problem))
            return Response(response.status_code, dict(response.headers), response.get_data())

    def codings(self, what: Representation, reply: Response) -> Iterator[tuple[str, bytes]]:
        """Yield each coding in which the server sends an answer, by the ending of its file, with its bytes."""
        for coding, ending in CODED.items() if compressed(reply) else ():
            # The editor's script was compressed when it was built: the application sends that.
            made = compress(self.ask(what, coding) if what.path.startswith(_EDITOR) else reply, coding)
            if made.headers.get("Content-Encoding") == coding and isinstance(made.body, bytes):
                yield ending, made.body


def compressed(reply: Response) -> bool:
    """Whether the server compresses an answer."""
    return reply.size <= LARGEST and pays(reply.headers.get("Content-Type", ""), reply.size)


def head(reply: Response, name: str = "") -> Head:
    """Return what the headers say; those of a thing by that name, where one is given, are made general."""
    said = {key: value for key, value in compress(reply, IDENTITY).headers.items() if key not in _OWN}
    if "Link" in said and name and name.count("/") < _DEPTH:
        said["Link"] = _general(said["Link"], name)
    return Head(reply.headers.get("ETag", ""), tuple(sorted(said.items())))


def _general(links: str, name: str) -> str:
    links = re.sub(rf"(/doc/|/id/){re.escape(name)}(?=[.>?])", rf"\g<1>{NAME}", links)
    return re.sub(rf"(%2Fid%2F){re.escape(name.replace('/', '%2F'))}(?=>)", rf"\g<1>{ENCODED}", links)


def body(reply: Response) -> bytes:
    """Return the bytes of an answer, those of a file too."""
    if isinstance(reply, FileResponse):
        return reply.path.read_bytes()
    return reply.body if isinstance(reply.body, bytes) else reply.body.read()
