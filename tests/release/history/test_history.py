"""The history: publications in order, each written once; what is damaged is named, what is gone is said to be."""

import gzip
import json
import os
import shutil
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.release.build.build import build_data
from cper_lod.release.changes import changelog
from cper_lod.release.history import tombstones
from cper_lod.release.history.history import ENTRY, FOLDER, History, Publication
from cper_lod.release.jobs.locks import discard
from cper_lod.release.release import DATA, Release
from tests.support.paths import TINY
from tests.support.refusals import refused
from tests.support.release_history import STATES, opened, sealed


@pytest.fixture
def three(tmp_path: Path) -> tuple[Release, ...]:
    """Return three releases in one folder, published nowhere, which a test may change."""
    ids = sealed(STATES[:3], tmp_path / "releases")
    return tuple(opened(History(tmp_path / "releases"), each) for each in ids)


@pytest.fixture
def history(three: tuple[Release, ...]) -> History:
    """Return the empty history of these releases."""
    return History(three[0].folder.parent)


def test_empty(history: History, tmp_path: Path) -> None:
    for empty in (history, History(tmp_path / "nowhere")):
        assert (empty.entries(), empty.current(), empty.first_publication("0" * 16)) == ((), None, None)
    (tmp_path / "releases" / FOLDER).mkdir()
    assert history.entries() == ()


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


def test_a_publication_is_later_than_the_one_before(
    history: History, three: tuple[Release, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for moment, release in zip((1000, 2000, 1500), three, strict=True):  # the clock goes back before the third
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(moment))
        history.publish(release, "build")
    first, second, third = history.entries()
    assert (first.at, second.at, third.at) == (1000, 2000, 2001)


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
    given = build_data(tmp_path / "releases", TINY, (TINY / "data" / "bacs.ttl",))
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


def test_release_of_the_same_first_digits_is_another(history: History, three: tuple[Release, ...]) -> None:
    history.publish(three[0], "build")
    shutil.rmtree(three[0].folder)
    three[1].folder.rename(three[0].folder)
    with refused("release-gone"):
        history.open(three[0].id)


DAMAGED = ["", "[]", "{}", "\x00", "null", '{"number": 1}']


@pytest.mark.parametrize("text", [*DAMAGED, "number", "release", "how", "at", "digest", "never", "before"])
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


def test_foreign_files_and_later_fields_are_ignored(history: History, three: tuple[Release, ...]) -> None:
    entry = history.publish(three[0], "build")
    folder = history.folder(entry).parent
    for name in (".building-x", "lost+found", "1", "00000a"):
        (folder / name).mkdir()
    row = {**entry._asdict(), "tomorrow": [1]}
    (history.folder(entry) / ENTRY).write_text(json.dumps(row))
    assert History(folder.parent).entries() == (entry,)


def test_each_publication_stores_the_changes_since_the_previous_one(
    history: History, three: tuple[Release, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = list[tuple[Release | None, Release, Path | None]]()

    def write(path: Path, before: Release | None, after: Release, gone_before: Path | None) -> None:
        calls.append((before, after, gone_before))
        path.write_text(f"{len(calls)}")

    compared = list[tuple[Release, Release]]()
    monkeypatch.setattr(tombstones, "write_tombstones", write)
    monkeypatch.setattr(changelog, "write_changes", lambda _, before, after: compared.append((before, after)))
    entries = [history.publish(three[0], "build"), history.publish(three[1], "build")]
    discard(three[1].folder)
    entries.append(history.publish(three[2], "build"))
    gone = [history.folder(entry) / tombstones.TOMBSTONES for entry in entries]
    assert calls == [(None, three[0], None), (three[0], three[1], gone[0]), (None, three[2], gone[1])]
    assert compared == [(three[0], three[1])]
    assert [path.read_text() for path in gone] == ["1", "2", "3"]


@pytest.mark.parametrize("step", ["write_text", "rename", "fsync", "write_tombstones"])
def test_a_publication_that_fails_changes_nothing(
    history: History, three: tuple[Release, ...], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    entry = history.publish(three[0], "build")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    of: dict[str, object] = {"fsync": os, "write_tombstones": tombstones}
    monkeypatch.setattr(of.get(step, Path), step, fail)
    with refused("disk-full"):
        history.publish(three[1], "build")
    monkeypatch.undo()
    assert history.entries() == (entry,)
    assert [path.name for path in history.folder(entry).parent.iterdir()] == ["000001"]
    assert history.publish(three[1], "build").number == 2


def test_a_release_that_is_damaged_meanwhile_is_not_published(history: History, three: tuple[Release, ...]) -> None:
    entry = history.publish(three[0], "build")
    data = three[1].folder / DATA
    data.write_bytes(gzip.compress(gzip.decompress(data.read_bytes())[:-9]))
    with refused("release-damaged", match=DATA):
        history.publish(three[1], "build")
    assert history.entries() == (entry,)


def test_an_entry_that_may_not_be_read_is_not_called_damaged(
    history: History, three: tuple[Release, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = history.folder(history.publish(three[0], "build")) / ENTRY

    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", fail)
    with refused("permission", match="mode 0644"):
        History(path.parents[2]).current()


def test_history_that_cannot_be_listed(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", fail)
    with refused("permission"):
        history.current()


def test_entries_are_read_once(history: History, three: tuple[Release, ...]) -> None:
    entry = history.publish(three[0], "build")
    assert history.current() == entry
    (history.folder(entry) / ENTRY).write_text("")
    assert history.current() == entry
    assert isinstance(history.entries()[0], Publication)


def test_a_number_that_was_removed_and_comes_again_is_another_entry(
    history: History, three: tuple[Release, ...]
) -> None:
    """As the error of a damaged entry advises; a server that runs on has to see what was published in its place."""
    history.publish(three[0], "build")
    removed = history.publish(three[1], "build")
    assert history.current() == removed
    shutil.rmtree(history.folder(removed))
    after = History(three[0].folder.parent).publish(three[2], "build")
    assert after.number == removed.number
    assert history.current() == history.entries()[-1] == after


def test_a_release_is_on_the_disk_before_the_history_names_it(
    history: History, three: tuple[Release, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut later than that leaves what is served whole, and what was served before where it is not named."""
    written, real = list[str](), os.fsync

    def fsync(descriptor: int) -> None:
        written.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    entry = history.publish(three[0], "build")
    folder = three[0].folder
    files = {str(path) for path in folder.rglob("*")}
    assert len(files) > 20
    named = next(place for place, path in enumerate(written) if path.endswith(ENTRY))
    assert {*files, str(folder), str(folder.parent)} <= set(written[:named])
    assert str(history.folder(entry).parent) in written[named:]
    written.clear()
    assert history.publish(three[0], "build") == entry, "the same data of other files: its manifest has been replaced"
    assert {*files, str(folder), str(folder.parent)} <= set(written)


def test_nothing_is_published_after_a_damaged_entry_wherever_it_is(
    history: History, three: tuple[Release, ...]
) -> None:
    """Without it the release of now would not be found: what it withdraws would be noted by nobody, for ever."""
    first = history.publish(three[0], "build")
    second = history.publish(three[1], "build")
    path = history.folder(first) / ENTRY
    whole = path.read_bytes()
    path.write_text("{")
    later = History(three[0].folder.parent)
    with refused("history-damaged"):
        later.publish(three[2], "build")
    assert later.current() == second
    path.write_bytes(whole)
    third = later.publish(three[2], "build")
    assert (history.folder(third) / changelog.SUMMARY).exists()
