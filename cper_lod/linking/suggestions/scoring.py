"""Finds datasets for a thing (queries data.gouv.fr, looks up SIRENs of publishers) and scores how well each fits: points, each
with a reason.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from cper_lod.core.errors import Language, Phrase
from cper_lod.core.i18n import translate
from cper_lod.linking.datagouv.client import DataGouvClient, Dataset
from cper_lod.linking.suggestions.subject import Subject
from cper_lod.linking.suggestions.topics import REGIONS, Topic
from cper_lod.release.storage.text import words

_STOP_WORDS: Final = frozenset(words("de du des d la le les l un une et en au aux à a pour par sur dans avec the of s"))
"""Words without meaning of their own."""
_MIN_STEM_LENGTH: Final = 7
"""Letters of a word from which it also matches words derived from it (`subvention`, `subventionnées`)."""
_MIN_SIMILARITY: Final = 90.0
"""Similarity (rapidfuzz, 0 to 100) from which two words of six letters or more count as spellings of one word."""

_name_words: Final = cache(words)
"""The words of a name with which each dataset is compared."""


_FIELDS: Final = (
    Phrase("in the title", "dans le titre"),
    Phrase("in the tags", "dans les mots-clés"),
    Phrase("in the description", "dans la description"),
)
"""The fields of a dataset whose words are compared, the most telling first."""
Words = Sequence[list[str]]
"""The words of a dataset in each of `_FIELDS`."""


@cache
def significant_words(names: tuple[str, ...]) -> frozenset[str]:
    """Return the words of names without stop words and numbers."""
    return frozenset(word for name in names for word in words(name) if word not in _STOP_WORDS and not word.isdigit())


def shared_words(candidates: Iterable[str], text_words: Sequence[str]) -> list[str]:
    """Return those of `candidates` that occur in `text_words`, or nearly."""
    present = frozenset(text_words)
    return sorted(word for word in candidates if word in present or any(_similar(word, each) for each in present))


@cache
def _similar(one: str, other: str) -> bool:
    """Return whether two words are spellings of one word."""
    if min(len(one), len(other)) < 6 or abs(len(one) - len(other)) > 2:
        return False
    from rapidfuzz import fuzz  # noqa: PLC0415 - the server imports this module and must not load rapidfuzz at start

    return fuzz.ratio(one, other) >= _MIN_SIMILARITY


def contains_words(phrase: str, text_words: Sequence[str]) -> bool:
    """Return whether all words of a phrase occur in `text_words`, as they are or in a derived word."""
    return all(
        word in text_words or (len(word) >= _MIN_STEM_LENGTH and any(each.startswith(word) for each in text_words))
        for word in phrase.split()
    )


def contains_phrase(phrase: Sequence[str], text_words: Sequence[str]) -> bool:
    """Return whether the words of a phrase occur in `text_words` one after the other."""
    length = len(phrase)
    return any(list(text_words[at : at + length]) == list(phrase) for at in range(len(text_words) - length + 1))


OPEN_LICENSES: Final = frozenset(
    ["fr-lo", "lov1", "lov2", "odc-odbl", "odc-by", "odc-pddl", "cc-by", "cc-by-sa", "cc-zero", "other-open"]
)
"""Identifiers of open licences (Open Definition) on data.gouv.fr."""


@dataclass(frozen=True)
class Reason:
    """A reason for points: the key of a sentence and its values."""

    points: float
    key: str
    values: Mapping[str, object]

    def words(self, lang: Language) -> str:
        """Return the reason as a sentence, with its points."""
        values = {
            name: each.fr if lang == "fr" and isinstance(each, Phrase) else each for name, each in self.values.items()
        }
        return f"{translate(self.key, lang, **values)} ({self.points:+g})"


def reasons_for(dataset: Dataset, subject: Subject) -> tuple[Reason, ...]:
    """Return why a dataset fits a subject or not, the most important reason first."""
    words_of = (
        words(f"{dataset.title} {dataset.acronym}"),
        [word for tag in dataset.tags for word in words(tag)],
        words(dataset.description),
    )
    reasons = (
        *_names(words_of, subject),
        *(reason for topic in subject.topics for reason in _topic(words_of, topic)),
        *_organization(dataset, subject),
        *_territory(dataset, words_of, subject),
        *_period(dataset, subject),
        *_quality(dataset),
    )
    return tuple(sorted(reasons, key=lambda each: -abs(each.points)))


def _reason(points: float, key: str, **values: object) -> Reason:
    return Reason(round(points, 1), key, values)


def _names(words_of: Words, subject: Subject) -> Iterator[Reason]:
    """Yield the reasons by words: from the names of the thing (many points) and of its parts (few points)."""
    places = {word for place in subject.places for word in _name_words(place)}
    name_words = significant_words(subject.names) - places
    topics = significant_words(subject.part_names) - places - name_words
    title, tags = (shared_words(name_words, words_of[field]) for field in (0, 1))
    if title:
        yield _reason(min(3 * len(title), 12), "link-why-title", words=", ".join(title))
    if more := [each for each in tags if each not in title]:
        yield _reason(min(2 * len(more), 4), "link-why-tags", words=", ".join(more))
    if parts := shared_words(topics, [*words_of[0], *words_of[1]]):
        yield _reason(min(len(parts), 4), "link-why-topics", words=", ".join(parts))


def _topic(words_of: Words, topic: Topic) -> Iterator[Reason]:
    """Yield the reason by topic, from the best field in which a phrase occurs."""
    for points, text_words, where in zip((7, 4, 2), words_of, _FIELDS, strict=True):
        if matched := [phrase for phrase in topic.phrases if contains_words(phrase, text_words)]:
            subject, more = Phrase(topic.en, topic.fr), min(len(matched) - 1, 2)
            yield _reason(points + more, "link-why-field", subject=subject, words=", ".join(matched), where=where)
            return


def _organization(dataset: Dataset, subject: Subject) -> Iterator[Reason]:
    """Yield the reasons by publisher: a body of the thing by SIREN or by name, a verified organisation."""
    siren = dataset.organization_siren
    if siren in subject.bodies:
        yield _reason(12, "link-why-siren", siren=siren, name=subject.bodies[siren])
    elif name := next((name for name in subject.bodies.values() if _same_name(name, dataset.organization)), None):
        yield _reason(8, "link-why-organization", name=name)
    if dataset.verified:
        yield _reason(2, "link-why-verified")


def _same_name(one: str, other: str) -> bool:
    """Return whether two names of bodies have the same significant words, in any order."""
    mine, theirs = significant_words((one,)), significant_words((other,))
    return bool(mine) and mine == theirs


def _territory(dataset: Dataset, words_of: Words, subject: Subject) -> list[Reason]:
    """Return the reason by territory: by code, by name, the whole country, or elsewhere."""
    if inside := [zone for zone in dataset.zones if _in_zones(zone, subject.zones)]:
        return [_reason(10, "link-why-zone", zones=", ".join(inside[:5]))]
    for points, text_words, where in zip((8, 6, 3), words_of, _FIELDS, strict=True):
        if places := [place for place in subject.places if contains_phrase(_name_words(place), text_words)]:
            return [_reason(points, "link-why-place", places=", ".join(places[:5]), where=where)]
    if dataset.granularity == "country" or any(zone.startswith("country:") for zone in dataset.zones):
        return [_reason(5, "link-why-country")]
    if not subject.zones:
        return []
    for name in REGIONS:
        if name not in subject.places and contains_phrase(_name_words(name), words_of[0]):
            return [_reason(-8, "link-why-other-region", name=name)]
    known = [zone for zone in dataset.zones if zone.startswith(("fr:region:", "fr:departement:", "fr:commune:"))]
    return [_reason(-12, "link-why-elsewhere", zones=", ".join(known[:5]))] if known else []


def _in_zones(zone: str, zones: Sequence[str]) -> bool:
    """Return whether a zone is in `zones`, or is a commune of a department in `zones` (Insee codes share a prefix).

    >>> _in_zones("fr:commune:02722", ["fr:departement:02"]), _in_zones("fr:commune:35238", ["fr:departement:02"])
    (True, False)
    """
    department = "fr:departement:" + zone.removeprefix("fr:commune:")[:2]
    return zone in zones or (zone.startswith("fr:commune:") and department in zones)


def _period(dataset: Dataset, subject: Subject) -> Iterator[Reason]:
    """Yield the reason by period: it overlaps the period of the contract, or not."""
    first, last = subject.period
    start, end = dataset.start or dataset.end, dataset.end or dataset.start
    if first and last and start:
        overlaps = start[:4] <= last and end[:4] >= first
        points, key = (3, "link-why-period") if overlaps else (-4, "link-why-other-period")
        yield _reason(points, key, period=f"{start} – {end}")


def _quality(dataset: Dataset) -> Iterator[Reason]:
    """Yield the reasons by quality: licence, quality score of data.gouv.fr, archived."""
    if dataset.license in OPEN_LICENSES:
        yield _reason(1, "link-why-license", license=dataset.license)
    if dataset.quality:
        yield _reason(2 * dataset.quality, "link-why-quality", percent=round(100 * dataset.quality))
    if dataset.archived:
        yield _reason(-10, "link-why-archived", date=dataset.archived)


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
