"""Whether what the kept links lead to is still there, and still what was read: each dataset is asked for again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.linking.datagouv.client import DataGouv, Dataset
from cper_lod.linking.decisions.store import Decision, Reading

_CHANGES: Final = {
    "link-renamed": "title",
    "link-moved": "slug",
    "link-relicensed": "license",
    "link-republished": "organization",
}
"""What is told where a fact is another than the one kept: the key of a sentence, and the fact."""


@dataclass(frozen=True)
class Change:
    """What is found of a dataset: the key of a sentence, what was and what is; `grave` where a person must look."""

    key: str
    before: str = ""
    after: str = ""
    grave: bool = True


@dataclass(frozen=True)
class Checked:
    """A link, what was found, what was read, and the problem that kept it from being read."""

    link: Decision
    changes: tuple[Change, ...] = ()
    reading: Reading | None = None
    problem: Problem | None = None


def checked(site: DataGouv, links: Iterable[Decision], today: str = "") -> Iterator[Checked]:
    """Yield what is found of each link; a dataset of several links is asked for once, a failure ends nothing."""
    day = today or date.today().isoformat()
    known: dict[str, Dataset | Problem] = {}
    for link in links:
        if link.dataset not in known:
            known[link.dataset] = _asked(site, link.dataset)
        found = known[link.dataset]
        if isinstance(found, Dataset):
            yield Checked(link, tuple(_compared(link, found)), Reading(day, found.facts))
        elif found.kind.code == "catalogue-missing":
            yield Checked(link, (Change("link-gone", after=str(found.params["status"])),))
        else:
            yield Checked(link, problem=found)


def _asked(site: DataGouv, dataset: str) -> Dataset | Problem:
    try:
        return site.dataset(dataset.rpartition("/")[2])
    except Problem as problem:
        return problem


def _compared(link: Decision, found: Dataset) -> Iterator[Change]:
    """Yield how a dataset differs from what was read of it; some things are told without an earlier reading."""
    if found.iri != link.dataset:
        yield Change("link-moved", link.dataset, found.iri)
    if found.deleted:
        yield Change("link-deleted", after=found.deleted)
    if found.archived:
        yield Change("link-archived", after=found.archived)
    if link.reading is None:
        yield Change("link-never-read", after=found.title, grave=False)
        return
    for key, name in _CHANGES.items():
        before, after = link.reading.facts.get(name, ""), found.facts.get(name, "")
        if before != after:
            yield Change(key, before or "–", after or "–")
    if found.last_update > link.reading.facts.get("last_update", ""):
        yield Change("link-updated", link.reading.facts.get("last_update", "–"), found.last_update, grave=False)


def exit_code(found: Iterable[Checked]) -> int:
    """Return 2 where something could not be read, 1 where a person must look at something, else 0."""
    listed = list(found)
    if any(each.problem for each in listed):
        return 2
    return 1 if any(change.grave for each in listed for change in each.changes) else 0
