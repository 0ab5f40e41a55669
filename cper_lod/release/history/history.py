"""The history: one folder a publication, in order, moved into place by one rename; the last one says what is served."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.release.changes import changelog
from cper_lod.release.history import tombstones
from cper_lod.release.jobs.locks import build_directory, fsync_tree
from cper_lod.release.release import DATA, MANIFEST, Release, open_release, program_id

GONE: Final = tombstones.TOMBSTONES
"""The name of the file that says what was published once and is no more."""


def _write_changes(aside: Path, before: Release | None, after: Release, gone_before: Path | None) -> None:
    """Write into `aside`, beside entry.json, what tells the release `after` from the one that was served `before`.

    `before` is None at the first publication, and where that release is no longer held or is damaged. `gone_before` is
    the file GONE of the publication before, where it has one. Called once a publication, under the lock, before its
    folder is moved to its place: what is written here is never changed. Raises OSError, and `release-damaged` where
    `after` is no RDF any more.
    """
    try:
        tombstones.write_tombstones(aside / GONE, before, after, gone_before)
        if before is not None:
            changelog.write_changes(aside, before, after)
    except (SyntaxError, ValueError) as error:
        raise Problem("release-damaged", path=after.folder / DATA, message=error) from error


FOLDER: Final = "history"
ENTRY: Final = "entry.json"
ID: Final = re.compile(r"[0-9a-f]{16}")
PublicationKind = Literal["build", "rollback"]
_NUMBER: Final = re.compile(r"[0-9]{6,9}")
_OFFERED: Final = 5
_YEAR_10000: Final = 253_402_300_800
"""The first moment that no date of four digits tells."""


class Publication(NamedTuple):
    """One publication: which release came to be served, when (seconds since 1970), how, of which sources.

    `release` is its id; `program_id` is the one that sealed it; `instead_of` the fingerprint of the sources that a
    rollback holds back: they are not published again by themselves, until they change.
    """

    number: int
    release: str
    digest: str
    at: int
    how: PublicationKind
    program: str
    sources: str
    instead_of: str = ""


class History:
    """The publications whose releases are sealed in one folder; reads what is there at each call, each entry once."""

    def __init__(self, releases: Path) -> None:
        self._releases = releases
        self._folder = releases / FOLDER
        self._known = dict[str, tuple[tuple[int, int], Publication]]()

    def entries(self) -> tuple[Publication, ...]:
        """Return every publication, the first one first; raises `history-damaged`, naming the file, and `permission`.

        A damaged entry is not passed over: what was withdrawn would come back if it was the last one. Names that are
        no numbers are not ours.
        """
        return tuple(self._entry(name) for name in self._names())

    def current(self) -> Publication | None:
        """Return the publication that is served, None before the first; reads that one alone; raises as `entries`."""
        names = self._names()
        return self._entry(names[-1]) if names else None

    def at(self, seconds: float) -> Publication | None:
        """Return what was served at a moment: the last publication not after it, the first where all are after."""
        entries = self.entries()
        return next((each for each in reversed(entries) if each.at <= seconds), entries[0] if entries else None)

    def of(self, release: str) -> Publication | None:
        """Return the first publication of the release of this id, None where it never was served."""
        return next((each for each in self.entries() if each.release == release), None)

    def folder(self, entry: Publication) -> Path:
        """Return the folder of a publication: its entry, and what `release.succession` wrote beside it."""
        return self._folder / f"{entry.number:06}"

    def open(self, release: str) -> Release:
        """Return the release of this id, sealed by this program where there is a choice, verified to the byte.

        Raises `release-unknown` (404) where it never was served here (so for the releases of --data), `release-gone`
        (410) where its folder is no longer kept, naming those that are, `release-damaged`, and what `entries` raises.
        """
        entry = self.of(release) if ID.fullmatch(release) else None
        if entry is None:
            offers = dict.fromkeys(each.release for each in reversed(self.entries()))
            raise Problem("release-unknown", release=release[:40], offers=", ".join([*offers][:_OFFERED]) or "–")
        problem: Problem | None = None
        for folder in self.held(release):
            try:
                found = open_release(folder)
            except Problem as damaged:
                problem = damaged
                continue
            if found.digest == entry.digest and found.mode == "contract":
                return found
        raise problem or self._no_longer_held(entry)

    def _no_longer_held(self, entry: Publication) -> Problem:
        """Return the error that says which release is no longer held, and which are."""
        held = self.all_held()
        known = dict.fromkeys(each.release for each in reversed(self.entries()))
        offers = ", ".join([each for each in known if each in held][:_OFFERED]) or "–"
        date = datetime.fromtimestamp(entry.at, UTC).date()
        return Problem("release-gone", release=entry.release, date=date, offers=offers)

    def held(self, release: str) -> list[Path]:
        """Return the folders in which the release of this id is sealed, that of this program first; none is opened."""
        ours = program_id().rpartition("+")[2]
        return sorted(self._releases.glob(f"{release}-*"), key=lambda path: (not path.name.endswith(f"-{ours}"), path))

    def all_held(self) -> dict[str, Path]:
        """Return a folder of each release that is held, by its id: that of this program where there is a choice."""
        ours = program_id().rpartition("+")[2]
        found = sorted(self._releases.glob("*-*"), key=lambda path: path.name.endswith(f"-{ours}"))
        return {path.name[:16]: path for path in found if ID.fullmatch(path.name[:16])}

    def publish(self, release: Release, how: PublicationKind, instead_of: str = "") -> Publication:
        """Note that `release` is served from now on, and return the entry; that of now where it is served already.

        The caller holds the lock (`release.workshop.alone`). The moment is later than the one before, even where the
        clock went back. Raises `permission`, `release-damaged`, and what `entries` raises; nothing has changed then.
        """
        # All of them: what was served until now is found by them, and what goes with it is noted now or never.
        entries = self.entries()
        last = entries[-1] if entries else None
        with self._permitted():
            fsync_tree(release.folder, *(each for each in release.folder.iterdir() if each.is_dir()), self._releases)
        if last and last.digest == release.digest:
            return last
        number, at = (last.number + 1, max(int(time.time()), last.at + 1)) if last else (1, int(time.time()))
        told = (str(release.manifest["program"]), str(release.manifest["sources"]))
        entry = Publication(number, release.id, release.digest, at, how, *told, instead_of)
        before, gone = self._before(last)
        with self._permitted(), build_directory(self._folder) as aside:
            (aside / ENTRY).write_text(json.dumps(entry._asdict(), indent=1) + "\n", "utf-8")
            _write_changes(aside, before, release, gone)
            aside.chmod(0o755)
            fsync_tree(aside)
            aside.rename(self.folder(entry))
            fsync_tree(self._folder)
        return entry

    @contextmanager
    def _permitted(self) -> Iterator[None]:
        """Say what the disk refuses as `permission`."""
        try:
            yield
        except OSError as error:
            raise Problem("permission", path=error.filename or self._folder, message=error.strerror or error) from error

    def _before(self, last: Publication | None) -> tuple[Release | None, Path | None]:
        """Return the release that is served until now, where it can be opened, and what it says to be gone."""
        if last is None:
            return None, None
        gone = self.folder(last) / GONE
        with suppress(Problem):
            return self.open(last.release), gone if gone.exists() else None
        return None, gone if gone.exists() else None

    def _names(self) -> list[str]:
        """Return the names of the folders of publications, the first one first."""
        try:
            names = [path.name for path in self._folder.iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise Problem("permission", path=self._folder, message=error.strerror or error) from error
        return sorted(filter(_NUMBER.fullmatch, names), key=int)

    def _entry(self, name: str) -> Publication:
        """Return an entry, read once as long as its folder is the same: a number that was removed may come again."""
        path = self._folder / name / ENTRY
        try:
            stat = path.parent.stat()
            known, entry = self._known.get(name, ((0, 0), None))
            if entry is None or known != (stat.st_ino, stat.st_mtime_ns):
                entry = _read(json.loads(path.read_bytes()), int(name))
                self._known[name] = (stat.st_ino, stat.st_mtime_ns), entry
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or f"{type(error).__name__} {error}"
            raise Problem("history-damaged", path=path, message=reason) from error
        return entry


def _read(row: dict[str, Any], number: int) -> Publication:
    """Return an entry as it was written; what a later program adds is passed over. Raises ValueError and others."""
    entry = Publication(**{name: row[name] for name in Publication._fields})
    for name, kind in Publication.__annotations__.items():
        if not isinstance(getattr(entry, name), int if kind is int else str):
            raise TypeError(name)
    if (entry.number, entry.release) != (number, entry.digest[:16]) or not ID.fullmatch(entry.release):
        raise ValueError("number, release")
    if not 0 <= entry.at < _YEAR_10000:
        raise ValueError("at")
    if entry.how not in ("build", "rollback"):
        raise ValueError("how")
    return entry


CURRENT: Final = "current"
"""What the release that is served now is called."""


def find_release(releases: Path, text: str) -> Release:
    """Return the release that `text` names, verified to the byte.

    Raises `release-unknown`, `release-ambiguous`, `release-gone`, `release-damaged`, and what `History.entries` does.
    """
    history = History(releases)
    if text == CURRENT:
        current = history.current()
        return history.open(current.release if current else "")
    with suppress(OSError):  # a name that no file can have
        if (Path(text) / MANIFEST).exists():
            return open_release(Path(text))
    beginning = text[:16] if len(text) == 64 else text
    published = {each.release for each in history.entries() if each.release.startswith(beginning)}
    sealed = {path.parent.name.partition("-")[0] for path in releases.glob(f"[!.]*-*/{MANIFEST}")}
    found = sorted(published | {each for each in sealed if each.startswith(beginning)}) if beginning else []
    if len(found) > 1:
        raise Problem("release-ambiguous", release=text[:40], offers=", ".join(found[:_OFFERED]))
    if not found or found[0] in published:
        return history.open(found[0] if found else text)
    return open_release(history.held(found[0])[0])  # sealed, and never served
