"""Look up the things of a release by name: exact matches, and names that share words."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path
from typing import Final, Literal

from cper_lod.core.errors import Problem
from cper_lod.release.storage.search import MAX_WORDS, ids, iris, open_index

MAX_SIMILAR: Final = 100
"""Things with a similar name that are returned at most."""
COMMON_WORD_THINGS: Final = 200
"""Things that a word finds at most; a word that more things have is a common word."""
MAX_NAMESAKES: Final = 50
"""Things of one name that are returned at most."""
_PREFIX_LENGTH: Final = 3
"""Letters of an unknown word by which similar words are looked up."""


class NameIndex:
    """The names in the search index of one release; each use opens the index, so that threads share nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def things(self, most: int) -> list[str] | None:
        """Return all things, the best first; None if there are more than `most`."""
        with open_index(self._path) as index:
            rows = index.execute("SELECT iri FROM things ORDER BY id LIMIT ?", (most + 1,)).fetchall()
        return [row[0] for row in rows] if len(rows) <= most else None

    @contextmanager
    def asked(self, deadline: float, problem: Problem) -> Iterator["NameQuery"]:
        """Open the index for several lookups; raises `problem` if they are not done by `deadline`."""
        with open_index(self._path, deadline) as index:
            try:
                yield NameQuery(index, deadline, problem)
            except sqlite3.OperationalError as error:
                if time.monotonic() > deadline:
                    raise problem from error
                raise


class NameQuery:
    """An open index. A name is the list of its folded words (`release.storage.text.words`)."""

    def __init__(self, index: sqlite3.Connection, deadline: float, problem: Problem) -> None:
        self._index, self._deadline, self._problem = index, deadline, problem

    def called(self, name: list[str]) -> list[str]:
        """Return the things with exactly this name or code, `MAX_NAMESAKES` at most."""
        rows = self._index.execute("SELECT id FROM names WHERE name = ? LIMIT ?", (" ".join(name), MAX_NAMESAKES))
        return iris(self._index, [row[0] for row in rows.fetchall()])

    def telling(self, words: str) -> list[str]:
        """Return the things whose texts have all the words, `MAX_NAMESAKES` at most."""
        terms = [f'"{word}"' for word in words.split()[:MAX_WORDS]]
        return iris(self._index, self._ids("words", " AND ".join(terms), MAX_NAMESAKES)) if terms else []

    def near(self, name: list[str]) -> list[str]:
        """Return `MAX_SIMILAR` things at most that share words with a name; those with most and rarest words come first.

        A common word finds nothing by itself, but two of them together do. A word that no thing has may be misspelt:
        it finds words with the same first letters.
        """
        found: Counter[int] = Counter()
        common, unknown = [], []
        for word in list(dict.fromkeys(name))[:MAX_WORDS]:
            things = self._weigh(found, f'"{word}"')
            if len(things) > COMMON_WORD_THINGS:
                common.append(f'"{word}"')
            elif not things and len(word) >= _PREFIX_LENGTH:
                unknown.append(f'"{word[:_PREFIX_LENGTH]}"*')
        for pair in combinations((*common, *unknown), 2):
            self._weigh(found, " AND ".join(pair), whole=False)
        if len(common) > 2:
            self._weigh(found, " AND ".join(common), whole=False)
        for term in unknown if found else (*unknown, *common):
            self._weigh(found, term, whole=False)
        # Ties are in the order of the index, the best first.
        return iris(self._index, sorted(found, key=lambda each: (-found[each], each))[:MAX_SIMILAR])

    def _weigh(self, found: Counter[int], term: str, *, whole: bool = True) -> list[int]:
        """Return the things whose names match a term, and add to their scores: the fewer they are, the more.

        With `whole`, a common word adds nothing, since only some of its things are read.
        """
        things = self._ids("named", term, COMMON_WORD_THINGS + 1)
        if len(things) <= COMMON_WORD_THINGS or not whole:
            for each in things:
                found[each] += COMMON_WORD_THINGS // len(things)
        return things

    def _ids(self, table: Literal["words", "named"], expression: str, most: int) -> list[int]:
        if time.monotonic() > self._deadline:  # SQLite does not interrupt short queries, of which there may be many
            raise self._problem
        return ids(self._index, table, expression, most)
