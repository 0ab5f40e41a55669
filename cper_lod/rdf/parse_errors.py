"""What is wrong with a source file, and at which line and column: checks before parsing, faults while parsing."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final, cast
from xml.parsers import expat

import pyoxigraph
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat

from cper_lod.core.errors import Problem
from cper_lod.rdf.comments import QUOTED

NO_BASE: Final = "cper-lod-no-base://file/"
"""The base given to the JSON-LD parser where there is none; an IRI that starts with its scheme was relative."""

DEPTH: Final = 200
"""The deepest nesting read of JSON and of triple terms: the parser recurses there, and dies some thousands deeper."""

ENTITY_LENGTH: Final = 100_000
"""The longest expansion of an XML entity: the parser expands at the declaration (nine nested ones take 2 GB)."""

_BOM: Final = b"\xef\xbb\xbf"
_PREAMBLE: Final = re.compile(r"^Parser error (?:at|between|on) .*?: ", re.DOTALL)


def check_utf8(data: bytes, path: Path) -> bytes:
    """Return `data` without a byte order mark; raises `source-encoding` (line, byte) for what is no UTF-8."""
    data = data.removeprefix(_BOM)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
    else:
        # UTF-16 and UTF-32 without a mark can be good UTF-8 full of NUL: one among the first bytes tells them.
        at = data[:4].find(b"\0")
        if at < 0:
            return data
    line = data.count(b"\n", 0, at) + 1
    raise Problem("source-encoding", path=path, line=line, byte=f"0x{data[at]:02X}")


def check_before_parsing(data: bytes, format_: RdfFormat, path: Path) -> None:
    """Raise `source-syntax` for what the parser would take in silence, for ever, or not survive."""
    if format_ == RdfFormat.RDF_XML:
        _check_xml(data, path)
    elif format_ == RdfFormat.JSON_LD:
        if data.count(b"{") + data.count(b"[") > DEPTH:
            _check_depth(_JSON_DEPTH, data, path)
    elif data.count(b"<<") > DEPTH:
        _check_depth(_TERM_DEPTH, data, path)


_JSON_DEPTH: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)
_TERM_DEPTH: Final = re.compile(QUOTED + r"|#[^\r\n]*|(?P<open><<)|(?P<close>>>)", re.DOTALL)


def _check_depth(lexemes: re.Pattern[str], data: bytes, path: Path) -> None:
    """Refuse what is nested deeper than `DEPTH`, at the bracket that goes too far."""
    depth, text = 0, data.decode("utf-8")
    for match in lexemes.finditer(text):
        if match.lastgroup == "open":
            depth += 1
            if depth > DEPTH:
                at = len(text[: match.start()].encode())
                raise _syntax_problem(path, data, at, f"nested more than {DEPTH} levels deep")
        elif match.lastgroup == "close":
            depth -= 1


def _check_xml(data: bytes, path: Path) -> None:
    """Refuse XML that is not well-formed (the RDF parser reads a file cut short as if it were whole) or explodes."""
    parser = expat.ParserCreate("utf-8")  # what is declared is the RDF parser's to refuse: it says why
    lengths: dict[str, int] = {}

    def declared(name: str, is_parameter: bool, value: str | None, *_rest: object) -> None:
        length = len(value or "") + sum(lengths.get(each, 0) for each in re.findall(r"&([^#;&]+);", value or ""))
        if length > ENTITY_LENGTH:
            place = {"line": parser.CurrentLineNumber, "column": parser.CurrentColumnNumber + 1}
            raise Problem("source-syntax", path=path, **place, message=f"the entity {name} expands without measure")
        lengths[name] = length

    parser.EntityDeclHandler = declared
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        message = expat.ErrorString(error.code)
        raise Problem(
            "source-syntax", path=path, line=error.lineno, column=error.offset + 1, message=message
        ) from error


def problem_of(error: SyntaxError, data: bytes, format_: RdfFormat, path: Path, base_iri: str | None) -> Problem:
    """Return the problem that a fault of the parser is: `source-context`, or `source-syntax` with its place."""
    message = " ".join(_PREAMBLE.sub("", error.msg).split())
    if "LoadDocumentCallback" in message:
        return Problem("source-context", path=path)
    message = message.replace("No scheme found in an absolute IRI", "relative IRI, and no base to resolve it")
    if error.lineno is not None:
        return Problem("source-syntax", path=path, line=error.lineno, column=error.offset or 1, message=message)
    return _syntax_problem(path, data, _error_offset(data, format_, base_iri), message)


def check_relative_iris(quads: Iterable[Quad], data: bytes, path: Path) -> None:
    """Raise `source-syntax` where a JSON-LD document holds a relative IRI and no base."""
    scheme = NO_BASE.partition("/")[0]
    for quad in quads:
        for term in quad:
            iri = term.datatype if isinstance(term, Literal) else term
            if isinstance(iri, NamedNode) and iri.value.startswith(scheme):
                written = iri.value.removeprefix(NO_BASE)
                at = data.find(b'"%b"' % written.encode())
                raise _syntax_problem(path, data, max(at, 0), f"relative IRI “{written}”, and no base to resolve it")


class _ChunkReader:
    """A file that gives its chunks one a read, and counts: what was given last is where the parser gave up."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks = chunks
        self.start = self.end = 0

    def read(self, _size: int = -1) -> bytes:
        chunk = next(self.chunks, b"")
        if chunk:
            self.start, self.end = self.end, self.end + len(chunk)
        return chunk


def _error_offset(data: bytes, format_: RdfFormat, base_iri: str | None) -> int:
    """Return the offset of a fault for which the parser names no place, fed line by line, then byte by byte."""
    start, end = _feed(iter(data.splitlines(keepends=True)), format_, base_iri)
    if end - start > 100_000:  # a whole document on one line is not worth that many calls
        return start
    single = (data[at : at + 1] for at in range(start, end))
    before = (data[:start],) if start else ()
    return _feed((chunk for chunks in (before, single) for chunk in chunks), format_, base_iri)[0]


def _feed(chunks: Iterator[bytes], format_: RdfFormat, base_iri: str | None) -> tuple[int, int]:
    """Return where the chunk stands at which the parser fails."""
    spoon = _ChunkReader(chunks)
    try:
        for _ in pyoxigraph.parse(cast(IO[bytes], spoon), format=format_, base_iri=base_iri):
            pass
    except SyntaxError:
        pass
    return spoon.start, spoon.end


def _syntax_problem(path: Path, data: bytes, at: int, message: str) -> Problem:
    """Return `source-syntax` at a byte offset, as line and column (in characters) from 1."""
    line_start = data.rfind(b"\n", 0, at) + 1
    column = len(data[line_start:at].decode("utf-8", "ignore")) + 1
    return Problem("source-syntax", path=path, line=data.count(b"\n", 0, at) + 1, column=column, message=message)
