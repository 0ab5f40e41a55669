"""The access log: one line a request in the Common Log Format, written once a second."""

import asyncio
import ipaddress
import logging
import time
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from cper_lod.web.http.request import Request

_PREFIX_BITS: Final = {4: 24, 6: 48}
"""Bits of an address that are logged if it is truncated: those of a network that many clients share."""


@lru_cache(maxsize=4096)
def anonymize(client: str, setting: str) -> str:
    """Return the address of a client as it may be logged; `setting` is `log_addresses`.

    >>> anonymize("192.0.2.77", "truncated"), anonymize("2001:db8:1:2::/64", "truncated"), anonymize("192.0.2.77", "none")
    ('192.0.2.0', '2001:db8:1::', '-')

    Text that is not an address (a trusted proxy may send any) is logged only if addresses are logged in full.
    """
    if setting == "full":
        return client
    try:
        address = ipaddress.ip_address(client.partition("/")[0])
    except ValueError:
        return "-"
    if setting != "truncated":
        return "-"
    network = ipaddress.ip_network((address, _PREFIX_BITS[address.version]), strict=False)
    return str(network.network_address)


log = logging.getLogger("cper_lod")
INTERVAL: Final = 1.0
"""Seconds between two writes; the file is opened each time, so that it may be moved away (logrotate)."""
_MAX_LINES: Final = 4096
"""Lines that are written without waiting for the interval."""
_MAX_CACHED: Final = 300
"""Characters of the longest text whose quoted form is cached."""
_SAFE: Final = "!#$%&'()*+,/:;=?@[]~-._{}|^"


_MAX_TARGET: Final = 2000
"""Characters of a request target that are logged."""


def printable(text: str) -> str:
    """Return text percent-encoded for a quoted field of a log line: it cannot break the line."""
    return _quote_cached(text) if len(text) <= _MAX_CACHED else quote(text[:_MAX_TARGET], safe=_SAFE)


@lru_cache(maxsize=1024)
def _quote_cached(text: str) -> str:
    return quote(text, safe=_SAFE)


@lru_cache(maxsize=4)
def _date(second: int) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(second))


class AccessLog:
    """Buffers the lines of one server process; used in one event loop."""

    def __init__(self, path: Path) -> None:
        """Append to the file at `path`; several processes may share it, since each writes whole lines at once."""
        self._path = path
        self._lines: list[str] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, request: Request, client: str, status: int, size: int) -> None:
        """Add the line of a request by `client`, with the status and the size of the response body in bytes."""
        query = f"?{request.query_string}" if request.query_string else ""
        target = printable(request.path + query)
        version = request.scope["http_version"]
        self._lines.append(
            f'{printable(client)} - - [{_date(int(time.time()))}] "{printable(request.method)} {target} '
            f'HTTP/{version}" {status} {size or "-"}\n'
        )
        if len(self._lines) >= _MAX_LINES:
            self.write()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self.write)

    def write(self) -> None:
        """Write the buffered lines; if that fails, they are lost, and the server continues."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        text, self._lines = "".join(self._lines), []
        if not text:
            return
        try:
            with self._path.open("ab", buffering=0) as file:
                file.write(text.encode("ascii", "replace"))
        except OSError as error:
            log.warning("access log %s: %s", self._path, error.strerror)
