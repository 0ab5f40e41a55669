"""A request as it comes from granian, read once: its method, address and headers as plain values, and its body."""

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

from cper_lod.core.errors import Problem
from cper_lod.web.http.conditional import one_range

HEADER: Final = 8192
"""Bytes of a header that is read by us."""
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
    """What granian tells of a request (RSGI specification, "HTTP connection scope")."""

    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str

    @property
    def headers(self) -> Any: ...  # noqa: ANN401, D102  # granian's own mapping


class Request(NamedTuple):
    """A request but for its body; several headers of one name are one list (RFC 9110, section 5.3)."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    scope: Scope

    @property
    def peer(self) -> str:
        """The address at the other end of the connection."""
        return self.scope.client.rpartition(":")[0].strip("[]")

    @property
    def reads_whole(self) -> bool:
        """Whether the request reads what is there today, and all of it, so that a reply which is kept may be right.

        Ranges are defined for GET alone (RFC 9110, section 14.2).
        """
        if "accept-datetime" in self.headers:
            return False
        return self.method == "HEAD" or (self.method == "GET" and not one_range(self.headers.get("range")))

    def share(self, trusted_proxy: str) -> str:
        """Return whose share a query uses: an address, of IPv6 the network; a trusted proxy tells its client's."""
        client = self.peer
        if client == trusted_proxy:
            client = self.headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or client
        return _network(client[:64])

    def check(self) -> None:
        """Refuse headers that would take long to read; raises header-too-large."""
        for name, value in self.headers.items():
            if len(value) > HEADER and name in _READ:
                raise Problem("header-too-large", name=name, limit=HEADER)

    async def body(self, channel: Any, seconds: int) -> AsyncIterator[bytes]:  # noqa: ANN401  # granian's own object
        """Yield the pieces of the body; raises request-timeout, and request-invalid where less comes than announced.

        Of a body in chunks that breaks off granian gives an empty piece more (and of trailers, which nobody sends).
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

    @property
    def has_body(self) -> bool:
        """Whether a body is announced."""
        return "content-length" in self.headers or "transfer-encoding" in self.headers


def incoming(scope: Scope) -> Request:
    """Return a request as plain values."""
    headers: dict[str, str] = {}
    for name, value in scope.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return Request(scope.method, scope.path, scope.query_string, headers, scope)


@lru_cache(maxsize=4096)
def _network(client: str) -> str:
    """Return an address of IPv4, or the network of one of IPv6, of which everybody has as many as there are."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
