"""Reading the body of a request within its limits."""

from typing import Final

from werkzeug.wsgi import get_input_stream

from cper_lod.core.errors import Phrase, Problem
from cper_lod.web.http.environ import Environ
from cper_lod.web.http.limits import Limits

MAX_QUERY: Final = 256 * 1024
"""Bytes of the longest query: 5 000 values and more fit."""
MAX_DISCARDED: Final = 16 * 1024 * 1024
"""Bytes beyond the limit of a body that are read and dropped, so that the client receives the error."""
_CHUNK: Final = 64 * 1024


def read(environ: Environ, limits: Limits, client: str, allowed: int) -> bytes:
    """Return the body of a request, at most `allowed` bytes; a slow one holds a thread of its client until it has arrived.

    Raises body-too-large, which names `MAX_QUERY`; request-invalid if the body breaks off; client-busy and query-queue.
    """
    length, stream = environ.get("CONTENT_LENGTH", ""), get_input_stream(environ, safe_fallback=False)
    announced = int(length) if length.isdigit() else None
    if announced is not None and announced > allowed + MAX_DISCARDED:
        raise Problem("body-too-large", limit=MAX_QUERY)
    with limits.hold("transfer", client):
        body = bytes(stream.read(allowed + 1))
        if len(body) > allowed:
            # A client that is still sending would find the connection closed instead of reading the response.
            for _ in range(MAX_DISCARDED // _CHUNK):
                if not stream.read(_CHUNK):
                    break
            raise Problem("body-too-large", limit=MAX_QUERY)
    if announced is not None and len(body) < announced:
        ends = Phrase(f"The body ends after {len(body)} bytes.", f"Le corps s'arrête après {len(body)} octets.")
        raise Problem("request-invalid", message=ends)
    return body
