"""Writing the log in a thread of its own: whole lines, gathered for a second, dropped where nobody reads them."""

import os
import threading
from typing import Final

_EVERY: Final = 1.0
"""Seconds for which lines are gathered."""
_FULL: Final = 1000
"""Lines that are written at once, however little time has passed."""
_MOST: Final = 20_000
"""Lines that wait to be written; where the reader of the log stands still, later ones are lost, and counted."""
_PIECE: Final = 4096
"""Bytes that a pipe takes whole (PIPE_BUF), so that the lines of several processes do not mix."""
_LAST: Final = 2.0
"""Seconds that writing the last lines may take."""


class LogWriter:
    """The lines of one server process on their way to a file descriptor; used by any thread."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._lines: list[str] = []
        self._writing = 0
        self._closed = False
        self._lock = threading.Lock()
        self._some, self._hurry = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._write, name="log", daemon=True)
        self.lost = 0
        """How many lines were lost."""
        self._thread.start()

    def add(self, line: str) -> None:
        """Have a line written soon."""
        with self._lock:
            waiting = len(self._lines)
            if waiting + self._writing >= _MOST:
                self.lost += 1
                return
            self._lines.append(line)
            if not waiting:
                self._some.set()
            elif waiting == _FULL:
                self._hurry.set()

    def close(self) -> None:
        """Write what is left, as far as somebody reads it."""
        with self._lock:
            self._closed = True
            self._some.set()
            self._hurry.set()
        self._thread.join(_LAST)

    def _write(self) -> None:
        while True:
            self._some.wait()
            self._hurry.wait(_EVERY)
            with self._lock:
                lines, self._lines = self._lines, []
                self._writing = len(lines)
                self._some.clear()
                self._hurry.clear()
            for piece in _pieces(lines):
                self._put(piece)
            with self._lock:
                self._writing = 0
                if self._closed:
                    if not self._lines:
                        return
                    self._some.set()
                    self._hurry.set()

    def _put(self, piece: bytes) -> None:
        written = 0
        try:
            while written < len(piece):
                written += os.write(self._file, piece[written:])
        except OSError:  # a full disk, a reader that has gone: the server goes on
            self.lost += piece.count(b"\n", written)


def _pieces(lines: list[str]) -> list[bytes]:
    """Return the lines as bytes, as many together as a pipe takes whole."""
    pieces, piece = list[bytes](), b""
    for line in lines:
        data = line.encode("ascii", "replace")
        if piece and len(piece) + len(data) > _PIECE:
            pieces.append(piece)
            piece = b""
        piece += data
    return [*pieces, piece]
