"""Log writer with its own thread: buffers lines for a second, writes whole lines, drops them if nobody reads."""

import os
import threading
from typing import Final

INTERVAL: Final = 1.0
"""Seconds for which lines are buffered."""
_BATCH: Final = 1000
"""Lines that are written without waiting for the interval."""
MAX_WAITING: Final = 20_000
"""Lines that wait to be written; if nobody reads the log, further lines are lost, and counted."""
_PIPE_BUF: Final = 4096
"""Bytes that a pipe takes whole, so that the lines of several processes do not mix."""
CLOSE_TIMEOUT: Final = 2.0
"""Seconds that writing the last lines may take."""


class LogWriter:
    """Writes the log lines of one server process to a file descriptor; used by any thread."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._lines: list[str] = []
        self._writing = 0
        self._closed = False
        self._lock = threading.Lock()
        self._has_lines, self._flush = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self.lost = 0
        """How many lines have been lost."""
        self._thread.start()

    def add(self, line: str) -> None:
        """Write a line soon."""
        with self._lock:
            waiting = len(self._lines)
            if waiting + self._writing >= MAX_WAITING:
                self.lost += 1
                return
            self._lines.append(line)
            if not waiting:
                self._has_lines.set()
            elif waiting == _BATCH:
                self._flush.set()

    def close(self) -> None:
        """Write the remaining lines, if somebody reads them."""
        with self._lock:
            self._closed = True
            self._has_lines.set()
            self._flush.set()
        self._thread.join(CLOSE_TIMEOUT)

    def _write(self) -> None:
        while True:
            self._has_lines.wait()
            self._flush.wait(INTERVAL)
            with self._lock:
                lines, self._lines = self._lines, []
                self._writing = len(lines)
                self._has_lines.clear()
                self._flush.clear()
            for chunk in _chunks(lines):
                self._write_chunk(chunk)
            with self._lock:
                self._writing = 0
                if self._closed:
                    if not self._lines:
                        return
                    self._has_lines.set()
                    self._flush.set()

    def _write_chunk(self, chunk: bytes) -> None:
        written = 0
        try:
            while written < len(chunk):
                written += os.write(self._file, chunk[written:])
        except OSError:  # a full disk, a reader that has gone: the server continues
            self.lost += chunk.count(b"\n", written)


def _chunks(lines: list[str]) -> list[bytes]:
    """Return the lines as bytes, in chunks that a pipe takes whole."""
    chunks, chunk = list[bytes](), b""
    for line in lines:
        data = line.encode("ascii", "replace")
        if chunk and len(chunk) + len(data) > _PIPE_BUF:
            chunks.append(chunk)
            chunk = b""
        chunk += data
    return [*chunks, chunk]
