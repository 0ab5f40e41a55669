"""The things of a release by class: a page of a list, at the same cost at any size."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from cper_lod.core.namespaces import CPER, shorten
from cper_lod.core.sorted_lines import Count, SortedLines


class Column(NamedTuple):
    """A property that has literals, and the language that these are in, empty for none."""

    predicate: str
    language: str

    @property
    def name(self) -> str:
        """What the column is called: the property as a prefixed name, and the language."""
        return shorten(self.predicate) + (f"@{self.language}" if self.language else "")


class Reference(NamedTuple):
    """A property that leads to other things, and whether these have names."""

    predicate: str
    named: bool


@dataclass(frozen=True)
class Class:
    """A class in use: how many named things have it, how many blank nodes, its slug and the columns of its table.

    `columns` are for the literals of its things, `references` for the other things that these lead to.
    """

    iri: str
    count: int
    nameless: int
    slug: str
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page of a list: its things, and after which thing the pages before, after and at the end begin.

    Empty stands for the first page, None for no page.
    """

    iris: tuple[str, ...]
    after: str
    previous: str | None
    next: str | None
    last: str


def class_slug(iri: str) -> str:
    """Return what the list of a class is called in an address, empty where its name gives none.

    Classes of our ontology go by their name, those of other vocabularies by prefix and name: whatever other classes a
    release has, the address of a list stays.

    >>> class_slug(CPER + "ContratDePlan"), class_slug("http://www.w3.org/ns/org#Membership"), class_slug("https://example.org/x")
    ('contrat-de-plan', 'org-membership', '')
    """
    prefix, _, name = shorten(iri).partition(":")
    if shorten(iri) == iri:
        return ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", "-", plain).lower()
    whole = parts if iri.startswith(CPER) else f"{prefix}-{parts}"
    return whole if re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", whole) else ""


@dataclass(frozen=True)
class Listing:
    """The lists of one release: `members` has a line for each class and thing, `table` what else pages need."""

    members: SortedLines
    table: dict[str, Any]

    @cached_property
    def classes(self) -> tuple[Class, ...]:
        """The most frequent classes, the most frequent first."""
        return tuple(
            Class(
                iri,
                count,
                nameless,
                name,
                tuple(Column(*each) for each in columns),
                tuple(Reference(*each) for each in references),
            )
            for iri, count, nameless, name, columns, references in self.table["classes"]
        )

    @cached_property
    def _by_iri(self) -> dict[str, Class]:
        return {each.iri: each for each in self.classes}

    @cached_property
    def _by_slug(self) -> dict[str, Class]:
        return {each.slug: each for each in sorted(self.classes, key=lambda each: each.iri, reverse=True) if each.slug}

    @property
    def parts(self) -> list[str]:
        """The first thing of each part of the site map."""
        return list(self.table["parts"])

    @property
    def more(self) -> bool:
        """Whether there are classes that `classes` does not name."""
        return bool(self.table["more"])

    def called(self, name: str) -> Class | None:
        """Return the class whose list has this slug."""
        return self._by_slug.get(name)

    def of(self, iri: str) -> Class | None:
        """Return a class in use by its IRI; None where nothing that has a name is of it."""
        known = self._by_iri.get(iri)
        if known is None and f"<{iri}>\t".encode() in self.members:
            return Class(iri, self.count(iri).number, 0, "", ())
        return known

    def count(self, iri: str) -> Count:
        """Return how many named things a class has; of a class that is rare or new to the index, at least."""
        known = self._by_iri.get(iri)
        return Count(known.count, exact=True) if known else self.members.count(f"<{iri}>\t".encode())

    def things(self, iri: str) -> Iterator[str]:
        """Yield all things of a class, in the order of their IRIs."""
        return (_thing(line) for line in self.members.beginning(f"<{iri}>\t".encode()))

    def page(self, iri: str, after: str, size: int) -> Page:
        """Return the things of a class that come after `after` (empty: from the first), at most `size` of them."""
        key = f"<{iri}>\t".encode()
        # One more than the line feed that ends its line: strictly after it, and before what sorts next.
        since = key + f"<{after}>\v".encode() if after else b""
        found = [_thing(line) for line in islice(self.members.beginning(key, since), size + 1)]
        begin = key + f"<{found[0]}>".encode() if found else since or key
        before = [_thing(line) for line in islice(self.members.preceding(key, begin), size + 1)]
        previous = None if not before else before[size] if len(before) > size else ""
        return Page(
            tuple(found[:size]),
            after,
            previous,
            found[size - 1] if len(found) > size else None,
            self._last(iri, key, size),
        )

    def _last(self, iri: str, key: bytes, size: int) -> str:
        """Return after which thing the last page begins; pages are counted from the first where the count is known."""
        count = self.count(iri)
        left = (count.number % size or size) if count.exact else size
        ends = [_thing(line) for line in islice(self.members.preceding(key), left + 1)]
        return ends[left] if len(ends) > left else ""


def _thing(line: bytes) -> str:
    return line.partition(b"\t")[2][1:-1].decode()
