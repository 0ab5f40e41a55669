"""The connection of a query process to another SPARQL endpoint: a query goes out, an answer comes back.

Imported by the query process, which has to be ready in 50 ms: nothing but the standard library, and little of that. It
has no time limit but for the connection: who has one ends the process, and the system closes the connection with it.
"""

from __future__ import annotations

from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from select import select
from urllib.parse import urlencode, urlsplit

from cper_lod.engine.worker.far_answer import Body, FarError, form_of, said_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

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
        try:
            return Body(response, form_of(response, types))
        except FarError as error:
            raise error.without(authorization) from None

    def end(self, *, kept: bool) -> None:
        """Give up an answer; the connection is kept where it was read whole."""
        response, self._response = self._response, None
        if response and self._kept and not (kept and response.isclosed() and not response.will_close):
            response.close()
            self._kept.close()
            self._kept = None

    def _answered(self, body: bytes, headers: dict[str, str]) -> HTTPResponse:
        """Return the head of an answer, by the connection that was kept or else by a new one; raises FarError.

        A connection is kept again when a head was read from it: whatever went wrong with one, it is not used any more.
        """
        kept, self._kept = self._kept, None
        if kept and _silent(kept):
            with suppress(OSError, HTTPException):  # it was closed meanwhile, in whatever way
                return self._sent(kept, body, headers)
        if kept:
            kept.close()
        connection = self._connected()
        try:
            return self._sent(connection, body, headers)
        except (OSError, HTTPException) as error:
            connection.close()
            if isinstance(error, OSError):
                raise FarError("engine-unreachable", "engine-lost", said_by(error)) from None
            raise FarError("engine-answer", "engine-no-http", said_by(error)) from None

    def _sent(self, connection: HTTPConnection, body: bytes, headers: dict[str, str]) -> HTTPResponse:
        connection.request("POST", self._target, body, headers)
        response = connection.getresponse()
        self._kept = connection
        return response

    def _connected(self) -> HTTPConnection:
        """Return a new connection; raises FarError."""
        made = (HTTPSConnection if self._secure else HTTPConnection)(self._host, self._port, timeout=CONNECT)
        try:
            made.connect()
        except (OSError, UnicodeError) as error:
            raise FarError("engine-unreachable", "engine-refused", said_by(error)) from None
        made.sock.settimeout(None)
        return made


def _silent(connection: HTTPConnection) -> bool:
    """Whether nothing came since the last answer was read: neither the end nor what nobody asked for."""
    return not select([connection.sock], [], [], 0)[0]
