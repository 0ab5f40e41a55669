"""The log, by `logging`: lines of JSON, which nothing a client sends can break, written by a thread of their own."""

import ipaddress
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from queue import SimpleQueue
from typing import Final

INTERVAL: Final = 0.5
"""Seconds for which lines are gathered."""
MAX_WAITING: Final = 10_000  # lines that wait to be written; further ones are lost, and counted
CLOSE_TIMEOUT: Final = 2.0  # seconds that writing the last lines may take
_INVISIBLE: Final = re.compile(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What JSON allows, but a terminal may obey, or no encoding has."""
_encode: Final = json.JSONEncoder(ensure_ascii=False).encode
LOGGERS: Final = tuple(map(logging.getLogger, ("cper_lod", "_granian", "py.warnings")))


def members(values: Mapping[str, object]) -> str:
    r"""Return the members of a JSON object, without its braces, as text of one line that no value can end.

    >>> print(members({"path": "/\n\x85", "problem": None}))
    "path": "/\n\u0085", "problem": null
    """
    text = _encode(values)[1:-1]
    return text if text.isprintable() else _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def json_line(at: float, members: str) -> str:
    """Return a line of the log without its line end: the time in seconds since 1970, and `members`."""
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f'{{"time": "{moment}", {members}}}'


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
        """Return the line of a message."""
        trace = self.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else None
        values = {"level": record.levelname.lower(), "event": "message", "message": record.getMessage()}
        return json_line(record.created, members(values | {"process": record.process, "trace": trace}))


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

    def __init__(self, on_lost: Callable[[int], object], gather: Callable[[], None]) -> None:
        """Write to standard error; call `on_lost` with the number of lines that could not be written, `gather` to add the last ones."""
        super().__init__()
        self._on_lost, self._gather = on_lost, gather
        self._lines, self._stopping = SimpleQueue[str](), threading.Event()
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message soon."""
        self.add(self.format(record))

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
            self._gather()
            lines = [self._lines.get() for _ in range(self._lines.qsize())]
            data = "".join(f"{line}\n" for line in lines).encode()
            # Not by sys.stderr: Python takes the lock of its buffer before it ends, so it would not end while nobody reads.
            try:
                while data:
                    data = data[os.write(sys.stderr.fileno(), data) :]
            except OSError:  # a full disk, a reader that has gone: the server continues
                self._on_lost(len(lines))
