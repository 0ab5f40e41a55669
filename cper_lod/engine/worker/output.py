"""Output of a query: memory, then an unnamed file, limited in bytes and rows; and corrections of what Oxigraph serializes."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pyexpat import ExpatError, ParserCreate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from pyoxigraph import Triple

MEMORY_LIMIT = 64 * 1024
"""Bytes of an answer that stay in memory and are sent with the reply; a larger answer goes into a file."""
BUFFERED_FORMATS = frozenset({"turtle", "trig", "rdfxml", "results-xml"})
"""Formats that are corrected when they are complete, and stay in memory until then."""
ROW_MARKS = {"results-json": b'},{"', "results-xml": b"<result>", "tsv": b"\n", "csv": b"\n"}
"""What begins or ends a solution in each format."""
_DECLARED = re.compile(rb"(?:@prefix [^\n]*+\n)*+")
_PREFIXED = re.compile(rb"[ \t\n^(]([\w.-]*+:)")
"""What may be a prefixed name, after white space or another term; matches inside strings do no harm."""
_XSD = re.escape(b"http://www.w3.org/2001/XMLSchema#")
_TYPED_NUMBER = re.compile(
    rb'(?<!\\)"(-?[0-9]++)"\^\^<' + _XSD + rb'decimal>|(?<!\\)"(-?[0-9]++(?:\.[0-9]++)?)"\^\^<' + _XSD + rb"double>"
)
"""A decimal without a point, or a double. A quotation mark inside a string follows a backslash."""
_LONGEST_NUMBER = 1024
"""Bytes that such a number has at most: Oxigraph writes the largest double with 309 digits."""


class ReplyError(Exception):
    """A query that has no answer: the arguments are the code of its problem, and what else the reply contains."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.reply = {"error": code, **details}


class RowCounter:
    """Counts solutions in the serialized bytes: those are written by Rust, and passing each through Python takes twenty times as long.

    More than there are, if values of CSV have line breaks, or texts of JSON end with `},{`; fewer, if solutions of JSON bind nothing.
    """

    def __init__(self, form: str) -> None:
        self._mark, self._tail = ROW_MARKS[form], b""
        # The header line of a table is not a row; there is no comma before the first solution in JSON.
        self.count = 1 if form == "results-json" else -1 if form in ("csv", "tsv") else 0

    def feed(self, data: bytes) -> int:
        """Count the solutions in `data`, and return the total."""
        data = self._tail + data
        self.count += data.count(self._mark)
        self._tail = data[max(len(data) + 1 - len(self._mark), 0) :]
        return self.count


