"""The connection of a query process to another SPARQL endpoint: a query goes out, an answer comes back.

Imported by the query process, which has to be ready in 50 ms: nothing but the standard library, and little of that. It
has no time limit but for the connection: who has one ends the process, and the system closes the connection with it.
"""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, RemoteDisconnected
from urllib.parse import urlencode, urlsplit

from cper_lod.engine.far_answer import Body, FarError, form_of, said_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import NoReturn

CONNECT = 3.0
"""Seconds in which the other server has to take a connection."""


class Far:
    """One endpoint, asked by one connection at a time, which is kept open between two queries."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._secure = parts.scheme == "https"
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._kept: HTTPConnection | None = None
        self._response: HTTPResponse | None = None

    def ask(
        self, query: str, dataset: Collection[tuple[str, str]], types: Mapping[str, str], authorization: str
    ) -> Body:
        """Return the body of the answer to a query; raises FarError.

        SPARQL 1.1 Protocol, section 2.1.2 (a form by POST); the dataset is that of the request, section 2.1.4. No
        redirect is followed, and no coding of the body asked for or taken. To be followed by `end`.
        """
        self.end(kept=False)
        body = urlencode([("query", query), *dataset]).encode()
        accepted = ", ".join(f"{name};q={1 - place / 10:.1f}" if place else name for place, name in enumerate(types))
        headers = {
            "Accept": accepted,
            "Accept-Encoding": "identity",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "cper-lod",
        }
        if authorization:
            headers["Authorization"] = authorization
        self._response = response = self._answered(body, headers)
        return Body(response, form_of(response, types))

    def end(self, *, kept: bool) -> None:
        """Give up an answer; the connection is kept where it was read whole."""
        response, self._response = self._response, None
        if response and self._kept and not (kept and response.isclosed() and not response.will_close):
            response.close()
            self._kept.close()
            self._kept = None

    def _answered(self, body: bytes, headers: dict[str, str]) -> HTTPResponse:
        """Return the head of an answer; a connection that was closed meanwhile is opened anew, once."""
        if self._kept:
            try:
                return self._sent(self._kept, body, headers)
            except (RemoteDisconnected, ConnectionError):
                self._kept.close()
        self._kept = connection = self._connected()
        try:
            return self._sent(connection, body, headers)
        except OSError as error:
            self._lose("engine-unreachable", "engine-lost", error)
        except HTTPException as error:
            self._lose("engine-answer", "engine-no-http", error)

    def _lose(self, code: str, reason: str, error: Exception) -> NoReturn:
        if self._kept:
            self._kept.close()
        self._kept = None
        raise FarError(code, reason, said_by(error)) from None

    def _sent(self, connection: HTTPConnection, body: bytes, headers: dict[str, str]) -> HTTPResponse:
        connection.request("POST", self._target, body, headers)
        return connection.getresponse()

    def _connected(self) -> HTTPConnection:
        """Return a new connection; raises FarError."""
        made = (HTTPSConnection if self._secure else HTTPConnection)(self._host, self._port, timeout=CONNECT)
        try:
            made.connect()
        except (OSError, UnicodeError) as error:
            raise FarError("engine-unreachable", "engine-refused", said_by(error)) from None
        made.sock.settimeout(None)
        return made
