"""The datasets of data.gouv.fr that a thing is linked with: by which key, and with which value to look for."""

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER, DCAT, DCT, SCHEMA, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.web.components.observations import Hyperlink, ObservationReader

MAX_DATASETS = 50
"""Datasets that a page shows; all are in the data."""


@dataclass(frozen=True)
class SoughtValue:
    """A value to look for in a dataset, and the thing that it is the value of."""

    text: str
    thing: Hyperlink | None


@dataclass(frozen=True)
class LinkedDataset:
    """A dataset: its name, address and note, the key of its links if they have one, and the values to look for."""

    title: str
    address: str
    note: str
    key: Hyperlink | None
    values: tuple[SoughtValue, ...]


def linked_datasets(observations: ObservationReader, node: NamedNode) -> list[LinkedDataset]:
    """Return the datasets of a thing; of a contract, also with the values of its signatories and their territories."""
    reader, lang = observations.reader, observations.lang
    found: dict[Term, list[tuple[Term | None, SoughtValue]]] = {}
    for dataset in reader.all(node, CPER + "jeuLie")[:MAX_DATASETS]:
        found[dataset] = []
    if not found:
        return []
    for thing in dict.fromkeys([node, *_concerned(observations, node)]):
        name = observations.link(thing) if thing != node else None
        for link in reader.all(thing, DCAT + "qualifiedRelation"):
            target = reader.one(link, DCT + "relation")
            if target is not None and target in found:
                key = reader.one(link, CPER + "cle")
                found[target] += [(key, SoughtValue(v.value, name)) for v in reader.all(link, SCHEMA + "value")]
    rows = [
        LinkedDataset(
            reader.label(dataset, lang),
            dataset.value if isinstance(dataset, NamedNode) else "",
            reader.text(dataset, SKOS + "note", lang)[0],
            observations.link(key),
            tuple(value for each, value in sought if each == key),
        )
        for dataset, sought in found.items()
        for key in dict.fromkeys(each for each, _ in sought) or [None]
    ]
    return sorted(rows, key=lambda row: row.title)


def _concerned(observations: ObservationReader, node: NamedNode) -> Iterator[Term]:
    """Yield the territory of a contract, its signatories, and their territories."""
    reader = observations.reader
    if CPER + "Contrat" not in reader.types(node):
        return
    yield from reader.all(node, CPER + "territoire")
    for body in reader.all(node, CPER + "signePar"):
        yield body
        yield from reader.all(body, CPER + "territoire")
