"""How far a build is: what each of its steps weighs, as measured, and what share of them is done."""

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
    "search": 10.7,
    "mentions": 4.9,
    "tables": 15.2,
    "dumps": 23.6,
    "seal": 1.2,
}
"""The steps of a build, each with the processor seconds that it took of a million triples (benchmarks/building.py)."""
AFTER_CHECK: Final = tuple(WEIGHTS)[3:]
"""The steps that come after the check."""
_NEARLY: Final = 0.95
"""What a step that does not tell how far it is counts at most before it has ended."""
_OFTEN: Final = 0.2
"""Seconds between two looks at how far it is."""
_WHOLE: Final = 10_000


@dataclass
class _Step:
    """A step that is under way: when it began, how many bytes it will pass, and how many it has passed."""

    began: float
    size: int
    passed: int = 0


class Progress:
    """Is told by a build which step it takes, and tells `show` the share that is done, from 0 to 1."""

    def __init__(self, show: Callable[[float], object], without: Iterable[str] = ()) -> None:
        self._show = show
        self._weights = {step: weight for step, weight in WEIGHTS.items() if step not in set(without)}
        self._began = self._shown = time.monotonic()
        self._open: dict[str, _Step] = {}
        self._done = 0.0
        self.spent: dict[str, float] = {}
        """The processor time, in seconds, of what had a process of its own."""

    def begin(self, step: str, size: int = 0) -> None:
        """Say that a step begins, and how many bytes it will pass, 0 where it will not say when it has."""
        self._open[step] = _Step(time.monotonic(), size)

    def end(self, step: str) -> None:
        """Say that a step has ended."""
        self._open.pop(step, None)
        self._done += self._weights.pop(step, 0.0)
        self._tell()

    def passed(self, step: str, size: int) -> None:
        """Say that a step has passed so many bytes more."""
        if step in self._open:
            self._open[step].passed += size
            self.look()

    def at(self, step: str, share: float) -> None:
        """Say which share of a step is done."""
        if step in self._open:
            self._open[step].size, self._open[step].passed = _WHOLE, int(share * _WHOLE)
            self.look()

    def look(self) -> None:
        """Tell how far it is, unless that was told a moment ago."""
        if time.monotonic() - self._shown >= _OFTEN:
            self._tell()

    def _tell(self) -> None:
        self._shown = now = time.monotonic()
        pace = self._done / max(now - self._began, _OFTEN)
        done = self._done
        for step, told in self._open.items():
            weight = self._weights.get(step, 0.0)
            # What another process does is known by its end; until then it goes on as fast as what came before.
            share = told.passed / told.size if told.size else (now - told.began) * pace / max(weight, 1.0)
            done += weight * min(share, _NEARLY)
        whole = self._done + sum(self._weights.values())
        self._show(min(done / whole, 1.0) if whole else 1.0)


SILENT: Final = Progress(lambda _: None)
"""What a build is told to that nobody looks at."""
