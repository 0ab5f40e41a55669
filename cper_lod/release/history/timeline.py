"""The history as a server sees it: publications until now, which of their releases are stored, and the stored changes."""

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import translate
from cper_lod.core.names import SiteNames
from cper_lod.release.history.history import OFFERED, History, Publication, release_purged
from cper_lod.release.history.tombstones import (
    TOMBSTONES,
    Purge,
    Tombstone,
    find_tombstone,
    purged_digest,
    read_purge,
)
from cper_lod.release.release import FORMAT, MANIFEST, Release


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
        self.purged = history.purged()
        """The purge that removed each release, by id."""
        self.purges = {each.number: read_purge(history.folder(each)) for each in self.entries if each.how == "purge"}
        """The purges, by the number of the publication."""

    @cached_property
    def _folders(self) -> dict[str, Path]:
        """The folders of the releases that are stored, by id."""
        return dict(self.history.stored_folders())

    def stored(self, release: str) -> Release | None:
        """Return a release that was published and is stored in the layout of this program, opened anew and not verified."""
        is_kept = release in self._first and release not in self.purged
        folder = self._folders.get(release) if is_kept else None
        if folder:
            with suppress(OSError, ValueError, LookupError, TypeError):  # damaged, or removed meanwhile
                manifest = json.loads((folder / MANIFEST).read_bytes())
                if manifest["format"] == FORMAT:
                    return Release(folder, manifest)
        return None

    @property
    def current(self) -> Publication:
        """The publication that is served: the last one."""
        return self.entries[-1]

    def first_publication(self, release: str) -> Publication:
        """Return the first publication of the release with this id; raises `release-unknown` and `release-purged`."""
        entry, purge = self._first.get(release), self.purged.get(release)
        if entry is None or purge:
            offers = [each for each in reversed(self._first) if self.stored(each)][:OFFERED]
            if purge:
                raise release_purged(release, purge, offers)
            raise Problem("release-unknown", release=release[:40], offers=offers)
        return entry

    def tombstone(self, iri: str, release: Release) -> Tombstone | None:
        """Return the tombstone of a resource that `release` no longer describes, None if it was never described."""
        entry = next((each for each in reversed(self.entries) if each.release == release.id), None)
        path = self.history.folder(entry) / TOMBSTONES if entry else Path()
        return find_tombstone(path, iri, release) if entry and path.is_file() else None

    def purge_of(self, iris: Iterable[str]) -> Purge | None:
        """Return the last purge of one of some IRIs, None if there was none."""
        digests = set(map(purged_digest, iris)) if self.purges else set()
        return next((each for each in reversed(self.purges.values()) if digests & set(each.digests)), None)

    def previous(self, entry: Publication) -> Publication | None:
        """Return the publication before another one, None before the first."""
        position = self.entries.index(entry)
        return self.entries[position - 1] if position else None


def format_time(at: int) -> str:
    """Return a time as xsd:dateTime and RFC 3339.

    >>> format_time(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rollback_notice(entry: Publication, lang: Language) -> str:
    """Return the sentence that says that nothing is published since a rollback."""
    return translate("rolled-back", lang, release=entry.release, since=format_time(entry.at))


def publication_iri(entry: Publication, names: SiteNames) -> str:
    """Return the IRI of a publication."""
    return f"{names.releases}{entry.release}#publication-{entry.number}"
