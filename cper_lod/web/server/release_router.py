"""Routes requests to releases: below /release/<id>/ to a gateway of that release, else to that of the current one."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

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

    def respond(self, request: Request) -> Awaitable[Response]:
        """Return the response of the release that the path names."""
        if self._pool and (release := release_at(request.path.removeprefix(self._prefix))):
            return self._respond_from(self._pool, release, request)
        return self._current.respond(request)

    async def _respond_from(self, pool: ReleasePool, release: str, request: Request) -> Response:
        """Return the response of a release of the pool; the current one says why it cannot be opened.

        Releases are opened one after the other, because reading one takes a while; open ones do not wait for that.
        """
        pooled = pool.check_out_open(release)
        if pooled is None:
            try:
                pooled = await asyncio.get_running_loop().run_in_executor(self._opener, pool.check_out, release)
            except Problem:
                return await self._current.respond(request)
        try:
            # A proxy may have removed the prefix.
            below = request.path[: request.path.index(pooled.prefix)] + pooled.prefix
            return await self._gateway(pooled, below).respond(request)
        finally:
            pool.check_in(pooled)

    def _gateway(self, pooled: PooledRelease, below: str) -> Gateway:
        """Return the gateway of a release below a path; it is closed with the release."""
        key = pooled, below
        if key not in self._gateways:
            gateway = self._gateways[key] = Gateway(pooled.site, self._application, below, self._counters)

            def close() -> None:
                self._gateways.pop(key, None)
                gateway.close()

            pooled.on_close.callback(_call_in_loop, asyncio.get_running_loop(), close)
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
