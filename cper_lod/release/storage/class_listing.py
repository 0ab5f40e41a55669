"""The lists of a release, in its SQLite file: things by class and by IRI, classes, properties, sizes of large things."""

import json
import re
import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import quote

from cper_lod.core.namespaces import VOCABULARIES, shorten
from cper_lod.core.text import nearest

MAX_CLASSES: Final = 300
"""Most classes that `Listing.classes` has, the most frequent ones; others are listed by IRI."""
LARGE_NODE_QUADS: Final = 50
"""A node with more quads has its values counted by property."""
_MAX_PARTS: Final = 8
"""Parts of a path whose spelling is looked at; none of our things has more."""
_MAX_CHILDREN: Final = 50
"""Names at one place with which one is compared, so that the cost does not grow with the data."""
_FIRST, LAST = " ", "\U0010ffff"
"""Characters before and after those of IRIs: `iri + LAST` comes after everything that begins with `iri`."""
_SEGMENT: Final = re.compile("[^/#]*")


@dataclass(frozen=True)
class Class:
    """A class in use: the number of its named things and of its blank nodes, its slug, and the properties that these have."""

    iri: str
    count: int
    nameless: int
    slug: str
    properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page of a list: its things, and the thing after which this page and the previous, next and last ones start.

    An empty string stands for the first page, None for no page.
    """

    iris: tuple[str, ...]
    after: str
    previous: str | None
    next: str | None
    last: str


def open_readonly(path: Path) -> sqlite3.Connection:
    """Open an SQLite file that never changes, for any thread; raises sqlite3.Error if it cannot be read."""
    return sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def class_slug(iri: str) -> str:
    """Return the slug of a class in the address of its list; empty if no slug can be made from its name.

    Classes of our ontology and its modules use their name, those of other vocabularies their prefix and name, so that the address does
    not depend on the other classes of the release.

    >>> class_slug(VOCABULARIES[0] + "ValeurDerivee"), class_slug("http://www.w3.org/ns/org#Organization"), class_slug("https://example.org/x")
    ('valeur-derivee', 'org-organization', '')
    """
    prefix, _, name = shorten(iri).partition(":")
    if shorten(iri) == iri:
        return ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", "-", plain).lower()
    whole = parts if iri.startswith(VOCABULARIES) else f"{prefix}-{parts}"
    return whole if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", whole) else ""


class Listing:
    """The lists of one release. Threads share it: SQLite serialises the use of a connection, and each lookup is short."""

    def __init__(self, index: sqlite3.Connection) -> None:
        self._index = index

    @cached_property
    def classes(self) -> tuple[Class, ...]:
        """The most frequent classes, the most frequent first."""
        rows = self._index.execute(
            "SELECT iri, count, nameless, properties FROM classes ORDER BY count DESC, iri LIMIT ?", (MAX_CLASSES,)
        )
        return tuple(
            Class(iri, count, nameless, class_slug(iri), tuple(json.loads(properties)))
            for iri, count, nameless, properties in rows.fetchall()
        )

    @cached_property
    def _by_iri(self) -> dict[str, Class]:
        return {each.iri: each for each in self.classes}

    @cached_property
    def _by_slug(self) -> dict[str, Class]:
        return {each.slug: each for each in sorted(self.classes, key=lambda each: each.iri, reverse=True) if each.slug}

    @cached_property
    def more(self) -> bool:
        """Whether there are classes that are not in `classes`."""
        (count,) = self._index.execute("SELECT count(*) FROM classes").fetchone()
        return int(count) > MAX_CLASSES

    def called(self, name: str) -> Class | None:
        """Return the class whose list has this slug."""
        return self._by_slug.get(name)

    def of(self, iri: str) -> Class | None:
        """Return a class by its IRI; None if no named thing has it."""
        known = self._by_iri.get(iri)
        if known is None and (count := self.count(iri)):
            return Class(iri, count, 0, "")
        return known

    def count(self, iri: str) -> int:
        """Return the number of named things of a class."""
        row = self._index.execute("SELECT count FROM classes WHERE iri = ?", (iri,)).fetchone()
        return int(row[0]) if row else 0

    def instance_counts(self) -> Counter[str]:
        """Return the number of instances of every class, named or not, by its IRI."""
        return Counter(dict(self._index.execute("SELECT iri, count + nameless FROM classes").fetchall()))

    def property_counts(self) -> Counter[str]:
        """Return the number of triples of every property, by its IRI."""
        return Counter(dict(self._index.execute("SELECT iri, count FROM properties").fetchall()))

    def value_counts(self, node: str) -> Mapping[str, int]:
        """Return the number of values of each property of a node, sorted by property.

        Empty for a node with `LARGE_NODE_QUADS` quads or fewer. A blank node begins with `_:`.
        """
        rows = self._index.execute(
            "SELECT property, count FROM value_counts WHERE subject = ? ORDER BY property", (node,)
        )
        return dict(rows.fetchall())

    def things(self, iri: str, start: str = "") -> Iterator[str]:
        """Yield the things of a class whose IRI begins with `start`, sorted by IRI."""
        rows = self._index.execute(
            "SELECT iri FROM members WHERE class = (SELECT id FROM classes WHERE iri = ?) AND iri >= ? AND iri < ? "
            "ORDER BY iri",
            (iri, start, start + LAST),
        )
        return (row[0] for row in rows)

    def things_elsewhere(self, iri: str, start: str) -> Iterator[str]:
        """Yield the things of a class whose IRI does not begin with `start`."""
        rows = self._index.execute(
            "SELECT iri FROM members WHERE class = (SELECT id FROM classes WHERE iri = ?) AND (iri < ? OR iri >= ?)",
            (iri, start, start + LAST),
        )
        return (row[0] for row in rows)

    def described(self, start: str, since: str = "") -> Iterator[str]:
        """Yield the described IRIs that begin with `start`, sorted; with `since`, only those not before it."""
        rows = self._index.execute(
            "SELECT iri FROM subjects WHERE iri >= ? AND iri < ? ORDER BY iri", (max(start, since), start + LAST)
        )
        return (row[0] for row in rows)

    def segments(self, place: str, since: str = "") -> Iterator[str]:
        """Yield the segments that follow `place` in described IRIs, sorted, from `since` on; a few of them twice.

        A segment ends before `/` and `#`. What lies below one is skipped, not read.
        """
        start = place + since
        while iri := next(self.described(place, start), None):
            segment = _SEGMENT.match(iri, len(place))[0]  # type: ignore[index]  # it matches anything
            yield segment
            end = len(place) + len(segment)
            start = iri[: end + 1] + (LAST if end < len(iri) else _FIRST)

    def respelt(self, place: str, path: str) -> str:
        """Return the IRI of a thing below `place` whose path is spelt nearly like this one, "" if there is none.

        Each part of the path is compared with what lies there: names with the same first letter, and the first ones.
        """
        parts, found = path.split("/"), place
        for part in parts if len(parts) <= _MAX_PARTS else [""]:
            firsts = (islice(self.segments(found, start), _MAX_CHILDREN) for start in (part[:1], "", part))
            names = dict.fromkeys(name for each in firsts for name in each if name)
            words = [name for name in names if len(part) > 2 and part.lower() in name.split("-")]
            near = part if part in names else words[0] if len(words) == 1 else nearest(part, names)
            if not near:
                return ""
            found += near + "/"
        iri = found.removesuffix("/")
        return iri if iri != place + path and next(self.described(iri), "") == iri else ""

    def terms(self, start: str, limit: int) -> list[str]:
        """Return the IRIs that begin with `start` and are described, or used as class or property; `limit` at most."""
        rows = self._index.execute(
            "SELECT iri FROM subjects WHERE iri >= ?1 AND iri < ?2 "
            "UNION SELECT iri FROM classes WHERE iri >= ?1 AND iri < ?2 "
            "UNION SELECT iri FROM properties WHERE iri >= ?1 AND iri < ?2 LIMIT ?3",
            (start, start + LAST, limit),
        )
        return [row[0] for row in rows.fetchall()]

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The language tags that texts have."""
        return tuple(row[0] for row in self._index.execute("SELECT tag FROM languages ORDER BY tag").fetchall())

    def totals(self, iri: str) -> str | None:
        """Return the totals of subsidies of a contract, an axis or a file, as JSON; None if there are none."""
        row = self._index.execute("SELECT totals FROM subsidies WHERE iri = ?", (iri,)).fetchone()
        return row[0] if row else None

    def page(self, iri: str, after: str, size: int) -> Page:
        """Return at most `size` things of a class after the thing `after` (empty: from the first)."""
        row = self._index.execute("SELECT id, count FROM classes WHERE iri = ?", (iri,)).fetchone()
        cls, count = row or (0, 0)
        found = self._members(cls, "iri > ?", after, size + 1)
        before = self._members(cls, "iri <= ?", after, size + 1, "DESC") if after else []
        previous = None if not before else before[size] if len(before) > size else ""
        left = count % size or size
        last = self._members(cls, "iri >= ?", "", left + 1, "DESC")[left:]
        following = found[size - 1] if len(found) > size else None
        return Page(tuple(found[:size]), after, previous, following, "".join(last))

    def _members(self, cls: int, condition: str, iri: str, limit: int, order: str = "ASC") -> list[str]:
        rows = self._index.execute(
            f"SELECT iri FROM members WHERE class = ? AND {condition} ORDER BY iri {order} LIMIT ?",  # noqa: S608 - our own text
            (cls, iri, limit),
        )
        return [row[0] for row in rows.fetchall()]
