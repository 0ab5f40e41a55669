"""The lines of the log: their format, text or JSON, in which nothing that a client sends can break a line or begin another,
and their writer, with its own thread, which buffers them for a second.
"""

import ipaddress
import json
import logging
import os
import re
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

from cper_lod.core.settings import Settings
from cper_lod.core.text import escaped

log = logging.getLogger("cper_lod")
INTERVAL: Final = 1.0
"""Seconds for which lines are buffered."""
_BATCH: Final = 1000
"""Lines that are written without waiting for the interval."""
MAX_WAITING: Final = 20_000
"""Lines that wait to be written; if nobody reads the log, further lines are lost, and counted."""
_MAX_WAITING_FOR_FILE: Final = 4096
"""The same of a file: clients make the lines of the access log longer."""
_PIPE_BUF: Final = 4096
"""Bytes that a pipe takes whole, so that the lines of several processes do not mix."""
_FILE_BUF: Final = 1 << 20
"""Bytes that are written to a file at once."""
CLOSE_TIMEOUT: Final = 2.0
"""Seconds that writing the last lines may take."""
MAX_TEXT: Final = 3000
"""Bytes of the longest text in a line; a pipe takes a line of less than 4096 bytes whole."""
_LOGGERS: Final = ("cper_lod", "_granian", "py.warnings")
"""The loggers that are written: our own, that of the HTTP server, and Python's warnings."""
_PLAIN: Final = re.compile(r"[!#-<>-\[\]-~]+")
"""A value that needs no quotes in a text line."""
_PREFIX_BITS: Final = {4: 24, 6: 48}
"""Bits of an address that are logged if it is truncated: those of a network that many clients share."""
_SAFE: Final = "!#$%&'()*+,/:;=?@[]~-._{}|^"
_MAX_CACHED: Final = 300
"""Characters of the longest text whose quoted form is cached."""
_MAX_TARGET: Final = 2000
"""Characters of a request target that are logged."""


def line(form: str, level: str, event: str, details: Mapping[str, object], at: float | None = None) -> str:
    r"""Return one line: time, level, event, and details; those that are None are left out.

    >>> line("text", "info", "request", {"path": "/", "status": 200, "client": None}, at=0)
    '1970-01-01T00:00:00.000Z info request path=/ status=200\n'
    """
    values = {name: value for name, value in details.items() if value is not None}
    when = _time(time.time() if at is None else at)
    if form == "json":
        return json.dumps({"time": when, "level": level, "event": event, **values}) + "\n"
    pairs = [f"{name}={value if isinstance(value, int | float) else _quoted(value)}" for name, value in values.items()]
    return " ".join((when, level, event, *pairs)) + "\n"


def _time(seconds: float) -> str:
    return f"{second('%Y-%m-%dT%H:%M:%S', int(seconds))}.{int(seconds % 1 * 1000):03}Z"


@lru_cache(maxsize=8)
def second(form: str, seconds: int) -> str:
    """Return a Unix time in UTC, as `time.strftime` writes it."""
    return time.strftime(form, time.gmtime(seconds))


@lru_cache(maxsize=1024)
def _quoted(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def printable(text: str) -> str:
    """Return text percent-encoded for a quoted field of a log line: it cannot break the line."""
    return _quote_cached(text) if len(text) <= _MAX_CACHED else quote(text[:_MAX_TARGET], safe=_SAFE)


@lru_cache(maxsize=1024)
def _quote_cached(text: str) -> str:
    return quote(text, safe=_SAFE)


@lru_cache(maxsize=4096)
def anonymize(client: str, setting: str) -> str:
    """Return the address of a client as it may be logged; `setting` is `log_addresses`.

    >>> [anonymize(client, "truncated") for client in ("192.0.2.77", "2001:db8:1:2::/64", "Jane <jane@example.org>", "")]
    ['192.0.2.0', '2001:db8:1::', '-', '-']
    >>> anonymize("192.0.2.77", "full"), anonymize("192.0.2.77", "none")
    ('192.0.2.77', '-')

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


def truncate(text: str) -> str:
    """Return the beginning of a text that fits in a line after it has been escaped."""
    text = text[:MAX_TEXT]
    while (size := len(json.dumps(text))) > MAX_TEXT:
        text = text[: max(1, len(text) * MAX_TEXT // size - 1)]
    return text


class LineFormatter(logging.Formatter):
    """Formats the messages of `logging`, with the traceback of an error."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its line end."""
        level, trace = record.levelname.lower(), ""
        if record.exc_info and record.exc_info[0]:
            trace = "".join(traceback.format_exception(*record.exc_info))
        values: dict[str, object] = {"message": record.getMessage(), "process": record.process}
        if self._form == "json":
            return line("json", level, "message", values | ({"trace": trace} if trace else {}), record.created)[:-1]
        first = f"{_time(record.created)} {level} {escaped(record.getMessage())}"
        # Lines of a traceback are indented, so that none looks like a line of the log.
        return "\n  ".join((first, *map(escaped, trace.splitlines())))


def configure(settings: Settings) -> None:
    """Write every message of this process to standard error, in the format of the settings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(settings.log_format))
    logging.captureWarnings(True)
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
    logging.getLogger("cper_lod").setLevel(logging.INFO)


class LogWriter:
    """Writes the log lines of one server process to a file descriptor or to the end of a file; used by any thread.

    Lines are written whole, and dropped if nobody takes them. `logging.handlers.QueueListener` writes each line by itself,
    which takes twice the time (docs/explanation/libraries.md).
    """

    def __init__(self, file: int | Path) -> None:
        self._append: Callable[[bytes], int]
        if isinstance(file, Path):
            self._append, self._chunk_size, self._most = partial(_append, file), _FILE_BUF, _MAX_WAITING_FOR_FILE
        else:
            self._append, self._chunk_size, self._most = partial(os.write, file), _PIPE_BUF, MAX_WAITING
        self._lines: deque[str] = deque()
        self._closed = False
        self._flush, self._lock = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self.lost = 0
        """How many lines have been lost."""
        self._thread.start()

    def add(self, line: str) -> None:
        """Write a line soon."""
        if len(self._lines) >= self._most:
            self._count_lost(1)
            return
        self._lines.append(line)
        if len(self._lines) >= _BATCH:
            self._flush.set()

    def close(self) -> None:
        """Write the remaining lines, if somebody reads them."""
        self._closed = True
        self._flush.set()
        self._thread.join(CLOSE_TIMEOUT)

    def _write(self) -> None:
        while self._lines or not self._closed:
            self._flush.wait(INTERVAL)
            self._flush.clear()
            chunk = ""
            for _ in range(len(self._lines)):  # those of now: later ones wait for the next interval
                if len(chunk) + len(self._lines[0]) > self._chunk_size:
                    self._write_chunk(chunk.encode("ascii", "replace"))
                    chunk = ""
                chunk += self._lines.popleft()
            self._write_chunk(chunk.encode("ascii", "replace"))

    def _write_chunk(self, chunk: bytes) -> None:
        written = 0
        try:
            while written < len(chunk):
                written += self._append(chunk[written:])
        except OSError:  # a full disk, a reader that has gone: the server continues
            self._count_lost(chunk.count(b"\n", written))

    def _count_lost(self, lines: int) -> None:
        with self._lock:
            self.lost += lines


def _append(path: Path, chunk: bytes) -> int:
    """Write to the end of a file, which is opened each time, so that it may be moved away (logrotate)."""
    try:
        with path.open("ab", buffering=0) as file:
            return file.write(chunk)
    except OSError as error:
        log.warning("access log %s: %s", path, error.strerror)
        raise
