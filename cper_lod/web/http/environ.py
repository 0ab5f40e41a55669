"""What this program adds to the WSGI environment of a request (PEP 3333), and the client that limits apply to."""

import ipaddress
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

Environ = dict[str, Any]
Application = Callable[[Environ, "StartResponse"], Iterable[bytes]]
CACHE: Final = "cper_lod.cache"
"""`hit` or `miss`: whether the response cache had the response; absent if it cannot have it (a POST)."""
PROBLEM: Final = "cper_lod.problem"
"""The code of the error in the response."""
RELEASE: Final = "cper_lod.release"
"""The first 16 digits of the digest of the release that answers."""
STORE: Final = "cper_lod.store"
"""The function that stores a whole response in the response cache; absent if the response cannot be stored."""
_FORWARDED: Final = "HTTP_X_FORWARDED_FOR"
_MAX_ADDRESS: Final = 64
"""Characters of an address; a proxy may pass on anything."""


def client(environ: Environ, trusted_proxy: str) -> str:
    """Return the client of a request: an IPv4 address or an IPv6 /64 network, all of whose addresses one client has.

    The client of the proxy `trusted_proxy` is the last address of X-Forwarded-For.
    """
    address = str(environ.get("REMOTE_ADDR") or "")
    if trusted_proxy and address == trusted_proxy:
        address = environ.get(_FORWARDED, "").rpartition(",")[2].strip() or address
    return _network(address[:_MAX_ADDRESS])


@lru_cache(maxsize=4096)  # saves 3 µs of a request that is logged or counted by its client
def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
