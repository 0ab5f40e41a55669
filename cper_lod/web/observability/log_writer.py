"""Log writer with its own thread: buffers lines for a second, writes whole lines, drops them if nobody takes them.

`logging.handlers.QueueListener` writes each line by itself, which takes twice the time (docs/explanation/libraries.md).
"""

import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

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


class LogWriter:
    """Writes the log lines of one server process to a file descriptor or to the end of a file; used by any thread."""

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
