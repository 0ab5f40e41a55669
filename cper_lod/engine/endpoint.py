"""HTTP client of another SPARQL endpoint, by httpx, with one time limit for connecting, sending and reading together.

Redirects are not followed, compressed responses are neither requested nor accepted, and proxies of the environment are not used.
"""

import base64
import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Final, Self

import httpx

from cper_lod.core.errors import Problem
from cper_lod.engine.embedded import engine_problem

CONNECT_TIMEOUT: Final = 3.0
"""Seconds within which the endpoint must accept a connection."""
_MAX_ERROR_BODY: Final = 4_000
"""Bytes that are read of an error response, for its message."""


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
        """Keep the connection, once it is made: TLS makes another object of it."""
        if event == "connection.connect_tcp.complete":
            self._connection = details["return_value"].get_extra_info("socket").dup()
            if self.is_over:
                self._end()

    def _end(self) -> None:
        self.is_over = True
        if self._connection:
            with contextlib.suppress(OSError):  # it has ended already
                self._connection.shutdown(socket.SHUT_RDWR)


class Endpoint:
    """A client of one endpoint. Can be called by many threads.

    Each request has a connection of its own: on one that is kept, bytes that nobody asked for would be the next response.
    """

    def __init__(self, url: str, login: str, query_timeout: float) -> None:
        """Use the endpoint at `url` as `login` (name:password, "" for nobody)."""
        self._url, self._query_timeout = url, query_timeout
        name, _, password = login.partition(":")
        self._secrets = [word for word in (base64.b64encode(login.encode()).decode(), login, password) if word]
        self._client = httpx.Client(
            auth=(name, password) if login else None,
            headers={"Accept-Encoding": "identity", "Connection": "close", "User-Agent": "cper-lod"},
            verify=ssl.create_default_context(),
            trust_env=False,
            limits=httpx.Limits(
                max_connections=None, max_keepalive_connections=0
            ),  # as many as queries (`web.http.limits`)
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def query(
        self,
        text: str,
        dataset: Sequence[tuple[str, str]],
        types: Sequence[str],
        deadline: float,
        file: IO[bytes],
        limit: int,
    ) -> str:
        """Write the response to a query to a file, and return its media type, one of `types`.

        SPARQL 1.1 Protocol, section 2.1.2 (POST of a form); the dataset is given in the request (section 2.1.4). Raises
        query-timeout at `deadline` (`time.monotonic`), query-result for a response of more than `limit` bytes, query-spool, and
        the problems of a remote engine (`Engine.query`).
        """
        form: dict[str, Any] = {"query": text}
        for name, iri in dataset:
            form.setdefault(name, []).append(iri)
        accepted = ", ".join(f"{name};q={1 - rank / 10:.1f}" if rank else name for rank, name in enumerate(types))
        size = 0
        with (
            TimeLimit(deadline - time.monotonic()) as time_limit,
            self._failures(time_limit),
            self._client.stream(
                "POST", self._url, data=form, headers={"Accept": accepted}, extensions=time_limit.extensions
            ) as response,
        ):
            media_type = self._media_type(response, types)
            for piece in response.iter_raw():
                size += len(piece)
                if size > limit:
                    raise Problem("query-result", limit=limit)
                try:
                    file.write(piece)
                    file.flush()
                except OSError:
                    raise Problem("query-spool") from None
        return media_type

    @contextlib.contextmanager
    def _failures(self, time_limit: TimeLimit) -> Iterator[None]:
        """Raise what a connection meets as a problem of a remote engine."""
        try:
            yield
        except (httpx.ReadTimeout, httpx.WriteTimeout):
            time_limit.is_over = True
        except httpx.TransportError as error:
            if not time_limit.is_over:
                raise self._failure(error) from None
        if time_limit.is_over:  # what has no stated length then seems to be complete
            raise Problem("query-timeout", limit=self._query_timeout) from None

    def _failure(self, error: httpx.TransportError) -> Problem:
        what = describe_error(error)
        if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
            is_refused = isinstance(_cause(error), ssl.SSLCertVerificationError)
            return self._problem("engine-unreachable", "engine-certificate" if is_refused else "engine-refused", what)
        if isinstance(error, httpx.NetworkError) or str(error).startswith("Server disconnected"):
            return self._problem("engine-unreachable", "engine-lost", what)
        return self._problem("engine-answer", broken_reason(error), what)

    def _media_type(self, response: httpx.Response, types: Sequence[str]) -> str:
        """Return the media type of a response; raises a problem if its status or headers are not acceptable."""
        headers = response.headers
        media_type = headers.get("Content-Type", "text/plain").partition(";")[0].strip().lower()
        if response.status_code != 200:
            raise self._status_problem(response, media_type)
        if headers.get("Content-Encoding", "identity").lower() != "identity":
            raise self._problem("engine-answer", "engine-compressed")
        if media_type not in types:
            raise self._problem("engine-answer", "engine-type", media_type)
        # Virtuoso truncates answers at its own limits and reports it only here.
        for name in ("X-SPARQL-MaxRows", "X-SQL-State"):
            if notice := headers.get(name):
                raise self._problem("engine-answer", "engine-partial", f"{name}: {notice}")
        # The end of JSON shows that it is complete.
        if not ("Content-Length" in headers or "Transfer-Encoding" in headers or "json" in media_type):
            raise self._problem("engine-answer", "engine-endless")
        return str(media_type)

    def _status_problem(self, response: httpx.Response, media_type: str) -> Problem:
        """Return the problem of a response with a status other than 200."""
        status, body = response.status_code, b""
        if 300 <= status < 400:
            return self._problem("engine-answer", "engine-redirect", status)
        if status in (401, 403, 407):
            return self._problem("engine-answer", "engine-rights", status)
        if media_type == "text/plain":
            with contextlib.suppress(httpx.TransportError):
                for piece in response.iter_raw():
                    body += piece
                    if len(body) >= _MAX_ERROR_BODY:
                        break
        first, *_ = body[:_MAX_ERROR_BODY].decode("utf-8", "replace").strip().splitlines() or [""]
        notice = "".join(filter(str.isprintable, first)).rstrip(".")
        codes = {**dict.fromkeys((429, 503), "query-queue"), **dict.fromkeys((400, 413, 414, 422), "query-failed")}
        return self._problem(
            codes.get(status, "engine-answer"), "engine-status", f"{status}: {notice}" if notice else status
        )

    def _problem(self, code: str, reason: str, what: object = "") -> Problem:
        """Return a problem without the login that was sent, in whatever form the endpoint repeats it."""
        what = str(what)
        for secret in self._secrets:
            what = what.replace(secret, "***")
        return engine_problem(code, reason, what)


def _cause(error: BaseException) -> BaseException:
    """Return the error of the system or of TLS behind one of httpx."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return error


def broken_reason(error: httpx.TransportError) -> str:
    """Return the key of the sentence about a response that breaks the protocol."""
    return "engine-cut" if "without" in str(error) else "engine-no-http"  # …sending a complete message body


def describe_error(error: BaseException) -> str:
    """Return the message of an error without numbers and file names of the system."""
    cause = _cause(error)
    message = getattr(cause, "verify_message", "") or (isinstance(cause, OSError) and cause.strerror) or ""
    return message.rstrip(".") or type(error).__name__
