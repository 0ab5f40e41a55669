"""The publications with their stored changes, in pages: recent ones, and full archives."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import BASE, XSD
from cper_lod.release.changes.changelog import SUMMARY, StoredChanges, read_changes
from cper_lod.release.history.history import History, Publication

ARCHIVE_SIZE: Final = 50
"""Publications in an archive. An archive exists once it is full, and never changes."""


class PublicationLog:
    """The publications up to one of them; their stored changes are read on demand."""

    def __init__(self, entries: Sequence[Publication], history: History) -> None:
        self.entries = tuple(entries)
        self._history = history
        self._changes: dict[int, StoredChanges | None] = {}

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
            self._changes[entry.number] = read_changes(self._history.folder(entry))
        return self._changes[entry.number]

    def page_count(self, entry: Publication) -> int:
        """Return the number of pages of the changes of a publication."""
        changes = self.changes_of(entry)
        return changes.pages if changes else 0

    @property
    def start(self) -> Publication:
        """The publication since which all changes are stored."""
        for entry in reversed(self.entries):
            if not (self._history.folder(entry) / SUMMARY).exists():
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
