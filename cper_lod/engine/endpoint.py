"""HTTP client of another SPARQL endpoint, with one time limit for connecting, sending and reading together.

By httpcore, which is what httpx sends with: httpx limits each read alone, so that an endpoint that sends a byte now and then
would hold a query for ever; here each operation of a socket gets what is left. Redirects are not followed, compressed
responses are neither requested nor accepted, and proxies of the environment are not used.
"""

import base64
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from typing import IO, Any, Final
from urllib.parse import urlencode, urlsplit

import httpcore

from cper_lod.core.errors import Problem
from cper_lod.engine.embedded import engine_problem

CONNECT_TIMEOUT: Final = 3.0
"""Seconds within which the endpoint must accept a connection."""
SOLUTIONS_TYPES: Final = {"application/sparql-results+json": "results-json", "application/json": "results-json"}
"""The accepted media types of solutions and their formats, whose end shows that they are complete; the first one is preferred."""
GRAPH_TYPES: Final = {"application/n-triples": "ntriples", "text/turtle": "turtle"}
_MAX_ERROR_BODY: Final = 4_000
"""Bytes that are read of an error response, for its message."""
_WRITE_SIZE: Final = 4096
"""Bytes that a socket which accepts any is taken to accept at once."""


class Clock(threading.local):
    """The end of the time limit of the request that a thread sends (`time.monotonic`)."""

    deadline = 0.0

    def left(self) -> float:
        """Return the seconds that are left; raises ReadTimeout if there are none."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class _Stream(httpcore.NetworkStream):
    """A connection of which no operation takes longer than the query has left."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream, self._clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _WRITE_SIZE):
            self._stream.write(buffer[start : start + _WRITE_SIZE], self._clock.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        timeout = min(CONNECT_TIMEOUT, self._clock.left())
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._clock)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401
        return self._stream.get_extra_info(info)


