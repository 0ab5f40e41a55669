"""The datasets of data.gouv.fr that a thing is linked with: by which key, and with which value to look for."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCAT, DCT, PROV, SCHEMA, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.release import Release
from cper_lod.release.sources.dataset_links import csv_address
from cper_lod.web.site import site

MAX_DATASETS = 50
"""Datasets that a page shows; all are in the data."""
LINK = DCAT + "qualifiedRelation"
DATASET = DCT + "relation"


class DatasetSummary(NamedTuple):
    """A dataset of data.gouv.fr: its name, its page here and its address there, our note, what was read of it and when."""

    title: str
    href: str
    address: str
    note: str
    reading: str


class LinkState(NamedTuple):
    """What is known of a link: a sentence, and whether it holds; None if nobody has checked it."""

    text: str
    holds: bool | None


class LinkedValue(NamedTuple):
    """A value to look for, the thing that it is of, the addresses of its rows as JSON and CSV ("" for none), the state."""

    value: str
    thing: Hyperlink | None
    rows: str
    csv: str
    state: LinkState


class LinkedDataset(NamedTuple):
    """A dataset, the key of its links and the column of their file, what its rows say, and the values to look for."""

    dataset: DatasetSummary
    key: Hyperlink | None
    column: str
    note: str
    values: tuple[LinkedValue, ...]


def link_state(reader: ReleaseGraph, link: Term, lang: Language) -> LinkState:
    """Return what was found the last time that a link was checked."""
    day, count = reader.value(link, DCT + "modified"), reader.value(link, CPER + "lignes")
    if not day:
        return LinkState(translate("link-unchecked", lang), None)
    found = translate("link-rows" if count != "0" else "link-no-rows", lang, count=count)
    fault = reader.text(link, SKOS + "editorialNote", lang)[0]
    text = translate("link-state", lang, found=fault or found, day=formatting.date(day, lang))
    return LinkState(formatting.capital(text), not fault and count != "0")


def dataset_summary(observations: ObservationReader, dataset: Term) -> DatasetSummary:
    """Return what a page says of a dataset."""
    reader, lang = observations.reader, observations.lang
    link = observations.link(dataset)
    return DatasetSummary(
        link.text if link else "",
        link.href if link else "",
        dataset.value if isinstance(dataset, NamedNode) else "",
        reader.text(dataset, SKOS + "note", lang)[0],
        _reading(site().release, dataset, lang),
    )


def _reading(release: Release, dataset: Term, lang: Language) -> str:
    """Return the sentence that says what was read of a dataset on which day, or that nothing was."""
    reader = ReleaseGraph(release)
    day = reader.value(dataset, SCHEMA + "sdDatePublished")
    if not day:
        return reader.text(dataset, SKOS + "editorialNote", lang)[0] or translate("dataset-unread", lang)
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
    return translate("dataset-read", lang, day=formatting.date(day, lang), facts=", ".join(facts))


def linked_datasets(observations: ObservationReader, node: NamedNode) -> list[LinkedDataset]:
    """Return the datasets of a thing; of a contract, those of its signatories and territories."""
    reader = observations.reader
    found: dict[tuple[Term, Term | None], list[LinkedValue]] = {}
    for thing in dict.fromkeys([node, *_concerned(observations, node)]):
        name = observations.link(thing) if thing != node else None
        for link in reader.all(thing, LINK)[:MAX_DATASETS]:
            if (dataset := reader.one(link, DATASET)) is not None:
                values = found.setdefault((dataset, reader.one(link, PROV + "wasDerivedFrom")), [])
                values += linked_values(observations, link, name)
    rows = [
        LinkedDataset(
            dataset_summary(observations, dataset),
            observations.link(reader.one(join, CPER + "cle")) if join else None,
            reader.value(join, CPER + "colonne") if join else "",
            reader.text(join, SKOS + "note", observations.lang)[0] if join else "",
            tuple(values),
        )
        for (dataset, join), values in found.items()
    ]
    return sorted(rows, key=lambda row: row.dataset.title)


def linked_values(observations: ObservationReader, link: Term, thing: Hyperlink | None) -> Iterator[LinkedValue]:
    """Yield each value of a link with the address of its rows; both are sorted as text, so they are in one order."""
    reader = observations.reader
    values = sorted(each.value for each in reader.all(link, SCHEMA + "value"))
    rows = sorted(each.value for each in reader.all(link, SCHEMA + "url"))
    state = link_state(reader, link, observations.lang)
    for value, address in zip_longest(values, rows[: len(values)], fillvalue=""):
        yield LinkedValue(value, thing, address, csv_address(address), state)


def _concerned(observations: ObservationReader, node: Term) -> Iterator[Term]:
    """Yield the territory of a contract, its signatories, and their territories."""
    reader = observations.reader
    if CPER + "Contrat" not in reader.types(node):
        return
    yield from reader.all(node, CPER + "territoire")
    for body in reader.all(node, CPER + "signePar"):
        yield body
        yield from reader.all(body, CPER + "territoire")
