"""Rate limit: a token bucket for each client, in a table of bounded size."""

import math
import time
from typing import Final

from cachetools import LRUCache

from cper_lod.core.errors import Problem

MAX_CLIENTS: Final = 20_000
"""Clients in the table; it is bounded because clients choose their addresses."""


class TokenBuckets:
    """The buckets of one server process; a client that is not in the table has a full bucket."""

    def __init__(self, limit: int, burst: int) -> None:
        """Fill each bucket by `limit` tokens a minute, up to `burst`."""
        self._limit, self._burst = limit, float(burst)
        self._buckets: LRUCache[str, tuple[float, float]] = LRUCache(MAX_CLIENTS)

    def take(self, client: str, now: float | None = None) -> None:
        """Take a token from the bucket of a client; raises rate-limited if it is empty."""
        now = time.monotonic() if now is None else now
        tokens, last = self._buckets.get(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - last) * self._limit / 60)
        allowed = tokens >= 1
        self._buckets[client] = (tokens - allowed, now)
        if not allowed:
            raise Problem("rate-limited", limit=self._limit, seconds=math.ceil((1 - tokens) * 60 / self._limit))
