"""Content codings: which one a client accepts (RFC 9110, section 12.5.3), and responses compressed with it."""

import gzip
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

import brotli

from cper_lod.core.errors import Problem
from cper_lod.core.formats import XLSX, weights
from cper_lod.web.http.response import Response

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

IDENTITY: Final = "identity"
MIN_SIZE: Final = 600
"""Bytes below which compressing saves less than one network packet."""
MAX_SIZE: Final = 4 * 1024 * 1024
"""Bytes of the largest response that is compressed (and cached); larger ones exist as files."""
_COMPRESSIBLE: Final = ("text/", "application/", "image/svg+xml")
_COMPRESSED: Final = ("application/gzip", "application/octet-stream", XLSX.media_type)
# Measured on our pages and documents: the next level up costs ten times as much for a few percent.
ENCODE: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    # A window of 2^22 bytes, larger than a small body, would only cost memory.
    "br": lambda body: bytes(brotli.compress(body, quality=5, lgwin=16 if len(body) <= 1 << 16 else 22)),
    "zstd": lambda body: zstd.compress(body, 9),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
"""The codings by their registered names, the preferred one first; each writes the same bytes in every process."""


def choose(accept_encoding: str | None) -> str | None:
    """Return the coding that a client prefers, `identity` if it names no supported one, None if it refuses identity too (406).

    A client without the header gets identity; so does one with an empty header. Among codings of equal weight the
    order of `ENCODE` decides. Source: RFC 9110, section 12.5.3.

    >>> choose("gzip, deflate, br;q=0.9"), choose("gzip;q=0"), choose("*;q=0")
    ('gzip', 'identity', None)
    """
    if not accept_encoding:
        return IDENTITY
    return (_choose_cached if len(accept_encoding) <= 200 else _choose)(accept_encoding)


def _choose(accept_encoding: str) -> str | None:
    given = weights(accept_encoding)
    given = {{"x-gzip": "gzip"}.get(name, name): weight for name, weight in given.items()}
    others = given.get("*", 0.0)
    ranked = [(given.get(name, others), -place, name) for place, name in enumerate(ENCODE)]
    weight, _, name = max(ranked)
    identity = given.get(IDENTITY, given.get("*"))  # acceptable unless refused outright
    if weight > 0 and weight >= (identity or 0.0):
        return name
    return None if identity == 0 else IDENTITY


_choose_cached: Final = lru_cache(maxsize=512)(_choose)


def is_worthwhile(content_type: str, size: int) -> bool:
    """Return whether compressing `size` bytes of this type saves anything."""
    compressible = content_type.startswith(_COMPRESSIBLE) and not content_type.startswith(_COMPRESSED)
    return compressible and size >= MIN_SIZE


def compress(response: Response, coding: str | None) -> Response:
    """Return a 200 in a coding, with a validator of its own; raises not-acceptable if the client accepts no coding.

    Each coding is a representation of its own (RFC 9110, section 8.8.3.3). A response that has a coding already, that
    is in a file, or for which compressing is not worthwhile is not compressed.
    """
    headers = response.headers
    worthwhile = is_worthwhile(headers.get("Content-Type", ""), response.size) and "Content-Encoding" not in headers
    if response.status != 200 or not worthwhile or not isinstance(response.body, bytes) or response.size > MAX_SIZE:
        return response
    if coding is None:
        raise Problem("not-acceptable", accept="Accept-Encoding", offers=[*ENCODE, IDENTITY])
    vary = headers.get("Vary", "")
    if "Accept-Encoding" not in vary:
        vary = ", ".join(filter(None, (vary, "Accept-Encoding")))
    if coding == IDENTITY or len(response.body) < response.size:
        return replace(response, headers=headers | {"Vary": vary})
    encoded = headers | {"Vary": vary, "Content-Encoding": coding}
    encoded.pop("Accept-Ranges", None)  # ranges are those of the uncompressed file
    if "ETag" in headers:
        encoded["ETag"] = f'"{headers["ETag"].strip(chr(34))}-{coding}"'
    return replace(response, headers=encoded, body=ENCODE[coding](response.body), size=-1)
