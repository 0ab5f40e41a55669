"""Search of a release: the things whose texts have all the words of a query, the best first."""

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
from cper_lod.release.storage.text import SearchWords, words

MAX_LENGTH: Final = 200
"""Characters of a query at most."""
MAX_WORDS: Final = 16
"""Words of a query at most."""
MAX_HITS: Final = 1000
"""Hits that are ranked; a query that finds more needs more words."""
MAX_SECONDS: Final = 1.0
"""Seconds that a search may take."""
STEPS: Final = 1000
"""Steps of SQLite after which it is checked whether the time is over."""
_INDEXED_PREFIX: Final = 3
"""Letters of a prefix up to which the index has a list of its own (FTS5 `prefix`)."""
_MAX_EXPANDED: Final = 100
"""Words up to which a longer prefix is replaced by the words that have it."""


@dataclass(frozen=True)
class Hits:
    """One page of the things found, and their number; `more` if there are more than `MAX_HITS`.

    `deadline` is the time by which all work for them must be done.
    """

    iris: tuple[str, ...]
    count: int
    more: bool
    deadline: float = field(default=math.inf, compare=False)

    def within_time(self) -> Iterator[str]:
        """Yield the things one by one; raises `search-timeout` if the work for the earlier ones took too long."""
        for iri in self.iris:
            _check(self.deadline)
            yield iri


def _check(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise Problem("search-timeout", limit=MAX_SECONDS)


def parse_search(text: str) -> SearchWords:
    """Return the words of a query; raises `search-too-long`, and `search-empty` if it has no letter and no digit.

    >>> parse_search('"NEAR( Axe')
    SearchWords(words=('near', 'axe'))
    """
    found = tuple(dict.fromkeys(words(text[: MAX_LENGTH + 1])))
    if len(text) > MAX_LENGTH or len(found) > MAX_WORDS:
        raise Problem("search-too-long", limit=MAX_LENGTH, words=MAX_WORDS)
    if not found:
        raise Problem("search-empty", text=" ".join(text.replace("\0", " ").split())[:40])
    return SearchWords(found)


class SearchIndex:
    """The search index of one release; each search opens it, so that threads share nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, text: str, start: int, size: int) -> Hits:
        """Return `size` things at most whose texts have all the words of `text`, from number `start`.

        Things with exactly this name come first, then those with the words in their names, then those with the last
        word as a prefix in their names, then those with the words anywhere. Raises the problems of `parse_search`, and
        `search-timeout`.
        """
        query = parse_search(text)
        deadline = time.monotonic() + MAX_SECONDS
        address = f"file:{quote(str(self._path))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as index:
            index.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
            try:
                return _found(index, " ".join(words(text)), query, range(start, start + size), deadline)
            except sqlite3.OperationalError as error:
                _check(deadline)
                if "fts5" in str(error):
                    raise Problem("search-impossible", version=sqlite3.sqlite_version, message=error) from error
                raise


def _found(index: sqlite3.Connection, name: str, query: SearchWords, places: range, deadline: float) -> Hits:
    anywhere = _ids(index, "words", _whole(query))
    # A prefix costs most, since many words have it: it is not searched for if whole words find enough.
    every = anywhere
    beginning = _beginning(index, query) if query.beginning and len(anywhere) <= MAX_HITS else ""
    if beginning:
        every = _ids(index, "words", beginning)
    count = min(len(every), MAX_HITS)
    found: dict[int, None] = {}
    for ids in _tiers(index, name, query, (anywhere, every)):
        _check(deadline)  # FTS5 reads a whole list of words in one step, during which SQLite does not call the handler
        found.update(dict.fromkeys(ids))
        if len(found) >= min(places.stop, count):
            break
    page = list(found)[:count][places.start : places.stop]
    iris = (index.execute("SELECT iri FROM things WHERE id = ?", (each,)).fetchone()[0] for each in page)
    return Hits(tuple(iris), count, len(every) > MAX_HITS, deadline)


def _tiers(index: sqlite3.Connection, name: str, query: SearchWords, rest: Iterable[list[int]]) -> Iterator[list[int]]:
    """Yield the ids of the things found, tier by tier, the best first; within a tier in the order of the index.

    Names have a table of their own, so that a common word in names is found without reading all texts with it.
    """
    rows = index.execute("SELECT id FROM names WHERE name = ? ORDER BY id LIMIT ?", (name, MAX_HITS + 1))
    yield [row[0] for row in rows]
    yield _ids(index, "named", _whole(query))
    if query.beginning:
        yield _ids(index, "named", _beginning(index, query))
    yield from rest


def _whole(query: SearchWords) -> str:
    """Return the FTS5 expression for whole words; quoted words of letters and digits cannot be FTS5 syntax."""
    return " AND ".join(f'"{word}"' for word in query.words)


def _beginning(index: sqlite3.Connection, query: SearchWords) -> str:
    """Return the FTS5 expression with the last word as a prefix.

    For a long prefix, FTS5 merges the lists of all its words before it returns the first hit; if the words are named
    one by one, the lists are read only as far as needed. Short prefixes have lists of their own.
    """
    *before, last = query.words
    terms: list[str] = []
    if len(last) > _INDEXED_PREFIX:
        rows = index.execute(
            "SELECT term FROM terms WHERE term >= ? AND term < ? LIMIT ?",
            (last, last[:-1] + chr(ord(last[-1]) + 1), _MAX_EXPANDED + 1),
        )
        terms = [f'"{row[0]}"' for row in rows]
    ends = " OR ".join(terms) if 0 < len(terms) <= _MAX_EXPANDED else f'"{last}"*'
    return " AND ".join([*(f'"{word}"' for word in before), f"({ends})"])


def _ids(index: sqlite3.Connection, table: Literal["words", "named"], expression: str) -> list[int]:
    rows = index.execute(
        f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid LIMIT ?",  # noqa: S608 - one of two names
        (expression, MAX_HITS + 1),
    )
    return [row[0] for row in rows]
