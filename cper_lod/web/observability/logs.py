"""The log, by `logging`: lines of JSON, which nothing a client sends can break, written by a thread of their own."""

import ipaddress
import json
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from queue import SimpleQueue
from typing import Final
from urllib.parse import quote

INTERVAL: Final = 0.5
"""Seconds for which lines are gathered."""
MAX_WAITING: Final = 10_000  # lines that wait to be written; further ones are lost, and counted
CLOSE_TIMEOUT: Final = 2.0  # seconds that writing the last lines may take
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
def anonymize(client: str) -> str:
    """Return the address of a network that a client shares with many others, "-" for any other text.

    >>> [anonymize(client) for client in ("192.0.2.77", "2001:db8:1:2::/64", "Jane <jane@example.org>", "")]
    ['192.0.2.0', '2001:db8:1::', '-', '-']
    """
    with suppress(ValueError):
        address = ipaddress.ip_address(client.partition("/")[0])
        return str(ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False).network_address)
    return "-"


class JsonFormatter(logging.Formatter):
    """Formats the messages of the program and of its libraries."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a message without its line end."""
        trace = self.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else None
        values = {"message": record.getMessage(), "process": record.process, "trace": trace}
        return line(record.levelname.lower(), "message", values, record.created)[:-1]


def configure(handler: logging.Handler | None = None) -> None:
    """Write every message of this process to standard error, or by `handler`."""
    handler = handler or logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.captureWarnings(True)
    for logger in LOGGERS:
        logger.handlers, logger.propagate = [handler], False
    LOGGERS[0].setLevel(logging.INFO)


class LogQueue(logging.Handler):
    """Has lines written by a thread of its own, so that nobody else waits for a disk or a reader."""

    def __init__(self, on_lost: Callable[[int], object]) -> None:
        """Write to standard error; `on_lost` is told how many lines could not be written."""
        super().__init__()
        self._on_lost, self._lines, self._stopping = on_lost, SimpleQueue[str](), threading.Event()
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message soon."""
        self.add(self.format(record) + "\n")

    def add(self, line: str) -> None:
        """Write a line soon."""
        if self._lines.qsize() < MAX_WAITING:
            self._lines.put(line)
        else:
            self._on_lost(1)

    def stop(self) -> None:
        """Write the lines that wait, for `CLOSE_TIMEOUT` at most."""
        self._stopping.set()
        self._thread.join(CLOSE_TIMEOUT)

    def _work(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._stopping.wait(INTERVAL)  # to wake up for each line costs more than the request
            lines = [self._lines.get() for _ in range(self._lines.qsize())]
            data = "".join(lines).encode()
            # Not by sys.stderr: Python takes the lock of its buffer before it ends, so it would not end while nobody reads.
            try:
                while data:
                    data = data[os.write(sys.stderr.fileno(), data) :]
            except OSError:  # a full disk, a reader that has gone: the server continues
                self._on_lost(len(lines))
