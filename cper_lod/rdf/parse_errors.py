"""Errors in source files with line and column: checks before parsing, errors of the parser, and what it ignores."""

import io
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final
from xml.parsers import expat

import pyoxigraph
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat

from cper_lod.core.errors import Problem
from cper_lod.core.names import PARTS, SiteNames

NO_BASE: Final = "cper-lod-no-base://file/"
"""Base IRI given to the parser of JSON-LD, which drops relative IRIs silently: those that start with it were relative."""
_RELATIVE: Final = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.-]*:)[^\x00-\x20<>\"{}|^`]*>")
_DECLARES_BASE: Final = re.compile(r"(?i)(?:^|[\s.])@?base\s+<")

DEPTH: Final = 200
"""Maximum nesting of JSON and of triple terms; the recursive parser crashes some thousands of levels deeper."""

ENTITY_LENGTH: Final = 100_000
"""Maximum length of an expanded XML entity; the parser expands at the declaration (nine nested entities take 2 GB)."""

_LARGE: Final = 1 << 18
"""Bytes from which an error without position is found by line: by byte, it would take a second."""
_BOM: Final = b"\xef\xbb\xbf"
_PREAMBLE: Final = re.compile(r"^Parser error (?:at|between|on) .*?: ", re.DOTALL)


def base_of(data: bytes, format_: RdfFormat, path: Path, names: SiteNames | None) -> str | None:
    """Return the base IRI that a file is read with: in the Turtle of sources, the address of the site.

    Raises `source-relative` for a relative IRI that does not go on as the names of a site do, unless the file declares a base.
    """
    if format_ == RdfFormat.JSON_LD:
        return NO_BASE
    if names is None or format_ not in (RdfFormat.TURTLE, RdfFormat.TRIG):
        return None
    text = data.decode("utf-8")
    if any(not _is_name(each) for each in set(_RELATIVE.findall(text))) and not _DECLARES_BASE.search(text):
        for match in _COMMENT.finditer(text):
            if _RELATIVE.fullmatch(match[0]) and not _is_name(match[0]):
                line = text.count("\n", 0, match.start()) + 1
                raise Problem("source-relative", path=path, line=line, iri=match[0], offers=PARTS)
    return names.address


def _is_name(written: str) -> bool:
    """Return whether a relative IRI, in brackets, goes on as the names of a site do, and does not climb out."""
    return written[1:].startswith(PARTS) and not {".", ".."} & {*re.split("[/?#]", written[1:-1])}


def check_utf8(data: bytes, path: Path) -> bytes:
    """Return `data` without byte order mark; raises `source-encoding` (line, byte) if it is not UTF-8."""
    data = data.removeprefix(_BOM)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
    else:
        # UTF-16 and UTF-32 without a mark can be valid UTF-8 full of NUL; detected by the first bytes.
        at = data[:4].find(b"\0")
        if at < 0:
            return data
    line = data.count(b"\n", 0, at) + 1
    raise Problem("source-encoding", path=path, line=line, byte=f"0x{data[at]:02X}")


def check_before_parsing(data: bytes, format_: RdfFormat, path: Path) -> None:
    """Raise `source-syntax` for input that the parser would accept silently, not terminate on, or crash on."""
    if format_ == RdfFormat.RDF_XML:
        _check_xml(data, path)
    elif format_ == RdfFormat.JSON_LD:
        if data.count(b"{") + data.count(b"[") > DEPTH:
            _check_depth(_JSON_DEPTH, data, path)
    elif data.count(b"<<") > DEPTH:
        _check_depth(_TERM_DEPTH, data, path)


