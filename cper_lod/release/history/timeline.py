"""The publications of a moment as whoever serves reads them: which releases are held, and which describe a thing."""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.release.history import tombstones as gone
from cper_lod.release.history.history import History, Publication
from cper_lod.release.history.tombstones import TOMBSTONES, Tombstone
from cper_lod.release.release import FORMAT, MANIFEST, Release


class StoredRelease(NamedTuple):
    """The first publication of a release that is held, and the release, for looking things up: it is not verified."""

    entry: Publication
    release: Release


class Timeline:
    """What the history says when it is made: a later publication makes another one."""

    def __init__(self, history: History, served: str) -> None:
        """Read the history until the last publication of the release that is served, by its id.

        There is none where that was never published (so for data served as given). Raises what `History.entries` does.
        """
        entries = history.entries()
        last = max((place for place, each in enumerate(entries) if each.release == served), default=-1)
        self.entries = entries[: last + 1]
        self._history = history
        self._first: dict[str, Publication] = {}
        for each in self.entries:
            self._first.setdefault(each.release, each)

    @cached_property
    def moments(self) -> tuple[StoredRelease, ...]:
        """The releases that are held, each at its first publication, in the order of these."""
        found, held = [], self._history.all_held()
        for entry in self._first.values():
            if folder := held.get(entry.release):
                # What cannot be read is as good as not held, and so is what a program of another layout has left.
                with suppress(OSError, ValueError, LookupError, TypeError):
                    manifest = json.loads((folder / MANIFEST).read_bytes())
                    if manifest["format"] == FORMAT:
                        found.append(StoredRelease(entry, Release(folder, manifest, low_memory=True)))
        return tuple(found)

    @property
    def current(self) -> Publication:
        """What is served, the last publication."""
        return self.entries[-1]

    def first(self, release: str) -> Publication:
        """Return the first publication of the release of an id; raises release-unknown."""
        entry = self._first.get(release)
        if entry is None:
            offers = ", ".join(dict.fromkeys(each.entry.release for each in self.moments[:-6:-1]))
            raise Problem("release-unknown", release=release[:40], offers=offers)
        return entry

    def folder(self, entry: Publication) -> Path:
        """Return the folder of a publication, in which there is what was noted of it."""
        return self._history.folder(entry)

    def open(self, release: str) -> Release:
        """Return a release, compared with its manifest; raises release-gone and release-damaged."""
        return self._history.open(release)

    def where(self, holds: Callable[[Release], bool]) -> list[Publication]:
        """Return the first publications of the releases of which something holds, each looked into by bisection."""
        found = []
        for moment in self.moments:
            try:
                # A folder may have been removed since; what is mapped of it could still be read.
                if moment.release.folder.is_dir() and holds(moment.release):
                    found.append(moment.entry)
            except (OSError, ValueError, LookupError):  # it is damaged
                continue
        return found

    def gone(self, iri: str, release: Release) -> Tombstone | None:
        """Return what is known of something that `release` no longer describes, None where it never was described."""
        entry = next((each for each in reversed(self.entries) if each.release == release.id), None)
        path = self._history.folder(entry) / TOMBSTONES if entry else Path()
        return gone.find_tombstone(path, iri, release) if entry and path.is_file() else None