class DeadlineNetwork(httpcore.SyncBackend):
    """Opens connections of which no operation takes longer than the request of the thread has left."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *rest: Any, **more: Any) -> _Stream:  # noqa: ANN401
        """Return a connection; raises ConnectTimeout after `CONNECT_TIMEOUT` seconds."""
        return _Stream(
            super().connect_tcp(host, port, min(CONNECT_TIMEOUT, self._clock.left()), *rest, **more), self._clock
        )


class Endpoint:
    """A client of one endpoint. Can be called by many threads.

    Each request has a connection of its own: on one that is kept, bytes that nobody asked for would be the next response.
    """

    def __init__(self, url: str, login: str, time_limit: float) -> None:
        """Use the endpoint at `url` as `login` (name:password, "" for nobody)."""
        self._url, self._time_limit = url, time_limit
        encoded = base64.b64encode(login.encode()).decode()
        self._secrets = [word for word in (encoded, login, login.partition(":")[2]) if word]
        self._headers: dict[bytes | str, bytes | str] = {
            "Host": urlsplit(url).netloc,
            "Accept-Encoding": "identity",
            "Connection": "close",
            "User-Agent": "cper-lod",
        }
        self._headers |= {"Authorization": f"Basic {encoded}"} if login else {}
        self._clock = Clock()
        self._pool = httpcore.ConnectionPool(
            ssl.create_default_context(),
            max_connections=None,  # as many as queries run (`web.http.limits`)
            network_backend=DeadlineNetwork(self._clock),
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def query(
        self,
        text: str,
        dataset: Sequence[tuple[str, str]],
        types: Mapping[str, str],
        deadline: float,
        file: IO[bytes],
        limit: int,
    ) -> str:
        """Write the response to a query to a file, and return its format.

        SPARQL 1.1 Protocol, section 2.1.2 (POST of a form); the dataset is given in the request (section 2.1.4). Raises
        query-timeout at `deadline` (`time.monotonic`), query-result for a response of more than `limit` bytes, query-spool, and
        the problems of a remote engine (`Engine.query`).
        """
        body = urlencode([("query", text), *dataset]).encode()
        accepted = ", ".join(f"{name};q={1 - rank / 10:.1f}" if rank else name for rank, name in enumerate(types))
        headers: dict[bytes | str, bytes | str] = {
            "Accept": accepted,
            "Content-Type": "application/x-www-form-urlencoded",
            "Content-Length": str(len(body)),
            **self._headers,
        }
        self._clock.deadline = deadline
        request, size = httpcore.Request("POST", self._url, headers=headers, content=body), 0
        with self._failures(), closing(self._pool.handle_request(request)) as response:
            format_ = self._format(response, types)
            for piece in response.iter_stream():
                size += len(piece)
                if size > limit:
                    raise Problem("query-result", limit=limit)
                try:
                    file.write(piece)
                    file.flush()
                except OSError:
                    raise Problem("query-spool") from None
        return format_

    @contextmanager
    def _failures(self) -> Iterator[None]:
        """Raise what a connection meets as a problem of a remote engine."""
        try:
            yield
        except httpcore.TimeoutException as error:
            if time.monotonic() >= self._clock.deadline:
                raise Problem("query-timeout", limit=self._time_limit) from None
            raise self._problem("engine-unreachable", "engine-refused", describe_error(error)) from None
        except httpcore.ConnectError as error:
            is_refused = isinstance(_cause(error), ssl.SSLCertVerificationError)
            reason = "engine-certificate" if is_refused else "engine-refused"
            raise self._problem("engine-unreachable", reason, describe_error(error)) from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            if isinstance(error, httpcore.NetworkError) or str(error).startswith("Server disconnected"):
                raise self._problem("engine-unreachable", "engine-lost", describe_error(error)) from None
            raise self._problem("engine-answer", broken_reason(error), describe_error(error)) from None

    def _format(self, response: httpcore.Response, types: Mapping[str, str]) -> str:
        """Return the format of a response; raises a problem if its status or headers are not acceptable."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        media_type = headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
        if response.status != 200:
            raise self._status_problem(response, media_type)
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise self._problem("engine-answer", "engine-compressed")
        if media_type not in types:
            raise self._problem("engine-answer", "engine-type", media_type)
        # Virtuoso truncates answers at its own limits and reports it only here.
        for name in ("X-SPARQL-MaxRows", "X-SQL-State"):
            if notice := headers.get(name.lower()):
                raise self._problem("engine-answer", "engine-partial", f"{name}: {notice}")
        has_end = "content-length" in headers or "transfer-encoding" in headers
        if not has_end and types is GRAPH_TYPES:
            raise self._problem("engine-answer", "engine-endless")
        return types[media_type]

    def _status_problem(self, response: httpcore.Response, media_type: str) -> Problem:
        """Return the problem of a response with a status other than 200."""
        status, notice = response.status, ""
        if 300 <= status < 400:
            return self._problem("engine-answer", "engine-redirect", status)
        if status in (401, 403, 407):
            return self._problem("engine-answer", "engine-rights", status)
        if media_type == "text/plain":
            body = b""
            with suppress(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
                for piece in response.iter_stream():
                    body += piece
                    if len(body) >= _MAX_ERROR_BODY:
                        break
            first, *_ = body[:_MAX_ERROR_BODY].decode("utf-8", "replace").strip().splitlines() or [""]
            notice = "".join(filter(str.isprintable, first)).rstrip(".")
        codes = {**dict.fromkeys((429, 503), "query-queue"), **dict.fromkeys((400, 413, 414, 422), "query-failed")}
        what = f"{status}: {notice}" if notice else status
        return self._problem(codes.get(status, "engine-answer"), "engine-status", what)

    def _problem(self, code: str, reason: str, what: object = "") -> Problem:
        """Return a problem without the login that was sent, in whatever form the endpoint repeats it."""
        what = str(what)
        for secret in self._secrets:
            what = what.replace(secret, "***")
        return engine_problem(code, reason, what)


def _cause(error: BaseException) -> BaseException:
    """Return the error of the system or of TLS behind one of httpcore, which it raises from None."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return error


def broken_reason(error: BaseException) -> str:
    """Return the key of the sentence about a response that breaks the protocol, as httpcore and httpx say it."""
    return "engine-cut" if "without" in str(error) else "engine-no-http"  # …sending a complete message body


def describe_error(error: BaseException) -> str:
    """Return the message of an error without numbers and file names of the system."""
    cause = _cause(error)
    message = getattr(cause, "verify_message", "") or (isinstance(cause, OSError) and cause.strerror) or ""
    return message.rstrip(".") or type(error).__name__
