"""Content codings: which one a client accepts (RFC 9110, section 12.5.3), and responses compressed with it."""

import gzip
from collections.abc import Callable, Mapping
from typing import Final

import brotli
from flask import Response
from werkzeug.http import parse_accept_header

from cper_lod.core.formats import XLSX

IDENTITY: Final = "identity"
MIN_SIZE: Final = 600
"""Bytes below which compressing saves less than one network packet."""
MAX_SIZE: Final = 4 * 1024 * 1024
"""Bytes of the largest response that is compressed."""
_COMPRESSIBLE: Final = ("text/", "application/", "image/svg+xml")
_COMPRESSED: Final = ("application/gzip", "application/octet-stream", XLSX.media_type)
# Measured on our pages and documents: the next level up costs ten times as much for a few percent.
ENCODE: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    # A window of 2^22 bytes, larger than a small body, would only cost memory.
    "br": lambda body: bytes(brotli.compress(body, quality=5, lgwin=16 if len(body) <= 1 << 16 else 22)),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
"""The codings by their registered names, the preferred one first; each writes the same bytes in every process."""


def choose(accept_encoding: str | None) -> str:
    """Return the coding that a client prefers, `identity` if it names no supported one, even if it refuses identity.

    A client without the header gets identity; so does one with an empty header. Among codings of equal weight the
    order of `ENCODE` decides. Source: RFC 9110, section 12.5.3.

    >>> choose("gzip, deflate, br;q=0.9"), choose("gzip;q=0"), choose("*;q=0")
    ('gzip', 'identity', 'identity')
    """
    if not accept_encoding:
        return IDENTITY
    # Where a coding is named twice, the higher weight is kept: Werkzeug sorts them by weight.
    given = {name.lower().removeprefix("x-"): weight for name, weight in reversed(parse_accept_header(accept_encoding))}
    others = given.get("*", 0.0)
    weight, _, name = max((given.get(name, others), -place, name) for place, name in enumerate(ENCODE))
    return name if weight > 0 and weight >= given.get(IDENTITY, others) else IDENTITY


def is_worthwhile(content_type: str, size: int) -> bool:
    """Return whether compressing `size` bytes of this type saves anything."""
    compressible = content_type.startswith(_COMPRESSIBLE) and not content_type.startswith(_COMPRESSED)
    return compressible and MIN_SIZE <= size <= MAX_SIZE


def is_compressible(response: Response) -> bool:
    """Return whether a response would be compressed for a client that accepts a coding."""
    size = response.content_length or 0
    worthwhile = is_worthwhile(response.headers.get("Content-Type", ""), size)
    return response.status_code == 200 and worthwhile and "Content-Encoding" not in response.headers


def compress(response: Response, coding: str) -> None:
    """Compress the body of a compressible response, and give it a validator of its own.

    Each coding is a representation of its own (RFC 9110, section 8.8.3.3).
    """
    if coding == IDENTITY:
        return
    response.direct_passthrough = False  # of a file, which is read here
    response.set_data(ENCODE[coding](response.get_data()))
    response.headers["Content-Encoding"] = coding
    response.headers.pop("Accept-Ranges", None)  # ranges are those of the uncompressed file
    if "ETag" in response.headers:
        response.headers["ETag"] = coded_etag(response.headers["ETag"], coding)


def coded_etag(etag: str, coding: str) -> str:
    """Return the validator of a representation in a coding.

    >>> coded_etag('"abc"', "br")
    '"abc-br"'
    """
    return f'{etag[:-1]}-{coding}"'
