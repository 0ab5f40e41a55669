"""Search of a release: the things whose texts have all the words of a query, the best first."""

import math
import sqlite3
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal, NamedTuple

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.release.storage.class_listing import open_readonly
from cper_lod.release.storage.text import WORD, SearchWords, words

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
_MAX_COMPARED: Final = 2000
_NEAR: Final = 0.7
_LONGEST: Final = 40
"""Words that one word is compared with at most, how alike they must be, and the longest word that is compared."""
MAX_SIMILAR: Final = 100
"""Things of an exact name, and things with a similar name, that are returned at most."""
COMMON_WORD_THINGS: Final = 500
"""Things of a word that are read at most, the best first; a word that more things have is common."""
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


@cache  # a file of the program
def _synonyms() -> dict[Language, dict[str, list[str]]]:
    """Return the words of contracts for a word of people, by language and folded word."""
    read = tomllib.loads((files("cper_lod.core") / "synonyms.toml").read_text("utf-8"))
    return {
        lang: {words(word)[0]: entry["also"] for entry in read[lang] for word in entry["words"]} for lang in LANGUAGES
    }


class Question(NamedTuple):
    """A question that people type: what answers it (a key of `questions` in the file of synonyms), and its other words."""

    about: str
    words: str


def question(text: str) -> Question | None:
    """Return the question that a text is, None if it has no word of one.

    >>> question("Combien pour les trains ?"), question("qui paie"), question("trains")
    (Question(about='money', words='trains'), Question(about='money', words=''), None)
    """
    written = {each: "".join(words(each)) for each in WORD.findall(text[:MAX_LENGTH])}
    known = _questions()
    about = next(
        (name for name, said in known.items() if name != "small" and said.intersection(written.values())), None
    )
    if about is None:
        return None
    others = (each for each, word in written.items() if word not in known[about] | known["small"])
    return Question(about, " ".join(others))


@cache  # a file of the program
def _questions() -> dict[str, frozenset[str]]:
    read = tomllib.loads((files("cper_lod.core") / "synonyms.toml").read_text("utf-8"))["questions"]
    return {about: frozenset(words(each)[0] for each in said) for about, said in read.items()}


def synonyms(query: SearchWords, lang: Language) -> tuple[str, ...]:
    """Return the other words that a query also finds, as they are written in a language, else in the other one."""
    tables = [_synonyms()[each] for each in sorted(LANGUAGES, key=lambda each: each != lang)]
    found = (next((table[word] for table in tables if word in table), ()) for word in query.words)
    return tuple(dict.fromkeys(other for each in found for other in each))


def with_synonyms(query: SearchWords) -> SearchWords:
    """Return a query that also finds the synonyms of its words, in any language."""
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for word in query.words:
        others = [other for table in _synonyms().values() for other in table.get(word, ())]
        if alternatives := dict.fromkeys(tuple(words(other)) for other in others if words(other) != [word]):
            found[word] = tuple(alternatives)
    return SearchWords(query.words, found)


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


@contextmanager
def open_index(path: Path, deadline: float = math.inf) -> Iterator[sqlite3.Connection]:
    """Open the search index of a release for reading; after the deadline, SQLite interrupts what it does."""
    with closing(open_readonly(path)) as index:
        index.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
        yield index


