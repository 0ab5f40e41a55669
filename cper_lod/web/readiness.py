"""Readiness of the server: whether its release is undamaged, and its engine answers a trial query in time."""

import logging
import os
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.core.i18n import system_language
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Engine, Query
from cper_lod.release.history.rejection import Rejection, without_local_paths
from cper_lod.release.release import Release

log = logging.getLogger("cper_lod")

TIMEOUT: Final = 2.0
"""Seconds in which the engine has to answer."""
MAX_AGE: Final = 1.0
"""Seconds for which a result is reused, so that frequent checks cost nothing."""
UNREADABLE: Final = ("release-damaged", "permission")
"""The codes of what is wrong with the files of a release."""
_TRIAL: Final = Query("ASK { ?s ?p ?o }", RESULTS_JSON, None)


class Readiness:
    """Checks one engine with a trial query, and the sizes of the files of its release; concurrent checks share them."""

    def __init__(self, engine: Engine, release: Release, settings: Settings) -> None:
        self.damage: Problem | None = None
        """What was first found wrong with the files of the release."""
        self.rejection: Rejection | None = None
        """Why the present sources, or what was published last, are not what is served."""
        self._engine, self._release, self._settings = engine, release, settings
        self._thread = ThreadPoolExecutor(1, "ready")
        self._lock = threading.Lock()
        self._trial: Future[Answer] | None = None
        self._started = 0.0
        self._found: Problem | None = None

    def note(self, damage: Problem) -> None:
        """Note a file of the release that is damaged or cannot be read, until the process ends: it may be open."""
        if Path(str(damage.params.get("path", ""))).is_relative_to(self._release.folder):  # not one of another release
            self.damage = self.damage or damage

    @property
    def fault(self) -> Problem | None:
        """What is wrong with the files of the release, with the engine, or was found wrong by the last check."""
        return self.damage or self._engine.status().fault or self._found

    def report(self, problem: Problem) -> None:
        """Log a problem with the path of its file, unless the last one was the same; note a file that is damaged."""
        known, self._found = self.fault, problem
        if problem.kind.code in UNREADABLE:
            self.note(problem)
        if known is None or known.kind is not problem.kind:
            log.error("%s", problem.words(system_language(self._settings.lang, dict(os.environ))))

    def check(self) -> None:
        """Raise not-ready if the engine does not answer, at once if the present trial query is late already.

        Also if a file is damaged: one that has not its size, or what a request or a query has met. Everybody may ask, so files
        are named without their folders.
        """
        try:
            self._check()
        except Problem as problem:
            self.report(problem.copy())
            if problem.kind.code == "not-ready":
                raise
            public = without_local_paths(problem, self._settings.releases)
            raise Problem("not-ready", message=Phrase(str(public.words("en")), str(public.words("fr")))) from problem
        self._found = None

    def _check(self) -> None:
        """Raise what is wrong with the engine or the files of the release."""
        status = self._engine.status()
        if known := self.damage or (status.fault if not status.remote else None):
            raise known.copy()
        with self._lock:
            is_old = time.monotonic() - self._started > MAX_AGE
            if is_old:
                self._release.check_sizes()
            if self._trial is None or (self._trial.done() and is_old):
                self._trial, self._started = self._thread.submit(self._engine.query, _TRIAL), time.monotonic()
            trial, remaining = self._trial, self._started + TIMEOUT - time.monotonic()
        try:
            trial.result(max(remaining, 0))
        except LateError:
            french = f"requête d'essai sans réponse en {TIMEOUT:.0f} s"
            raise Problem(
                "not-ready", message=Phrase(f"no answer to a trial query in {TIMEOUT:.0f} s", french)
            ) from None
