"""Checks that the datasets of kept links still exist and are unchanged."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.linking.datagouv.client import DataGouvClient, Dataset
from cper_lod.linking.decisions.store import LinkDecision, Snapshot

_CHANGES: Final = {
    "link-renamed": "title",
    "link-moved": "slug",
    "link-relicensed": "license",
    "link-republished": "organization",
}
"""The sentence for a change of each value of a snapshot."""


@dataclass(frozen=True)
class DatasetChange:
    """A change of a dataset: the key of its sentence, old and new value; whether a person must review it."""

    key: str
    before: str = ""
    after: str = ""
    needs_review: bool = True


@dataclass(frozen=True)
class LinkCheck:
    """The result for one link: changes, the new snapshot, or the problem of reading the dataset."""

    link: LinkDecision
    changes: tuple[DatasetChange, ...] = ()
    snapshot: Snapshot | None = None
    problem: Problem | None = None


def check_links(client: DataGouvClient, links: Iterable[LinkDecision], today: str = "") -> Iterator[LinkCheck]:
    """Yield the result for each link. Each dataset is requested once; a failure does not stop the others."""
    day = today or date.today().isoformat()
    results: dict[str, Dataset | Problem] = {}
    for link in links:
        if link.dataset not in results:
            try:
                results[link.dataset] = client.dataset(link.dataset.rpartition("/")[2])
            except Problem as problem:
                results[link.dataset] = problem
        result = results[link.dataset]
        if isinstance(result, Dataset):
            yield LinkCheck(link, tuple(_compare(link, result)), Snapshot(day, result.snapshot))
        elif result.kind.code == "catalogue-missing":
            yield LinkCheck(link, (DatasetChange("link-gone", after=str(result.params["status"])),))
        else:
            yield LinkCheck(link, problem=result)


def _compare(link: LinkDecision, dataset: Dataset) -> Iterator[DatasetChange]:
    """Yield the changes of a dataset since its snapshot; some are reported without a snapshot too."""
    if dataset.iri != link.dataset:
        yield DatasetChange("link-moved", link.dataset, dataset.iri)
    if dataset.deleted:
        yield DatasetChange("link-deleted", after=dataset.deleted)
    if dataset.archived:
        yield DatasetChange("link-archived", after=dataset.archived)
    if link.snapshot is None:
        yield DatasetChange("link-never-read", after=dataset.title, needs_review=False)
        return
    for key, name in _CHANGES.items():
        before, after = link.snapshot.values.get(name, ""), dataset.snapshot.get(name, "")
        if before != after:
            yield DatasetChange(key, before or "–", after or "–")
    if dataset.last_update > link.snapshot.values.get("last_update", ""):
        yield DatasetChange(
            "link-updated", link.snapshot.values.get("last_update", "–"), dataset.last_update, needs_review=False
        )


def exit_code(checks: Iterable[LinkCheck]) -> int:
    """Return 2 if a dataset could not be read, 1 if a change needs review, else 0."""
    codes = (2 if each.problem else int(any(change.needs_review for change in each.changes)) for each in checks)
    return max(codes, default=0)
