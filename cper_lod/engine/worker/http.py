"""HTTP client of a query process for another SPARQL endpoint.

It has a time-out only for connecting: when the time limit of a query is over, the server kills the process, and the
system closes the connection.
"""

from __future__ import annotations

from binascii import a2b_base64
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from pyexpat import ExpatError, ParserCreate
from select import select
from ssl import SSLCertVerificationError
from urllib.parse import urlencode, urlsplit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Any

SOLUTIONS_TYPES = {
    "application/sparql-results+json": "json",
    "application/json": "json",
    "application/sparql-results+xml": "xml",
}
"""The accepted media types of solutions and their formats; the first one is preferred."""
GRAPH_TYPES = {"application/n-triples": "ntriples", "text/turtle": "turtle", "application/rdf+xml": "rdfxml"}
_READ_SIZE = 65_536
_MAX_ERROR_BODY = 4_000
"""Bytes that are read of an error response, for its message."""
MAX_MESSAGE = 300
"""Characters of such a message that are passed on."""
_SELF_DELIMITING = frozenset({"json", "xml", "rdfxml"})
"""Formats in which the end of the content shows that it is complete."""


class EndpointError(Exception):
    """The endpoint did not work as expected: problem code, key of a sentence, and its parameter."""

    def __init__(self, code: str, reason: str, detail: object = "") -> None:
        super().__init__(code, reason, detail)
        self.reply: dict[str, Any] = {"error": code, "reason": reason, "what": str(detail)}

    def redact(self, authorization: str) -> EndpointError:
        """Return this error without the login that was sent, in whatever form the endpoint repeats it."""
        if authorization:
            sent = authorization.rpartition(" ")[2]
            login = a2b_base64(sent).decode()
            for secret in (sent, login, login.partition(":")[2]):
                self.reply["what"] = self.reply["what"].replace(secret, "***") if secret else self.reply["what"]
        return self


