"""What serves one release in a process: its engine, application and gateways, opened together and closed together."""

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
from cper_lod.web.observability.engine import InstrumentedEngine
from cper_lod.web.observability.recorder import RequestRecorder
from cper_lod.web.server.release_router import ReleaseRouter
from cper_lod.web.site import Site

_WAIT: Final = 2
"""Seconds in which an engine elsewhere has to say that it holds the release: nothing is served before that."""


class ReleaseRuntime:
    """A release that is ready to be asked, and how many requests are under way in it."""

    def __init__(
        self,
        settings: Settings,
        release: Release,
        prefix: str,
        observer: RequestRecorder,
        history: History | None = None,
        refusal: Rejection | None = None,
        *,
        held_elsewhere: bool = False,
    ) -> None:
        """Start the processes of its queries; `history` is that of which it is, none for data served as given.

        `refusal` says why the sources of now are not what is served. Raises release-damaged where its index cannot be
        opened; where it has to be `held_elsewhere`, also why an engine elsewhere cannot answer for it yet.
        """
        self.under_way = 0
        self._let_go = shared_lock(release.folder)
        try:
            engine = open_engine(release, settings)
        except BaseException:
            self._let_go()
            raise
        try:
            check_served_release(engine, required=held_elsewhere, timeout=_WAIT)
            self._engine = InstrumentedEngine(engine, observer, release.id)
            self.app = create_app(release, self._engine, settings, history=history, refusal=refusal)
            self.site: Site = self.app.extensions["cper_lod"]
            application = behind_prefix(self.app, prefix) if prefix else self.app
            self.gateway = Gateway(self.site, application, prefix, observer)
            archive: ReleasePool | None = self.app.extensions.get("cper_lod.archive")
            self.door = ReleaseRouter(self.gateway, archive, application, prefix, observer)
        except BaseException:
            engine.close()
            self._let_go()
            raise

    def close(self) -> None:
        """End its processes and threads; it waits for them."""
        self.door.close()
        self.gateway.close()
        self._engine.close()
        self._let_go()
