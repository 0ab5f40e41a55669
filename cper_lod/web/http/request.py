"""A request as a plain value, read once from what granian (RSGI) passes: method, address, headers, and its body."""

import asyncio
import ipaddress
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, Protocol

from cper_lod.core import i18n
from cper_lod.core.errors import Language, Problem
from cper_lod.web.http.conditional import is_single_range

MAX_HEADER: Final = 8192
"""Bytes of the longest header that this program reads."""
_LANG: Final = re.compile(r"(?:^|&)lang=([^&]*)")
_READ: Final = frozenset(
    {
        "accept",
        "accept-datetime",
        "accept-encoding",
        "accept-language",
        "content-type",
        "if-none-match",
        "if-match",
        "if-modified-since",
        "if-unmodified-since",
        "range",
        "x-forwarded-for",
    }
)


class Scope(Protocol):
    """A request as granian passes it (RSGI specification, "HTTP connection scope")."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str

    @property
    def headers(self) -> Any: ...  # noqa: ANN401, D102  # granian's own mapping


@dataclass(slots=True)
class Request:
    """A request without its body; several headers of one name are one list (RFC 9110, section 5.3)."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    scope: Scope
    release: str = ""
    """For the log: the first 16 digits of the digest of the release that answers, once that is known."""
    cache: Literal["hit", "miss", "none"] = "none"
    """For the log: whether the response cache had the response; `none` if the request cannot be answered from it."""

    @classmethod
    def from_scope(cls, scope: Scope) -> "Request":
        """Return the request that granian passes, as plain values."""
        lines = scope.headers.items()
        headers: dict[str, str] = dict(lines)
        if len(headers) < len(lines):
            headers = {name: ", ".join(value for other, value in lines if other == name) for name in headers}
        return cls(scope.method, scope.path, scope.query_string, headers, scope)

    @property
    def peer(self) -> str:
        """The address at the other end of the connection."""
        return self.scope.client.rpartition(":")[0].strip("[]")

    @property
    def language(self) -> Language:
        """The language of the reader: that of the parameter `lang`, else the best of Accept-Language."""
        wanted = _LANG.search(self.query_string) if "lang=" in self.query_string else None
        return i18n.choose(self.headers.get("accept-language"), wanted and wanted[1])

    @property
    def is_plain_read(self) -> bool:
        """Whether this is a GET or HEAD of the whole current document, so that a cached response may answer it.

        Ranges are defined for GET alone (RFC 9110, section 14.2).
        """
        if "accept-datetime" in self.headers:
            return False
        if self.method != "GET":
            return self.method == "HEAD"
        return "range" not in self.headers or not is_single_range(self.headers["range"])

    @property
    def has_body(self) -> bool:
        """Whether a body is announced."""
        return "content-length" in self.headers or "transfer-encoding" in self.headers

    def client(self, trusted_proxy: str) -> str:
        """Return the client that limits apply to: an IPv4 address or an IPv6 network; a trusted proxy names its client."""
        client = self.peer
        if client == trusted_proxy:
            client = self.headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or client
        return _network(client[:64])

    def check_headers(self) -> None:
        """Refuse headers that would take long to parse; raises header-too-large."""
        for name, value in self.headers.items():
            if len(value) > MAX_HEADER and name in _READ:
                raise Problem("header-too-large", name=name, limit=MAX_HEADER)

    async def read_body(self, channel: Any, seconds: int) -> AsyncIterator[bytes]:  # noqa: ANN401  # granian's own object
        """Yield the pieces of the body; raises request-timeout, and request-invalid if the body is shorter than announced.

        For a chunked body that breaks off, granian yields an extra empty piece (and for trailers, which nobody sends).
        """
        size, empty, deadline = 0, 0, time.monotonic() + seconds
        pieces = aiter(channel)
        while True:
            try:
                async with asyncio.timeout(max(deadline - time.monotonic(), 0)):
                    piece = await anext(pieces)
            except StopAsyncIteration:
                break
            except TimeoutError:
                raise Problem("request-timeout", limit=seconds) from None
            size, empty = size + len(piece), empty + (not piece)
            yield piece
        if size < (announced := int(self.headers.get("content-length", "0"))):
            raise Problem("request-invalid", message=f"{size} < Content-Length: {announced}")
        if empty > 1:
            raise Problem("request-invalid", message=f"{size} < Transfer-Encoding: chunked")


@lru_cache(maxsize=4096)
def _network(client: str) -> str:
    """Return an IPv4 address, or the /64 network of an IPv6 address: a client has all addresses of its network."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
