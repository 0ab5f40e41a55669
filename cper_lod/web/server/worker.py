"""One server process: requests go to the release of now; a new publication takes its place in one step."""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from cper_lod.core.i18n import system_language, translate
from cper_lod.web.http.request import Scope
from cper_lod.web.observability.recorder import RequestRecorder
from cper_lod.web.server.runtime import ReleaseRuntime
from cper_lod.web.server.sockets import cut_unread
from cper_lod.web.server.warmup import expected, settle, warm

log = logging.getLogger("cper_lod")
LOOK: Final = 0.5
"""Seconds between two looks for a new publication."""
_HANDED: Final = 1.0
"""Seconds for which a release stays open after its last request: granian opens files after they were handed over."""
_AT_ONCE: Final = 3
"""Releases that may be open at once, the one of now with them: one waits that follows others with long requests."""


class ServerWorker:
    """An RSGI application: the gateway of the release of now, and what has to be done once for the sockets."""

    def __init__(
        self,
        stage: ReleaseRuntime,
        observer: RequestRecorder,
        following: Callable[[], ReleaseRuntime | None] | None = None,
    ) -> None:
        """Begin with `stage`; `following` returns the one after it, None where there is none yet; it is called in a
        thread.
        """  # noqa: D205
        self._stage, self._observer, self._following = stage, observer, following
        self._looking = ThreadPoolExecutor(1, "releases")
        self._limited = False
        self._tasks = set[asyncio.Task[None]]()
        self._closing = set[asyncio.Task[None]]()
        self.turns = 0
        observer.serving(stage.app, stage.gateway.figures)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin with the pages that visitors come for, while the first requests are taken already."""
        self._observer.begin(loop)
        self._tasks.add(loop.create_task(self._begin(self._stage)))
        if self._following:
            self._tasks.add(loop.create_task(self._follow(self._following)))

    async def __rsgi__(self, scope: Scope, channel: Any) -> None:  # noqa: ANN401  # granian's own object
        """Answer one request, from beginning to end by the release that is served when it comes."""
        stage = self._stage
        if not self._limited:
            self._limited = True
            cut_unread(stage.site.settings.port, stage.site.settings.client_timeout)
        stage.under_way += 1
        try:
            await stage.door.__rsgi__(scope, channel)
        finally:
            stage.under_way -= 1

    def __rsgi_del__(self, loop: object) -> None:
        """Leave nothing unwritten (RSGI specification, "application termination")."""
        self._observer.close()

    async def _begin(self, stage: ReleaseRuntime) -> None:
        await self._prepared(stage)
        await asyncio.get_running_loop().run_in_executor(self._looking, settle)

    async def _prepared(self, stage: ReleaseRuntime) -> None:
        """Have the first pages of a release made, and what all pages need; a fault there keeps nobody from serving."""
        try:
            await stage.gateway.prepare(expected(stage.site))
            await asyncio.get_running_loop().run_in_executor(self._looking, warm, stage.app)
        except Exception:  # what is not ready yet is made when it is asked for
            log.exception("the first pages of a release")

    async def _follow(self, following: Callable[[], ReleaseRuntime | None]) -> None:
        """Look for a new publication, for ever; a fault of ours in one look does not end the next."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK)
            try:
                if stage := await loop.run_in_executor(self._looking, following):
                    await self.turn(stage)
            except Exception:
                log.exception("the next release")
                await asyncio.sleep(20 * LOOK)

    async def turn(self, stage: ReleaseRuntime) -> None:
        """Serve `stage` from now on; the one before ends with its last request."""
        await self._prepared(stage)  # others may serve this release already
        before, self._stage = self._stage, stage
        self.turns += 1
        self._observer.serving(stage.app, stage.gateway.figures)
        settings = stage.site.settings
        if before.site.release.digest != stage.site.release.digest:
            lang = system_language(settings.lang, dict(os.environ))
            log.info("%s", translate("log-turned", lang, release=stage.site.release.id))
        task = asyncio.get_running_loop().create_task(self._close(before))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        while len(self._closing) >= _AT_ONCE - 1:
            await asyncio.wait(self._closing, return_when=asyncio.FIRST_COMPLETED)

    async def _close(self, stage: ReleaseRuntime) -> None:
        """Close a release that is not served any more, when the last request to it has ended."""
        idle = time.monotonic()
        while time.monotonic() < idle + _HANDED:
            await asyncio.sleep(_HANDED / 10)
            if stage.under_way:
                idle = time.monotonic()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._looking, stage.close)
        del stage
        await loop.run_in_executor(self._looking, settle)
