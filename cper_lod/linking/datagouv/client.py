"""The API of data.gouv.fr (udata, v1 and v2): searching datasets page by page, one dataset, one organisation."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from cper_lod.core.errors import Phrase, Problem
from cper_lod.linking.datagouv.dataset import Dataset, clean, parsed
from cper_lod.linking.datagouv.http import Asker

PAGE: Final = 50
"""How many datasets are asked for at once."""
SEARCH: Final = "/api/2/datasets/search/"
"""Looks for words in titles, descriptions, tags and names of organisations; v1 looks in titles only."""
LIST: Final = "/api/1/datasets/"
"""Filters by territory, which v2 understands too; its answers are the whole records."""


class DataGouv:
    """data.gouv.fr, or another site that runs udata."""

    def __init__(self, asker: Asker) -> None:
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
