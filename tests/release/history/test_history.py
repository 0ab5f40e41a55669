"""The history: publications in order, each written once; what is damaged is named, what is gone is said to be."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.release.build.build import build
from cper_lod.release.history.history import ENTRY, FOLDER, History
from cper_lod.release.jobs.locks import discard
from cper_lod.release.release import DATA, Release
from tests.release.history.release_history import STATES, opened, sealed
from tests.support.paths import TINY
from tests.support.refusals import refused


@pytest.fixture
def three(tmp_path: Path) -> tuple[Release, ...]:
    """Return three releases in one folder, published nowhere, which a test may change."""
    ids = sealed(STATES[:3], tmp_path / "releases")
    return tuple(opened(History(tmp_path / "releases"), each) for each in ids)


@pytest.fixture
def history(three: tuple[Release, ...]) -> History:
    """Return the empty history of these releases."""
    return History(three[0].folder.parent)


def test_publications_in_order(history: History, three: tuple[Release, ...], tmp_path: Path) -> None:
    first, second = history.publish(three[0], "build"), history.publish(three[1], "build")
    back = history.publish(three[0], "rollback")
    assert history.entries() == (first, second, back)
    assert [each.number for each in history.entries()] == [1, 2, 3]
    assert history.current() == back == History(tmp_path / "releases").current()
    assert (back.release, back.digest) == (three[0].id, three[0].digest) == (three[0].digest[:16], first.digest)
    assert (first.how, back.how, history.rolled_back()) == ("build", "rollback", back)
    assert first.sources == three[0].manifest["sources"]
    assert first.program == three[0].manifest["program"]
    assert first.at < second.at < back.at
    assert history.first_publication(three[0].id) == first
    names = sorted(path.name for path in (tmp_path / "releases" / FOLDER).iterdir())
    assert names == ["000001", "000002", "000003"], "nothing is left of the making"
    assert history.folder(second).name == "000002"


def test_what_is_served_already_is_not_published_again(history: History, three: tuple[Release, ...]) -> None:
    entry = history.publish(three[0], "build")
    assert history.publish(three[0], "rollback") == entry
    assert len(history.entries()) == 1
    history.publish(three[1], "build")
    history.publish(three[0], "rollback")
    assert history.publish(three[0], "build").number == 4, "which ends the rollback"
    assert history.rolled_back() is None


def test_the_release_of_this_program_is_opened_by_preference(history: History, three: tuple[Release, ...]) -> None:
    history.publish(three[0], "build")
    folder = three[0].folder
    other = Path(shutil.copytree(folder, folder.with_name(f"{three[0].id}-000000000000")))
    assert history.open(three[0].id).folder == folder
    (folder / DATA).write_text("")
    assert history.open(three[0].id).folder == other, "the one of another program is whole"
    shutil.rmtree(other)
    with refused("release-damaged", match=DATA):
        history.open(three[0].id)


def test_release_that_was_removed_or_never_existed(
    history: History, three: tuple[Release, ...], tmp_path: Path
) -> None:
    history.publish(three[0], "build")
    discard(three[0].folder)
    with refused("release-gone") as raised:
        history.open(three[0].id)
    assert raised.value.kind.status == 410
    assert three[0].id in raised.value.words("fr").detail
    given = build(tmp_path / "releases", TINY, data=(TINY / "data" / "bacs.ttl",))
    for name in (
        three[1].id,
        given.id,
        "0" * 16,
        "",
        "../" + three[1].folder.name,
        "*",
        three[0].id.upper(),
        "x" * 999,
    ):
        with refused("release-unknown", three[0].id) as raised:  # what there is instead is named
            history.open(name)
        assert raised.value.kind.status == 404
        assert len(str(raised.value)) < 300


DAMAGED = ["", "[]", '{"number": 1}']


@pytest.mark.parametrize("text", [*DAMAGED, "number", "release", "how", "never", "before"])
def test_damaged_entry_is_refused_by_its_name(history: History, three: tuple[Release, ...], text: str) -> None:
    history.publish(three[0], "build")
    entry = history.publish(three[1], "build")
    path = history.folder(entry) / ENTRY
    if text in DAMAGED:
        path.write_text(text)
    else:
        worse = {"never": {"at": 10**15}, "before": {"at": -1}}.get(text, {text: "7"})
        path.write_text(json.dumps({**entry._asdict(), **worse}))
    damaged = History(three[0].folder.parent)
    for ask in (damaged.entries, damaged.current):
        with refused("history-damaged", path):
            ask()
    with pytest.raises(Problem):
        damaged.publish(three[2], "build")
    path.unlink()
    with pytest.raises(Problem, match="No such file"):
        damaged.current()
    shutil.rmtree(path.parent)
    assert damaged.current() == history.entries()[0], "its folder removed, the publication is forgotten"
    assert damaged.publish(three[2], "build").number == 2


def test_a_release_that_is_damaged_meanwhile_is_not_published(history: History, three: tuple[Release, ...]) -> None:
    entry = history.publish(three[0], "build")
    data = three[1].folder / DATA
    data.write_bytes(gzip.compress(gzip.decompress(data.read_bytes())[:-9]))
    with refused("release-damaged", match=DATA):
        history.publish(three[1], "build")
    assert history.entries() == (entry,)


def test_nothing_is_published_after_a_damaged_entry_wherever_it_is(
    history: History, three: tuple[Release, ...]
) -> None:
    """Without it the release of now would not be found: what it withdraws would be noted by nobody, for ever."""
    first, second = history.publish(three[0], "build"), history.publish(three[1], "build")
    (history.folder(first) / ENTRY).write_text("{")
    later = History(three[0].folder.parent)
    with refused("history-damaged"):
        later.publish(three[2], "build")
    assert later.current() == second
