"""How well a dataset fits a thing of ours: points, each with its reason in words; a pure function of the two."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from cper_lod.core.errors import Language, Phrase
from cper_lod.core.i18n import translate
from cper_lod.linking.datagouv.client import Dataset
from cper_lod.linking.suggestions.subject import Subject
from cper_lod.linking.suggestions.topics import REGIONS, Field
from cper_lod.release.storage.text import words

_COMMON: Final = frozenset(words("de du des d la le les l un une et en au aux à a pour par sur dans avec the of s"))
"""Words that tell nothing by themselves."""
_DERIVED: Final = 7
"""From how many letters on a word also finds those derived from it (`subvention`, `subventionnées`)."""
_ALIKE: Final = 90.0
"""From which likeness (rapidfuzz, 0 to 100) on two words of six letters or more are one word written in two ways."""


class Texts:
    """The words of a dataset by where they stand."""

    def __init__(self, dataset: Dataset) -> None:
        self.title = words(f"{dataset.title} {dataset.acronym}")
        self.tags = [word for tag in dataset.tags for word in words(tag)]
        self.description = words(dataset.description)


def telling(names: Iterable[str]) -> set[str]:
    """Return the words of names that tell something: no article, no number."""
    return {word for name in names for word in words(name) if word not in _COMMON and not word.isdigit()}


def shared(wanted: Iterable[str], there: Sequence[str]) -> list[str]:
    """Return those of `wanted` that stand among `there`, or nearly."""
    present = frozenset(there)
    return sorted(word for word in wanted if word in present or any(_alike(word, each) for each in present))


@cache
def _alike(one: str, other: str) -> bool:
    """Return whether two words are one, written in two ways."""
    if min(len(one), len(other)) < 6 or abs(len(one) - len(other)) > 2:
        return False
    from rapidfuzz import fuzz  # noqa: PLC0415 - serving, which shares this room's floor, must not load it

    return fuzz.ratio(one, other) >= _ALIKE


def tells(phrase: str, there: Sequence[str]) -> bool:
    """Return whether all words of a phrase stand there, as they are or in a word derived from them."""
    return all(
        any(word == each or (len(word) >= _DERIVED and each.startswith(word)) for each in there)
        for word in phrase.split()
    )


def stands(phrase: Sequence[str], there: Sequence[str]) -> bool:
    """Return whether the words of a phrase stand there one after the other."""
    length = len(phrase)
    return any(list(there[at : at + length]) == list(phrase) for at in range(len(there) - length + 1))


OPEN: Final = {"fr-lo", "lov1", "lov2", "odc-odbl", "odc-by", "odc-pddl", "cc-by", "cc-by-sa", "cc-zero", "other-open"}
"""Licences of data.gouv.fr, by identifier, that are open (Open Definition)."""


@dataclass(frozen=True)
class Reason:
    """Why points were given or taken: the key of a sentence, and what fills it."""

    points: float
    key: str
    values: tuple[tuple[str, object], ...]

    def words(self, lang: Language) -> str:
        """Return the reason in words, with its points."""
        told = {name: each.fr if lang == "fr" and isinstance(each, Phrase) else each for name, each in self.values}
        return f"{translate(self.key, lang, **told)} ({self.points:+g})"


@dataclass(frozen=True)
class Score:
    """The sum of the points, and the reasons, the weightiest first."""

    points: float
    reasons: tuple[Reason, ...]


def score(dataset: Dataset, subject: Subject) -> Score:
    """Return how well a dataset fits a subject, and why."""
    texts = Texts(dataset)
    found = [
        *_names(texts, subject),
        *(reason for field in subject.fields if (reason := _field(texts, field))),
        *_organization(dataset, subject),
        *_territory(dataset, texts, subject),
        *_period(dataset, subject),
        *_worth(dataset),
    ]
    found.sort(key=lambda each: -abs(each.points))
    return Score(round(sum(each.points for each in found), 1), tuple(found))


def _because(points: float, key: str, **values: object) -> Reason:
    return Reason(round(points, 1), key, tuple(values.items()))


def _names(texts: Texts, subject: Subject) -> list[Reason]:
    """Return the reasons by words of the thing's names, which count, and of its parts' names, which count little."""
    places = {word for place in subject.places for word in words(place)}
    named = telling(subject.names) - places
    topics = telling(subject.topics) - places - named
    title, tags = shared(named, texts.title), shared(named, texts.tags)
    found = []
    if title:
        found.append(_because(min(3 * len(title), 12), "link-why-title", words=", ".join(title)))
    if more := [each for each in tags if each not in title]:
        found.append(_because(min(2 * len(more), 4), "link-why-tags", words=", ".join(more)))
    if parts := shared(topics, [*texts.title, *texts.tags]):
        found.append(_because(min(len(parts), 4), "link-why-topics", words=", ".join(parts)))
    return found


def _field(texts: Texts, field: Field) -> Reason | None:
    """Return the reason by what the dataset is about, by the best place that its words stand in."""
    subject = Phrase(field.en, field.fr)
    for points, there, where in (
        (7, texts.title, Phrase("in the title", "dans le titre")),
        (4, texts.tags, Phrase("in the tags", "dans les mots-clés")),
        (2, texts.description, Phrase("in the description", "dans la description")),
    ):
        told = [phrase for phrase in field.phrases if tells(phrase, there)]
        if told:
            more = min(len(told) - 1, 2)
            return _because(points + more, "link-why-field", subject=subject, words=", ".join(told), where=where)
    return None


def _organization(dataset: Dataset, subject: Subject) -> list[Reason]:
    """Return the reason by who publishes: one of the thing's bodies, by SIREN or by name; a verified body."""
    found = []
    if dataset.siren in subject.bodies:
        found.append(_because(12, "link-why-siren", siren=dataset.siren, name=subject.bodies[dataset.siren]))
    elif name := next((name for name in subject.bodies.values() if _one_name(name, dataset.organization)), None):
        found.append(_because(8, "link-why-organization", name=name))
    if dataset.verified:
        found.append(_because(2, "link-why-verified"))
    return found


