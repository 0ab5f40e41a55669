"""Writing the log beside the event loop: whole lines, gathered for a second, dropped where nobody reads them."""

import asyncio
import os
import threading
from queue import SimpleQueue
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
    """The lines of one server process on their way to a file descriptor; used in one event loop."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._lines: list[str] = []
        self._waiting: SimpleQueue[list[str] | None] = SimpleQueue()
        self._handed = 0
        self._due: asyncio.TimerHandle | None = None
        self._thread: threading.Thread | None = None
        self.lost = 0
        """How many lines were lost."""

    def add(self, line: str) -> None:
        """Have a line written soon."""
        if self._handed + len(self._lines) >= _MOST:
            self.lost += 1
            return
        self._lines.append(line)
        if len(self._lines) >= _FULL:
            self._hand_over()
        elif self._due is None:
            self._due = asyncio.get_running_loop().call_later(_EVERY, self._hand_over)

    def close(self) -> None:
        """Write what is left, as far as somebody reads it."""
        self._hand_over()
        if self._thread:
            self._waiting.put(None)
            self._thread.join(_LAST)

    def _hand_over(self) -> None:
        if self._due:
            self._due.cancel()
            self._due = None
        lines, self._lines = self._lines, []
        if not lines:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="log", daemon=True)
            self._thread.start()
        self._handed += len(lines)
        self._waiting.put(lines)

    def _write(self) -> None:
        while (lines := self._waiting.get()) is not None:
            for piece in _pieces(lines):
                try:
                    written = 0
                    while written < len(piece):
                        written += os.write(self._file, piece[written:])
                except OSError:  # a full disk, a reader that has gone: the server goes on
                    self.lost += piece.count(b"\n")
            self._handed -= len(lines)


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
