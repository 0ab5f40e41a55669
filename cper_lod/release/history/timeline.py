"""The history as a server sees it: which releases are stored, and which of them describe a resource."""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.release.history.history import History, Publication
from cper_lod.release.history.tombstones import TOMBSTONES, Tombstone, find_tombstone
from cper_lod.release.release import FORMAT, MANIFEST, Release


class StoredRelease(NamedTuple):
    """A stored release with its first publication. The release is opened for lookups and not verified."""

    entry: Publication
    release: Release


class Timeline:
    """The publications up to the served one, as of the creation of this object."""

    def __init__(self, history: History, served: str) -> None:
        """Read the history up to the last publication of the served release, given by id.

        Empty if it was never published (as with data served as given). Raises what `History.entries` raises.
        """
        entries = history.entries()
        last = max((place for place, each in enumerate(entries) if each.release == served), default=-1)
        self.entries = entries[: last + 1]
        self.history = history
        self._first: dict[str, Publication] = {}
        for each in self.entries:
            self._first.setdefault(each.release, each)

    @cached_property
    def stored_releases(self) -> tuple[StoredRelease, ...]:
        """The stored releases with their first publications, in the order of these."""
        found, folders = [], self.history.stored_folders()
        for entry in self._first.values():
            if folder := folders.get(entry.release):
                # Skips folders that are damaged, or have another layout.
                with suppress(OSError, ValueError, LookupError, TypeError):
                    manifest = json.loads((folder / MANIFEST).read_bytes())
                    if manifest["format"] == FORMAT:
                        found.append(StoredRelease(entry, Release(folder, manifest, low_memory=True)))
        return tuple(found)

    @property
    def current(self) -> Publication:
        """The publication that is served: the last one."""
        return self.entries[-1]

    def first_publication(self, release: str) -> Publication:
        """Return the first publication of the release with this id; raises `release-unknown`."""
        entry = self._first.get(release)
        if entry is None:
            offers = [*dict.fromkeys(each.entry.release for each in self.stored_releases[:-6:-1])]
            raise Problem("release-unknown", release=release[:40], offers=offers)
        return entry

    def publications_where(self, predicate: Callable[[Release], bool]) -> list[Publication]:
        """Return the first publications of the stored releases for which `predicate` holds."""
        found = []
        for stored in self.stored_releases:
            try:
                # The folder may have been removed meanwhile, while its mapped files stay readable.
                if stored.release.folder.is_dir() and predicate(stored.release):
                    found.append(stored.entry)
            except (OSError, ValueError, LookupError):  # damaged
                continue
        return found

    def tombstone(self, iri: str, release: Release) -> Tombstone | None:
        """Return the tombstone of a resource that `release` no longer describes, None if it was never described."""
        entry = next((each for each in reversed(self.entries) if each.release == release.id), None)
        path = self.history.folder(entry) / TOMBSTONES if entry else Path()
        return find_tombstone(path, iri, release) if entry and path.is_file() else None
