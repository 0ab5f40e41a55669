"""The releases of the history below their own addresses: the same application, each opened when it is asked for."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from werkzeug.wsgi import ClosingIterator

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Engine
from cper_lod.engine.lazy import LazyEngine
from cper_lod.engine.process.embedded import EmbeddedEngine
from cper_lod.release.history.timeline import Timeline
from cper_lod.release.jobs.locks import shared_lock
from cper_lod.release.release import DATA, INDEX, Release
from cper_lod.web.http.wsgi import Application
from cper_lod.web.observability.engine import InstrumentedEngine
from cper_lod.web.site import REFUSED, SITE, Site, release_at


class PooledRelease:
    """A release that is open, and what serves it; closed when it was put away and nobody is in it."""

    def __init__(self, site: Site, prefix: str, *, shared: bool) -> None:
        """Serve `site` below the path `prefix`; a `shared` engine is another's to close."""
        self.site = site
        self.prefix = prefix
        self.users = 0
        self.put_away = False
        self.closing: list[Callable[[], None]] = [] if shared else [site.engine.close]

    def close(self) -> None:
        """End what was started for it."""
        while self.closing:
            self.closing.pop()()


log = logging.getLogger("cper_lod")
MAX_OPEN: Final = 3
"""How many releases beside the current one are open at once; the one that was not asked for the longest is closed."""
_CACHE: Final = 8
"""MiB of replies that are kept ready of each."""
_QUERIES: Final = {"query_workers": 1, "query_memory": 128, "query_cache": _CACHE, "index_memory": 0}
"""What a release that is seldom asked may take at most of what the settings allow the current one."""
RETRY_AFTER: Final = 60.0
"""Seconds after which a damaged release is read through again: somebody may have mended it."""


def _started(release: Release, settings: Settings) -> Engine:
    try:
        return EmbeddedEngine(release.folder / INDEX, settings, release.graphs, release.folder / DATA)
    except Problem as error:
        raise _told(error, release.id) from error


def _told(error: Problem, release: str) -> Problem:
    """Return an error as a reader is told of it: of a fault of ours the log alone tells paths of this machine."""
    if error.kind.status < 500:
        return error
    log.error("%s", error)
    return Problem("release-unreadable", release=release)


class ReleasePool:
    """The releases of a history as the application serves them; used by many threads."""

    def __init__(self, current: Site, timeline: Timeline) -> None:
        """Know the releases of a history, of which that of `current` is served already."""
        self._current = current
        self._timeline = timeline
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._opened: OrderedDict[str, PooledRelease] = OrderedDict()
        self._damaged: dict[str, float] = {}
        self._compared: dict[str, Release] = {}

    def enter(self, release: str) -> PooledRelease:
        """Return a release to be left again (`leave`); the first to come waits until it is read and compared.

        Raises release-unknown, release-gone, and release-unreadable: a damaged one is not read again for a while.
        """
        opened = self.at_hand(release)
        if opened is None:
            with self._opening:
                opened = self.at_hand(release) or self._keep(release, self._open(release))
        return opened

    def leave(self, opened: PooledRelease) -> None:
        """Say that a request has ended."""
        with self._lock:
            opened.users -= 1
            idle = opened.put_away and not opened.users
        if idle:
            opened.close()

    def close(self) -> None:
        """Put all of them away; each is closed when the last request in it has ended."""
        with self._lock:
            found = [*self._opened.values()]
            self._opened.clear()
        self._put_away(found)

    def at_hand(self, release: str) -> PooledRelease | None:
        """Return a release that is open, to be left again; None, at once, for any other."""
        with self._lock:
            opened = self._opened.get(release)
            if opened:
                opened.users += 1
                self._opened.move_to_end(release)
        return opened

    def _keep(self, release: str, opened: PooledRelease) -> PooledRelease:
        opened.users = 1
        with self._lock:
            self._opened[release] = opened
            others = [each for each in self._opened if each != self._current.release.id]
            oldest = [self._opened.pop(each) for each in others[:-MAX_OPEN]]
        self._put_away(oldest)
        return opened

    def _put_away(self, those: Iterable[PooledRelease]) -> None:
        for each in those:
            with self._lock:
                each.put_away = True
                idle = not each.users
            if idle:
                each.close()

    def _open(self, release: str) -> PooledRelease:
        moment, prefix = self._timeline.first(release), f"/release/{release}"
        now = self._current
        public = replace(
            now.settings, public_url=now.settings.public_url + prefix, query_cache=min(_CACHE, now.settings.query_cache)
        )
        site = replace(now, settings=public, moment=moment, refusal=None)
        if release == now.release.id:
            return PooledRelease(site, prefix, shared=True)
        found = self._found(release)
        try:
            let_go = shared_lock(found.folder)
        except FileNotFoundError:  # removed at this very moment: there may be another folder of it
            return self._open(release)
        settings = replace(public, **{name: min(getattr(public, name), most) for name, most in _QUERIES.items()})
        engine: Engine = LazyEngine(lambda: _started(found, settings))
        if isinstance(now.engine, InstrumentedEngine):
            engine = now.engine.beside(engine, release)
        opened = PooledRelease(replace(site, release=found, engine=engine, settings=settings), prefix, shared=False)
        opened.closing.insert(0, let_go)  # the last to be done
        return opened

    def _found(self, release: str) -> Release:
        """Return a release anew; what was compared with its manifest once is not read through again."""
        known = self._compared.get(release)
        if known is None or not known.folder.is_dir():
            if time.monotonic() < self._damaged.get(release, 0.0):
                raise Problem("release-unreadable", release=release)
            try:
                known = self._compared[release] = self._timeline.open(release)
            except Problem as error:
                if error.kind.status >= 500:
                    self._damaged[release] = time.monotonic() + RETRY_AFTER
                raise _told(error, release) from error
        return Release(known.folder, known.manifest)

    def mounted(self, application: Application) -> Application:
        """Return an application that answers below /release/<id>/ for that release, as `application` does for today's.

        Where the release cannot be had, `application` finds the reason in the environment (REFUSED).
        """

        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "")
            release = release_at(path)
            if not release or SITE in environ:
                return application(environ, start_response)
            try:
                opened = self.enter(release)
            except Problem as problem:
                environ[REFUSED] = problem
                return application(environ, start_response)
            environ[SITE] = opened.site
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + opened.prefix
            environ["PATH_INFO"] = path.removeprefix(opened.prefix)
            try:
                return ClosingIterator(application(environ, start_response), lambda: self.leave(opened))
            except BaseException:
                self.leave(opened)
                raise

        return answer
