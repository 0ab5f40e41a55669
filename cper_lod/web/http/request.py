"""A request as a plain value, read once from what granian (ASGI) passes: method, address, headers, and its body."""

import asyncio
import ipaddress
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal
from urllib.parse import quote

from cper_lod.core import i18n
from cper_lod.core.errors import Language, Phrase, Problem
from cper_lod.web.http.conditional import is_single_range

MAX_HEADER: Final = 8192
"""Bytes of the longest header that this program reads."""
Message = Mapping[str, Any]
"""What ASGI tells an application, and the other way round, by its `type`."""
Scope = Mapping[str, Any]
"""A request as granian passes it (ASGI specification, "HTTP connection scope")."""
Receive = Callable[[], Awaitable[Message]]
"""Waits for a piece of the body, and after its end for the client to disconnect."""
Send = Callable[[Message], Awaitable[None]]
_LANG: Final = re.compile(r"(?:^|&)lang=([^&]*)")
_READ: Final = frozenset(
    {
        *("accept", "accept-datetime", "accept-encoding", "accept-language", "content-type", "x-forwarded-for"),
        *("if-none-match", "if-match", "if-modified-since", "if-unmodified-since", "range"),
    }
)


@dataclass(slots=True)
class Request:
    """A request whose body is not yet read; several headers of one name are one list (RFC 9110, section 5.3)."""

    method: str
    path: str
    query_string: str
    headers: dict[str, str]
    scope: Scope
    receive: Receive
    release: str = ""
    """For the log: the first 16 digits of the digest of the release that answers, once that is known."""
    cache: Literal["hit", "miss", "none"] = "none"
    """For the log: whether the response cache had the response; `none` if the request cannot be answered from it."""

    @classmethod
    def from_scope(cls, scope: Scope, receive: Receive) -> "Request":
        """Return the request that granian passes, as plain values."""
        lines = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        headers = dict(lines)
        if len(headers) < len(lines):
            headers = {name: ", ".join(value for other, value in lines if other == name) for name in headers}
        query = scope["query_string"].decode("utf-8", "replace")
        return cls(scope["method"], scope["path"], query, headers, scope, receive)

    @classmethod
    def without_client(cls, path: str, query: str, headers: dict[str, str]) -> "Request":
        """Return a GET request that this program makes itself; the names of `headers` are in lower case."""

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        known = {"raw_path": quote(path).encode(), "scheme": "http", "http_version": "1.1"}
        scope = dict.fromkeys(("server", "client")) | known
        return cls("GET", path, query, headers, scope, receive)

    @property
    def raw_path(self) -> str:
        """The path as the client wrote it, percent-encoded."""
        return str(self.scope["raw_path"], "latin-1")

    @property
    def peer(self) -> str:
        """The address at the other end of the connection."""
        return self.scope["client"][0] if self.scope["client"] else ""

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

    async def read_body(self, seconds: int) -> AsyncIterator[bytes]:
        """Yield the pieces of the body; raises request-timeout, and request-invalid if the body breaks off."""
        deadline, size, more = time.monotonic() + seconds, 0, True
        while more:
            try:
                async with asyncio.timeout(max(deadline - time.monotonic(), 0)):
                    message = await self.receive()
            except TimeoutError:
                raise Problem("request-timeout", limit=seconds) from None
            if message["type"] == "http.disconnect":
                ends = Phrase(f"The body ends after {size} bytes.", f"Le corps s'arrête après {size} octets.")
                raise Problem("request-invalid", message=ends)
            piece = message.get("body", b"")
            size += len(piece)
            yield piece
            more = message.get("more_body", False)

    async def disconnected(self) -> None:
        """Wait until the client has gone; the body is read."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


@lru_cache(maxsize=4096)
def _network(client: str) -> str:
    """Return an IPv4 address, or the /64 network of an IPv6 address: a client has all addresses of its network."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
