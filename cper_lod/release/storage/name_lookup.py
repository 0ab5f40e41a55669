"""Things of a release by their names: those that are called just so, and those that share words with a name."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import combinations
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote

from cper_lod.core.errors import Problem
from cper_lod.release.storage.search import MOST_WORDS

MOST: Final = 100
"""How many things that share words with a name are told."""
COMMON: Final = 200
"""How many things a word finds at most; one that more have is common."""
NAMESAKES: Final = 50
"""How many things of one name are told."""
_STEPS: Final = 1000
_BEGINNING: Final = 3
"""Letters of a word that no thing has, by which words are found that it may be meant for."""


class Naming:
    """The names in the search index of one release; each use opens it for itself, so that threads share nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def things(self, most: int) -> list[str] | None:
        """Return all things, the best first; None where there are more than `most`."""
        with closing(self._open()) as index:
            rows = index.execute("SELECT iri FROM things ORDER BY id LIMIT ?", (most + 1,)).fetchall()
        return [row[0] for row in rows] if len(rows) <= most else None

    @contextmanager
    def asked(self, deadline: float, problem: Problem) -> Iterator["NameQuery"]:
        """Open the names for some questions, which are answered by `deadline`; raises `problem` where they are not."""
        with closing(self._open()) as index:
            index.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
            try:
                yield NameQuery(index, deadline, problem)
            except sqlite3.OperationalError as error:
                if time.monotonic() > deadline:
                    raise problem from error
                raise

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(f"file:{quote(str(self._path))}?mode=ro&immutable=1", uri=True)


class NameQuery:
    """The names, opened. A name is its words, folded (`release.words.words`)."""

    def __init__(self, index: sqlite3.Connection, deadline: float, problem: Problem) -> None:
        self._index, self._deadline, self._problem = index, deadline, problem

    def called(self, name: list[str]) -> list[str]:
        """Return the things of just this name, or code, `NAMESAKES` at most."""
        rows = self._index.execute("SELECT id FROM names WHERE name = ? LIMIT ?", (" ".join(name), NAMESAKES))
        return self._iris(row[0] for row in rows.fetchall())

    def telling(self, words: str) -> list[str]:
        """Return the things in whose texts words stand, `NAMESAKES` at most."""
        terms = [f'"{word}"' for word in words.split()[:MOST_WORDS]]
        return self._iris(self._ids("words", " AND ".join(terms), NAMESAKES)) if terms else []

    def near(self, name: list[str]) -> list[str]:
        """Return things that share words with a name, those that share most and rarest first, `MOST` at most.

        A word that very many things have finds none by itself, but two of them together do. For a word that nothing
        has, which may be misspelt, those come that begin like it.
        """
        found: Counter[int] = Counter()
        common, unknown = [], []
        for word in list(dict.fromkeys(name))[:MOST_WORDS]:
            ids = self._weigh(found, f'"{word}"')
            if len(ids) > COMMON:
                common.append(f'"{word}"')
            elif not ids and len(word) >= _BEGINNING:
                unknown.append(f'"{word[:_BEGINNING]}"*')
        for pair in combinations((*common, *unknown), 2):
            self._weigh(found, " AND ".join(pair), whole=False)
        if len(common) > 2:
            self._weigh(found, " AND ".join(common), whole=False)
        for term in unknown if found else (*unknown, *common):
            self._weigh(found, term, whole=False)
        # Equal ones in the order of the index, the best first.
        return self._iris(sorted(found, key=lambda each: (-found[each], each))[:MOST])

    def _weigh(self, found: Counter[int], term: str, *, whole: bool = True) -> list[int]:
        """Return the things with some words in their names, which count the more the fewer they are.

        With `whole`, what too many have counts nothing: those that are told would be any of them.
        """
        ids = self._ids("named", term, COMMON + 1)
        if len(ids) <= COMMON or not whole:
            for each in ids:
                found[each] += COMMON // len(ids)
        return ids

    def _ids(self, table: Literal["words", "named"], expression: str, most: int) -> list[int]:
        if time.monotonic() > self._deadline:  # short questions, of which there may be many, are not interrupted
            raise self._problem
        rows = self._index.execute(
            f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid LIMIT ?",  # noqa: S608 - one of two names
            (expression, most),
        )
        return [row[0] for row in rows.fetchall()]

    def _iris(self, ids: Iterator[int] | list[int]) -> list[str]:
        return [self._index.execute("SELECT iri FROM things WHERE id = ?", (each,)).fetchone()[0] for each in ids]
