"""What data.gouv.fr says of a dataset (API of udata), and of the rows of a file (its tabular API)."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from urllib.parse import quote

from cper_lod.core.errors import Problem
from cper_lod.linking.http import JsonClient, unexpected_answer

DATASETS: Final = "https://www.data.gouv.fr/datasets/"
"""What the IRI of a dataset begins with; its identifier follows."""
RESOURCES: Final = "https://www.data.gouv.fr/api/1/datasets/r/"
"""What the IRI of a file begins with: the permanent address of data.gouv.fr, whatever site is asked."""
TABULAR: Final = "https://tabular-api.data.gouv.fr/api"
"""What the address of the rows of a file begins with."""
_ID: Final = re.compile(r"[0-9a-f]{24}")
_RESOURCE: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PAGE: Final = re.compile(r"https?://[^/]+/(?:[a-z]{2}/)?datasets/([\w.-]{1,300})/?(?:[?#].*)?")
_MAX_TEXT_LENGTH: Final = 2_000


@dataclass(frozen=True)
class Dataset:
    """A dataset as data.gouv.fr describes it. Missing texts are "", days are `YYYY-MM-DD`; `files` are titles by identifier."""

    id: str
    title: str
    publisher: str = ""
    licence: str = ""
    updated: str = ""
    archived: str = ""
    deleted: str = ""
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def iri(self) -> str:
        """The IRI of the dataset: the address of its page, by identifier."""
        return DATASETS + self.id


def named_dataset(text: str) -> tuple[str, str]:
    """Return the identifier or slug of the dataset, and the identifier of the file, in an address; "" for what it lacks.

    >>> named_dataset("https://www.data.gouv.fr/fr/datasets/base-sirene/#/resources/22847056-61df-452d-837d-8b8ceadbfc52")
    ('base-sirene', '22847056-61df-452d-837d-8b8ceadbfc52')
    >>> named_dataset("https://tabular-api.data.gouv.fr/api/resources/22847056-61df-452d-837d-8b8ceadbfc52/data/")
    ('', '22847056-61df-452d-837d-8b8ceadbfc52')
    >>> named_dataset("608c055b35eb4e6ee20eb325"), named_dataset("base sirene")
    (('608c055b35eb4e6ee20eb325', ''), ('', ''))
    """
    page, file = _PAGE.fullmatch(text.strip()), _RESOURCE.search(text)
    name = page[1] if page and page[1] != "r" else text.strip() if _ID.fullmatch(text.strip()) else ""
    return name, file[0] if file else ""


class DataGouv(JsonClient):
    """Client of the API of data.gouv.fr, or of another site that runs udata."""

    def dataset(self, name: str) -> Dataset:
        """Return the dataset with an identifier or a slug; raises the problems of `http`, `catalogue-missing` for a private one."""
        path = f"/api/1/datasets/{quote(name, safe='')}/"
        reader = _JsonReader(self.get_json(path))
        if not _ID.fullmatch(reader.text("id")) or not reader.text("title"):
            raise unexpected_answer(self.base + path, "no dataset", "pas un jeu de données")
        files = (_JsonReader(each) for each in reader.items("resources"))
        return Dataset(
            reader.text("id"),
            reader.text("title"),
            reader.child("organization").text("name"),
            reader.text("license"),
            reader.day("last_update"),
            reader.day("archived"),
            reader.day("deleted"),
            {each.text("id"): each.text("title") for each in files},
        )

    def dataset_of(self, file: str) -> str:
        """Return the identifier of the dataset of a file; raises the problems of `http`."""
        path = f"/api/2/datasets/resources/{quote(file, safe='')}/"
        found = _JsonReader(self.get_json(path)).text("dataset_id")
        if not _ID.fullmatch(found):
            raise unexpected_answer(self.base + path, "no dataset_id", "pas de dataset_id")
        return found


class TabularApi(JsonClient):
    """Client of the tabular API of data.gouv.fr, and of others that count the rows of an answer."""

    def columns(self, file: str) -> list[str]:
        """Return the names of the columns of a file; raises the problems of `http`, `catalogue-missing` if it is not there."""
        path = f"/resources/{quote(file, safe='')}/profile/"
        header = _JsonReader(self.get_json(path)).child("profile").items("header")
        if not header:
            raise unexpected_answer(self.base + path, "no profile.header", "pas de profile.header")
        return [clean_text(each) for each in header if isinstance(each, str)]

    def count(self, path: str) -> int:
        """Return the number of rows of an answer; raises the problems of `http`."""
        reader = _JsonReader(self.get_json(path))
        # The tabular API, Opendatasoft (data.ofgl.fr), and the directory of companies each have their own name for it.
        totals = (reader.child("meta").value.get("total"), *map(reader.value.get, ("total_count", "total_results")))
        for total in totals:
            if isinstance(total, int) and not isinstance(total, bool) and total >= 0:
                return total
        raise unexpected_answer(self.base + path, "no number of rows", "pas de nombre de lignes")


def clean_text(text: str) -> str:
    r"""Return a text on one line, without unprintable characters.

    >>> clean_text(" Base\x00 de \ud800données\n\u202e2026 ")
    'Base de données 2026'
    """
    spaced = " ".join(text[:_MAX_TEXT_LENGTH].split())
    return " ".join("".join(char for char in spaced if char.isprintable()).split())


class _JsonReader:
    """Reads a JSON object without trusting its types."""

    def __init__(self, value: object) -> None:
        self.value: dict[str, Any] = value if isinstance(value, dict) else {}

    def text(self, key: str) -> str:
        found = self.value.get(key)
        return clean_text(found) if isinstance(found, str) else ""

    def day(self, key: str) -> str:
        """Return the day of a date or date-time, "" if it is invalid."""
        with suppress(ValueError):
            return date.fromisoformat(self.text(key)[:10]).isoformat()
        return ""

    def items(self, key: str) -> list[Any]:
        found = self.value.get(key)
        return found[:10_000] if isinstance(found, list) else []

    def child(self, key: str) -> "_JsonReader":
        return _JsonReader(self.value.get(key))


def unknown(problem: Problem) -> bool:
    """Return whether a site said that something is not there, rather than nothing or something else."""
    return problem.kind.code == "catalogue-missing"
