"""How much of a client's address the logs keep: its beginning by default, all of it or nothing by setting."""

import ipaddress
from functools import lru_cache
from typing import Final

_KEPT: Final = {4: 24, 6: 48}
"""Bits of an address that are kept: those of a network of many, by which nobody is told apart."""


@lru_cache(maxsize=4096)
def shown(client: str, how: str) -> str:
    """Return an address as logs may have it; `how` is the setting `log_addresses`.

    >>> shown("192.0.2.77", "truncated"), shown("2001:db8:1:2::/64", "truncated"), shown("192.0.2.77", "none")
    ('192.0.2.0', '2001:db8:1::', '-')

    What is no address (a trusted proxy may say anything) is kept only where everything is.
    """
    if how == "full":
        return client
    try:
        address = ipaddress.ip_address(client.partition("/")[0])
    except ValueError:
        return "-"
    if how != "truncated":
        return "-"
    network = ipaddress.ip_network((address, _KEPT[address.version]), strict=False)
    return str(network.network_address)
