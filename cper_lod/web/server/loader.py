"""Loads the release to serve: looks for new publications and rejections, and opens them."""

import logging
import os
import time
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.core.i18n import system_language, translate
from cper_lod.core.settings import Settings
from cper_lod.release.history import rejection
from cper_lod.release.history.history import History
from cper_lod.release.history.rejection import Rejection
from cper_lod.release.release import Release
from cper_lod.web.observability.recorder import RequestRecorder
from cper_lod.web.server.runtime import ReleaseRuntime

log = logging.getLogger("cper_lod")
RETRY: Final = 10.0
"""Seconds until a release that could not be opened is tried again: it may have been repaired."""


class ReleaseLoader:
    """Loads the publications of one folder for one server process; used by one thread at a time."""

    def __init__(self, settings: Settings, prefix: str, recorder: RequestRecorder) -> None:
        self._settings, self._prefix, self._recorder = settings, prefix, recorder
        self._history = History(settings.releases)
        self._number = 0
        self._release: Release | None = None
        self._rejection: Rejection | None = None
        self._failure: Rejection | None = None
        self._retry_at = 0.0

    def first(self) -> ReleaseRuntime:
        """Return the runtime of the release to serve now; raises what `History.open` raises."""
        entry = self._history.current()
        release = self._history.open(entry.release if entry else "")
        self._rejection = rejection.read_rejection(self._settings.releases)
        runtime = self._runtime(release, self._rejection)
        self._number, self._release = entry.number if entry else 0, release
        return runtime

    def next(self) -> ReleaseRuntime | None:
        """Return the runtime of what to serve from now on, None if nothing has changed.

        If a release cannot be opened, the present one stays, with the error as a rejection.
        """
        number, release, rejected = self._number, self._release, None
        try:
            entry = self._history.current()
            if entry and entry.number != number:
                if time.monotonic() < self._retry_at:
                    return None
                number, release = entry.number, self._history.open(entry.release)
            rejected = rejection.read_rejection(self._settings.releases)
            if release is None or (number == self._number and rejected == self._rejection):
                return None
            # A remote engine may get the release later: until then pages and answers stay those of the present one.
            runtime = self._runtime(release, rejected, must_be_pushed=release is not self._release)
        except Problem as problem:
            return self._failed(problem)
        self._number, self._release, self._rejection, self._failure = number, release, rejected, None
        return runtime

    def _failed(self, problem: Problem) -> ReleaseRuntime | None:
        """Return a runtime of the present release that reports a failure; None if it reports that already."""
        self._retry_at = time.monotonic() + RETRY
        failure = Rejection.of(problem, self._settings.releases)
        if self._release is None or failure.is_same_as(self._failure):
            return None
        lang = system_language(self._settings.lang, dict(os.environ))
        log.error("%s", translate("log-not-opened", lang, message=problem.words(lang)))
        runtime = self._runtime(self._release, failure)
        self._failure = self._rejection = failure
        return runtime

    def _runtime(self, release: Release, rejected: Rejection | None, *, must_be_pushed: bool = False) -> ReleaseRuntime:
        return ReleaseRuntime(
            self._settings,
            release,
            self._prefix,
            self._recorder,
            self._history,
            rejected,
            must_be_pushed=must_be_pushed,
        )
