"""Routes requests to releases: below /release/<id>/ to a gateway of that release, else to that of the current one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from cper_lod.core.errors import Problem
from cper_lod.web.gateway.gateway import Gateway
from cper_lod.web.history.release_pool import PooledRelease, ReleasePool
from cper_lod.web.http.request import Request
from cper_lod.web.http.response import Response
from cper_lod.web.http.wsgi import Application
from cper_lod.web.observability.counters import Counters
from cper_lod.web.site import release_at


class ReleaseRouter:
    """The gateway of the current release, and one for each open release of the pool."""

    def __init__(
        self,
        current: Gateway,
        pool: ReleasePool | None,
        application: Application,
        prefix: str = "",
        counters: Counters | None = None,
    ) -> None:
        """Route to `current`, also below `prefix`; `application` and `counters` are what its gateway has."""
        self._current = current
        self._pool = pool
        self._application = application
        self._prefix = prefix
        self._counters = counters
        self._gateways: dict[tuple[PooledRelease, str], Gateway] = {}
        self._opener = ThreadPoolExecutor(1, "releases")

    async def respond(self, request: Request, channel: Any) -> Response:  # noqa: ANN401  # granian's protocol object
        """Return the response of the release that the path names."""
        pooled = await self._check_out(release_at(request.path.removeprefix(self._prefix)))
        if pooled is None or self._pool is None:
            return await self._current.respond(request, channel)
        try:
            # A proxy may have removed the prefix.
            below = request.path[: request.path.index(pooled.prefix)] + pooled.prefix
            return await self._gateway(pooled, below).respond(request, channel)
        finally:
            self._pool.check_in(pooled)

    async def _check_out(self, release: str) -> PooledRelease | None:
        """Return a release to be checked in again; None if the application of the current one has to say why not.

        Releases are opened one after the other, because reading one takes a while; open ones do not wait for that.
        """
        if not release or self._pool is None:
            return None
        if pooled := self._pool.check_out_open(release):
            return pooled
        try:
            return await asyncio.get_running_loop().run_in_executor(self._opener, self._pool.check_out, release)
        except Problem:
            return None

    def _gateway(self, pooled: PooledRelease, below: str) -> Gateway:
        """Return the gateway of a release below a path; it is closed with the release."""
        key = pooled, below
        if key not in self._gateways:
            gateway = self._gateways[key] = Gateway(pooled.site, self._application, below, self._counters)

            def close() -> None:
                self._gateways.pop(key, None)
                gateway.close()

            pooled.on_close.append(partial(_call_in_loop, asyncio.get_running_loop(), close))
        return self._gateways[key]

    def close(self) -> None:
        """Close the pool; releases with active requests close with the last of them."""
        if self._pool:
            self._pool.close()
        self._opener.shutdown(wait=False, cancel_futures=True)


def _call_in_loop(loop: asyncio.AbstractEventLoop, function: Callable[[], None]) -> None:
    """Call a function in an event loop, unless that has ended."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(function)
