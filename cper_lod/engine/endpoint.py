"""HTTP client of another SPARQL store, by httpx: connecting, sending and reading have one time limit, a response a size.

Redirects are not followed, compressed responses are neither requested nor accepted, and proxies of the environment are not used.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any, Final, NamedTuple, Self

import httpx

from cper_lod.core.i18n import phrase

CONNECT_TIMEOUT: Final = 3.0
"""Seconds within which the store must accept a connection."""
MAX_ERROR: Final = 4000
"""Bytes that are read of an answer that is an error: enough for its message."""
_MAX_WORDS: Final = 300
"""Characters of the words of another store that are passed on."""


class TransferError(Exception):
    """A request without the response that was asked for: the code of the problem of a query, and a sentence about the store."""

    def __init__(self, code: str, reason: str, what: object = "") -> None:
        self.code, self.words = code, phrase(reason, what=str(what)[:_MAX_WORDS])
        super().__init__(str(self.words))


class Bounds(NamedTuple):
    """What a request may take: seconds in all, and bytes of its response, which are written to a file if there is one."""

    seconds: float
    size: int
    file: IO[bytes] | None = None


class TimeLimit:
    """Ends the connection of a request when its time is over; a context manager.

    httpx limits each read alone, so that an endpoint that sends a byte now and then would hold a request for ever.
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        timeout = httpx.Timeout(max(seconds, 0.001), connect=max(min(seconds, CONNECT_TIMEOUT), 0.001))
        self.extensions: dict[str, Any] = {"trace": self._trace, "timeout": timeout.as_dict()}
        """What the request is to be sent with."""
        self._connection: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        if self._connection:
            self._connection.close()

    def _trace(self, event: str, details: Mapping[str, Any]) -> None:
        """Keep the connection, once it is made: TLS makes another object of it, and a redirect another connection."""
        if event == "connection.connect_tcp.complete":
            if self._connection:
                self._connection.close()
            self._connection = details["return_value"].get_extra_info("socket").dup()
            if self.is_over:
                self._end()

    def _end(self) -> None:
        self.is_over = True
        if self._connection:
            with contextlib.suppress(OSError):  # it has ended already
                self._connection.shutdown(socket.SHUT_RDWR)


class BoundedTransport(httpx.HTTPTransport):
    """Receives each response whole, within the `Bounds` in `request.extensions["bounds"]`.

    Raises TransferError, and OSError if the file cannot be written. Each request has a connection of its own: on one that is kept,
    bytes that nobody asked for would be the next response.
    """

    def __init__(self) -> None:
        # As many connections as queries (`web.http.limits`); certificates are those of the system and SSL_CERT_FILE.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        super().__init__(verify=ssl.create_default_context(), trust_env=False, limits=limits)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the response with its body, or without if that was written to a file."""
        bounds: Bounds = request.extensions["bounds"]
        body, size = bounds.file or BytesIO(), 0
        with TimeLimit(bounds.seconds) as time_limit:
            request.extensions = {**request.extensions, **time_limit.extensions}
            try:
                with contextlib.closing(super().handle_request(request)) as response:
                    coding = response.headers.get("Content-Encoding", "identity")
                    if coding.lower() != "identity":  # of any size unpacked
                        raise TransferError("engine-answer", "engine-compressed")
                    is_answer = response.status_code == 200
                    for piece in response.iter_raw():
                        if (size := size + len(piece)) > bounds.size and is_answer:
                            raise TransferError("query-result", "engine-long", bounds.size)
                        body.write(piece)
                        if size > MAX_ERROR and not is_answer:
                            break  # that is enough for its message
                    body.flush()
            except httpx.TransportError as error:
                if not (time_limit.is_over or isinstance(error, (httpx.ReadTimeout, httpx.WriteTimeout))):
                    raise _failure(error) from None
                time_limit.is_over = True
            if time_limit.is_over:  # what has no stated length then seems to be complete
                raise TransferError("query-timeout", "engine-silent", f"{bounds.seconds:.0f}")
        content = body.getvalue() if isinstance(body, BytesIO) else b""
        return httpx.Response(response.status_code, headers=response.headers, content=content)


def _failure(error: httpx.TransportError) -> TransferError:
    """Return what a connection met, without numbers and file names of the system."""
    cause: BaseException = error  # of the system or of TLS
    while behind := cause.__cause__ or cause.__context__:
        cause = behind
    words = getattr(cause, "verify_message", "") or (isinstance(cause, OSError) and cause.strerror) or ""
    is_lost = isinstance(error, httpx.NetworkError | httpx.ConnectTimeout) or "disconnected" in str(error)
    code, reason = ("engine-unreachable", "engine-lost") if is_lost else ("engine-answer", "engine-cut")
    return TransferError(code, reason, words.rstrip(".") or type(error).__name__)


def client() -> httpx.Client:
    """Return a client whose requests have `Bounds`, without a login."""
    headers = {"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "cper-lod"}
    return httpx.Client(transport=BoundedTransport(), trust_env=False, headers=headers)
