"""Client of the SPARQL 1.1 Graph Store HTTP Protocol: reads, replaces or removes one graph per request."""

import ssl
from collections.abc import Iterable
from functools import partial
from types import TracebackType
from typing import Final, Self

import httpx

from cper_lod.core.errors import Phrase, Problem

N_TRIPLES: Final = "application/n-triples"
_TIMEOUTS: Final = httpx.Timeout(connect=5, read=3600, write=60, pool=5)
"""Seconds; the response to a large graph arrives once it is stored."""
_MAX_MESSAGE_LENGTH: Final = 300


class GraphStore:
    """The graphs of a store; a context manager. Every request raises push-failed."""

    def __init__(self, url: str, login: str = "") -> None:
        """Connect to the store at `url` as `login` (name:password), with Basic or Digest authentication as it asks."""
        self._url, self._login = url, login
        self.display_url = url.partition("?")[0]  # the query may contain a key
        # No proxy, but the certificates of the system and SSL_CERT_FILE, as the server that queries the store has them.
        context, headers = ssl.create_default_context(), {"User-Agent": "cper-lod"}
        self._client = httpx.Client(timeout=_TIMEOUTS, trust_env=False, verify=context, headers=headers)
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
        return b"" if response.status_code == 404 else response.content

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
            raise Problem(
                "push-failed", url=self.display_url, graph=graph, message=str(error) or type(error).__name__
            ) from error
        missing = response.status_code == 404 and method in ("GET", "DELETE")
        if not (response.is_success or missing):
            raise Problem("push-failed", url=self.display_url, graph=graph, message=_error_message(response))
        return response


def _error_message(response: httpx.Response) -> Phrase:
    """Return the message of an error response."""
    message = f"HTTP {response.status_code}"
    if response.headers.get("Content-Type", "").startswith("text/plain"):
        lines = response.text.strip().splitlines() or [""]
        message += " " + "".join(each for each in lines[0][:_MAX_MESSAGE_LENGTH] if each.isprintable())
    if response.is_redirect:
        return Phrase(
            f"{message}, a redirect, which is not followed", f"{message}, une redirection, qui n'est pas suivie"
        )
    return Phrase(message, message)
