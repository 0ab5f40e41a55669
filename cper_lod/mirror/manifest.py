"""What an export wrote, in a file of SQLite: each file with its validator, what was there before, what is left over."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.mirror.client import Head
from cper_lod.mirror.paths import VARIANTS

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS said (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS files (
  file TEXT PRIMARY KEY, run INTEGER NOT NULL, etag TEXT, kind INTEGER, size INTEGER, codings TEXT, thing INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS places (place TEXT PRIMARY KEY COLLATE NOCASE, name TEXT NOT NULL, run INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kinds (id INTEGER PRIMARY KEY, headers TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS addresses (address TEXT PRIMARY KEY, place TEXT NOT NULL, run INTEGER NOT NULL)
  WITHOUT ROWID;
"""


class Made(NamedTuple):
    """A file that is there now: its validator and headers, its size, the endings of its compressed forms.

    `thing` says whether it is of a thing, of which there may be very many; `written` how many files were written.
    """

    file: str
    head: Head
    size: int
    codings: tuple[str, ...]
    thing: bool
    written: int


class ManifestEntry(NamedTuple):
    """A file as it is kept: its validator, the number of its kind of headers, its size, its compressed forms."""

    file: str
    etag: str
    kind: int
    size: int
    codings: tuple[str, ...]
    thing: bool


