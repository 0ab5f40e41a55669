"""Readiness of the server: whether its release is undamaged, and its engine answers a trial query in time."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.engine.base import Answer, Engine, Query

TIMEOUT: Final = 2.0
"""Seconds in which the engine has to answer."""
MAX_AGE: Final = 1.0
"""Seconds for which a result is reused, so that frequent checks cost nothing."""
_TRIAL: Final = Query("ASK { ?s ?p ?o }", RESULTS_JSON, None)


class Readiness:
    """Checks one engine with a trial query; concurrent checks share it."""

    def __init__(self, engine: Engine) -> None:
        self.damage: Problem | None = None
        """What was found wrong when the files of the release were read anew."""
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "ready")
        self._lock = threading.Lock()
        self._trial: Future[Answer] | None = None
        self._started = 0.0

    def check(self) -> None:
        """Raise not-ready if the engine does not answer, at once if the present trial query is late already.

        A damaged index, which any query may have met, and a damaged file are not found by the trial query.
        """
        if (status := self._engine.status()).fault and not status.remote:
            raise _not_ready(Problem(status.fault, message=""))
        if self.damage:
            raise _not_ready(self.damage)
        with self._lock:
            is_old = time.monotonic() - self._started > MAX_AGE
            if self._trial is None or (self._trial.done() and is_old):
                self._trial, self._started = self._thread.submit(self._engine.query, _TRIAL), time.monotonic()
            trial = self._trial
            remaining = self._started + TIMEOUT - time.monotonic()
        try:
            trial.result(max(remaining, 0))
        except LateError:
            late = Phrase(
                f"no answer to a trial query in {TIMEOUT:.0f} s", f"requête d'essai sans réponse en {TIMEOUT:.0f} s"
            )
            raise Problem("not-ready", message=late) from None
        except Problem as problem:
            raise _not_ready(problem) from problem


def _not_ready(problem: Problem) -> Problem:
    return Problem("not-ready", message=Phrase(problem.words("en").title, problem.words("fr").title))
