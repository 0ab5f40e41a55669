"""The pool of earlier releases: the same application serves each below /release/<id>, opened on demand."""

import logging
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any, Final

from werkzeug.wsgi import ClosingIterator

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.i18n import system_language
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Engine
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.release.history.rejection import without_local_paths
from cper_lod.release.history.timeline import Timeline
from cper_lod.release.jobs.locks import shared_lock
from cper_lod.release.release import INDEX
from cper_lod.web.http.environ import Application
from cper_lod.web.observability.metrics import InstrumentedEngine
from cper_lod.web.site import REFUSED, SITE, Site, release_at


@dataclass(eq=False)
class PooledRelease:
    """An open release, served below the path `prefix`.

    `on_close` is what is to be done when its last user has given it back: a request, or the pool.
    """

    site: Site
    prefix: str
    on_close: ExitStack = field(default_factory=ExitStack)
    users: int = 1


log = logging.getLogger("cper_lod")
MAX_OPEN: Final = 2
"""Releases open at once beside the current one; the least recently used is closed."""
_QUERIES: Final = {"query_workers": 1, "query_memory": 128}
"""Upper bounds of the settings for an earlier release, which gets few requests."""


def _public_error(error: Problem, release: str, settings: Settings) -> Problem:
    """Return an error without paths of this machine; the log contains the original."""
    if error.kind.status < 500:
        return error
    log.error("%s", error.words(system_language(settings.lang, dict(os.environ))))
    public = without_local_paths(error, settings.releases)
    return Problem("release-unreadable", release=release, message=Phrase(str(public), str(public.words("fr"))))


class ReleasePool:
    """Opens the releases of a history, and closes the least recently used; used by many threads."""

    def __init__(self, current: Site, timeline: Timeline) -> None:
        """Serve the releases of a history; `current` is served already."""
        self._current = current
        self._timeline = timeline
        self._lock, self._opening = threading.Lock(), threading.Lock()
        self.opened: OrderedDict[str, PooledRelease] = OrderedDict()
        """The releases that are open by id, that used last at the end."""

    def check_out(self, release: str) -> PooledRelease:
        """Return a release, to be given back with `check_in`; other requests for earlier ones wait while one is opened.

        Raises release-unknown, release-gone, and release-unreadable.
        """
        if opened := self._used(release):
            return opened
        with self._opening:
            if opened := self._used(release):  # another request has opened it meanwhile
                return opened
            opened = self._open(release)
            with self._lock:
                opened.users += 1
                self.opened[release] = opened
                others = [each for each in self.opened if each != self._current.release.id]
                oldest = [self.opened.pop(each) for each in others[:-MAX_OPEN]]
        for each in oldest:
            self.check_in(each)
        return opened

    def _used(self, release: str) -> PooledRelease | None:
        """Return a release that is open, with one more user, None if it is not."""
        with self._lock:
            if opened := self.opened.get(release):
                opened.users += 1
                self.opened.move_to_end(release)
            return opened

    def check_in(self, opened: PooledRelease) -> None:
        """Give a release back, at the end of a request or when it leaves the pool."""
        with self._lock:
            opened.users -= 1
            unused = not opened.users
        if unused:
            opened.on_close.close()

    def close(self) -> None:
        """Evict all releases; each is closed when its last request has ended."""
        with self._lock:
            found = [*self.opened.values()]
            self.opened.clear()
        for each in found:
            self.check_in(each)

    def _open(self, release: str) -> PooledRelease:
        moment, prefix = self._timeline.first_publication(release), f"/release/{release}"
        now = self._current
        public = replace(now.settings, public_url=now.settings.public_url + prefix)
        site = replace(now, settings=public, moment=moment)
        if release == now.release.id:
            return PooledRelease(site, prefix)
        try:
            found = self._timeline.history.open(release)
            unlock = shared_lock(found.folder)
        except FileNotFoundError:  # removed at this very moment: there may be another folder of it
            return self._open(release)
        except Problem as error:
            raise _public_error(error, release, now.settings) from error
        settings = replace(public, **{name: min(getattr(public, name), most) for name, most in _QUERIES.items()})
        engine: Engine = ProcessEngine(found.folder / INDEX, settings, found.graphs)  # few are queried: it starts then
        if isinstance(now.engine, InstrumentedEngine):
            engine = InstrumentedEngine(engine, now.engine.metrics)
        opened = PooledRelease(replace(site, release=found, engine=engine, settings=settings), prefix)
        opened.on_close.callback(unlock)  # the last to be done
        opened.on_close.callback(engine.close)
        return opened

    def mount(self, application: Application) -> Application:
        """Return an application that serves an earlier release below /release/<id>/, and the current one elsewhere.

        If a release cannot be opened, `application` finds the error in the environment (REFUSED).
        """

        def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "")
            release = release_at(path)
            if not release or SITE in environ:
                return application(environ, start_response)
            try:
                opened = self.check_out(release)
            except Problem as problem:
                environ[REFUSED] = problem
                return application(environ, start_response)
            environ[SITE] = opened.site
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + opened.prefix
            environ["PATH_INFO"] = path.removeprefix(opened.prefix)
            try:
                body = application(environ, start_response)
            except BaseException:
                self.check_in(opened)
                raise
            if isinstance(body, list):  # which granian sends without a thread
                self.check_in(opened)
                return body
            return ClosingIterator(body, lambda: self.check_in(opened))

        return answer
