"""Finds datasets for a thing: queries data.gouv.fr, looks up SIRENs of publishers, ranks the results."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from cper_lod.linking.datagouv.client import DataGouvClient, Dataset
from cper_lod.linking.suggestions.scoring import Score, score
from cper_lod.linking.suggestions.subject import Subject

MAX_LOOKUPS: Final = 40
"""Organisations of the best candidates whose SIREN is looked up."""


@dataclass(frozen=True)
class Proposal:
    """A dataset with its score."""

    dataset: Dataset
    score: Score


@dataclass(frozen=True)
class SearchQuery:
    """A search by words, or by a zone of data.gouv.fr."""

    words: str = ""
    zone: str = ""


def search_queries(subject: Subject) -> list[SearchQuery]:
    """Return the searches for a subject: its names, bodies, territories and topics."""
    names = [*subject.names, *subject.places, *subject.bodies.values(), *subject.part_names]
    names += [query for topic in subject.topics for query in topic.queries]
    zones = [zone for zone in subject.zones if not zone.startswith("fr:commune:")]
    return [*(SearchQuery(words=each) for each in dict.fromkeys(names)), *(SearchQuery(zone=each) for each in zones)]


def find_candidates(client: DataGouvClient, queries: Iterable[SearchQuery], pages: int) -> dict[str, Dataset]:
    """Return the datasets that the searches find, by identifier; raises the problems of `datagouv.http`."""
    datasets: dict[str, Dataset] = {}
    for query in queries:
        results = client.datasets_in_zone(query.zone, pages) if query.zone else client.search(query.words, pages)
        for each in results:
            if not each.deleted:
                datasets.setdefault(each.id, each)
    return datasets


def rank(datasets: Iterable[Dataset], subject: Subject) -> list[Proposal]:
    """Return the datasets with their scores, best first; ties in the order of titles and identifiers."""
    proposals = [Proposal(each, score(each, subject)) for each in datasets]
    return sorted(proposals, key=lambda each: (-each.score.points, each.dataset.title, each.dataset.id))


def organizations_to_look_up(proposals: Iterable[Proposal]) -> list[str]:
    """Return the organisations of the best proposals whose SIREN is unknown."""
    datasets = (each.dataset for each in proposals)
    unknown = dict.fromkeys(
        each.organization_id for each in datasets if each.organization_id and not each.organization_siren
    )
    return list(unknown)[:MAX_LOOKUPS]


def with_sirens(
    client: DataGouvClient, proposals: Iterable[Proposal], organizations: Iterable[str]
) -> Iterator[Dataset]:
    """Yield the datasets, with the SIREN of their organisation if it is among `organizations`."""
    sirens = {each: client.organization_siren(each) for each in organizations}
    for each in proposals:
        siren = sirens.get(each.dataset.organization_id, "")
        yield replace(each.dataset, organization_siren=siren) if siren else each.dataset
