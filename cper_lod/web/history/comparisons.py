"""Any two releases compared when somebody asks: one comparison at a time, the last ones kept."""

import threading
from collections import OrderedDict
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.release.changes.changelog import Summary, compare
from cper_lod.release.changes.describe import Row
from cper_lod.release.history.timeline import Timeline
from cper_lod.release.release import Release

_KEPT: Final = 2
_OPEN: Final = 4
"""How many releases stay open: reading a large one through, to compare it with its manifest, takes seconds."""
_PATIENCE: Final = 2.0
"""Seconds that a comparison waits for another: pages are made by a few threads, which it must not hold."""


class Comparisons:
    """The comparisons of one application; used by many threads."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._lock = threading.Lock()
        self._opened: OrderedDict[str, Release] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], tuple[Summary, list[Row]]] = OrderedDict()

    def of(self, before: str, after: str) -> tuple[Summary, list[Row]]:
        """Return what changed between two releases, given by their ids.

        Raises `query-queue` where another comparison takes long, `changes-too-large`, and what `Timeline.open` raises.
        """
        if not self._lock.acquire(timeout=_PATIENCE):
            raise Problem("query-queue")
        try:
            if (before, after) not in self._known:
                self._known[before, after] = compare(self._open(before), self._open(after))
            self._known.move_to_end((before, after))
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
            return self._known[before, after]
        finally:
            self._lock.release()

    def _open(self, release: str) -> Release:
        """Return a release, compared with its manifest once as long as it stays open and is there."""
        found = self._opened.pop(release, None)
        if found is None or not found.folder.is_dir():
            found = self._timeline.open(release)
        self._opened[release] = found
        if len(self._opened) > _OPEN:
            self._opened.popitem(last=False)
        return found
