"""Publishing and going back: what is served, when nothing is published, what is kept, and who waits for whom."""

import json
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.release.history import publish as publishing
from cper_lod.release.history import rejection
from cper_lod.release.history.history import History
from cper_lod.release.history.publish import PublishResult, Request, prune, publish_sources, roll_back
from cper_lod.release.jobs.locks import LOCK, shared_lock
from cper_lod.release.release import MANIFEST, Release
from tests.release.history.trig_release import history_of, release_of_trig
from tests.support.changing_sources import ChangingSources, CountingWatcher
from tests.support.paths import TINY
from tests.support.processes import eventually
from tests.support.refusals import refused


class Place(ChangingSources):
    """Sources that can be published."""

    def publish(self, number: object = None, **request: bool) -> PublishResult:
        if number:
            self.say(number)
        return publish_sources(self.settings, Request(**request))

    def served(self) -> str:
        current = self.history.current()
        return current.release if current else ""

    def numbers(self) -> int:
        return len(self.history.entries())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return sources that nothing was made from yet."""
    return Place(tmp_path)


def test_published_once(place: Place) -> None:
    first = place.publish()
    assert (first.built, first.entry.number) == (True, 1)
    again = place.publish()
    assert (again.release.folder, again.built, again.entry) == (first.release.folder, False, first.entry)
    second = place.publish(2)
    assert (second.built, second.entry.number, place.served()) == (True, 2, second.release.id)
    third = place.publish(1)  # sealed already, and served anew
    assert (third.built, third.release.id, third.entry.number) == (False, first.release.id, 3)


def test_nothing_is_published_after_a_rollback_until_somebody_asks(place: Place) -> None:
    first, second = place.publish(), place.publish(2)
    back, changed = roll_back(place.settings)
    assert (back.release, back.how, changed, place.served()) == (first.release.id, "rollback", True, first.release.id)
    for number in (None, 3):
        held = place.publish(number)
        assert (held.entry, held.release.id, held.built) == (back, first.release.id, False)
    shapes = place.sources / "shapes"
    shutil.rmtree(shapes)
    shapes.touch()
    assert place.publish().entry == back, "the sources are not even read"
    assert rejection.read_rejection(place.releases) is None
    with pytest.raises(Problem, match="shapes"):
        place.publish(resume=True)
    assert (place.publish().entry, rejection.read_rejection(place.releases) is None) == (back, False)
    shapes.unlink()
    shutil.copytree(TINY / "shapes", shapes)
    third = place.publish(resume=True)
    assert (third.built, third.entry.number, third.entry.how, place.served()) == (True, 4, "build", third.release.id)
    assert place.publish(2).release.id == second.release.id, "and then each change"


@pytest.mark.slow
def test_rollback_twice(place: Place) -> None:
    ids = [place.publish(number).release.id for number in (1, 2, 3)]
    for earlier in (ids[1], ids[0]):
        assert roll_back(place.settings)[0].release == earlier
    with refused("rollback-first") as raised:
        roll_back(place.settings)
    assert raised.value.params == {"release": ids[0], "offers": [ids[1], ids[2]]}
    forward, changed = roll_back(place.settings, ids[2][:8])
    assert (forward.release, forward.how, place.served(), changed) == (ids[2], "rollback", ids[2], True)
    assert roll_back(place.settings, ids[2]) == (forward, False), "it is served already"
    (unserved,) = place.sealed(4)
    for each in place.history.folders_of(ids[0]):
        shutil.rmtree(each)
    for name, code in ((unserved.id, "release-unknown"), ("g", "release-unknown"), (ids[0], "release-gone")):
        with refused(code):
            roll_back(place.settings, name)
    assert place.history.current() == forward


def test_rollback_where_no_other_release_is_kept(place: Place) -> None:
    first, second = place.publish(), place.publish(2)
    place.publish(1)
    shutil.rmtree(second.release.folder)
    with refused("rollback-none", first.release.id):
        roll_back(place.settings)


DAY = 86_400


def test_the_clock_is_doubted(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock far from what the history and the files say publishes nothing, unless somebody gives the date."""
    last = place.publish().entry.at  # a first build is never asked
    place.say(2)
    for days, trusted, code in (
        (-1, False, "clock-behind"),
        (-2, True, "clock-behind"),
        (2, False, "clock-ahead"),
        (4000, False, "clock-ahead"),
    ):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(last + days * DAY))
        with refused(code):
            place.publish(trust_clock=trusted)
        told = rejection.read_rejection(place.releases)
        assert told
        assert (told.code, told.is_permanent, place.numbers()) == (code, False, 1)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(last - DAY // 2))
    assert place.publish(trust_clock=True).entry.at == last + 1, "a date is a day"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(last + 2 * DAY))
    assert place.publish(3, trust_clock=True).entry.at == last + 2 * DAY
    assert rejection.read_rejection(place.releases) is None
    assert place.publish(3).entry.number == 3, "nobody asks about what is served"