class Manifest:
    """The ledger of a folder, for one run."""

    def __init__(self, path: Path) -> None:
        """Open it; a run that was begun and not ended, and one of another layout, is taken up. Raises export-write."""
        try:
            self._base = sqlite3.connect(path, isolation_level=None)
            self._base.executescript(_TABLES)
            self._base.execute("PRAGMA synchronous = OFF")  # what was lost is made again: files are compared by bytes
            self.run = int(self.said("run") or 0) + 1
            self._kinds = dict[str, int]()
        except sqlite3.Error as error:
            raise Problem("export-write", path=path, message=error) from error

    def said(self, name: str) -> str:
        """Return what the last whole run said of itself by a name, empty for nothing."""
        row = self._base.execute("SELECT value FROM said WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def say(self, **values: object) -> None:
        """Keep what this run says of itself."""
        rows = [(name, str(value)) for name, value in values.items()]
        self._base.executemany("INSERT OR REPLACE INTO said VALUES (?, ?)", rows)

    def begin(self) -> None:
        """Begin: nothing is whole from now on."""
        self.say(run=self.run, whole="")
        self._base.execute("DELETE FROM kinds")

    def take(self, place: str, name: str) -> bool:
        """Take a place for the thing of a name, where no other has it, in capitals or small letters."""
        row = self._base.execute("SELECT name, run FROM places WHERE place = ?", (place,)).fetchone()
        if row and row[1] == self.run and row[0] != name:
            return False
        self._base.execute("INSERT OR REPLACE INTO places VALUES (?, ?, ?)", (place, name, self.run))
        return True

    def place(self, address: str, place: str) -> None:
        """Keep where an address lies that its path does not tell."""
        self._base.execute("INSERT OR REPLACE INTO addresses VALUES (?, ?, ?)", (address, place, self.run))

    def placed(self) -> Iterator[tuple[str, str]]:
        """Yield the addresses whose place their path does not tell, with it."""
        yield from self._base.execute(
            "SELECT address, place FROM addresses WHERE run = ? ORDER BY address", (self.run,)
        )

    def intend(self, files: Iterable[str]) -> None:
        """Note files before they are written, so that a run that is killed leaves none unknown."""
        rows = [(file,) for file in files]
        with self._base:
            self._base.execute("BEGIN")
            self._base.executemany("INSERT OR IGNORE INTO files (file, run) VALUES (?, 0)", rows)

    def note(self, made: Iterable[Made]) -> None:
        """Note files that are there."""
        with self._base:
            self._base.execute("BEGIN")
            for each in made:
                codings = " ".join(each.codings)
                row = each.file, self.run, each.head.etag, self._kind(each.head), each.size, codings, each.thing
                self._base.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def _kind(self, head: Head) -> int:
        text = json.dumps(head.kind)
        if text not in self._kinds:
            self._kinds[text] = len(self._kinds)
            self._base.execute("INSERT OR REPLACE INTO kinds VALUES (?, ?)", (self._kinds[text], text))
        return self._kinds[text]

    def kinds(self) -> dict[int, dict[str, str]]:
        """Return the headers of each kind by its number."""
        rows = self._base.execute("SELECT id, headers FROM kinds ORDER BY id")
        return {number: dict(json.loads(text)) for number, text in rows}

    def entries(self, *, things: bool | None = None) -> Iterator[ManifestEntry]:
        """Yield the files of this run in order, of things only, or of all else only, where that is asked for."""
        condition, values = ("", ()) if things is None else (" AND thing = ?", (things,))
        yield from self._entries(condition, (self.run, *values))

    def last(self) -> Iterator[ManifestEntry]:
        """Yield the files of the last run."""
        yield from self._entries("", (self.run - 1,))

    def _entries(self, condition: str, values: tuple[object, ...]) -> Iterator[ManifestEntry]:
        query = f"SELECT file, etag, kind, size, codings, thing FROM files WHERE run = ?{condition} ORDER BY file"  # noqa: S608
        for file, etag, kind, size, codings, thing in self._base.execute(query, values):
            yield ManifestEntry(file, etag, kind, size, tuple(codings.split()), bool(thing))

    def count(self, *, things: bool) -> int:
        """Return how many files of things this run has, or how many others."""
        row = self._base.execute("SELECT COUNT(*) FROM files WHERE run = ? AND thing = ?", (self.run, things))
        return int(row.fetchone()[0])

    def left_over(self) -> Iterator[str]:
        """Yield the files that this run does not have, of earlier ones."""
        yield from (row[0] for row in self._base.execute("SELECT file FROM files WHERE run <> ?", (self.run,)))

    def end(self, **values: object) -> None:
        """End the run: what is left over is forgotten, and what is there is whole."""
        for table in ("files", "places", "addresses"):
            self._base.execute(f"DELETE FROM {table} WHERE run <> ?", (self.run,))  # noqa: S608
        self.say(whole="yes", **values)

    def close(self) -> None:
        """Close the file."""
        self._base.close()


_LINK: Final = ", <"


class Fact(NamedTuple):
    """The files that a text names, or with `ending` those in a folder that end so; their validator, their kind."""

    file: str
    etag: str
    kind: int
    ending: str = ""


class Facts:
    """The facts of a mirror; `exact` is how many files of things are told one by one."""

    def __init__(self, ledger: Manifest, exact: int, key: str) -> None:
        self._ledger = ledger
        self.kinds = ledger.kinds()
        self.lines = ledger.count(things=False)
        self.exact = ledger.count(things=True) <= exact
        self._general = list[Fact]() if self.exact else self._patterns(key)
        self.lines += ledger.count(things=True) if self.exact else len(self._general)

    def each(self) -> Iterator[Fact]:
        """Yield the facts."""
        for entry in self._ledger.entries(things=None if self.exact else False):
            yield Fact(entry.file, entry.etag.strip('"'), entry.kind)
        yield from self._general

    def _patterns(self, key: str) -> list[Fact]:
        """Return one fact for each form of things: a validator of the whole export, and the headers that all have."""
        kinds = defaultdict[tuple[str, str], set[int]](set)
        for entry in self._ledger.entries(things=True):
            kinds[_group(entry.file)].add(entry.kind)
        found = []
        for (folder, ending), those in sorted(kinds.items()):
            number = len(self.kinds)
            self.kinds[number] = _common([self.kinds[each] for each in sorted(those)])
            found.append(Fact(folder, f"{key[:16]}-{ending}", number, ending))
        return found


def _group(file: str) -> tuple[str, str]:
    """Return the folder of a file of a thing, and what its name ends with.

    >>> _group("doc/contrat/x.fr.html"), _group("linkset/a.b.json")
    (('doc', 'fr.html'), ('linkset', 'json'))
    """
    stem, _, ending = file.rpartition(".")
    variant = stem.rpartition(".")[2]
    return file.partition("/")[0], f"{variant}.{ending}" if variant in {each.name for each in VARIANTS} else ending


def _common(heads: list[dict[str, str]]) -> dict[str, str]:
    """Return the headers that all of some kinds have, of links those that all have."""
    links = [each.get("Link", "").split(_LINK) for each in heads]
    same = [link for link in links[0] if all(link in others for others in links)]
    first = {name: value for name, value in heads[0].items() if all(each.get(name) == value for each in heads)}
    first.pop("Link", None)
    first["Vary"] = max((each.get("Vary", "") for each in heads), key=len)  # too much is no fault
    joined = _LINK.join(same)
    return first | ({"Link": joined if joined.startswith("<") else f"<{joined}"} if joined else {})
