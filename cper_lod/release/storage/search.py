"""Searching a release: the things whose texts hold all the words that are looked for, the best first."""

import math
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from cper_lod.core.errors import Problem
from cper_lod.release.storage.text import Wanted, words

LONGEST: Final = 200
"""Characters that a search has at most."""
MOST_WORDS: Final = 16
"""Words that are looked for at most."""
MOST: Final = 1000
"""How many hits are told apart; who finds more has to look for more words."""
TIME: Final = 1.0
"""Seconds that a search takes at most."""
_STEPS: Final = 1000
_LISTED: Final = 3
"""Beginnings of up to so many letters have lists of their own in the index."""
_NAMED: Final = 100
"""How many words with one beginning are named one by one."""


@dataclass(frozen=True)
class Hits:
    """The things found, those of one page; how many there are (`MOST` and `more` where there are more).

    `deadline` is by when all work for them has to be done.
    """

    iris: tuple[str, ...]
    count: int
    more: bool
    deadline: float = field(default=math.inf, compare=False)

    def within_time(self) -> Iterator[str]:
        """Yield the things one by one; raises `search-timeout` where the work for those before took too long."""
        for iri in self.iris:
            _hold(self.deadline)
            yield iri


def _hold(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise Problem("search-timeout", limit=TIME)


def wanted(text: str) -> Wanted:
    """Return what a text asks for; raises `search-too-long` and, where it holds no letter and no digit, `search-empty`.

    >>> wanted('"NEAR( Axe')
    Wanted(words=('near', 'axe'))
    """
    found = tuple(dict.fromkeys(words(text[: LONGEST + 1])))
    if len(text) > LONGEST or len(found) > MOST_WORDS:
        raise Problem("search-too-long", limit=LONGEST, words=MOST_WORDS)
    if not found:
        raise Problem("search-empty", text=" ".join(text.replace("\0", " ").split())[:40])
    return Wanted(found)


class Search:
    """The search index of one release; each search opens it for itself, so that threads share nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, text: str, start: int, size: int) -> Hits:
        """Return the things whose texts hold all the words of `text`, from number `start` on, `size` at most.

        First those that are called just so, then those with the words in their names, then those with the last word
        as the beginning of one in their names, then those with the words anywhere. Raises the problems of `wanted`,
        and `search-timeout`.
        """
        sought = wanted(text)
        deadline = time.monotonic() + TIME
        address = f"file:{quote(str(self._path))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as index:
            index.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
            try:
                return _found(index, " ".join(words(text)), sought, range(start, start + size), deadline)
            except sqlite3.OperationalError as error:
                _hold(deadline)
                if "fts5" in str(error):
                    raise Problem("search-impossible", version=sqlite3.sqlite_version, message=error) from error
                raise


def _found(index: sqlite3.Connection, name: str, sought: Wanted, places: range, deadline: float) -> Hits:
    anywhere = _ids(index, "words", _whole(sought))
    # Beginnings cost most, since many words have them: they are not looked for where the whole words are enough.
    every = anywhere
    beginning = _beginning(index, sought) if sought.beginning and len(anywhere) <= MOST else ""
    if beginning:
        every = _ids(index, "words", beginning)
    count = min(len(every), MOST)
    found: dict[int, None] = {}
    for ids in _tiers(index, name, sought, (anywhere, every)):
        _hold(deadline)  # FTS5 reads a whole list of words in one step, within which SQLite asks for no progress
        found.update(dict.fromkeys(ids))
        if len(found) >= min(places.stop, count):
            break
    page = list(found)[:count][places.start : places.stop]
    iris = (index.execute("SELECT iri FROM things WHERE id = ?", (each,)).fetchone()[0] for each in page)
    return Hits(tuple(iris), count, len(every) > MOST, deadline)


def _tiers(index: sqlite3.Connection, name: str, sought: Wanted, rest: Iterable[list[int]]) -> Iterator[list[int]]:
    """Yield the numbers of the things found, the best first; those of one tier come in the order of the index.

    Names have a table of their own: to find what a common word names, nobody goes over all that only mention it.
    """
    rows = index.execute("SELECT id FROM names WHERE name = ? ORDER BY id LIMIT ?", (name, MOST + 1))
    yield [row[0] for row in rows]
    yield _ids(index, "named", _whole(sought))
    if sought.beginning:
        yield _ids(index, "named", _beginning(index, sought))
    yield from rest


def _whole(sought: Wanted) -> str:
    """Return the FTS5 expression: each word in quotes, where nothing is syntax; words are letters and digits."""
    return " AND ".join(f'"{word}"' for word in sought.words)


def _beginning(index: sqlite3.Connection, sought: Wanted) -> str:
    """Return the same with the last word as the beginning of one.

    FTS5 puts the lists of all words with a long beginning together before it gives out the first hit; named one by
    one, their lists are read only as far as hits are wanted. Short beginnings have lists of their own.
    """
    *before, last = sought.words
    terms: list[str] = []
    if len(last) > _LISTED:
        rows = index.execute(
            "SELECT term FROM terms WHERE term >= ? AND term < ? LIMIT ?",
            (last, last[:-1] + chr(ord(last[-1]) + 1), _NAMED + 1),
        )
        terms = [f'"{row[0]}"' for row in rows]
    ends = " OR ".join(terms) if 0 < len(terms) <= _NAMED else f'"{last}"*'
    return " AND ".join([*(f'"{word}"' for word in before), f"({ends})"])


def _ids(index: sqlite3.Connection, table: Literal["words", "named"], expression: str) -> list[int]:
    rows = index.execute(
        f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid LIMIT ?",  # noqa: S608 - one of two names
        (expression, MOST + 1),
    )
    return [row[0] for row in rows]
