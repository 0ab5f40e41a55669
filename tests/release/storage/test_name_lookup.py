"""Things by their names, in the search index of a release: the same, those that share words, none too many."""

import math
from collections.abc import Iterator

import pytest

from cper_lod.core.errors import Problem
from cper_lod.release.release import SITE
from cper_lod.release.storage.name_lookup import COMMON_WORD_THINGS, MAX_NAMESAKES, MAX_SIMILAR, NameIndex, NameQuery
from tests.support.nquads_release import LABEL, release_of_quads

E = "http://e.org/"
LATE = Problem("reconciliation-timeout", limit=1)


@pytest.fixture(scope="module")
def naming(tmp_path_factory: pytest.TempPathFactory) -> NameIndex:
    lines = [f'<{E}{number}> {LABEL} "Commune de Lieu{number}"@fr' for number in range(COMMON_WORD_THINGS + 50)]
    lines += [f'<{E}s{number}> {LABEL} "Saint-Jean"@fr' for number in range(MAX_NAMESAKES + 5)]
    lines += [
        f'<{E}x> {LABEL} "Commune de Marne rare"@fr',
        f'<{E}y> {LABEL} "Marne"@fr',
        f'<{E}z> {LABEL} "Marne Jean"',
    ]
    return NameIndex(release_of_quads(tmp_path_factory.mktemp("names"), lines, searchable=True).folder / SITE)


@pytest.fixture
def asked(naming: NameIndex) -> Iterator[NameQuery]:
    with naming.asked(math.inf, LATE) as opened:
        yield opened


def short(iris: list[str]) -> list[str]:
    return [each.removeprefix(E) for each in iris]


def test_all_things_or_none(naming: NameIndex):
    everything = naming.things(10_000) or []
    assert len(everything) == COMMON_WORD_THINGS + 50 + MAX_NAMESAKES + 5 + 3
    assert naming.things(len(everything)) == everything
    assert naming.things(len(everything) - 1) is None


def test_of_just_this_name(asked: NameQuery):
    assert short(asked.called(["marne"])) == ["y"]
    assert short(asked.called(["marne", "jean"])) == ["z"]
    assert asked.called([]) == asked.called(["jean", "marne"]) == []
    assert len(asked.called(["saint", "jean"])) == MAX_NAMESAKES


def test_those_that_share_most_and_rarest_words_come_first(asked: NameQuery):
    assert short(asked.near(["marne", "rare"]))[0] == "x"
    assert set(short(asked.near(["commune", "marne"]))) == {"x", "y", "z"}, "a common word tells nothing apart"
    assert set(short(asked.near(["marne"]))) == {"x", "y", "z"}
    assert short(asked.near(["rare"])) == ["x"]
    assert short(asked.near(["commune", "lieu7"]))[0] == "7"


def test_a_word_that_nothing_has_is_taken_for_a_misspelt_one(asked: NameQuery):
    assert set(short(asked.near(["marnz"]))) == {"x", "y", "z"}
    assert short(asked.near(["commune", "marnz"]))[0] == "x"
    assert asked.near(["ma"]) == asked.near(["qqqq"]) == asked.near([]) == []


def test_never_too_many(asked: NameQuery):
    assert len(asked.near(["commune"])) == MAX_SIMILAR
    assert len(asked.near([f"lieu{number}" for number in range(COMMON_WORD_THINGS)])) <= MAX_SIMILAR
    assert len(asked.telling("commune")) == MAX_NAMESAKES


def test_out_of_time(naming: NameIndex):
    with pytest.raises(Problem) as raised, naming.asked(-math.inf, LATE) as opened:
        for _ in range(50):
            opened.near(["commune", "lieu7", "lie", "marnz"])
    assert raised.value is LATE