class SearchIndex:
    """The search index of one release; each search opens it, so that threads share nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, text: str, start: int, size: int, query: SearchWords | None = None) -> Hits:
        """Return `size` things at most whose texts have all the words of `text`, from number `start`.

        Things with exactly this name come first, then those with the words in their names, those with an alternative of
        `query` in place of a word, those with the last word as a prefix, then those with the words anywhere, in the same
        order; what holds SPARQL comes last. Raises the problems of `parse_search`, and `search-timeout`.
        """
        query = query or parse_search(text)
        deadline = time.monotonic() + MAX_SECONDS
        with open_index(self._path, deadline) as index:
            try:
                return _found(index, " ".join(words(text)), query, range(start, start + size), deadline)
            except sqlite3.OperationalError as error:
                _check(deadline)
                if "fts5" in str(error):
                    raise Problem("search-impossible", version=sqlite3.sqlite_version, message=error) from error
                raise

    def nearest_words(self, query: SearchWords, deadline: float = math.inf) -> dict[str, str]:
        """Return, for each word of a query that no text has, the nearest one that some text has, if one is near.

        Of the words with the same first letter and about its length, `_MAX_COMPARED` at most are compared. After the
        deadline of the search, no more words are looked at.
        """
        found: dict[str, str] = {}
        with open_index(self._path, deadline) as index, suppress(sqlite3.OperationalError):
            for word in query.words:
                if time.monotonic() > deadline:
                    break
                if ids(index, "words", f'"{word}"'):
                    continue
                rows = index.execute(
                    "SELECT term FROM terms WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ? LIMIT ?",
                    (word[0], chr(ord(word[0]) + 1), len(word) - 2, len(word) + 2, _MAX_COMPARED),
                )
                near = get_close_matches(word, [row[0] for row in rows], 1, _NEAR) if len(word) < _LONGEST else []
                if near:
                    found[word] = near[0]
        return found

    def similar(self, name: Sequence[str], exact: Iterable[str]) -> list[str]:
        """Return things that a name may mean, each once: those with an exact name, then those that share words with it.

        Those with most and rarest words come first. Codes, which are exact names with digits, are also looked for in all
        texts. A word that no name has may be misspelt: it finds words with its first letters.
        """
        found, shared = dict[int, None](), Counter[int]()
        with open_index(self._path) as index:
            for each in exact:
                rows = index.execute("SELECT id FROM names WHERE name = ? ORDER BY id LIMIT ?", (each, MAX_SIMILAR))
                found |= dict.fromkeys(row[0] for row in rows)
                is_code = each.isalnum() and not each.isalpha()
                found |= dict.fromkeys(ids(index, "words", f'"{each}"', MAX_SIMILAR) if is_code else ())
            for word in dict.fromkeys(name[:MAX_WORDS]):
                things = ids(index, "named", f'"{word}"', COMMON_WORD_THINGS)
                if not things and len(word) >= _INDEXED_PREFIX:
                    things = ids(index, "named", f'"{word[:_INDEXED_PREFIX]}"*', COMMON_WORD_THINGS)
                shared.update(dict.fromkeys(things, COMMON_WORD_THINGS // max(len(things), 1)))
            near = sorted(shared, key=lambda each: (-shared[each], each))[:MAX_SIMILAR]
            return iris(index, dict.fromkeys((*found, *near)))


def _found(index: sqlite3.Connection, name: str, query: SearchWords, places: range, deadline: float) -> Hits:
    anywhere = ids(index, "words", _whole(query))
    # A prefix costs most, since many words have it: it is not searched for if whole words find enough.
    every = anywhere
    beginning = _beginning(index, query) if query.beginning and len(anywhere) <= MAX_HITS else ""
    if beginning:
        every = ids(index, "words", beginning)
    also = _alternatives(index, query) if query.alternatives and len(every) <= MAX_HITS else ""
    others = ids(index, "words", also) if also else []

    def tiers() -> Iterator[list[int]]:
        """Yield the ids of the things found, tier by tier, the best first; within a tier in the order of the index.

        Names have a table of their own, so that a common word in names is found without reading all texts with it.
        """
        rows = index.execute("SELECT id FROM names WHERE name = ? ORDER BY id LIMIT ?", (name, MAX_HITS + 1))
        yield [row[0] for row in rows]
        yield ids(index, "named", _whole(query))
        if also:
            yield ids(index, "named", also)
        if query.beginning:
            yield ids(index, "named", _beginning(index, query))
        yield anywhere
        yield others
        yield every

    total = len({*every, *others})
    count = min(total, MAX_HITS)
    found: dict[int, None] = {}
    queries: dict[int, None] = {}
    (first_query,) = index.execute("PRAGMA user_version").fetchone()  # the index has what holds SPARQL after all else
    for tier in tiers():
        _check(deadline)  # FTS5 reads a whole list of words in one step, during which SQLite does not call the handler
        found.update(dict.fromkeys(each for each in tier if each < first_query))
        queries.update(dict.fromkeys(each for each in tier if each >= first_query))
        if len(found) >= min(places.stop, count):
            break
    page = [*found, *queries][:count][places.start : places.stop]
    return Hits(tuple(iris(index, page)), count, total > MAX_HITS, deadline)


def _alternatives(index: sqlite3.Connection, query: SearchWords) -> str:
    """Return the FTS5 expression in which the alternatives of a word may stand in its place."""
    parts = []
    for word in query.words:
        others = (" AND ".join(f'"{each}"' for each in found) for found in query.alternatives.get(word, ()))
        own = _ends(index, word) if word == query.beginning else f'"{word}"'
        parts.append(" OR ".join([own, *(f"({each})" for each in others)]))
    return " AND ".join(f"({each})" for each in parts)


def _whole(query: SearchWords) -> str:
    """Return the FTS5 expression for whole words; quoted words of letters and digits cannot be FTS5 syntax."""
    return " AND ".join(f'"{word}"' for word in query.words)


def _beginning(index: sqlite3.Connection, query: SearchWords) -> str:
    """Return the FTS5 expression with the last word as a prefix."""
    *before, last = query.words
    return " AND ".join([*(f'"{word}"' for word in before), f"({_ends(index, last)})"])


def _ends(index: sqlite3.Connection, prefix: str) -> str:
    """Return the FTS5 expression for the words with a prefix.

    For a long prefix, FTS5 merges the lists of all its words before it returns the first hit; if the words are named
    one by one, the lists are read only as far as needed. Short prefixes have lists of their own.
    """
    terms: list[str] = []
    if len(prefix) > _INDEXED_PREFIX:
        rows = index.execute(
            "SELECT term FROM terms WHERE term >= ? AND term < ? LIMIT ?",
            (prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1), _MAX_EXPANDED + 1),
        )
        terms = [f'"{row[0]}"' for row in rows]
    return " OR ".join(terms) if 0 < len(terms) <= _MAX_EXPANDED else f'"{prefix}"*'


def ids(
    index: sqlite3.Connection, table: Literal["words", "named"], expression: str, most: int = MAX_HITS + 1
) -> list[int]:
    """Return the ids of `most` things at most whose texts (`words`) or names match an FTS5 expression, the best first."""
    query = f"SELECT rowid FROM {table} WHERE {table} MATCH ? ORDER BY rowid LIMIT ?"  # noqa: S608 - one of two names
    return [row[0] for row in index.execute(query, (expression, most)).fetchall()]


def iris(index: sqlite3.Connection, ids: Iterable[int]) -> list[str]:
    """Return the IRIs of things by their ids."""
    return [index.execute("SELECT iri FROM things WHERE id = ?", (each,)).fetchone()[0] for each in ids]
