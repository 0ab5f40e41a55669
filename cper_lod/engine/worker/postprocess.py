"""Corrections of what Oxigraph serializes: prefixes sorted and only those in use, XML well-formed, numbers of TSV."""

import re
from contextlib import suppress
from pyexpat import ExpatError, ParserCreate

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


class NotRepresentableError(Exception):
    """The answer cannot be represented in the requested format; the argument is the IRI that cannot be written."""


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
    """Raise NotRepresentableError if `body` is not XML: pyoxigraph writes control characters and empty local names.

    Carriage returns are replaced by character references, because an XML parser would read them as line feeds.
    """
    if b"\r" in body:
        body[:] = body.replace(b"\r", b"&#13;")
    parser = ParserCreate(None, "")
    try:
        parser.Parse(body, True)
    except ExpatError:
        raise NotRepresentableError(_element_at(body, parser.ErrorByteIndex)) from None


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
