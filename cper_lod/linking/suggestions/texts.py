"""Words of datasets and of our things compared: the same word, one derived from it, nearly the same, a phrase."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from cper_lod.linking.datagouv.dataset import Dataset
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
