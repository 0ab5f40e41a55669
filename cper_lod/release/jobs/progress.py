"""The progress of a build: each step has a weight, as measured, and a share that is done."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

WEIGHTS: Final = {
    "read": 4.4,
    "divide": 2.6,
    "check": 30.0,
    "count": 3.0,
    "index": 8.7,
    "lists": 16.0,
    "tables": 12.0,
    "dumps": 23.6,
    "seal": 1.2,
}
"""The steps of a build, each with its processor seconds for a million triples of a synthetic release."""
AFTER_CHECK: Final = tuple(WEIGHTS)[3:]
"""The steps that come after the check."""
_MAX_UNFINISHED_SHARE: Final = 0.95
"""The share that a step counts at most until it has ended."""
REPORT_SECONDS: Final = 0.2
"""Seconds between two reports."""
_UNITS: Final = 10_000
"""The size of a step whose share is set (`set_share`)."""


@dataclass
class _RunningStep:
    """A step that is under way: when it started, its size in bytes (0: unknown), and how many bytes are done."""

    started: float
    size: int
    done: int = 0


class Progress:
    """Follows the steps of a build and reports the share that is done, from 0 to 1."""

    def __init__(self, report: Callable[[float], object], without: Iterable[str] = ()) -> None:
        """Call `report` with the share; the steps `without` are not part of this build."""
        self._report_share = report
        self._weights = {step: weight for step, weight in WEIGHTS.items() if step not in set(without)}
        self._started = self._reported = time.monotonic()
        self._running: dict[str, _RunningStep] = {}
        self._done = 0.0
        self.cpu_seconds: dict[str, float] = {}
        """The processor time of the tasks that ran in a process of their own."""

    def begin(self, step: str, size: int = 0) -> None:
        """Start a step of `size` bytes, 0 if the step will not say how many are done."""
        self._running[step] = _RunningStep(time.monotonic(), size)

    def end(self, step: str) -> None:
        """End a step."""
        self._running.pop(step, None)
        self._done += self._weights.pop(step, 0.0)
        self._report()

    def advance(self, step: str, size: int) -> None:
        """Add `size` bytes to what a step has done."""
        if step in self._running:
            self._running[step].done += size
            self.update()

    def set_share(self, step: str, share: float) -> None:
        """Set the share of a step that is done."""
        if step in self._running:
            self._running[step].size, self._running[step].done = _UNITS, int(share * _UNITS)
            self.update()

    def update(self) -> None:
        """Report, unless the last report was a moment ago."""
        if time.monotonic() - self._reported >= REPORT_SECONDS:
            self._report()

    def _report(self) -> None:
        self._reported = now = time.monotonic()
        pace = self._done / max(now - self._started, REPORT_SECONDS)
        done = self._done
        for name, step in self._running.items():
            weight = self._weights.get(name, 0.0)
            # A step of unknown progress, such as one in another process, is taken to be as fast as the steps before it.
            share = step.done / step.size if step.size else (now - step.started) * pace / max(weight, 1.0)
            done += weight * min(share, _MAX_UNFINISHED_SHARE)
        whole = self._done + sum(self._weights.values())
        self._report_share(min(done / whole, 1.0) if whole else 1.0)


SILENT: Final = Progress(lambda _: None)
"""Progress that nobody follows."""
