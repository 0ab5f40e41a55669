"""The datasets of data.gouv.fr that a thing is linked with: by which key, and with which value to look for."""

from collections.abc import Iterator
from typing import NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCAT, DCT, SCHEMA, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.release import Release
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


class LinkedDataset(NamedTuple):
    """A dataset, the key of its links if they have one, and the values to look for, each with the thing that it is of."""

    dataset: DatasetSummary
    key: Hyperlink | None
    values: tuple[tuple[str, Hyperlink | None], ...]


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
    """Return the datasets of a thing; of a contract, also with the values of its signatories and their territories."""
    reader = observations.reader
    found: dict[Term, dict[Term | None, list[tuple[str, Hyperlink | None]]]] = {
        dataset: {} for dataset in reader.all(node, CPER + "jeuLie")[:MAX_DATASETS]
    }
    for thing in dict.fromkeys([node, *_concerned(observations, node)]) if found else ():
        name = observations.link(thing) if thing != node else None
        for link in reader.all(thing, LINK):
            target, values = reader.one(link, DATASET), reader.all(link, SCHEMA + "value")
            if target is not None and target in found and values:
                sought = found[target].setdefault(reader.one(link, CPER + "cle"), [])
                sought += [(each.value, name) for each in values]
    rows = [
        LinkedDataset(dataset_summary(observations, dataset), observations.link(key), tuple(values))
        for dataset, by_key in found.items()
        for key, values in (by_key or {None: []}).items()
    ]
    return sorted(rows, key=lambda row: row.dataset.title)


def _concerned(observations: ObservationReader, node: Term) -> Iterator[Term]:
    """Yield the territory of a contract, its signatories, and their territories."""
    reader = observations.reader
    if CPER + "Contrat" not in reader.types(node):
        return
    yield from reader.all(node, CPER + "territoire")
    for body in reader.all(node, CPER + "signePar"):
        yield body
        yield from reader.all(body, CPER + "territoire")
