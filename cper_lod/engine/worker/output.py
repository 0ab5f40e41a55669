"""Output of a query: limited in bytes and rows, a large one in an unnamed file; and corrections of what Oxigraph serializes."""

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


class ReplyError(Exception):
    """A query that has no answer: the arguments are the code of its problem, and what else the reply contains."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.reply = {"error": code, **details}


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


class BoundedOutput:
    """Output of one answer, limited in bytes and in rows: in memory, which is limited too, until it is complete."""

    def __init__(self, limits: dict[str, Any], kind: str = "", form: str = "") -> None:
        self.kind = kind
        self.body = bytearray()
        self.size, self.file = 0, -1
        self._limits = limits
        self._rows = RowCounter(form) if kind == "select" and form in ROW_MARKS else None

    def write(self, data: bytes) -> int:
        """Append `data`. Raising an error stops the evaluation, which proceeds while the answer is written."""
        if len(self.body) + len(data) > self._limits["bytes"]:
            raise ReplyError("query-result")
        if self._rows and self._rows.feed(data) > self._limits["rows"]:
            raise ReplyError("query-rows")
        self.body += data
        return len(data)

    def flush(self) -> None:
        """Do nothing; required by pyoxigraph."""

    def finish(self) -> None:
        """Move a large answer to a file; raises ReplyError."""
        self.size = len(self.body)
        if self.size <= MEMORY_LIMIT:
            return
        try:
            self.file = unnamed_file(self._limits["spool"])
            remaining = memoryview(self.body)
            while remaining:
                remaining = remaining[os.write(self.file, remaining) :]
        except OSError:
            self.close()
            raise ReplyError("query-spool") from None
        self.body = bytearray()

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


def abbreviate_numbers(body: bytearray) -> None:
    """Abbreviate the numbers of TSV that Oxigraph writes with their datatype: whole decimals, and doubles.

    `"994000000"^^xsd:decimal` becomes `994000000.0`, `"1.5"^^xsd:double` becomes `1.5E0`: the same value and datatype in
    the abbreviated syntax of SPARQL 1.1 Query Results CSV and TSV Formats, section 4.2, which programs read as numbers.
    """
    body[:] = _TYPED_NUMBER.sub(_abbreviated, body)


def _abbreviated(number: re.Match[bytes]) -> bytes:
    return number[1] + b".0" if number[1] else number[2] + b"E0"
