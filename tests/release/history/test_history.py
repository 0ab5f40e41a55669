"""The history: publications in order, each written once; what is damaged is named, what is gone is said to be; names of releases."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

from cper_lod.release.build.build import build
from cper_lod.release.history.history import ENTRY, History, find_release
from cper_lod.release.jobs.locks import discard
from cper_lod.release.release import DATA, Release
from tests.release.history.release_history import STATES, opened, publish_states, sealed
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


def test_what_is_served_already_is_not_published_again(history: History, three: tuple[Release, ...]) -> None:
    entry = history.publish(three[0], "build")
    assert history.publish(three[0], "rollback") == entry
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
    shutil.copytree(three[1].folder, other)  # which is another release, whatever its name
    with refused("release-damaged", match=DATA):
        history.open(three[0].id)


def test_release_that_was_removed_or_never_existed(
    history: History, three: tuple[Release, ...], tmp_path: Path
) -> None:
    history.publish(three[0], "build")
    discard(three[0].folder)
    with refused("release-gone", three[0].id):
        history.open(three[0].id)
    given = build(tmp_path / "releases", TINY, data=(TINY / "data" / "bacs.ttl",))
    for name in (three[1].id, given.id, "", "../" + three[1].folder.name, "*", "x" * 999):
        with refused("release-unknown", three[0].id) as raised:  # what there is instead is named
            history.open(name)
        assert len(str(raised.value)) < 300


DAMAGED = ["", "[]", '{"number": 1}', {"number": "7"}, {"release": "7"}, {"how": "7"}, {"at": 10**15}, {"at": -1}]


@pytest.mark.parametrize("damage", DAMAGED, ids=str)
def test_damaged_entry_is_refused_by_its_name(
    history: History, three: tuple[Release, ...], damage: str | dict[str, object]
) -> None:
    """Wherever it is, nothing is published: what the release withdraws would be noted by nobody, for ever."""
    first, second = (history.publish(each, "build") for each in three[:2])
    path = history.folder(first) / ENTRY
    whole = path.read_text()
    path.write_text(damage if isinstance(damage, str) else json.dumps({**first._asdict(), **damage}))
    for ask in (history.entries, lambda: history.publish(three[2], "build")):
        with refused("history-damaged", path):
            ask()
    assert history.current() == second
    path.write_text(whole)
    path = history.folder(second) / ENTRY
    path.unlink()
    with refused("history-damaged", path, match="No such file"):
        history.current()
    shutil.rmtree(path.parent)
    assert history.current() == first, "its folder removed, the publication is forgotten"
    assert history.publish(three[2], "build").number == 2


def test_a_release_that_is_damaged_meanwhile_is_not_published(history: History, three: tuple[Release, ...]) -> None:
    entry = history.publish(three[0], "build")
    data = three[1].folder / DATA
    data.write_bytes(gzip.compress(gzip.decompress(data.read_bytes())[:-9]))
    with refused("release-damaged", match=DATA):
        history.publish(three[1], "build")
    assert history.entries() == (entry,)


def test_every_name_of_a_release(tmp_path: Path) -> None:
    history, ids = publish_states(tmp_path)
    for release in ids:
        for name in (release, release[:15], opened(history, release).digest):
            assert find_release(history.releases, name).id == release
    assert find_release(history.releases, "current").id == ids[-1]
    (unserved,) = sealed(("",), history.releases)
    for name in ("", "zzz", unserved, str(history.folders_of(unserved)[0])):
        with refused("release-unknown"):
            find_release(history.releases, name)
    with refused("release-unknown"):
        find_release(tmp_path / "nothing", "current")
    for number, pair in ((5, "ab"), (6, "ac")):
        entry = history.entries()[0]._replace(number=number, release=pair * 8, digest=pair * 32)
        history.folder(entry).mkdir()
        (history.folder(entry) / ENTRY).write_text(json.dumps(entry._asdict()))
    with refused("release-ambiguous"):
        find_release(history.releases, "a")
