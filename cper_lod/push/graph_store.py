"""Client of the SPARQL 1.1 Graph Store HTTP Protocol: reads, replaces or removes one graph per request."""

import ssl
from collections.abc import Iterable
from functools import partial
from types import TracebackType
from typing import Final, Self

import httpx

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.i18n import phrase
from cper_lod.engine.endpoint import CONNECT_TIMEOUT, TimeLimit, broken_reason, describe_error

N_TRIPLES: Final = "application/n-triples"
_TIMEOUT: Final = 3600.0
"""Seconds in which a request must have its whole response; that to a large graph arrives once it is stored."""
_SLOWEST: Final = 100_000
"""Bytes that are sent a second, at least: so much longer has a large graph."""
_MAX_RESPONSE: Final = 64 * 1024 * 1024
"""Bytes of a response that are read: the state graph has some 200 for each graph."""
_MAX_MESSAGE_LENGTH: Final = 300


class _BoundedTransport(httpx.HTTPTransport):
    """Sends a request and receives its response within one time limit; refuses a response that is too long or compressed."""

    def __init__(self, context: ssl.SSLContext) -> None:
        # A connection that is kept would not be one that the time limit ends.
        super().__init__(verify=context, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        limit = _TIMEOUT + int(request.headers.get("Content-Length", 0)) / _SLOWEST
        with TimeLimit(limit) as time_limit:
            request.extensions = {**request.extensions, **time_limit.extensions}
            try:
                response = self._whole(super().handle_request(request))
            except httpx.ConnectTimeout:
                raise httpx.ConnectTimeout(phrase("engine-silent", what=CONNECT_TIMEOUT)) from None
            except httpx.TransportError as error:
                if isinstance(error, httpx.RemoteProtocolError) and not time_limit.is_over:
                    raise httpx.RemoteProtocolError(phrase(broken_reason(error), what=describe_error(error))) from None
                if not (isinstance(error, httpx.TimeoutException) or time_limit.is_over):
                    raise
            else:
                if not time_limit.is_over:
                    return response
            raise httpx.ReadTimeout(phrase("engine-silent", what=round(limit)))

    @staticmethod
    def _whole(response: httpx.Response) -> httpx.Response:
        """Return a response with its body."""
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":  # it could be any size unpacked
            response.close()
            raise httpx.DecodingError(phrase("engine-compressed"))
        body = bytearray()
        for piece in response.iter_raw():
            body += piece
            if len(body) > _MAX_RESPONSE:
                response.close()
                raise httpx.ReadError(phrase("engine-long", what=_MAX_RESPONSE))
        response.close()
        return httpx.Response(response.status_code, headers=response.headers, content=bytes(body))


class GraphStore:
    """The graphs of a store; a context manager. Every request raises push-failed."""

    def __init__(self, url: str, login: str = "") -> None:
        """Connect to the store at `url` as `login` (name:password), with Basic or Digest authentication as it asks."""
        self._url, self._login = url, login
        self.display_url = url.partition("?")[0]  # the query may contain a key
        # No proxy, but the certificates of the system and SSL_CERT_FILE, as the server that queries the store has them.
        transport = _BoundedTransport(ssl.create_default_context())
        headers = {"User-Agent": "cper-lod", "Accept-Encoding": "identity"}
        self._client = httpx.Client(transport=transport, trust_env=False, headers=headers)
        self._authenticated = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, graph: str) -> bytes:
        """Return a small graph as N-Triples, b"" if it does not exist (section 5.2)."""
        response = self._request("GET", graph, headers={"Accept": N_TRIPLES})
        if response.status_code == 404:
            return b""
        media_type = response.headers.get("Content-Type", N_TRIPLES).partition(";")[0].strip().lower()
        if media_type not in (N_TRIPLES, "text/plain"):
            raise self._problem(graph, phrase("engine-type", what=media_type[:_MAX_MESSAGE_LENGTH]))
        return response.content

    def put(self, graph: str, triples: Iterable[bytes], size: int) -> None:
        """Replace a graph with N-Triples of `size` bytes (section 5.3)."""
        headers = {"Content-Type": N_TRIPLES, "Content-Length": str(size)}  # Virtuoso does not accept chunked bodies
        self._request("PUT", graph, headers, triples)

    def post(self, graph: str, triples: bytes) -> None:
        """Add N-Triples to a graph, which is made if needed (section 5.5)."""
        self._request("POST", graph, {"Content-Type": N_TRIPLES, "Content-Length": str(len(triples))}, [triples])

    def delete(self, graph: str) -> None:
        """Remove a graph if it exists (section 5.4)."""
        self._request("DELETE", graph, {})

    def _request(
        self, method: str, graph: str, headers: dict[str, str], content: Iterable[bytes] | None = None
    ) -> httpx.Response:
        try:
            url = httpx.URL(self._url).copy_merge_params({"graph": graph})
            send = partial(self._client.request, method, url, headers=headers, content=content)
            response = send()
            if response.status_code == 401 and self._login and not self._authenticated:
                name, _, password = self._login.partition(":")
                digest = response.headers.get("WWW-Authenticate", "").lower().startswith("digest")
                self._client.auth = (httpx.DigestAuth if digest else httpx.BasicAuth)(name, password)
                self._authenticated = True
                response = send()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            message = error.args[0] if isinstance(error.args[0], Phrase) else describe_error(error)
            raise self._problem(graph, message) from error
        missing = response.status_code == 404 and method in ("GET", "DELETE")
        if not (response.is_success or missing):
            raise self._problem(graph, _error_message(response))
        return response

    def _problem(self, graph: str, message: object) -> Problem:
        return Problem("push-failed", url=self.display_url, graph=graph, message=message)


def _error_message(response: httpx.Response) -> Phrase:
    """Return the message of an error response."""
    message = f"HTTP {response.status_code}"
    if response.headers.get("Content-Type", "").startswith("text/plain"):
        lines = response.text.strip().splitlines() or [""]
        message += " " + "".join(each for each in lines[0][:_MAX_MESSAGE_LENGTH] if each.isprintable())
    if response.is_redirect:
        return phrase("engine-redirect", what=response.status_code)
    return Phrase(message, message)
