"""What is kept of sealed releases: the number, the age, what is served now; and what nobody may remove."""

import json
import shutil
import time
from pathlib import Path

import pytest

from cper_lod.core.settings import Settings
from cper_lod.release.history.history import History
from cper_lod.release.history.publish import prune, publish_sources
from cper_lod.release.jobs.locks import LOCK, shared_lock
from cper_lod.release.release import MANIFEST, Release
from tests.release.history.trig_release import history_of, release_of_trig
from tests.support.paths import TINY


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


def test_publishing_prunes_old_releases(tmp_path: Path) -> None:
    settings = Settings(sources=tmp_path / "sources", releases=tmp_path / "r", keep_releases=2, keep_days=0)
    shutil.copytree(TINY, settings.sources)
    data = settings.sources / "data" / "bacs.ttl"
    folders = list[Path]()
    for number in (2, 3, 4):
        data.write_text(data.read_text("utf-8").replace(f' {number - 1}"', f' {number}"'), "utf-8")
        folders.append(publish_sources(settings).release.folder)
    assert [each.exists() for each in folders] == [False, True, True]
    hidden = {path.name for path in settings.releases.iterdir() if path.name.startswith(".")}
    assert hidden == {LOCK}
