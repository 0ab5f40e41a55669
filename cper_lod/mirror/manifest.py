"""The manifest of a mirror (SQLite): files with their validators and headers, and the header rules derived from it."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.mirror.client import FileHeaders
from cper_lod.mirror.paths import VARIANTS

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS said (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
  file TEXT PRIMARY KEY, run INTEGER NOT NULL, etag TEXT, kind INTEGER, size INTEGER, codings TEXT, thing INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS places (place TEXT PRIMARY KEY COLLATE NOCASE, name TEXT NOT NULL, run INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS addresses (address TEXT PRIMARY KEY, place TEXT NOT NULL, run INTEGER NOT NULL)
  WITHOUT ROWID;
"""


class RenderedFile(NamedTuple):
    """A file that was rendered: headers, size, and suffixes of its compressed versions.

    `thing` says whether it belongs to a thing (there may be very many); `written` counts the files actually written.
    """

    file: str
    headers: FileHeaders
    size: int
    encodings: tuple[str, ...]
    thing: bool
    written: int


class ManifestEntry(NamedTuple):
    """A file in the manifest; `header_set` is the number of its shared headers."""

    file: str
    etag: str
    header_set: int
    size: int
    encodings: tuple[str, ...]


class Manifest:
    """The manifest of a folder, for one run."""

    def __init__(self, path: Path) -> None:
        """Open the manifest; an interrupted run is continued. Raises `export-write`."""
        try:
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.executescript(_TABLES)
            # A lost manifest only costs time: files are compared byte by byte.
            self._database.execute("PRAGMA synchronous = OFF")
            self.run = int(self.get_status("run") or 0) + 1
            self._header_set_ids = dict[tuple[tuple[str, str], ...], int]()
        except sqlite3.Error as error:
            raise Problem("export-write", path=path, message=error) from error

    def get_status(self, name: str) -> str:
        """Return a status value of the last run, "" if it is not set."""
        row = self._database.execute("SELECT value FROM said WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_status(self, **values: object) -> None:
        """Set status values of this run."""
        rows = [(name, str(value)) for name, value in values.items()]
        self._database.executemany("INSERT OR REPLACE INTO said VALUES (?, ?)", rows)

    def begin_run(self) -> None:
        """Start the run: the mirror is incomplete from now on."""
        self.set_status(run=self.run, whole="")

    def claim_path(self, stem: str, name: str) -> bool:
        """Claim a path for a thing; return False if another thing has it, ignoring case."""
        row = self._database.execute("SELECT name, run FROM places WHERE place = ?", (stem,)).fetchone()
        if row and row[1] == self.run and row[0] != name:
            return False
        self._database.execute("INSERT OR REPLACE INTO places VALUES (?, ?, ?)", (stem, name, self.run))
        return True

    def add_stem(self, address: str, stem: str) -> None:
        """Record the file stem of an address whose path differs from it."""
        self._database.execute("INSERT OR REPLACE INTO addresses VALUES (?, ?, ?)", (address, stem, self.run))

    def stems(self) -> Iterator[tuple[str, str]]:
        """Yield the addresses with a recorded stem, and the stem."""
        query = "SELECT address, place FROM addresses WHERE run = ? ORDER BY address"
        yield from self._database.execute(query, (self.run,))

    def plan_files(self, files: Iterable[str]) -> None:
        """Record files before they are written, so that an interrupted run leaves no unknown files."""
        rows = [(file,) for file in files]
        with self._database:
            self._database.execute("BEGIN")
            self._database.executemany("INSERT OR IGNORE INTO files (file, run) VALUES (?, 0)", rows)

    def add_files(self, files: Iterable[RenderedFile]) -> None:
        """Record files that exist."""
        with self._database:
            self._database.execute("BEGIN")
            for file, headers, size, encodings, thing, _ in files:
                header_set = self._header_set_ids.setdefault(headers.shared, len(self._header_set_ids))
                row = (file, self.run, headers.etag, header_set, size, " ".join(encodings), thing)
                self._database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def header_sets(self) -> dict[int, dict[str, str]]:
        """Return the shared headers of the files of this run, by number."""
        return {number: dict(shared) for shared, number in self._header_set_ids.items()}

    def entries(self, *, things: bool | None = None, previous: bool = False) -> Iterator[ManifestEntry]:
        """Yield the files of this run, or of the previous one, in order; `things` selects files of things, or others."""
        rows = self._database.execute(
            "SELECT file, etag, kind, size, codings FROM files WHERE run = ? AND thing = coalesce(?, thing) ORDER BY file",
            (self.run - previous, things),
        )
        for file, etag, header_set, size, encodings in rows:
            yield ManifestEntry(file, etag, header_set, size, tuple(encodings.split()))

    def count(self, *, things: bool) -> int:
        """Return the number of files of things in this run, or of all others."""
        row = self._database.execute("SELECT COUNT(*) FROM files WHERE run = ? AND thing = ?", (self.run, things))
        return int(row.fetchone()[0])

    def stale_files(self) -> list[str]:
        """Return the files of earlier runs that this run does not have."""
        return [row[0] for row in self._database.execute("SELECT file FROM files WHERE run <> ?", (self.run,))]

    def end_run(self, **values: object) -> None:
        """End the run: forget stale files, and mark the mirror as complete."""
        for table in ("files", "places", "addresses"):
            self._database.execute(f"DELETE FROM {table} WHERE run <> ?", (self.run,))  # noqa: S608
        self.set_status(whole="yes", **values)

    def close(self) -> None:
        """Close the database."""
        self._database.close()


_LINK_SEPARATOR: Final = ", <"


class HeaderRule(NamedTuple):
    """The validator and headers of a file, or with `ending` of all files in a folder that end so."""

    file: str
    etag: str
    header_set: int
    ending: str = ""


class HeaderRules:
    """The header rules of a mirror; beyond `max_exact` files, things share one rule for each format."""

    def __init__(self, manifest: Manifest, max_exact: int, fingerprint: str) -> None:
        self._manifest = manifest
        self.header_sets = manifest.header_sets()
        self.line_count = manifest.count(things=False)
        self.is_exact = manifest.count(things=True) <= max_exact
        self._pattern_rules = list[HeaderRule]() if self.is_exact else self._make_pattern_rules(fingerprint)
        self.line_count += manifest.count(things=True) if self.is_exact else len(self._pattern_rules)

    def rules(self) -> Iterator[HeaderRule]:
        """Yield the rules."""
        for entry in self._manifest.entries(things=None if self.is_exact else False):
            yield HeaderRule(entry.file, entry.etag.strip('"'), entry.header_set)
        yield from self._pattern_rules

    def _make_pattern_rules(self, fingerprint: str) -> list[HeaderRule]:
        """Return one rule for each format of things: a validator for the whole export, and the common headers."""
        header_sets_of = defaultdict[tuple[str, str], set[int]](set)
        for entry in self._manifest.entries(things=True):
            header_sets_of[_folder_and_ending(entry.file)].add(entry.header_set)
        found = []
        for (folder, ending), ids in sorted(header_sets_of.items()):
            number = len(self.header_sets)
            self.header_sets[number] = _common_headers([self.header_sets[each] for each in sorted(ids)])
            found.append(HeaderRule(folder, f"{fingerprint[:16]}-{ending}", number, ending))
        return found


def _folder_and_ending(file: str) -> tuple[str, str]:
    """Return the folder of a file of a thing, and the ending of its name.

    >>> _folder_and_ending("doc/contrat/x.fr.html"), _folder_and_ending("linkset/a.b.json")
    (('doc', 'fr.html'), ('linkset', 'json'))
    """
    stem, _, ending = file.rpartition(".")
    variant = stem.rpartition(".")[2]
    return file.partition("/")[0], f"{variant}.{ending}" if variant in {each.name for each in VARIANTS} else ending


def _common_headers(header_sets: list[dict[str, str]]) -> dict[str, str]:
    """Return the headers that all header sets have, and the links that all have."""
    links = [each.get("Link", "").split(_LINK_SEPARATOR) for each in header_sets]
    same = [link for link in links[0] if all(link in others for others in links)]
    first = dict(sorted(set.intersection(*(set(each.items()) for each in header_sets))))
    first.pop("Link", None)
    first["Vary"] = max((each.get("Vary", "") for each in header_sets), key=len)  # naming too many headers is harmless
    joined = _LINK_SEPARATOR.join(same)
    return first | ({"Link": joined if joined.startswith("<") else f"<{joined}"} if joined else {})
