"""Counters of a server process, and their sums over all processes: each writes its own to a file for the others."""

import json
import os
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from cper_lod.core.files import atomic_write

BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the histogram buckets, in seconds."""
Key = tuple[str, ...]
_CUMULATIVE: Final = ("cpu", "ended", "lost")
"""Measurements that still count when their process has ended; the others are those of live processes."""


class Histogram(NamedTuple):
    """How many durations fell into each bucket (the last has no bound), and the totals: seconds and bytes."""

    buckets: list[int]
    totals: list[float]

    @classmethod
    def sum(cls, histograms: Iterable["Histogram"]) -> "Histogram":
        """Return the sum of one histogram or more."""
        buckets, totals = zip(*histograms, strict=True)
        return cls([*map(sum, zip(*buckets, strict=True))], [*map(sum, zip(*totals, strict=True))])


class Totals(NamedTuple):
    """The sums over all processes: histograms by their labels, plain counts, and present measurements."""

    histograms: dict[Key, Histogram]
    counts: dict[str, int]
    measurements: dict[str, float]


class Counters:
    """What one process counts; it shares that with the other processes by files in `folder`, if there are any."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._histograms: dict[Key, Histogram] = {}
        self._counts = Counter[str]()
        self._lock = threading.Lock()
        self._file_lock = threading.Lock()
        self._file = f"{os.getpid()}-{time.time_ns()}.json"
        self.measure: Callable[[], dict[str, float]] = dict
        """Returns the present measurements of the process."""

    def observe(self, key: Key, seconds: float, size: int = 0) -> None:
        """Count something that took so many seconds and bytes."""
        with self._lock:
            histogram = self._histograms.get(key)
            if histogram is None:
                histogram = self._histograms[key] = Histogram([0] * (len(BOUNDS) + 1), [0.0, 0.0])
            histogram.buckets[bisect_left(BOUNDS, seconds)] += 1
            histogram.totals[0] += seconds
            histogram.totals[1] += size

    def increment(self, name: str) -> None:
        """Add one to a plain count."""
        with self._lock:
            self._counts[name] += 1

    def publish(self) -> None:
        """Write the counts for the other processes; raises OSError if the folder is not writable."""
        with self._file_lock:
            self._write(self._snapshot())

    def _write(self, snapshot: dict[str, Any]) -> None:
        if self._folder:
            atomic_write(self._folder / self._file, json.dumps(snapshot).encode("ascii"))

    def totals(self) -> Totals:
        """Return the sums over all processes, from what each wrote last; no counter ever decreases.

        This process writes its counts first, so that the process that is asked next knows them. If the disk is full, it
        still returns its own: that is when somebody looks.
        """
        with self._file_lock:
            snapshots = [self._snapshot()]
            with suppress(OSError):
                self._write(snapshots[0])
        for path in sorted(self._folder.glob("*.json")) if self._folder else ():
            with suppress(OSError, ValueError):
                snapshots += [json.loads(path.read_text("ascii"))] if path.name != self._file else []
        return _sum(snapshots)

    def _snapshot(self) -> dict[str, Any]:
        measurements = self.measure()
        with self._lock:
            histograms = [[list(key), [*each.buckets], [*each.totals]] for key, each in self._histograms.items()]
            return {
                "process": os.getpid(),
                "histograms": histograms,
                "counts": dict(self._counts),
                "measurements": measurements,
            }


def _sum(snapshots: list[dict[str, Any]]) -> Totals:
    groups: dict[Key, list[Histogram]] = {}
    counts, measurements = Counter[str](), dict[str, float]()
    for snapshot in snapshots:
        for labels, buckets, totals in snapshot["histograms"]:
            groups.setdefault(tuple(labels), []).append(Histogram(buckets, totals))
        counts.update(snapshot["counts"])
        is_live = _is_live(snapshot["process"])
        for name, value in snapshot["measurements"].items():
            if is_live or name in _CUMULATIVE:
                measurements[name] = measurements.get(name, 0) + value
    return Totals({key: Histogram.sum(group) for key, group in groups.items()}, counts, measurements)


def _is_live(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, PermissionError):  # the latter: the number has been reused for another user's process
        return False
    return True