class EndpointResponse:
    """The body of a response, as a file for a parser; it must be read to the end before anything in it counts."""

    def __init__(self, response: HTTPResponse, form: str) -> None:
        self.form = form
        self._response = response
        # The parser of results stops after the last result; the end of the document is checked here.
        self._xml = ParserCreate() if form in ("xml", "rdfxml") else None

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, or b"" at the end; raises EndpointError if the response is cut off."""
        try:
            data = self._response.read(size if size > 0 else _READ_SIZE)
        except IncompleteRead:
            raise EndpointError("engine-answer", "engine-cut") from None
        except HTTPException as error:
            raise EndpointError("engine-answer", "engine-no-http", describe_error(error)) from None
        except OSError as error:
            raise EndpointError("engine-unreachable", "engine-lost", describe_error(error)) from None
        if not data and self._response.length:
            raise EndpointError("engine-answer", "engine-cut")
        try:
            if self._xml:
                self._xml.Parse(data, not data)
                self._xml = self._xml if data else None
        except ExpatError:
            raise EndpointError("engine-answer", "engine-unreadable", self.form) from None
        return data

    def read_all(self, limit: int) -> bytes:
        """Return a short body completely; raises EndpointError if it is longer than `limit` bytes."""
        body = b""
        while chunk := self.read():
            body += chunk
            if len(body) > limit:
                raise EndpointError("engine-answer", "engine-long", limit)
        return body

    def finish(self) -> None:
        """Read what a parser has left; raises EndpointError if that is more than white space."""
        while chunk := self.read():
            if chunk.strip():
                raise EndpointError("engine-answer", "engine-unreadable", self.form)


def response_format(response: HTTPResponse, types: Mapping[str, str]) -> str:
    """Return the format of a response; raises EndpointError if its status or headers are not acceptable."""
    if response.status != 200:
        raise _status_error(response)
    media_type = response.headers.get_content_type()
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise EndpointError("engine-answer", "engine-compressed")
    if media_type not in types:
        raise EndpointError("engine-answer", "engine-type", media_type)
    # Virtuoso truncates answers at its own limits and reports it only here.
    for name in ("X-SPARQL-MaxRows", "X-SQL-State"):
        if notice := response.headers.get(name):
            raise EndpointError("engine-answer", "engine-partial", f"{name}: {notice}")
    if response.length is None and not response.chunked and types[media_type] not in _SELF_DELIMITING:
        raise EndpointError("engine-answer", "engine-endless")
    return types[media_type]


def _status_error(response: HTTPResponse) -> EndpointError:
    """Return the error for a response with a status other than 200."""
    status, notice = response.status, ""
    if 300 <= status < 400:
        return EndpointError("engine-answer", "engine-redirect", status)
    if status in (401, 403, 407):
        return EndpointError("engine-answer", "engine-rights", status)
    if response.headers.get_content_type() == "text/plain":
        with suppress(OSError, HTTPException):
            first, *_ = response.read(_MAX_ERROR_BODY).decode("utf-8", "replace").strip().splitlines() or [""]
            notice = "".join(filter(str.isprintable, first))
    code = (
        "query-queue" if status in (429, 503) else "query-failed" if status in (400, 413, 414, 422) else "engine-answer"
    )
    return EndpointError(code, "engine-status", f"{status}: {notice.rstrip('.')}" if notice else status)


def describe_error(error: Exception) -> str:
    """Return the message of an error without numbers and file names of the system."""
    message = getattr(error, "verify_message", "") or (isinstance(error, OSError) and error.strerror) or ""
    return message.rstrip(".") or type(error).__name__


CONNECT_TIMEOUT = 3.0
"""Seconds within which the endpoint must accept a connection."""


class EndpointClient:
    """Client of one endpoint, with one connection at a time, which is reused by the next query."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port
        self._secure = parts.scheme == "https"
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._idle_connection: HTTPConnection | None = None
        self._response: HTTPResponse | None = None

    def query(
        self, query: str, dataset: Collection[tuple[str, str]], types: Mapping[str, str], authorization: str
    ) -> EndpointResponse:
        """Return the response to a query; raises EndpointError. Call `close_response` afterwards.

        SPARQL 1.1 Protocol, section 2.1.2 (POST of a form); the dataset is given in the request (section 2.1.4). Redirects are
        not followed, and compressed responses are neither requested nor accepted.
        """
        self.close_response(reuse=False)
        body = urlencode([("query", query), *dataset]).encode()
        accepted = ", ".join(f"{name};q={1 - rank / 10:.1f}" if rank else name for rank, name in enumerate(types))
        headers = {
            "Accept": accepted,
            "Accept-Encoding": "identity",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "cper-lod",
        }
        if authorization:
            headers["Authorization"] = authorization
        self._response = response = self._request(body, headers)
        try:
            return EndpointResponse(response, response_format(response, types))
        except EndpointError as error:
            raise error.redact(authorization) from None

    def close_response(self, *, reuse: bool) -> None:
        """Close the response; with `reuse`, keep the connection if the response was read completely."""
        response, self._response = self._response, None
        if response and self._idle_connection and not (reuse and response.isclosed() and not response.will_close):
            response.close()
            self._idle_connection.close()
            self._idle_connection = None

    def _request(self, body: bytes, headers: dict[str, str]) -> HTTPResponse:
        """Send a request, on the idle connection or on a new one, and return the response; raises EndpointError.

        A connection becomes idle again only after a response has been received on it.
        """
        reuse, self._idle_connection = self._idle_connection, None
        # Neither the end of the connection nor unexpected bytes may have arrived since the last response.
        if reuse and not select([reuse.sock], [], [], 0)[0]:
            with suppress(OSError, HTTPException):  # the endpoint has closed it meanwhile
                return self._send(reuse, body, headers)
        if reuse:
            reuse.close()
        connection = self._connect()
        try:
            return self._send(connection, body, headers)
        except (OSError, HTTPException) as error:
            connection.close()
            if isinstance(error, OSError):
                raise EndpointError("engine-unreachable", "engine-lost", describe_error(error)) from None
            raise EndpointError("engine-answer", "engine-no-http", describe_error(error)) from None

    def _send(self, connection: HTTPConnection, body: bytes, headers: dict[str, str]) -> HTTPResponse:
        connection.request("POST", self._target, body, headers)
        response = connection.getresponse()
        self._idle_connection = connection
        return response

    def _connect(self) -> HTTPConnection:
        """Return a new connection; raises EndpointError."""
        connection = (HTTPSConnection if self._secure else HTTPConnection)(
            self._host, self._port, timeout=CONNECT_TIMEOUT
        )
        try:
            connection.connect()
        except SSLCertVerificationError as error:
            raise EndpointError("engine-unreachable", "engine-certificate", describe_error(error)) from None
        except (OSError, UnicodeError) as error:
            raise EndpointError("engine-unreachable", "engine-refused", describe_error(error)) from None
        connection.sock.settimeout(None)
        return connection
