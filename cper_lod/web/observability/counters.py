"""What a server process counts, and the sums over all of them: each tells the others by a file of its own."""

import json
import os
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from cper_lod.core.files import atomic_write

BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds up to which the durations of each step of a histogram go."""
Key = tuple[str, ...]
_FOREVER: Final = ("cpu", "ended", "lost")
"""What was measured of a process and counts on when that has ended; the rest is of those that live."""


class Counted(NamedTuple):
    """How many durations fell into each step (the last has no bound), their sum in seconds, and the bytes."""

    steps: list[int]
    sums: list[float]

    @classmethod
    def of(cls, rows: Iterable["Counted"]) -> "Counted":
        """Return the sum of one row or more."""
        steps, sums = zip(*rows, strict=True)
        return cls([*map(sum, zip(*steps, strict=True))], [*map(sum, zip(*sums, strict=True))])


class Sums(NamedTuple):
    """What several processes counted together: rows, plain counts, and what is measured of them now."""

    rows: dict[Key, Counted]
    counts: dict[str, int]
    measures: dict[str, float]


class Counters:
    """What one process counts. It is told the others by files in `folder`, or is the only one."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._rows: dict[Key, Counted] = {}
        self._counts: dict[str, int] = {}
        self._lock = threading.Lock()
        self._telling = threading.Lock()
        self._own = f"{os.getpid()}-{time.time_ns()}.json"
        self.measure: Callable[[], dict[str, float]] = dict
        """What returns the figures that are not counted but looked at."""

    def note(self, key: Key, seconds: float, size: int = 0) -> None:
        """Count something that took so many seconds and bytes."""
        with self._lock:
            row = self._rows.get(key)
            if row is None:
                row = self._rows[key] = Counted([0] * (len(BOUNDS) + 1), [0.0, 0.0])
            row.steps[bisect_left(BOUNDS, seconds)] += 1
            row.sums[0] += seconds
            row.sums[1] += size

    def count(self, name: str) -> None:
        """Count something."""
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + 1

    def publish(self) -> None:
        """Tell the other processes; raises OSError where the folder cannot be written to."""
        with self._telling:
            self._tell(self._told())

    def _tell(self, told: dict[str, Any]) -> None:
        if self._folder:
            atomic_write(self._folder / self._own, json.dumps(told).encode("ascii"))

    def sums(self) -> Sums:
        """Return the sums over all processes, from what each other told last: no figure ever goes back.

        Whoever is asked next has to know what is told here. What this one counted is told even where the disk is full:
        that is when somebody looks.
        """
        with self._telling:
            told = [self._told()]
            with suppress(OSError):
                self._tell(told[0])
        for path in sorted(self._folder.glob("*.json")) if self._folder else ():
            with suppress(OSError, ValueError):
                told += [json.loads(path.read_text("ascii"))] if path.name != self._own else []
        return _sum(told)

    def _told(self) -> dict[str, Any]:
        measures = self.measure()
        with self._lock:
            rows = [[list(key), [*row.steps], [*row.sums]] for key, row in self._rows.items()]
            return {"process": os.getpid(), "rows": rows, "counts": dict(self._counts), "measures": measures}


def _sum(told: list[dict[str, Any]]) -> Sums:
    sums = Sums({}, {}, {})
    for each in told:
        for labels, steps, amounts in each["rows"]:
            row, key = Counted(steps, amounts), tuple(labels)
            sums.rows[key] = Counted.of((sums.rows[key], row)) if key in sums.rows else row
        for name, number in each["counts"].items():
            sums.counts[name] = sums.counts.get(name, 0) + number
        lives = _lives(each["process"])
        for name, amount in each["measures"].items():
            if lives or name in _FOREVER:
                sums.measures[name] = sums.measures.get(name, 0) + amount
    return sums


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another's: the number was used again
        return False
    return True
