"""The log, by `logging`: lines of JSON on standard error, which nothing a client sends can break."""

import ipaddress
import json
import logging
import os
import re
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Final
from urllib.parse import quote

MAX_TEXT: Final = 3000  # characters of the longest text in a line
_INVISIBLE: Final = re.compile(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What JSON allows, but a terminal may obey, or no encoding has."""
LOGGERS: Final = tuple(map(logging.getLogger, ("cper_lod", "_granian", "py.warnings")))


def line(level: str, event: str, details: Mapping[str, object], at: float | None = None) -> str:
    r"""Return one line: time, level, event, and details; those that are None are left out. `at` is a Unix time.

    >>> line("info", "request", {"path": "/", "client": None}, at=0)
    '{"time": "1970-01-01T00:00:00.000Z", "level": "info", "event": "request", "path": "/"}\n'
    """
    seconds = time.time() if at is None else at
    when = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{int(seconds % 1 * 1000):03}Z"
    values = {name: value for name, value in details.items() if value is not None}
    text = json.dumps({"time": when, "level": level, "event": event, **values}, ensure_ascii=False)
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def printable(text: str, length: int = MAX_TEXT) -> str:
    """Return at most `length` characters of a text of the WSGI environment, percent-encoded for a field of a line."""
    return quote(text[:length].encode("latin-1", "replace"), safe="!#$%&'()*+,/:;=?@[]~-._{}|^")[:length]


@lru_cache(maxsize=4096)  # saves 8 µs a line
def anonymize(client: str, setting: str) -> str:
    """Return the address of a client as `log_addresses` (`setting`) has it logged. Any other text is logged by `full` only.

    >>> [anonymize(client, "truncated") for client in ("192.0.2.77", "2001:db8:1:2::/64", "Jane <jane@example.org>", "")]
    ['192.0.2.0', '2001:db8:1::', '-', '-']
    """
    if setting == "truncated":  # to a network that many clients share
        with suppress(ValueError):
            address = ipaddress.ip_address(client.partition("/")[0])
            network = ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False)
            return str(network.network_address)
    return client if setting == "full" else "-"


class JsonFormatter(logging.Formatter):
    """Formats the messages of the program and of its libraries."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a message without its line end."""
        trace = self.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else None
        values = {"message": record.getMessage(), "process": record.process, "trace": trace}
        return line(record.levelname.lower(), "message", values, record.created)[:-1]


def write(text: str) -> None:
    """Write a line to standard error in one piece; a full disk costs the line alone."""
    with suppress(OSError):
        os.write(sys.stderr.fileno(), text.encode())


def configure() -> None:
    """Write every message of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.captureWarnings(True)
    for logger in LOGGERS:
        logger.handlers, logger.propagate = [handler], False
    LOGGERS[0].setLevel(logging.INFO)
