"""What data.gouv.fr says of a dataset (API of udata), and of the rows of a file (its tabular API)."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Final, NamedTuple
from urllib.parse import quote

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


class Dataset(NamedTuple):
    """A dataset as data.gouv.fr describes it. Missing texts are "", days are `YYYY-MM-DD`; `files` are titles by identifier."""

    iri: str
    title: str
    publisher: str
    licence: str
    updated: str
    archived: str
    files: Mapping[str, str]


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
        read = self.get_json(path)
        if not _ID.fullmatch(_text(read, "id")) or not _text(read, "title"):
            raise unexpected_answer(self.base + path, "no dataset", "pas un jeu de données")
        return Dataset(
            DATASETS + _text(read, "id"),
            _text(read, "title"),
            _text(read, "organization", "name"),
            _text(read, "license"),
            _day(read, "last_update"),
            _day(read, "archived"),
            {_text(each, "id"): _text(each, "title") for each in _items(read, "resources")},
        )

    def dataset_of(self, file: str) -> str:
        """Return the identifier of the dataset of a file; raises the problems of `http`."""
        path = f"/api/2/datasets/resources/{quote(file, safe='')}/"
        found = _text(self.get_json(path), "dataset_id")
        if not _ID.fullmatch(found):
            raise unexpected_answer(self.base + path, "no dataset_id", "pas de dataset_id")
        return found


class TabularApi(JsonClient):
    """Client of the tabular API of data.gouv.fr, and of others that count the rows of an answer."""

    def columns(self, file: str) -> list[str]:
        """Return the names of the columns of a file; raises the problems of `http`, `catalogue-missing` if it is not there."""
        path = f"/resources/{quote(file, safe='')}/profile/"
        header = _items(self.get_json(path), "profile", "header")
        if not header:
            raise unexpected_answer(self.base + path, "no profile.header", "pas de profile.header")
        return [clean_text(each) for each in header if isinstance(each, str)]

    def count(self, path: str) -> int:
        """Return the number of rows of an answer; raises the problems of `http`."""
        read = self.get_json(path)
        # The tabular API, Opendatasoft (data.ofgl.fr), and the directory of companies each have their own name for it.
        for keys in (("meta", "total"), ("total_count",), ("total_results",)):
            total = _at(read, *keys)
            if type(total) is int and total >= 0:
                return total
        raise unexpected_answer(self.base + path, "no number of rows", "pas de nombre de lignes")


def clean_text(text: str) -> str:
    r"""Return a text on one line, without unprintable characters.

    >>> clean_text(" Base\x00 de \ud800données\n\u202e2026 ")
    'Base de données 2026'
    """
    return " ".join("".join(char if char.isprintable() else " " for char in text[:_MAX_TEXT_LENGTH]).split())


def _at(value: object, *keys: str) -> object:
    """Return what JSON has at keys, each below the one before; None if it has another form."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: object, *keys: str) -> str:
    found = _at(value, *keys)
    return clean_text(found) if isinstance(found, str) else ""


def _items(value: object, *keys: str) -> list[Any]:
    found = _at(value, *keys)
    return found if isinstance(found, list) else []


def _day(value: object, key: str) -> str:
    """Return the day of a date or date-time, "" if it is invalid."""
    with suppress(ValueError):
        return date.fromisoformat(_text(value, key)[:10]).isoformat()
    return ""
