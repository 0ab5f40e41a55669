"""The things of a release by class, listed page by page at the same cost at any size."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, starmap
from typing import Any, NamedTuple

from cper_lod.core.namespaces import CPER, shorten
from cper_lod.core.sorted_lines import Count, SortedLines
from cper_lod.core.text import folded


class Column(NamedTuple):
    """A property with literal values and the language of these (empty: none)."""

    predicate: str
    language: str

    @property
    def name(self) -> str:
        """The heading: the property as a prefixed name, and the language."""
        return shorten(self.predicate) + (f"@{self.language}" if self.language else "")


class Reference(NamedTuple):
    """A property whose values are other things, and whether these have names."""

    predicate: str
    named: bool


@dataclass(frozen=True)
class Class:
    """A class in use: the number of its named things and of its blank nodes, its slug, and the columns of its table.

    `columns` are for literals, `references` for links to other things.
    """

    iri: str
    count: int
    nameless: int
    slug: str
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = ()


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


def class_slug(iri: str) -> str:
    """Return the slug of a class in the address of its list; empty if no slug can be made from its name.

    Classes of our ontology use their name, those of other vocabularies their prefix and name, so that the address does
    not depend on the other classes of the release.

    >>> class_slug(CPER + "ContratDePlan"), class_slug("http://www.w3.org/ns/org#Organization"), class_slug("https://example.org/x")
    ('contrat-de-plan', 'org-organization', '')
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
    """The lists of one release: `members` has a line for each class and thing, `table` the rest of what pages need."""

    members: SortedLines
    table: dict[str, Any]

    @cached_property
    def classes(self) -> tuple[Class, ...]:
        """The most frequent classes, the most frequent first."""
        return tuple(
            Class(iri, count, nameless, name, tuple(starmap(Column, columns)), tuple(starmap(Reference, references)))
            for iri, count, nameless, name, columns, references in self.table["classes"]
        )

    @cached_property
    def _by_iri(self) -> dict[str, Class]:
        return {each.iri: each for each in self.classes}

    @cached_property
    def _by_slug(self) -> dict[str, Class]:
        return {each.slug: each for each in sorted(self.classes, key=lambda each: each.iri, reverse=True) if each.slug}

    @cached_property
    def _by_singular(self) -> dict[str, Class]:
        return {singular(slug): cls for slug, cls in self._by_slug.items()}

    @property
    def parts(self) -> list[str]:
        """The first thing of each part of the sitemap."""
        return list(self.table["parts"])

    @property
    def more(self) -> bool:
        """Whether there are classes that are not in `classes`."""
        return bool(self.table["more"])

    def called(self, name: str) -> Class | None:
        """Return the class whose list has this slug."""
        return self._by_slug.get(name)

    def called_in_plural(self, name: str) -> Class | None:
        """Return the class whose slug has the plural `name`, whatever its case: `axes`, `Schemas-regionaux`."""
        return self._by_singular.get(singular(folded(name)))

    def of(self, iri: str) -> Class | None:
        """Return a class by its IRI; None if no named thing has it."""
        known = self._by_iri.get(iri)
        if known is None and f"<{iri}>\t".encode() in self.members:
            return Class(iri, self.count(iri).number, 0, "", ())
        return known

    def count(self, iri: str) -> Count:
        """Return the number of named things of a class; for a class that is not in `classes`, possibly a lower bound."""
        known = self._by_iri.get(iri)
        return Count(known.count, exact=True) if known else self.members.count(f"<{iri}>\t".encode())

    def things(self, iri: str, start: str = "") -> Iterator[str]:
        """Yield the things of a class whose IRI begins with `start`, sorted by IRI."""
        return (_thing(line) for line in self.members.beginning(f"<{iri}>\t<{start}".encode()))

    def page(self, iri: str, after: str, size: int) -> Page:
        """Return at most `size` things of a class after the thing `after` (empty: from the first)."""
        key = f"<{iri}>\t".encode()
        # The character after a line feed: sorts after the line of `after` and before any other line.
        since = key + f"<{after}>\v".encode() if after else b""
        found = [_thing(line) for line in islice(self.members.beginning(key, since), size + 1)]
        begin = key + f"<{found[0]}>".encode() if found else since or key
        before = [_thing(line) for line in islice(self.members.preceding(key, begin), size + 1)]
        previous = None if not before else before[size] if len(before) > size else ""
        count = self.count(iri)
        left = (count.number % size or size) if count.exact else size  # without the count, the last page is a full one
        last = next((_thing(line) for line in islice(self.members.preceding(key), left, left + 1)), "")
        following = found[size - 1] if len(found) > size else None
        return Page(tuple(found[:size]), after, previous, following, last)


def singular(slug: str) -> str:
    """Return a slug without the ends of French plurals: -s, -x, -aux for -al.

    >>> singular("schemas-regionaux"), singular("axes"), singular("axe")
    ('schema-regional', 'axe', 'axe')
    """
    return "-".join(re.sub("(?<=.)[sx]$", "", re.sub("aux$", "al", word)) for word in slug.split("-"))


def _thing(line: bytes) -> str:
    return line.partition(b"\t")[2][1:-1].decode()