# Strings, IRIs and escapes are single tokens: a hash inside them does not start a comment (Turtle, section 6.2).
QUOTED: Final = (
    r'"""[^"\\]*(?:(?:\\.|""?(?!"))[^"\\]*)*"""'
    r"|'''[^'\\]*(?:(?:\\.|''?(?!'))[^'\\]*)*'''"
    r'|"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"'
    r"|'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'"
    r'|<[^\x00-\x20<>"{}|^`]*>'
    r"|\\."
)
"""A pattern (with re.DOTALL) for strings, IRIs and escaped characters of Turtle."""
_COMMENT: Final = re.compile(QUOTED + r"|(?P<comment>#[^\r\n]*)", re.DOTALL)
_JSON_DEPTH: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|(?P<open>[\[{])|(?P<close>[\]}])', re.DOTALL)
_TERM_DEPTH: Final = re.compile(QUOTED + r"|#[^\r\n]*|(?P<open><<)|(?P<close>>>)", re.DOTALL)


def _check_depth(lexemes: re.Pattern[str], data: bytes, path: Path) -> None:
    """Raise `source-syntax` at the bracket that exceeds `DEPTH`."""
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
    """Raise `source-syntax` for XML that is not well-formed (the RDF parser accepts truncated files) or has huge entities."""
    parser = expat.ParserCreate("utf-8")  # the RDF parser checks the declared encoding itself
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


def check_comments(data: bytes, path: Path) -> None:
    """Raise `source-comments` for the first comment of a well-formed Turtle file, which the parser ignores."""
    text = data.decode("utf-8-sig")
    for match in _COMMENT.finditer(text):
        if match["comment"] is not None:
            line = text.count("\n", 0, match.start()) + 1
            raise Problem("source-comments", path=path, line=line, comment=match["comment"].rstrip())


def problem_of(error: SyntaxError, data: bytes, format_: RdfFormat, path: Path, base: str | None) -> Problem:
    """Return the problem of a parser error: `source-context`, or `source-syntax` with line and column."""
    message = " ".join(_PREAMBLE.sub("", error.msg).split())
    if "LoadDocumentCallback" in message:
        return Problem("source-context", path=path)
    message = message.replace("No scheme found in an absolute IRI", "relative IRI, and no base to resolve it")
    if error.lineno is not None:
        return Problem("source-syntax", path=path, line=error.lineno, column=error.offset or 1, message=message)
    return _syntax_problem(path, data, _error_offset(data, format_, base), message)


def check_relative_iris(quads: Iterable[Quad], data: bytes, path: Path) -> None:
    """Raise `source-syntax` if a JSON-LD document contains a relative IRI without a base."""
    scheme = NO_BASE.partition("/")[0]
    for quad in quads:
        for term in quad:
            iri = term.datatype if isinstance(term, Literal) else term
            if isinstance(iri, NamedNode) and iri.value.startswith(scheme):
                written = iri.value.removeprefix(NO_BASE)
                at = data.find(b'"%b"' % written.encode())
                raise _syntax_problem(path, data, max(at, 0), f"relative IRI “{written}”, and no base to resolve it")


class Pieces(io.BytesIO):
    """A file of which each read returns one byte, or one line: `count` and `start` of the last one say where the parser is."""

    def __init__(self, data: bytes, *, lines: bool) -> None:
        super().__init__(data)
        self._length = -1 if lines else 1
        self.count = self.start = 0

    def read(self, _size: int | None = -1) -> bytes:
        """Return the next byte or line."""
        start = self.tell()
        if piece := self.readline(self._length):
            self.count, self.start = self.count + 1, start
        return piece


def _error_offset(data: bytes, format_: RdfFormat, base: str | None) -> int:
    """Return the offset of an error without position: of the byte, or of the line in a large file."""
    pieces = Pieces(data, lines=len(data) >= _LARGE)
    with suppress(SyntaxError):
        for _ in pyoxigraph.parse(pieces, format=format_, base_iri=base):
            pass
    return pieces.start


def _syntax_problem(path: Path, data: bytes, at: int, message: str) -> Problem:
    """Return `source-syntax` for a byte offset, as line and column (in characters) from 1."""
    line_start = data.rfind(b"\n", 0, at) + 1
    column = len(data[line_start:at].decode("utf-8", "ignore")) + 1
    return Problem("source-syntax", path=path, line=data.count(b"\n", 0, at) + 1, column=column, message=message)
