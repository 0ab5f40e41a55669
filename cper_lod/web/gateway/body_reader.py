"""Reading request bodies within limits: of size, of time, and of the memory of all bodies together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.web.http.request import Request
from cper_lod.web.sparql.views import MAX_DISCARDED

MAX_MEMORY: Final = 64 * 1024 * 1024
"""Bytes of bodies that may be in memory at once."""


class BodyReader:
    """Reads the bodies of the requests to one gateway, and counts the memory that they take."""

    def __init__(self, settings: Settings) -> None:
        self._timeout = settings.client_timeout
        self.memory = 0
        """Bytes of bodies in memory."""

    @asynccontextmanager
    async def read(self, request: Request, allowed: int, limit: int) -> AsyncIterator[bytes]:
        """Yield the body of a request that may have `allowed` bytes; if it may have none, the body is discarded.

        Raises request-timeout, request-invalid, body-too-large, which names `limit`, and query-queue if too many bodies
        are in memory.
        """
        if int(request.headers.get("content-length", "0")) > allowed + MAX_DISCARDED:
            raise Problem("body-too-large", limit=limit)
        chunks, size = list[bytes](), 0
        free = allowed + 1  # one byte more shows that there are too many
        try:
            async for chunk in request.read_body(self._timeout):
                size += len(chunk)
                if size > allowed + MAX_DISCARDED:  # until then it is read, so that the client receives the error
                    break
                if free and self.memory > MAX_MEMORY:
                    raise Problem("query-queue")
                if free and chunk:
                    chunks.append(chunk[:free])
                    free -= len(chunks[-1])
                    self.memory += len(chunks[-1])
            body = b"".join(chunks)
            if allowed and len(body) > allowed:
                raise Problem("body-too-large", limit=limit)
            yield body
        finally:
            self.memory -= sum(map(len, chunks))
