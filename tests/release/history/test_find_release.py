"""Which release a person means: an id, the beginning of one, what is served, or a folder."""

from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.release.history.history import History, find_release
from tests.release.history.release_history import publish_states, sealed


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[History, list[str], Path]:
    """Four publications, and one release that was sealed only."""
    folder = tmp_path_factory.mktemp("choosing")
    history, ids = publish_states(folder)
    other = sealed(("",), folder / "releases")
    return history, [*ids, *other], folder / "releases"


def refused(releases: Path, text: str) -> str:
    with pytest.raises(Problem) as raised:
        find_release(releases, text)
    return raised.value.kind.code


def test_every_name_of_a_release(place: tuple[History, list[str], Path]) -> None:
    history, ids, releases = place
    for release in ids:
        assert find_release(releases, release).id == find_release(releases, release[:15]).id == release
    digest = history.entries()[0].digest
    assert find_release(releases, digest).digest == digest
    assert find_release(releases, "current").id == ids[3]
    assert find_release(releases, str(history.folders_of(ids[1])[0])).id == ids[1]


def test_what_names_none_or_several(place: tuple[History, list[str], Path], tmp_path: Path) -> None:
    _, ids, releases = place
    for text in ("", "zzz", "0" * 16, "..", "/", "a" * 500, str(tmp_path)):
        assert refused(releases, text) == "release-unknown"
    assert refused(tmp_path / "nowhere", "current") == "release-unknown"
    copies = tmp_path / "copies"
    for end in ("a" * 16, "ab" + "a" * 14):
        (copies / f"{end}-x").mkdir(parents=True)
        (copies / f"{end}-x" / "manifest.json").write_text("{}")
    assert refused(copies, "a") == "release-ambiguous"
    assert refused(copies, "ab") == "release-damaged"
    assert len(ids) == 5
