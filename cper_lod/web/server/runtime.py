"""What serves one release in a process: engine, application and gateways, opened and closed together."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final

from cper_lod.core.settings import Settings
from cper_lod.release.engines import check_served_release, open_engine
from cper_lod.release.history.history import History
from cper_lod.release.history.rejection import Rejection
from cper_lod.release.jobs.locks import shared_lock
from cper_lod.release.release import Release
from cper_lod.web.app import behind_prefix, create_app
from cper_lod.web.gateway.gateway import Gateway
from cper_lod.web.history.release_pool import ReleasePool
from cper_lod.web.observability.recorder import InstrumentedEngine, RequestRecorder
from cper_lod.web.server.release_router import ReleaseRouter
from cper_lod.web.server.warmup import compile_home_page
from cper_lod.web.site import Site

_ENGINE_TIMEOUT: Final = 2
"""Seconds in which a remote engine has to say which release it has: nothing is served before that."""


class ReleaseRuntime:
    """A release that is ready to be served, and how many requests it is answering."""

    def __init__(
        self,
        settings: Settings,
        release: Release,
        prefix: str,
        recorder: RequestRecorder,
        history: History | None = None,
        rejection: Rejection | None = None,
        *,
        must_be_pushed: bool = False,
    ) -> None:
        """Start the query processes; `history` is the one that the release is part of, None for data served as given.

        `rejection` says why the present sources are not what is served. Raises release-damaged if the index cannot be
        opened. With `must_be_pushed`, also raises if a remote engine does not have the release yet.
        """
        self.active_requests = 0
        with ExitStack() as opened:
            opened.callback(shared_lock(release.folder))
            with ThreadPoolExecutor(1, "templates") as thread:  # this one waits while the query processes start
                thread.submit(compile_home_page)
                engine = open_engine(release, settings)
            opened.callback(engine.close)
            check_served_release(engine, required=must_be_pushed, timeout=_ENGINE_TIMEOUT)
            instrumented = InstrumentedEngine(engine, recorder, release.id)
            self.app = create_app(release, instrumented, settings, history=history, rejection=rejection)
            self.site: Site = self.app.extensions["cper_lod"]
            application = behind_prefix(self.app, prefix) if prefix else self.app
            self.gateway = Gateway(self.site, application, prefix, recorder.counters)
            opened.callback(self.gateway.close)
            pool: ReleasePool | None = self.app.extensions.get("cper_lod.pool")
            self.router = ReleaseRouter(self.gateway, pool, application, prefix, recorder.counters)
            opened.callback(self.router.close)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """End the processes and threads, and wait for them."""
        self._opened.close()