class BoundedOutput:
    """Output of one answer: memory, then an unnamed file, limited in bytes and in rows."""

    def __init__(self, limits: dict[str, Any], kind: str = "", form: str = "") -> None:
        self.kind = kind
        self.body = bytearray()
        self.file = -1
        self.size = 0
        self._limits = limits
        self._rows = RowCounter(form) if kind == "select" and form in ROW_MARKS else None
        self._buffered = form in BUFFERED_FORMATS
        self._numbers = TsvNumbers() if form == "tsv" else None

    def write(self, data: bytes) -> int:
        """Append `data`. Raising an error stops the evaluation, which proceeds while the answer is written."""
        self._append(self._numbers.feed(data) if self._numbers else data)
        return len(data)

    def _append(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._limits["bytes"]:
            raise ReplyError("query-result")
        if self._rows and self._rows.feed(data) > self._limits["rows"]:
            raise ReplyError("query-rows")
        self.body += data
        if len(self.body) > MEMORY_LIMIT and not self._buffered:
            self._spool()

    def flush(self) -> None:
        """Do nothing; required by pyoxigraph."""

    def __enter__(self) -> BoundedOutput:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            self.close()

    def _spool(self) -> None:
        """Move the content of the memory to the file; raises ReplyError."""
        try:
            if self.file < 0:
                self.file = unnamed_file(self._limits["spool"])
            remaining = memoryview(self.body)
            while remaining:
                remaining = remaining[os.write(self.file, remaining) :]
        except OSError:
            raise ReplyError("query-spool") from None
        self.body = bytearray()

    def finish(self) -> None:
        """Write what waits, and move the rest of a large answer to the file."""
        if self._numbers:
            self._append(self._numbers.end())
        if self.file >= 0 or len(self.body) > MEMORY_LIMIT:
            self.size = len(self.body) if self.file < 0 else self.size
            self._spool()

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
    """Yield triples; raises ReplyError after `limit`."""
    for count, triple in enumerate(triples, 1):
        if count > limit:
            raise ReplyError("query-rows")
        yield triple


def prefix_lines(prefixes: dict[str, str]) -> dict[bytes, bytes]:
    """Return the `@prefix` line of each prefix, by its name with the colon."""
    return {f"{name}:".encode(): f"@prefix {name}: <{iri}> .\n".encode() for name, iri in prefixes.items()}


def sort_turtle_prefixes(body: bytearray, lines: dict[bytes, bytes]) -> None:
    """Sort the `@prefix` lines and remove unused ones; pyoxigraph writes all of them in arbitrary order.

    One pass over the answer for all prefixes: searching for each one took longer than the query.
    """
    end = _DECLARED.match(body).end()  # type: ignore[union-attr]  # matches the empty text
    used = lines.keys() & _PREFIXED.findall(body, max(end - 1, 0))
    body[:end] = b"".join(sorted(lines[name] for name in used))


def sort_rdfxml_namespaces(body: bytearray) -> None:
    """Sort the namespaces of the root element and remove unused ones."""
    start = body.index(b"<rdf:RDF ") + 9
    end = body.index(b">\n", start)
    used = []
    for declaration in bytes(body[start:end]).rstrip(b'"').split(b'" '):
        name = declaration[6 : declaration.index(b"=")]
        if name == b"rdf" or body.find(b"<" + name + b":", end) > 0 or body.find(b" " + name + b":", end) > 0:
            used.append(declaration + b'"')
    body[start:end] = b" ".join(sorted(used))


def check_well_formed(body: bytearray) -> None:
    """Raise ReplyError if `body` is not XML: pyoxigraph writes control characters and empty local names.

    Carriage returns are replaced by character references, because an XML parser would read them as line feeds.
    """
    if b"\r" in body:
        body[:] = body.replace(b"\r", b"&#13;")
    parser = ParserCreate(None, "")
    try:
        parser.Parse(body, True)
    except ExpatError:
        raise ReplyError("impossible", iri=_element_at(body, parser.ErrorByteIndex)) from None


def _element_at(body: bytearray, at: int) -> str:
    """Return the IRI of the element at `at`, where `body` stops being XML."""
    mark = b'oxprefix: xmlns:oxprefix="'
    if body.startswith(mark, start := body.rfind(b"<", 0, at) + 1):
        iri = body[start + len(mark) : body.index(b'"', start + len(mark))].decode()
        return iri.replace("&apos;", "'").replace("&amp;", "&")
    names = [""]
    parser = ParserCreate(None, "")
    parser.StartElementHandler = lambda name, _: names.append(name)
    with suppress(ExpatError):
        parser.Parse(body, True)
    return names[-1]


class TsvNumbers:
    """Abbreviates the numbers of a TSV answer that Oxigraph writes with their datatype: whole decimals, and doubles.

    `"994000000"^^xsd:decimal` becomes `994000000.0`, `"1.5"^^xsd:double` becomes `1.5E0`: the same value and datatype in
    the abbreviated syntax of SPARQL 1.1 Query Results CSV and TSV Formats, section 4.2, which programs read as numbers.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._in_cell = False  # what comes next continues a cell that is too long for a number

    def feed(self, data: bytes) -> bytes:
        """Return as much as can be written now; the beginning of a cell waits for its end."""
        data = self._rest + data
        start = 0
        if self._in_cell:
            ends = [end for end in (data.find(b"\t"), data.find(b"\n")) if end >= 0]
            start = min(ends, default=len(data))
            self._in_cell = not ends
        end = max(data.rfind(b"\t", start), data.rfind(b"\n", start), start - 1) + 1
        if len(data) - end > _LONGEST_NUMBER:
            self._in_cell, end = True, len(data)
        self._rest = data[end:]
        return data[:start] + _TYPED_NUMBER.sub(_abbreviated, data[start:end])

    def end(self) -> bytes:
        """Return what is left when the answer is complete."""
        rest, self._rest = self._rest, b""
        return rest if self._in_cell else _TYPED_NUMBER.sub(_abbreviated, rest)


def _abbreviated(number: re.Match[bytes]) -> bytes:
    return number[1] + b".0" if number[1] else number[2] + b"E0"
