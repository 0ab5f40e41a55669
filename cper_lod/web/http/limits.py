"""How many threads uploads, downloads and queries may hold: the others stay free for pages."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, Literal

from cper_lod.core.errors import Problem

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


class Limits:
    """Counts what holds a thread of the server for as long as a client or a query likes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_client = Counter[tuple[Use, str]]()
        self._of_all = Counter[Use]()

    @contextmanager
    def hold(self, use: Use, client: str) -> Iterator[None]:
        """Hold a thread for a client; raises what `acquire` raises."""
        release = self.acquire(use, client)
        try:
            yield
        finally:
            release()

    def acquire(self, use: Use, client: str) -> Callable[[], None]:
        """Count a thread that a client holds; return the function that gives it back; a second call does nothing.

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
        return held.close

    def _release(self, use: Use, client: str) -> None:
        with self._lock:
            self._of_all[use] -= 1
            self._of_client[use, client] -= 1
            if not self._of_client[use, client]:
                del self._of_client[use, client]