def _one_name(one: str, other: str) -> bool:
    """Return whether two names of bodies have the same words, in any order, articles apart."""
    mine, theirs = telling([one]), telling([other])
    return bool(mine) and mine == theirs


def _territory(dataset: Dataset, texts: Texts, subject: Subject) -> list[Reason]:
    """Return the reason by territory: by code, by name, the whole country, or somewhere else."""
    if inside := [zone for zone in dataset.zones if _inside(zone, subject.zones)]:
        return [_because(10, "link-why-zone", zones=", ".join(inside[:5]))]
    for points, there, where in (
        (8, texts.title, Phrase("in the title", "dans le titre")),
        (6, texts.tags, Phrase("in the tags", "dans les mots-clés")),
        (3, texts.description, Phrase("in the description", "dans la description")),
    ):
        if named := [place for place in subject.places if stands(words(place), there)]:
            return [_because(points, "link-why-place", places=", ".join(named[:5]), where=where)]
    if dataset.granularity == "country" or any(zone.startswith("country:") for zone in dataset.zones):
        return [_because(5, "link-why-country")]
    regions = [name for name in REGIONS if name not in subject.places and stands(words(name), texts.title)]
    if regions and subject.zones:
        return [_because(-8, "link-why-other-region", name=regions[0])]
    known = [zone for zone in dataset.zones if zone.startswith(("fr:region:", "fr:departement:", "fr:commune:"))]
    if known and subject.zones:
        return [_because(-12, "link-why-elsewhere", zones=", ".join(known[:5]))]
    return []


def _inside(zone: str, zones: Sequence[str]) -> bool:
    """Return whether a zone is one of `zones`, or a commune of a department among them (Insee codes begin alike).

    >>> _inside("fr:commune:02722", ["fr:departement:02"]), _inside("fr:commune:35238", ["fr:departement:02"])
    (True, False)
    """
    department = "fr:departement:" + zone.removeprefix("fr:commune:")[:2]
    return zone in zones or (zone.startswith("fr:commune:") and department in zones)


def _period(dataset: Dataset, subject: Subject) -> list[Reason]:
    """Return the reason by period: it overlaps that of the contract, or ended before, or began after."""
    first, last = subject.period
    if not first or not last or not (dataset.start or dataset.end):
        return []
    start, end = dataset.start or dataset.end, dataset.end or dataset.start
    period = f"{start} – {end}"
    if start[:4] <= last and end[:4] >= first:
        return [_because(3, "link-why-period", period=period)]
    return [_because(-4, "link-why-other-period", period=period)]


def _worth(dataset: Dataset) -> list[Reason]:
    """Return the reasons by its worth to a reuser: licence, quality as data.gouv.fr counts it, archived."""
    found = []
    if dataset.license in OPEN:
        found.append(_because(1, "link-why-license", license=dataset.license))
    if dataset.quality:
        found.append(_because(2 * dataset.quality, "link-why-quality", percent=round(100 * dataset.quality)))
    if dataset.archived:
        found.append(_because(-10, "link-why-archived", date=dataset.archived))
    return found
