"""Which addresses are public: where a query may be sent."""

from collections.abc import Collection
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from cper_lod.core.errors import Problem

_SPECIAL_4: Final = tuple(
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
)
_UNICAST_6: Final = ip_network("2000::/3")
# Teredo is in the first, 6to4 is the third: whatever they wrap, nobody publishes an endpoint there.
_SPECIAL_6: Final = tuple(ip_network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_NAT64: Final = ip_network("64:ff9b::/96")


def public(address: str) -> bool:
    """Return whether a numeric address is global unicast (IANA's special-purpose address registries, RFC 6890).

    Written here rather than asked of `ipaddress.is_global`, which counts multicast as global and whose list changes
    with the version of Python. An address behind NAT64 (RFC 6052), by which a host without IPv4 reaches all of it, is
    judged by the one that it wraps; no other wrapping is public.

    >>> public("9.9.9.9"), public("127.0.0.1"), public("::ffff:9.9.9.9"), public("64:ff9b::127.0.0.1")
    (True, False, False, False)
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.scope_id is not None:
            return False
        if ip not in _NAT64:
            return ip in _UNICAST_6 and not any(ip in network for network in _SPECIAL_6)
        ip = IPv4Address(int(ip) & 0xFFFFFFFF)
    return not any(ip in network for network in _SPECIAL_4)


def refuse_private(allowed: Collection[str]) -> None:
    """Raise settings-invalid for an allowed endpoint that could never be called: its host is no public address."""
    for iri in allowed:
        host = urlsplit(iri).hostname or ""
        with suppress(ValueError):  # a name: it is judged by its addresses, each time
            if not public(str(ip_address(host))):
                raise Problem(
                    "settings-invalid", name="service_allow", value=iri, origin="service_allow",
                    expected="une adresse publique / a public address",
                )  # fmt: skip
