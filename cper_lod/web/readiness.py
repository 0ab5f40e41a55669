"""Whether the server can do its work: its engine answers a trial query in bounded time."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.formats import RESULTS_JSON
from cper_lod.engine.base import Answer, Engine, Query

PATIENCE: Final = 2.0
"""Seconds in which the engine has to answer."""
_FRESH: Final = 1.0
"""Seconds for which an answer is as good as new: who asks often costs no more."""
_TRIAL: Final = Query("ASK { ?s ?p ?o }", RESULTS_JSON, None)


class Readiness:
    """The trial of one engine: one at a time, however many ask."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "ready")
        self._lock = threading.Lock()
        self._trial: Future[Answer] | None = None
        self._began = 0.0

    def check(self) -> None:
        """Return where the engine answers; raises not-ready, at once where a trial has been waited for too long."""
        with self._lock:
            old = time.monotonic() - self._began > _FRESH
            if self._trial is None or (self._trial.done() and old):
                self._trial, self._began = self._thread.submit(self._engine.query, _TRIAL), time.monotonic()
            trial = self._trial
            left = self._began + PATIENCE - time.monotonic()
        try:
            trial.result(max(left, 0))
        except LateError:
            late = Phrase(f"no answer within {PATIENCE:.0f} s", f"pas de réponse en {PATIENCE:.0f} s")
            raise Problem("not-ready", message=late) from None
        except Problem as problem:
            message = Phrase(problem.words("en").title, problem.words("fr").title)
            raise Problem("not-ready", message=message) from problem
