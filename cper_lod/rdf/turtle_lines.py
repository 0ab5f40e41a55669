"""The lines of a Turtle, TriG, N-Triples or N-Quads file in which literals stand.

The parser tells no positions, so that the file is searched for the tokens that mean them.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

import pyoxigraph
from pyoxigraph import Quad, RdfFormat

from cper_lod.rdf.parse_errors import QUOTED

_TOKEN: Final = re.compile(
    rf"""(?:{QUOTED})(?P<type>\s*\^\^\s*(?:<[^>]*>|[^\s<>"'();,\[\]]+))?|\#[^\r\n]*"""
    r"""|(?P<word>(?:[^\s<>"'\#\[\]();,\\]|\\.)+)""",
    re.DOTALL,
)
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_PREFIX: Final = re.compile(r"@?\bprefix\s+([^\s:]*:)\s*(<[^>]*>)", re.IGNORECASE)


def literal_lines(data: bytes, wanted: Collection[object]) -> Iterator[tuple[int, object]]:
    """Yield the line, from 1, of each typed literal of a well-formed file that is in `wanted`, with the literal."""
    text = data.decode("utf-8-sig")
    prefixes = "".join(f"PREFIX {name} {iri}\n" for name, iri in _PREFIX.findall(text))
    literals: dict[str, object] = {}
    line, before = 1, 0
    for token in _TOKEN.finditer(text):
        if not (token["type"] or (token["word"] and _NUMBER.match(token["word"]))):
            continue
        written = token[0].rstrip(".")
        if written not in literals:
            literals[written] = _parse(written, prefixes)
        if literals[written] in wanted:
            line += text.count("\n", before, token.start())
            before = token.start()
            yield line, literals[written]


def _parse(written: str, prefixes: str) -> object:
    """Return the literal that a token means; None if the token is none."""
    try:
        (quad,) = pyoxigraph.parse(f"{prefixes}<urn:s> <urn:p> {written} .", format=RdfFormat.TURTLE)
    except (SyntaxError, ValueError):
        return None
    return quad.object if isinstance(quad, Quad) else None
