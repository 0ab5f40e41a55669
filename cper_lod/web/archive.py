"""The releases of the history below their own addresses: the same application, each opened when it is asked for."""

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from werkzeug.wsgi import ClosingIterator

from cper_lod.engine.embedded import EmbeddedEngine
from cper_lod.engine.late import LateEngine
from cper_lod.release.release import DATA, INDEX, Release
from cper_lod.release.timeline import Timeline
from cper_lod.terms.problems import Problem
from cper_lod.web.bridge import Application
from cper_lod.web.watched import WatchedEngine

if TYPE_CHECKING:
    from cper_lod.web.app import Site

log = logging.getLogger("cper_lod")
OPEN: Final = 3
"""How many releases beside the current one are open at once; the one that was not asked for the longest is closed."""
SITE: Final = "cper_lod.site"
"""The key of the environment under which the application finds the release that this request is about."""
REFUSED: Final = "cper_lod.refused"
"""The key under which it finds why there is none."""
_BELOW: Final = re.compile(r"/release/([0-9a-f]{16})/(?!changes(?:[./]|$)).*", re.DOTALL)
_QUERIES: Final = {"query_workers": 1, "query_memory": 128, "query_cache": 8, "index_memory": 0}
"""What a release that is seldom asked may take at most of what the settings allow the current one."""


def release_at(path: str) -> str:
    """Return the id of the release that a path is below the address of, empty for another path.

    >>> release_at("/release/0123456789abcdef/doc/x"), release_at("/release/0123456789abcdef/changes")
    ('0123456789abcdef', '')
    """
    found = _BELOW.fullmatch(path)
    return found[1] if found else ""


class Opened:
    """A release that is open, and what serves it; closed when it was put away and nobody is in it."""

    def __init__(self, site: "Site", prefix: str, *, shared: bool) -> None:
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


class Archive:
    """The releases of a history as the application serves them; used by many threads."""

    def __init__(self, current: "Site", timeline: Timeline) -> None:
        """Know the releases of a history, of which that of `current` is served already."""
        self._current = current
        self._timeline = timeline
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._opened: OrderedDict[str, Opened] = OrderedDict()
        self._damaged: dict[str, Problem] = {}
        self._compared: dict[str, Release] = {}

    def enter(self, release: str) -> Opened:
        """Return a release to be left again (`leave`); the first to come waits until it is read and compared.

        Raises release-unknown, release-gone, and release-unreadable for one that is damaged, which is read once.
        """
        opened = self._known(release)
        if opened is None:
            with self._opening:
                opened = self._known(release) or self._keep(release, self._open(release))
        return opened

    def leave(self, opened: Opened) -> None:
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

    def _known(self, release: str) -> Opened | None:
        with self._lock:
            opened = self._opened.get(release)
            if opened:
                opened.users += 1
                self._opened.move_to_end(release)
        return opened

    def _keep(self, release: str, opened: Opened) -> Opened:
        opened.users = 1
        with self._lock:
            self._opened[release] = opened
            others = [each for each in self._opened if each != self._current.release.id]
            oldest = [self._opened.pop(each) for each in others[:-OPEN]]
        self._put_away(oldest)
        return opened

    def _put_away(self, those: Iterable[Opened]) -> None:
        for each in those:
            with self._lock:
                each.put_away = True
                idle = not each.users
            if idle:
                each.close()

    def _open(self, release: str) -> Opened:
        if problem := self._damaged.get(release):
            raise problem
        moment, prefix = self._timeline.first(release), f"/release/{release}"
        settings = replace(self._current.settings, public_url=self._current.settings.public_url + prefix)
        if release == self._current.release.id:
            return Opened(replace(self._current, settings=settings, moment=moment, refusal=None), prefix, shared=True)
        try:
            found = self._found(release)
        except Problem as error:
            if error.kind.status < 500:
                raise
            log.error("%s", error)  # noqa: TRY400  # it tells paths of this machine; a trace tells no more
            problem = self._damaged[release] = Problem("release-unreadable", release=release)
            raise problem from error
        settings = replace(settings, **{name: min(getattr(settings, name), most) for name, most in _QUERIES.items()})
        engine = LateEngine(lambda: EmbeddedEngine(found.folder / INDEX, settings, found.graphs, found.folder / DATA))
        now = self._current.engine
        watched = now.beside(engine, release) if isinstance(now, WatchedEngine) else engine
        site = replace(self._current, release=found, engine=watched, settings=settings, moment=moment, refusal=None)
        return Opened(site, prefix, shared=False)

    def _found(self, release: str) -> Release:
        """Return a release anew; what was compared with its manifest once is not read through again."""
        known = self._compared.get(release)
        if known is None or not known.folder.is_dir():
            known = self._compared[release] = self._timeline.open(release)
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
