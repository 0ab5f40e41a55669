"""Finds datasets for a thing: queries data.gouv.fr, looks up SIRENs of publishers, ranks the results."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from cper_lod.linking.datagouv.client import DataGouvClient, Dataset
from cper_lod.linking.suggestions.scoring import Reason, reasons_for
from cper_lod.linking.suggestions.subject import Subject

MAX_LOOKUPS: Final = 40
"""Organisations of the best candidates whose SIREN is looked up."""


@dataclass(frozen=True)
class Proposal:
    """A dataset with the reasons for it, most important first."""

    dataset: Dataset
    reasons: tuple[Reason, ...]

    @property
    def points(self) -> float:
        """The sum of the points of the reasons."""
        return round(sum(each.points for each in self.reasons), 1)


def search_queries(subject: Subject) -> list[dict[str, str]]:
    """Return the searches for a subject (`DataGouvClient.search`): its names, bodies, territories, topics and zones."""
    names = [*subject.names, *subject.places, *subject.bodies.values(), *subject.part_names]
    names += [query for topic in subject.topics for query in topic.queries]
    zones = [zone for zone in subject.zones if not zone.startswith("fr:commune:")]
    return [*({"q": each} for each in dict.fromkeys(names)), *({"geozone": each} for each in zones)]


def find_candidates(client: DataGouvClient, queries: Iterable[dict[str, str]], pages: int) -> list[Dataset]:
    """Return the datasets that the searches find, each once; raises the problems of `datagouv.http`."""
    datasets: dict[str, Dataset] = {}
    for query in queries:
        for each in client.search(pages, **query):
            if not each.deleted:
                datasets.setdefault(each.id, each)
    return list(datasets.values())


def rank(datasets: Iterable[Dataset], subject: Subject) -> list[Proposal]:
    """Return the datasets with the reasons for each, best first; ties in the order of titles and identifiers."""
    proposals = [Proposal(each, reasons_for(each, subject)) for each in datasets]
    return sorted(proposals, key=lambda each: (-each.points, each.dataset.title, each.dataset.id))


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
