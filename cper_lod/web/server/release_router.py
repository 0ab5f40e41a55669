"""Before the front room: requests below /release/<id>/ go to a front room of that release, opened for it (RSGI)."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from cper_lod.core.errors import Problem
from cper_lod.web.gateway.gateway import Gateway
from cper_lod.web.history.release_pool import PooledRelease, ReleasePool
from cper_lod.web.http.request import Scope
from cper_lod.web.http.wsgi import Application
from cper_lod.web.observability.recorder import RequestRecorder
from cper_lod.web.site import release_at


class ReleaseRouter:
    """An RSGI application: a gateway for today's release, and one for each release of an archive that is open."""

    def __init__(
        self,
        today: Gateway,
        archive: ReleasePool | None,
        application: Application,
        prefix: str,
        observer: RequestRecorder,
    ) -> None:
        """Stand before `today`, whose application is `application`, below `prefix` too; `observer` notes requests."""
        self._today = today
        self._observer = observer
        self._archive = archive
        self._application = application
        self._prefix = prefix
        self._gateways: dict[tuple[PooledRelease, str], Gateway] = {}
        self._opener = ThreadPoolExecutor(1, "archive")

    async def __rsgi__(self, scope: Scope, channel: Any) -> None:  # noqa: ANN401  # granian's own protocol object
        """Answer one request."""
        opened = await self._entered(release_at(scope.path.removeprefix(self._prefix)))
        if opened is None:
            await self._today.__rsgi__(scope, channel)
            return
        try:
            # A proxy may have taken the prefix off.
            below = scope.path[: scope.path.index(opened.prefix)] + opened.prefix
            await self._gateway(opened, below).__rsgi__(scope, channel)
        finally:
            self._leave(opened)

    async def _entered(self, release: str) -> PooledRelease | None:
        """Return a release to be left again; None where the application of today answers, which says why it cannot be.

        Releases are opened one after the other: reading one through takes a while. Those at hand do not wait for it.
        """
        if not release or self._archive is None:
            return None
        if opened := self._archive.at_hand(release):
            return opened
        try:
            return await asyncio.get_running_loop().run_in_executor(self._opener, self._archive.enter, release)
        except Problem:
            return None

    def _leave(self, opened: PooledRelease) -> None:
        if self._archive:
            self._archive.leave(opened)

    def _gateway(self, opened: PooledRelease, below: str) -> Gateway:
        """Return the gateway of a release below a path; it ends with the release."""
        key = opened, below
        if key not in self._gateways:
            gateway = self._gateways[key] = Gateway(opened.site, self._application, below, self._observer)

            def end() -> None:
                self._gateways.pop(key, None)
                gateway.close()

            opened.closing.append(partial(_soon, asyncio.get_running_loop(), end))
        return self._gateways[key]

    def close(self) -> None:
        """Put away what is open; what has requests under way ends with the last of them."""
        if self._archive:
            self._archive.close()
        self._opener.shutdown(wait=False, cancel_futures=True)


def _soon(loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> None:
    """Have something done in the event loop; one that has ended needs nothing."""
    if not loop.is_closed():
        loop.call_soon_threadsafe(end)
