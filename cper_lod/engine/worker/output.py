"""Output of a query: memory, then an unnamed file, limited in bytes and in rows."""

from __future__ import annotations

import os

from cper_lod.engine.worker.postprocess import TsvNumbers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from pyoxigraph import Triple

MEMORY_LIMIT = 64 * 1024
"""Bytes of an answer that stay in memory and are sent with the reply; a larger answer goes into a file."""
BUFFERED_FORMATS = frozenset({"turtle", "trig", "rdfxml", "results-xml"})
"""Formats that are post-processed when they are complete, and stay in memory until then."""


class OutputTooLargeError(Exception):
    """The answer exceeds a limit; the argument is the problem code."""


class SpoolError(Exception):
    """The file for the answer cannot be written."""


ROW_MARKS = {"results-json": b'},{"', "results-xml": b"<result>", "tsv": b"\n", "csv": b"\n"}
"""What begins or ends a solution in each format."""


class RowCounter:
    """Counts solutions in the serialized bytes.

    They are written by Rust; passing each of them through Python would take twenty times as long. In JSON, an empty
    solution is not counted, because `},{}` can occur in a string. `},{"` starts another solution, unless the quote ends a
    string: then `}` or `,` follows.
    """

    def __init__(self, form: str) -> None:
        self._mark = ROW_MARKS[form]
        self._in_quotes = False if form == "csv" else None
        # The header line of a table is not a row; there is no comma before the first solution in JSON.
        self.count = 1 if form == "results-json" else -1 if form in ("csv", "tsv") else 0
        self._tail = b""

    def feed(self, data: bytes) -> int:
        """Count the solutions in `data`, and return the total."""
        if self._in_quotes is not None:  # a quoted field may contain line breaks
            parts = data.split(b'"')
            self.count += sum(part.count(b"\n") for part in parts[self._in_quotes :: 2])
            self._in_quotes ^= len(parts) % 2 == 0
            return self.count
        data = self._tail + data
        if self._mark == b'},{"':
            # If the byte after the mark has not arrived yet, the mark is counted next time.
            self.count += data.count(self._mark, 0, len(data) - 1) - data.count(b'},{"}') - data.count(b'},{",')
            self._tail = data[-len(self._mark) :]
            return self.count
        self.count += data.count(self._mark)
        self._tail = data[1 - len(self._mark) :] if len(self._mark) > 1 else b""
        return self.count


BLANK_NODE_MARKS = {"results-json": b'"bnode"', "results-xml": b"<bnode>", "rdfxml": b"nodeID="}
"""What a blank node looks like in formats where it is not `_:`."""


class BoundedOutput:
    """Output of one answer: memory, then an unnamed file, limited in bytes and in rows."""

    def __init__(self, limits: dict[str, Any], kind: str = "", form: str = "", rows: RowCounter | None = None) -> None:
        self.kind = kind
        self.body = bytearray()
        self.has_blank_nodes = False
        self.file = -1
        self.size = 0
        self._limits = limits
        self._rows = rows
        self._buffered = form in BUFFERED_FORMATS
        self._numbers = TsvNumbers() if form == "tsv" else None
        self._mark = BLANK_NODE_MARKS.get(form, b"_:")
        self._tail = b""

    def write(self, data: bytes) -> int:
        """Append `data`. Raising an error stops the evaluation, which proceeds while the answer is written."""
        self._append(self._numbers.feed(data) if self._numbers else data)
        return len(data)

    def _append(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._limits["bytes"]:
            raise OutputTooLargeError("query-result")
        if self._rows and self._rows.feed(data) > self._limits["rows"]:
            raise OutputTooLargeError("query-rows")
        if not self.has_blank_nodes:
            self.has_blank_nodes = self._mark in data or self._mark in self._tail + data[: len(self._mark)]
            self._tail = (self._tail + data)[-len(self._mark) :]
        self.body += data
        if len(self.body) > MEMORY_LIMIT and not self._buffered:
            self.spool()

    def flush(self) -> None:
        """Do nothing; required by pyoxigraph."""

    def __enter__(self) -> BoundedOutput:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            self.close()

    def spool(self) -> None:
        """Move the content of the memory to the file; raises SpoolError."""
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
        """Write what waits, and move the rest of a large answer to the file."""
        if self._numbers:
            self._append(self._numbers.end())
        if self.file >= 0 or len(self.body) > MEMORY_LIMIT:
            self.size = len(self.body) if self.file < 0 else self.size
            self.spool()

    def close(self) -> None:
        """Close the file."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1


def unnamed_file(folder: str) -> int:
    """Return an open file in `folder` that has no name and disappears when it is closed."""
    try:
        return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except (OSError, AttributeError):  # a file system or a system without O_TMPFILE
        path = f"{folder}/cper-lod-{os.urandom(12).hex()}"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        os.unlink(path)  # noqa: PTH108  # pathlib costs 5 ms at start-up
        return file


def limit_rows(triples: Iterable[Triple], limit: int) -> Iterator[Triple]:
    """Yield triples; raises OutputTooLargeError after `limit`."""
    for count, triple in enumerate(triples, 1):
        if count > limit:
            raise OutputTooLargeError("query-rows")
        yield triple
