"""Client of the SPARQL 1.1 Graph Store HTTP Protocol: reads, replaces or removes one graph per request."""

from collections.abc import Iterable
from functools import partial
from typing import Final, Self

import httpx

from cper_lod.core.errors import Problem
from cper_lod.core.i18n import phrase
from cper_lod.engine.endpoint import Bounds, TransferError, client

N_TRIPLES: Final = "application/n-triples"
_TIMEOUT: Final = 3600.0
"""Seconds in which a request must have its whole response; that to a large graph arrives once it is stored."""
_SLOWEST: Final = 100_000
"""Bytes that are sent a second, at least: so much longer has a large graph."""
_MAX_RESPONSE: Final = 64 * 1024 * 1024
"""Bytes of a response that are read: the state graph has some 200 for each graph."""
_MAX_MESSAGE_LENGTH: Final = 300


class GraphStore:
    """The graphs of a store; a context manager. Every request raises push-failed."""

    def __init__(self, url: str, login: str = "") -> None:
        """Connect to the store at `url` as `login` (name:password), with Basic or Digest authentication as it asks."""
        self._url, self._login = url, login
        self.display_url = url.partition("?")[0]  # the query may contain a key
        self._client = client()
        self._authenticated = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, graph: str) -> bytes:
        """Return a small graph as N-Triples, b"" if it does not exist (section 5.2)."""
        response = self._request("GET", graph, headers={"Accept": N_TRIPLES})
        if response.status_code == 404:
            return b""
        media_type = response.headers.get("Content-Type", N_TRIPLES).partition(";")[0].strip().lower()
        if media_type not in (N_TRIPLES, "text/plain"):
            raise self._problem(graph, phrase("engine-response", what=media_type[:_MAX_MESSAGE_LENGTH]))
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
            seconds = _TIMEOUT + int(headers.get("Content-Length", 0)) / _SLOWEST
            bounds = {"bounds": Bounds(seconds, _MAX_RESPONSE)}
            send = partial(self._client.request, method, url, headers=headers, content=content, extensions=bounds)
            response = send()
            if response.status_code == 401 and self._login and not self._authenticated:
                name, _, password = self._login.partition(":")
                digest = response.headers.get("WWW-Authenticate", "").lower().startswith("digest")
                self._client.auth = (httpx.DigestAuth if digest else httpx.BasicAuth)(name, password)
                self._authenticated = True
                response = send()
        except TransferError as error:
            raise self._problem(graph, error.words) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._problem(graph, str(error)) from error
        missing = response.status_code == 404 and method in ("GET", "DELETE")
        if not (response.is_success or missing):
            raise self._problem(graph, _error_message(response))
        return response

    def _problem(self, graph: str, message: object) -> Problem:
        return Problem("push-failed", url=self.display_url, graph=graph, message=message)


def _error_message(response: httpx.Response) -> str:
    """Return the message of an error response."""
    message = f"HTTP {response.status_code}"
    if response.headers.get("Content-Type", "").startswith("text/plain"):
        lines = response.text.strip().splitlines() or [""]
        message += " " + "".join(each for each in lines[0][:_MAX_MESSAGE_LENGTH] if each.isprintable())
    return message
