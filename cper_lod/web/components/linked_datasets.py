"""The outside datasets that a thing is linked with: by which key, and with which value to look for."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCAT, DCT, LIENS, PROV, SCHEMA, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.sources.dataset_links import csv_address
from cper_lod.web.http.urls import external_link

MAX_DATASETS = 50
"""Datasets that a page shows; all are in the data."""
LINK = DCAT + "qualifiedRelation"
DATASET = DCT + "relation"


class LinkState(NamedTuple):
    """What was found the last time that a dataset or a link was checked.

    A sentence, whether it holds (None if nobody has checked it), the number of rows of a link, and the day ("" for none).
    """

    text: str
    holds: bool | None = None
    rows: int | None = None
    day: str = ""


class DatasetSummary(NamedTuple):
    """An outside dataset: its name, its address there ("" for none), and what was read of it."""

    title: str
    address: str
    state: LinkState


class LinkedValue(NamedTuple):
    """A value to look for, the thing that it is of, the addresses of its rows as JSON and CSV ("" for none), the state."""

    value: str
    thing: Hyperlink | None
    rows: str
    csv: str
    state: LinkState


class LinkedDataset(NamedTuple):
    """A way to find rows of a dataset: its name, key and column, what the rows say, where it was read, and the values."""

    title: str
    dataset: DatasetSummary
    key: Hyperlink | None
    column: str
    note: str
    origin: str
    values: tuple[LinkedValue, ...]


def link_state(reader: ReleaseGraph, link: Term, lang: Language) -> LinkState:
    """Return what was found the last time that a link was checked."""
    day, count = reader.value(link, DCT + "modified"), reader.value(link, LIENS + "lignes")
    rows = int(count) if count.isdecimal() else None
    fault = reader.text(link, SKOS + "editorialNote", lang)[0]
    if not day or (rows is None and not fault):
        return LinkState(
            translate("link-candidate" if reader.value(link, LIENS + "candidat") else "link-unchecked", lang)
        )
    if fault or not rows:
        return _failed(fault or translate("link-no-rows", lang), day, lang)._replace(rows=rows)
    text = translate("linked-found", lang, count=formatting.number(rows, lang), day=formatting.date(day, lang))
    return LinkState(text, holds=True, rows=rows, day=day)


def _failed(fault: str, day: str, lang: Language) -> LinkState:
    return LinkState(translate("linked-fails", lang, fault=fault, day=formatting.date(day, lang)), holds=False, day=day)


def dataset_summary(observations: ObservationReader, dataset: Term) -> DatasetSummary:
    """Return what a page says of a dataset."""
    link = observations.link(dataset)
    return DatasetSummary(
        link.text if link else "",
        external_link(dataset.value) or "",
        _reading(observations.reader, dataset, observations.lang),
    )


def _reading(reader: ReleaseGraph, dataset: Term, lang: Language) -> LinkState:
    """Return what was read of a dataset on which day, or that nothing was."""
    day = reader.value(dataset, SCHEMA + "sdDatePublished")
    fault = reader.text(dataset, SKOS + "editorialNote", lang)[0]
    if not day:
        return LinkState(translate("dataset-unread", lang))
    if fault:
        return _failed(fault, day, lang)
    updated = reader.value(dataset, DCT + "modified")
    facts = [
        translate(sentence, lang, value=value)
        for sentence, value in (
            ("dataset-title", reader.text(dataset, DCT + "title", lang)[0]),
            ("dataset-publisher", reader.value(dataset, SCHEMA + "publisher")),
            ("dataset-licence", reader.value(dataset, DCT + "rights")),
            ("dataset-updated", formatting.date(updated, lang) if updated else ""),
        )
        if value
    ]
    text = translate("dataset-read", lang, day=formatting.date(day, lang), facts=", ".join(facts))
    return LinkState(text, holds=True, day=day)


def linked_datasets(observations: ObservationReader, node: NamedNode) -> list[LinkedDataset]:
    """Return the datasets of a thing; of a contract, those of its signatories and territories."""
    things = dict.fromkeys([node, *_concerned(observations, node)])
    links = (
        (link, observations.link(thing) if thing != node else None)
        for thing in things
        for link in observations.reader.all(thing, LINK)[:MAX_DATASETS]
    )
    return by_join(observations, links)


def by_join(observations: ObservationReader, links: Iterable[tuple[Term, Hyperlink | None]]) -> list[LinkedDataset]:
    """Return links, each with what it is of, by their dataset and the join that they follow from, sorted by name."""
    reader, lang = observations.reader, observations.lang
    found: dict[tuple[Term, Term | None], list[tuple[Term, Hyperlink | None]]] = {}
    for link, thing in links:
        if (dataset := reader.one(link, DATASET)) is not None:
            found.setdefault((dataset, reader.one(link, PROV + "wasDerivedFrom")), []).append((link, thing))
    rows = []
    for (dataset, join), linked in found.items():
        about, name = dataset_summary(observations, dataset), observations.link(join) if join else None
        rows.append(
            LinkedDataset(
                name.text if name else about.title,
                about,
                observations.link(reader.one(linked[0][0], LIENS + "cle")),
                reader.value(linked[0][0], LIENS + "colonne"),
                reader.text(join, SKOS + "note", lang)[0] if join else "",
                reader.text(join, SKOS + "changeNote", lang)[0] if join else "",
                tuple(value for link, thing in linked for value in linked_values(observations, link, thing)),
            )
        )
    return sorted(rows, key=lambda row: row.title)


def linked_values(observations: ObservationReader, link: Term, thing: Hyperlink | None) -> Iterator[LinkedValue]:
    """Yield each value of a link with the address of its rows; both are sorted as text, so they are in one order."""
    reader = observations.reader
    values = sorted(each.value for each in reader.all(link, SCHEMA + "value"))
    rows = sorted(each.value for each in reader.all(link, SCHEMA + "url"))
    state = link_state(reader, link, observations.lang)
    for value, found in zip_longest(values, rows[: len(values)], fillvalue=""):
        address = external_link(found) or ""
        yield LinkedValue(value, thing, address, csv_address(address), state)


def _concerned(observations: ObservationReader, node: NamedNode) -> Iterator[Term]:
    """Yield the territory of a contract, its signatories, their territories, and its subdivisions."""
    reader = observations.reader
    if CPER + "Contrat" not in reader.types(node):
        return
    yield from reader.all(node, CPER + "territoire")
    for body in reader.all(node, CPER + "signePar"):
        yield body
        yield from reader.all(body, CPER + "territoire")
    yield from map(NamedNode, reader.instances_below(CPER + "Subdivision", node.value, MAX_DATASETS))
