"""Links with data.gouv.fr: /links lists which thing joins which dataset, by which key and with which value."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, groupby
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV, HTML, JSON
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, SCHEMA
from cper_lod.core.sorted_lines import Count
from cper_lod.rdf.graph import Term
from cper_lod.release.documents import mentions
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.storage.nodes import parse_quads
from cper_lod.release.tables.rows import NameCache, csv_lines
from cper_lod.web.api.documents import json_bytes
from cper_lod.web.api.parameters import SIZE, whole_number
from cper_lod.web.api.resources import Json, ResourceReader
from cper_lod.web.components.linked_datasets import (
    DATASET,
    LINK,
    DatasetSummary,
    dataset_summary,
    related_things,
)
from cper_lod.web.components.observations import Hyperlink, ObservationReader
from cper_lod.web.components.pagination import page_links
from cper_lod.web.documents.table_pages import count_sentence
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.links import Signposts
from cper_lod.web.http.plain_json import schema_path
from cper_lod.web.http.representation import Selection, select
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import site

LinkGroup = tuple["Cursor", list["DatasetLink"]]

blueprint = Blueprint("dataset_links", __name__)
FORMS: Final = (HTML, JSON, CSV)
PATH: Final = "/links"
PAGE_SIZE: Final = 100
"""Links on one page, by default."""
MAX_HTML_PAGE_SIZE: Final = 200
MAX_COUNTED: Final = 1000
"""Links that are counted; more are « plus de 1 000 »."""
_MAX_GROUPS: Final = 2000
"""Subjects that are read for one page at most: another use of the names of datasets does not make a page slow."""
MAX_NUMBER: Final = 99_999
_SITE: Final = b"<https://www.data.gouv.fr/"
"""The beginning of the names of all datasets of data.gouv.fr."""
_PLACE: Final = re.compile(r"(.+)#([^#]*)[.]([0-9]{1,5})")
"""A cursor: an IRI that is made of the dataset, the subject and the number."""
CSV_HEADS: Final = ("dataset", "dataset_fr", "dataset_en", "key", "value", "thing", "thing_fr", "thing_en")


class Cursor(NamedTuple):
    """The place of a link in the list: its dataset, the subject that names this, and its number among the links of both."""

    dataset: str
    subject: str
    number: int

    @property
    def key(self) -> bytes:
        """The beginning of the lines of the dataset and the subject."""
        subject = self.subject if self.subject.startswith("_:") else f"<{self.subject}>"
        return f"<{self.dataset}>\t{subject} ".encode()

    def __str__(self) -> str:
        return f"{self.dataset}#{quote(self.subject, safe='')}.{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """Return the cursor in a parameter, None for ""; the name of a dataset stands for its first link.

        Raises `cursor-invalid` for what is no absolute IRI.
        """
        if not text:
            return None
        if len(text) > 8192 or not urls.ABSOLUTE.fullmatch(text):
            raise Problem("cursor-invalid", name="after", value=text[:200], first=urls.address(PATH, {}))
        found = _PLACE.fullmatch(text)
        return cls(found[1], unquote(found[2]), int(found[3])) if found else cls(text, "", -1)


@dataclass(frozen=True)
class DatasetLink:
    """A thing and a dataset that it is joined with: by the property `key`, with `value`; both None if no key is known.

    `cursor` is its place in the list.
    """

    dataset: NamedNode
    thing: NamedNode
    key: Term | None
    value: str | None
    cursor: Cursor


@dataclass(frozen=True)
class LinkPage:
    """A page of the list: its links, and the cursors after which the previous and the next page start, None for no page.

    `total` is the number of links on all pages, a lower bound if it is not exact.
    """

    links: list[DatasetLink]
    previous: str | None
    next: str | None
    total: Count


class DatasetLinks:
    """The links of a release with data.gouv.fr, ordered by dataset and thing, read page by page at the same cost at any size.

    They are found by the datasets that the data mention. A thing that names a dataset (`cper:jeuLie`) has a link without
    a key, unless it, or one of those whose datasets a contract names, is joined with the dataset by a key.
    """

    def __init__(self, observations: ObservationReader) -> None:
        self._observations = observations
        self._reader = observations.reader
        self._mentions = site().release.mentions

    def page(self, after: str, size: int) -> LinkPage:
        """Return at most `size` links after a cursor, "" for the first page; raises `cursor-invalid`."""
        cursor = Cursor.parse(after)
        found, stopped = _collect(self._after(cursor), size + 1)
        following = found[size - 1].cursor if len(found) > size else stopped
        counted, uncounted = _collect(self._after(None), MAX_COUNTED + 1)
        return LinkPage(
            found[:size],
            self._previous(found[0].cursor if found else cursor, size) if cursor else None,
            None if following is None else str(following),
            Count(min(len(counted), MAX_COUNTED), exact=uncounted is None and len(counted) <= MAX_COUNTED),
        )

    def _previous(self, first: Cursor | None, size: int) -> str | None:
        """Return the cursor of the page before the one that begins with `first`."""
        before, stopped = _collect(self._before(first), size + 1) if first else ([], None)
        if len(before) > size:
            return str(before[size].cursor)
        return str(stopped) if stopped else "" if before else None

    def _after(self, cursor: Cursor | None) -> Iterator[LinkGroup]:
        """Yield the links after a cursor, all of them for None."""
        for place, found in self._groups(self._mentions.beginning(_SITE, cursor.key if cursor else b"")):
            same = cursor is not None and place.key == cursor.key
            yield place, [each for each in found if not (same and cursor) or each.cursor.number > cursor.number]

    def _before(self, cursor: Cursor) -> Iterator[LinkGroup]:
        """Yield the links before a cursor, the last first."""
        for place, found in self._groups(self._mentions.preceding(_SITE, cursor.key + b"\xff")):
            same = place.key == cursor.key
            yield place, [each for each in reversed(found) if not same or each.cursor.number < cursor.number]

    def _groups(self, lines: Iterable[bytes]) -> Iterator[LinkGroup]:
        """Yield the links of each dataset and each subject that names it, with the place of the last one."""
        for (dataset, subject), group in groupby(lines, key=_dataset_and_subject):
            place = Cursor(dataset, subject, MAX_NUMBER)
            yield place, self._of_subject(place, group)

    def _of_subject(self, place: Cursor, lines: Iterable[bytes]) -> list[DatasetLink]:
        """Return the links that the lines of one dataset and one subject stand for."""
        found: dict[tuple[NamedNode, NamedNode, Term | None, str | None], None] = {}
        for quad in parse_quads(line.partition(b"\t")[2] for line in lines):
            subject, dataset = quad.subject, quad.object
            if not (isinstance(subject, NamedNode) and isinstance(dataset, NamedNode)):
                continue
            if quad.predicate.value == DATASET:
                key = self._reader.one(subject, CPER + "cle")
                values = [each.value for each in self._reader.all(subject, SCHEMA + "value")]
                for thing in self._things(subject):
                    found |= dict.fromkeys((dataset, thing, key, value) for value in values or (None,))
            elif quad.predicate.value == CPER + "jeuLie" and not self._is_joined(subject, dataset):
                found[dataset, subject, None, None] = None
        return [
            DatasetLink(dataset, thing, key, value, place._replace(number=number))
            for number, (dataset, thing, key, value) in enumerate(found)
        ]

    def _things(self, link: NamedNode) -> Iterator[NamedNode]:
        """Yield the things that have a link (`dcat:qualifiedRelation`): one, or none for another use of `dct:relation`."""
        for quad in mentions(site().release, link.value, 100):
            if quad.predicate.value == LINK and isinstance(quad.subject, NamedNode):
                yield quad.subject

    def _is_joined(self, thing: NamedNode, dataset: NamedNode) -> bool:
        return any(
            dataset in self._reader.all(link, DATASET)
            for each in related_things(self._observations, thing)
            for link in self._reader.all(each, LINK)
        )


def _dataset_and_subject(line: bytes) -> tuple[str, str]:
    """Return the dataset that a line of mentions is about, and its subject."""
    dataset, _, quad = line.decode().partition("\t")
    return dataset[1:-1], quad.partition(" ")[0].strip("<>")


def _collect(groups: Iterable[LinkGroup], wanted: int) -> tuple[list[DatasetLink], Cursor | None]:
    """Return at most `wanted` links, and where reading stopped before there were so many, None at the end of the list."""
    found: list[DatasetLink] = []
    for number, (place, links) in enumerate(groups, 1):
        found += links
        if len(found) >= wanted:
            return found[:wanted], None
        if number == _MAX_GROUPS:
            return found, place
    return found, None


@blueprint.get(PATH, defaults={"suffix": ""})
@blueprint.get(f"{PATH}.<suffix>")
def links(suffix: str) -> Response:
    """The links with data.gouv.fr: which thing joins which dataset, by which key and value; as a page, JSON and CSV.

    `?size=` sets the number on a page, `?after=` is in the links to the other pages.
    """
    selected = select(PATH, suffix, FORMS, localized=(HTML, JSON))
    size = whole_number(SIZE)
    if selected.format is HTML:
        size = min(size, MAX_HTML_PAGE_SIZE)
    after = urls.single_parameter("after") if "after" in request.args else ""
    observations = ObservationReader(ReleaseGraph(site().release), flask_responses.lang())
    page = DatasetLinks(observations).page(after, size)
    sized = {"size": str(size)} if size != PAGE_SIZE else {}
    selected = replace(selected, query={**sized, **({"after": after} if after else {})})
    cursors = {
        "first": "",
        "prev": page.previous,
        "next": page.next,
    }
    others = {
        relation: {**sized, **({"after": cursor} if cursor else {})}
        for relation, cursor in cursors.items()
        if cursor is not None
    }
    typed = _signposts(selected).of(selected.format) + page_links(
        {relation: selected.address(query=query) for relation, query in others.items()}
    )
    if selected.format is HTML:
        return selected.respond(_html(page, observations, selected, others), links=typed)
    if selected.format is JSON:
        return selected.respond(_json(page, selected, others), links=typed, vary=("Accept-Language",))
    return selected.respond(_csv(page), links=typed)


def _signposts(selected: Selection) -> Signposts:
    here = urls.public_url(urls.address(PATH, dict(selected.query)))
    return Signposts(
        landing=here,
        forms=selected.public_addresses(),
        linkset="",
        licence=site().rights.licence,
        publisher=site().rights.publisher,
        schemas={JSON: urls.public_url(urls.address(schema_path("ListeDesJointures"), {}))},
        canonical=urls.canonical_url(here),
    )


@dataclass(frozen=True)
class DatasetGroup:
    """A dataset, and the rows of its links on a page: thing, key (None if none is known), its name in JSON, and value."""

    dataset: DatasetSummary
    rows: list[tuple[Hyperlink | None, Hyperlink | None, str, str | None]]


def _html(
    page: LinkPage, observations: ObservationReader, selected: Selection, others: dict[str, dict[str, str]]
) -> Response:
    lang, query, reader = observations.lang, dict(selected.query), ResourceReader(site().release, observations.lang)

    def term(link: DatasetLink) -> str:
        return reader.term(link.key.value) if link.key is not None else ""

    groups = [
        DatasetGroup(
            dataset_summary(observations, dataset),
            [(observations.link(each.thing), observations.link(each.key), term(each), each.value) for each in found],
        )
        for dataset, found in groupby(page.links, key=lambda each: each.dataset)
    ]
    return flask_responses.page(
        "links.html",
        title=translate("dataset-links", lang),
        groups=groups,
        lead=count_sentence(page.total, len(page.links)),
        pager={name: urls.link(PATH, **each) for name, each in others.items() if name != "first" or "prev" in others},
        crumbs=[],
        forms=[
            (form, urls.format_address(form, PATH, query | (urls.language_parameter() if form is JSON else {})))
            for form in FORMS
        ],
        curl=curl_command(PATH, query, CSV.media_type),
        canonical=urls.public_url(urls.address(PATH, query)),
    )


def _json(page: LinkPage, selected: Selection, others: dict[str, dict[str, str]]) -> bytes:
    """Return the page in plain JSON; its addresses keep form, page size and language."""
    lang = flask_responses.lang()
    reader = ResourceReader(site().release, lang)
    return json_bytes(
        {
            "url": urls.public_url(selected.address()),
            "nom": translate("dataset-links", lang),
            "total": page.total.number,
            **({} if page.total.exact else {"more": True}),
            **{
                "previous" if relation == "prev" else relation: urls.public_url(selected.address(query=query))
                for relation, query in others.items()
            },
            "items": [_item(each, reader) for each in page.links],
        }
    )


def _item(link: DatasetLink, reader: ResourceReader) -> Json:
    """Return a link in plain JSON."""
    return {
        "jeu": reader.reference(link.dataset),
        "chose": reader.reference(link.thing),
        **({} if link.key is None else {"cle": reader.term(link.key.value)}),
        **({} if link.value is None else {"valeur": link.value}),
        "page": link.dataset.value,
    }


def _csv(page: LinkPage) -> bytes:
    """Return the page as CSV: the dataset, the thing, and their names in both languages."""
    names, reader = NameCache(site().release), ResourceReader(site().release, flask_responses.lang())
    rows = (
        (
            each.dataset.value,
            *(names.get(each.dataset.value) or ("", "")),
            reader.term(each.key.value) if each.key is not None else "",
            each.value or "",
            each.thing.value,
            *(names.get(each.thing.value) or ("", "")),
        )
        for each in page.links
    )
    return b"".join(csv_lines(chain([CSV_HEADS], rows)))
