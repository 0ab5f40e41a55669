"""What a server process serves next: it looks at the history and at what was refused, and opens what is new."""

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
"""Seconds until a release that could not be opened is tried again: somebody may have mended it."""


class ReleaseLoader:
    """The publications of one folder, as one server process comes to serve them; used by one thread at a time."""

    def __init__(self, settings: Settings, prefix: str, observer: RequestRecorder) -> None:
        self._settings, self._prefix, self._observer = settings, prefix, observer
        self._history = History(settings.releases)
        self._number = 0
        self._release: Release | None = None
        self._refusal: Rejection | None = None
        self._fault: Rejection | None = None
        self._again = 0.0

    def first(self) -> ReleaseRuntime:
        """Return the stage of what is served now; raises what `History.open` raises."""
        entry = self._history.current()
        release = self._history.open(entry.release if entry else "")
        self._refusal = rejection.read_rejection(self._settings.releases)
        stage = self._stage(release, self._refusal)
        self._number, self._release = entry.number if entry else 0, release
        return stage

    def next(self) -> ReleaseRuntime | None:
        """Return the stage of what is to be served from now on, None where that has not changed.

        A release that cannot be opened is refused: what is served stays, and says why.
        """
        number, release, why = self._number, self._release, None
        try:
            entry = self._history.current()
            if entry and entry.number != number:
                if time.monotonic() < self._again:
                    return None
                number, release = entry.number, self._history.open(entry.release)
            why = rejection.read_rejection(self._settings.releases)
            if release is None or (number == self._number and why == self._refusal):
                return None
            # Whoever pushes it elsewhere comes after: until then pages and answers stay of one release.
            stage = self._stage(release, why, held_elsewhere=release is not self._release)
        except Problem as problem:
            return self._refused(problem)
        self._number, self._release, self._refusal, self._fault = number, release, why, None
        return stage

    def _refused(self, problem: Problem) -> ReleaseRuntime | None:
        """Return the stage of what is served already, which tells of a fault; None where it told of that before."""
        self._again = time.monotonic() + RETRY
        fault = Rejection.of(problem, self._settings.releases)
        if self._release is None or fault.same(self._fault):
            return None
        lang = system_language(self._settings.lang, dict(os.environ))
        log.error("%s", translate("log-not-opened", lang, message=problem.words(lang)))
        stage = self._stage(self._release, fault)
        self._fault = self._refusal = fault
        return stage

    def _stage(self, release: Release, why: Rejection | None, *, held_elsewhere: bool = False) -> ReleaseRuntime:
        given = (self._settings, release, self._prefix, self._observer, self._history, why)
        return ReleaseRuntime(*given, held_elsewhere=held_elsewhere)