def test_files_of_a_new_program_may_be_old(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site without its own ontology gets that of the program, whose files are as old as the program."""
    last = place.publish().entry.at
    place.say(2)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(last + 5 * DAY))
    monkeypatch.setattr("cper_lod.release.history.publish.program_id", lambda: "cper-lod 9.9")
    assert place.publish().entry.number == 2


def test_the_clock_is_believed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    last = place.publish().entry.at
    for number, drift, modified in (
        (2, -30, 0),  # set back by the network's time
        (3, 9 * DAY, 9 * DAY + 3600),  # written by a machine whose clock is ahead
    ):
        place.say(number)
        os.utime(place.data, (0, last + modified))
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(last + drift))
        assert place.publish().entry.number == number
    place.say(4)
    for path in place.sources.rglob("*"):
        os.utime(path, (0, last))
    os.utime(place.data.parent, (0, last + 20 * DAY))  # a file removed leaves its trace in the folder alone
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(last + 20 * DAY))
    place.publish()


def test_a_history_dated_in_the_future_is_mended(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the documentation says: its last entries are removed, and the sources are published again."""
    place.publish()
    with monkeypatch.context() as patched:
        patched.setenv("SOURCE_DATE_EPOCH", "2100000000")
        future = place.publish(2, trust_clock=True)
    shutil.rmtree(place.history.folder(future.entry))
    mended = place.publish()
    assert (mended.entry.number, mended.release.id) == (2, future.release.id)
    assert max(mended.entry.at, mended.release.built_at) < 2_100_000_000


def test_sources_corrected_during_a_failing_build_are_not_rejected(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody saves the mended file while the faulty one is still being checked: the mended one is to be published."""
    place.publish()
    place.say(2)

    def fail(*_: object) -> None:
        place.say(3)
        raise Problem("source-syntax", path=place.data, line=1, column=1, message="x")

    with monkeypatch.context() as patched, refused("source-syntax"):
        patched.setattr(publishing, "build", fail)
        place.publish()
    told = rejection.read_rejection(place.releases)
    assert told
    assert told.sources == ""
    watcher = CountingWatcher(place.settings)
    watcher.start()
    assert eventually(lambda: bool(watcher.read)), "a watcher builds them"
    watcher.stop()
    assert place.publish().built
    assert rejection.read_rejection(place.releases) is None


# What is kept


@pytest.fixture
def releases(tmp_path: Path) -> list[Release]:
    """Return five releases that were built long ago."""
    return [release_of_trig(tmp_path, f":a :p {number} .") for number in range(5)]


def served(releases: list[Release]) -> History:
    """Return a history in which each release was served for a day, the last one since yesterday."""
    return history_of(releases[0].folder.parent, releases, since=int(time.time()) - len(releases) * 86_400)


def built(folder: Path, name: str, mode: str = "contract") -> Release:
    """Return a release that was built now and never served."""
    release = release_of_trig(folder, f":b :p :{name} .")
    (release.folder / MANIFEST).write_text(json.dumps({**release.manifest, "sealed": time.time(), "mode": mode}))
    return release


def left(releases: list[Release]) -> str:
    return "".join(str(number) for number, release in enumerate(releases) if release.folder.exists())


# The first was served until four days ago, the second until three, the third until two, the fourth until one.
@pytest.mark.parametrize(
    ("keep", "days", "kept"),
    [(2, 0, "34"), (3, 0, "234"), (9, 0, "01234"), (2, 4, "1234"), (2, 3, "234"), (4, 2, "1234"), (2, 99, "01234")],
)
def test_number_and_age(releases: list[Release], keep: int, days: int, kept: str) -> None:
    history, data = served(releases), built(releases[0].folder.parent, "data", "data")
    removed = prune(data.folder.parent, history, keep, days)
    assert left(releases) == kept
    assert {*removed} == {each.folder for each in releases if not each.folder.exists()}
    assert data.folder.exists(), "another server may use it"
    assert len(history.entries()) == 5, "the history stays"


def test_the_served_release_is_kept_however_old(releases: list[Release]) -> None:
    history, folder = served([*releases, releases[0]]), releases[0].folder.parent
    unserved = [built(folder, name) for name in ("x", "y")]
    prune(folder, history, 2, 0)
    assert (left(releases), len(left(unserved))) == ("0", 1)


def test_a_release_in_use_is_kept_until_its_last_reader_closes_it(releases: list[Release]) -> None:
    """A server that has not turned yet, or that shows an earlier release, reads its files by their names still."""
    history, folder = served(releases), releases[0].folder.parent
    ends = [shared_lock(releases[number].folder) for number in (0, 0, 1)]
    for end, kept in zip((None, *ends), ("0134", "0134", "134", "34"), strict=True):
        if end:
            end()
        prune(folder, history, 2, 0)
        assert left(releases) == kept
    with pytest.raises(FileNotFoundError):
        shared_lock(releases[0].folder)


def test_publishing_prunes_old_releases(place: Place) -> None:
    place.settings = replace(place.settings, keep_releases=2, keep_days=0)
    folders = [place.publish(number).release.folder for number in (2, 3, 4)]
    assert [each.exists() for each in folders] == [False, True, True]
    assert {path.name for path in place.releases.glob(".*")} == {LOCK}
