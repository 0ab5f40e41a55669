"""The API of data.gouv.fr (udata, v1 and v2): searching datasets page by page, one dataset, one organisation."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import quote

from cper_lod.core.errors import Phrase, Problem
from cper_lod.linking.datagouv.http import CatalogClient

_ID: Final = re.compile(r"[0-9a-f]{24}", re.ASCII)
_SLUG: Final = re.compile(r"[\w.-]{1,300}")
PUBLIC_SERVICE: Final = {"public-service", "certified"}
"""Badges of organisations that data.gouv.fr has verified."""
_LONGEST: Final = 20_000
"""Characters of a text that are read."""


def is_id(name: str) -> bool:
    """Return whether a name is an identifier, not a slug.

    >>> is_id("58c984b088ee386cdb1261f3"), is_id("code-officiel-geographique-cog")
    (True, False)
    """
    return _ID.fullmatch(name) is not None


def name_in(given: str) -> str | None:
    """Return the identifier or slug in what a person gives: itself, or the address of the dataset's page.

    >>> name_in("https://www.data.gouv.fr/fr/datasets/base-sirene/#/resources"), name_in("base sirene")
    ('base-sirene', None)
    """
    page = re.fullmatch(r"https?://[^/]+/(?:[a-z]{2}/)?datasets/(?:r/)?([^/?#]+)/?(?:[?#].*)?", given.strip())
    name = page[1] if page else given.strip()
    return name if _SLUG.fullmatch(name) else None


@dataclass(frozen=True)
class Dataset:
    """What we read of a dataset; a text that is not given is empty, a date is `YYYY-MM-DD`."""

    id: str
    slug: str
    title: str
    acronym: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    organization: str = ""
    organization_id: str = ""
    verified: bool = False
    siren: str = ""
    license: str = ""
    zones: tuple[str, ...] = ()
    granularity: str = ""
    start: str = ""
    end: str = ""
    last_update: str = ""
    quality: float = 0.0
    archived: str = ""
    deleted: str = ""

    @property
    def iri(self) -> str:
        """The address of its page, by identifier: the name by which our data link to it."""
        return "https://www.data.gouv.fr/datasets/" + self.id

    @property
    def facts(self) -> dict[str, str]:
        """What is kept of it and compared later; empty texts are left out."""
        told = {
            "title": self.title,
            "slug": self.slug,
            "organization": self.organization,
            "license": self.license,
            "last_update": self.last_update,
            "archived": self.archived,
        }
        return {name: value for name, value in told.items() if value}


def parsed(value: object) -> Dataset | None:
    """Return the dataset that a JSON value describes, None where it has no identifier or no title.

    Anything else that is not of its type is as if it were not given: an answer must not be able to break us.
    """
    read = _Reader(value)
    identifier, title = read.text("id"), read.text("title")
    if not is_id(identifier) or not title:
        return None
    organization, spatial = read.inner("organization"), read.inner("spatial")
    period = read.inner("temporal_coverage")
    badges = {_Reader(each).text("kind") for each in organization.items("badges")}
    license_ = read.value.get("license")
    return Dataset(
        id=identifier,
        slug=read.text("slug"),
        title=title,
        acronym=read.text("acronym"),
        description=read.text("description"),
        tags=tuple(clean(each) for each in read.items("tags") if isinstance(each, str)),
        organization=organization.text("name"),
        organization_id=organization.text("id"),
        verified=bool(badges & PUBLIC_SERVICE),
        siren=organization.text("business_number_id"),
        license=_Reader(license_).text("id") if isinstance(license_, dict) else read.text("license"),
        zones=tuple(_zone(each) for each in spatial.items("zones")),
        granularity=spatial.text("granularity"),
        start=period.date("start"),
        end=period.date("end"),
        last_update=read.date("last_update"),
        quality=read.inner("quality").share("score"),
        archived=read.date("archived"),
        deleted=read.date("deleted"),
    )


def clean(text: str) -> str:
    r"""Return a text on one line, without what cannot be printed or written in XML.

    >>> clean(" Base\x00 de \ud800données\n\u202e2026 ")
    'Base de données 2026'
    """
    spaced = " ".join(text[:_LONGEST].split())
    return " ".join("".join(char for char in spaced if char.isprintable()).split())


def _zone(zone: Any) -> str:  # noqa: ANN401 - JSON
    return clean(zone) if isinstance(zone, str) else _Reader(zone).text("id")


class _Reader:
    """A JSON object read with mistrust."""

    def __init__(self, value: object) -> None:
        self.value: dict[str, Any] = value if isinstance(value, dict) else {}

    def text(self, key: str) -> str:
        found = self.value.get(key)
        return clean(found) if isinstance(found, str) else ""

    def date(self, key: str) -> str:
        """Return the day of a date or date-time, empty where it is none."""
        with suppress(ValueError):
            return date.fromisoformat(self.text(key)[:10]).isoformat()
        return ""

    def share(self, key: str) -> float:
        """Return a number between 0 and 1, 0 where it is none."""
        found = self.value.get(key)
        return float(found) if isinstance(found, int | float) and 0 <= found <= 1 else 0.0

    def items(self, key: str) -> list[Any]:
        found = self.value.get(key)
        return found[:1000] if isinstance(found, list) else []

    def inner(self, key: str) -> "_Reader":
        return _Reader(self.value.get(key))


PAGE: Final = 50
"""How many datasets are asked for at once."""
SEARCH: Final = "/api/2/datasets/search/"
"""Looks for words in titles, descriptions, tags and names of organisations; v1 looks in titles only."""
LIST: Final = "/api/1/datasets/"
"""Filters by territory, which v2 understands too; its answers are the whole records."""


class DataGouv:
    """data.gouv.fr, or another site that runs udata."""

    def __init__(self, asker: CatalogClient) -> None:
        self._asker = asker
        self.left_out = 0
        """How many entries of answers were no dataset that we can read."""

    def search(self, words: str, pages: int) -> Iterator[Dataset]:
        """Yield the datasets found by words; raises the problems of `asking`."""
        return self._pages(SEARCH, {"q": words}, pages)

    def within(self, zone: str, pages: int) -> Iterator[Dataset]:
        """Yield the datasets that say they cover a zone (`fr:region:32`); raises the problems of `asking`."""
        return self._pages(LIST, {"geozone": zone}, pages)

    def dataset(self, name: str) -> Dataset:
        """Return the dataset of an identifier or a slug; raises `catalogue-missing` and the problems of `asking`."""
        path = f"{LIST}{quote(name, safe='')}/"
        found = parsed(self._asker.json(path))
        if found is None:
            raise _unlike(self._asker.base + path)
        return found

    def siren(self, organization: str) -> str:
        """Return the SIREN of an organisation, empty where there is none; raises the problems of `asking`."""
        try:
            found = self._asker.json(f"/api/1/organizations/{quote(organization, safe='')}/")
        except Problem as problem:
            if problem.kind.code != "catalogue-missing":
                raise
            return ""
        number = found.get("business_number_id") if isinstance(found, dict) else None
        return clean(number) if isinstance(number, str) else ""

    def _pages(self, path: str, query: dict[str, str], pages: int) -> Iterator[Dataset]:
        """Yield what is on the pages, to the last one or to `pages` of them.

        Totals and links to a next page are hints, not to be trusted: a page that is empty, past the end (404), or
        brings nothing new is the last. The address of the next page is made here, never taken from an answer.
        """
        seen: set[str] = set()
        for page in range(1, pages + 1):
            try:
                answer = self._asker.json(path, **query, page=page, page_size=PAGE)
            except Problem as problem:
                if problem.kind.code != "catalogue-missing":
                    raise
                if page > 1:
                    return
                raise _unlike(self._asker.base + path) from problem
            entries = answer.get("data") if isinstance(answer, dict) else None
            if not isinstance(answer, dict) or not isinstance(entries, list):
                raise _unlike(self._asker.base + path)
            found = [each for entry in entries[: 2 * PAGE] if (each := self._read(entry)) and each.id not in seen]
            seen.update(each.id for each in found)
            yield from found
            if not found or not answer.get("next_page"):
                return

    def _read(self, entry: object) -> Dataset | None:
        found = parsed(entry)
        self.left_out += found is None
        return found


def _unlike(url: str) -> Problem:
    return Problem(
        "catalogue-answer", url=url, message=Phrase("not what the API describes", "autre chose que ce que l'API décrit")
    )
