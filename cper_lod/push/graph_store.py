"""A client of the SPARQL 1.1 Graph Store HTTP Protocol: one graph read, replaced or removed, each in one request."""

from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self

import httpx

from cper_lod.core.errors import Phrase, Problem

N_TRIPLES: Final = "application/n-triples"
_WAITS: Final = httpx.Timeout(connect=5, read=3600, write=60, pool=5)
"""Seconds; the answer to a large graph comes when it is stored."""
_TOLD: Final = 300


class GraphStore:
    """The graphs of a store at an address; a context manager. Every request raises push-failed."""

    def __init__(self, url: str, login: str = "") -> None:
        """Speak to the store at `url` as `login` (name:password), by whichever scheme it asks for."""
        self._url, self._login = url, login
        self.shown = url.partition("?")[0]  # what comes after that may be a key
        self._client = httpx.Client(timeout=_WAITS, trust_env=False, headers={"User-Agent": "cper-lod"})
        self._known = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, graph: str) -> bytes:
        """Return a small graph as N-Triples, nothing where there is none (section 5.2)."""
        answer = self._request("GET", graph, headers={"Accept": N_TRIPLES})
        return b"" if answer.status_code == 404 else answer.content

    def put(self, graph: str, triples: Iterable[bytes], size: int) -> None:
        """Have a graph be these N-Triples, so many bytes, and no others (section 5.3)."""
        headers = {"Content-Type": N_TRIPLES, "Content-Length": str(size)}  # Virtuoso takes no body in chunks
        self._request("PUT", graph, headers, triples)

    def delete(self, graph: str) -> None:
        """Remove a graph, where there is one (section 5.4)."""
        self._request("DELETE", graph, {})

    def _request(
        self, method: str, graph: str, headers: dict[str, str], content: Iterable[bytes] | None = None
    ) -> httpx.Response:
        try:
            answer = self._asked(method, graph, headers, content)
            if answer.status_code == 401 and self._login and not self._known:
                name, _, password = self._login.partition(":")
                digest = answer.headers.get("WWW-Authenticate", "").lower().startswith("digest")
                self._client.auth = (httpx.DigestAuth if digest else httpx.BasicAuth)(name, password)
                self._known = True
                answer = self._asked(method, graph, headers, content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Problem(
                "push-failed", url=self.shown, graph=graph, message=str(error) or type(error).__name__
            ) from error
        missing = answer.status_code == 404 and method != "PUT"
        if not (answer.is_success or missing):
            raise Problem("push-failed", url=self.shown, graph=graph, message=_said(answer))
        return answer

    def _asked(
        self, method: str, graph: str, headers: dict[str, str], content: Iterable[bytes] | None
    ) -> httpx.Response:
        url = httpx.URL(self._url)
        return self._client.request(method, url.copy_merge_params({"graph": graph}), headers=headers, content=content)


def _said(answer: httpx.Response) -> Phrase:
    """Return what a store says of a request that it did not fulfil."""
    told = f"HTTP {answer.status_code}"
    if answer.headers.get("Content-Type", "").startswith("text/plain"):
        lines = answer.text.strip().splitlines() or [""]
        told += " " + "".join(each for each in lines[0][:_TOLD] if each.isprintable())
    if answer.is_redirect:
        return Phrase(f"{told}, a redirect, which is not followed", f"{told}, une redirection, qui n'est pas suivie")
    return Phrase(told, told)
