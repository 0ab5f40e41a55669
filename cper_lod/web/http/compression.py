"""Content codings: which one a client accepts (RFC 9110, section 12.5.3), and bytes compressed with it."""

import gzip
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import brotli

from cper_lod.core.formats import XLSX, weights

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

IDENTITY: Final = "identity"
SMALLEST: Final = 600
"""Bytes below which compressing saves less than a packet of the network."""
_COMPRESSIBLE: Final = ("text/", "application/", "image/svg+xml")
_COMPRESSED: Final = ("application/gzip", "application/octet-stream", XLSX.media_type)
# Measured on our pages and documents: the next level up costs ten times as much for a few percent.
ENCODE: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=5, lgwin=_window(body))),
    "zstd": lambda body: zstd.compress(body, 9),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
"""The codings by their registered names, the one preferred first; each gives the same bytes in every process."""


def _window(body: bytes) -> int:
    """Return how far back Brotli looks, as a power of two: a window larger than a small body costs memory for nothing.

    >>> _window(bytes(6_000)), _window(bytes(100_000))
    (16, 22)
    """
    return 16 if len(body) <= 1 << 16 else 22


def choose(accept_encoding: str | None) -> str | None:
    """Return the coding that a client prefers, `identity` for none of ours, None where it refuses that too (406).

    No header means that anything goes, of which a client that says nothing is spared; an empty one asks for identity.
    Among codings of equal weight ours decides. Source: RFC 9110, section 12.5.3.

    >>> choose("gzip, deflate, br;q=0.9"), choose("gzip;q=0"), choose("*;q=0")
    ('gzip', 'identity', None)
    """
    if not accept_encoding:
        return IDENTITY
    return (_remembered if len(accept_encoding) <= 200 else _chosen)(accept_encoding)


def _chosen(accept_encoding: str) -> str | None:
    given = weights(accept_encoding)
    given = {{"x-gzip": "gzip"}.get(name, name): weight for name, weight in given.items()}
    others = given.get("*", 0.0)
    ranked = [(given.get(name, others), -place, name) for place, name in enumerate(ENCODE)]
    weight, _, name = max(ranked)
    identity = given.get(IDENTITY, given.get("*"))  # acceptable unless refused outright
    if weight > 0 and weight >= (identity or 0.0):
        return name
    return None if identity == 0 else IDENTITY


_remembered: Final = lru_cache(maxsize=512)(_chosen)


def pays(content_type: str, size: int) -> bool:
    """Say whether compressing `size` bytes of this type pays."""
    compressible = content_type.startswith(_COMPRESSIBLE) and not content_type.startswith(_COMPRESSED)
    return compressible and size >= SMALLEST
