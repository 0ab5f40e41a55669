"""Proposing datasets for a thing: what to ask data.gouv.fr, whose SIREN to look up, and the best first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from cper_lod.linking.datagouv.client import DataGouv, Dataset
from cper_lod.linking.suggestions.scoring import Score, score
from cper_lod.linking.suggestions.subject import Subject

LOOKED_UP: Final = 40
"""How many organisations, those of the best candidates, are asked for their SIREN."""


@dataclass(frozen=True)
class Proposal:
    """A dataset with its score."""

    dataset: Dataset
    score: Score


@dataclass(frozen=True)
class Question:
    """One search: words, or a zone of data.gouv.fr."""

    words: str = ""
    zone: str = ""


def questions(subject: Subject) -> list[Question]:
    """Return what to ask about a subject: its names, its bodies, its territories, what it can be joined with."""
    texts = [*subject.names, *subject.places, *subject.bodies.values(), *subject.topics]
    texts += [query for field in subject.fields for query in field.queries]
    zones = [zone for zone in subject.zones if not zone.startswith("fr:commune:")]
    return [*(Question(words=each) for each in dict.fromkeys(texts)), *(Question(zone=each) for each in zones)]


def candidates(site: DataGouv, asked: Iterable[Question], pages: int) -> dict[str, Dataset]:
    """Return the datasets that searches find, by identifier; raises the problems of `asking`."""
    found: dict[str, Dataset] = {}
    for question in asked:
        results = site.within(question.zone, pages) if question.zone else site.search(question.words, pages)
        for each in results:
            if not each.deleted:
                found.setdefault(each.id, each)
    return found


def ranked(datasets: Iterable[Dataset], subject: Subject) -> list[Proposal]:
    """Return the datasets with their scores, the best first; equals in the order of titles and identifiers."""
    proposals = [Proposal(each, score(each, subject)) for each in datasets]
    return sorted(proposals, key=lambda each: (-each.score.points, each.dataset.title, each.dataset.id))


def organizations(proposals: Iterable[Proposal]) -> list[str]:
    """Return the organisations to look up: those of the best proposals whose SIREN is not known."""
    of_them = (each.dataset for each in proposals)
    wanted = dict.fromkeys(each.organization_id for each in of_them if each.organization_id and not each.siren)
    return list(wanted)[:LOOKED_UP]


def identified(site: DataGouv, proposals: Iterable[Proposal], looked_up: Iterable[str]) -> Iterator[Dataset]:
    """Yield the datasets with the SIREN of their organisation, asked for those of `looked_up`."""
    sirens = {each: site.siren(each) for each in looked_up}
    for each in proposals:
        known = sirens.get(each.dataset.organization_id, "")
        yield replace(each.dataset, siren=known) if known else each.dataset
