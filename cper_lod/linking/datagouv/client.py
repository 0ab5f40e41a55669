"""The API of data.gouv.fr (udata, v1 and v2): paged search of datasets, one dataset, one organisation."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import quote

from cper_lod.core.errors import Problem
from cper_lod.linking.datagouv.http import CatalogClient, unexpected_answer

_ID: Final = re.compile(r"[0-9a-f]{24}", re.ASCII)
_SLUG: Final = re.compile(r"[\w.-]{1,300}")
PUBLIC_SERVICE: Final = {"public-service", "certified"}
"""Badges of organisations that data.gouv.fr has verified."""
_MAX_TEXT_LENGTH: Final = 20_000
"""Characters of a text that are read."""


def is_id(name: str) -> bool:
    """Return whether a name is an identifier rather than a slug.

    >>> is_id("58c984b088ee386cdb1261f3"), is_id("code-officiel-geographique-cog")
    (True, False)
    """
    return _ID.fullmatch(name) is not None


def dataset_name(text: str) -> str | None:
    """Return the identifier or slug in user input, which may also be the URL of the page of a dataset.

    >>> dataset_name("https://www.data.gouv.fr/fr/datasets/base-sirene/#/resources"), dataset_name("base sirene")
    ('base-sirene', None)
    """
    page = re.fullmatch(r"https?://[^/]+/(?:[a-z]{2}/)?datasets/(?:r/)?([^/?#]+)/?(?:[?#].*)?", text.strip())
    name = page[1] if page else text.strip()
    return name if _SLUG.fullmatch(name) else None


@dataclass(frozen=True)
class Dataset:
    """The properties of a dataset that we use. Missing texts are "", dates are `YYYY-MM-DD`."""

    id: str
    slug: str
    title: str
    acronym: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    organization: str = ""
    organization_id: str = ""
    verified: bool = False
    organization_siren: str = ""
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
        """The URL of its page, by identifier: our links use this IRI."""
        return "https://www.data.gouv.fr/datasets/" + self.id

    @property
    def snapshot(self) -> dict[str, str]:
        """The properties that are stored with a link and compared later, without empty ones."""
        names = ("title", "slug", "organization", "license", "last_update", "archived")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def parse_dataset(value: object) -> Dataset | None:
    """Return the dataset in a JSON value, None if it has no identifier or no title.

    Values of an unexpected type are treated as missing.
    """
    reader = _JsonReader(value)
    identifier, title = reader.text("id"), reader.text("title")
    if not is_id(identifier) or not title:
        return None
    organization, spatial = reader.child("organization"), reader.child("spatial")
    period = reader.child("temporal_coverage")
    badges = {_JsonReader(each).text("kind") for each in organization.items("badges")}
    license_ = reader.value.get("license")
    return Dataset(
        id=identifier,
        slug=reader.text("slug"),
        title=title,
        acronym=reader.text("acronym"),
        description=reader.text("description"),
        tags=tuple(clean_text(each) for each in reader.items("tags") if isinstance(each, str)),
        organization=organization.text("name"),
        organization_id=organization.text("id"),
        verified=bool(badges & PUBLIC_SERVICE),
        organization_siren=organization.text("business_number_id"),
        license=_JsonReader(license_).text("id") if isinstance(license_, dict) else reader.text("license"),
        zones=tuple(_zone(each) for each in spatial.items("zones")),
        granularity=spatial.text("granularity"),
        start=period.date("start"),
        end=period.date("end"),
        last_update=reader.date("last_update"),
        quality=reader.child("quality").share("score"),
        archived=reader.date("archived"),
        deleted=reader.date("deleted"),
    )


def clean_text(text: str) -> str:
    r"""Return a text on one line, without unprintable characters and characters that XML forbids.

    >>> clean_text(" Base\x00 de \ud800données\n\u202e2026 ")
    'Base de données 2026'
    """
    spaced = " ".join(text[:_MAX_TEXT_LENGTH].split())
    return " ".join("".join(char for char in spaced if char.isprintable()).split())


def _zone(zone: Any) -> str:  # noqa: ANN401 - JSON
    return clean_text(zone) if isinstance(zone, str) else _JsonReader(zone).text("id")


class _JsonReader:
    """Reads a JSON object without trusting its types."""

    def __init__(self, value: object) -> None:
        self.value: dict[str, Any] = value if isinstance(value, dict) else {}

    def text(self, key: str) -> str:
        found = self.value.get(key)
        return clean_text(found) if isinstance(found, str) else ""

    def date(self, key: str) -> str:
        """Return the day of a date or date-time, "" if it is invalid."""
        with suppress(ValueError):
            return date.fromisoformat(self.text(key)[:10]).isoformat()
        return ""

    def share(self, key: str) -> float:
        """Return a number between 0 and 1, else 0."""
        found = self.value.get(key)
        return float(found) if isinstance(found, int | float) and 0 <= found <= 1 else 0.0

    def items(self, key: str) -> list[Any]:
        found = self.value.get(key)
        return found[:1000] if isinstance(found, list) else []

    def child(self, key: str) -> "_JsonReader":
        return _JsonReader(self.value.get(key))


PAGE_SIZE: Final = 50
"""Datasets requested at once."""
SEARCH_PATH: Final = "/api/2/datasets/search/"
"""Full-text search in titles, descriptions, tags and names of organisations; v1 searches titles only."""
LIST_PATH: Final = "/api/1/datasets/"
"""Filters by territory, with complete records."""


class DataGouvClient(CatalogClient):
    """Client of data.gouv.fr, or of another site that runs udata."""

    skipped = 0
    """The number of entries in responses that are not valid datasets."""

    def search(self, pages: int, **query: str) -> Iterator[Dataset]:
        """Yield the datasets of all pages of a search, at most of `pages` pages; raises the problems of `http`.

        The search is for words (`q`), or for datasets that declare to cover a zone (`geozone`, as `fr:region:32`).
        Totals and links to the next page are not trusted: a page that is empty, past the end (404) or without new datasets is
        the last one. The URL of the next page is built here and never taken from a response.
        """
        path = SEARCH_PATH if "q" in query else LIST_PATH
        seen: set[str] = set()
        for page in range(1, pages + 1):
            try:
                answer = self.get_json(path, **query, page=page, page_size=PAGE_SIZE)
            except Problem as problem:
                if problem.kind.code != "catalogue-missing":
                    raise
                if page > 1:
                    return
                raise self._unexpected(path) from problem
            entries = answer.get("data") if isinstance(answer, dict) else None
            if not isinstance(answer, dict) or not isinstance(entries, list):
                raise self._unexpected(path)
            found = [each for entry in entries[: 2 * PAGE_SIZE] if (each := self._read(entry)) and each.id not in seen]
            seen.update(each.id for each in found)
            yield from found
            if not found or not answer.get("next_page"):
                return

    def dataset(self, name: str) -> Dataset:
        """Return the dataset with an identifier or a slug; raises `catalogue-missing` and the problems of `http`."""
        path = f"{LIST_PATH}{quote(name, safe='')}/"
        found = parse_dataset(self.get_json(path))
        if found is None:
            raise self._unexpected(path)
        return found

    def organization_siren(self, organization: str) -> str:
        """Return the SIREN of an organisation, "" if it has none; raises the problems of `http`."""
        try:
            found = self.get_json(f"/api/1/organizations/{quote(organization, safe='')}/")
        except Problem as problem:
            if problem.kind.code != "catalogue-missing":
                raise
            return ""
        return _JsonReader(found).text("business_number_id")

    def _read(self, entry: object) -> Dataset | None:
        found = parse_dataset(entry)
        self.skipped += found is None
        return found

    def _unexpected(self, path: str) -> Problem:
        url = self.base + path
        return unexpected_answer(url, "not what the API describes", "autre chose que ce que l'API décrit")
