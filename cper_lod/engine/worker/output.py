"""Where a query process writes an answer: memory, then a file without a name, up to a limit of bytes and of rows.

Imported by the query process, which has to be ready in 50 ms: nothing but the standard library, and little of that.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from pyoxigraph import Triple

MEMORY_LIMIT = 64 * 1024
"""Bytes of an answer that are kept in memory and sent with the reply; a larger one goes into a file."""
BUFFERED_FORMATS = frozenset({"turtle", "trig", "rdfxml", "results-xml"})
"""Forms that are gone over once more when they are complete, and are in memory until then."""


class OutputTooLargeError(Exception):
    """The answer exceeds a limit; its argument is the code of the problem."""


class SpoolError(Exception):
    """There is no room for a file in which the answer would be."""


class RowCounter:
    """How many solutions have been written, told from the bytes as they come.

    Rust writes them: taking each through Python would cost twenty times more. In JSON a solution that binds nothing is
    not counted, since `},{}` could stand in a string as well. `},{"` begins another one, unless that quote ends a
    string: then `}` or `,` comes after it.
    """

    def __init__(self, form: str) -> None:
        self._mark = {"results-json": b'},{"', "results-xml": b"<result>", "tsv": b"\n", "csv": b"\n"}[form]
        self._in_quotes = False if form == "csv" else None
        # The header line of a table is none; before the first solution in JSON stands no comma.
        self.count = 1 if form == "results-json" else -1 if form in ("csv", "tsv") else 0
        self._tail = b""

    def feed(self, data: bytes) -> int:
        """Return the count after these bytes."""
        if self._in_quotes is not None:  # a line may end inside a quoted field
            parts = data.split(b'"')
            self.count += sum(part.count(b"\n") for part in parts[self._in_quotes :: 2])
            self._in_quotes ^= len(parts) % 2 == 0
            return self.count
        data = self._tail + data
        if self._mark == b'},{"':
            # Where the byte after the mark has not come yet, the mark is left for the next time.
            self.count += data.count(self._mark, 0, len(data) - 1) - data.count(b'},{"}') - data.count(b'},{",')
            self._tail = data[-len(self._mark) :]
            return self.count
        self.count += data.count(self._mark)
        self._tail = data[1 - len(self._mark) :] if len(self._mark) > 1 else b""
        return self.count


BLANK_NODE_MARKS = {"results-json": b'"bnode"', "results-xml": b"<bnode>", "rdfxml": b"nodeID="}
"""What a blank node looks like in an answer, where it is not `_:`; its label may be another each time."""


class BoundedOutput:
    """Where an answer is written: memory, then a file without a name, up to a limit of bytes and of rows."""

    def __init__(self, limits: dict[str, Any], kind: str = "", form: str = "", rows: RowCounter | None = None) -> None:
        self.kind = kind
        self.body = bytearray()
        self.nameless = False
        self.file = -1
        self.size = 0
        self._limits = limits
        self._rows = rows
        self._buffered = form in BUFFERED_FORMATS
        self._mark = BLANK_NODE_MARKS.get(form, b"_:")
        self._tail = b""

    def write(self, data: bytes) -> int:
        """Keep `data`; raising stops the evaluation, which goes on while the answer is written."""
        self.size += len(data)
        if self.size > self._limits["bytes"]:
            raise OutputTooLargeError("query-result")
        if self._rows and self._rows.feed(data) > self._limits["rows"]:
            raise OutputTooLargeError("query-rows")
        if not self.nameless:
            self.nameless = self._mark in data or self._mark in self._tail + data[: len(self._mark)]
            self._tail = (self._tail + data)[-len(self._mark) :]
        self.body += data
        if len(self.body) > MEMORY_LIMIT and not self._buffered:
            self.spool()
        return len(data)

    def flush(self) -> None:
        """Do nothing: what is written is kept."""

    def __enter__(self) -> BoundedOutput:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            self.close()  # what was written is for nobody

    def spool(self) -> None:
        """Move what is in memory to the file; raises NoRoomError."""
        try:
            if self.file < 0:
                self.file = unnamed_file(self._limits["spool"])
            remaining = memoryview(self.body)
            while remaining:
                remaining = remaining[os.write(self.file, remaining) :]
        except OSError:
            raise SpoolError from None
        self.body = bytearray()

    def finish(self) -> None:
        """Bring a large answer whole into the file."""
        if self.file >= 0 or len(self.body) > MEMORY_LIMIT:
            self.size = len(self.body) if self.file < 0 else self.size
            self.spool()

    def close(self) -> None:
        """Give up the file."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1


def unnamed_file(folder: str) -> int:
    """Return an open file in `folder` that no other process can find, gone when it is closed."""
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except (OSError, AttributeError):  # a file system or a system without O_TMPFILE
        path = f"{folder}/cper-lod-{os.urandom(12).hex()}"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.unlink(path)  # noqa: PTH108  # pathlib costs 5 ms at start-up
        return file


def limit_rows(triples: Iterable[Triple], limit: int) -> Iterator[Triple]:
    """Yield triples; raises TooLargeError beyond `limit`."""
    for count, triple in enumerate(triples, 1):
        if count > limit:
            raise OutputTooLargeError("query-rows")
        yield triple
