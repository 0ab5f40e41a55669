"""The publications in order with what was noted of each, in bounded pieces: the latest ones, and full archives."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from cper_lod.core.namespaces import BASE
from cper_lod.release.changes.changelog import SUMMARY, StoredChanges, read_changes
from cper_lod.release.history.history import Publication

ARCHIVE_SIZE: Final = 50
"""How many publications an archive holds; it is full from the moment it begins to be, and never changes then."""


class PublicationFolders(Protocol):
    """What knows in which folder each publication is."""

    def folder(self, entry: Publication) -> Path:
        """Return the folder of a publication."""


class PublicationLog:
    """The publications until one of them; what was noted of each is read when it is asked for."""

    def __init__(self, entries: Sequence[Publication], folders: PublicationFolders) -> None:
        self.entries = tuple(entries)
        self._folders = folders
        self._noted: dict[int, StoredChanges | None] = {}

    @property
    def archives(self) -> int:
        """How many full archives there are."""
        return len(self.entries) // ARCHIVE_SIZE

    def archive(self, number: int) -> tuple[Publication, ...]:
        """Return the publications of a full archive, counted from 1; none where there is no such archive."""
        return self.entries[(number - 1) * ARCHIVE_SIZE : number * ARCHIVE_SIZE] if 0 < number <= self.archives else ()

    @property
    def recent(self) -> tuple[Publication, ...]:
        """The publications that are in no archive yet."""
        return self.entries[self.archives * ARCHIVE_SIZE :]

    def publication(self, number: int) -> Publication | None:
        """Return the publication of a number, None for none."""
        return next((each for each in self.entries if each.number == number), None)

    def before(self, entry: Publication) -> Publication | None:
        """Return the publication before another, None before the first."""
        place = self.entries.index(entry)
        return self.entries[place - 1] if place else None

    def noted(self, entry: Publication) -> StoredChanges | None:
        """Return what was noted of a publication, None where nothing was; raises `history-damaged`."""
        if entry.number not in self._noted:
            self._noted[entry.number] = read_changes(self._folders.folder(entry))
        return self._noted[entry.number]

    def pages(self, entry: Publication) -> int:
        """Return on how many pages it is told what changed with a publication."""
        told = self.noted(entry)
        return told.pages if told else 0

    @property
    def start(self) -> Publication:
        """The publication after which all changes are known until now."""
        for entry in reversed(self.entries):
            if not (self._folders.folder(entry) / SUMMARY).exists():
                return entry
        return self.entries[0]


def format_time(at: int) -> str:
    """Return a moment as xsd:dateTime and RFC 3339 write it.

    >>> moment(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def publication_iri(entry: Publication) -> str:
    """Return the IRI of a publication: it never changes, and no other has it."""
    return f"{BASE}release/{entry.release}#publication-{entry.number}"
