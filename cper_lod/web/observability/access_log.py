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


log = logging.getLogger("cper_lod")
_EVERY: Final = 1.0
"""Seconds between two writings; the file is opened anew each time, so that it may be moved away (logrotate)."""
_FULL: Final = 4096
"""Lines that are written at once, however little time has passed."""
_SHORT: Final = 300
"""Characters of the longest text that is remembered as it is written."""
_SAFE: Final = "!#$%&'()*+,/:;=?@[]~-._{}|^"


_LONGEST: Final = 2000
"""Characters of an address that are noted."""


def printable(text: str) -> str:
    """Return text as it may stand in a line between quotes: nothing that a client sends can begin another line."""
    return _remembered(text) if len(text) <= _SHORT else quote(text[:_LONGEST], safe=_SAFE)


@lru_cache(maxsize=1024)
def _remembered(text: str) -> str:
    return quote(text, safe=_SAFE)


@lru_cache(maxsize=4)
def _date(second: int) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(second))


class AccessLog:
    """Collects the lines of one server process; used in one event loop."""

    def __init__(self, path: Path) -> None:
        """Append to the file at `path`; several processes may share it, since each writes whole lines at once."""
        self._path = path
        self._lines: list[str] = []
        self._due: asyncio.TimerHandle | None = None

    def note(self, request: Request, client: str, status: int, size: int) -> None:
        """Note a request of `client`, the status of its answer and the bytes of its body."""
        query = f"?{request.query_string}" if request.query_string else ""
        target = printable(request.path + query)
        version = request.scope.http_version
        self._lines.append(
            f'{printable(client)} - - [{_date(int(time.time()))}] "{printable(request.method)} {target} '
            f'HTTP/{version}" {status} {size or "-"}\n'
        )
        if len(self._lines) >= _FULL:
            self.write()
        elif self._due is None:
            self._due = asyncio.get_running_loop().call_later(_EVERY, self.write)

    def write(self) -> None:
        """Write what has been noted; where the disk refuses, the lines are lost and the server goes on."""
        if self._due:
            self._due.cancel()
            self._due = None
        text, self._lines = "".join(self._lines), []
        if not text:
            return
        try:
            with self._path.open("ab", buffering=0) as file:
                file.write(text.encode("ascii", "replace"))
        except OSError as error:
            log.warning("access log %s: %s", self._path, error.strerror)
