"""Things by their names, in the search index of a release: the same, those that share words, none too many."""

import pytest

from cper_lod.release.storage.search import COMMON_WORD_THINGS, MAX_SIMILAR, SearchIndex
from tests.support.nquads_release import LABEL, release_of_quads

E = "http://e.org/"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    lines = [f'<{E}{number}> {LABEL} "Commune de Lieu{number}"@fr' for number in range(COMMON_WORD_THINGS + 50)]
    lines += [f'<{E}s{number}> {LABEL} "Saint-Jean"@fr' for number in range(MAX_SIMILAR + 5)]
    lines += [
        f'<{E}x> {LABEL} "Commune de Marne rare"@fr',
        f'<{E}y> {LABEL} "Marne"@fr',
        f'<{E}z> {LABEL} "Marne Jean"',
        f'<{E}c> <{E}code> "225900018"',
    ]
    return release_of_quads(tmp_path_factory.mktemp("names"), lines, searchable=True).search


def exact(index: SearchIndex, name: str) -> list[str]:
    return [each.removeprefix(E) for each in index.similar([], [name])]


def near(index: SearchIndex, *words: str) -> list[str]:
    return [each.removeprefix(E) for each in index.similar(words, [])]


def test_of_just_this_name(index: SearchIndex):
    assert exact(index, "marne") == ["y"]
    assert exact(index, "marne jean") == ["z"]
    assert exact(index, "jean marne") == exact(index, "") == []
    assert exact(index, "225900018") == ["c"], "a code, in any text"
    assert len(exact(index, "saint jean")) == MAX_SIMILAR


def test_those_that_share_most_and_rarest_words_come_first(index: SearchIndex):
    assert near(index, "marne", "rare")[0] == "x"
    assert set(near(index, "commune", "marne")[:3]) == {"x", "y", "z"}, "a common word tells little apart"
    assert set(near(index, "marne")) == {"x", "y", "z"}
    assert near(index, "rare") == ["x"]
    assert near(index, "commune", "lieu7")[0] == "7"
    assert index.similar(["marne"], ["marne"])[0] == E + "y", "exact names are first"


def test_a_word_that_nothing_has_is_taken_for_a_misspelt_one(index: SearchIndex):
    assert set(near(index, "marnz")) == {"x", "y", "z"}
    assert set(near(index, "commune", "marnz")[:3]) == {"x", "y", "z"}
    assert near(index, "ma") == near(index, "qqqq") == near(index) == []


def test_never_too_many(index: SearchIndex):
    assert len(near(index, "commune")) == MAX_SIMILAR
    assert len(near(index, *(f"lieu{number}" for number in range(COMMON_WORD_THINGS)))) <= MAX_SIMILAR
