"""A server process: passes requests to the current release, and switches to a new publication in one step."""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.core.i18n import system_language, translate
from cper_lod.release.release import reread
from cper_lod.web.gateway.gateway import serve
from cper_lod.web.http.request import Receive, Scope, Send
from cper_lod.web.observability.recorder import RequestRecorder
from cper_lod.web.server.runtime import ReleaseRuntime
from cper_lod.web.server.sockets import set_read_timeout
from cper_lod.web.server.warmup import freeze_heap, likely_requests, warm

log = logging.getLogger("cper_lod")
POLL_INTERVAL: Final = 0.5
"""Seconds between two looks for a new publication."""
CLOSE_DELAY: Final = 1.0
"""Seconds for which a release stays open after its last request: granian opens files after they were passed on."""
REREAD_DELAY: Final = 30.0
REREAD_INTERVAL: Final = 86_400.0
REREAD_PAUSE: Final = 0.05
"""Seconds until the files of a release are read anew, from then to the next time, and after each MiB: requests come first."""
_MAX_OPEN: Final = 3
"""Releases that are open at once, the current one included; with more, the next switch waits for long requests."""


class ReleaseSwapper:
    """The ASGI application of a server process."""

    def __init__(
        self,
        runtime: ReleaseRuntime,
        recorder: RequestRecorder,
        load_next: Callable[[], ReleaseRuntime | None] | None = None,
    ) -> None:
        """Start with `runtime`; `load_next`, called in a thread, returns its successor, or None if there is none yet."""
        self._runtime, self._recorder, self._load_next = runtime, recorder, load_next
        self._thread = ThreadPoolExecutor(1, "loader")
        self._has_read_timeout = False
        self._tasks = set[asyncio.Task[None]]()
        self._closing = set[asyncio.Task[None]]()
        self._rereading: asyncio.Task[None] | None = None
        self.swaps = 0
        recorder.set_release(runtime.app, runtime.gateway.metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, from beginning to end by the release that is current when it arrives."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        runtime = self._runtime
        if not self._has_read_timeout:
            self._has_read_timeout = True
            set_read_timeout(runtime.site.settings.port, runtime.site.settings.client_timeout)
        runtime.active_requests += 1
        try:
            await serve(scope, receive, send, self._recorder, runtime.router.respond, runtime.gateway.release)
        finally:
            runtime.active_requests -= 1

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Start what runs beside the requests, and write at the end what is buffered (ASGI, lifespan protocol)."""
        await receive()
        self.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._recorder.close()
        await send({"type": "lifespan.shutdown.complete"})

    def start(self) -> None:
        """Start the warm-up, which runs while the first requests are answered, and look for new publications."""
        loop = asyncio.get_running_loop()
        self._recorder.start(loop)
        self._tasks.add(loop.create_task(self._start(self._runtime)))
        self._rereading = loop.create_task(self._reread(self._runtime))
        if self._load_next:
            self._tasks.add(loop.create_task(self._poll(self._load_next)))

    async def _start(self, runtime: ReleaseRuntime) -> None:
        await self._warm_up(runtime)
        await asyncio.get_running_loop().run_in_executor(self._thread, freeze_heap)

    async def _warm_up(self, runtime: ReleaseRuntime) -> None:
        """Make the likely first responses of a release, and what all pages need; an error does not stop serving."""
        try:
            await runtime.gateway.prepare(likely_requests(runtime.site))
            await asyncio.get_running_loop().run_in_executor(self._thread, warm, runtime.app)
        except Exception:  # what is missing is made when it is requested
            log.exception("the warm-up of a release failed")

    async def _reread(self, runtime: ReleaseRuntime) -> None:
        """Read the files of a release anew, little by little and again each day, until one is damaged.

        `/ready` then says so until the process ends, since the files are open, and the log names the file.
        """
        loop, delay = asyncio.get_running_loop(), REREAD_DELAY
        while True:
            await asyncio.sleep(delay)
            delay, pieces = REREAD_INTERVAL, reread(runtime.site.release)
            try:
                while await loop.run_in_executor(self._thread, next, pieces, False):
                    await asyncio.sleep(REREAD_PAUSE)
            except Problem as problem:
                runtime.site.readiness.damage = problem
                log.error("%s", problem.words(system_language(runtime.site.settings.lang, dict(os.environ))))  # noqa: TRY400
                return
            except OSError:
                log.exception("the files of a release could not be read anew")

    async def _poll(self, load_next: Callable[[], ReleaseRuntime | None]) -> None:
        """Look for a new publication, again and again; an unexpected error delays the next look."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(POLL_INTERVAL)
            try:
                if runtime := await loop.run_in_executor(self._thread, load_next):
                    await self.swap(runtime)
            except Exception:
                log.exception("the next release could not be loaded")
                await asyncio.sleep(20 * POLL_INTERVAL)

    async def swap(self, runtime: ReleaseRuntime) -> None:
        """Serve `runtime` from now on; close the previous one after its last request."""
        await self._warm_up(runtime)  # other processes may serve this release already
        previous, self._runtime = self._runtime, runtime
        self.swaps += 1
        self._recorder.set_release(runtime.app, runtime.gateway.metrics)
        settings = runtime.site.settings
        if previous.site.release.digest != runtime.site.release.digest:
            lang = system_language(settings.lang, dict(os.environ))
            log.info("%s", translate("log-turned", lang, release=runtime.site.release.id))
        loop = asyncio.get_running_loop()
        if self._rereading:
            self._rereading.cancel()
        self._rereading = loop.create_task(self._reread(runtime))
        task = loop.create_task(self._close(previous))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        while len(self._closing) >= _MAX_OPEN - 1:
            await asyncio.wait(self._closing, return_when=asyncio.FIRST_COMPLETED)

    async def _close(self, runtime: ReleaseRuntime) -> None:
        """Close a release that is no longer current, after the last request to it."""
        idle_since = time.monotonic()
        while time.monotonic() < idle_since + CLOSE_DELAY:
            await asyncio.sleep(CLOSE_DELAY / 10)
            if runtime.active_requests:
                idle_since = time.monotonic()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, runtime.close)
        del runtime
        await loop.run_in_executor(self._thread, freeze_heap)
