"""The history: one folder per publication, in order, added by one rename; the last one is what is served."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args

from cper_lod.core.config import now
from cper_lod.core.errors import Problem
from cper_lod.core.files import disk_errors, set_modes
from cper_lod.release.files import reading_history
from cper_lod.release.history import tombstones
from cper_lod.release.history.changes import write_changes
from cper_lod.release.jobs.locks import build_directory, fsync_tree
from cper_lod.release.release import DATA, Release, open_release, program_id

FOLDER: Final = "history"
ENTRY: Final = "entry.json"
ID: Final = re.compile(r"[0-9a-f]{16}")
PublicationKind = Literal["build", "rollback", "purge"]
_NUMBER: Final = re.compile(r"[0-9]{6,9}")
OFFERED: Final = 5
"""Releases that an error offers."""
_YEAR_10000: Final = 253_402_300_800
"""The first time that needs more than four digits for the year."""


class Publication(NamedTuple):
    """One publication: which release is served since when (`at`, seconds since 1970), how, and from which sources.

    `release` is the id of the release, `program` the program that built it. While the last one is a rollback, nothing
    is published until somebody asks for it.
    """

    number: int
    release: str
    digest: str
    at: int
    how: PublicationKind
    program: str
    sources: str


class History:
    """The publications of a folder of releases, which is read at each call."""

    def __init__(self, releases: Path) -> None:
        self.releases = releases
        self._folder = releases / FOLDER

    def entries(self) -> tuple[Publication, ...]:
        """Return every publication, oldest first; raises `history-damaged` with the file, and `permission`.

        A damaged entry is not skipped: if it was the last one, a withdrawn release would be served again. Names that
        are not numbers are ignored.
        """
        return tuple(self._entry(name) for name in self._names())

    def current(self) -> Publication | None:
        """Return the publication that is served, None before the first; reads only that one; raises as `entries`."""
        names = self._names()
        return self._entry(names[-1]) if names else None

    def first_publication(self, release: str) -> Publication | None:
        """Return the first publication of the release with this id, None if it was never served."""
        return next((each for each in self.entries() if each.release == release), None)

    def folder(self, entry: Publication) -> Path:
        """Return the folder of a publication, with its entry and the stored changes."""
        return self._folder / f"{entry.number:06}"

    def open(self, release: str) -> Release:
        """Return the release with this id; if several programs built it, the one of this program.

        Raises `release-unknown` (404) if it was never served here (as with the releases of --data), `release-gone`
        (410) if its folder was removed, `release-purged` (410) if a purge did so, `release-damaged`, and what `entries` raises.
        """
        entry = self.first_publication(release) if ID.fullmatch(release) else None
        if entry is None:
            offers = dict.fromkeys(each.release for each in reversed(self.entries()))
            raise Problem("release-unknown", release=release[:40], offers=[*offers][:OFFERED])
        if purge := self.purged().get(release):
            raise release_purged(release, purge, self.stored())
        problem: Problem | None = None
        for folder in self.folders_of(release):
            try:
                found = open_release(folder)
            except Problem as damaged:
                problem = damaged
                continue
            if found.digest == entry.digest:
                return found
        date = datetime.fromtimestamp(entry.at, UTC).date()
        raise problem or Problem("release-gone", release=entry.release, date=date, offers=self.stored())

    def purged(self) -> dict[str, tombstones.Purge]:
        """Return the purge that removed each release, by id; one that was published again since is not among them."""
        found = dict[str, tombstones.Purge]()
        for entry in self.entries():
            found.pop(entry.release, None)
            if entry.how == "purge":
                purge = tombstones.read_purge(self.folder(entry))
                found |= dict.fromkeys(purge.releases, purge)
        return found

    def stored(self, besides: str = "") -> list[str]:
        """Return the ids of the releases last served that are still stored, the last one first, without `besides`."""
        stored = self.stored_folders().keys() - self.purged().keys()
        known = dict.fromkeys(each.release for each in reversed(self.entries()) if each.release != besides)
        return [each for each in known if each in stored][:OFFERED]

    def folders_of(self, release: str) -> list[Path]:
        """Return the folders of the release with this id, that of this program first; opens none of them."""
        program = program_id().rpartition("+")[2]
        return sorted(
            self.releases.glob(f"{release}-*"), key=lambda path: (not path.name.endswith(f"-{program}"), path)
        )

    def stored_folders(self) -> dict[str, Path]:
        """Return a folder of each stored release by id, that of this program if there is a choice."""
        program = program_id().rpartition("+")[2]
        found = sorted(self.releases.glob("*-*"), key=lambda path: path.name.endswith(f"-{program}"))
        return {path.name[:16]: path for path in found if ID.fullmatch(path.name[:16])}

    def rolled_back(self) -> Publication | None:
        """Return the current publication if it is a rollback: then nothing is published; raises as `entries`."""
        current = self.current()
        return current if current and current.how == "rollback" else None

    def publish(
        self, release: Release, how: PublicationKind, finish: Callable[[Path, int], None] | None = None
    ) -> Publication:
        """Record that `release` is served from now on; return the entry, or the current one if it is served already.

        `finish` gets the folder of the new publication and its time before it takes its place; there always is one then.

        What a rollback serves is published anew by a build, which ends the rollback. The caller holds
        `exclusive_lock`. The time is later than that of the previous entry, even if the clock was set back. Raises
        `permission`, `release-damaged`, and what `entries` raises; then nothing has changed.
        """
        # All entries are read: the changes since the last one are recorded now or never.
        entries = self.entries()
        last = entries[-1] if entries else None
        ends_rollback = last is not None and (how, last.how) == ("build", "rollback")
        if last and last.digest == release.digest and not (finish or ends_rollback):
            return last
        number, at = (last.number + 1, max(now(), last.at + 1)) if last else (1, now())
        provenance = (str(release.manifest["program"]), str(release.manifest["sources"]))
        entry = Publication(number, release.id, release.digest, at, how, *provenance)
        with disk_errors(self._folder), build_directory(self._folder) as folder:
            (folder / ENTRY).write_text(json.dumps(entry._asdict(), indent=1) + "\n", "utf-8")
            self._write_changes(folder, last, release)
            if finish:
                finish(folder, at)
            set_modes(folder)
            fsync_tree(folder)
            folder.rename(self.folder(entry))
            fsync_tree(self._folder)
        return entry

    def _write_changes(self, folder: Path, last: Publication | None, release: Release) -> None:
        """Write the changes since the publication `last` to the folder of a publication, beside its entry.

        There are none if the release of `last` is no longer stored or is damaged. Raises OSError, and
        `release-damaged` if `release` is not valid RDF.
        """
        known = self.folder(last) / tombstones.TOMBSTONES if last else None
        previous: Release | None = None
        with suppress(Problem):
            previous = self.open(last.release) if last else None
        try:
            known = known if known and known.exists() else None
            path, compared = folder / tombstones.TOMBSTONES, previous.id if previous else None
            with tombstones.written(path, known, release, compared) as note:
                if previous is not None:
                    write_changes(folder, previous, release, note)
        except (SyntaxError, ValueError) as error:
            raise Problem("release-damaged", path=release.folder / DATA, message=error) from error

    def _names(self) -> list[str]:
        """Return the names of the folders of publications, oldest first."""
        names = list[str]()
        with disk_errors(self._folder), suppress(FileNotFoundError, NotADirectoryError):
            names = [path.name for path in self._folder.iterdir()]
        return sorted(filter(_NUMBER.fullmatch, names), key=int)

    def _entry(self, name: str) -> Publication:
        path = self._folder / name / ENTRY
        with reading_history(path):
            return _read(json.loads(path.read_bytes()), int(name))


def release_purged(release: str, purge: tombstones.Purge, offers: list[str]) -> Problem:
    """Return the problem with a release that a purge removed."""
    return Problem("release-purged", release=release, date=datetime.fromtimestamp(purge.at, UTC).date(), offers=offers)


def _read(row: dict[str, Any], number: int) -> Publication:
    """Return an entry from its JSON; fields of later programs are ignored. Raises ValueError and others."""
    entry = Publication(**{name: row[name] for name in Publication._fields})
    for name, kind in Publication.__annotations__.items():
        if not isinstance(getattr(entry, name), int if kind is int else str):
            raise TypeError(name)
    if (entry.number, entry.release) != (number, entry.digest[:16]) or not ID.fullmatch(entry.release):
        raise ValueError("number, release")
    if not 0 <= entry.at < _YEAR_10000:
        raise ValueError("at")
    if entry.how not in get_args(PublicationKind):
        raise ValueError("how")
    return entry


CURRENT: Final = "current"
"""The name of the release that is served now."""


def find_release(releases: Path, text: str) -> Release:
    """Return the release that was served here and that `text` names: its id or digest, the beginning of it, or `current`.

    Raises `release-ambiguous`, and what `History.open` raises.
    """
    history = History(releases)
    served = [each.release for each in history.entries()]
    start = served[-1] if served and text == CURRENT else text[:16] if len(text) == 64 else text
    found = sorted({each for each in served if start and each.startswith(start)})
    if len(found) > 1:
        raise Problem("release-ambiguous", release=text[:40], offers=found[:OFFERED])
    return history.open(found[0] if found else text)
