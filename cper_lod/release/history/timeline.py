"""The history as a server sees it: which releases are stored, which describe a resource, and the stored changes, in pages."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import BASE, XSD
from cper_lod.release.changes.changelog import SUMMARY, StoredChanges, read_changes
from cper_lod.release.history.history import History, Publication
from cper_lod.release.history.tombstones import TOMBSTONES, Tombstone, find_tombstone
from cper_lod.release.release import FORMAT, MANIFEST, Release

ARCHIVE_SIZE: Final = 50
"""Publications in an archive. An archive exists once it is full, and never changes."""


class StoredRelease(NamedTuple):
    """A stored release with its first publication."""

    entry: Publication
    folder: Path
    manifest: dict[str, Any]

    @property
    def release(self) -> Release:
        """The release, opened anew and not verified: thousands of open indexes would take all files of a process."""
        return Release(self.folder, self.manifest)


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
        self._changes: dict[int, StoredChanges | None] = {}

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
                        found.append(StoredRelease(entry, folder, manifest))
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
                if predicate(stored.release):
                    found.append(stored.entry)
            except (Problem, OSError, RuntimeError, ValueError, LookupError):  # damaged, or removed meanwhile
                continue
        return found

    def tombstone(self, iri: str, release: Release) -> Tombstone | None:
        """Return the tombstone of a resource that `release` no longer describes, None if it was never described."""
        entry = next((each for each in reversed(self.entries) if each.release == release.id), None)
        path = self.history.folder(entry) / TOMBSTONES if entry else Path()
        return find_tombstone(path, iri, release) if entry and path.is_file() else None

    @property
    def archives(self) -> int:
        """The number of full archives."""
        return len(self.entries) // ARCHIVE_SIZE

    def archive(self, number: int) -> tuple[Publication, ...]:
        """Return the publications of a full archive, counted from 1; empty if there is no such archive."""
        return self.entries[(number - 1) * ARCHIVE_SIZE : number * ARCHIVE_SIZE] if 0 < number <= self.archives else ()

    @property
    def recent(self) -> tuple[Publication, ...]:
        """The publications that are not in an archive yet."""
        return self.entries[self.archives * ARCHIVE_SIZE :]

    def publication(self, number: int) -> Publication | None:
        """Return the publication with this number, None if there is none."""
        return next((each for each in self.entries if each.number == number), None)

    def previous(self, entry: Publication) -> Publication | None:
        """Return the publication before another one, None before the first."""
        position = self.entries.index(entry)
        return self.entries[position - 1] if position else None

    def changes_of(self, entry: Publication) -> StoredChanges | None:
        """Return the stored changes of a publication, None if there are none; raises `history-damaged`."""
        if entry.number not in self._changes:
            self._changes[entry.number] = read_changes(self.history.folder(entry))
        return self._changes[entry.number]

    def page_count(self, entry: Publication) -> int:
        """Return the number of pages of the changes of a publication."""
        changes = self.changes_of(entry)
        return changes.pages if changes else 0

    @property
    def start(self) -> Publication:
        """The publication since which all changes are stored."""
        for entry in reversed(self.entries):
            if not (self.history.folder(entry) / SUMMARY).exists():
                return entry
        return self.entries[0]


def format_time(at: int) -> str:
    """Return a time as xsd:dateTime and RFC 3339.

    >>> format_time(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def time_literal(at: int) -> Literal:
    """Return a time as an xsd:dateTime."""
    return Literal(format_time(at), datatype=NamedNode(XSD + "dateTime"))


def publication_iri(entry: Publication) -> str:
    """Return the IRI of a publication."""
    return f"{BASE}release/{entry.release}#publication-{entry.number}"
