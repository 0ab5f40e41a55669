"""How many threads uploads, downloads and queries may hold: the others stay free for pages. How bodies are read within that."""

import threading
from collections import Counter
from contextlib import ExitStack
from typing import Final, Literal

from werkzeug.wsgi import get_input_stream

from cper_lod.core.errors import Phrase, Problem
from cper_lod.web.http.environ import Environ

THREADS: Final = 64
"""Threads of the server; each answers one request at a time."""
MAX_HELD: Final = 56
"""Threads that uploads, downloads and queries hold together at most: eight are left for what takes milliseconds."""
Use = Literal["transfer", "query"]
MAX_OF_ALL: Final[dict[Use, int]] = {"transfer": 32, "query": 48}
"""Threads for reading bodies and sending large files, and for queries that run or wait."""
MAX_OF_CLIENT: Final[dict[Use, int]] = {"transfer": 8, "query": 32}
"""The same for one client. Uploads and downloads are counted together."""
RETRY_AFTER: Final = 1
"""Seconds after which a refused client may come back."""
MAX_QUERY: Final = 256 * 1024
"""Bytes of the longest query: 5 000 values and more fit."""
MAX_DISCARDED: Final = 16 * 1024 * 1024
"""Bytes beyond the limit of a body that are read and dropped, so that the client receives the error."""
_CHUNK: Final = 64 * 1024


class Limits:
    """Counts what holds a thread of the server for as long as a client or a query likes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_client = Counter[tuple[Use, str]]()
        self._of_all = Counter[Use]()

    def hold(self, use: Use, client: str) -> ExitStack:
        """Count a thread that a client holds, until what is returned is left or closed; to close it again does nothing.

        Raises `client-busy` (429) if this client holds too many, `query-queue` (503) if all clients together do.
        """
        with self._lock:
            if self._of_client[use, client] >= MAX_OF_CLIENT[use]:
                raise Problem("client-busy", limit=MAX_OF_CLIENT[use], seconds=RETRY_AFTER)
            if self._of_all[use] >= MAX_OF_ALL[use] or self._of_all.total() >= MAX_HELD:
                raise Problem("query-queue")
            self._of_client[use, client] += 1
            self._of_all[use] += 1
        held = ExitStack()
        held.callback(self._release, use, client)
        return held

    def _release(self, use: Use, client: str) -> None:
        with self._lock:
            self._of_all[use] -= 1
            self._of_client[use, client] -= 1
            if not self._of_client[use, client]:
                del self._of_client[use, client]


def read_body(environ: Environ, limits: Limits, client: str, allowed: int) -> bytes:
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
